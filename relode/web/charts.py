"""Charts as plain data for ECharts: no functions, so that no page needs a script of its own.

Tooltips are drawn as text (`richText`), never as HTML: a name in the data cannot become markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a6d00", "#5f5f5f")  # Okabe, Ito 2008
SYMBOLS = ("circle", "rect", "triangle", "diamond", "pin", "arrow", "roundRect", "emptyCircle")
STEPS = ("#fde9a8", "#c8b866", "#8f8a74", "#575d6d", "#123570")  # light is low, dark is high, as in print
NONE = "#ececec"
INK, PALE = "#1f2933", "#d9dee3"

Option = dict[str, Any]


def base(label: str) -> Option:
    """What all charts share; `label` is what a screen reader says."""
    return {
        "animation": False,
        "color": list(COLOURS),
        "textStyle": {"color": INK, "fontFamily": "inherit"},
        "aria": {"enabled": True, "label": {"description": label}},
        "tooltip": {"renderMode": "richText", "confine": True},
    }


def lines(
    label: str, periods: Sequence[str], series: Mapping[str, Sequence[float | None]], *, unit: str = "",
    upside_down: bool = False, strong: str = "",
) -> Option:  # fmt: skip
    """One line per name over the periods; each with its own mark, so that colour is not alone."""
    drawn = [
        {
            "type": "line", "name": name, "data": list(values), "symbol": SYMBOLS[n % len(SYMBOLS)], "symbolSize": 6,
            "lineStyle": {"width": 3 if name == strong else 1.6}, "connectNulls": False,
        }
        for n, (name, values) in enumerate(series.items())
    ]  # fmt: skip
    return base(label) | {
        "grid": {"left": 8, "right": 16, "top": 44, "bottom": 8, "containLabel": True},
        "legend": {"type": "scroll", "top": 4},
        "tooltip": {"renderMode": "richText", "confine": True, "trigger": "axis"},
        "xAxis": {"type": "category", "data": list(periods), "boundaryGap": False},
        "yAxis": {
            "type": "value", "scale": True, "inverse": upside_down, "name": unit, "nameLocation": "end",
            "splitLine": {"lineStyle": {"color": PALE}}, **({"min": 1, "minInterval": 1} if upside_down else {}),
        },
        "series": drawn,
    }  # fmt: skip


def bars(label: str, names: Sequence[str], values: Sequence[float | None], *, unit: str = "") -> Option:
    """Lying bars, the first on top."""
    return base(label) | {
        "grid": {"left": 8, "right": 24, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {
            "type": "value",
            "axisLabel": {"formatter": "{value}" + unit},
            "splitLine": {"lineStyle": {"color": PALE}},
        },
        "yAxis": {"type": "category", "inverse": True, "data": list(names), "axisTick": {"show": False}},
        "series": [{"type": "bar", "data": list(values), "barMaxWidth": 18}],
    }


def beside(label: str, names: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> Option:
    """Groups of bars: one group per name, one bar per series; hatched, so that colour is not alone."""
    drawn = [{"type": "bar", "name": who, "data": list(values), "barMaxWidth": 16} for who, values in series.items()]
    return base(label) | {
        "aria": {"enabled": True, "label": {"description": label}, "decal": {"show": True}},
        "grid": {"left": 8, "right": 16, "top": 40, "bottom": 8, "containLabel": True},
        "legend": {"type": "scroll", "top": 4},
        "xAxis": {"type": "category", "data": list(names), "axisLabel": {"interval": 0, "hideOverlap": True}},
        "yAxis": {"type": "value", "scale": False, "splitLine": {"lineStyle": {"color": PALE}}},
        "series": drawn,
    }


def _pieces(cuts: Sequence[tuple[float, float, str]]) -> list[Option]:
    return [
        {"min": low, **({"lt": high} if n < len(cuts) - 1 else {"max": high}), "label": label, "color": STEPS[n]}
        for n, (low, high, label) in enumerate(cuts)
    ]


def choropleth(label: str, outline: str, rows: Sequence[Option], cuts: Sequence[tuple[float, float, str]]) -> Option:
    """A map filled by class; `rows` are name, value, link, tip; who has no figure stays light."""
    data = [_point(row) for row in rows]
    return base(label) | {
        "visualMap": {
            "type": "piecewise", "pieces": _pieces(cuts), "left": 4, "bottom": 4, "seriesIndex": 0,
            "outOfRange": {"color": NONE}, "itemGap": 4,
        },
        "series": [{
            "type": "map", "map": outline, "roam": False, "aspectScale": 1, "nameProperty": "code", "data": data,
            "left": 8, "right": 8, "top": 8, "bottom": 8, "preserveAspect": "contain",
            "label": {"show": False}, "selectedMode": False,
            "itemStyle": {"areaColor": NONE, "borderColor": "#ffffff", "borderWidth": 0.6},
            "emphasis": {
                "label": {"show": False}, "itemStyle": {"areaColor": None, "borderColor": INK, "borderWidth": 1.6},
            },
        }],
    }  # fmt: skip


TILES = 560  # pixels that a row of tiles has at least on a screen


def tiles(label: str, rows: Sequence[Option], cuts: Sequence[tuple[float, float, str]]) -> Option:
    """A grid of tiles, one per entity, where there are no outlines: small places are as large as big ones."""
    data = [_point(row) | {"value": [row["x"], row["y"], row["value"]]} for row in rows]
    width = 1 + max((int(row["x"]) for row in rows), default=0)
    height = 1 + max((int(row["y"]) for row in rows), default=0)
    axis = {"type": "category", "show": False}
    return base(label) | {
        "grid": {"left": 4, "right": 4, "top": 4, "bottom": 34},
        "xAxis": axis | {"data": [str(n) for n in range(width)]},
        "yAxis": axis | {"data": [str(n) for n in range(height)], "inverse": True},
        "visualMap": {
            "type": "piecewise", "pieces": _pieces(cuts), "left": "center", "bottom": 0, "orient": "horizontal",
            "dimension": 2, "outOfRange": {"color": NONE}, "itemGap": 8,
        },
        "series": [{
            "type": "heatmap", "data": data,
            "label": {"show": True, "formatter": "{b}", "fontSize": 10, "width": TILES // width - 2,
                      "overflow": "breakAll"},
            "itemStyle": {"borderColor": "#fff", "borderWidth": 2},
            "emphasis": {"itemStyle": {"borderColor": INK, "borderWidth": 2}},
        }],
    }  # fmt: skip


def _point(row: Option) -> Option:
    """One region of a map: its name, figure, what the tooltip says and where a click leads."""
    return {
        "name": row["name"], "value": row["value"], "link": row["link"],
        "tooltip": {"formatter": row["tip"]},
    }  # fmt: skip
