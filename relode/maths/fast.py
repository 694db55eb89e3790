"""Ranks of many draws, compiled where numba is installed (extra `fast`); the same in NumPy where it is not.

Both ways give the same whole numbers; `tests/maths/test_fast.py` holds them equal. Compiled code lets go of the
interpreter, so that blocks of draws run on all cores as plain threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from . import chance
from .numbers import Array

Ranks = NDArray[np.int16]
T = TypeVar("T")
FEW = 400  # entities up to which comparing all pairs is quicker than sorting
WORTH_IT = 1_000_000  # scores from which loading the compiled code pays


def pays(scores: int) -> bool:
    """Is numba installed, and are there scores enough for its loading to pay?"""
    return scores >= WORTH_IT and has_kernels()


def has_kernels() -> bool:
    """Is numba installed?"""
    return find_spec("numba") is not None


def ranks(scores: Array, *, compiled: bool = False) -> Ranks:
    """As `chance.ranks`, in 16 bits. Shape (draws, n), no NaN -> the same"""
    found = np.empty(scores.shape, np.int16)
    if compiled and scores.shape[1] <= FEW:
        _kernels()["ranks"](np.ascontiguousarray(scores), found)
    else:
        found[:] = chance.ranks(scores)
    return found


def counts(ranked: Ranks, pairs: bool = True, *, compiled: bool = False) -> tuple[chance.Counts, chance.Counts]:
    """How often each has each rank, and stands above each other one (zeros if not `pairs`). Shape two of (n, n)"""
    n = ranked.shape[1]
    if compiled:
        held, over = np.zeros((n, n), np.int32), np.zeros((n, n), np.int32)
        _kernels()["counts"](ranked, held, over, pairs)
        return held, over
    plain = ranked.astype(np.int64)
    return chance.rank_counts(plain), chance.pairwise(plain) if pairs else np.zeros((n, n), np.int32)


def in_threads(work: Callable[[range], T], length: int) -> list[T]:
    """`work` on equal parts of 0 to `length`, on all cores at once; the answers in order."""
    cores = max(1, min(os.cpu_count() or 1, length))
    if cores == 1:
        return [work(range(length))]
    ends = [length * n // cores for n in range(cores + 1)]
    with ThreadPoolExecutor(cores) as pool:
        return list(pool.map(work, (range(a, b) for a, b in pairwise(ends))))


def compiled(function: Callable[..., None]) -> Callable[..., None]:
    """A kernel that lets go of the interpreter, kept on disk where that can be written."""
    from numba import njit

    try:
        made: Callable[..., None] = njit(nogil=True, cache=True)(function)
    except RuntimeError:  # nowhere to keep it: compiled anew each time
        made = njit(nogil=True)(function)
    return made


@cache
def _kernels() -> dict[str, Callable[..., None]]:
    return {"ranks": compiled(_ranks), "counts": compiled(_counts)}


def _ranks(scores: Any, found: Any) -> None:  # pragma: no cover (compiled)
    draws, n = scores.shape
    for d in range(draws):
        row = scores[d]
        for i in range(n):
            above = np.int64(1)
            for j in range(n):
                above += np.int64(row[j] > row[i])
            found[d, i] = above


def _counts(ranked: Any, held: Any, over: Any, pairs: bool) -> None:  # pragma: no cover (compiled)
    draws, n = ranked.shape
    for d in range(draws):
        for i in range(n):
            held[i, ranked[d, i] - 1] += 1
    for start in range(0, draws if pairs else 0, 32767):  # as many as 16 bits can count: twice as quick as 32
        part = np.zeros((n, n), np.int16)
        for d in range(start, min(start + 32767, draws)):
            row = ranked[d]
            for i in range(n):
                mine, mine_over = row[i], part[i]
                for j in range(n):
                    mine_over[j] += np.int16(mine < row[j])
        over += part
