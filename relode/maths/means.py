"""Means: how children become their parent, for many weightings at once.

x      (..., k, n)   k children of n entities
w      (..., k)      weights; the leading axes broadcast against those of x
have   (..., k, n)   1 where a child is there, else 0; a missing child's weight goes to the others
->     (..., n)      NaN where no child with a weight is there
"""

from __future__ import annotations

import numpy as np

from .numbers import Array


def arithmetic(x: Array, w: Array, have: Array) -> Array:
    """sum w x / sum w over the children that are there. 加权算术平均"""
    return _mean(np.where(have > 0, x, 0.0), w, have)


def geometric(x: Array, w: Array, have: Array) -> Array:
    """exp(sum w ln x / sum w) over the children that are there; NaN where one is not positive. 加权几何平均"""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(have > 0, x, 1.0))
    result: Array = np.exp(_mean(logs, w, have))
    return result


def topsis(x: Array, w: Array, have: Array, best: Array | float = 1.0, worst: Array | float = 0.0) -> Array:
    """Closeness to the ideal: 0 at the worst point, 1 at the best. 逼近理想解排序法

    d+ = sqrt(sum (w (x - best))^2),  d- = sqrt(sum (w (x - worst))^2),  C = d- / (d+ + d-)
    best, worst broadcast against x, (..., k, n)
    Source   Hwang and Yoon (1981); example in Tzeng and Huang (2011)
    """
    square = w**2
    to_best = np.sqrt(_sum(np.where(have > 0, (x - best) ** 2, 0.0), square))
    to_worst = np.sqrt(_sum(np.where(have > 0, (x - worst) ** 2, 0.0), square))
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Array = to_worst / (to_best + to_worst)
    return result


def vector_scale(x: Array) -> Array:
    """x / sqrt(sum x^2) down each column, the scale of the textbook TOPSIS. Shape (n, k) -> the same."""
    result: Array = x / np.sqrt((x**2).sum(axis=0))
    return result


def _sum(x: Array, w: Array) -> Array:
    total: Array = np.einsum("...kn,...k->...n", x, w)
    return total


def _mean(x: Array, w: Array, have: Array) -> Array:
    total = _sum(x, w)
    if have.all():
        whole: Array = total / w.sum(axis=-1)[..., None]
        return whole
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Array = total / _sum(have, w)
    return mean
