"""What a policy cost, what a unit of effect cost, and which policies took much and gave little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..words.study import Outcome, Study
from .effect import Effect
from .sample import Sample

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Case:
    """One policy and outcome, judged. `effect` is None where nothing could be estimated."""

    policy: str
    outcome: Outcome
    verdict: str
    reasons: tuple[str, ...]
    effect: Effect | None = None
    sample: Sample | None = None

    @property
    def good(self) -> float:
        """The estimate, counted in the good direction."""
        return self.outcome.good * self.effect.estimate if self.effect else float("nan")

    def chance(self, least: float) -> float:
        """The probability that the effect, in the good direction, exceeds `least`."""
        from scipy.stats import norm

        if self.effect is None or not self.effect.se > 0:
            return float("nan")
        return float(norm.cdf((self.good - least) / self.effect.se))


def costs_table(cases: list[Case], study: Study) -> pd.DataFrame:
    """Cost per unit of effect: policy, outcome, cost, cost_unit, delivered, per_unit, per_unit_low, per_unit_high.

    `delivered` is the effect in the good direction, summed over treated entities and periods; the interval of the
    ratio is the cost over the ends of the effect's interval, open (inf) where that holds zero.
    """
    import pandas as pd

    rows = []
    for case in cases:
        cost = _cost(case, study)
        cells = int((case.sample.path > 0).sum()) if case.sample else 0
        delivered, low, high = case.good * cells, np.nan, np.nan
        if case.effect:
            ends = sorted(case.outcome.good * b * cells for b in (case.effect.low, case.effect.high))
            low = cost / ends[1] if ends[1] > 0 else np.inf
            high = cost / ends[0] if ends[0] > 0 else np.inf
        ratio = cost / delivered if delivered > 0 else np.inf if case.effect else np.nan
        unit = study.calendar[case.policy].cost_unit
        rows.append((case.policy, case.outcome.code, cost, unit, delivered, *(
            (ratio, low, high) if np.isfinite(cost) else (np.nan,) * 3)))  # fmt: skip
    names = ["policy", "outcome", "cost", "cost_unit", "delivered", "per_unit", "per_unit_low", "per_unit_high"]
    return pd.DataFrame(rows, columns=names)


def _cost(case: Case, study: Study) -> float:
    """What was spent in the entities of the sample; NaN where one row of the calendar does not say."""
    ours = set(case.sample.entities) if case.sample else set()
    spent = [row.cost for row in study.calendar.of(case.policy) if row.entity in ours]
    return float(sum(c for c in spent if c is not None)) if spent and None not in spent else float("nan")


def negative_list(cases: list[Case], costs: pd.DataFrame, heavy: float) -> pd.DataFrame:
    """Large input, small output: policy, outcome, cost, large, p_small, p_negative, listed; the surest first.

    `p_small` is the probability that the effect stays below the smallest worth having (0 where none is stated),
    `p_negative` that of belonging on the list: p_small if the input is large, else 0; `listed` from 0.8 on.
    """
    table = costs[["policy", "outcome", "cost"]].copy()
    known = table["cost"].dropna()
    line = float(known.quantile(heavy)) if len(known) else float("nan")
    table["large"] = table["cost"] >= line
    table["p_small"] = [1 - case.chance(case.outcome.smallest or 0.0) for case in cases]
    table["p_negative"] = np.where(table["large"], table["p_small"], np.where(table["cost"].isna(), np.nan, 0.0))
    table["identified"] = [case.verdict != "unknown" or case.reasons == ("imprecise",) for case in cases]
    table["listed"] = (table["p_negative"] >= 0.8) & table["identified"]
    return table.sort_values(["p_negative", "policy", "outcome"], ascending=[False, True, True], ignore_index=True)
