"""Sobol indices: how much of the variance of an outcome each factor brings about, alone and with the others.

Rows of two independent samples A and B; AB_i is A with factor i taken from B. Outcomes should be centred near their
mean (subtract a nominal value) so that no digits are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from .numbers import Array

MOST_BLOCKS = 200  # that are drawn anew for an interval
PARTS = 8  # sums that are kept per factor and outcome


class Sums:
    """Sums by small blocks of rows: the outcomes themselves are forgotten, intervals come from drawing blocks anew."""

    def __init__(self, rows: int = 16):
        self.rows = rows
        self.blocks: list[Array] = []
        self.sizes: list[Array] = []

    def add(self, a: Array, b: Array, mixed: Sequence[Array]) -> None:
        """Rows of outcomes. Shape (rows, m), (rows, m), per factor (rows, m)"""
        starts = np.arange(0, len(a), self.rows)
        self.blocks.append(np.stack([_sums(a, b, ab, starts) for ab in mixed], axis=1))
        self.sizes.append(np.diff(np.append(starts, len(a))).astype(np.float64))

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int(sum(sizes.sum() for sizes in self.sizes))

    def indices(self) -> tuple[Array, Array]:
        """First order and total order. Shape two of (factor, m); NaN where the outcome never varies"""
        return _indices(np.concatenate(self.blocks).sum(axis=0), np.float64(self.count))

    def interval(self, level: float, seed: int, draws: int = 200) -> tuple[Array, Array]:
        """Bootstrap intervals of both, blocks drawn with replacement. Shape two of (2, factor, m): low, high"""
        rng = np.random.Generator(np.random.Philox(key=seed % 2**64))
        block, sizes = np.concatenate(self.blocks), np.concatenate(self.sizes)
        joined = np.arange(0, len(block), -(-len(block) // MOST_BLOCKS))
        block, sizes = np.add.reduceat(block, joined, axis=0), np.add.reduceat(sizes, joined)
        n = len(block)
        picked = rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(np.float64)
        sums = (picked @ block.reshape(n, -1)).reshape(draws, *block.shape[1:])
        ends = [(1 - level) / 2, (1 + level) / 2]
        first, total = (np.quantile(one, ends, axis=0) for one in _indices(sums, picked @ sizes))
        return first, total


def _sums(a: Array, b: Array, ab: Array, starts: NDArray[np.intp]) -> Array:
    """Shape (rows, m) each, (block,) -> (block, PARTS, m)"""
    parts = (a, a * a, b, b * b, ab, ab * ab, b * ab, (a - ab) ** 2)
    return np.stack([np.add.reduceat(part, starts, axis=0) for part in parts], axis=1)


def _indices(sums: Array, count: Array | np.float64) -> tuple[Array, Array]:
    """First order after Janon et al., total order after Jansen; both centred, so that a shift changes nothing.

    S_i = (mean(y_B y_ABi) - m^2) / (mean((y_B^2 + y_ABi^2) / 2) - m^2),  m = mean((y_B + y_ABi) / 2)
    T_i = mean((y_A - y_ABi)^2) / (2 V),  V the variance of y_A and y_B pooled
    Shape    (..., factor, PARTS, m), (...)  ->  two of (..., factor, m)
    Source   Janon, Klein, Lagnoux, Nodet and Prieur (2014), ESAIM: P&S 18, 342-364; Jansen (1999), Computer Physics
             Communications 117, 35-43
    """
    a, aa, b, bb, ab, abab, b_ab, square = np.moveaxis(sums / np.asarray(count)[..., None, None, None], -2, 0)
    mean = (b + ab) / 2
    variance = (aa + bb) / 2 - ((a + b) / 2) ** 2
    own = (bb + abab) / 2 - mean**2
    tiny = 1e-12 * np.maximum((aa + bb) / 2, 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(own > tiny, (b_ab - mean**2) / own, np.nan)
        total = np.where(variance > tiny, square / (2 * variance), np.nan)
    return first, total


def analyse(model: Callable[[Array], Array], a: Array, b: Array, rows: int = 16) -> Sums:
    """The sums for a model of independent factors. Shape a, b (rows, factor); model (rows, factor) -> (rows, m)"""
    sums = Sums(rows)
    mixed = []
    for i in range(a.shape[1]):
        one = a.copy()
        one[:, i] = b[:, i]
        mixed.append(model(one))
    sums.add(model(a), model(b), mixed)
    return sums
