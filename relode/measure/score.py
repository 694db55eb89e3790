"""From figures to scores in steps that stand apart: limits, positions, weights, nodes.

Limits and weights are arrays of their own, found once and applied to any figures; the split of a change and the
draws apply other limits, other weights or other means to the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from relode.maths import means
from relode.maths.benefit import benefit
from relode.maths.numbers import Array, significant
from relode.words.errors import RelodeError
from relode.words.plan import Aggregate, AggregateMethod, Plan

from .allowed import POSITIVE, check_plan, check_positive, looking_ahead
from .choose import Chosen, choose
from .panelweights import weights_of
from .tree import Branch, Tree
from .yardstick import Limits, find_limits, positions, scale_of, scaled

__all__ = [
    "Limits", "Scores", "Weighing", "check_plan", "check_positive", "combine", "find_limits", "grow", "leaves_of",
    "methods", "positions", "scale_of", "scaled", "score",
]  # fmt: skip

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
    def before_last(self) -> Scores | None:
        """The index as it stood before the last period was added. None where that changes nothing, or it had none."""
        chosen, plan = self.chosen, self.plan
        earlier = chosen.periods[:-1]
        fixed = (*plan.normalise.base, *plan.weigh.base, *plan.treat.base)
        if not looking_ahead(plan, chosen.periods) or any(period not in earlier for period in fixed):
            return None
        try:
            return score(choose(chosen.panel, chosen.regions, plan.but(select={"periods": earlier})))
        except RelodeError:  # the plan cannot be followed without the last period: nothing had been said before
            return None

    @cached_property
    def positions(self) -> Array:
        """Every indicator between its limits, not scaled. Shape (entity, period, indicator)"""
        return positions(self.chosen.values, self.limits, self.plan, self.plan.normalise.method)


def score(chosen: Chosen) -> Scores:
    """The index as the plan says. Raises Refused where the plan makes a classic mistake."""
    plan = chosen.plan
    check_plan(plan)
    limits = find_limits(chosen, plan.normalise.method)
    leaves = leaves_of(chosen, limits)
    learned: list[Array] = []

    def learn(branch: int, children: Array) -> Array:
        found = weights_of(chosen, branch, children[:, 0], leaves)
        learned.append(found)
        return found[:, None]

    nodes = grow(chosen.tree, leaves[:, None], learn, methods(chosen.tree, plan), scale_of(plan))
    return Scores(chosen, limits, tuple(learned), np.stack([node[:, 0] for node in nodes]))


def leaves_of(chosen: Chosen, limits: Limits | None = None) -> Array:
    """Every indicator on the plan's scale. Shape (period, indicator, entity)

    Raises   Refused where a mean needs positive figures and one is not
    """
    plan, method = chosen.plan, chosen.plan.normalise.method
    limits = limits if limits is not None else find_limits(chosen, method)
    leaves = scaled(positions(chosen.values, limits, plan, method), plan, method)
    if set(methods(chosen.tree, plan)) & set(POSITIVE):
        check_positive(chosen, leaves)
    return leaves


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
        nodes.append(combine(children, weighing(n, children), how[n], scale, tree.means))
    return nodes


def _beside(nodes: Sequence[Array], branch: Branch) -> Array:
    return np.stack(np.broadcast_arrays(*(nodes[child] for child in branch.children)), axis=2)


def combine(
    children: Array, w: Array, how: AggregateMethod, scale: tuple[float, float], choices: Aggregate | None = None
) -> Array:
    """One group's score. Shape (..., child, entity), (..., child) -> (..., entity)"""
    choices = choices or Aggregate()
    have = np.where(np.isnan(children), 0.0, 1.0)
    start, size = scale
    if how in _PLAIN:
        return _PLAIN[how](children, w, have)
    if how == "power":
        return means.power(children, w, have, choices.exponent)
    if how == "ampi":
        return means.ampi(children, w, have, choices.penalty)
    places = (children - start) / size
    if how in _PLACED:
        return start + size * _PLACED[how](places, w, have)
    return start + size * _benefit(places, have, choices.bounds if how == "benefit_bounded" else None)


_PLAIN: Mapping[str, Callable[[Array, Array, Array], Array]] = {
    "arithmetic": means.arithmetic,
    "geometric": means.geometric,
    "harmonic": lambda x, w, have: means.power(x, w, have, -1.0),
}


_PLACED: Mapping[str, Callable[[Array, Array, Array], Array]] = {
    "topsis": means.topsis,
    "copeland": lambda x, w, have: (means.copeland(x, w, have) + 1) / 2,
    "vikor": means.vikor,
    "grey": means.grey,
    "rsr": means.rank_sum,
}
"""Ways that give 0 to 1, from positions between the ends of the scale."""


def _benefit(places: Array, have: Array, bounds: tuple[float, float] | None) -> Array:
    """Benefit of the doubt in each period (and draw) alone. Shape (..., child, entity) -> (..., entity)"""
    found = np.empty(places.shape[:-2] + places.shape[-1:])
    for at in np.ndindex(places.shape[:-2]):
        found[at] = benefit(np.nan_to_num(places[at]), have[at], bounds)
    return found
