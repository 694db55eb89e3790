"""Pictures of one period: who stands where, how sure that is, and from what it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from relode.words.texts import say

from . import drawing as d
from .figures import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def who(frame: pd.DataFrame, details: Mapping[str, Any]) -> str:
    """The column that says what each row is about."""
    for column in (details.get("by"), details.get("entity"), "entity", "place", "indicator", "node"):
        if column in frame.columns:
            return str(column)
    return str(frame.columns[0])


def intervals(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """A dot for the value, a whisker from low to high, tie bands as shaded groups. Two columns where rows are many."""
    value, low, high = details["value"], details["low"], details["high"]
    by = who(frame, details)
    rising = value.startswith("rank")
    frame = frame.sort_values([value, by], ascending=[rising, True], kind="stable").reset_index(drop=True)
    parts = d.halves(len(frame))
    figure, sheets = d.sheet(d.row_height(parts[0].stop), len(parts), sharex=True)
    for axes, part in zip(sheets, parts, strict=True):
        rows = frame.iloc[part].reset_index(drop=True)
        labels = [shown.cell(str(details["table"]), by, code) for code in rows[by]]
        d.names(axes, labels)
        _bands(axes, rows)
        place = range(len(rows))
        if low in rows and high in rows:
            axes.hlines(place, rows[low], rows[high], color=d.UP, linewidth=1.6, alpha=0.55)
        axes.plot(rows[value], place, "o", color=d.INK, markersize=3)
        axes.set_xlabel(shown.heading(value, str(details.get("table", ""))))
        axes.grid(axis="x", color=d.PALE, linewidth=0.4)
        axes.set_axisbelow(True)
    _key(figure, shown.lang, "band" in frame.columns)
    return figure


def _bands(axes: Axes, rows: pd.DataFrame) -> None:
    if "band" not in rows:
        return
    for n, (_, group) in enumerate(rows.groupby("band", sort=False)):
        if n % 2 == 0:
            axes.axhspan(group.index[0] - 0.5, group.index[-1] + 0.5, color=d.BAND, linewidth=0)


def _key(figure: Figure, lang: str, banded: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Line2D([], [], color=d.INK, marker="o", markersize=3, linestyle="", label=say("key.value", lang)),
        Line2D([], [], color=d.UP, linewidth=1.6, alpha=0.55, label=say("key.interval", lang)),
    ]
    if banded:
        handles.append(Patch(color=d.BAND, label=say("key.band", lang)))
    figure.legend(handles=handles, loc="outside upper left", ncols=3, borderpad=0)


def heat(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """Scores of entities by dimension: colour and figure in each cell; the best overall on top."""
    import numpy as np

    value, across = details["value"], str(details.get("node", "node"))
    by = who(frame, details)
    grid = frame.pivot(index=by, columns=across, values=value)
    grid = grid[list(dict.fromkeys(frame[across]))]
    grid = grid.loc[grid.mean(axis=1).sort_values(ascending=False, kind="stable").index]
    parts = d.halves(len(grid))
    figure, sheets = d.sheet(d.row_height(parts[0].stop) + 0.25, len(parts))
    ends = np.nanmin(grid.to_numpy()), np.nanmax(grid.to_numpy())
    look: dict[str, Any] = {"rotation": 40, "ha": "left", "rotation_mode": "anchor"} if len(parts) == 2 else {}
    for axes, part in zip(sheets, parts, strict=True):
        rows = grid.iloc[part]
        edges = (np.arange(size + 1) - 0.5 for size in (len(rows.columns), len(rows)))
        mesh = axes.pcolormesh(*edges, rows, cmap=d.SCALE, vmin=ends[0], vmax=ends[1], edgecolor="white", linewidth=0.3)
        d.names(axes, shown.names(by, rows.index))
        labels = [d.wrapped(name, 18) for name in shown.names(across, rows.columns)]
        axes.set_xticks(range(len(labels)), labels, fontsize=6.5, **look)
        axes.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False, length=0, pad=2)
        axes.spines[:].set_visible(False)
        _cells(axes, rows.to_numpy(), ends, mesh, share=shown.pattern(details["table"], value, 1.0).endswith("%"))
    return figure


def _cells(axes: Axes, block: Any, ends: tuple[float, float], mesh: Any, *, share: bool) -> None:
    import numpy as np

    form = ".1%" if share else ".0f" if max(abs(ends[0]), abs(ends[1])) >= 10 else ".2f"
    for (y, x), figure in np.ndenumerate(block):
        shade = mesh.cmap(mesh.norm(figure))
        dark = 0.299 * shade[0] + 0.587 * shade[1] + 0.114 * shade[2] < 0.5
        text = "—" if np.isnan(figure) else f"{figure:{form}}".replace("-", "\u2212")
        axes.text(x, y, text, ha="center", va="center", fontsize=6, color="white" if dark else "black")


def bars(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """Bars from zero, the longest on top, with the figure at the end of each."""
    value, by = details["value"], who(frame, details)
    frame = frame.sort_values([value, by], ascending=[False, True], kind="stable").reset_index(drop=True)
    parts = d.halves(len(frame))
    figure, sheets = d.sheet(d.row_height(parts[0].stop), len(parts), sharex=True)
    for axes, part in zip(sheets, parts, strict=True):
        rows = frame.iloc[part]
        _barred(axes, shown.names(by, rows[by]), list(rows[value]), _texts(rows, value, details, shown))
        axes.set_xlabel(shown.heading(value, str(details.get("table", ""))))
    return figure


def _texts(rows: pd.DataFrame, value: str, details: Mapping[str, Any], shown: Shown) -> list[str]:
    return [shown.cell(str(details["table"]), value, x) for x in rows[value]]


def _barred(axes: Axes, labels: list[str], figures: list[float], texts: list[str]) -> None:
    drawn = axes.barh(range(len(labels)), figures, color=d.UP, height=0.7)
    axes.bar_label(drawn, texts, padding=2, fontsize=7)
    axes.margins(x=0.12)
    axes.axvline(0, color=d.GREY, linewidth=0.6)
    d.names(axes, labels)


def stack(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """What a total is made of: one bar per entity, one part per node, told apart by colour and hatching."""
    value, by = details["value"], who(frame, details)
    across = str(details.get("node", "node" if "node" in frame.columns else "indicator"))
    grid = frame.pivot_table(index=by, columns=across, values=value, aggfunc="sum", sort=False)
    grid = grid.loc[grid.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    parts = d.halves(len(grid))
    figure, sheets = d.sheet(d.row_height(parts[0].stop) + 0.3, len(parts), sharex=True)
    for axes, part in zip(sheets, parts, strict=True):
        rows = grid.iloc[part]
        left = rows.iloc[:, 0] * 0
        for n, node in enumerate(rows.columns):
            look: dict[str, Any] = {
                "color": d.COLOURS[n % 8],
                "hatch": d.HATCHES[n % 8],
                "edgecolor": "white",
                "linewidth": 0,
            }
            axes.barh(range(len(rows)), rows[node], left=left, height=0.75, label=shown.name(across, str(node)), **look)
            left = left + rows[node].fillna(0)
        d.names(axes, shown.names(by, rows.index))
        axes.set_xlabel(shown.heading(value, str(details.get("table", ""))))
    handles, labels = sheets[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=min(len(labels), 4), borderpad=0)
    return figure


def obstacles(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """How many entities have each indicator among their first obstacles."""
    first = int(details.get("first", 3))
    near = frame[frame["place_in_order"] <= first]
    counts = near["indicator"].value_counts().sort_index().sort_values(ascending=False, kind="stable").head(20)
    figure, (axes,) = d.sheet(d.row_height(len(counts)))
    labels = [shown.name("indicator", str(code)) for code in counts.index]
    _barred(axes, labels, [float(x) for x in counts], [str(int(x)) for x in counts])
    axes.set_xlabel(say("axis.obstacles", shown.lang, first=first))
    return figure
