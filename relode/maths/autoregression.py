"""Regressions in which neighbours speak: spatial lag and spatial error models by maximum likelihood. 空间计量"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .numbers import Array

Complex = NDArray[np.complex128]


class Spatial(NamedTuple):
    """Coefficients, the spatial parameter, their covariance (coefficients first), the log-likelihood."""

    beta: Array
    rho: float
    covariance: Array
    loglik: float


def spatial_lag(y: Array, x: Array, w: Array) -> Spatial:
    """y = rho W y + x beta + e. 空间滞后模型

    Shape    y (n,), x (n, k) with its own column of ones, w (n, n) row-standardised
    Source   Ord (1975), JASA 70, 120-126; information matrix of Anselin (1988), p. 64
    """
    values = np.asarray(np.linalg.eigvals(w), np.complex128)
    q, _ = np.linalg.qr(x)
    e0, e1 = (v - q @ (q.T @ v) for v in (y, w @ y))

    def loglik(rho: float) -> float:
        e = e0 - rho * e1
        return _loglik(float(e @ e), rho, values, len(y))

    rho = _highest(loglik, values)
    beta = np.asarray(np.linalg.lstsq(x, y - rho * (w @ y), rcond=None)[0], np.float64)
    s2 = float(((e0 - rho * e1) ** 2).mean())
    inner = w @ np.linalg.inv(np.eye(len(y)) - rho * w)
    fitted = inner @ (x @ beta)
    cross = np.append(x.T @ fitted / s2, np.trace(inner) / s2)
    own = np.trace(inner @ inner) + (inner**2).sum() + fitted @ fitted / s2
    return Spatial(beta, rho, _covariance(x, s2, cross, float(own)), loglik(rho))


def spatial_error(y: Array, x: Array, w: Array) -> Spatial:
    """y = x beta + u, u = lambda W u + e; `rho` holds lambda. 空间误差模型

    Shape and source as spatial_lag
    """
    values = np.asarray(np.linalg.eigvals(w), np.complex128)

    def fit(rho: float) -> tuple[Array, Array, Array]:
        ys, xs = y - rho * (w @ y), x - rho * (w @ x)
        beta = np.asarray(np.linalg.lstsq(xs, ys, rcond=None)[0], np.float64)
        return beta, ys - xs @ beta, xs

    def loglik(rho: float) -> float:
        e = fit(rho)[1]
        return _loglik(float(e @ e), rho, values, len(y))

    rho = _highest(loglik, values)
    beta, e, xs = fit(rho)
    s2 = float((e**2).mean())
    inner = w @ np.linalg.inv(np.eye(len(y)) - rho * w)
    cross = np.append(np.zeros(x.shape[1]), np.trace(inner) / s2)
    own = np.trace(inner @ inner) + (inner**2).sum()
    return Spatial(beta, rho, _covariance(xs, s2, cross, float(own)), loglik(rho))


def _loglik(square: float, rho: float, values: Complex, n: int) -> float:
    jacobian = float(np.log(np.abs(1 - rho * values)).sum())
    return jacobian - n / 2 * (float(np.log(2 * np.pi * square / n)) + 1)


def _highest(loglik: Callable[[float], float], values: Complex) -> float:
    from scipy.optimize import minimize_scalar

    least = float(values.real.min())
    low = max(1 / least, -0.999999) if least < 0 else -0.999999
    found = minimize_scalar(lambda r: -loglik(r), bounds=(low, 0.999999), method="bounded", options={"xatol": 1e-10})
    return float(found.x)


def _covariance(x: Array, s2: float, cross: Array, own: float) -> Array:
    """Of (beta, rho): the inverse of the information matrix of (beta, rho, sigma^2), without its last row."""
    k = x.shape[1]
    information = np.zeros((k + 2, k + 2))
    information[:k, :k] = x.T @ x / s2
    information[:k, k] = information[k, :k] = cross[:k]
    information[k, k] = own
    information[k, k + 1] = information[k + 1, k] = cross[k]
    information[k + 1, k + 1] = len(x) / (2 * s2**2)
    inverse: Array = np.linalg.inv(information)[: k + 1, : k + 1]
    return inverse
