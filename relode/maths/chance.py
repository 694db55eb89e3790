"""Chance: what many draws say about ranks. 1 is the best rank."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .numbers import Array

Counts = NDArray[np.int32]


def ranks(scores: Array) -> NDArray[np.int64]:
    """The rank of each score within its row, 1 = greatest; equal scores share the best rank.

    Shape    (draws, n), no NaN -> the same
    """
    order = np.argsort(-scores, axis=-1)
    ordered = np.take_along_axis(scores, order, axis=-1)
    tied = ordered[..., 1:] == ordered[..., :-1]
    place = np.arange(1, scores.shape[-1] + 1)
    if tied.any():
        place = np.broadcast_to(place, scores.shape).copy()
        place[..., 1:][tied] = 0
        place = np.maximum.accumulate(place, axis=-1)
    found = np.empty(scores.shape, np.int64)
    np.put_along_axis(found, order, np.broadcast_to(place, scores.shape), axis=-1)
    return found


def mean_ranks(scores: Array) -> Array:
    """As `ranks`, but equal scores share the mean of their ranks. Shape (n,) -> (n,)"""
    below = ranks(-scores)
    return (ranks(scores) + len(scores) + 1 - below) / 2


def rank_counts(ranked: NDArray[np.int64]) -> Counts:
    """How often each of n has each rank. Shape (draws, n) -> (n, n), rank r in column r - 1."""
    n = ranked.shape[-1]
    cell = np.arange(n) * n + ranked - 1
    return np.bincount(cell.ravel(), minlength=n * n).reshape(n, n).astype(np.int32)


def rank_quantile(counts: Counts, q: float) -> NDArray[np.int64]:
    """The smallest rank that at least a share q of the draws do not exceed. Shape (n, n) -> (n,)"""
    below = np.cumsum(counts, axis=-1)
    wanted = q * below[..., -1:]
    return np.asarray((below < wanted - 1e-9).sum(axis=-1) + 1)


def within(counts: Counts, first: int, last: int) -> Array:
    """The share of draws with a rank from `first` to `last`, both included. Shape (n, n) -> (n,)"""
    share: Array = counts[..., max(first - 1, 0) : last].sum(axis=-1) / counts.sum(axis=-1)
    return share


def pairwise(ranked: NDArray[np.int64]) -> Counts:
    """In how many draws each stands above each other one. Shape (draws, n) -> (n, n), row above column

    Draws are compared in small blocks that stay in the cache, counted in bytes.
    """
    draws, n = ranked.shape
    place = ranked.astype(np.int16 if n < 2**15 else np.int32)
    found = np.zeros((n, n), np.int32)
    step = max(1, min(255, 2**20 // max(n * n, 1)))
    for start in range(0, draws, step):
        some = place[start : start + step]
        found += np.less(some[:, :, None], some[:, None, :]).view(np.uint8).sum(axis=0, dtype=np.uint8)
    return found


def bands(above: Array, least: float) -> NDArray[np.int64]:
    """Tie bands down a ranking: a band ends where its first member stands above the next with a share >= `least`.

    So nobody in a band is surely worse than its first; 1 is the first band.
    Shape    (n, n) shares of draws in which row stands above column, both in the order of the ranking  ->  (n,)
    """
    found = np.ones(len(above), np.int64)
    first = 0
    for n in range(1, len(above)):
        ends = above[first, n] >= least
        found[n] = found[n - 1] + ends
        first = n if ends else first
    return found
