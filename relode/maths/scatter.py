"""Vertical and horizontal scatter degree: weights that set entities apart most, over all periods. 纵横向拉开档次法

max w'Hw  subject to  |w| = 1, w >= 0,  with H = sum_t X_t'X_t and X_t the standardised figures of period t
Source   Guo Yajun (2002), Journal of Management Sciences in China 5(2), 49-54
"""

from __future__ import annotations

import numpy as np

from .numbers import Array

STEPS = 10_000
TIGHT = 1e-14


def scatter(h: Array) -> tuple[Array, float]:
    """The weights, and by how much they miss the first-order condition (0 = a stationary point).

    Where the greatest eigenvector has one sign it is the answer. Else w'Hw is raised from many starts by
    w <- max(Hw, 0) / |max(Hw, 0)|, which never lowers it as H has no negative eigenvalue; the best end is taken.
    Shape    (k, k), symmetric, no negative eigenvalue  ->  (k,), sums to 1, and a number
    """
    vector = np.linalg.eigh(h)[1][:, -1]
    vector = vector * np.sign(vector.sum() or 1.0)
    if (vector >= -TIGHT).all():
        best = np.maximum(vector, 0)
    else:
        starts = [*np.eye(len(h)), np.ones(len(h)), np.maximum(vector, 0), np.maximum(-vector, 0)]
        ends = [_climb(h, start) for start in starts if start.any()]
        best = max(ends, key=lambda w: float(w @ h @ w))
    return best / best.sum(), _miss(h, best / np.linalg.norm(best))


def total(blocks: list[Array]) -> Array:
    """sum_t X_t'X_t, each product over the rows that have both figures. Shape list of (n, k) -> (k, k)"""
    filled = [np.nan_to_num(block) for block in blocks]
    summed: Array = np.sum([np.einsum("ij,ik->jk", x, x) for x in filled], axis=0)
    return summed


def _climb(h: Array, w: Array) -> Array:
    w = w / np.linalg.norm(w)
    for _ in range(STEPS):
        up = np.maximum(h @ w, 0)
        size = np.linalg.norm(up)
        if size == 0:
            break
        up = up / size
        if np.abs(up - w).max() < TIGHT:
            break
        w = up
    result: Array = w
    return result


def _miss(h: Array, w: Array) -> float:
    """The greatest breach of Hw - (w'Hw) w <= 0, with equality where w > 0, in parts of w'Hw."""
    value = float(w @ h @ w)
    slope = h @ w - value * w
    return float(np.where(w > 0, np.abs(slope), np.maximum(slope, 0)).max() / value) if value > 0 else 0.0
