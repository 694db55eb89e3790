"""Spatial statistics of one figure at one time, and convergence among neighbours.

The formulas are a few lines of array arithmetic in `maths`, and the tests hold them against PySAL: its permutations
cannot be seeded for all statistics, and to import it takes longer than everything that is computed here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from relode.maths import moran as autocorrelation
from relode.maths.autoregression import Spatial, spatial_error, spatial_lag
from relode.maths.convergence import half_life, speed
from relode.maths.numbers import Array

from .ties import Weights

QUADRANTS = ("HH", "LH", "LL", "HL")
"""High among high, low among high, low among low, high among low."""


def spatial_beta(growth: Array, start: Array, weights: Weights, years: float) -> list[dict[str, Any]]:
    """Beta convergence with growth (lag) or its errors (error) tied to the neighbours', by maximum likelihood.

    Source   Rey and Montouri (1999), Regional Studies 33, 143-156
    """
    x = np.column_stack([np.ones(len(start)), start])
    found = (
        ("spatial_lag", spatial_lag(growth, x, weights.matrix)),
        ("spatial_error", spatial_error(growth, x, weights.matrix)),
    )
    return [_beta(kind, fit, years, len(growth)) for kind, fit in found]


def _beta(kind: str, fit: Spatial, years: float, count: int) -> dict[str, Any]:
    slope, error, rho_error = float(fit.beta[1]), *np.sqrt(np.diag(fit.covariance))[[1, -1]]
    b = speed(slope, years)
    return {
        "kind": kind, "beta": slope, "error": float(error), "p": _normal_p(slope / error), "speed": b,
        "half_life": half_life(b), "r2": np.nan, "cases": count, "rho": fit.rho,
        "rho_p": _normal_p(fit.rho / rho_error),
    }  # fmt: skip


def _normal_p(z: float) -> float:
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(z)))


def overall(x: Array, other: Array | None, weights: Weights, draws: int, seed: int) -> list[dict[str, Any]]:
    """Moran's I, Geary's C and, with a second figure, the bivariate Moran: value, expected, z, p of permutations."""
    rng, w = np.random.default_rng(seed), weights.matrix
    shuffled = rng.permuted(np.tile(x, (draws, 1)), axis=1)
    z_moran, z_geary = autocorrelation.normal_z(x, w)
    expected = -1 / (len(x) - 1)
    rows = [
        _tested("moran", autocorrelation.moran(x, w), expected, z_moran, autocorrelation.moran(shuffled, w)),
        _tested("geary", autocorrelation.geary(x, w), 1.0, z_geary, autocorrelation.geary(shuffled, w)),
    ]
    if other is not None:
        value, drawn = (autocorrelation.moran_between(one, other, w) for one in (x, shuffled))
        rows.append(_tested("moran_bivariate", value, 0.0, np.nan, drawn))
    return rows


def local(x: Array, weights: Weights, draws: int, seed: int, alpha: float) -> dict[str, Any]:
    """Local Moran with its quadrant and the false discovery rate held, and G*: arrays by entity."""
    w = weights.matrix
    p = autocorrelation.local_p(x, w, draws, np.random.default_rng(seed))
    return {
        "local": autocorrelation.local_moran(x, w), "lag": w @ x, "p": p,
        "quadrant": np.array(QUADRANTS)[quadrants(x[:, None], w)[:, 0]],
        "significant": p <= autocorrelation.discoveries(p, alpha), "g_star": autocorrelation.g_star(x, w),
    }  # fmt: skip


def quadrants(x: Array, w: Array) -> Any:
    """Place in QUADRANTS of each figure: itself above the mean or not, its neighbours above or not. (n, T) -> (n, T)"""
    z = x - x.mean(axis=0)
    here, around = z > 0, w @ z > 0
    return np.where(here, np.where(around, 0, 3), np.where(around, 1, 2))


def _tested(name: str, value: Any, expected: float, z: float, drawn: Array) -> dict[str, Any]:
    beyond = min((drawn >= value).sum(), (drawn <= value).sum())
    p = min(1.0, 2 * (beyond + 1) / (len(drawn) + 1))
    return {"statistic": name, "value": float(value), "expected": expected, "z": z, "p": float(p), "draws": len(drawn)}
