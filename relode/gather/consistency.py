"""What in a body of figures cannot be right, or should be looked at: pure checks that give tables of findings.

A finding is a question to the publisher, never a correction: no check changes a figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..words.codelist import STATUSES, Codelist
from ..words.indicator import Indicator
from ..words.panel import Panel, Values
from .changes import Changes
from .coverage import exists
from .findings import COLUMNS, Mask, gap, joined, slip_reason, slips, table

if TYPE_CHECKING:
    import pandas as pd

STILL = 0.1


def parts(
    panel: Panel, *, total: str, of: Sequence[str], tolerance: float = 0.02, scenario: str = "actual"
) -> pd.DataFrame:
    """Where the parts do not add up to their total: the three sectors and GDP.

    Shape     one row where |sum - total| > tolerance x |total|; figures with a gap are not judged
    Reason    row_shift where the sum is the total of the year before or after, unit where it is 10, 100 ... times off
    Raises    UnknownWord where the panel has no such indicator
    """
    block = panel.array(scenario)
    figures = block[..., panel.at("indicator", total)]
    added = np.sum([block[..., panel.at("indicator", code)] for code in of], axis=0)
    hit = np.abs(gap(added, figures)) > tolerance
    reasons = np.where(_is_neighbour(added, figures, tolerance), "row_shift", slip_reason(added, figures))
    return table("parts", panel, hit, total, added, figures, reasons)


def whole(
    panel: Panel, regions: Codelist, indicators: Iterable[str], *, tolerance: float = 0.05, level: str = "province",
    scenario: str = "actual",
) -> pd.DataFrame:  # fmt: skip
    """Where the units below do not add up to the unit above: the cities of a province.

    Only sums of which every part is known are judged; `reason` is coverage where the codelist's parts are not all in
    the panel. Municipalities have no parts.
    Shape     one row per province, period and indicator with |sum - figure| > tolerance x |figure|
    """
    frames = []
    for above in (code for code in panel.entities if code in regions.at(level)):
        below = tuple(e.code for e in regions.values() if e.parent == above)
        inside = [code for code in below if code in panel.entities]
        if not inside:
            continue
        rows = [panel.entities.index(code) for code in inside]
        for indicator in indicators:
            column = panel.array(scenario)[..., panel.at("indicator", indicator)]
            due = np.array([[exists(regions, code, period) for period in panel.periods] for code in inside])
            figures = np.where(due, column[rows], np.nan_to_num(column[rows]))
            added = np.where(due.any(axis=0), figures.sum(axis=0), np.nan)[None]
            own = column[[panel.entities.index(above)]]
            hit = np.abs(gap(added, own)) > tolerance
            lacking = _lacking(regions, below, inside, panel.periods)
            reasons = np.where(lacking, "coverage", slip_reason(added, own))
            frames.append(table("whole", panel.only(entities=(above,)), hit, indicator, added, own, reasons))
    return joined(frames)


def against(panel: Panel, other: Panel, *, tolerance: float = 0.01, scenario: str = "actual") -> pd.DataFrame:
    """Where two sources of the same indicators differ by more than `tolerance`: none is right by itself.

    Shape     one row per figure of `panel` (measured) that differs from that of `other` (expected)
    """
    entities = [code for code in panel.entities if code in other.entities]
    periods = [code for code in panel.periods if code in other.periods]
    both = [code for code in panel.indicators if code in other.indicators]
    one, two = (side.only(entities=entities, periods=periods, indicators=both) for side in (panel, other))
    frames = []
    for n, indicator in enumerate(both):
        measured, expected = one.array(scenario)[..., n], two.array(scenario)[..., n]
        hit = np.abs(gap(measured, expected)) > tolerance
        frames.append(table("conflict", one, hit, indicator, measured, expected, slip_reason(measured, expected)))
    return joined(frames)


def doubles(facts: pd.DataFrame) -> pd.DataFrame:
    """Where a figure stands twice: `double` with the same value, `conflict` with another.

    Reads     a long frame: entity, period, indicator, value, perhaps scenario, before it becomes a panel
    Shape     one row per further figure; `expected` is the one that stands first
    """
    import pandas as pd

    keys = [name for name in ("scenario", "entity", "period", "indicator") if name in facts.columns]
    values = pd.to_numeric(facts["value"], errors="coerce")
    first = values.groupby([facts[key] for key in keys], sort=False).transform("first")
    again = facts.duplicated(keys, keep="first") & values.notna()
    found = facts.loc[again, ["entity", "period", "indicator"]].copy()
    measured, expected = values[again].to_numpy(float), first[again].to_numpy(float)
    found.insert(0, "finding", np.where(measured == expected, "double", "conflict"))
    found["measured"], found["expected"], found["gap"] = measured, expected, gap(measured, expected)
    near = np.abs(found["gap"]) <= 0.001
    slip = slip_reason(measured, expected)
    found["reason"] = np.where(measured == expected, "unknown", np.where(near, "rounding", slip))
    return found[list(COLUMNS)].reset_index(drop=True)


def jumps(
    panel: Panel, indicators: Iterable[str] = (), *, limit: float = 0.5, usual: float = 6,
    changes: Changes | None = None, scenario: str = "actual",
) -> pd.DataFrame:  # fmt: skip
    """Where a figure leaves its own past: change against the year before beyond `limit` and beyond what is common.

    A change is the log ratio to the year before, less its median over all entities in that year, so that a boom or a
    change of definition that all share is no jump. It must also exceed `usual` times the usual size of a change of
    the indicator (1.4826 MAD), so that what is restless by nature (foreign investment) is not all jumps. `unit_slip`
    where the ratio is 10, 100, 1 000 or 10 000 (within 15 %); reason boundary where `changes` knows that the territory
    changed in the year or the one before (yearbooks often follow a year later). Only positive figures are judged.
    Shape     one row per jump; `expected` is last year's figure carried on with the median change
    """
    frames = []
    moved = _moved(panel, changes or {})
    for indicator in tuple(indicators) or panel.indicators:
        figures = panel.array(scenario)[..., panel.at("indicator", indicator)]
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.where(figures > 0, figures, np.nan))
        step = np.full_like(logs, np.nan)
        step[:, 1:] = np.diff(logs, axis=1)
        common = _median(step)
        strange = step - common
        expected = np.exp(np.roll(logs, 1, axis=1) + common)
        slip = slips(np.exp(strange))
        least = max(np.log1p(limit), usual * _usual(strange)) + 1e-9
        hit = np.abs(strange) > least
        reasons = np.where(moved, "boundary", np.where(slip, "unit", "unknown"))
        frames.append(table("jump", panel, hit & ~slip, indicator, figures, expected, reasons))
        frames.append(table("unit_slip", panel, hit & slip, indicator, figures, expected, reasons))
    return joined(frames)


def zeros(panel: Panel, indicators: Iterable[str] = (), *, scenario: str = "actual") -> pd.DataFrame:
    """Zeros between positive figures of the same series: probably blanks."""
    frames = []
    for indicator in tuple(indicators) or panel.indicators:
        figures = panel.array(scenario)[..., panel.at("indicator", indicator)]
        before = np.nancumsum(np.nan_to_num(figures) > 0, axis=1) > 0
        after = np.flip(np.nancumsum(np.flip(np.nan_to_num(figures) > 0, axis=1), axis=1) > 0, axis=1)
        hit = (figures == 0) & before & after
        frames.append(table("zero", panel, hit, indicator, figures, np.full_like(figures, np.nan), "blank"))
    return joined(frames)


def unchanged(panel: Panel, indicators: Iterable[str] = (), *, scenario: str = "actual") -> pd.DataFrame:
    """Figures that equal the year before to the last digit: carried forward, or typed twice.

    Whole numbers say nothing, nor does an indicator of which more than a tenth stands still anyway (area).
    """
    frames = []
    for indicator in tuple(indicators) or panel.indicators:
        figures = panel.array(scenario)[..., panel.at("indicator", indicator)]
        before = np.full_like(figures, np.nan)
        before[:, 1:] = figures[:, :-1]
        hit = (figures == before) & (figures != 0) & (np.abs(figures) != np.floor(np.abs(figures)))
        if hit.sum() > STILL * (~np.isnan(figures - before)).sum() and figures.shape[0] > 1:
            continue
        frames.append(table("unchanged", panel, hit, indicator, figures, before, "unknown"))
    return joined(frames)


def copies(panel: Panel, *, level: Mapping[str, str] | None = None, scenario: str = "actual") -> pd.DataFrame:
    """Figures that equal those of another entity in the same period, to the last digit, in two indicators or more.

    One such figure is chance; several of one row are a row that was typed or pasted twice. Whole numbers below 1 000
    say nothing. With `level` (entity -> level) only entities of one level are held against each other: a municipality
    and the province of the same name are not.
    Shape     one row per figure of the later entity; `expected` is the figure that stands first
    """
    block = panel.array(scenario)
    told = np.where((np.floor(np.abs(block)) == np.abs(block)) & (np.abs(block) < 1000), np.nan, block)
    pairs: dict[tuple[int, int, int], list[int]] = {}
    for t in range(block.shape[1]):
        for n in range(block.shape[2]):
            for first, other in _equal(told[:, t, n]):
                if _alike(panel.entities[first], panel.entities[other], level or {}):
                    pairs.setdefault((first, other, t), []).append(n)
    frames = []
    for (first, other, t), columns in pairs.items():
        if len(columns) < 2:
            continue
        for n in columns:
            hit = np.zeros(block.shape[:2], bool)
            hit[other, t] = True
            expected = np.full(block.shape[:2], block[first, t, n])
            frames.append(table("copied", panel, hit, panel.indicators[n], block[..., n], expected, "unknown"))
    return joined(frames)


def ranges(panel: Panel, indicators: Mapping[str, Indicator], *, scenario: str = "actual") -> pd.DataFrame:
    """Figures outside what is possible for their indicator; `expected` is the bound."""
    frames = []
    for code in panel.indicators:
        if code not in indicators:
            continue
        low, high = indicators[code].range
        figures = panel.array(scenario)[..., panel.at("indicator", code)]
        for bound, hit in ((low, figures < _or(low, -np.inf)), (high, figures > _or(high, np.inf))):
            frames.append(table("range", panel, hit, code, figures, np.full_like(figures, _or(bound, 0)), "unknown"))
    return joined(frames)


def breaks(panel: Panel, *, changes: Changes | None = None, scenario: str = "actual") -> pd.DataFrame:
    """Breaks of scope: figures that say so (status B), and the years in which a territory is known to have changed."""
    frames = []
    for indicator in panel.indicators:
        at = panel.at("indicator", indicator)
        figures = panel.array(scenario)[..., at]
        said = panel.statuses(scenario)[..., at] == STATUSES.index("B")
        moved = np.array(
            [[(code, period[:4]) in (changes or {}) for period in panel.periods] for code in panel.entities]
        )
        before = np.roll(figures, 1, axis=1)
        before[:, 0] = np.nan
        reasons = np.where(moved, "boundary", "unknown")
        frames.append(table("break", panel, said | (moved & ~np.isnan(figures)), indicator, figures, before, reasons))
    return joined(frames)


# -- how -----------------------------------------------------------------------------------------------------


def _is_neighbour(added: Values, figures: Values, tolerance: float) -> Mask:
    """Is the sum the total of the year before or after, or the total their sum?"""
    found = np.zeros(added.shape, bool)
    for one, other in ((added, figures), (figures, added)):
        found[:, 1:] |= np.abs(gap(one[:, 1:], other[:, :-1])) < tolerance / 10
        found[:, :-1] |= np.abs(gap(one[:, :-1], other[:, 1:])) < tolerance / 10
    return found


def _moved(panel: Panel, changes: Changes) -> Mask:
    """Did the territory change in the year, or in the one before? Shape (entity, period)"""
    years = [(period[:4], str(int(period[:4]) - 1)) for period in panel.periods]
    return np.array([[any((code, year) in changes for year in two) for two in years] for code in panel.entities])


def _median(step: Values) -> Values:
    """The median over entities in each period, 0 where nobody has a figure. Shape (1, period)"""
    known = ~np.isnan(step).all(axis=0)
    common = np.zeros((1, step.shape[1]))
    common[0, known] = np.nanmedian(step[:, known], axis=0)
    return common


def _equal(column: Values) -> list[tuple[int, int]]:
    """Places of equal figures, each with the first that has it."""
    found: list[tuple[int, int]] = []
    seen: dict[float, int] = {}
    for place in np.flatnonzero(~np.isnan(column)).tolist():
        first = seen.setdefault(float(column[place]), place)
        if first != place:
            found.append((first, place))
    return found


def _alike(one: str, other: str, level: Mapping[str, str]) -> bool:
    return level.get(one, "") == level.get(other, "")


def _usual(strange: Values) -> float:
    """The usual size of a change: 1.4826 x the median of the absolute ones, 0 where there is none."""
    sizes = np.abs(strange[~np.isnan(strange)])
    return 1.4826 * float(np.median(sizes)) if sizes.size else 0.0


def _lacking(regions: Codelist, below: Sequence[str], inside: Sequence[str], periods: Sequence[str]) -> Mask:
    """Is a unit that exists in the period not in the panel, not even under its later code? Shape (1, period)"""
    outside = [code for code in below if code not in inside and regions[code].into not in inside]
    return np.array([[any(exists(regions, code, period) for code in outside) for period in periods]])


def _or(bound: float | None, default: float) -> float:
    return default if bound is None else bound
