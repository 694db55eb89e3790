"""Screens of single figures and series against their own past, the other rows, and chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from relode.maths import suspicion
from relode.maths.numbers import Array

from .suspects import Looked, Suspect, cells, score_of

FEWEST = 8  # periods that a statement about a whole series needs


def jumps(looked: Looked, indicator: str, slipped: Sequence[Suspect] = ()) -> list[Suspect]:
    """Figures that jump away and come back: named by what explains them - a unit, another row, else a spike.

    What has been told already as part of a slip of several rows is left out.
    """
    e = looked.expectations[indicator]
    limit = looked.far("spike", suspicion.steady(e))
    away = suspicion.spikes(e, limit, looked.limit("spike.least"))
    entities, periods = looked.panel.entities, looked.panel.periods
    told = {(entities.index(one.entity), periods.index(one.period)) for one in slipped}
    found = []
    for i, t in cells(away):
        if (i, t) in told:
            continue
        rows = frozenset(n for n, period in told if period == t)
        screen, against, likely = _explained(looked, indicator, i, t, rows)
        found.append(looked.suspect(screen, (i, t), indicator, float(e.off[i, t] / e.usual[i, 0]), limit,
                                    likely=likely, against=against))  # fmt: skip
    return found


def slips(looked: Looked, indicator: str) -> list[Suspect]:
    """Rows that slipped together: of neighbouring rows each holds what the row some places up or down should hold."""
    e, limit = looked.expectations[indicator], looked.limit("slip.gain")
    rows = int(looked.limit("match.rows"))
    found: dict[tuple[int, int], Suspect] = {}
    for step in (k for n in range(1, rows + 1) for k in (-n, n)):
        gain = suspicion.slipped(e, step, looked.limit("spike.least"))
        whole = suspicion.runs(gain)
        for i, t in cells((whole > limit) & (gain > suspicion.CLEAR)):
            if (i, t) in found and found[i, t].evidence >= whole[i, t]:
                continue
            home = i + step  # where the figure of this row now stands
            near = 0 <= home < len(e.log) and abs(e.log[home, t] - e.expected[i, t]) < 3 * looked.limit("match.within")
            likely = float(looked.figures[indicator][home, t]) if near else float(np.exp(e.expected[i, t]))
            found[i, t] = looked.suspect("row_shift", (i, t), indicator, float(whole[i, t]), limit, likely=likely,
                                         against=looked.panel.entities[i - step])  # fmt: skip
    return list(found.values())


def swaps(looked: Looked, indicator: str, slipped: Sequence[Suspect] = ()) -> list[Suspect]:
    """Two rows near one another that each hold what the other should: neither need be far off, but both together are.

    What has been told already as part of a slip of several rows is left out.
    """
    e, x, limit = looked.expectations[indicator], looked.figures[indicator], looked.limit("slip.gain")
    entities, least = looked.panel.entities, looked.limit("spike.least")
    told = {(one.entity, one.period) for one in slipped}
    found: dict[tuple[int, int], Suspect] = {}
    for step in range(1, int(looked.limit("match.rows")) + 1):
        gain = suspicion.traded(e, step, least)
        for i, t in cells(gain > limit):
            for at, other in ((i, i - step), (i - step, i)):
                known = found.get((at, t))
                if (entities[at], looked.panel.periods[t]) in told or (known and known.evidence >= gain[i, t]):
                    continue
                found[at, t] = looked.suspect("swap", (at, t), indicator, float(gain[i, t]), limit,
                                              likely=float(x[other, t]), against=entities[other])  # fmt: skip
    return list(found.values())


def _explained(
    looked: Looked, indicator: str, i: int, t: int, slipped: frozenset[int] = frozenset()
) -> tuple[str, str, float]:
    """What kind of error a spike is, who it was taken from, and the likely right value.

    `slipped` are the rows of the period that slipped together: the row at their end holds a stranger's figure.
    """
    e, x = looked.expectations[indicator], looked.figures[indicator]
    right = float(np.exp(e.expected[i, t]))
    power = e.off[i, t] / np.log(10)
    if abs(round(power)) >= 1 and abs(power - round(power)) * np.log(10) < 0.15:
        return "unit", "", float(x[i, t] / 10.0 ** round(power))
    near = [j for j in _rows_near(looked, i, len(x)) if not np.isnan(e.expected[j, t] + e.log[j, t])]
    within = looked.limit("match.within")
    for j in near:
        alike = min(max(within, 2 * float(e.usual[[i, j]].max())), abs(float(e.off[i, t])) / 3)
        if abs(e.log[i, t] - e.expected[j, t]) < alike and abs(e.log[j, t] - e.expected[i, t]) < alike:
            return "swap", looked.panel.entities[j], float(x[j, t])
    own = [j for j in near if abs(e.log[j, t] - e.expected[i, t]) < within]  # where i's own figure may stand
    if own and own[0] in slipped:
        return "row_shift", "", float(x[own[0], t])
    for j in near:
        if abs(e.log[i, t] - e.expected[j, t]) < within < abs(e.expected[j, t] - e.expected[i, t]) / 3:
            return "row_shift", looked.panel.entities[j], float(x[own[0], t]) if own else right
    return "spike", "", right


def _rows_near(looked: Looked, i: int, count: int) -> list[int]:
    """The rows above and below, the nearest first."""
    rows = int(looked.limit("match.rows"))
    return [i + step for k in range(1, rows + 1) for step in (-k, k) if 0 <= i + step < count]


def breaks(looked: Looked, indicator: str) -> list[Suspect]:
    """Steps that stay: a break of scope where one entity takes it, a revision where many do in the same period."""
    e, least = looked.expectations[indicator], looked.limit("step.least")
    z = e.growth / suspicion.scale(e.growth)
    many = _revised(looked, e, least)
    limit = looked.far("step", np.where(many.any(axis=0), np.nan, suspicion.steady(e)))
    taken = suspicion.steps(e, limit, least)
    return [
        looked.suspect("revision" if many[at] else "break", at, indicator, float(z[at]),
                       looked.limit("step.z") if many[at] else limit)
        for at in cells((taken > 0) | many)
    ]  # fmt: skip


def _revised(looked: Looked, e: suspicion.Expected, least: float) -> Any:
    """Steps that so many entities take in one period and direction that they are a revision. (n, T) bool"""
    taken = suspicion.steps(e, looked.limit("step.z"), least) > 0
    have = np.maximum((~np.isnan(e.growth)).sum(axis=0), 1)
    found = np.zeros(taken.shape, bool)
    for way in (-1.0, 1.0):
        alike = taken & (np.sign(e.growth) == way)
        found |= alike & (alike.sum(axis=0) / have > looked.limit("revision.share"))
    return found


def repeats(looked: Looked, indicator: str) -> list[Suspect]:
    """Figures written again: the year before's, or another row's of the same period, digit by digit."""
    x, least = looked.figures[indicator], looked.limit("repeat.digits")
    digits = suspicion.digits_of(x)
    found = []
    same = np.column_stack([np.zeros(len(x), bool), x[:, 1:] == x[:, :-1]]) & (digits >= least)
    chance = suspicion.resolution(x) / (2.5 * looked.expectations[indicator].usual)  # of the same figure again, by luck
    same &= chance < looked.limit("repeat.p")
    constant = (np.nan_to_num(same.sum(axis=1)) > 0.5 * (~np.isnan(x)).sum(axis=1))[:, None]  # areas do not change
    for i, t in cells(same & ~constant):
        found.append(looked.suspect("repeat", (i, t), indicator, float(digits[i, t]), least,
                                    likely=float(np.exp(looked.expectations[indicator].expected[i, t])),
                                    against=looked.panel.periods[t - 1]))  # fmt: skip
    z = np.abs(np.nan_to_num(looked.expectations[indicator].z))
    for t in range(x.shape[1]):
        rows: dict[float, list[int]] = defaultdict(list)
        for row in np.flatnonzero(digits[:, t] >= least + 1):
            rows[float(x[row, t])].append(int(row))
        for group in (rows for rows in rows.values() if len(rows) > 1):
            worst = max(group, key=lambda i: float(z[i, t]))
            other = next(i for i in group if i != worst)
            found.append(looked.suspect("copy", (worst, t), indicator, float(digits[worst, t]), least,
                                        likely=float(np.exp(looked.expectations[indicator].expected[worst, t])),
                                        against=looked.panel.entities[other]))  # fmt: skip
    return found


def copied_growth(looked: Looked, indicator: str) -> list[Suspect]:
    """Two entities that grow alike to the last digit in two periods running."""
    e, within = looked.expectations[indicator], looked.limit("growth.within")
    step = np.diff(e.log, axis=1)
    fine = suspicion.digits_of(looked.figures[indicator])[:, 1:] >= 5
    runs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for t in range(step.shape[1]):
        order = np.argsort(step[:, t])
        gap = np.diff(step[order, t])
        for n in map(int, np.flatnonzero(gap < within)):
            i, j = int(order[n]), int(order[n + 1])
            if fine[i, t] and fine[j, t] and step[i, t] != 0:
                runs[(min(i, j), max(i, j))].append(t + 1)
    found = []
    for (i, j), periods in runs.items():
        for first, second in pairwise(periods):
            if second == first + 1:
                gap = max(abs(step[i, t - 1] - step[j, t - 1]) for t in (first, second))
                evidence, other = within / max(gap, within / 100), looked.panel.entities[i]
                found.append(looked.suspect("copied_growth", (j, second), indicator, evidence, 1.0, against=other))
    return found


def smoothness(looked: Looked, indicator: str) -> list[Suspect]:
    """Series whose ups and downs are far smaller than those of all others, in one piece of the series' own."""
    growth = looked.expectations[indicator].growth
    have = (~np.isnan(growth)).sum(axis=1)
    change = np.abs(np.diff(growth, axis=1))
    change[have < FEWEST] = np.nan
    size = np.full(len(growth), np.nan)
    some = ~np.isnan(change).all(axis=1)
    with np.errstate(divide="ignore"):
        size[some] = np.log(np.nanmedian(change[some], axis=1))
    size[~np.isfinite(size)] = np.nan
    z, limit = suspicion.robust(size), looked.limit("smooth.z")
    return [
        _series(looked, "smooth", int(i), indicator, float(z[i]), limit)
        for i in np.flatnonzero(np.nan_to_num(z) < -limit)
    ]


def heaping(looked: Looked, indicator: str) -> list[Suspect]:
    """Entities whose figures end in 0 or 5 more often than the others' do (binomial tail, all periods together)."""
    from scipy.special import bdtrc

    last = suspicion.last_digits(looked.figures[indicator])
    round_ones = np.isin(last, (0.0, 5.0))
    have = (~np.isnan(last)).sum(axis=1)
    common = max(round_ones.sum() / max(have.sum(), 1), 0.2)
    p = bdtrc(np.maximum(round_ones.sum(axis=1) - 1, 0), have, common)
    limit = looked.limit("digits.p") / max(len(last), 1) * 10  # many series are looked at
    return [
        _series(looked, "heaping", int(i), indicator, float(-np.log10(max(p[i], 1e-300))), float(-np.log10(limit)))
        for i in np.flatnonzero((p < limit) & (have >= FEWEST) & (round_ones.sum(axis=1) > 0))
    ]


def first_digits(looked: Looked, indicator: str) -> tuple[list[Suspect], bool]:
    """Benford's law for the whole indicator - only where figures span three powers of ten. Second: was it looked at?"""
    x = looked.figures[indicator]
    x = x[~np.isnan(x) & (x > 0)]
    if len(x) < 300 or x.max() / x.min() < looked.limit("benford.span"):
        return [], False
    mad, p, _ = suspicion.benford(x)
    if p >= looked.limit("digits.p") or mad < looked.limit("benford.mad"):
        return [], True
    return [Suspect("benford", "", "", indicator, np.nan, score_of(mad, looked.limit("benford.mad")), mad)], True


def _series(looked: Looked, screen: str, i: int, indicator: str, evidence: float, limit: float) -> Suspect:
    return Suspect(screen, looked.panel.entities[i], "", indicator, np.nan, score_of(evidence, limit), evidence)


def levels(looked: Looked, indicator: str, parent: list[int], sums: Array) -> list[Suspect]:
    """A province's figure in a city's row: a spike that equals what all the cities of its province come to."""
    e, within = looked.expectations[indicator], looked.limit("match.within")
    limit = looked.far("spike", suspicion.steady(e))
    away = suspicion.spikes(e, limit, looked.limit("spike.least"))
    found = []
    for i, t in cells(away):
        if parent[i] < 0 or e.off[i, t] <= 0:
            continue
        whole = sums[parent[i], t] - np.exp(e.log[i, t]) + np.exp(e.expected[i, t])  # without the error itself
        if whole > 0 and abs(e.log[i, t] - np.log(whole)) < 2 * within:
            found.append(looked.suspect("level", (i, t), indicator, float(e.off[i, t] / e.usual[i, 0]), limit,
                                        likely=float(np.exp(e.expected[i, t]))))  # fmt: skip
    return found
