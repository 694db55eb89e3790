"""The index under many weightings at once. 多套权重下的指数"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relode.maths.flat import weighted
from relode.maths.numbers import DIGITS, Array
from relode.words.plan import AggregateMethod, Plan

from .score import grow, scale_of
from .tree import Tree


def roots(
    tree: Tree, leaves: Array, w: Sequence[Array], how: Sequence[AggregateMethod], scale: tuple[float, float]
) -> Array:
    """The index under many weightings; means of one kind all the way up are one weighted sum.

    Shape    (period, k, entity), per branch (period or 1, draw, child)  ->  (period, draw, entity)
    """
    if set(how) in ({"arithmetic"}, {"geometric"}):
        log = how[0] == "geometric"
        found = _sums(tree, np.log(leaves) if log else leaves, w)
        if found is not None:
            return np.exp(found) if log else found
    return grow(tree, leaves[:, None], lambda branch, _: w[branch], how, scale)[-1]


def _sums(tree: Tree, leaves: Array, w: Sequence[Array]) -> Array | None:
    """Weighted sums of all periods; periods that share their weights in one go. Shape as `roots`"""
    children = [branch.children for branch in tree.branches]
    periods, k, n = leaves.shape
    if all(len(part) == 1 for part in w):
        whole = weighted(children, [part[0] for part in w], leaves.swapaxes(0, 1).reshape(k, -1))
        return None if whole is None else whole.reshape(-1, periods, n).swapaxes(0, 1)
    found = [weighted(children, [part[min(t, len(part) - 1)] for part in w], x) for t, x in enumerate(leaves)]
    known = [one for one in found if one is not None]
    return np.stack(known) if len(known) == len(found) else None


def unit_of_rounding(plan: Plan) -> float:
    """The twelfth digit of the greatest score of the plan's scale."""
    start, size = scale_of(plan)
    return float(10.0 ** (np.floor(np.log10(max(abs(start), abs(size)))) - (DIGITS - 1)))
