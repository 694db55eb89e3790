"""Two-way fixed effects on balanced panels, in closed form: demeaning is a subtraction of means, not an iteration.

A balanced panel is an array (units, periods). Cluster-robust variances follow one convention throughout:

    V = c (X'X)^-1 [sum_g s_g s_g'] (X'X)^-1,   c = G/(G-1) (N-1)/(N-K)

where K counts the regressors and those fixed effects that do not nest within clusters (unit effects do; one is
counted for them), which is the default of fixest and of pyfixest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True)
class Fit:
    """Coefficients with their cluster-robust covariance. `df` is the number of clusters less one."""

    coefficients: Array  # (k,)
    covariance: Array  # (k, k)
    rows: int
    clusters: int
    r2_within: float

    @property
    def errors(self) -> Array:
        """Standard errors (k,); NaN where the variance is not positive."""
        variance = np.diag(self.covariance)
        return np.sqrt(np.where(variance > 0, variance, np.nan))

    @property
    def df(self) -> int:
        """Degrees of freedom of the t distribution."""
        return self.clusters - 1


def demean(x: Array) -> Array:
    """Take unit and period means out of a balanced panel: x_it - x_i. - x_.t + x_..

    Shape    (n, t) or (n, t, k)  ->  the same
    Source   Wallace and Hussain (1969)
    """
    out: Array = x - x.mean(axis=1, keepdims=True)
    out -= out.mean(axis=0, keepdims=True)
    return out


def twoway(y: Array, x: Array, clusters: Index | None = None) -> Fit:
    """Two-way fixed effects of y on x: b = (X~'X~)^-1 X~'y, ~ = two-way demeaned.

    Shape    y (n, t), x (n, t, k), clusters (n,) whole numbers, None = every unit is one  ->  Fit of k
    Raises   ValueError where the demeaned regressors are collinear
    """
    n, t = y.shape
    z = demean(x).reshape(n * t, -1)
    yd = demean(y)
    b, inverse = _solve(z, yd.reshape(-1))
    residual = yd.reshape(-1) - z @ b
    scores = np.einsum("itk,it->ik", z.reshape(n, t, -1), residual.reshape(n, t))
    within = 1 - float(residual @ residual) / float(np.vdot(yd, yd)) if yd.any() else np.nan
    return _fit(b, inverse, scores, clusters, (n, t), within)


def cohort_fit(y: Array, cohort: Index, paths: Array, clusters: Index | None = None) -> Fit:
    """Two-way fixed effects where the regressors depend on the cohort and the period only (post, event dummies).

    All of X'X and X'y is made of cohort sums, so the cost is one pass over y.

    Shape    y (n, t), cohort (n,) row of `paths`, paths (c, t, k)  ->  Fit of k
    Raises   ValueError where the demeaned regressors are collinear
    """
    n, t = y.shape
    size = np.bincount(cohort, minlength=len(paths)).astype(float)
    z = paths - paths.mean(axis=1, keepdims=True)
    z = z - np.tensordot(size / n, z, axes=1)
    flat = z.reshape(-1, z.shape[2])
    inverse = _inverse(flat.T @ (np.repeat(size, t)[:, None] * flat))
    mean = y.mean(axis=0)
    scores = _cohort_scores(y, cohort, z) - np.einsum("ctk,t->ck", z, mean)[cohort]
    b = inverse @ scores.sum(axis=0)
    gram = np.einsum("ctk,ctl->ckl", z, z)
    explained = float(b @ scores.sum(axis=0))
    scores -= (gram @ b)[cohort]
    total = float(np.vdot(y, y)) - t * float(np.square(y.mean(axis=1)).sum()) - n * float(np.square(mean).sum())
    total += n * t * float(mean.mean()) ** 2
    return _fit(b, inverse, scores, clusters, (n, t), explained / total if total > 0 else np.nan)


def _cohort_scores(y: Array, cohort: Index, z: Array) -> Array:
    """z_c(i)' y_i for every unit: one matrix product per cohort."""
    out = np.empty((len(y), z.shape[2]))
    for c in range(len(z)):
        mine = np.flatnonzero(cohort == c)
        out[mine] = y[mine] @ z[c]
    return out


def cohort_paths(starts: Index, periods: int) -> Array:
    """The treatment path of each cohort: 1 from its start on; a start at or after `periods` is never treated.

    Shape    (c,)  ->  (c, periods, 1)
    """
    paths: Array = (np.arange(periods)[None, :] >= starts[:, None]).astype(np.float64)[:, :, None]
    return paths


def event_paths(starts: Index, periods: int, leads: int, lags: int) -> tuple[Array, NDArray[np.int64]]:
    """Event dummies of each cohort, ends binned, e = -1 left out: (c, periods, k) and the event times (k,).

    Only event times that some cohort has are kept. A start at or after `periods` is never treated.
    """
    event = np.arange(periods)[None, :] - starts[:, None]
    binned = np.clip(event, -leads, lags)
    treated = (starts < periods)[:, None]
    times = np.array([e for e in range(-leads, lags + 1) if e != -1 and ((binned == e) & treated).any()])
    return ((binned[:, :, None] == times) & treated[:, :, None]).astype(float), times


def small_sample(rows: int, regressors: int, clusters: int, effects: int) -> float:
    """G/(G-1) (N-1)/(N-K): `effects` fixed effects are not nested within clusters, nested ones count as one."""
    return clusters / (clusters - 1) * (rows - 1) / (rows - regressors - effects)


def _solve(z: Array, y: Array) -> tuple[Array, Array]:
    inverse = _inverse(z.T @ z)
    return inverse @ (z.T @ y), inverse


def _inverse(gram: Array) -> Array:
    scale = np.sqrt(np.diag(gram))
    if not (scale > 0).all() or np.linalg.cond(gram / np.outer(scale, scale)) > 1e12:
        raise ValueError("the demeaned regressors are collinear")
    return np.asarray(np.linalg.inv(gram), np.float64)


def _fit(b: Array, inverse: Array, scores: Array, clusters: Index | None, shape: tuple[int, int], r2: float) -> Fit:
    n, t = shape
    groups = np.arange(n) if clusters is None else clusters
    if clusters is not None:
        scores = np.stack([np.bincount(groups, weights=s) for s in scores.T], axis=1)
    count = len(np.unique(groups))
    if count < 2:
        return Fit(b, np.full((len(b), len(b)), np.nan), n * t, count, r2)
    factor = small_sample(n * t, len(b), count, t)
    return Fit(b, factor * inverse @ (scores.T @ scores) @ inverse, n * t, count, r2)
