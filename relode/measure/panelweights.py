"""Weights within groups: given, judged, or learned from the figures of a window. 赋权"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from relode.maths import ahp, weights
from relode.maths.importance import Optimum, optimised
from relode.maths.numbers import Array
from relode.maths.scatter import scatter, total
from relode.words.errors import Misfit, Refused
from relode.words.indicator import Group
from relode.words.note import Note, remark, warn
from relode.words.plan import LEARNED, Plan, WeighMethod
from relode.words.result import Result
from relode.words.texts import LANGUAGES

from .choose import Chosen
from .naming import in_both
from .tree import leaves_of
from .windows import windows
from .yardstick import scale_of

if TYPE_CHECKING:
    from .score import Scores

LEAST_CONSISTENT = 0.1
ROUNDED = 5e-3  # by how much shares printed with two decimals may miss one


@dataclass(frozen=True)
class Among:
    """The columns that are weighed: the group they stand in, their codes, and the plan."""

    plan: Plan
    group: str
    codes: tuple[str, ...]

    @property
    def where(self) -> str:
        """For errors: the plan's section and the group."""
        return f"{self.plan.name}, [weigh] {self.group}"


def weights_of(chosen: Chosen, branch: int, children: Array, leaves: Array) -> Array:
    """The weights within one group. Shape: children (period, child, entity) -> (period, child)"""
    plan, tree = chosen.plan, chosen.tree
    node = tree.branches[branch]
    if plan.weigh.across == "leaves":
        whole = _learn(chosen, Among(plan, tree.branches[-1].code, tree.leaves), leaves)
        parts = [whole[:, list(leaves_of(tree, child))].sum(axis=1) for child in node.children]
        return weights.shares(np.stack(parts, axis=1))
    return _learn(chosen, Among(plan, node.code, tuple(tree.codes[child] for child in node.children)), children)


def _learn(chosen: Chosen, among: Among, x: Array) -> Array:
    """Weights of columns by the plan's method. Shape: x (period, k, entity) -> (period, k)"""
    plan, periods = chosen.plan, chosen.periods
    if not {plan.weigh.method, *plan.weigh.of} & set(LEARNED):
        return np.tile(learn_weights(np.empty((0, len(among.codes))), among), (len(periods), 1))
    start, size = scale_of(plan)
    places = np.moveaxis((x - start) / size, 2, 0)
    views = windows(plan.weigh.fit, plan.weigh.base, periods, places, plan.weigh.span)
    found = [learn_weights(view, among) for view in views]
    return np.broadcast_to(np.stack(found), (len(periods), len(among.codes)))


def learn_weights(x: Array, among: Among, method: WeighMethod | None = None) -> Array:
    """Weights of the columns of `x`, positions between the limits, by the plan's method or another. (rows, k) -> (k,)

    A single column weighs all. Raises Refused, Misfit where the method has no meaning for these figures
    """
    method = method or among.plan.weigh.method
    if len(among.codes) == 1:
        return np.ones(1)
    if method in ("game", "product"):
        return _combined(np.stack([learn_weights(x, among, part) for part in among.plan.weigh.of]), method, among)
    return _METHODS[method](x, among)


def _equal(x: Array, among: Among) -> Array:
    return weights.equal(x.shape[1])


def _given(x: Array, among: Among) -> Array:
    plan = among.plan
    found = np.array([plan.weigh.given.get(code, plan.system[code].weight) for code in among.codes])
    if found.sum() <= 0:
        raise Refused("guard.given_nothing", where=among.where, name=among.group)
    return weights.shares(found)


def _entropy(x: Array, among: Among) -> Array:
    moved = x + (among.plan.weigh.shift or 0.0)
    _refuse(moved < 0, among, "guard.entropy_negative")
    return weights.entropy(moved)


def _variation(x: Array, among: Among) -> Array:
    empty = np.isnan(x).all(axis=0)
    _refuse((np.nansum(x, axis=0) <= 0)[None] & ~empty, among, "guard.cv_mean")
    return weights.variation(x)


def _merec(x: Array, among: Among) -> Array:
    start, size = scale_of(among.plan)
    figures = start + size * x
    _refuse(figures <= 0, among, "guard.merec_positive")
    return weights.merec(figures, np.ones(x.shape[1]))


def _scatter(x: Array, among: Among) -> Array:
    return scatter(total([weights.standardised(x)]))[0]


def _optimised(x: Array, among: Among) -> Array:
    return optimum(x, among).weights


def optimum(x: Array, among: Among) -> Optimum:
    """The weights under which the columns count as the plan wants, with the proof. Raises Refused, Misfit"""
    plan, k = among.plan, len(among.codes)
    low, high = plan.weigh.bounds
    if low * k > 1 or high * k < 1:
        raise Misfit("index.bounds", where=among.where, name=among.group, count=k, low=low, high=high)
    sd = weights.deviations(x)
    varies = sd > 0  # what is the same for all, or is not there, counts for nothing
    wanted = np.array([plan.weigh.importance.get(code, 1.0) for code in among.codes])
    if not varies.any():
        return Optimum(weights.equal(k), weights.equal(k), 0.0, 0.0)
    covariance = weights.correlation(x[:, varies]) * np.outer(sd[varies], sd[varies])
    found = optimised(
        covariance, weights.shares(wanted[varies]), low if varies.all() else 0.0, high if varies.all() else 1.0
    )
    if found is None:
        raise Refused("guard.importance_impossible", where=among.where, name=among.group)
    whole, counts = np.zeros(k), np.zeros(k)
    whole[varies], counts[varies] = found.weights, found.importance
    return Optimum(whole, counts, found.miss, found.gap)


def _judged(x: Array, among: Among) -> Array:
    """Weights from the judgements of the group; equal ones where nobody judged."""
    plan = among.plan
    if among.group not in plan.weigh.judgements:
        return weights.equal(len(among.codes))
    a = judgements(among)
    if ahp.consistency(a) < LEAST_CONSISTENT:
        return ahp.priorities(a)
    if plan.weigh.repair:
        return ahp.priorities(ahp.repaired(a))
    i, j, ratio = ahp.worst_pair(a)
    first, second, cr = among.codes[i], among.codes[j], ahp.consistency(a)
    told = {"name": among.group, "cr": cr, "first": first, "second": second, "now": float(a[i, j]), "ratio": ratio}
    raise Refused("guard.ahp_inconsistent", where=among.where, expected=(), **told)


def judgements(among: Among) -> Array:
    """The matrix of judgements of the children that are left. Shape (k, k). Raises Misfit, Refused"""
    plan = among.plan
    group = plan.system[among.group]
    assert isinstance(group, Group)
    codes = plan.system.codes if plan.weigh.across == "leaves" else tuple(child.code for child in group.children)
    rows = plan.weigh.judgements[among.group]
    if len(rows) != len(codes) or any(len(row) != len(codes) for row in rows):
        raise Misfit("index.judgements", where=among.where, name=among.group, count=len(codes), expected=codes)
    a = np.array(rows, np.float64)
    if not ahp.is_reciprocal(a):
        raise Refused("guard.ahp_reciprocal", where=among.where, name=among.group)
    if len(among.codes) > len(ahp.RANDOM_INDEX):
        raise Refused("guard.ahp_size", where=among.where, name=among.group, most=len(ahp.RANDOM_INDEX))
    kept = [codes.index(code) for code in among.codes]
    result: Array = a[np.ix_(kept, kept)]
    return result


def _combined(parts: Array, method: WeighMethod, among: Among) -> Array:
    if method == "product":
        return weights.combined_product(parts)
    found, alpha = weights.combined_game(parts)
    if (alpha < -1e-9).any():
        name = among.plan.weigh.of[int(alpha.argmin())]
        raise Refused("guard.game_negative", where=among.where, name=name, group=among.group)
    return np.clip(found, 0, None)


def _refuse(hit: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], among: Among, code: str) -> None:
    columns = hit.any(axis=0)
    if columns.any():
        raise Refused(code, where=among.plan.name, name=among.codes[int(columns.argmax())])


_METHODS: Mapping[str, Callable[[Array, Among], Array]] = {
    "equal": _equal,
    "given": _given,
    "entropy": _entropy,
    "critic": lambda x, among: weights.critic(x),
    "cv": _variation,
    "sd": lambda x, among: weights.deviation(x),
    "merec": _merec,
    "pca": lambda x, among: weights.principal(x)[0],
    "scatter": _scatter,
    "optimised": _optimised,
    "ahp": _judged,
}


def notes_on_weights(scores: Scores) -> Iterator[Note]:
    """What the methods of the plan say of their own weights, last period: proof, share of variance, consistency."""
    plan, tree = scores.plan, scores.chosen.tree
    asked = {plan.weigh.method, *plan.weigh.of}
    for among, x in _groups(scores) if asked & {"optimised", "pca", "ahp"} else ():
        if len(among.codes) < 2:
            continue
        names = {f"group_{lang}": scores.chosen.label(among.group, lang) for lang in LANGUAGES}
        if "optimised" in asked:
            best = optimum(x, among)
            yield remark("weights.optimised", miss=best.miss, gap=best.gap, **names)
        if "pca" in asked:
            _, loadings, share = weights.principal(x)
            against = [code for code, v in zip(among.codes, loadings, strict=True) if v < 0]
            yield remark("weights.pca", share=share, **names)
            if against:
                yield warn("weights.pca_negative", count=len(against), **names, **in_both(against, scores.chosen.label))
        if "ahp" in asked and among.group in plan.weigh.judgements:
            cr = ahp.consistency(judgements(among))
            told = "weights.ahp" if cr < LEAST_CONSISTENT else "weights.ahp_repaired"
            yield Note(told, "info" if cr < LEAST_CONSISTENT else "warning", {"cr": cr, **names})
    if "given" in asked:
        yield from _sums(scores)
    if "ahp" in asked and (left := [b.code for b in tree.branches if _unjudged(b.code, len(b.children), plan)]):
        yield warn("weights.ahp_missing", count=len(left), **in_both(left, scores.chosen.label))


def _sums(scores: Scores) -> Iterator[Note]:
    """Groups whose given weights look like shares and do not sum to one: one of them may be missing or misspelt."""
    plan = scores.plan
    for among, _ in _groups(scores):
        found = np.array([plan.weigh.given.get(code, plan.system[code].weight) for code in among.codes])
        total = float(found.sum())
        shares = (found <= 1).all() and len(set(found)) > 1
        if shares and abs(total - 1) > ROUNDED:
            yield warn(
                "guard.given_sum", total=total, **{f"group_{g}": scores.chosen.label(among.group, g) for g in LANGUAGES}
            )


def _unjudged(code: str, children: int, plan: Plan) -> bool:
    return children > 1 and code not in plan.weigh.judgements and plan.weigh.across == "siblings"


def _groups(scores: Scores) -> Iterator[tuple[Among, Array]]:
    """Each group that is weighed, and the positions it was weighed by in the last window."""
    chosen, plan, tree = scores.chosen, scores.plan, scores.chosen.tree
    start, size = scale_of(plan)
    whole = [Among(plan, tree.branches[-1].code, tree.leaves)]
    parts = [Among(plan, b.code, tuple(tree.codes[child] for child in b.children)) for b in tree.branches]
    for among in whole if plan.weigh.across == "leaves" else parts:
        rows = [tree.codes.index(code) for code in among.codes]
        places = np.moveaxis((scores.nodes[rows] - start) / size, 0, 2).swapaxes(0, 1)
        yield among, windows(plan.weigh.fit, plan.weigh.base, chosen.periods, places, plan.weigh.span)[-1]


def frozen(result: Result, period: str) -> dict[str, float]:
    """The weights of an index at one period, to be given to another plan: `weigh = {method = "given", given = ...}`.

    So weights learned once stay as they are when regions or years are added.
    """
    table = result.tables["weights"]
    here = table[table["period"] == period]
    return dict(zip(map(str, here["node"]), map(float, here["weight"]), strict=True))
