"""Outliers: what makes a column lopsided, and what draws it in. 异常值处理

Caps and transformations are found on one set of rows and applied to any other, as limits are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .numbers import Array

MAD_TO_SD = 1.4826
"""what makes the median absolute deviation of a normal distribution its standard deviation"""


@dataclass(frozen=True)
class Shape:
    """How lopsided and how peaked a column is."""

    skewness: float
    kurtosis: float

    def passes(self, skew: float, kurtosis: float) -> bool:
        """Is one of the two within its bound? Nothing can be said, and nothing is done, where one is not a number."""
        return not (abs(self.skewness) >= skew and self.kurtosis >= kurtosis)


def shape(x: Array) -> Shape:
    """Sample skewness and excess kurtosis, as spreadsheets and COINr give them (type 2).

    g = m3 / m2^1.5,       skewness = g sqrt(n (n - 1)) / (n - 2)
    r = m4 / m2^2,         kurtosis = ((n + 1)(r - 3) + 6)(n - 1) / ((n - 2)(n - 3))
    Shape    (n,), NaN left out; fewer than three (four) figures, or all alike, give NaN
    Source   Joanes and Gill (1998), The Statistician 47(1), 183-189
    """
    x = x[~np.isnan(x)]
    n = len(x)
    if n < 3 or np.ptp(x) == 0:
        return Shape(np.nan, np.nan)
    away = x - x.mean()
    square = (away**2).sum()
    skewness = np.sqrt(n) * (away**3).sum() / square**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
    r = n * (away**4).sum() / square**2
    kurtosis = ((n + 1) * (r - 3) + 6) * (n - 1) / ((n - 2) * (n - 3)) if n > 3 else np.nan
    return Shape(float(skewness), float(kurtosis))


def winsor_caps(x: Array, most: int, skew: float, kurtosis: float) -> tuple[float, float]:
    """Where a column is to be drawn in so that skewness or kurtosis falls below its bound. 缩尾处理

    The greatest figure (the least, where the skewness is negative) takes the value of the next one, until the column
    passes or `most` figures are drawn in; tied figures go together. A column that passes has its own ends.
    Shape    (n,) -> two numbers, NaN for a column without figures
    """
    x = x[~np.isnan(x)].copy()
    if not len(x):
        return np.nan, np.nan
    high = low = 0
    now = shape(x)
    while not now.passes(skew, kurtosis) and high + low < most:
        if now.skewness >= 0:
            top = x == x.max()
            x[top], high = x[~top].max(), int(top.sum())
        else:
            bottom = x == x.min()
            x[bottom], low = x[~bottom].min(), int(bottom.sum())
        now = shape(x)
    return float(x.min()), float(x.max())


def mad_caps(x: Array, mads: float) -> tuple[float, float]:
    """median -/+ mads x 1.4826 x MAD, MAD the median of |x - median|. 中位数绝对偏差法

    Where more than half of the figures are alike the deviation is zero and nothing is drawn in.
    Shape    (n,) -> two numbers
    Source   Leys et al. (2013), Journal of Experimental Social Psychology 49(4), 764-766
    """
    x = x[~np.isnan(x)]
    if not len(x):
        return np.nan, np.nan
    middle = float(np.median(x))
    away = mads * MAD_TO_SD * float(np.median(np.abs(x - middle)))
    return (middle - away, middle + away) if away > 0 else (float(x.min()), float(x.max()))


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
