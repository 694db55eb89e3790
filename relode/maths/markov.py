"""Chains: how often places move from one class to another, and whether it matters where they are. 马尔可夫链"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .numbers import Array

Classes = NDArray[np.intp]


class Homogeneity(NamedTuple):
    """Tests that a chain is the same in every setting: likelihood ratio and Pearson's Q, with degrees of freedom."""

    lr: float
    q: float
    free: int


def quantile_classes(x: Array, k: int, pooled: bool = True) -> Classes:
    """Classes 0..k-1 by quantiles, of all periods together or of each on its own; a cut belongs to the lower class.

    Shape    (n, T) -> (n, T)
    """
    steps = np.arange(1, k) / k
    if pooled:
        return np.searchsorted(np.quantile(x, steps), x, side="left")
    return np.column_stack([np.searchsorted(np.quantile(column, steps), column, side="left") for column in x.T])


def counts(classes: Classes, k: int) -> Array:
    """How often a place of class i is in class j one period later. Shape (n, T) -> (k, k)"""
    pairs = classes[:, :-1] * k + classes[:, 1:]
    return np.bincount(pairs.ravel(), minlength=k * k).reshape(k, k).astype(np.float64)


def counts_within(classes: Classes, setting: Classes, k: int, m: int) -> Array:
    """As `counts`, for each setting that a place starts from. Shape (n, T), (n, T) in 0..m-1 -> (m, k, k)"""
    cells = (setting[:, :-1] * k + classes[:, :-1]) * k + classes[:, 1:]
    return np.bincount(cells.ravel(), minlength=m * k * k).reshape(m, k, k).astype(np.float64)


def probabilities(count: Array) -> Array:
    """Each row over its sum; NaN where a class was never left. Shape (..., k, k) -> the same"""
    with np.errstate(invalid="ignore"):
        p: Array = count / count.sum(axis=-1, keepdims=True)
    return p


def steady(p: Array) -> Array:
    """The shares in the long run: s P = s. NaN where a row is missing or the chain falls apart. Shape (k, k) -> (k,)"""
    k = len(p)
    if np.isnan(p).any() or np.linalg.matrix_rank(np.eye(k) - p, tol=1e-12) < k - 1:
        return np.full(k, np.nan)
    system = np.vstack([(np.eye(k) - p).T[:-1], np.ones(k)])
    share: Array = np.linalg.solve(system, np.append(np.zeros(k - 1), 1.0))
    return share


def homogeneity(count: Array) -> Homogeneity:
    """Is one chain enough for all settings?

    LR = 2 sum n_ij|m ln(p_ij|m / p_ij),  Q = sum n_i|m (p_ij|m - p_ij)^2 / p_ij,
    free = sum_i (a_i - 1)(b_i - 1), a_i settings in which class i was left, b_i classes reached from i
    Shape    (m, k, k)
    Source   Bickenbach and Bode (2003), International Regional Science Review 26, 363-392
    """
    whole = count.sum(axis=0)
    p, each = probabilities(whole), probabilities(count)
    left = count.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        lr = np.where(count > 0, count * np.log(each / p), 0.0).sum()
        q = np.where((p > 0) & (left > 0), left * (each - p) ** 2 / p, 0.0).sum()
    settings, reached = (left[..., 0] > 0).sum(axis=0), (whole > 0).sum(axis=-1)
    free = int((np.maximum(settings - 1, 0) * np.maximum(reached - 1, 0)).sum())
    return Homogeneity(float(2 * lr), float(q), free)
