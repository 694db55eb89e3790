"""Two-way fixed effects and event study: closed form on balanced panels, pyfixest takes the effects out elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..maths.panelfit import Fit, cohort_fit, cohort_paths, event_paths, small_sample, twoway
from .effect import Effect, Point
from .fixest import fixest
from .sample import Sample

Array = NDArray[np.float64]


def twfe(sample: Sample) -> Effect:
    """One coefficient on "treated now", entity and period effects; clusters as the study says."""
    d = (sample.path > 0).astype(float)
    fit = fit_twoway(sample, d[:, :, None])
    return _effect(sample, "twfe", "variance_weighted", fit, interval(fit, 0, sample), controls=has_controls(sample))


def event_study(sample: Sample) -> Effect:
    """Two-way fixed effects with event dummies, ends pooled, e = -1 left out; the effect is the mean after."""
    leads, lags = sample.study.bins
    cohorts, at = np.unique(sample.start, return_inverse=True)
    paths, times = event_paths(cohorts, len(sample.periods), leads, lags)
    fit = cohort_fit(sample.y, at, paths, _clusters(sample)) if _plain(sample) else fit_twoway(sample, paths[at])
    k = len(times)
    points = tuple(Point(int(times[i]), *interval(fit, i, sample)) for i in range(k))
    after = times >= 0
    share = np.where(after, 1 / after.sum(), 0.0)
    mean = Fit(
        np.array([share @ fit.coefficients[:k]]), np.array([[share @ fit.covariance[:k, :k] @ share]]),
        fit.rows, fit.clusters, fit.r2_within,
    )  # fmt: skip
    before = np.flatnonzero(times < -1)
    return _effect(
        sample, "event_study", "event_mean", mean, interval(mean, 0, sample), controls=has_controls(sample),
        points=points, pretest_p=joint_p(fit.coefficients[before], fit.covariance[np.ix_(before, before)], fit.df),
    )  # fmt: skip


def fit_twoway(sample: Sample, x: Array) -> Fit:
    """Entity and period effects beside x (n, t, k) and the study's controls, which follow x.

    Balanced and unweighted: closed form. Else pyfixest takes the effects out; the variance keeps our convention.
    """
    full = np.concatenate([x, _control_columns(sample)], axis=2)
    if sample.balanced and sample.weights is None:
        if x.shape[2] == 1 and full.shape[2] == 1 and sample.absorbing:
            cohorts, at = np.unique(sample.start, return_inverse=True)
            return cohort_fit(sample.y, at, cohort_paths(cohorts, len(sample.periods)), _clusters(sample))
        return twoway(sample.y, full, _clusters(sample))
    return _fixest(sample, full)


def _fixest(sample: Sample, x: Array) -> Fit:
    import pandas as pd

    n, t, k = x.shape
    index = {"unit": np.repeat(np.arange(n), t), "time": np.tile(np.arange(t), n)}
    frame = pd.DataFrame(index | {"y": sample.y.ravel(), "cluster": np.repeat(sample.clusters, t)})
    names = [f"z{i}" for i in range(k)]
    frame[names] = x.reshape(n * t, k)
    if sample.weights is not None:
        frame["weight"] = np.repeat(sample.weights, t)
    pyfixest = fixest()
    fit = pyfixest.feols(
        f"y ~ {' + '.join(names)} | time + unit", frame.dropna(), vcov={"CRV1": "cluster"},
        weights="weight" if sample.weights is not None else None, ssc=pyfixest.ssc(k_adj=False, G_adj=False),
    )  # fmt: skip
    if list(fit.coef().index) != names:
        raise ValueError("the demeaned regressors are collinear")
    clusters, rows = int(fit._G[0]), int(fit._N)
    factor = small_sample(rows, k, clusters, int(frame.dropna()["time"].nunique()))
    return Fit(fit.coef().to_numpy(), factor * np.asarray(fit._vcov), rows, clusters, float(fit._r2_within))


def _control_columns(sample: Sample) -> Array:
    """Varying controls as they are; baseline controls times period dummies (the first period left out)."""
    t = len(sample.periods)
    columns = [sample.varying]
    for k in range(sample.baseline.shape[1]):
        columns.append(sample.baseline[:, None, k, None] * np.eye(t)[None, :, 1:])
    return np.concatenate(columns, axis=2)


def joint_p(b: Array, covariance: Array, df: int) -> float:
    """p of "all are zero": Hotelling's W (df - k + 1) / (k df) against F(k, df - k + 1); NaN with nothing to test.

    The plain Wald statistic rejects too often when the covariance is estimated from few clusters.
    """
    from scipy.stats import f

    k = len(b)
    if not k or df < k or np.linalg.matrix_rank(covariance) < k:
        return float("nan")
    wald = float(b @ np.linalg.solve(covariance, b))
    return float(f.sf(wald * (df - k + 1) / (k * df), k, df - k + 1))


def has_controls(sample: Sample, *, baseline: bool = True) -> bool:
    return bool(sample.varying.shape[2] or (baseline and sample.baseline.shape[1]))


def _plain(sample: Sample) -> bool:
    return sample.balanced and sample.weights is None and not sample.study.controls


def _clusters(sample: Sample) -> NDArray[np.intp] | None:
    return None if sample.study.inference.clusters == "entity" else sample.clusters


def interval(fit: Fit, at: int, sample: Sample) -> tuple[float, float, float, float, float]:
    """Estimate, standard error, low, high and p of one coefficient, t with clusters less one."""
    from scipy.stats import t

    b, se = float(fit.coefficients[at]), float(fit.errors[at])
    reach = float(t.ppf(0.5 + sample.study.inference.level / 2, fit.df)) * se
    return b, se, b - reach, b + reach, float(2 * t.sf(abs(b / se), fit.df)) if se > 0 else float("nan")


def _effect(
    sample: Sample, estimator: str, estimand: str, fit: Fit, told: tuple[float, float, float, float, float],
    **more: Any,
) -> Effect:  # fmt: skip
    return Effect(estimator, estimand, *told, fit.rows, fit.clusters, **more, raw=fit)
