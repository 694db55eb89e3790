"""The table that every paper begins with: the same comparison with and without controls and effects, side by side."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..words.codelist import Codelist
from ..words.log import Log
from ..words.method import method, needs
from ..words.note import warn
from ..words.panel import Panel
from ..words.result import Answer
from ..words.study import Study
from .audit import audit, forbid, no_stars, warnings_of
from .design import once, standing_table
from .did import outcome_of
from .estimators import estimate
from .fixest import fixest
from .register import standing
from .sample import Sample, draw
from .twoway import fit_twoway, interval

if TYPE_CHECKING:
    import pandas as pd

TERM = "treated"
Terms = dict[str, tuple[float, float, float, float, float]]


@method("evaluate.baseline", reads=needs(study="study"))
def baseline(
    panel: Panel, regions: Codelist, log: Log | None = None, *, study: Study, policy: str = "", outcome: str = ""
) -> Answer:
    """How does the estimate change as controls and fixed effects come in, and beside the headline?

    Shape    facts of one scenario  ->  one row per model and term; one row per model; summary statistics
    Unit     the outcome's
    Raises   Refused for the mistakes that the auditor does not make for you; UnknownWord, Misfit for facts
    """
    sample = draw(panel, regions, study, policy, outcome_of(study, outcome))
    findings = audit(sample)
    forbid(findings)
    told = standing(study, log)
    models = _models(sample)
    tables = {
        "coefficients": _coefficients(models),
        "models": _model_rows(models, sample),
        "describe": describe(sample),
        "standing": standing_table(told),
    }
    only_context = warn("baseline.context") if sample.staggered else None
    notes = (told.note, *sample.notes, *warnings_of(findings), *((only_context,) if only_context else ()))
    return Answer(tables=tables, notes=once(notes))


Model = dict[str, Any]


def _models(sample: Sample) -> list[Model]:
    """Pooled, then two-way effects, each without and with controls; the headline last."""
    n, t = sample.shape
    d = (sample.path > 0).astype(float)[:, :, None]
    bare = replace(sample, varying=np.empty((n, t, 0)), baseline=np.empty((n, 0)))
    has = bool(sample.varying.shape[2] or sample.baseline.shape[1])
    models: list[Model] = []
    for effects in (False, True):
        for part in (bare, sample) if has else (bare,):
            with_controls = part is sample
            if effects:
                fit = fit_twoway(part, d)
                names = [TERM, *(c.code for c in part.controls_of["varying"])] if with_controls else [TERM]
                terms: Terms = {name: interval(fit, k, part) for k, name in enumerate(names)}
                size = {"rows": fit.rows, "clusters": fit.clusters, "r2": fit.r2_within}
            else:
                terms, size = _pooled(part, with_controls)
            models.append({"estimator": "twfe" if effects else "pooled", "terms": terms, "controls": with_controls,
                           "entity_effects": effects, "period_effects": effects} | size)  # fmt: skip
    head = estimate(sample, sample.study.headline)
    told = (head.estimate, head.se, head.low, head.high, head.p)
    models.append({"estimator": head.estimator, "terms": {TERM: told}, "controls": head.controls,
                   "entity_effects": True, "period_effects": True, "rows": head.rows, "clusters": head.clusters,
                   "r2": float("nan")})  # fmt: skip
    return models


def _pooled(sample: Sample, with_controls: bool) -> tuple[Terms, dict[str, Any]]:
    """Least squares without effects, a constant, clusters as the study says."""
    frame = sample.frame()
    names = {"d": TERM}
    if with_controls:
        names |= {f"x{k}": c.code for k, c in enumerate(sample.controls_of["varying"])}
        names |= {f"b{k}": c.code for k, c in enumerate(sample.controls_of["baseline"])}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, about what the library calls
        fit = fixest().feols(f"y ~ {' + '.join(names)}", frame, vcov={"CRV1": "cluster"})
    bounds = fit.confint(alpha=1 - sample.study.inference.level)
    terms = {
        label: (float(fit.coef()[name]), float(fit.se()[name]), float(bounds.loc[name].iloc[0]),
                float(bounds.loc[name].iloc[1]), float(fit.pvalue()[name]))
        for name, label in names.items()
    }  # fmt: skip
    return terms, {"rows": int(fit._N), "clusters": int(fit._G[0]), "r2": float(fit._r2)}


def _coefficients(models: list[Model]) -> pd.DataFrame:
    """model (1, 2 ...), term, estimate, se, low, high, p"""
    import pandas as pd

    rows = [(k, term, *told) for k, model in enumerate(models, 1) for term, told in model["terms"].items()]
    return pd.DataFrame(rows, columns=["model", "term", "estimate", "se", "low", "high", "p"])


def _model_rows(models: list[Model], sample: Sample) -> pd.DataFrame:
    """model, estimator, controls, entity_effects, period_effects, rows, clusters, r2, stars (may they be drawn?)"""
    import pandas as pd

    names = ["estimator", "controls", "entity_effects", "period_effects", "rows", "clusters", "r2"]
    stars = no_stars(sample).level == "ok"
    rows = [(k, *(model[name] for name in names), stars) for k, model in enumerate(models, 1)]
    return pd.DataFrame(rows, columns=["model", *names, "stars"])


def describe(sample: Sample) -> pd.DataFrame:
    """Summary statistics of outcome, treatment and controls: variable, rows, mean, sd, min, median, max."""
    import pandas as pd

    frame = sample.frame()
    names = {"y": sample.outcome.code, "d": TERM}
    names |= {f"x{k}": c.code for k, c in enumerate(sample.controls_of["varying"])}
    names |= {f"b{k}": c.code for k, c in enumerate(sample.controls_of["baseline"])}
    rows = []
    for column, label in names.items():
        values = frame[column].to_numpy(float)
        spread = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
        low, middle, high = (float(v) for v in np.quantile(values, [0, 0.5, 1]))
        rows.append((label, len(values), float(values.mean()), spread, low, middle, high))
    return pd.DataFrame(rows, columns=["variable", "rows", "mean", "sd", "min", "median", "max"])
