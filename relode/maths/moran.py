"""Spatial autocorrelation: do like figures lie next to one another? Weights are row-standardised. 空间自相关"""

from __future__ import annotations

import numpy as np

from .numbers import Array


def away(x: Array) -> Array:
    """x minus its mean along the last axis."""
    gap: Array = x - x.mean(axis=-1, keepdims=True)
    return gap


def moran(x: Array, w: Array) -> Array:
    """Moran's I = n / S0 sum_ij w_ij z_i z_j / sum z^2. 莫兰指数

    Shape    x (..., n), w (n, n) -> (...); expected -1 / (n - 1) where nothing is tied
    Source   Moran (1950), Biometrika 37, 17-23
    """
    z = away(x)
    found: Array = x.shape[-1] / w.sum() * ((z @ w.T) * z).sum(axis=-1) / (z**2).sum(axis=-1)
    return found


def moran_between(x: Array, y: Array, w: Array) -> Array:
    """The bivariate Moran: one figure here against another at the neighbours. 双变量莫兰指数

    sum_i zx_i (W zy)_i / sqrt(sum zx^2 sum zy^2), w row-standardised
    Shape    x (..., n), y (n,), w (n, n) -> (...)
    Source   Anselin, Syabri and Smirnov (2002)
    """
    zx, zy = away(x), away(y)
    found: Array = (zx @ (w @ zy)) / np.sqrt((zx**2).sum(axis=-1) * (zy**2).sum())
    return found


def geary(x: Array, w: Array) -> Array:
    """Geary's C = (n - 1) sum_ij w_ij (x_i - x_j)^2 / (2 S0 sum z^2); 1 where nothing is tied. 吉尔里系数

    Shape    x (..., n), w (n, n) -> (...)
    Source   Geary (1954), The Incorporated Statistician 5, 115-145
    """
    z = away(x)
    square = z**2 @ w.sum(axis=1) + z**2 @ w.sum(axis=0) - 2 * ((z @ w.T) * z).sum(axis=-1)
    found: Array = (x.shape[-1] - 1) * square / (2 * w.sum() * (z**2).sum(axis=-1))
    return found


def normal_z(x: Array, w: Array) -> tuple[float, float]:
    """z of Moran's I and of Geary's C if the figures were drawn from one normal distribution.

    Source   Cliff and Ord (1981), p. 21
    """
    n, s0 = len(x), w.sum()
    s1 = ((w + w.T) ** 2).sum() / 2
    s2 = ((w.sum(axis=1) + w.sum(axis=0)) ** 2).sum()
    expected = -1 / (n - 1)
    spread = (n**2 * s1 - n * s2 + 3 * s0**2) / (s0**2 * (n**2 - 1)) - expected**2
    spread_c = ((2 * s1 + s2) * (n - 1) - 4 * s0**2) / (2 * (n + 1) * s0**2)
    i, c = float(moran(x, w)), float(geary(x, w))
    return float((i - expected) / np.sqrt(spread)), float((c - 1) / np.sqrt(spread_c))


def local_moran(x: Array, w: Array) -> Array:
    """Local Moran I_i = (n - 1) z_i (W z)_i / sum z^2. 局部莫兰指数

    Shape    (n,), (n, n) -> (n,)
    Source   Anselin (1995), Geographical Analysis 27, 93-115
    """
    z = away(x)
    found: Array = (len(x) - 1) * z * (w @ z) / (z**2).sum()
    return found


def local_p(x: Array, w: Array, draws: int, rng: np.random.Generator) -> Array:
    """One-sided p of each local Moran: the neighbours' places are dealt anew among all others, `draws` times.

    Shape    (n,), (n, n) -> (n,), not below 1 / (draws + 1)
    """
    z, n = away(x), len(x)
    observed = w @ z
    deal = np.argsort(rng.random((draws, n - 1)), axis=1)
    p = np.empty(n)
    for i in range(n):
        near = np.flatnonzero(w[i])
        others = np.delete(z, i)[deal[:, : len(near)]]
        drawn = others @ w[i, near]
        larger = int((drawn >= observed[i]).sum())
        p[i] = (min(larger, draws - larger) + 1) / (draws + 1)
    return p


def g_star(x: Array, w: Array) -> Array:
    """z of Getis and Ord's G*: is a place together with its neighbours high (> 0) or low (< 0)? 热点分析

    (sum_j w_ij x_j - mean W_i) / (s sqrt((n S1_i - W_i^2) / (n - 1))), w with the place itself among its neighbours,
    each row standardised anew
    Shape    (n,), (n, n) -> (n,); NaN for a place whose neighbours are all others: it can differ from none
    Source   Ord and Getis (1995), Geographical Analysis 27, 286-306
    """
    n = len(x)
    near = (w > 0) | np.eye(n, dtype=bool)
    star = near / near.sum(axis=1, keepdims=True)
    total, square = star.sum(axis=1), (star**2).sum(axis=1)
    spread = x.std() * np.sqrt((n * square - total**2) / (n - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = np.where(spread > 1e-12 * x.std(), (star @ x - x.mean() * total) / spread, np.nan)
    return found


def discoveries(p: Array, alpha: float) -> float:
    """The largest p that still counts where a share `alpha` of false discoveries is borne; 0 where none does.

    Source   Benjamini and Hochberg (1995)
    """
    ordered = np.sort(p)
    under = ordered <= alpha * np.arange(1, len(p) + 1) / len(p)
    return float(ordered[np.flatnonzero(under)[-1]]) if under.any() else 0.0
