"""Every estimator behind one shape: an Effect says what it estimates, how much, how surely, and over time.

Libraries do what they do right (diff-diff, pyfixest); the balanced two-way closed forms are ours (`maths.panelfit`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..maths.panelfit import Fit, cohort_fit, cohort_paths, event_paths, small_sample, twoway
from ..words.errors import Refused
from .sample import Sample

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """The effect at one event time (periods since the start)."""

    event: int
    estimate: float
    se: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Effect:
    """One estimator's answer. `estimand` is a code with a sentence (`estimand.*`); `points` its event study.

    `controls` says whether the study's controls entered; `raw` is the library's own result, for what builds on it.
    """

    estimator: str
    estimand: str
    estimate: float
    se: float
    low: float
    high: float
    p: float
    rows: int
    clusters: int
    controls: bool = False
    points: tuple[Point, ...] = ()
    pretest_p: float = np.nan
    raw: Any = None


def estimate(sample: Sample, estimator: str) -> Effect:
    """Run one estimator. Raises Refused where the sample is not one for it, with what would do instead."""
    if not sample.absorbing and estimator not in ("dcdh", "twfe"):
        raise Refused("evaluate.switches", name=estimator, where=sample.policy)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            effect = ESTIMATORS[estimator](sample)
    except (ValueError, np.linalg.LinAlgError) as fault:
        raise Refused("evaluate.unestimable", name=estimator, fault=str(fault).split("\n")[0][:160]) from fault
    if not np.isfinite(effect.estimate):
        raise Refused("evaluate.unestimable", name=estimator, fault="NaN")
    return effect


# -- two-way fixed effects -----------------------------------------------------------------------------------


def twfe(sample: Sample) -> Effect:
    """One coefficient on "treated now", entity and period effects; clusters as the study says."""
    d = (sample.path > 0).astype(float)
    fit = fit_twoway(sample, d[:, :, None])
    return _effect(sample, "twfe", "variance_weighted", fit, interval(fit, 0, sample), controls=_has_controls(sample))


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
        sample, "event_study", "event_mean", mean, interval(mean, 0, sample), controls=_has_controls(sample),
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
    import pyfixest

    n, t, k = x.shape
    index = {"unit": np.repeat(np.arange(n), t), "time": np.tile(np.arange(t), n)}
    frame = pd.DataFrame(index | {"y": sample.y.ravel(), "cluster": np.repeat(sample.clusters, t)})
    names = [f"z{i}" for i in range(k)]
    frame[names] = x.reshape(n * t, k)
    if sample.weights is not None:
        frame["weight"] = np.repeat(sample.weights, t)
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


# -- estimators that stand under staggered timing --------------------------------------------------------------


def callaway_santanna(sample: Sample) -> Effect:
    """ATT(g, t) against never- or not-yet-treated, averaged over treated cells."""
    import diff_diff

    names = {"never": "never_treated", "not_yet": "not_yet_treated"}
    model = diff_diff.CallawaySantAnna(
        control_group=names[sample.study.control_group], anticipation=sample.study.treatment.anticipation,
        **_common(sample), base_period="universal",
    )  # fmt: skip
    fit = model.fit(sample.frame(), **_columns(), covariates=_covariates(sample, baseline=True))
    study = fit.aggregate("event_study")
    return _of_library(sample, "callaway_santanna", "att_simple", fit, _points(study.to_dataframe()), baseline=True)


def sun_abraham(sample: Sample) -> Effect:
    """Cohort-by-event-time effects in one regression, averaged by the cohorts' shares."""
    import diff_diff

    model = diff_diff.SunAbraham(anticipation=sample.study.treatment.anticipation, **_common(sample))
    fit = model.fit(sample.frame(), **_columns(), covariates=_covariates(sample))
    return _of_library(sample, "sun_abraham", "att_simple", fit, _points_of(fit.event_study_effects))


def imputation(sample: Sample) -> Effect:
    """Untreated outcomes imputed from untreated cells; effects averaged over treated cells."""
    import diff_diff

    model = diff_diff.ImputationDiD(
        anticipation=sample.study.treatment.anticipation, pretrends=True, **_common(sample)
    )  # fmt: skip
    fit = model.fit(sample.frame(), **_columns(), covariates=_covariates(sample))
    study = fit.aggregate("event_study")
    return _of_library(sample, "imputation", "att_cells", fit, _points(study.to_dataframe()))


def etwfe(sample: Sample) -> Effect:
    """Two-way fixed effects with every cohort-by-period effect of its own, averaged over treated cells."""
    import diff_diff

    model = diff_diff.WooldridgeDiD(anticipation=sample.study.treatment.anticipation, **_common(sample))
    fit = model.fit(sample.frame(), **_columns(), exovar=_covariates(sample))
    study = fit.aggregate("event")
    return _of_library(sample, "etwfe", "att_cells", fit, _points_of(study.event_study_effects))


def stacked(sample: Sample) -> Effect:
    """One clean sub-experiment per cohort, stacked; the mean over the window after the start."""
    import diff_diff

    before, after = sample.study.window
    model = diff_diff.StackedDiD(
        kappa_pre=before, kappa_post=after, anticipation=sample.study.treatment.anticipation,
        alpha=1 - sample.study.inference.level,
    )  # fmt: skip
    fit = model.fit(sample.frame(), **_columns())
    return _of_library(sample, "stacked", "att_window", fit, _points_of(fit.event_study_effects), uses=False)


def dcdh(sample: Sample) -> Effect:
    """Switchers against those whose treatment stays, one period on; treatment may switch off.

    Where leavers have nobody to compare with (nobody stays treated), the library counts their effect as zero; then
    only the joiners' effect is given.
    """
    import diff_diff

    model = diff_diff.ChaisemartinDHaultfoeuille(
        alpha=1 - sample.study.inference.level, drop_larger_lower=sample.absorbing
    )
    fit = model.fit(sample.frame(), outcome="y", unit="unit", time="time", treatment="d")
    effect = _of_library(sample, "dcdh", "switchers", fit, (), uses=False)
    if _leavers_compared(sample):
        return effect
    low, high = fit.joiners_conf_int
    return replace(
        effect, estimand="joiners", estimate=float(fit.joiners_att), se=float(fit.joiners_se), low=float(low),
        high=float(high), p=float(fit.joiners_p_value),
    )  # fmt: skip


def _leavers_compared(sample: Sample) -> bool:
    """Does somebody stay treated in every period in which somebody leaves?"""
    on = sample.path > 0
    leaves = (on[:, :-1] & ~on[:, 1:]).any(axis=0)
    stays = (on[:, :-1] & on[:, 1:]).any(axis=0)
    return bool((~leaves | stays).all())


ESTIMATORS: Mapping[str, Callable[[Sample], Effect]] = {
    "twfe": twfe, "event_study": event_study, "callaway_santanna": callaway_santanna, "sun_abraham": sun_abraham,
    "imputation": imputation, "stacked": stacked, "etwfe": etwfe, "dcdh": dcdh,
}  # fmt: skip


# -- what they share ---------------------------------------------------------------------------------------------


def _columns() -> dict[str, str]:
    return {"outcome": "y", "unit": "unit", "time": "time", "first_treat": "g"}


def _common(sample: Sample) -> dict[str, Any]:
    by_entity = sample.study.inference.clusters == "entity"
    return {"alpha": 1 - sample.study.inference.level, "cluster": None if by_entity else "cluster"}


def _covariates(sample: Sample, *, baseline: bool = False) -> list[str] | None:
    names = [f"x{k}" for k in range(sample.varying.shape[2])]
    names += [f"b{k}" for k in range(sample.baseline.shape[1])] if baseline else []
    return names or None


def _has_controls(sample: Sample, *, baseline: bool = True) -> bool:
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


def _of_library(
    sample: Sample, estimator: str, estimand: str, fit: Any, points: tuple[Point, ...], *, baseline: bool = False,
    uses: bool = True,
) -> Effect:  # fmt: skip
    low, high = fit.overall_conf_int
    return Effect(
        estimator, estimand, float(fit.overall_att), float(fit.overall_se), float(low), float(high),
        float(fit.overall_p_value), int(fit.n_obs), len(np.unique(sample.clusters)),
        controls=uses and _has_controls(sample, baseline=baseline), points=points, raw=fit,
    )  # fmt: skip


def _points(frame: pd.DataFrame) -> tuple[Point, ...]:
    """The event study of a library that gives a frame; the reference period is left out."""
    rows = frame[~frame["is_reference"].astype(bool)]
    low, high = _bounds(rows.columns)
    return tuple(
        Point(int(e), float(b), float(se), float(lo), float(hi), float(p))
        for e, b, se, lo, hi, p in zip(
            rows["event_time"], rows["att"], rows["se"], rows[low], rows[high], rows["p_value"], strict=True
        )
        if np.isfinite(b)
    )


def _bounds(columns: Any) -> tuple[str, str]:
    return ("conf_int_lower", "conf_int_upper") if "conf_int_lower" in columns else ("ci_lower", "ci_upper")


def _points_of(effects: Mapping[Any, Mapping[str, Any]]) -> tuple[Point, ...]:
    """The event study of a library that gives event time -> effect."""
    points = []
    for event, told in sorted(effects.items()):
        low, high = (float(bound) for bound in told["conf_int"])
        if float(told["se"]) > 0:
            effect = float(told["effect"] if "effect" in told else told["att"])
            points.append(Point(int(event), effect, float(told["se"]), low, high, float(told["p_value"])))
    return tuple(points)
