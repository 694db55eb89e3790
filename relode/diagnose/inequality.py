"""Inequality among regions, and where it comes from: within groups, between them, or where they overlap."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pandas as pd

from relode.maths import inequality as measures
from relode.maths.numbers import Array, significant
from relode.words.choice import IndicatorCode, Within
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, Refused
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.result import Answer, Chart

from .figures import Grouped, figure, grouped, unbalanced, weights

INTERVAL = (0.025, 0.975)


@method("diagnose.inequality", reads=needs(indicators=("indicator", "weight")))
def inequality(
    panel: Panel, regions: Codelist, *, indicator: IndicatorCode, by: str = "type", weight: IndicatorCode = "",
    aversion: Annotated[float, Within(0, 10)] = 0.5, draws: Annotated[int, Within(0, 100_000)] = 1000, seed: int = 1,
) -> Answer:  # fmt: skip
    """How unequal are the regions, and where does it come from?

    Shape    one indicator, >= 0, by entity and period -> tables by period, group and pair of groups
    Unit     every measure is free of units; shares are 0-1; low and high hold 95 % of the bootstrap draws
    Raises   Refused for negative figures; Misfit where no group, or fewer than two figures, are there
    """
    x, w = figure(panel, indicator), weights(panel, weight, figure(panel, indicator))
    if (x < 0).any():
        raise Refused("inequality.negative", name=indicator, count=int((x < 0).sum()))
    groups, notes = grouped(regions, panel.entities, by)
    have = ~np.isnan(x) & (w > 0) & groups.inside[:, None]
    rng = np.random.default_rng(seed)
    times = measures.resampled(rng, np.where(groups.inside, groups.of, 0), draws)
    tables: dict[str, list[dict[str, Any]]] = {"measures": [], "dagum": [], "theil": [], "groups": [], "pairs": []}
    for t, period in enumerate(panel.periods):
        on = np.flatnonzero(have[:, t])
        if len(on) < 2 or x[on, t].max() == 0:
            notes.append(warn("inequality.skipped", period=period, count=len(on)))
            continue
        one = _Period(period, x[on, t], w[on, t], groups.of[on], groups.codes, times[:, on], aversion)
        _fill(tables, one)
    if not tables["measures"]:
        raise Misfit("inequality.none", name=indicator)
    notes += unbalanced(have, panel.periods) + _remarks(x, have, groups, weight, draws, panel)
    return Answer(
        {name: pd.DataFrame(rows) for name, rows in tables.items()}, charts=_charts(indicator), notes=(*notes,)
    )


class _Period:
    """One period's figures with their Dagum decomposition and its bootstrap draws."""

    def __init__(self, period: str, x: Array, w: Array, of: Any, codes: tuple[str, ...], times: Array, aversion: float):
        self.period, self.x, self.w, self.aversion = period, x, w, aversion
        self.here = np.unique(of)
        self.of = np.searchsorted(self.here, of)
        self.codes = [codes[n] for n in self.here]
        self.k = len(self.here)
        self.dagum = measures.dagum(x, self.of, self.k, w)
        self.drawn = measures.dagum_draws(x, self.of, self.k, times * w) if len(times) else None


def _fill(tables: dict[str, list[dict[str, Any]]], one: _Period) -> None:
    tables["measures"] += _measures(one)
    tables["dagum"] += _dagum(one)
    tables["theil"] += _theil(one)
    tables["groups"] += _groups(one)
    tables["pairs"] += _pairs(one)


def _measures(one: _Period) -> list[dict[str, Any]]:
    x, w, of = one.x, one.w, np.zeros(len(one.x), np.intp)
    low, high = _interval(one.drawn.total if one.drawn else None)
    positive = bool((x > 0).all())
    found = {
        "gini": float(one.dagum.total),
        "theil_t": measures.theil_t(x, of, 1, w).total,
        "theil_l": measures.theil_l(x, of, 1, w).total if positive else np.nan,
        "atkinson": measures.atkinson(x, one.aversion, w) if positive or one.aversion < 1 else np.nan,
        "variation": measures.variation(x, w),
    }
    bounds = {"gini": (low, high)}
    return [
        {"period": one.period, "measure": name, "value": float(significant(np.array(value))),
         "low": bounds.get(name, (np.nan, np.nan))[0], "high": bounds.get(name, (np.nan, np.nan))[1],
         "cases": len(x)}
        for name, value in found.items()
    ]  # fmt: skip


def _dagum(one: _Period) -> list[dict[str, Any]]:
    rows = []
    for name in ("within", "between", "transvariation"):
        value, total = float(getattr(one.dagum, name)), float(one.dagum.total)
        share = _shares(one.drawn, name)
        low, high = _interval(share)
        rows.append({"period": one.period, "part": name, "value": value,
                     "share": value / total if total > 0 else np.nan, "low": low, "high": high})  # fmt: skip
    return rows


def _shares(drawn: measures.Dagum | None, name: str) -> Array | None:
    if drawn is None:
        return None
    part: Array = getattr(drawn, name) / np.where(drawn.total > 0, drawn.total, np.nan)
    return part


def _theil(one: _Period) -> list[dict[str, Any]]:
    found = {"theil_t": measures.theil_t(one.x, one.of, one.k, one.w)}
    if (one.x > 0).all():
        found["theil_l"] = measures.theil_l(one.x, one.of, one.k, one.w)
    return [
        {"period": one.period, "measure": name, "part": part, "value": value,
         "share": value / split.total if split.total > 0 else np.nan}
        for name, split in found.items()
        for part, value in (("within", split.within), ("between", split.between))
    ]  # fmt: skip


def _groups(one: _Period) -> list[dict[str, Any]]:
    t = measures.theil_t(one.x, one.of, one.k, one.w)
    rows = []
    for n, code in enumerate(one.codes):
        low, high = _interval(one.drawn.gini[:, n, n] if one.drawn else None)
        rows.append(
            {"period": one.period, "group": code, "cases": int((one.of == n).sum()), "mean": float(one.dagum.mean[n]),
             "gini": float(one.dagum.gini[n, n]), "low": low, "high": high, "theil_t": float(t.each[n]),
             "share": float(t.carried[n])}
        )  # fmt: skip
    return rows


def _pairs(one: _Period) -> list[dict[str, Any]]:
    rows = []
    for j, h in zip(*np.triu_indices(one.k, 1), strict=True):
        low, high = _interval(one.drawn.gini[:, j, h] if one.drawn else None)
        ahead = one.codes[h] if one.dagum.mean[h] > one.dagum.mean[j] else one.codes[j]
        rows.append(
            {"period": one.period, "group": one.codes[j], "other": one.codes[h], "gini": float(one.dagum.gini[j, h]),
             "low": low, "high": high, "distance": float(one.dagum.distance[j, h]), "ahead": ahead}
        )  # fmt: skip
    return rows


def _interval(drawn: Array | None) -> tuple[float, float]:
    if drawn is None or np.isnan(drawn).all():
        return np.nan, np.nan
    low, high = np.nanquantile(drawn, INTERVAL)
    return float(low), float(high)


def _remarks(x: Array, have: Any, groups: Grouped, weight: str, draws: int, panel: Panel) -> list[Note]:
    notes = [remark("inequality.weighted", name=weight) if weight else remark("inequality.unweighted")]
    sizes = np.array([(have & (groups.of == n)[:, None]).sum(axis=0).max() for n in range(len(groups.codes))])
    for n in np.flatnonzero(sizes == 1):
        notes.append(warn("inequality.single", name=groups.codes[n]))
    if (x[have] == 0).any():
        notes.append(warn("inequality.zeros", count=int((x[have] == 0).sum())))
    if draws:
        notes.append(remark("inequality.bootstrap", count=draws))
    return notes


def _charts(indicator: str) -> tuple[Chart, ...]:
    return (
        Chart("lines", "measures", "inequality.chart", {"indicator": indicator, "value": "value", "by": "measure"}),
        Chart("lines", "dagum", "inequality.sources", {"indicator": indicator, "value": "share", "by": "part"}),
    )
