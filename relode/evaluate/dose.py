"""A policy that comes in doses: the effect of being treated, of one unit more, and the curve between."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..words.codelist import Codelist
from ..words.errors import Refused
from ..words.log import Log
from ..words.method import method, needs
from ..words.note import remark, warn
from ..words.panel import Panel
from ..words.result import Answer, Chart
from ..words.study import Study
from .audit import audit, forbid, warnings_of
from .design import once
from .did import outcome_of
from .register import standing
from .sample import Sample, draw

LEAST_DOSES = 5


@method("evaluate.dose", reads=needs(study="study"))
def dose(
    panel: Panel, regions: Codelist, log: Log | None = None, *, study: Study, policy: str = "", outcome: str = ""
) -> Answer:
    """How does the effect grow with the dose of the policy?

    Shape    facts of one scenario, doses of the calendar  ->  one row per estimand; the curve by dose
    Unit     effects in the outcome's unit; `slope` per unit of dose
    Raises   Refused with fewer than five distinct doses, or where a dose changes over time; UnknownWord, Misfit
    """
    import pandas as pd

    sample = draw(panel, regions, study, policy, outcome_of(study, outcome))
    findings = [finding for finding in audit(sample) if finding.guard != "doses"]
    forbid(findings)
    fit = _fit(sample)
    effects = pd.DataFrame(
        [("dose_att", *_told(fit, "overall_att")), ("dose_slope", *_told(fit, "overall_acrt"))],
        columns=["estimand", "estimate", "se", "low", "high", "p"],
    )
    curve = fit.dose_response_att
    told = pd.DataFrame(
        {"dose": curve.dose_grid, "estimate": curve.effects, "low": curve.conf_int_lower, "high": curve.conf_int_upper}
    )
    doses = np.unique(sample.path[sample.path > 0])
    notes = (
        standing(study, log).note, *sample.notes, *warnings_of(findings),
        remark("evaluate.doses", count=len(doses), low=f"{doses.min():.4g}", high=f"{doses.max():.4g}"),
        warn("evaluate.dose_trends"),
    )  # fmt: skip
    details = {"policy": sample.policy, "outcome": sample.outcome.code, "unit": sample.outcome.effect_unit}
    charts = (Chart("dose_curve", "curve", "chart.dose_curve", details),)
    return Answer(tables={"effects": effects, "curve": told}, charts=charts, notes=once(notes))


def _fit(sample: Sample) -> Any:
    """Continuous difference in differences (Callaway, Goodman-Bacon and Sant'Anna 2024), a straight line in dose."""
    import diff_diff

    on = sample.path > 0
    levels = np.where(on.any(axis=1), sample.path.max(axis=1), 0.0)
    if (on & (sample.path != levels[:, None])).any():
        raise Refused("evaluate.dose_changes", name=sample.policy)
    if len(np.unique(levels[levels > 0])) < LEAST_DOSES:
        raise Refused("evaluate.few_doses", name=sample.policy, least=LEAST_DOSES)
    frame = sample.frame()
    frame["dose"] = levels[frame["unit"].to_numpy()]
    study = sample.study.inference
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = diff_diff.ContinuousDiD(
            degree=1, num_knots=0, alpha=1 - study.level, n_bootstrap=study.draws, seed=study.seed,
            anticipation=sample.study.treatment.anticipation,
        )  # fmt: skip
        return model.fit(frame, outcome="y", unit="unit", time="time", first_treat="g", dose="dose")


def _told(fit: Any, name: str) -> tuple[float, float, float, float, float]:
    low, high = getattr(fit, f"{name}_conf_int")
    return tuple(float(v) for v in (getattr(fit, name), getattr(fit, f"{name}_se"), low, high,
                                    getattr(fit, f"{name}_p_value")))  # type: ignore[return-value] # fmt: skip
