"""Trees of weights laid flat: a mean of means is one weighted sum, for many weightings at once.

w       per branch, (draws, children), children before their parents; the last branch is the root
x       (k, n) leaves of n entities, NaN where one is missing: its weight goes to its siblings
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .numbers import Array

MOST_PATTERNS = 64
TILE = 250_000  # multiplications below which a BLAS keeps to one thread: threads of ours already fill the cores
WIDE = 512


def leaf_weights(children: Sequence[Sequence[int]], w: Sequence[Array], have: NDArray[np.bool_]) -> Array:
    """What each leaf weighs in the whole, once the weights of missing children have gone to their siblings.

    Shape    per branch the nodes below it; per branch (draws, children); (k,)  ->  (draws, k); rows sum to 1,
             NaN where nothing with a weight is there
    """
    k, draws = len(have), max(len(part) for part in w)
    there = [*have, *(False for _ in children)]
    kept: list[Array] = []
    for b, below in enumerate(children):
        mask = np.array([there[child] for child in below])
        part = w[b] * mask
        total = part.sum(axis=1, keepdims=True)
        there[k + b] = bool(mask.any())
        with np.errstate(invalid="ignore", divide="ignore"):
            kept.append(part / total if there[k + b] else np.zeros_like(part))
    share = np.ones((k + len(children), draws))
    for b in range(len(children) - 1, -1, -1):
        share[list(children[b])] = share[k + b] * kept[b].T
    return np.where(have, share[:k].T, 0.0)


def weighted(children: Sequence[Sequence[int]], w: Sequence[Array], x: Array) -> Array | None:
    """The root of a tree of arithmetic means. None where gaps take too many forms for this to be quick.

    Shape    (k, n)  ->  (draws, n); NaN where no leaf with a weight is there
    """
    gone = np.isnan(x)
    if not gone.any():
        return product(leaf_weights(children, w, np.ones(len(x), bool)), x)
    patterns, which = np.unique(gone, axis=1, return_inverse=True)
    if patterns.shape[1] > MOST_PATTERNS:
        return None
    root = np.full((max(len(part) for part in w), x.shape[1]), np.nan)
    for p in range(patterns.shape[1]):
        have, here = ~patterns[:, p], np.flatnonzero(which.ravel() == p)
        if have.any():
            root[:, here] = product(leaf_weights(children, w, have)[:, have], x[np.ix_(have, here)])
    return root


def product(a: Array, b: Array) -> Array:
    """a @ b in tiles, so that the library's own threads stay out of it. Shape (m, k), (k, n) -> (m, n)"""
    m, n = len(a), b.shape[1]
    found = np.empty((m, n))
    for left in range(0, n, WIDE):
        part = np.ascontiguousarray(b[:, left : left + WIDE])
        step = min(max(TILE // max(part.size, 1), 2), m)
        full = m - m % step
        found[:full, left : left + WIDE] = (a[:full].reshape(-1, step, len(b)) @ part).reshape(full, -1)
        found[full:, left : left + WIDE] = a[full:] @ part
    return found
