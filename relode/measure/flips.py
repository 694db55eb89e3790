"""measure.flips: the least that would have to be otherwise for a named decision to turn. 翻转距离"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array, significant
from relode.words import sections
from relode.words.choice import EntityCode, Period, Within
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, RelodeError, UnknownWord
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.plan import Plan
from relode.words.result import Answer, Chart

from .choose import Chosen, choose
from .coherence import period_at
from .ranking import ranks_of
from .roots import roots, unit_of_rounding
from .score import Scores, methods, scale_of, score

if TYPE_CHECKING:
    import pandas as pd

STEPS = 24  # of a first look from a figure to the end of what is observed
HALVINGS = 30
GRID = 400
CHOICES = (
    "normalise.method", "normalise.limits", "aggregate.method", "weigh.method", "weigh.across", "impute.method",
    "treat.method",
)  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """What is decided: `entity` stands above `other`; or, without `other`, among the last (first) `places`."""

    entity: int
    other: int | None
    side: str
    places: int

    def holds(self, score: Array) -> NDArray[np.bool_]:
        """Shape (..., entity) without NaN -> (...)"""
        mine = score[..., self.entity]
        if self.other is not None:
            return np.asarray(mine > score[..., self.other])
        beyond = score < mine[..., None] if self.side == "bottom" else score > mine[..., None]
        return np.asarray(beyond.sum(axis=-1) < self.places)


@method("measure.flips", reads=needs(plan="plan"))
def flips(
    panel: Panel,
    regions: Codelist,
    *,
    plan: Plan,
    entity: EntityCode,
    other: EntityCode | None = None,
    side: Literal["bottom", "top"] = "bottom",
    places: Annotated[int, Within(0, None)] = 0,
    period: Period | None = None,
) -> Answer:
    """The smallest change of one figure, of weights, or of one method that turns a decision around.

    The decision is what holds now: `entity` above `other` (or below); without `other`, whether `entity` is among the
    last (`side` top: first) `places`, the plan's own number if 0.
    A figure moves only between the worst and the best that are observed; a weight moves at the cost of its siblings.

    Shape    facts of the plan's periods  ->  `smallest`, one row per kind of change; `data`, `weights`, `methods`
    Unit     figures in their own unit, `relative` as a share of the figure; weights as shares of the group
    Raises   UnknownWord, Misfit for entities without a score
    """
    chosen = choose(panel, regions, plan)
    scores = score(chosen)
    t = period_at(scores, period)
    here = np.flatnonzero(scores.scored[:, t])
    case = _Case(scores, t, here, _decision(scores, here, entity, other, side, places))
    found = {"data": _data(case), "weights": _weights(case), "methods": _methods(case, panel, regions)}
    found = {"smallest": _smallest(case, found), **found}
    charts = (Chart("bars", "weights", "flips.chart.weights", {"value": "weight_shift", "by": "node"}),)
    return Answer(found, charts=charts, notes=(*_notes(case, found, (entity, other)), *chosen.notes))


def _decision(
    scores: Scores, here: NDArray[np.intp], entity: str, other: str | None, side: str, places: int
) -> Decision:
    names = [scores.chosen.entities[n] for n in here]
    for name in (entity, other):
        if name is not None and name not in names:
            raise UnknownWord("panel.code", name=name, axis="entity", where=scores.plan.name, expected=names)
    if entity == other:
        raise Misfit("flips.same", name=entity)
    rank = scores.plan.rank
    most = places or (rank.bottom if side == "bottom" else rank.top)
    return Decision(names.index(entity), None if other is None else names.index(other), side, most)


@dataclass(frozen=True, eq=False)
class _Case:
    """A decision with the index that it rests on; `here` are the entities with a score."""

    scores: Scores
    t: int
    here: NDArray[np.intp]
    decision: Decision
    unit: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", unit_of_rounding(self.scores.plan))

    @property
    def now(self) -> bool:
        """Does it hold by the plan?"""
        return bool(self.decision.holds(self.scores.score[self.here, self.t]))

    @property
    def margin(self) -> float:
        """Points between the entity and the other, or the place at which it would leave (or join) the places."""
        score, case = self.scores.score[self.here, self.t], self.decision
        if case.other is not None:
            return float(abs(score[case.entity] - score[case.other]))
        rest = np.sort(np.delete(score, case.entity))
        rest = rest if case.side == "bottom" else rest[::-1]
        if case.places > len(rest):
            return float("nan")
        return float(abs(score[case.entity] - rest[case.places - 1]))

    def turned(self, scores: Scores) -> bool:
        """Is it the other way round by other scores? Entities that lost their score leave the decision as it is."""
        score = scores.score[self.here, self.t]
        return bool(not np.isnan(score).any() and bool(self.decision.holds(score)) != self.now)


# -- figures ---------------------------------------------------------------------------------------


def _data(case: _Case) -> pd.DataFrame:
    """For each figure of the entities concerned: the nearest value that turns the decision, if there is one."""
    import pandas as pd

    chosen, rows = case.scores.chosen, []
    concerned = [n for n in (case.decision.entity, case.decision.other) if n is not None]
    for n in (int(case.here[k]) for k in concerned):
        for k, indicator in enumerate(chosen.indicators):
            value = chosen.raw[n, case.t, k]
            if np.isnan(value):
                continue
            near = _nearest(value, (*_ends(chosen, k, indicator.range), *(indicator.best or ())), _turner(case, n, k))
            if near is not None:
                change = near - value
                relative = abs(change / value) if value else np.nan
                away = abs(change) / float(np.nanstd(chosen.raw[:, case.t, k]))
                rows.append((chosen.entities[n], indicator.code, value, near, indicator.unit, change, relative, away))
    names = ["entity", "indicator", "value", "value_flip", "unit", "value_shift", "relative", "deviations"]
    table = pd.DataFrame(rows, columns=names)
    for name in ("value", "value_flip", "value_shift", "relative", "deviations"):
        table[name] = significant(table[name].to_numpy(np.float64))
    return table.sort_values("deviations", kind="stable", ignore_index=True)


def _turner(case: _Case, n: int, k: int) -> Callable[[float], bool]:
    """Does another figure of one entity and indicator turn the decision?"""

    def turned(value: float) -> bool:
        raw = case.scores.chosen.raw.copy()
        raw[n, case.t, k] = value
        try:
            return case.turned(score(case.scores.chosen.with_figures(raw)))
        except RelodeError:  # such a figure leaves the plan without meaning
            return False

    return turned


def _ends(chosen: Chosen, k: int, bounds: tuple[float | None, float | None]) -> tuple[float, float]:
    """The least and the greatest figure observed, within what is possible."""
    low, high = float(np.nanmin(chosen.raw[..., k])), float(np.nanmax(chosen.raw[..., k]))
    return max(low, -np.inf if bounds[0] is None else bounds[0]), min(high, np.inf if bounds[1] is None else bounds[1])


def _nearest(value: float, ends: Sequence[float], turned: Callable[[float], bool]) -> float | None:
    """The nearest figure towards one of the ends that turns the decision: a look in growing steps, then halvings."""
    found = [near for end in ends if (near := _towards(value, end, turned)) is not None]
    return min(found, key=lambda near: abs(near - value), default=None)


def _towards(value: float, end: float, turned: Callable[[float], bool]) -> float | None:
    if end == value:
        return None
    kept = value
    for share in np.geomspace(1e-3, 1, STEPS):
        at = value + share * (end - value)
        if turned(at):
            for _ in range(HALVINGS):
                middle = (kept + at) / 2
                kept, at = (kept, middle) if turned(middle) else (middle, at)
            return float(at)
        kept = at
    return None


# -- weights ---------------------------------------------------------------------------------------


def _weights(case: _Case) -> pd.DataFrame:
    """For each node: the nearest weight in its group (siblings scaled alike) that turns the decision."""
    import pandas as pd

    tree, rows = case.scores.chosen.tree, []
    for b, branch in enumerate(tree.branches):
        for c, child in enumerate(branch.children):
            own = float(case.scores.weights[b][case.t, c])
            near = _weight(case, b, c, own)
            if near is not None:
                rows.append((tree.codes[child], branch.code, own, near, near - own))
    table = pd.DataFrame(rows, columns=["node", "parent", "weight", "weight_flip", "weight_shift"])
    for name in ("weight", "weight_flip", "weight_shift"):
        table[name] = significant(table[name].to_numpy(np.float64))
    return table.loc[table["weight_shift"].abs().sort_values(kind="stable").index].reset_index(drop=True)


def _weight(case: _Case, b: int, c: int, own: float) -> float | None:
    if len(case.scores.chosen.tree.branches[b].children) < 2:
        return None
    low, high, near = 0.0, 1.0, None
    for _ in range(4):  # each look is 400 times finer
        grid = np.unique(np.append(np.linspace(low, high, GRID + 1), own))
        turned = _turned(case, b, c, grid)
        if not turned.any():
            return near
        k = int(np.flatnonzero(turned)[np.abs(grid[turned] - own).argmin()])
        near = float(grid[k])
        inner = grid[k - 1] if near > own else grid[k + 1]
        low, high = sorted((near, float(inner)))
    return near


def _turned(case: _Case, b: int, c: int, grid: Array) -> NDArray[np.bool_]:
    """Where on a grid of weights of one child the decision is turned. Shape (grid,) -> (grid,)"""
    scores, t = case.scores, case.t
    tree, plan = scores.chosen.tree, scores.plan
    w = [np.repeat(part[t : t + 1, None], len(grid), axis=1) for part in scores.weights]
    w[b] = _one_moved(w[b], c, grid)
    leaves = scores.nodes[: len(tree.leaves), t][None]
    score = roots(tree, leaves, w, methods(tree, plan), scale_of(plan))[0][:, case.here]
    return np.asarray(case.decision.holds(np.rint(score / case.unit)) != case.now)


def _one_moved(w: Array, c: int, grid: Array) -> Array:
    """One child at each weight of the grid, its siblings sharing the rest as before. Shape (1, grid, child)"""
    rest = np.delete(w, c, axis=2)
    total = rest.sum(axis=2, keepdims=True)
    part = np.where(total > 0, rest / np.where(total > 0, total, 1), 1 / rest.shape[2])
    return np.insert(part * (1 - grid)[None, :, None], c, grid[None], axis=2)


def _together(case: _Case) -> float:
    """The least weight that must change hands between indicators for the decision between two to turn.

    On arithmetic means the lead is sum_j w_j d_j: weight goes from where the leader gains most to where it gains least.
    NaN where it is no matter of two, means are of another kind, or no weights at all would do.
    """
    scores, case_ = case.scores, case.decision
    tree = scores.chosen.tree
    if case_.other is None or set(methods(tree, scores.plan)) != {"arithmetic"}:
        return float("nan")
    leaves = scores.nodes[: len(tree.leaves), case.t][:, case.here]
    lead = leaves[:, case_.entity] - leaves[:, case_.other]
    _, whole = _leaf_weights(scores, case.t)
    if np.isnan(lead).any():
        return float("nan")
    lead = lead if case.now else -lead
    left, moved = float(whole @ lead), 0.0
    least = float(lead.min())
    for k in np.argsort(-lead, kind="stable"):
        gain = float(lead[k] - least)
        if gain <= 0 or left <= 0:
            break
        step = min(float(whole[k]), left / gain)
        moved, left = moved + step, left - step * gain
    return moved if left <= case.unit else float("nan")


def _leaf_weights(scores: Scores, t: int) -> tuple[tuple[str, ...], Array]:
    from .tables import node_weights

    leaves = scores.chosen.tree.leaves
    return leaves, node_weights(scores)[1][: len(leaves), t]


# -- methods ---------------------------------------------------------------------------------------


def _methods(case: _Case, panel: Panel, regions: Codelist) -> pd.DataFrame:
    """The decision under every other value of every choice of method, one at a time."""
    import pandas as pd

    rows = []
    for key, value, plan in _other_plans(case.scores.plan):
        try:
            other = score(choose(panel, regions, plan))
        except RelodeError:  # refused, or in need of what the plan does not hold
            continue
        mine = other.score[case.here, case.t]
        if np.isnan(mine).any() or other.chosen.entities != case.scores.chosen.entities:
            continue
        rank = ranks_of(mine, plan.rank.ties)
        behind = rank[case.decision.other] if case.decision.other is not None else np.nan
        rows.append((key, value, rank[case.decision.entity], behind, case.turned(other)))
    return pd.DataFrame(rows, columns=["doubt", "level_taken", "rank", "rank_other", "turns"])


def _other_plans(plan: Plan) -> Iterator[tuple[str, str, Plan]]:
    for key in CHOICES:
        section, name = key.split(".")
        kind = get_type_hints(type(getattr(plan, section)), vars(sections))[name]
        for value in get_args(kind):
            if value == getattr(getattr(plan, section), name):
                continue
            try:
                yield key, value, plan.but(**{section: {name: value}})
            except RelodeError:  # needs keys of its own
                continue


# -- answer ----------------------------------------------------------------------------------------


def _smallest(case: _Case, found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The smallest change of each kind; `what` is a share: of the figure, of the group's weight, of all weights."""
    import pandas as pd

    entity = case.scores.chosen.entities
    mine = entity[case.here[case.decision.entity]]
    rows: list[tuple[Any, ...]] = []
    if len(found["data"]):
        first = found["data"].iloc[0]
        rows.append(
            ("data", first["entity"], first["indicator"], first["value"], first["value_flip"], first["relative"])
        )
    if len(found["weights"]):
        first = found["weights"].iloc[0]
        rows.append(("weight", mine, first["node"], first["weight"], first["weight_flip"], abs(first["weight_shift"])))
    if not np.isnan(together := _together(case)):
        root = case.scores.chosen.tree.branches[-1].code
        rows.append(("weights", mine, root, np.nan, np.nan, significant(np.array(together)).item()))
    return pd.DataFrame(rows, columns=["change_kind", "entity", "node", "value", "value_flip", "change_share"])


def _notes(case: _Case, found: dict[str, pd.DataFrame], named: tuple[str, str | None]) -> list[Note]:
    label = case.scores.chosen.regions.label
    told: dict[str, Any] = {"margin": case.margin, "places": case.decision.places}
    for lang in ("zh", "en"):
        told[f"name_{lang}"] = label(named[0], lang)
        told[f"other_{lang}"] = label(named[1], lang) if named[1] else ""
    kind = "pair" if named[1] else case.decision.side
    notes = [remark(f"flips.{kind}_{'holds' if case.now else 'fails'}", **told)]
    turning = found["methods"][found["methods"]["turns"]] if len(found["methods"]) else found["methods"]
    if len(turning):
        ways = ", ".join(f"{r.doubt}={r.level_taken}" for r in turning.itertuples())
        notes.insert(0, warn("flips.methods", count=len(turning), of=len(found["methods"]), ways=ways))
    else:
        notes.append(remark("flips.no_method", of=len(found["methods"])))
    if not len(found["data"]):
        notes.append(remark("flips.no_figure"))
    return notes
