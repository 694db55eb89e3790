"""Pictures that compare: before and now, a place and the others, one period after another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from relode.words.texts import say

from . import drawing as d
from .charts_rank import who
from .figures import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def change(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """From base (ring) to now (disc): blue and to the right is up, orange and to the left is down."""
    base, now, by = str(details["base"]), str(details["now"]), who(frame, details)
    base, now = (name if name in frame.columns else f"score_{end}" for name, end in ((base, "base"), (now, "now")))
    frame = frame.assign(_by=frame[now] - frame[base]).dropna(subset=["_by"])
    frame = frame.sort_values(["_by", by], ascending=[False, True], kind="stable").reset_index(drop=True)
    parts = d.halves(len(frame))
    figure, sheets = d.sheet(d.row_height(parts[0].stop), len(parts), sharex=True)
    for axes, part in zip(sheets, parts, strict=True):
        rows = frame.iloc[part].reset_index(drop=True)
        colours = [d.UP if x >= 0 else d.DOWN for x in rows["_by"]]
        axes.hlines(rows.index, rows[base], rows[now], color=colours, linewidth=1.4)
        axes.scatter(rows[base], rows.index, facecolor="white", edgecolor=colours, s=12, linewidth=0.8, zorder=3)
        axes.scatter(rows[now], rows.index, color=colours, s=12, zorder=3)
        d.names(axes, shown.names(by, rows[by]))
        axes.set_xlabel(shown.heading("score"))
        axes.grid(axis="x", color=d.PALE, linewidth=0.4)
        axes.set_axisbelow(True)
    _ends(figure, shown)
    return figure


def _ends(figure: Figure, shown: Shown) -> None:
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 4, "color": d.INK}
    choices = shown.result.choices
    handles = [
        Line2D(
            [], [], markerfacecolor="white", label=say("key.base", shown.lang, period=choices.get("base", "")), **look
        ),
        Line2D([], [], label=say("key.now", shown.lang, period=choices.get("now", "")), **look),
        Line2D([], [], color=d.UP, linewidth=1.4, label=say("key.up", shown.lang)),
        Line2D([], [], color=d.DOWN, linewidth=1.4, label=say("key.down", shown.lang)),
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=4, borderpad=0)


def gaps(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """One panel per place: its own score by dimension, and those it is held against, each with its own mark."""
    places = list(dict.fromkeys(frame["place"]))
    nodes = list(dict.fromkeys(frame["node"]))
    across = min(len(places), 3)
    down = -(-len(places) // across)
    figure, _ = d.sheet(down * (len(nodes) * 0.24 + 0.45) + 0.45)
    figure.clear()
    sheets = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).ravel()
    for axes, place in zip(sheets, places, strict=False):
        rows = frame[frame["place"] == place]
        axes.set_title(shown.name("place", str(place)), loc="left")
        _marks(axes, rows, nodes, shown)
        axes.grid(axis="x", color=d.PALE, linewidth=0.4)
        axes.set_xlabel(shown.heading("score"))
    for axes in sheets[len(places) :]:
        axes.set_visible(False)
    d.names(sheets[0], shown.names("node", nodes))
    handles, labels = sheets[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=3, borderpad=0)
    return figure


def _marks(axes: Axes, rows: pd.DataFrame, nodes: list[str], shown: Shown) -> None:
    at = [nodes.index(node) for node in rows["node"]]
    axes.hlines(at, rows["own"], rows["other"], color=d.PALE, linewidth=1)
    for n, (against, group) in enumerate(rows.groupby("against", sort=False), 1):
        where = [nodes.index(node) for node in group["node"]]
        look: dict[str, Any] = {"marker": d.MARKERS[n % 6], "color": d.COLOURS[n % 8]}
        axes.scatter(group["other"], where, s=16, label=shown.name("against", str(against)), zorder=3, **look)
    own = rows.drop_duplicates("node")
    where = [nodes.index(node) for node in own["node"]]
    axes.scatter(
        own["own"],
        where,
        s=20,
        color=d.INK,
        marker="o",
        label=shown.heading("own"),
        zorder=4,
    )


def lines(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """One line per entity through all periods; a few are named at their ends, the rest stand grey behind them."""
    from relode.words.period import ordinal

    value, by = str(details["value"]), who(frame, details)
    grid = frame.pivot(index="period", columns=by, values=value)
    grid = grid.loc[sorted(grid.index, key=ordinal)]
    named = _highlighted(grid, details, shown) if len(grid.columns) > d.FEW_LINES else list(grid.columns)
    last = grid.iloc[-1].sort_values(ascending=value.startswith("rank"), kind="stable")
    named = named or list(last.index[: d.FEW_LINES])
    figure, (axes,) = d.sheet(2.7)
    for code in grid.columns:
        if code not in named:
            axes.plot(grid.index, grid[code], color=d.PALE, linewidth=0.5)
    for n, code in enumerate(named):
        look: dict[str, Any] = {"color": d.COLOURS[n % 8], "marker": d.MARKERS[n % 6], "markersize": 3}
        axes.plot(grid.index, grid[code], linewidth=1.4, markevery=-(-len(grid) // 12), **look)
        _band(axes, frame[frame[by] == code], value, d.COLOURS[n % 8])
    _named(axes, grid, named, by, shown)
    if value.startswith("rank"):
        axes.invert_yaxis()
    axes.set_ylabel(shown.heading(value, str(details.get("table", ""))))
    step = -(-len(grid) // 12)
    axes.set_xticks(range(0, len(grid), step), list(grid.index[::step]))
    return figure


def _highlighted(grid: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> list[str]:
    """Those that the chart asks for, else those that the codelist marks with a resource, as far as they can be told."""
    asked = [code for code in details.get("highlight", ()) if code in grid.columns]
    regions = shown.result.labels.regions
    return asked or [code for code in grid.columns if code in regions and regions[code].tags][: len(d.COLOURS)]


def _band(axes: Axes, rows: pd.DataFrame, value: str, colour: str) -> None:
    """The interval of a line, where the table gives one for its value."""
    if value.startswith("rank") or not {"low", "high"} <= set(rows.columns) or rows["low"].isna().all():
        return
    axes.fill_between(rows["period"], rows["low"], rows["high"], color=colour, alpha=0.12, linewidth=0)


def _named(axes: Axes, grid: pd.DataFrame, named: list[str], by: str, shown: Shown) -> None:
    """Names at the right ends of their lines, moved apart where they would overlap."""
    last = grid[named].ffill().iloc[-1].sort_values(kind="stable")
    span = float(grid.max().max() - grid.min().min()) or 1.0
    free = -float("inf")
    for code, figure in last.items():
        free = max(float(figure), free + span * 0.07)
        axes.annotate(
            shown.name(by, str(code)), (len(grid) - 1, free), (len(grid) * 1.012 - 0.6, free), va="center",
            fontsize=7.5, color=d.COLOURS[named.index(str(code)) % 8],
        )  # fmt: skip
