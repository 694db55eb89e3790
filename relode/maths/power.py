"""How small an effect can a two-way design see? From the residuals before anyone is treated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .panelfit import demean

Array = NDArray[np.float64]


def serial(y: Array) -> tuple[float, float]:
    """Variance and first-order autocorrelation of what two-way effects leave of y, corrected for short panels.

    r = (r^ + 1/(t-1)) / (1 - 1/(t-1)), held within [0, 0.95]; 0 where t < 3
    v = e'e / ((n-1) t (1 - m)), m = the mean of r^|s - t|: what the unit mean takes out of an AR(1)
    Shape    (n, t)  ->  (variance, autocorrelation)
    Source   the correction inverts the bias -(1+r)/(t-1) of Nickell (1981)
    """
    n, t = y.shape
    e = demean(y)
    total = float(np.vdot(e, e))
    r = 0.0
    if t >= 3 and total > 0:
        raw = float((e[:, 1:] * e[:, :-1]).sum() / np.square(e[:, :-1]).sum())
        r = float(np.clip((raw + 1 / (t - 1)) / (1 - 1 / (t - 1)), 0.0, 0.95))
    left = 1 - float(_toeplitz(t, r).mean())
    return (total / ((n - 1) * t * left) if left > 0 and n > 1 else 0.0), r


def _toeplitz(t: int, r: float) -> Array:
    lag = np.abs(np.subtract.outer(np.arange(t), np.arange(t)))
    return np.asarray(r**lag if r else np.eye(t), np.float64)


def design_error(d: Array, variance: float, autocorrelation: float) -> float:
    """Standard error that the coefficient on d would have: sqrt(sum_i z_i' O z_i) / sum z^2, z = demeaned d.

    O = variance * autocorrelation^|s - t| within every unit.
    Shape    d (n, t)  ->  a number in the unit of the outcome; inf where d does not vary
    Source   Burlig, Preonas and Woerman (2020), in closed form for AR(1)
    """
    z = demean(d)
    norm = float(np.vdot(z, z))
    if norm < 1e-12:
        return float("inf")
    t = d.shape[1]
    omega = variance * _toeplitz(t, autocorrelation)
    return float(np.sqrt(np.einsum("is,st,it->", z, omega, z)) / norm)
