"""Entropy-TOPSIS of one matrix as textbooks have it: entropy weights, vector scale, ideals among the rows. 熵权TOPSIS

The index has both parts as choices of its plan, on limits that hold over time; this is the whole in one pass, for
comparison with other software. Compiled where numba is installed, the same in NumPy where it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from . import fast, means, weights
from .numbers import Array

WORTH_IT = 20_000  # figures from which compiled code pays
BLOCK = 512  # rows whose logarithms stay in the cache


def entropy_topsis(x: Array, direction: Array, *, compiled: bool | None = None) -> tuple[Array, Array]:
    """Entropy weights of the columns, and the closeness of each row to the ideal. 熵权TOPSIS

    w as `weights.entropy`;  v = w x / sqrt(sum x^2);  best and worst are the ends of the columns by `direction`
    Shape    (n, k), all >= 0, no gaps, (k,)  ->  (k,), (n,)
    Raises   ValueError where a figure is negative or missing
    Source   Shannon (1948); Hwang and Yoon (1981)
    """
    if compiled is None:
        compiled = x.size >= WORTH_IT and fast.has_kernels()
    if not (x >= 0).all():
        raise ValueError("entropy-TOPSIS needs figures, all >= 0")
    return _compiled(np.ascontiguousarray(x), direction) if compiled else _plain(x, direction)


def _plain(x: Array, direction: Array) -> tuple[Array, Array]:
    w, scaled = weights.entropy(x), means.vector_scale(x).T
    low, high = scaled.min(axis=1, keepdims=True), scaled.max(axis=1, keepdims=True)
    up = direction[:, None] > 0
    return w, means.topsis(scaled, w, np.ones_like(scaled), np.where(up, high, low), np.where(up, low, high))


def _compiled(x: Array, direction: Array) -> tuple[Array, Array]:
    """Two passes over the rows, in equal parts on all cores: sums and ends, then distances."""
    n, k = x.shape
    kernels = _kernels()

    def gathered(part: range) -> Array:
        found, logs = np.zeros((5, k)), np.empty((BLOCK, k))
        found[3], found[4] = np.inf, -np.inf
        with np.errstate(divide="ignore"):
            for start in range(part.start, part.stop, BLOCK):
                rows = x[start : min(start + BLOCK, part.stop)]
                kernels["sums"](rows, np.log(rows, out=logs[: len(rows)]), found)
        return found

    parts = np.stack(fast.in_threads(gathered, n))
    total, square, logs = parts[:, :3].sum(axis=0)
    low, high = parts[:, 3].min(axis=0), parts[:, 4].max(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        e = (np.log(total) - logs / total) / np.log(n)  # -sum p ln p = ln sum x - sum x ln x / sum x
        flat = ~np.isfinite(e) | (high <= low)
        w = weights.shares(np.where(flat, 0.0, np.maximum(1 - e, 0.0)))
        scale = np.where(square > 0, w / np.sqrt(square), 0.0)
    best, worst = np.where(direction > 0, high, low), np.where(direction > 0, low, high)
    close = np.empty(n)

    def measured(part: range) -> None:
        rows = slice(part.start, part.stop)
        kernels["closeness"](x[rows], scale, best, worst, close[rows])

    fast.in_threads(measured, n)
    return w, close


@cache
def _kernels() -> dict[str, Callable[..., None]]:
    return {"sums": fast.compiled(_sums), "closeness": fast.compiled(_closeness)}


def _sums(x: Any, logs: Any, found: Any) -> None:  # pragma: no cover (compiled)
    n, k = x.shape
    total, square, product = found[0].copy(), found[1].copy(), found[2].copy()
    low, high = found[3].copy(), found[4].copy()
    for i in range(n):
        row, log = x[i], logs[i]
        for j in range(k):
            v = row[j]
            total[j] += v
            square[j] += v * v
            low[j] = v if v < low[j] else low[j]
            high[j] = v if v > high[j] else high[j]
            product[j] += v * log[j] if v > 0 else 0.0
    found[0], found[1], found[2], found[3], found[4] = total, square, product, low, high


def _closeness(x: Any, scale: Any, best: Any, worst: Any, close: Any) -> None:  # pragma: no cover (compiled)
    n, k = x.shape
    for i in range(n):
        row, up, down = x[i], 0.0, 0.0
        for j in range(k):
            away = scale[j] * (row[j] - best[j])
            up += away * away
            away = scale[j] * (row[j] - worst[j])
            down += away * away
        close[i] = np.sqrt(down) / (np.sqrt(up) + np.sqrt(down)) if up + down > 0 else np.nan
