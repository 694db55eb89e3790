"""measure.movement: why scores changed between two periods. 得分变化分解"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array
from relode.maths.split import shapley
from relode.words.choice import Period
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, UnknownWord
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.period import ordinal
from relode.words.plan import FIXED, LEARNED, Plan
from relode.words.result import Answer, Chart

from . import ranking
from .attribution import split_nodes
from .choose import Chosen, choose
from .guards import shrinking
from .naming import in_both
from .score import Scores, grow, methods, positions, scale_of, scaled, score

if TYPE_CHECKING:
    import pandas as pd


_MOVING = ("period", "rolling")
"""windows that differ from period to period"""


@method("measure.movement", reads=needs(plan="plan"))
def movement(panel: Panel, regions: Codelist, *, plan: Plan, base: Period, now: Period) -> Answer:
    """Split every change of score into data, limits and weights, exactly; the data part by indicator.

    Shape    facts of the plan's periods, `base` and `now` among them  ->  one row per entity with both scores
    Unit     points on the plan's scale
    Raises   UnknownWord, Misfit where the two periods are not there, are the same or the wrong way round
    """
    chosen = choose(panel, regions, plan)
    at, to = _ends(chosen.periods, base, now)
    once = [code for code, known in zip(chosen.codes, _known(chosen)[[at, to]].T, strict=True) if not known.all()]
    if once:
        chosen = choose(panel, regions, plan.but(select={"drop": (*plan.select.drop, *once)}))
    scores = score(chosen)
    both = scores.scored[:, at] & scores.scored[:, to]
    if not both.any():
        raise Misfit("movement.nobody", where=f"{plan.name}, {base}, {now}")
    parts = shapley(_parts(scores, at, to), 3)
    found = {
        "movement": _movement(scores, parts, (at, to), both),
        "by_indicator": _by_indicator(scores, parts[0], (at, to), both),
    }
    ends = {"base": "score_base", "now": "score_now", "value": "score_now"}
    charts = (
        Chart("change", "movement", "measure.chart.change", ends),
        Chart("map", "movement", "measure.chart.change", {"value": "change"}),
    )
    return Answer(found, charts=charts, notes=_notes(scores, both, once, (base, now)))


def is_comparable(plan: Plan) -> bool:
    """Do scores of different periods stand on one yardstick?"""
    limits = plan.normalise.limits not in _MOVING or plan.normalise.method in FIXED
    learned = bool({plan.weigh.method, *plan.weigh.of} & set(LEARNED))
    return limits and not (learned and plan.weigh.fit in _MOVING)


def _known(chosen: Chosen) -> NDArray[np.bool_]:
    """Which indicators have any figure in which period. Shape (period, indicator)"""
    return np.asarray((chosen.scored[..., None] & ~chosen.gaps).any(axis=0))


def _ends(periods: tuple[str, ...], base: str, now: str) -> tuple[int, int]:
    for name in (base, now):
        if name not in periods:
            raise UnknownWord("panel.code", name=name, axis="period", expected=periods)
    if base == now:
        raise Misfit("movement.same", name=base)
    if ordinal(base) > ordinal(now):
        raise Misfit("movement.order", base=base, now=now)
    return periods.index(base), periods.index(now)


def _parts(scores: Scores, at: int, to: int) -> Callable[[tuple[bool, ...]], Array]:
    """Each indicator's part of the score, with data, limits and weights of `to` where switched on, else of `at`.

    Where a mean knows no figure beyond its limits, figures held against the other period's limits stop at the ends.
    Shape    (data, limits, weights) on or off  ->  (entity, indicator)
    """
    chosen, plan = scores.chosen, scores.plan
    how, scale = methods(chosen.tree, plan), scale_of(plan)
    bounded = set(how) != {"arithmetic"}

    def value(on: tuple[bool, ...]) -> Array:
        data, limits, weights = (to if one else at for one in on)
        worst, best = (side[limits : limits + 1] for side in scores.limits)
        place = positions(chosen.values[:, data : data + 1], (worst, best), plan, plan.normalise.method)
        place = np.clip(place, 0, 1) if bounded and data != limits else place
        w = [whole[weights : weights + 1] for whole in scores.weights]
        leaves = scaled(place, plan, plan.normalise.method)[:, None]
        nodes = grow(chosen.tree, leaves, lambda branch, _: w[branch][:, None], how, scale)
        parts, _ = split_nodes(chosen.tree, np.stack([node[:, 0] for node in nodes]), w, how)
        return np.nan_to_num(parts[:, 0].T)

    return value


def _movement(scores: Scores, parts: Array, ends: tuple[int, int], both: NDArray[np.bool_]) -> pd.DataFrame:
    import pandas as pd

    rank = ranking.all_ranks(scores)
    root = scores.nodes[-1]
    before, after = root[ends[0], both], root[ends[1], both]
    data, limits, weights = (part[both].sum(axis=1) for part in parts)
    table = pd.DataFrame(
        {
            "entity": np.array(scores.chosen.entities, dtype=object)[both],
            "score_base": before, "score_now": after, "change": after - before,
            "from_data": data, "from_limits": limits, "from_weights": weights,
            "rank_base": rank[both, ends[0]], "rank_now": rank[both, ends[1]],
            "rank_change": rank[both, ends[0]] - rank[both, ends[1]],
            "comparable": is_comparable(scores.plan),
        }
    )  # fmt: skip
    return table.sort_values("change", ascending=False, kind="stable", ignore_index=True)


def _by_indicator(scores: Scores, part: Array, ends: tuple[int, int], both: NDArray[np.bool_]) -> pd.DataFrame:
    import pandas as pd

    chosen = scores.chosen
    entity, indicator = np.nonzero(np.broadcast_to(both[:, None], part.shape))
    before, after = (chosen.raw[:, end] for end in ends)
    return pd.DataFrame(
        {
            "entity": np.array(chosen.entities, dtype=object)[entity],
            "indicator": np.array(chosen.codes, dtype=object)[indicator],
            "value_base": before[entity, indicator],
            "value_now": after[entity, indicator],
            "unit": np.array([found.unit for found in chosen.indicators], dtype=object)[indicator],
            "change": part[entity, indicator],
        }
    )


def _notes(scores: Scores, both: NDArray[np.bool_], once: list[str], ends: tuple[str, str]) -> tuple[Note, ...]:
    base, now = ends
    chosen = scores.chosen
    notes = [] if is_comparable(chosen.plan) else [warn("guard.movement_period", base=base, now=now)]
    if once:
        notes.append(warn("guard.measured_once", count=len(once), base=base, now=now, **in_both(once, chosen.label)))
    if names := [code for code, kept in zip(chosen.entities, both, strict=True) if not kept]:
        notes.append(warn("movement.left_out", count=len(names), **in_both(names, chosen.regions.label)))
    return (*notes, *shrinking(chosen), remark("movement.split"), *chosen.notes)
