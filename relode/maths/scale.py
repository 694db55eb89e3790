"""Scales: how figures of different units become comparable. 无量纲化

Finding the limits and applying them are two steps, so that the same limits can serve other periods, other scenarios
and the split of a change. A position is 0 at `worst` and 1 at `best`; which is which carries the direction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .numbers import Array


def minmax_limits(x: Array, direction: Array) -> tuple[Array, Array]:
    """The worst and the best figure of each column. 极差法

    worst = min x, best = max x where direction > 0, the other way round where direction < 0
    Shape    (n, k), (k,)  ->  (k,), (k,); a column without figures gives NaN
    """
    low, high = _least(x), _greatest(x)
    return np.where(direction > 0, low, high), np.where(direction > 0, high, low)


def zscore_limits(x: Array, direction: Array) -> tuple[Array, Array]:
    """The mean of each column, and the figure one sample standard deviation better. 标准化

    worst = mean x, best = mean x + direction sd(x), sd with n - 1 as in COINr
    Shape    (n, k), (k,)  ->  (k,), (k,); fewer than two figures give NaN
    """
    count = (~np.isnan(x)).sum(axis=0)
    total = np.where(np.isnan(x), 0.0, x).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / count
        away = np.where(np.isnan(x), 0.0, x - mean)
        sd = np.sqrt((away**2).sum(axis=0) / (count - 1))
    sd = np.where(count > 1, sd, np.nan)
    return mean, mean + direction * sd


def position(x: Array, worst: Array, best: Array) -> Array:
    """Where each figure stands between `worst` (0) and `best` (1); outside them it is below 0 or above 1.

    (x - worst) / (best - worst)
    Shape    all broadcast; NaN where a figure or a limit is missing, or where the limits are equal
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (x - worst) / (best - worst)
    return np.where(np.isfinite(found), found, np.nan)


def outside(x: Array, low: Array | float, high: Array | float) -> Array:
    """How far each figure lies outside a range; 0 inside. 适度指标与最优区间的距离

    max(low - x, x - high, 0)
    Shape    all broadcast; NaN where a figure or an end is missing
    """
    found: Array = np.maximum(np.maximum(low - x, x - high), 0.0)
    return found


def constant(x: Array, tolerance: float = 1e-12) -> NDArray[np.bool_]:
    """Which columns hold one figure only (up to rounding): they tell nobody apart.

    Shape    (n, k) -> (k,); a column without figures is not constant but empty
    """
    low, high = _least(x), _greatest(x)
    size = np.maximum(np.abs(low), np.abs(high))
    return np.asarray(~np.isnan(low) & (high - low <= tolerance * size))


def _least(x: Array) -> Array:
    low = np.where(np.isnan(x), np.inf, x).min(axis=0, initial=np.inf)
    return np.where(np.isinf(low), np.nan, low)


def _greatest(x: Array) -> Array:
    return -_least(-x)


def below(x: Array, window: Array) -> Array:
    """How many figures of a window each figure surpasses: 0 for the worst. The ranks of COINr, ties sharing the least.

    Shape    (n,), (m,) sorted upwards, NaN last, both turned so that more is better  ->  (n,), NaN stays
    """
    known = window[~np.isnan(window)]
    count = np.searchsorted(known, x, side="left").astype(np.float64)
    return np.where(np.isnan(x), np.nan, count)


def fraction_limits(x: Array, direction: Array) -> tuple[Array, Array]:
    """Zero and the greatest figure: x / max x, and 1 - x / max x where less is better. 最大值比例法

    Both are finite where a figure is zero. Turning the sign first and then dividing by the greatest figure, as COINr
    does, gives x / min x where less is better: infinite at zero, and best for the worst.
    Shape    (n, k), all >= 0, (k,)  ->  (k,), (k,)
    """
    high = _greatest(x)
    zero = np.where(np.isnan(high), np.nan, 0.0)
    return np.where(direction > 0, zero, high), np.where(direction > 0, high, zero)


def centred_limits(x: Array, direction: Array, middle: Array) -> tuple[Array, Array]:
    """The middle in the centre of the scale, half of the range of the figures to either side.

    middle -/+ direction (max x - min x) / 2: with the scale 70 to 130 the goalposts of the adjusted Mazziotta-Pareto
    index, whose reference stands at 100
    Shape    (n, k), (k,), (k,)  ->  (k,), (k,)
    Source   Mazziotta and Pareto (2016), Social Indicators Research 127, 983-1003
    """
    away = direction * (_greatest(x) - _least(x)) / 2
    return middle - away, middle + away
