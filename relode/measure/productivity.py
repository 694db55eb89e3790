"""Green productivity: how it changes from period to period, and through whom - those behind, or the frontier."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd

from relode.maths import programs
from relode.maths.frontier import Programs, Solved, solve
from relode.maths.numbers import Array
from relode.maths.programs import Amounts
from relode.words.choice import Within
from relode.words.errors import Refused
from relode.words.indicator import Indicator
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.result import Answer, Chart
from relode.words.texts import say

from .productivity_amounts import Measured, certified, measured

Index = Literal["global_luenberger", "luenberger", "global_slacks", "malmquist"]


@method("measure.productivity", reads=needs(indicators=("inputs", "outputs", "bads")))
def productivity(
    panel: Panel, *, inputs: tuple[str, ...], outputs: tuple[str, ...], bads: tuple[str, ...] = (),
    index: Index = "global_luenberger", returns: Literal["constant", "variable"] = "constant", weak: bool = False,
    draws: Annotated[int, Within(0, 10_000)] = 500, seed: int = 1,
) -> Answer:  # fmt: skip
    """How did productivity, bad outputs counted, change - by catching up, or because the best moved on?

    Shape    amounts by entity and period, the panel balanced -> one row per entity and pair of neighbouring periods
    Unit     1 = no change; change = catching_up x frontier_shift; NaN where a distance is infeasible
    Raises   Refused for an unbalanced panel or Malmquist with bad outputs; Misfit for amounts that cannot be measured
    """
    if index == "malmquist" and bads:
        raise Refused("productivity.malmquist_bads", name=", ".join(bads))
    amounts = measured(panel, inputs, outputs, bads, balanced=True)
    distances = _Distances(amounts, index, returns, weak)
    table = pd.DataFrame(_changes(amounts, distances))
    notes = [*amounts.notes, *distances.notes(), *_infeasible(table)]
    if index == "luenberger" and bads:
        notes.append(remark("productivity.not_transitive"))
    if index in ("luenberger", "malmquist") and returns == "variable":
        notes.append(remark("productivity.variable"))
    tables = {"change": table, "paths": _paths(table), "mean": _means(table, amounts, draws, seed)}
    charts = (
        Chart("lines", "mean", "productivity.chart", {"value": "value", "by": "part"}),
        Chart("map", "change", "productivity.chart.map", {"value": "change"}),
    )
    return Answer(tables, facts=_facts(table, index), defines=_defines(index), charts=charts, notes=(*notes,))


class _Distances:
    """Scores of one period's units against a reference set; the better unit has the larger one.

    slacks: rho; radial: theta; directional: 1 / (1 + beta), so that every index is a ratio of such scores.
    """

    def __init__(self, amounts: Measured, index: Index, returns: str, weak: bool):
        self.amounts, self.index, self.returns, self.weak = amounts, index, returns, weak
        self.solved: list[Solved] = []
        periods = range(len(amounts.periods))
        self.own = [self._solve(amounts.at(t), amounts.at(t), programs.promising(amounts.at(t))) for t in periods]
        self.carriers = [found.carriers for found in self.own]
        self.everyone = self._everyone() if index.startswith("global") else []

    def _programs(self, units: Amounts, reference: Amounts) -> Programs:
        if self.index == "global_slacks":
            return programs.slacks_based(units, reference, self.returns, "both", None)
        if self.index == "malmquist":
            return programs.radial(units, reference, self.returns, "input")
        return programs.directional(units, reference, self.returns, (0.0, 1.0, 1.0), self.weak)

    def _solve(self, units: Amounts, reference: Amounts, start: Any) -> Solved:
        found = solve(self._programs(units, reference), start)
        self.solved.append(found)
        return found

    def _everyone(self) -> list[Solved]:
        """Against all periods at once, starting from those who carry the frontier of their own period."""
        pooled, n = self.amounts.pooled, len(self.amounts.entities)
        start = np.concatenate([t * n + carriers for t, carriers in enumerate(self.carriers)])
        best = solve(self._programs(pooled.only(start), pooled), programs.promising(pooled)).carriers
        return [self._solve(self.amounts.at(t), pooled, best) for t in range(len(self.carriers))]

    def score(self, found: Solved) -> Array:
        """The score that a solved program stands for."""
        if self.index in ("global_slacks", "malmquist"):
            return found.value
        with np.errstate(divide="ignore"):
            score: Array = np.where(found.value < 1, 1 / (1 - found.value), np.nan)
        return score

    def across(self, t: int, reference: int) -> Array:
        """Units of period t against the frontier of another."""
        found = self._solve(self.amounts.at(t), self.amounts.at(reference), self.carriers[reference])
        return self.score(found)

    def notes(self) -> list[Note]:
        """What the certificates of all programs say together."""
        return certified(self.solved)


def _changes(amounts: Measured, distances: _Distances) -> list[dict[str, Any]]:
    rows = []
    for t in range(len(amounts.periods) - 1):
        before, after = distances.score(distances.own[t]), distances.score(distances.own[t + 1])
        catching_up = after / before
        if distances.everyone:
            first, last = (distances.score(distances.everyone[n]) for n in (t, t + 1))
            change = last / first
            shift = change / catching_up
        else:
            shift = np.sqrt(
                distances.across(t + 1, t) / after * before / distances.across(t, t + 1)
            )  # the frontier's move, seen from where the unit was and from where it is
            change = catching_up * shift
        for n, entity in enumerate(amounts.entities):
            rows.append({"entity": entity, "period": amounts.periods[t + 1], "change": float(change[n]),
                         "catching_up": float(catching_up[n]), "frontier_shift": float(shift[n])})  # fmt: skip
    return rows


def _infeasible(table: pd.DataFrame) -> list[Note]:
    lost = table[table["change"].isna()]
    if not len(lost):
        return []
    return [
        warn("productivity.infeasible", count=len(lost), of=len(table), names=", ".join(lost["entity"].unique()[:5]))
    ]


def _paths(table: pd.DataFrame) -> pd.DataFrame:
    """The changes of each entity, multiplied up from the first period."""
    paths = table.copy()
    for name in ("change", "catching_up", "frontier_shift"):
        paths[name] = table.groupby("entity", sort=False)[name].transform(lambda part: part.cumprod(skipna=False))
    return paths


def _means(table: pd.DataFrame, amounts: Measured, draws: int, seed: int) -> pd.DataFrame:
    """Geometric means over entities, and how they vary when whole entities are drawn anew (frontiers as found)."""
    rng = np.random.default_rng(seed)
    picked = rng.integers(0, len(amounts.entities), (draws, len(amounts.entities)))
    rows = []
    for part in ("change", "catching_up", "frontier_shift"):
        block = np.log(table.pivot(index="entity", columns="period", values=part).to_numpy(np.float64))
        for t, period in enumerate(amounts.periods[1:]):
            have = ~np.isnan(block[:, t])
            if not have.any():
                continue
            drawn = np.nanmean(block[:, t][picked], axis=1) if draws and have.all() else np.zeros(0)
            low, high = np.exp(np.quantile(drawn, (0.025, 0.975))) if len(drawn) else (np.nan, np.nan)
            rows.append({"period": period, "part": part, "value": float(np.exp(block[have, t].mean())),
                         "low": float(low), "high": float(high), "cases": int(have.sum())})  # fmt: skip
    return pd.DataFrame(rows)


def _facts(table: pd.DataFrame, index: str) -> pd.DataFrame:
    facts = table[["entity", "period", "change"]].dropna().rename(columns={"change": "value"})
    return facts.assign(indicator=f"productivity.{index}", status="E")


def _defines(index: str) -> tuple[Indicator, ...]:
    zh, en = (say(f"productivity.index.{index}", lang) for lang in ("zh", "en"))
    return (Indicator(f"productivity.{index}", zh, en, "1", direction=1, range=(0, None)),)
