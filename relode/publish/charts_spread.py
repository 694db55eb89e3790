"""Pictures of spreads and of paths: densities, placebos, cohorts, a place and its twin, the move of a centre."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from relode.words.texts import say

from . import drawing as d
from .charts_effect import effect
from .figures import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEW = 4  # periods whose densities are drawn over one another
LABELS = 8  # periods that are named along a path


def _periods(frame: pd.DataFrame, most: int) -> list[str]:
    """At most so many periods, the first and the last among them, at even steps."""
    from relode.words.period import ordinal

    every = sorted(set(frame["period"].astype(str)), key=ordinal)
    if len(every) <= most:
        return every
    return [every[round(n * (len(every) - 1) / (most - 1))] for n in range(most)]


def density(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """The spread of a figure over its mean, in a few periods; where two humps stand there are two clubs."""
    x, value = str(details["x"]), str(details["value"])
    figure, (axes,) = d.sheet(2.9)
    for n, period in enumerate(_periods(frame, FEW)):
        rows = frame[frame["period"].astype(str) == period].sort_values(x, kind="stable")
        axes.plot(rows[x], rows[value], color=d.COLOURS[n % 8], linestyle=d.STROKES[n % 4], linewidth=1.4, label=period)
    axes.axvline(1, color=d.PALE, linewidth=0.8, zorder=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(say("axis.relative", shown.lang))
    axes.set_ylabel(shown.heading(value, str(details.get("table", ""))))
    axes.legend()
    return figure


def scatter(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """One dot per row; where rows are periods, joined in their order and some named."""
    x, value, by = str(details["x"]), str(details["value"]), str(details.get("by", "entity"))
    figure, (axes,) = d.sheet(3.6)
    named = set(frame[by].astype(str))
    if by == "period":
        named = set(_periods(frame, LABELS))
        axes.plot(frame[x], frame[value], color=d.PALE, linewidth=0.9, zorder=1)
    axes.scatter(frame[x], frame[value], s=12, color=d.UP, zorder=2)
    for code, across, up in zip(frame[by].astype(str), frame[x], frame[value], strict=True):
        if code in named:
            label = shown.name(by, code)
            axes.annotate(label, (across, up), (3, 3), textcoords="offset points", fontsize=7)
    axes.set_xlabel(shown.heading(x, str(details.get("table", ""))))
    axes.set_ylabel(shown.heading(value, str(details.get("table", ""))))
    axes.ticklabel_format(useOffset=False)
    axes.margins(0.08)
    return figure


def placebo_density(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """What the estimate would be if places were dealt at random, and what it is."""
    figure, (axes,) = d.sheet(2.7)
    bins = min(40, max(10, len(frame) // 25))
    axes.hist(frame["estimate"], bins=bins, color=d.PALE, label=say("key.placebo", shown.lang))
    observed = float(details["observed"])
    axes.axvline(observed, color=d.DOWN, linewidth=1.6, label=say("key.observed", shown.lang))
    axes.set_xlabel(effect(details, shown))
    axes.set_ylabel(say("axis.draws", shown.lang))
    figure.legend(loc="outside upper left", ncols=2, borderpad=0)
    return figure


def cohort_means(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """The mean outcome of those that began together; a mark where they began, grey for those that never did."""
    from relode.words.period import ordinal

    periods = sorted(set(frame["period"].astype(str)), key=ordinal)
    figure, (axes,) = d.sheet(3.1)
    for n, cohort in enumerate(dict.fromkeys(frame["cohort"].astype(str))):
        rows = frame[frame["cohort"].astype(str) == cohort]
        at = [periods.index(str(p)) for p in rows["period"]]
        begun = cohort in periods
        label = say("key.cohort", shown.lang, cohort=cohort, count=int(rows["entities"].max()))
        if not begun:
            label = say("key.never", shown.lang, count=int(rows["entities"].max()))
        colour = d.COLOURS[n % 8] if begun else d.GREY
        axes.plot(at, rows["mean"], color=colour, linewidth=1.3, linestyle="-" if begun else "--", label=label)
        if begun and periods.index(cohort) in at:
            start = periods.index(cohort)
            axes.plot(start, rows["mean"].iloc[at.index(start)], d.MARKERS[n % 6], color=colour, markersize=5)
    _periods_axis(axes, periods)
    axes.set_ylabel(_outcome(details, shown))
    figure.legend(loc="outside upper left", ncols=3, borderpad=0)
    return figure


def _outcome(details: Mapping[str, Any], shown: Shown) -> str:
    name, unit = shown.name("outcome", str(details.get("outcome", ""))), str(details.get("unit", ""))
    return say("axis.unit", shown.lang, name=name, unit=shown.name("unit", unit)) if unit else name


def _periods_axis(axes: Axes, periods: list[str]) -> None:
    step = -(-len(periods) // 12)
    axes.set_xticks(range(0, len(periods), step), periods[::step])


def synthetic(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """What happened, and what the twin made of others says would have happened; the shade is after the start."""
    figure, (axes,) = d.sheet(2.9)
    at = range(len(frame))
    axes.plot(at, frame["actual"], color=d.INK, linewidth=1.5, label=shown.heading("actual"))
    axes.plot(
        at,
        frame["synthetic"],
        color=d.UP,
        linewidth=1.5,
        linestyle="--",
        label=shown.heading("synthetic"),
    )
    _after(axes, list(frame["after"]))
    _periods_axis(axes, list(frame["period"].astype(str)))
    axes.set_ylabel(_outcome(details, shown))
    figure.legend(loc="outside upper left", ncols=2, borderpad=0)
    return figure


def _after(axes: Axes, after: list[bool]) -> None:
    if any(after):
        axes.axvspan(after.index(True) - 0.5, len(after) - 0.5, color=d.BAND, linewidth=0, zorder=0)


def placebo_fan(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """The gap to the twin: of the treated in blue, of everyone else, treated alike, in grey."""
    from relode.words.period import ordinal

    grid = frame.pivot(index="period", columns="entity", values="gap")
    grid = grid.loc[sorted(grid.index, key=ordinal)]
    figure, (axes,) = d.sheet(2.9)
    at = range(len(grid))
    for n, code in enumerate(code for code in grid.columns if code):
        axes.plot(at, grid[code], color=d.PALE, linewidth=0.6, label=say("key.others", shown.lang) if n == 0 else None)
    axes.plot(at, grid[""], color=d.UP, linewidth=1.6, label=say("key.treated", shown.lang))
    axes.axhline(0, color=d.INK, linewidth=0.6)
    _periods_axis(axes, list(map(str, grid.index)))
    axes.set_ylabel(shown.heading("gap"))
    figure.legend(loc="outside upper left", ncols=2, borderpad=0)
    return figure
