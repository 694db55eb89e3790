"""What a score is made of: each indicator's part, its gap to the best, and how much it really counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relode.maths.numbers import Array
from relode.maths.scale import minmax_limits, position
from relode.maths.weights import correlation
from relode.words.plan import AggregateMethod

from .score import Scores, methods
from .tree import Tree
from .windows import limit_windows
from .yardstick import has_ends


def contributions(scores: Scores) -> tuple[Array, Array]:
    """Each indicator's part of the index, and the weight it had there. Shape two of (entity, period, indicator)"""
    tree, how = scores.chosen.tree, methods(scores.chosen.tree, scores.plan)
    parts, shares = split_nodes(tree, scores.nodes, scores.weights, how)
    return np.moveaxis(parts, 0, 2).swapaxes(0, 1), np.moveaxis(shares, 0, 2).swapaxes(0, 1)


def split_nodes(
    tree: Tree, nodes: Array, weights: Sequence[Array], how: Sequence[AggregateMethod]
) -> tuple[Array, Array]:
    """The root's score laid out over the leaves, and each leaf's weight in the whole.

    A missing child's weight goes to its siblings. The parts of a group's children are weight x score; where the
    group is no arithmetic mean they are scaled to sum to the group's score. So the parts sum to the index exactly.

    Shape    nodes (node, period, entity), weights per branch (period, child)
             -> two of (indicator, period, entity); NaN where an indicator is missing
    """
    share, factor = np.ones(nodes.shape), np.ones(nodes.shape)
    top = len(tree.leaves)
    for n in range(len(tree.branches) - 1, -1, -1):
        children = list(tree.branches[n].children)
        x = nodes[children]
        w = np.where(np.isnan(x), 0.0, weights[n].T[:, :, None])
        with np.errstate(invalid="ignore", divide="ignore"):
            w = w / w.sum(axis=0)
            stretch = 1.0 if how[n] == "arithmetic" else nodes[top + n] / np.nansum(w * x, axis=0)
        stretch = np.where(np.isfinite(stretch), stretch, 1.0)
        share[children] = share[top + n] * w
        factor[children] = factor[top + n] * stretch * w
    return factor[:top] * nodes[:top], np.where(np.isnan(nodes[:top]), np.nan, share[:top])


def gaps(scores: Scores) -> Array:
    """How far each indicator is from the best of its window, as a share of the way. Shape (entity, period, indicator)

    Positions between limits are that already; z-scores and ranks are held against the best and worst of their window.
    """
    found, plan = scores.positions, scores.plan
    if not has_ends(plan.normalise.method):
        views = limit_windows(plan, scores.chosen.periods, found)
        ends = [minmax_limits(view, np.ones(found.shape[2])) for view in views]
        worst, best = (np.stack(side) for side in zip(*ends, strict=True))
        found = position(found, worst, best)
    return np.clip(1 - found, 0, None)


def obstacles(scores: Scores) -> tuple[Array, Array]:
    """The obstacle degree of each indicator: its share of all that is lacking. 障碍度

    O_j = w_j I_j / sum_j w_j I_j, with I_j the gap to the best and w_j the weight in the whole
    Shape    two of (entity, period, indicator): gap, degree; degrees sum to 1 per entity and period
    """
    _, weight = contributions(scores)
    gap = gaps(scores)
    lacking = weight * gap
    with np.errstate(invalid="ignore", divide="ignore"):
        degree = lacking / np.nansum(lacking, axis=2, keepdims=True)
    return gap, np.where(scores.scored[..., None], degree, np.nan)


def with_parents(scores: Scores) -> Array:
    """The correlation of every node with its parent, over the entities of each period. Shape (node, period)

    The root's is 1.
    """
    tree, nodes = scores.chosen.tree, scores.nodes
    found = np.ones(nodes.shape[:2])
    for n, branch in enumerate(tree.branches):
        for t in range(nodes.shape[1]):
            block = np.vstack([nodes[[*branch.children], t], nodes[None, len(tree.leaves) + n, t]]).T
            found[list(branch.children), t] = correlation(block)[:-1, -1]
    return found


def effective(scores: Scores, correlations: Array) -> Array:
    """How much each child really counts: its share of the squared correlations with the parent. Shape (node, period)

    Source   Paruolo, Saisana and Saltelli (2013), J. R. Statist. Soc. A 176(3), 609-634 (first-order, linear)
    """
    found = np.ones_like(correlations)
    for branch in scores.chosen.tree.branches:
        square = correlations[list(branch.children)] ** 2
        with np.errstate(invalid="ignore", divide="ignore"):
            found[list(branch.children)] = square / square.sum(axis=0)
    return found
