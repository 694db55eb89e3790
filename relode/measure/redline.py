"""Red lines: what nothing else can pay for. Ranks under them stand beside the compensatory ones. 一票否决"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array, significant
from relode.words.indicator import Indicator
from relode.words.note import Note, warn

from .naming import in_both
from .score import Scores

if TYPE_CHECKING:
    import pandas as pd


def crossed(scores: Scores) -> dict[str, tuple[Array, NDArray[np.bool_]]]:
    """Per line the figures held against it, and who is beyond. A missing figure crosses nothing.

    Shape    node -> (entity, period) figures or scores, (entity, period) beyond
    """
    chosen, tree, found = scores.chosen, scores.chosen.tree, {}
    for code, floor in scores.plan.red_line.floors.items():
        if code in chosen.codes:
            k = chosen.codes.index(code)
            x, way = chosen.raw[..., k], _way(chosen.indicators[k], floor)
        elif code in tree.codes:
            x, way = scores.nodes[tree.codes.index(code)].T, 1.0
        else:  # an indicator that is dropped or tells nobody apart: note below
            continue
        found[code] = (x, np.asarray(scores.scored & (way * (x - floor) < 0)))
    return found


def _way(indicator: Indicator, floor: float) -> float:
    """1 where figures below the line are beyond it, -1 where those above are; a best range lies on the good side."""
    if indicator.best:
        return 1.0 if floor < indicator.best[0] else -1.0
    return float(indicator.direction)


def red_line_table(scores: Scores) -> pd.DataFrame:
    """Who is beyond which line: the figure and the line, one row each."""
    import pandas as pd

    chosen, rows = scores.chosen, []
    for code, (x, beyond) in crossed(scores).items():
        floor = scores.plan.red_line.floors[code]
        rows += [
            (chosen.entities[e], chosen.periods[t], code, float(significant(x[e, t])), floor)
            for e, t in zip(*np.nonzero(beyond), strict=True)
        ]
    return pd.DataFrame(rows, columns=["entity", "period", "node", "value", "floor"])


def vetoed_ranks(scores: Scores) -> Array | None:
    """Ranks with all that are beyond a line behind all that are not, by score within both. None without lines.

    Equal scores share the best rank. Shape (entity, period)
    """
    lines = crossed(scores)
    if not lines:
        return None
    out = np.any([beyond for _, beyond in lines.values()], axis=0)
    found = np.full(scores.score.shape, np.nan)
    for t in range(len(scores.chosen.periods)):
        here = np.flatnonzero(scores.scored[:, t])
        mine, score = out[:, t][here], scores.score[here, t]
        ahead = (~mine[None] & mine[:, None]) | ((mine[None] == mine[:, None]) & (score[None] > score[:, None]))
        found[here, t] = 1 + ahead.sum(axis=1)
    return found


def notes_on_lines(scores: Scores) -> Iterator[Note]:
    """Who is beyond a line in the last period, and which lines could not be held against everybody."""
    chosen, lines = scores.chosen, crossed(scores)
    if not scores.plan.red_line.floors:
        return
    if unused := [code for code in scores.plan.red_line.floors if code not in lines]:
        yield warn("red_line.unused", count=len(unused), **in_both(unused, chosen.label))
    if not lines:
        return
    beyond = np.logical_or.reduce([hit[:, -1] for _, hit in lines.values()])
    if names := [chosen.entities[n] for n in np.flatnonzero(beyond)]:
        yield warn(
            "red_line.crossed", period=chosen.periods[-1], count=len(names), **in_both(names, chosen.regions.label)
        )
    unknown = np.logical_or.reduce([np.isnan(x[:, -1]) & scores.scored[:, -1] for x, _ in lines.values()])
    if names := [chosen.entities[n] for n in np.flatnonzero(unknown)]:
        yield warn(
            "red_line.unknown", period=chosen.periods[-1], count=len(names), **in_both(names, chosen.regions.label)
        )
