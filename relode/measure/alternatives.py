"""What the ranks would be if indicators were combined in another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from relode.maths.numbers import Array, significant
from relode.words.plan import ORDINAL, AggregateMethod

from . import ranking
from .redline import vetoed_ranks
from .score import Scores, find_limits, grow, positions

if TYPE_CHECKING:
    import pandas as pd

BESIDE: tuple[AggregateMethod, ...] = ("arithmetic", "geometric", "topsis")
SCALE = (1.0, 99.0)  # 1 to 100: the geometric mean knows no zero


def alternatives(scores: Scores) -> pd.DataFrame:
    """The ranks under the arithmetic mean (full compensation), the geometric mean (little) and TOPSIS.

    All with the plan's weights, on positions between min-max limits (goalposts where the plan has them) held at
    their ends, from 1 to 100. Where the plan itself uses the method, its own ranks stand. Where the plan draws red
    lines, the ranks with everyone beyond a line put last stand beside them.
    """
    import pandas as pd

    own, parts = ranking.all_ranks(scores), []
    entity, period = np.nonzero(~np.isnan(own))
    beside: dict[str, Array] = {how: own if _is_plan(scores, how) else _ranks(scores, how) for how in BESIDE}
    if (vetoed := vetoed_ranks(scores)) is not None:
        beside["red_line"] = vetoed
    for how, rank in beside.items():
        columns = {
            "entity": np.array(scores.chosen.entities, dtype=object)[entity],
            "period": np.array(scores.chosen.periods, dtype=object)[period],
            "method": how,
            "rank": rank[entity, period],
            "rank_change": (own - rank)[entity, period],
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _is_plan(scores: Scores, how: AggregateMethod) -> bool:
    return set(scores.plan.aggregate.at.values()) | {scores.plan.aggregate.method} == {how}


def _ranks(scores: Scores, how: AggregateMethod) -> Array:
    chosen, plan = scores.chosen, scores.plan
    standard = plan.normalise.method in ("zscore", *ORDINAL)
    limits = find_limits(chosen, "minmax") if standard else scores.limits
    found = np.clip(positions(chosen.values, limits, plan, "minmax"), 0, 1)
    leaves = np.moveaxis(SCALE[0] + SCALE[1] * found, 0, 2)
    means = [how] * len(chosen.tree.branches)
    root = grow(chosen.tree, leaves[:, None], lambda branch, _: scores.weights[branch][:, None], means, SCALE)[-1]
    score = np.where(scores.scored, significant(root[:, 0].T), np.nan)
    return np.stack([ranking.ranks_of(score[:, t], plan.rank.ties) for t in range(score.shape[1])], axis=1)
