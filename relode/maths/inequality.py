"""Inequality: how unequal a figure is, and where the inequality comes from. 不平等

Everything rests on one integral. With the figures in order, F the cumulative share of a group and dx the gaps,
the mean gap by which group h exceeds group j is E[(x_h - x_j)+] = integral F_j (1 - F_h) dx, a sum over gaps.
So one sort serves all groups and all bootstrap draws: a draw only changes how often each figure counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .numbers import Array

Groups = NDArray[np.intp]


class Dagum(NamedTuple):
    """Dagum's decomposition G = within + between + transvariation, and its tables of groups.

    Shape    (...) for the totals; (..., k, k) for `gini` (diagonal: within) and `distance`; (..., k) for the rest
    """

    total: Array
    within: Array
    between: Array
    transvariation: Array
    gini: Array
    distance: Array
    mean: Array
    size: Array


def dagum(x: Array, group: Groups, k: int, times: Array | None = None) -> Dagum:
    """Dagum's Gini by groups, every part computed directly, none as a remainder. Dagum 基尼系数及其分解

    G_jh = Delta_jh / (mu_j + mu_h),  D_jh = (d_jh - p_jh) / (d_jh + p_jh)
    Gw = sum_j G_jj p_j s_j,  Gnb = sum_{j>h} G_jh (p_j s_h + p_h s_j) D_jh,  Gt the same with 1 - D_jh
    with p_j = n_j / n, s_j = n_j mu_j / (n mu), d_jh the mean gap where the group with the higher mean is ahead.
    Shape    x (n,), group (n,) in 0..k-1; times (..., n) how often each figure counts, once if None
    Raises   ValueError where a figure is negative (a Gini of them means nothing) or all are zero
    Source   Dagum (1997), Empirical Economics 22, 515-531
    """
    if (x < 0).any() or not (x > 0).any():
        raise ValueError("a Gini needs figures >= 0, not all zero")
    order = np.argsort(x, kind="stable")
    ordered, group = x[order], group[order]
    times = np.ones(len(x)) if times is None else np.asarray(times, np.float64)[..., order]
    spread = np.zeros((*times.shape[:-1], k * len(x)))
    spread[..., group * len(x) + np.arange(len(x))] = times
    spread = spread.reshape(*times.shape[:-1], k, len(x))
    below = np.cumsum(spread, axis=-1)[..., :-1]
    count = spread.sum(axis=-1)
    gaps = np.diff(ordered)
    ahead = (below * gaps) @ np.swapaxes(count[..., None] - below, -1, -2)  # [j, h]: by how much h exceeds j, summed
    reached = below.sum(axis=-2)
    spread_out = (reached * gaps * (times.sum(axis=-1)[..., None] - reached)).sum(axis=-1)
    return _parts(spread_out, ahead, count, spread @ ordered)


def _parts(spread_out: Array, ahead: Array, count: Array, total: Array) -> Dagum:
    """From the summed gaps (of all, and of pairs of groups), the counts and the sums to the decomposition."""
    n, whole = count.sum(axis=-1), total.sum(axis=-1)
    pairs = count[..., :, None] * count[..., None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / count
        ahead = ahead / pairs
        behind = np.swapaxes(ahead, -1, -2)
        both = mean[..., :, None] + mean[..., None, :]
        gini = np.where(both > 0, (ahead + behind) / both, np.where(pairs > 0, 0.0, np.nan))
        gross, less = np.maximum(ahead, behind), np.minimum(ahead, behind)
        distance = np.where(gross > 0, (gross - less) / (gross + less), np.where(pairs > 0, 0.0, np.nan))
        weight = pairs * both / (2 * n * whole)[..., None, None]  # p_j s_h + p_h s_j, halved: each pair stands twice
    apart = ~np.eye(count.shape[-1], dtype=bool)
    share = np.where(pairs > 0, gini * weight, 0.0)
    near = np.where(pairs > 0, distance, 0.0)
    return Dagum(
        spread_out / np.where(whole > 0, n * whole, np.nan),
        np.where(apart, 0.0, share).sum(axis=(-1, -2)),
        np.where(apart, share * near, 0.0).sum(axis=(-1, -2)),
        np.where(apart, share * (1 - near), 0.0).sum(axis=(-1, -2)),
        gini, distance, mean, count,
    )  # fmt: skip


def dagum_draws(x: Array, group: Groups, k: int, times: Array, chunk: int = 32) -> Dagum:
    """As `dagum`, for many draws, in chunks that stay in the fast memory. Shape times (draws, n)"""
    parts = [dagum(x, group, k, times[n : n + chunk]) for n in range(0, len(times), chunk)]
    return Dagum(*(np.concatenate(same) for same in zip(*parts, strict=True)))


def resampled(rng: np.random.Generator, group: Groups, draws: int) -> Array:
    """How often each figure counts in each bootstrap draw; drawn with replacement within its group.

    Shape    (n,) -> (draws, n); the size of each group stays
    """
    times = np.zeros((draws, len(group)))
    for code in np.unique(group):
        members = np.flatnonzero(group == code)
        size = len(members)
        drawn = rng.integers(0, size, (draws, size)) + np.arange(draws)[:, None] * size
        times[:, members] = np.bincount(drawn.ravel(), minlength=draws * size).reshape(draws, size)
    return times


def gini(x: Array, w: Array | None = None) -> float:
    """The Gini coefficient: half the mean gap between two, over the mean. 基尼系数

    G = sum_ij w_i w_j |x_i - x_j| / (2 mu W^2)
    Shape    (n,), >= 0;  w (n,) weights such as population, equal if None
    """
    w = np.ones(len(x)) if w is None else w
    order = np.argsort(x, kind="stable")
    below = np.cumsum(w[order])
    gaps = np.diff(x[order])
    total = below[-1]
    return float((gaps * below[:-1] * (total - below[:-1])).sum() / (total * (w @ x)))


class Theil(NamedTuple):
    """Theil's T or L with its parts: whole, within and between, and the share of the weight that each group carries."""

    total: float
    within: float
    between: float
    each: Array
    carried: Array


def theil_t(x: Array, group: Groups, k: int, w: Array | None = None) -> Theil:
    """Theil's T: sum s_i ln(x_i / mu), s the share of income; 0 ln 0 = 0. 泰尔指数 T

    T = sum_j s_j T_j + sum_j s_j ln(mu_j / mu)
    Shape    x (n,), >= 0; group (n,) in 0..k-1; w (n,) weights, equal if None
    Source   Theil (1967)
    """
    w = np.ones(len(x)) if w is None else w
    size, income = _sums(group, w, k), _sums(group, w * x, k)
    mean, mu = _over(income, size), income.sum() / size.sum()
    each = _over(_sums(group, w * _xlogx(_over(x, mean[group])), k), size)
    carried = income / income.sum()
    between = float((size / size.sum() * _xlogx(mean / mu)).sum())
    within = float((carried * each).sum())
    return Theil(float((w * _xlogx(x / mu)).sum() / w.sum()), within, between, each, carried)


def theil_l(x: Array, group: Groups, k: int, w: Array | None = None) -> Theil:
    """Theil's L, the mean log deviation: sum p_i ln(mu / x_i). 泰尔指数 L（平均对数离差）

    L = sum_j p_j L_j + sum_j p_j ln(mu / mu_j)
    Shape    as theil_t, but every x > 0
    """
    w = np.ones(len(x)) if w is None else w
    size, income = _sums(group, w, k), _sums(group, w * x, k)
    mean, mu = _over(income, size), income.sum() / size.sum()
    each = _over(_sums(group, w * np.log(mean[group] / x), k), size)
    carried = size / size.sum()
    between = float((carried * np.log(np.where(size > 0, mu / np.where(size > 0, mean, 1.0), 1.0))).sum())
    return Theil(float((w * np.log(mu / x)).sum() / w.sum()), float((carried * each).sum()), between, each, carried)


def atkinson(x: Array, aversion: float, w: Array | None = None) -> float:
    """Atkinson's index: the share of the mean that could be given up if all had the same. 阿特金森指数

    1 - (sum p x^(1 - e))^(1 / (1 - e)) / mu;  e = 1: 1 - exp(sum p ln x) / mu
    Shape    (n,), > 0; aversion e >= 0
    Source   Atkinson (1970), Journal of Economic Theory 2, 244-263
    """
    p = np.full(len(x), 1 / len(x)) if w is None else w / w.sum()
    mean = p @ x
    if aversion == 1:
        return float(1 - np.exp(p @ np.log(x)) / mean)
    return float(1 - (p @ x ** (1 - aversion)) ** (1 / (1 - aversion)) / mean)


def variation(x: Array, w: Array | None = None) -> float:
    """The coefficient of variation: standard deviation (of the population) over mean. 变异系数"""
    p = np.full(len(x), 1 / len(x)) if w is None else w / w.sum()
    mean = p @ x
    return float(np.sqrt(p @ (x - mean) ** 2) / mean)


def _sums(group: Groups, x: Array, k: int) -> Array:
    """The sum of x in each of k groups."""
    return np.asarray(np.bincount(group, x, k), np.float64)


def _over(x: Array, by: Array) -> Array:
    """x / by, zero where there is nothing to share (a group without members, or without income)."""
    found: Array = np.where(by > 0, x / np.where(by > 0, by, 1.0), 0.0)
    return found


def _xlogx(x: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.where(x > 0, x * np.log(x), 0.0)
    return found
