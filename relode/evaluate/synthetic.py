"""One region at a time: synthetic control with its placebo fan, and synthetic difference in differences."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated

import numpy as np

from ..maths.synthetic import gaps, rmspe_ratio, simplex_weights
from ..words.choice import EntityCode, Within
from ..words.codelist import Codelist
from ..words.errors import Refused
from ..words.log import Log
from ..words.method import method, needs
from ..words.note import remark, warn
from ..words.panel import Panel
from ..words.result import Answer, Chart
from ..words.study import Study
from .design import once
from .did import outcome_of
from .register import standing
from .sample import Sample, draw

if TYPE_CHECKING:
    import pandas as pd

LEAST_BEFORE = 4


@method("evaluate.synthetic", reads=needs(study="study"))
def synthetic(
    panel: Panel, regions: Codelist, log: Log | None = None, *, study: Study, entity: EntityCode = "",
    policy: str = "", outcome: str = "", placebos: Annotated[int, Within(20, 2000)] = 200,
) -> Answer:  # fmt: skip
    """What would have become of one treated entity (or of the mean of those that start together) without the policy?

    Shape    facts of one scenario  ->  one row per estimator; the gap by period, donor weights, the placebo fan
    Unit     the outcome's
    Raises   Refused with fewer than four periods before, without donors, or where several start at different times
             and none is named; UnknownWord, Misfit for facts
    """
    import pandas as pd

    sample = draw(panel, regions, study, policy, outcome_of(study, outcome))
    treated, begin = chosen(sample, entity)
    donors = np.flatnonzero(sample.start >= len(sample.periods))
    y = np.vstack([sample.y[treated].mean(axis=0), sample.y[donors]])
    weights = simplex_weights(y[0, :begin], y[1:, :begin].T)
    fan = gaps(y, begin)
    ratio = rmspe_ratio(fan, begin)
    p = float((ratio >= ratio[0] - 1e-12).mean())
    twin = synthetic_did(sample, treated, donors, begin, placebos)
    table = pd.DataFrame(
        [
            ("synthetic_control", "att_treated", float(fan[0, begin:].mean()), np.nan, np.nan, np.nan, p),
            ("synthetic_did", "att_treated", *twin.values()),
        ],
        columns=["estimator", "estimand", "estimate", "se", "low", "high", "p"],
    )
    named = [sample.entities[i] for i in donors]
    tables = {
        "effects": table,
        "path": _path_table(sample, y, fan, begin),
        "donors": pd.DataFrame({"entity": named, "weight": weights}).query("weight > 1e-6").sort_values(
            ["weight", "entity"], ascending=[False, True], ignore_index=True
        ),
        "fan": _fan_table(sample, fan, named, ratio),
    }  # fmt: skip
    fit = float(np.sqrt(np.square(fan[0, :begin]).mean()) / max(float(sample.y[:, :begin].std()), 1e-300))
    notes = [standing(study, log).note, *sample.notes, remark("evaluate.donors", count=len(donors), before=begin)]
    notes += [warn("evaluate.poor_fit", share=f"{fit:.0%}")] if fit > 0.25 else []
    details = {"policy": sample.policy, "outcome": sample.outcome.code, "unit": sample.outcome.unit}
    charts = (
        Chart("synthetic", "path", "chart.synthetic", details),
        Chart("placebo_fan", "fan", "chart.placebo_fan", details),
    )
    return Answer(tables=tables, charts=charts, notes=once(tuple(notes)))


def chosen(sample: Sample, entity: str) -> tuple[np.typing.NDArray[np.intp], int]:
    """Positions of the treated and how many periods come before. Raises UnknownWord or Refused."""
    from ..words.errors import UnknownWord

    t = len(sample.periods)
    if not sample.balanced:
        raise Refused("evaluate.synthetic_gaps", name=sample.outcome.code)
    if entity:
        treated = [e for e, s in zip(sample.entities, sample.start, strict=True) if s < t]
        if entity not in treated:
            raise UnknownWord("evaluate.not_treated", name=entity, where=sample.policy, expected=treated)
        found = np.array([sample.entities.index(entity)])
    elif sample.staggered:
        raise Refused("evaluate.synthetic_staggered", name=sample.policy, count=len(sample.cohorts))
    else:
        found = np.flatnonzero(sample.start < t)
    begin = int(sample.start[found].min())
    if begin < LEAST_BEFORE or not (sample.start >= t).any():
        raise Refused("evaluate.synthetic_before", name=sample.policy, count=begin, least=LEAST_BEFORE)
    return found, begin


def synthetic_did(
    sample: Sample, treated: np.typing.NDArray[np.intp], donors: np.typing.NDArray[np.intp], begin: int, placebos: int
) -> dict[str, float]:
    """Synthetic DiD with placebo errors (Arkhangelsky et al. 2021): estimate, se, low, high, p."""
    import diff_diff
    import pandas as pd

    rows = np.concatenate([treated, donors])
    t = len(sample.periods)
    frame = pd.DataFrame(
        {
            "unit": np.repeat(rows, t),
            "time": np.tile(np.arange(t), len(rows)),
            "y": sample.y[rows].ravel(),
            "d": np.repeat(np.isin(rows, treated).astype(int), t),
        }
    )
    study = sample.study.inference
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = diff_diff.SyntheticDiD(n_bootstrap=placebos, seed=study.seed, alpha=1 - study.level)
        fit = model.fit(
            frame, outcome="y", treatment="d", unit="unit", time="time", post_periods=list(range(begin, t))
        )  # fmt: skip
    low, high = fit.conf_int
    told = {"estimate": fit.att, "se": fit.se, "low": low, "high": high, "p": fit.p_value}
    return {name: float(value) for name, value in told.items()}


def _path_table(
    sample: Sample, y: np.typing.NDArray[np.float64], fan: np.typing.NDArray[np.float64], begin: int
) -> pd.DataFrame:
    """period, actual, synthetic, gap, after"""
    import pandas as pd

    columns = {"period": sample.periods, "actual": y[0], "synthetic": y[0] - fan[0], "gap": fan[0]}
    return pd.DataFrame(columns).assign(after=np.arange(len(sample.periods)) >= begin)


def _fan_table(
    sample: Sample, fan: np.typing.NDArray[np.float64], donors: list[str], ratio: np.typing.NDArray[np.float64]
) -> pd.DataFrame:
    """entity (empty = the treated), period, gap, ratio (root mean square after over before)"""
    import pandas as pd

    t = len(sample.periods)
    names = ["", *donors]
    return pd.DataFrame(
        {
            "entity": np.repeat(np.array(names, object), t),
            "period": np.tile(np.array(sample.periods, object), len(names)),
            "gap": fan.ravel(),
            "ratio": np.repeat(ratio, t),
        }
    )
