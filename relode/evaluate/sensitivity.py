"""What an effect leans on: two-way weights, parallel trends, the power of the test of them, the date rule."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..words.codelist import Codelist
from ..words.errors import RelodeError
from ..words.panel import Panel
from ..words.policy import DATE_RULES
from ..words.study import Study
from .audit import SMALL_COHORT
from .effect import Effect
from .estimators import estimate
from .sample import Sample, draw
from .twoway import joint_p

if TYPE_CHECKING:
    import pandas as pd

WEAK = 0.5


@dataclass(frozen=True)
class Trends:
    """What the periods before say. `mdv` is the slope per period that the test would see with 80 % power.

    `power`      of the test against the slope that would explain the whole effect
    `breakdown`  how many times the largest violation before may recur after, until the interval holds zero
    `low`, `high` interval of the mean effect if violations after are at most as large as before
    """

    joint_p: float
    leads: int
    mdv: float
    slope: float
    power: float
    breakdown: float
    low: float
    high: float

    @property
    def violated(self) -> bool:
        """Do the leads, taken together, differ from zero at 5 %?"""
        return self.joint_p < 0.05

    @property
    def weak(self) -> bool:
        """Would the test miss, more often than not, a trend that explains the whole effect?"""
        return self.power < WEAK


def trends(effect: Effect, sample: Sample) -> Trends | None:
    """Joint test of the leads, its power (Roth 2022) and HonestDiD (Rambachan and Roth 2023); None without leads."""
    study = _event_study(effect)
    if study is None or study.vcov is None:
        return None
    study = _well_founded(study, sample)
    events, covariance = np.asarray(study.vcov_index, int), np.asarray(study.vcov, float)
    b = np.array([study.att[list(study.event_time).index(e)] for e in events], float)
    before = np.flatnonzero((events < -1) & np.isfinite(b))
    after = np.flatnonzero(events >= 0)
    if not len(before) or not len(after):
        return None
    slope = float(abs(b[after].mean()) / (events[after].mean() + 1))
    p = joint_p(b[before], covariance[np.ix_(before, before)], max(effect.clusters - 1, 1))
    mdv, power = _quietly(lambda: _pretrend_power(study, slope, sample))
    breakdown, low, high = _quietly(lambda: _honest(study, sample), 3)
    return Trends(p, len(before), mdv, slope, power, breakdown, low, high)


def mean_effect(effect: Effect) -> Effect | None:
    """The plain mean over event times after the start, of an effect that has an event study with its covariance."""
    from scipy.stats import norm

    study = _event_study(effect)
    if study is None or study.vcov is None:
        return None
    events = np.asarray(study.vcov_index, int)
    after = np.flatnonzero(events >= 0)
    share = np.full(len(after), 1 / len(after))
    b = float(share @ [study.att[list(study.event_time).index(e)] for e in events[after]])
    se = float(np.sqrt(share @ np.asarray(study.vcov)[np.ix_(after, after)] @ share))
    reach = float(norm.ppf(1 - study.alpha / 2)) * se
    return replace(
        effect, estimand="event_mean", estimate=b, se=se, low=b - reach, high=b + reach,
        p=float(2 * norm.sf(abs(b / se))), points=(),
    )  # fmt: skip


def bacon(sample: Sample) -> pd.DataFrame:
    """What TWFE compares with what (Goodman-Bacon 2021): comparison, weight, estimate; `forbidden` uses the treated.

    Needs a balanced panel without weights; controls are left aside.
    """
    import diff_diff
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = diff_diff.BaconDecomposition().fit(
            sample.rows, outcome="y", unit="unit", time="time", first_treat="g"
        )  # fmt: skip
    rows = (
        ("never", fit.total_weight_treated_vs_never, fit.weighted_avg_treated_vs_never),
        ("not_yet", fit.total_weight_earlier_vs_later, fit.weighted_avg_earlier_vs_later),
        ("forbidden", fit.total_weight_later_vs_earlier, fit.weighted_avg_later_vs_earlier),
    )
    kept = [(name, float(w or 0), float("nan") if b is None else float(b)) for name, w, b in rows]
    return pd.DataFrame(kept, columns=["comparison", "weight", "estimate"])


def negative_weights(sample: Sample) -> tuple[int, float]:
    """How many treated cohort-periods TWFE weighs negatively, and their sum: weight of cell = its demeaned treatment.

    Source   de Chaisemartin and D'Haultfoeuille (2020)
    """
    from ..maths.panelfit import demean

    on = sample.path > 0
    z = demean(on.astype(float))
    weight = np.where(on, z, 0.0) / z[on].sum()
    cells = {(int(c), t): weight[sample.start == c, t].sum() for c in sample.cohorts for t in range(sample.shape[1])}
    negative = [w for w in cells.values() if w < -1e-12]
    return len(negative), float(sum(negative))


def by_date_rule(panel: Panel, regions: Codelist, study: Study, policy: str, outcome: Any) -> pd.DataFrame:
    """The headline under every date rule; `moved` counts the entities whose start differs from the study's rule."""
    import pandas as pd

    chosen = draw(panel, regions, study, policy, outcome)
    begun = dict(zip(chosen.entities, chosen.start, strict=True))
    rows = []
    for rule in DATE_RULES:
        sample = draw(panel, regions, study, policy, outcome, rule)
        moved = sum(begun.get(e) != s for e, s in zip(sample.entities, sample.start, strict=True))
        try:
            told = estimate(sample, study.headline)
            found = (told.estimate, told.se, told.low, told.high, told.p)
        except RelodeError:
            found = (np.nan,) * 5
        rows.append((rule, rule == study.treatment.rule, moved, *found))
    return pd.DataFrame(rows, columns=["rule", "chosen", "moved", "estimate", "se", "low", "high", "p"])


def _event_study(effect: Effect) -> Any:
    return effect.raw.aggregate("event_study") if effect.estimator == "callaway_santanna" else None


def _well_founded(study: Any, sample: Sample) -> Any:
    """The event times that rest on at least `SMALL_COHORT` treated entities: the covariance of fewer means nothing."""
    counts = treated_at(sample, study.event_time)
    keep = np.asarray(study.is_reference) | ((counts >= SMALL_COHORT) & np.isfinite(study.att))
    names = ("att", "se", "t_stat", "p_value", "conf_int_lower", "conf_int_upper", "n", "is_reference", "event_time")
    kept = {name: np.asarray(getattr(study, name))[keep] for name in names}
    at = np.isin(study.vcov_index, kept["event_time"])
    return replace(
        study, **kept, df=None, cband_lower=None, cband_upper=None,
        vcov=np.asarray(study.vcov)[np.ix_(at, at)], vcov_index=np.asarray(study.vcov_index)[at],
    )  # fmt: skip


def treated_at(sample: Sample, events: Any) -> Any:
    """How many treated entities are seen at each event time: (k,)."""
    sizes = np.array([(sample.start == c).sum() for c in sample.cohorts])
    t = len(sample.periods)
    return np.array([sizes[(sample.cohorts + e >= 0) & (sample.cohorts + e < t)].sum() for e in events])


def _pretrend_power(study: Any, slope: float, sample: Sample) -> tuple[float, float]:
    import diff_diff

    model = diff_diff.PreTrendsPower(alpha=0.05, power=0.8, pretest_form="wald")
    return float(model.fit(study).mdv), float(model.power_at(study, slope))


def _honest(study: Any, sample: Sample) -> tuple[float, float, float]:
    import diff_diff

    model = diff_diff.HonestDiD(method="relative_magnitude", alpha=1 - sample.study.inference.level)
    at_one = model.fit(study, M=1.0)
    breakdown = model.breakdown_value(study)
    return (float("nan") if breakdown is None else float(breakdown)), float(at_one.ci_lb), float(at_one.ci_ub)


def _quietly(ask: Any, count: int = 2) -> Any:
    """The library's answer, NaN where it cannot give one (too few leads, a singular covariance)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ask()
    except (ValueError, np.linalg.LinAlgError):
        return (float("nan"),) * count
