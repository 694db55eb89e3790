"""Outliers: what makes a column lopsided, and what draws it in. 异常值处理

Caps and transformations are found on one set of rows and applied to any other, as limits are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .numbers import Array

MAD_TO_SD = 1.4826
"""what makes the median absolute deviation of a normal distribution its standard deviation"""


@dataclass(frozen=True)
class Shape:
    """How lopsided and how peaked columns are; NaN where nothing can be said. Shape (k,) each"""

    skewness: Array
    kurtosis: Array

    def passes(self, skew: float, kurtosis: float) -> NDArray[np.bool_]:
        """Which columns keep to one of the two bounds; nothing is done where nothing can be said. Shape (k,)"""
        return ~((np.abs(self.skewness) >= skew) & (self.kurtosis >= kurtosis))


def shape(x: Array) -> Shape:
    """Sample skewness and excess kurtosis of columns, as spreadsheets and COINr give them (type 2).

    g = m3 / m2^1.5,       skewness = g sqrt(n (n - 1)) / (n - 2)
    r = m4 / m2^2,         kurtosis = ((n + 1)(r - 3) + 6)(n - 1) / ((n - 2)(n - 3))
    Shape    (n, k), NaN left out -> (k,) each; fewer than three (four) figures, or all alike, give NaN
    Source   Joanes and Gill (1998), The Statistician 47(1), 183-189
    """
    have = ~np.isnan(x)
    n = have.sum(axis=0).astype(np.float64)
    filled = np.where(have, x, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        away = np.where(have, filled - filled.sum(axis=0) / n, 0.0)
        square = away * away
        m2, m3, m4 = square.sum(axis=0), (square * away).sum(axis=0), (square * square).sum(axis=0)
        skewness = np.sqrt(n) * m3 / m2**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
        kurtosis = ((n + 1) * (n * m4 / m2**2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
    low, high = _ends(x)
    flat = (n < 3) | ~(high > low)
    return Shape(np.where(flat, np.nan, skewness), np.where(flat | (n < 4), np.nan, kurtosis))


def winsor_caps(x: Array, most: int, skew: float, kurtosis: float) -> tuple[Array, Array]:
    """Where columns are to be drawn in so that skewness or kurtosis falls below its bound. 缩尾处理

    The greatest figure (the least, where the skewness is negative) takes the value of the next one, until the column
    passes or `most` figures are drawn in; tied figures go together. A column that passes has its own ends.
    Shape    (n, k) -> two of (k,), NaN for a column without figures
    """
    x = x.copy()
    drawn = np.zeros((2, x.shape[1]), np.int64)  # at the upper end, at the lower
    going = np.arange(x.shape[1])
    while len(going):
        now = shape(x[:, going])
        on = ~now.passes(skew, kurtosis) & (drawn[:, going].sum(axis=0) < most)
        going, sign = going[on], np.where(now.skewness[on] >= 0, 1.0, -1.0)
        part = x[:, going] * sign
        end = part == np.nanmax(part, axis=0, initial=-np.inf)
        part = np.where(end, np.where(end | np.isnan(part), -np.inf, part).max(axis=0, initial=-np.inf), part)
        x[:, going] = part * sign
        drawn[(sign < 0).astype(np.int64), going] = end.sum(axis=0)
    return _ends(x)


def mad_caps(x: Array, mads: float) -> tuple[Array, Array]:
    """median -/+ mads x 1.4826 x MAD, MAD the median of |x - median|. 中位数绝对偏差法

    Where more than half of the figures are alike the deviation is zero and nothing is drawn in.
    Shape    (n, k) -> two of (k,), NaN for a column without figures
    Source   Leys et al. (2013), Journal of Experimental Social Psychology 49(4), 764-766
    """
    middle = _median(x)
    away = mads * MAD_TO_SD * _median(np.abs(x - middle))
    low, high = _ends(x)
    return np.where(away > 0, middle - away, low), np.where(away > 0, middle + away, high)


def _median(x: Array) -> Array:
    found = np.full(x.shape[1], np.nan)
    known = ~np.isnan(x).all(axis=0)
    found[known] = np.nanmedian(x[:, known], axis=0)
    return found


def _ends(x: Array) -> tuple[Array, Array]:
    """The least and the greatest figure of each column, NaN without any. Shape (n, k) -> two of (k,)"""
    low = np.where(np.isnan(x), np.inf, x).min(axis=0, initial=np.inf)
    high = np.where(np.isnan(x), -np.inf, x).max(axis=0, initial=-np.inf)
    return np.where(np.isinf(low), np.nan, low), np.where(np.isinf(high), np.nan, high)


def log_ct(x: Array, low: float, high: float) -> Array:
    """ln(x - low + 0.01 (high - low)), the logarithm of the COIN Tool; figures below `low` count as `low`."""
    result: Array = np.log(np.maximum(x, low) - low + 0.01 * (high - low))
    return result


def boxcox(x: Array, low: float, power: float) -> Array:
    """((x - low + 1)^power - 1) / power, ln(x - low + 1) for power 0; figures below `low` count as `low`.

    Source   Box and Cox (1964), J. R. Statist. Soc. B 26(2), 211-252
    """
    y = np.maximum(x, low) - low + 1
    result: Array = np.log(y) if power == 0 else (y**power - 1) / power
    return result


def boxcox_power(x: Array) -> float:
    """The power under which x - min x + 1 is most likely normal. Shape (n,) -> a number between -5 and 5"""
    from scipy.optimize import minimize_scalar
    from scipy.stats import boxcox_llf

    x = x[~np.isnan(x)]
    y = x - x.min() + 1
    return float(minimize_scalar(lambda power: -boxcox_llf(power, y), bounds=(-5, 5), method="bounded").x)
