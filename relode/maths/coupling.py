"""Coupling coordination: how evenly, and how well, several systems stand. 耦合协调度

U (..., n) are the standings of n systems, each within [0, 1]. Source of both formulas, of their errors in print and of
the modified one: Wang Shujia, Kong Wei, Ren Liang et al. (2021), Journal of Natural Resources 36(3), 793-810.
"""

from __future__ import annotations

import numpy as np

from .numbers import Array


def original(u: Array) -> Array:
    """The coupling degree as physics gave it: geometric over arithmetic mean. 耦合度（原式）

    C = n (U_1 ... U_n)^(1/n) / (U_1 + ... + U_n)
    Shape    (..., n) -> (...), within [0, 1]; NaN where all are zero or one is missing
    """
    n = u.shape[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = n * np.prod(u, axis=-1) ** (1 / n) / u.sum(axis=-1)
    return found


def modified(u: Array) -> Array:
    """The modified coupling degree, spread over the whole of [0, 1]. 耦合度（修正式，王淑佳等 2021）

    C = sqrt( (1 - sum_{i<j} |U_i - U_j| / (n (n - 1) / 2)) x prod_i (U_i / max U)^(1 / (n - 1)) )
    Shape    (..., n) -> (...), within [0, 1]; NaN where all are zero or one is missing
    """
    n = u.shape[-1]
    i, j = np.triu_indices(n, 1)
    apart = np.abs(u[..., i] - u[..., j]).sum(axis=-1) / (n * (n - 1) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        even = np.prod(u / u.max(axis=-1, keepdims=True), axis=-1) ** (1 / (n - 1))
        found: Array = np.sqrt((1 - apart) * even)
    return found


def coordination(coupling: Array, u: Array, w: Array) -> tuple[Array, Array]:
    """The development of all systems together, and their coordination degree. 综合发展度 T、协调度 D

    T = sum_i w_i U_i,  D = sqrt(C T)
    Shape    (...), (..., n), (n,) summing to 1  ->  two of (...)
    """
    development = u @ w
    return development, np.sqrt(coupling * development)


def invert_pair(first: Array, second: Array) -> tuple[Array, Array]:
    """The two standings that have the coupling degrees `first` (original) and `second` (modified).

    With r = min U / max U:  C_o = 2 sqrt(r) / (1 + r),  C_m^2 = (1 - (1 - r) max U) r
    Shape    any, any -> lesser, greater; where no pair within [0, 1] has both degrees the greater is beyond it
    """
    root = np.sqrt(np.maximum(1 - first**2, 0.0))
    ratio = (1 - root) / (1 + root)
    with np.errstate(divide="ignore", invalid="ignore"):
        greater = (1 - second**2 / ratio) / (1 - ratio)
    return ratio * greater, greater
