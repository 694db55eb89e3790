"""Convergence: do those behind grow faster, do the gaps close, and into how many clubs? 收敛"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .numbers import Array


class Line(NamedTuple):
    """A least-squares fit: coefficients, their robust covariance, residuals, R squared, degrees of freedom."""

    beta: Array
    covariance: Array
    residual: Array
    r2: float
    free: int


def least_squares(y: Array, x: Array) -> Line:
    """y = x beta + e with standard errors that allow for unequal variance (HC1).

    Shape    y (n,), x (n, k) with its own column of ones; n > k, x of full rank
    Raises   ValueError where x is not of full rank
    Source   White (1980); MacKinnon and White (1985), n / (n - k)
    """
    n, k = x.shape
    q, r = np.linalg.qr(x)
    if n <= k or np.abs(np.diag(r)).min() <= 1e-10 * np.abs(np.diag(r)).max():
        raise ValueError("the regressors are not of full rank")
    beta = np.linalg.solve(r, q.T @ y)
    residual = y - x @ beta
    inverse = np.linalg.inv(r)
    bread = inverse @ inverse.T
    meat = (x * residual[:, None] ** 2).T @ x
    covariance = bread @ meat @ bread * n / (n - k)
    spread = ((y - y.mean()) ** 2).sum()
    return Line(beta, covariance, residual, float(1 - residual @ residual / spread) if spread > 0 else 0.0, n - k)


def speed(slope: float, years: float) -> float:
    """The yearly speed of convergence b from the slope of mean yearly growth on the log of the start. 收敛速度

    slope = -(1 - exp(-b T)) / T,  b = -ln(1 + slope T) / T;  NaN where 1 + slope T <= 0
    Source   Barro and Sala-i-Martin (1992), Journal of Political Economy 100, 223-251
    """
    left = 1 + slope * years
    return float(-np.log(left) / years) if left > 0 else float("nan")


def half_life(b: float) -> float:
    """The years after which half of a gap is gone: ln 2 / b; infinite where nothing converges. 半生命周期"""
    return float(np.log(2) / b) if b > 0 else float("inf")


def log_t(x: Array, trim: float = 1 / 3) -> tuple[float, float]:
    """Phillips and Sul's log t test: slope and its t; t < -1.65 rejects convergence at 5 %. log t 检验

    h_it = x_it / mean_i x_it,  H_t = mean (h_it - 1)^2,  ln(H_1 / H_t) - 2 ln ln t = a + b ln t from t = trim T on
    with Newey-West standard errors (Bartlett, lags = floor(4 (m / 100)^(2/9)))
    Shape    (n, T), > 0, n >= 2
    Source   Phillips and Sul (2007), Econometrica 75, 1771-1855
    """
    periods = x.shape[1]
    h = x / x.mean(axis=0)
    spread = ((h - 1) ** 2).mean(axis=0)
    first = max(int(np.floor(trim * periods)), 1)
    t = np.arange(first + 1, periods + 1, dtype=np.float64)
    y = np.log(spread[0] / spread[first:]) - 2 * np.log(np.log(t))
    z = np.column_stack([np.ones(len(t)), np.log(t)])
    beta, *_ = np.linalg.lstsq(z, y, rcond=None)
    score = z * (y - z @ beta)[:, None]
    middle = score.T @ score
    for lag in range(1, int(4 * (len(t) / 100) ** (2 / 9)) + 1):
        cross = score[lag:].T @ score[:-lag]
        middle += (1 - lag / (int(4 * (len(t) / 100) ** (2 / 9)) + 1)) * (cross + cross.T)
    bread = np.linalg.inv(z.T @ z)
    covariance = bread @ middle @ bread
    return float(beta[1]), float(beta[1] / np.sqrt(covariance[1, 1]))


def clubs(x: Array, critical: float = -1.65) -> list[list[int]]:
    """Convergence clubs: the best first; the last list holds those that belong to none (it may be empty). 收敛俱乐部

    Ordered by the last period; a core of neighbours with the highest t is formed, every other is added that keeps
    t above zero (critical for the club as a whole); what is left is split again. Neighbouring clubs that converge
    together are merged.
    Shape    (n, T), > 0
    Source   Phillips and Sul (2007, 2009); merging by their second step
    """
    left = [int(i) for i in np.argsort(-x[:, -1], kind="stable")]
    found: list[list[int]] = []
    while len(left) >= 2:
        if log_t(x[left])[1] > critical:
            found.append(left)
            left = []
            break
        club = _one_club(x, left, critical)
        if not club:
            break
        found.append(club)
        left = [i for i in left if i not in club]
    return [*_merged(x, found, critical), left]


def _one_club(x: Array, order: list[int], critical: float) -> list[int]:
    core = _core(x, order, critical)
    if not core:
        return []
    joined = core + [i for i in order if i not in core and log_t(x[[*core, i]])[1] > 0]
    return joined if log_t(x[joined])[1] > critical else core


def _core(x: Array, order: list[int], critical: float) -> list[int]:
    """The first neighbours that converge, grown while their t rises."""
    for start in range(len(order) - 1):
        best = log_t(x[order[start : start + 2]])[1]
        if best <= critical:
            continue
        end = start + 2
        while end < len(order) and (grown := log_t(x[order[start : end + 1]])[1]) > best:
            best, end = grown, end + 1
        return order[start:end]
    return []


def _merged(x: Array, found: list[list[int]], critical: float) -> list[list[int]]:
    merged: list[list[int]] = []
    for club in found:
        if merged and log_t(x[merged[-1] + club])[1] > critical:
            merged[-1] = merged[-1] + club
        else:
            merged.append(club)
    return merged
