"""Space and time: who lies among whom, where the clusters are, and how places move between classes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd

from relode.maths import markov
from relode.maths.numbers import Array
from relode.words.choice import IndicatorCode, Within
from relode.words.codelist import STATUSES, Codelist
from relode.words.errors import Misfit
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.result import Answer, Chart
from relode.words.ties import Ties

from . import spatial
from .figures import figure
from .spatial import QUADRANTS, quadrants
from .ties import Neighbours, Weights, near


@method("diagnose.spacetime", reads=needs(indicators=("indicator", "other")))
def spacetime(
    panel: Panel, regions: Codelist, ties: Ties, *, indicator: IndicatorCode, other: IndicatorCode = "",
    neighbours: Neighbours = "given", k: Annotated[int, Within(1, 50)] = 5,
    draws: Annotated[int, Within(99, 99_999)] = 999, alpha: Annotated[float, Within(0.001, 0.2)] = 0.05, seed: int = 1,
) -> Answer:  # fmt: skip
    """Do like figures lie together, and where are the clusters and the outliers?

    Shape    one indicator by entity and period, and who is next to whom -> one row per period and statistic; per entity
    Unit     Moran's I and Geary's C have no unit; p of permutations is two-sided, its floor is 1 / (draws + 1)
    Raises   Misfit where no neighbours, or fewer than four regions with a figure, are there
    """
    x = figure(panel, indicator)
    second = figure(panel, other) if other else None
    weights = near(neighbours, panel, regions, ties, k=k, indicator=indicator)
    notes: list[Note] = [*weights.notes, *_estimated(panel, indicator)]
    tables: dict[str, list[dict[str, Any]]] = {"overall": [], "local": []}
    for t, period in enumerate(panel.periods):
        here = _here(panel, weights, x[:, t], None if second is None else second[:, t])
        if here is None:
            notes.append(warn("spacetime.skipped", period=period))
            continue
        at, kept = here
        mate = None if second is None else second[at, t]
        tables["overall"] += [{"period": period, **row, "cases": len(at)}
                              for row in spatial.overall(x[at, t], mate, kept, draws, seed)]  # fmt: skip
        tables["local"] += _local(period, x[at, t], kept, draws, seed, alpha)
    if not tables["overall"]:
        raise Misfit("spacetime.none", name=indicator)
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    notes += _floor(frames["local"], draws, alpha)
    frames["edges"] = _edges(weights)
    return Answer(frames, charts=_charts(indicator), notes=(*notes,))


def _estimated(panel: Panel, indicator: str) -> list[Note]:
    """That the figures are themselves estimates, whose own doubt no permutation sees."""
    status = np.asarray(panel.only(indicators=(indicator,)).status)
    count = int(np.isin(status, [STATUSES.index(code) for code in "EI"]).sum())
    return [warn("spacetime.estimated", count=count, of=int((status != STATUSES.index("M")).sum()))] if count else []


def _here(panel: Panel, weights: Weights, x: Array, second: Array | None) -> tuple[list[int], Weights] | None:
    """Where the entities with a figure and a neighbour stand in the panel, and the weights among them."""
    at = [panel.entities.index(code) for code in weights.entities]
    have = ~np.isnan(x[at]) if second is None else ~np.isnan(x[at]) & ~np.isnan(second[at])
    kept = weights if have.all() else weights.only(np.flatnonzero(have))
    found = [panel.entities.index(code) for code in kept.entities]
    if len(found) < 4 or np.ptp(x[found]) == 0:
        return None
    return found, kept


def _local(period: str, x: Array, weights: Weights, draws: int, seed: int, alpha: float) -> list[dict[str, Any]]:
    found = spatial.local(x, weights, draws, seed, alpha)
    return [
        {"entity": code, "period": period, "value": float(x[n]), "lag": float(found["lag"][n]),
         "local": float(found["local"][n]), "p": float(found["p"][n]), "quadrant": str(found["quadrant"][n]),
         "cluster": str(found["quadrant"][n]) if found["significant"][n] else "", "g_star": float(found["g_star"][n])}
        for n, code in enumerate(weights.entities)
    ]  # fmt: skip


def _floor(local: pd.DataFrame, draws: int, alpha: float) -> list[Note]:
    count = int(local.groupby("period").size().max())
    notes = [remark("spacetime.fdr", count=count, alpha=alpha)]
    if 1 / (draws + 1) > alpha / count:
        notes.append(warn("spacetime.floor", draws=draws, needed=int(np.ceil(count / alpha))))
    return notes


def _edges(weights: Weights) -> pd.DataFrame:
    rows = [(weights.entities[i], weights.entities[j], float(weights.matrix[i, j]))
            for i, j in zip(*np.nonzero(weights.matrix), strict=True)]  # fmt: skip
    return pd.DataFrame(rows, columns=["entity", "neighbour", "value"])


def _charts(indicator: str) -> tuple[Chart, ...]:
    return (
        Chart(
            "lines", "overall", "spacetime.chart.overall", {"indicator": indicator, "value": "value", "by": "statistic"}
        ),
        Chart("map", "local", "spacetime.chart.map", {"indicator": indicator, "value": "g_star"}),
    )


@method("diagnose.transitions", reads=needs(indicators=("indicator",)))
def transitions(
    panel: Panel, regions: Codelist, ties: Ties, *, indicator: IndicatorCode, neighbours: Neighbours = "given",
    k: Annotated[int, Within(1, 50)] = 5, classes: Annotated[int, Within(2, 10)] = 4,
    cut: Literal["pooled", "period"] = "pooled", relative: bool = True, fewest: Annotated[int, Within(1, 100)] = 5,
) -> Answer:  # fmt: skip
    """How do places move between classes, and does it matter among whom they lie?

    Shape    one indicator by entity and period -> classes by quantiles, of all periods together or each on its own;
             transitions as one row per (lag class, from, to), with counts
    Unit     p is the share of moves out of a class; `relative` divides by the mean of the period first
    Raises   Misfit for fewer than three periods, or where no entity is there in all of them
    """
    x = figure(panel, indicator)
    weights = near(neighbours, panel, regions, ties, k=k, indicator=indicator)
    whole = [n for n, code in enumerate(weights.entities) if not np.isnan(x[panel.entities.index(code)]).any()]
    kept = weights.only(whole) if len(whole) < len(weights.entities) else weights
    at = [panel.entities.index(code) for code in kept.entities]
    if len(at) < 4 or x.shape[1] < 3:
        raise Misfit("transitions.few", count=len(at), periods=x.shape[1])
    y = x[at] / x[at].mean(axis=0) if relative else x[at]
    notes = [*weights.notes, remark(f"transitions.cut.{cut}")]
    if len(at) < len(panel.entities):
        notes.append(warn("transitions.left_out", count=len(panel.entities) - len(at)))
    tables, more = _chains(y, kept.matrix, classes, cut == "pooled", fewest)
    chart = Chart(
        "heat", "moves", "transitions.chart", {"indicator": indicator, "value": "p", "node": "to", "by": "start"}
    )
    return Answer(tables, charts=(chart,), notes=(*notes, *more))


def _chains(y: Array, w: Array, k: int, pooled: bool, fewest: int) -> tuple[dict[str, pd.DataFrame], list[Note]]:
    classes = markov.quantile_classes(y, k, pooled)
    counts = markov.counts_within(classes, markov.quantile_classes(w @ y, k, pooled), k, k)
    test = markov.homogeneity(counts)
    names = [str(n + 1) for n in range(k)]
    tables = {
        "moves": _moves(markov.counts(classes, k), names),
        "by_lag": pd.concat([_moves(counts[n], names).assign(lag=names[n]) for n in range(k)], ignore_index=True),
        "tests": pd.DataFrame([_test("LR", test.lr, test.free), _test("Q", test.q, test.free)]),
        "steady": pd.concat([_steady(counts.sum(axis=0), names, "all"),
                             *(_steady(counts[n], names, names[n]) for n in range(k))], ignore_index=True),
        "lisa": _moves(markov.counts(quadrants(y, w), 4), list(QUADRANTS)),
    }  # fmt: skip
    thin = int((counts.sum(axis=2) < fewest).sum())
    notes = [warn("transitions.thin", count=thin, cells=k * k, fewest=fewest)] if thin else []
    return tables, notes


def _moves(count: Array, names: list[str]) -> pd.DataFrame:
    p = markov.probabilities(count)
    return pd.DataFrame(
        {"start": start, "to": to, "cases": int(count[i, j]), "p": float(p[i, j])}
        for i, start in enumerate(names) for j, to in enumerate(names)
    )  # fmt: skip


def _test(name: str, value: float, free: int) -> dict[str, Any]:
    from scipy.special import chdtrc

    return {"test": name, "value": value, "free": free, "p": float(chdtrc(free, value)) if free else np.nan}


def _steady(count: Array, names: list[str], lag: str) -> pd.DataFrame:
    share = markov.steady(markov.probabilities(count))
    return pd.DataFrame({"lag": lag, "class": names, "share": share})
