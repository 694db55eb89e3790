"""From figures to scores in steps that stand apart: limits, positions, weights, nodes.

Limits and weights are arrays of their own, found once and applied to any figures; the split of a change and the
draws apply other limits, other weights or other means to the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from relode.maths import means, weights
from relode.maths.numbers import Array, significant
from relode.maths.scale import minmax_limits, position, zscore_limits
from relode.words.errors import Misfit, Refused
from relode.words.plan import AggregateMethod, NormaliseMethod, Plan

from .choose import Chosen
from .tree import Branch, Tree, leaves_of
from .windows import limit_windows, windows

Limits = tuple[Array, Array]
"""worst and best, each (period, indicator)"""

Weighing = Callable[[int, Array], Array]
"""(branch, its children's scores (period, draw, child, entity)) -> weights (period or 1, draw or 1, child)"""


@dataclass(frozen=True, eq=False)
class Scores:
    """The deterministic index of all periods: `nodes[node, period, entity]`, and how it came about."""

    chosen: Chosen
    limits: Limits
    weights: tuple[Array, ...]  # per branch: (period, child), summing to one
    nodes: Array

    @property
    def plan(self) -> Plan:
        """The plan that was followed."""
        return self.chosen.plan

    @cached_property
    def score(self) -> Array:
        """The index, rounded so that every machine ranks alike. Shape (entity, period)"""
        return significant(np.where(self.chosen.scored, self.nodes[-1].T, np.nan))

    @cached_property
    def scored(self) -> NDArray[np.bool_]:
        """Who has a score. Shape (entity, period)"""
        return ~np.isnan(self.score)

    @cached_property
    def positions(self) -> Array:
        """Every indicator between its limits, not scaled. Shape (entity, period, indicator)"""
        return positions(self.chosen.values, self.limits, self.plan, self.plan.normalise.method)


def score(chosen: Chosen) -> Scores:
    """The index as the plan says. Raises Refused where the plan makes a classic mistake."""
    plan = chosen.plan
    check_plan(plan)
    limits = find_limits(chosen, plan.normalise.method)
    leaves = scaled(positions(chosen.values, limits, plan, plan.normalise.method), plan, plan.normalise.method)
    if "geometric" in methods(chosen.tree, plan):
        check_positive(chosen, leaves)
    learned: list[Array] = []

    def learn(branch: int, children: Array) -> Array:
        found = _weights_of(chosen, branch, children[:, 0], leaves)
        learned.append(found)
        return found[:, None]

    nodes = grow(chosen.tree, leaves[:, None], learn, methods(chosen.tree, plan), scale_of(plan))
    return Scores(chosen, limits, tuple(learned), np.stack([node[:, 0] for node in nodes]))


# -- figures to positions --------------------------------------------------------------------------


def find_limits(chosen: Chosen, method: NormaliseMethod) -> Limits:
    """The limits of each indicator in each period, from the window that the plan names."""
    plan, direction = chosen.plan, chosen.direction
    if method == "goalposts":
        posts = np.array([plan.normalise.goalposts[code] for code in chosen.codes], np.float64)
        _check_posts(chosen, posts)
        pairs = [(posts[:, 0], posts[:, 1])]
    else:
        find = minmax_limits if method == "minmax" else zscore_limits
        views = limit_windows(plan, chosen.periods, chosen.values)
        pairs = [find(view, direction) for view in views]
    shape = (len(chosen.periods), len(chosen.codes))
    worst, best = (np.broadcast_to(np.stack(side), shape) for side in zip(*pairs, strict=True))
    return worst, best


def _check_posts(chosen: Chosen, posts: Array) -> None:
    turned = np.sign(posts[:, 1] - posts[:, 0]) != chosen.direction
    if turned.any():
        name = chosen.codes[int(turned.argmax())]
        raise Misfit("guard.goalpost_direction", name=name, where="normalise.goalposts")


def positions(values: Array, limits: Limits, plan: Plan, method: NormaliseMethod) -> Array:
    """Figures between their limits; held at the ends where the plan clips. Shape (entity, period, indicator)"""
    found = position(values, *limits)
    return np.clip(found, 0, 1) if plan.normalise.clip and method != "zscore" else found


def scaled(found: Array, plan: Plan, method: NormaliseMethod) -> Array:
    """Positions on the plan's scale, turned for `grow`. Shape (entity, period, k) -> (period, k, entity)"""
    start, size = scale_of(plan, method)
    result: Array = np.moveaxis(start + size * found, 0, 2)
    return result


def scale_of(plan: Plan, method: NormaliseMethod | None = None) -> tuple[float, float]:
    """What turns a score back into a position: (where 0 stands, how much 1 is).

    Draws that take min-max where the plan has z-scores stand on 1 to 100: the plan's scale is a mean and a spread.
    """
    low, high = plan.normalise.scale
    if method == "minmax" and plan.normalise.method == "zscore":
        return 1.0, 99.0
    return (low, high) if (method or plan.normalise.method) == "zscore" else (low, high - low)


# -- weights ---------------------------------------------------------------------------------------


def _weights_of(chosen: Chosen, branch: int, children: Array, leaves: Array) -> Array:
    """The weights within one group. Shape: children (period, child, entity) -> (period, child)"""
    plan, tree = chosen.plan, chosen.tree
    node = tree.branches[branch]
    if plan.weigh.across == "leaves":
        whole = _learn(chosen, tree.leaves, leaves)
        parts = [whole[:, list(leaves_of(tree, child))].sum(axis=1) for child in node.children]
        return weights.shares(np.stack(parts, axis=1))
    return _learn(chosen, tuple(tree.codes[child] for child in node.children), children)


def _learn(chosen: Chosen, codes: tuple[str, ...], x: Array) -> Array:
    """Weights of columns by the plan's method. Shape: x (period, k, entity) -> (period, k)"""
    plan, periods = chosen.plan, chosen.periods
    if plan.weigh.method == "equal":
        return np.tile(weights.equal(len(codes)), (len(periods), 1))
    if plan.weigh.method == "given":
        given = np.array([plan.weigh.given.get(code, plan.system[code].weight) for code in codes])
        return np.tile(weights.shares(given), (len(periods), 1))
    start, size = scale_of(plan)
    places = np.moveaxis((x - start) / size, 2, 0)
    views = windows(plan.weigh.fit, plan.weigh.base, periods, places, plan.weigh.span)
    found = [learn_weights(view, plan, codes) for view in views]
    return np.broadcast_to(np.stack(found), (len(periods), len(codes)))


def learn_weights(x: Array, plan: Plan, codes: Sequence[str], shift: float | None = None) -> Array:
    """Data-driven weights of the columns of `x`, positions between the limits. Shape (rows, k) -> (k,)

    `shift` is added first where it is given, else the plan's
    Raises   Refused where entropy meets a negative position
    """
    if plan.weigh.method == "critic":
        return weights.critic(x)
    moved = x + ((plan.weigh.shift or 0.0) if shift is None else shift)
    below = np.nanmin(np.where(np.isnan(moved), np.inf, moved), axis=0) < 0
    if below.any():
        raise Refused("guard.entropy_negative", where=plan.name, name=codes[int(below.argmax())])
    return weights.entropy(moved)


# -- children to parents ---------------------------------------------------------------------------


def methods(tree: Tree, plan: Plan, aggregate: AggregateMethod | None = None) -> tuple[AggregateMethod, ...]:
    """How each branch is aggregated; `aggregate` replaces the plan's general method, not that of single nodes."""
    general = aggregate or plan.aggregate.method
    return tuple(plan.aggregate.at.get(branch.code, general) for branch in tree.branches)


def grow(
    tree: Tree, leaves: Array, weighing: Weighing, how: Sequence[AggregateMethod], scale: tuple[float, float]
) -> list[Array]:
    """All nodes from the leaves up.

    Shape    (period, draw or 1, indicator, entity)  ->  one (period, draw or 1, entity) per node
    """
    nodes: list[Array] = [leaves[:, :, k] for k in range(leaves.shape[2])]
    for n, branch in enumerate(tree.branches):
        children = _beside(nodes, branch)
        nodes.append(combine(children, weighing(n, children), how[n], scale))
    return nodes


def _beside(nodes: Sequence[Array], branch: Branch) -> Array:
    return np.stack(np.broadcast_arrays(*(nodes[child] for child in branch.children)), axis=2)


def combine(children: Array, w: Array, how: AggregateMethod, scale: tuple[float, float]) -> Array:
    """One group's score. Shape (..., child, entity), (..., child) -> (..., entity)"""
    have = np.where(np.isnan(children), 0.0, 1.0)
    if how == "geometric":
        return means.geometric(children, w, have)
    if how == "topsis":
        start, size = scale
        return start + size * means.topsis((children - start) / size, w, have)
    return means.arithmetic(children, w, have)


# -- what is refused -------------------------------------------------------------------------------


def check_plan(plan: Plan) -> None:
    """Refuse what cannot be meant. Raises Refused, Misfit."""
    used = {plan.aggregate.method, *plan.aggregate.at.values()}
    standard = plan.normalise.method == "zscore"
    if "geometric" in used | set(plan.uncertainty.aggregate) and not standard and plan.normalise.scale[0] <= 0:
        raise Refused("guard.geometric_zero", where=f"{plan.name}, [normalise] scale", low=plan.normalise.scale[0])
    if standard and used & {"geometric", "topsis"}:
        name = ", ".join(sorted(used & {"geometric", "topsis"}))
        raise Refused("guard.zscore_means", where=f"{plan.name}, [aggregate]", name=name)
    if standard and plan.weigh.method == "entropy":
        raise Refused("guard.entropy_zscore", where=f"{plan.name}, [weigh]")
    groups = {group.code for group in plan.system.root.nodes()}
    if plan.weigh.across == "leaves" and (named := groups & set(plan.weigh.given)):
        raise Misfit("index.given_group", where=f"{plan.name}, [weigh.given]", name=sorted(named)[0])
    if plan.weigh.shift is not None and plan.weigh.method != "entropy":
        raise Misfit("index.shift_unused", where=f"{plan.name}, [weigh] shift")


def check_positive(chosen: Chosen, leaves: Array) -> None:
    """Refuse geometric means of figures that are not positive. Raises Refused, naming the indicator.

    Shape    (period, indicator, entity)
    """
    below = (leaves <= 0).any(axis=(0, 2))
    if below.any():
        raise Refused("guard.geometric_below", where=chosen.plan.name, name=chosen.codes[int(below.argmax())])
