"""Every estimator behind one shape: an Effect says what it estimates, how much, how surely, and over time.

The estimators that stand under staggered timing are diff-diff's; two-way fixed effects are in `twoway`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..words.errors import Refused
from .effect import Effect, Point
from .sample import Sample
from .twoway import event_study, has_controls, twfe

Array = NDArray[np.float64]


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


# -- estimators that stand under staggered timing --------------------------------------------------------------


def callaway_santanna(sample: Sample) -> Effect:
    """ATT(g, t) against never- or not-yet-treated, averaged over treated cells."""
    import diff_diff

    names = {"never": "never_treated", "not_yet": "not_yet_treated"}
    model = diff_diff.CallawaySantAnna(
        control_group=names[sample.study.control_group], anticipation=sample.study.treatment.anticipation,
        **_common(sample), base_period="universal",
    )  # fmt: skip
    fit = model.fit(sample.rows, **_columns(), covariates=_covariates(sample, baseline=True))
    study = fit.aggregate("event_study")
    return _of_library(sample, "callaway_santanna", "att_simple", fit, _points(study), baseline=True)


def sun_abraham(sample: Sample) -> Effect:
    """Cohort-by-event-time effects in one regression, averaged by the cohorts' shares."""
    import diff_diff

    model = diff_diff.SunAbraham(anticipation=sample.study.treatment.anticipation, **_common(sample))
    fit = model.fit(sample.rows, **_columns(), covariates=_covariates(sample))
    return _of_library(sample, "sun_abraham", "att_simple", fit, _points_of(fit.event_study_effects))


def imputation(sample: Sample) -> Effect:
    """Untreated outcomes imputed from untreated cells; effects averaged over treated cells."""
    import diff_diff

    model = diff_diff.ImputationDiD(
        anticipation=sample.study.treatment.anticipation, pretrends=True, **_common(sample)
    )  # fmt: skip
    fit = model.fit(sample.rows, **_columns(), covariates=_covariates(sample))
    study = fit.aggregate("event_study")
    return _of_library(sample, "imputation", "att_cells", fit, _points(study))


def etwfe(sample: Sample) -> Effect:
    """Two-way fixed effects with every cohort-by-period effect of its own, averaged over treated cells."""
    import diff_diff

    model = diff_diff.WooldridgeDiD(anticipation=sample.study.treatment.anticipation, **_common(sample))
    fit = model.fit(sample.rows, **_columns(), exovar=_covariates(sample))
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
    fit = model.fit(sample.rows, **_columns())
    effect = _of_library(sample, "stacked", "att_window", fit, _points_of(fit.event_study_effects), uses=False)
    return replace(effect, clusters=len(sample.entities))


def dcdh(sample: Sample) -> Effect:
    """Switchers against those whose treatment stays, one period on; treatment may switch off.

    Where leavers have nobody to compare with (nobody stays treated), the library counts their effect as zero; then
    only the joiners' effect is given.
    """
    import diff_diff

    model = diff_diff.ChaisemartinDHaultfoeuille(
        alpha=1 - sample.study.inference.level, drop_larger_lower=sample.absorbing, placebo=False,
        twfe_diagnostic=False,  # it writes out a dummy per entity: minutes with thousands; `negative_weights` is ours
    )  # fmt: skip
    fit = model.fit(sample.rows, outcome="y", unit="unit", time="time", treatment="d")
    effect = replace(_of_library(sample, "dcdh", "switchers", fit, (), uses=False), clusters=len(sample.entities))
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


BY_ENTITY = ("stacked", "dcdh")
"""Estimators whose library knows no other clusters than entities."""

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


def _of_library(
    sample: Sample, estimator: str, estimand: str, fit: Any, points: tuple[Point, ...], *, baseline: bool = False,
    uses: bool = True,
) -> Effect:  # fmt: skip
    low, high = fit.overall_conf_int
    return Effect(
        estimator, estimand, float(fit.overall_att), float(fit.overall_se), float(low), float(high),
        float(fit.overall_p_value), int(fit.n_obs), len(np.unique(sample.clusters)),
        controls=uses and has_controls(sample, baseline=baseline), points=points, raw=fit,
    )  # fmt: skip


def _points(study: Any) -> tuple[Point, ...]:
    """The event study of a library that gives arrays by event time; the reference period is left out."""
    columns = (study.att, study.se, study.conf_int_lower, study.conf_int_upper, study.p_value)
    return tuple(
        Point(int(event), *(float(column[n]) for column in columns))
        for n, event in enumerate(study.event_time)
        if not study.is_reference[n] and np.isfinite(study.att[n])
    )


def _points_of(effects: Mapping[Any, Mapping[str, Any]]) -> tuple[Point, ...]:
    """The event study of a library that gives event time -> effect."""
    points = []
    for event, told in sorted(effects.items()):
        low, high = (float(bound) for bound in told["conf_int"])
        if float(told["se"]) > 0:
            effect = float(told["effect"] if "effect" in told else told["att"])
            points.append(Point(int(event), effect, float(told["se"]), low, high, float(told["p_value"])))
    return tuple(points)
