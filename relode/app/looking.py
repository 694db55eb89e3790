"""One period of an index, with the same numbers as measure.index of all periods: draws are made for it alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from relode.measure import ranking, tables
from relode.measure.alternatives import alternatives
from relode.measure.choose import choose
from relode.measure.draws import chances
from relode.measure.guards import notes_on, yardstick
from relode.measure.index import charts_of
from relode.measure.score import Scores, score
from relode.words.choice import Period
from relode.words.codelist import STATUSES, Codelist
from relode.words.method import Method, needs
from relode.words.note import Note
from relode.words.panel import Panel
from relode.words.plan import Plan
from relode.words.result import Answer

if TYPE_CHECKING:
    import pandas as pd


def looking_at(scores: Scores) -> Method[Any]:
    """The index as one period shows it, signed like measure.index, with the period among its choices.

    `scores` are those of the panel, regions and plan that it is then called with: they are not computed again.
    """

    def index(panel: Panel, regions: Codelist, *, plan: Plan, period: Period) -> Answer:
        return found_at(scores, period)

    return Method("measure.index", index, needs(plan="plan"))


def scored(panel: Panel, regions: Codelist, plan: Plan) -> Scores:
    """The scores of all periods, without draws."""
    return score(choose(panel, regions, plan))


def found_at(scores: Scores, period: str) -> Answer:
    """The tables of measure.index for one period."""
    t, last = scores.chosen.periods.index(period), len(scores.chosen.periods) - 1
    turned = scores if t == last else _periods(scores, [n for n in range(last + 1) if n != t] + [t])
    here = _periods(scores, [t])
    spread = chances(turned, last=1) if scores.plan.uncertainty.draws else None
    beside = _at(alternatives(scores), period)
    found = {
        "ranks": _with_before(ranking.ranks(here, spread), scores, t),
        "dimensions": tables.dimensions(here),
        "parts": tables.parts(here),
        "indicators": tables.indicators(here),
        "obstacles": _at(tables.obstacle_table(here if scores.plan.normalise.method != "zscore" else scores), period),
        "weights": tables.weights(here),
        "limits": tables.limits(here),
        "coverage": tables.coverage(here),
        "unscored": tables.unscored(here),
        "alternatives": beside,
        "course": course_of(scores),
    }
    charts = [chart for chart in charts_of(here, spread) if chart.kind != "lines"]
    return Answer(found, charts=tuple(charts), notes=_notes(scores, turned, notes_on(turned, spread, beside)))


def _notes(scores: Scores, turned: Scores, notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """The notes of one period; those on the yardstick are about the order of the periods, which was `turned`."""
    if turned is scores:
        return notes
    own = {note.code for note in yardstick(turned)}
    kept = (*(note for note in notes if note.code not in own), *yardstick(scores))
    return tuple(sorted(kept, key=lambda note: note.level != "warning"))


def _periods(scores: Scores, order: Sequence[int]) -> Scores:
    """The scores of some periods, in this order."""
    chosen, rows = scores.chosen, list(order)
    kept = chosen.at(rows)
    low, high = scores.limits
    return Scores(kept, (low[rows], high[rows]), tuple(w[rows] for w in scores.weights), scores.nodes[:, rows])


def _at(frame: pd.DataFrame, period: str) -> pd.DataFrame:
    return frame[frame["period"] == period].reset_index(drop=True)


def _with_before(ranks: pd.DataFrame, scores: Scores, t: int) -> pd.DataFrame:
    """Ranks with those of the period before, which a single period does not know."""
    if not t:
        return ranks
    place = {code: n for n, code in enumerate(scores.chosen.entities)}
    before = ranking.all_ranks(scores)[[place[code] for code in ranks["entity"]], t - 1]
    return ranks.assign(rank_before=before, rank_change=before - ranks["rank"].to_numpy(np.float64))


def course_of(scores: Scores) -> pd.DataFrame:
    """Score and rank of everyone in all periods."""
    return _long(scores, {"score": scores.score, "rank": ranking.all_ranks(scores)}, scores.scored)


def branches_of(scores: Scores) -> pd.DataFrame:
    """Score and rank in every group, in all periods."""
    return tables.dimensions(scores)


def series_of(scores: Scores, codes: Sequence[str] = ()) -> pd.DataFrame:
    """Every figure in all periods, of all indicators or of those that are named."""
    import pandas as pd

    names = np.array(list(STATUSES), dtype=object)
    parts = [pd.DataFrame(columns=["entity", "period", "value", "status", "indicator", "unit"])]
    for k, indicator in enumerate(scores.chosen.indicators):
        if codes and indicator.code not in codes:
            continue
        raw = scores.chosen.raw[..., k]
        columns = {"value": raw, "status": names[scores.chosen.status[..., k]]}
        parts.append(_long(scores, columns, ~np.isnan(raw)).assign(indicator=indicator.code, unit=indicator.unit))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _long(scores: Scores, columns: dict[str, Any], keep: Any) -> pd.DataFrame:
    import pandas as pd

    entity, period = np.nonzero(keep)
    found: dict[str, Any] = {
        "entity": np.array(scores.chosen.entities, dtype=object)[entity],
        "period": np.array(scores.chosen.periods, dtype=object)[period],
    }
    return pd.DataFrame(found | {name: x[entity, period] for name, x in columns.items()})
