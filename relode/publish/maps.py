"""Maps: outlines from GeoJSON, projected to equal areas with plain arithmetic, filled by figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from relode.words.texts import say

from . import drawing as d
from .figures import Shown, is_signed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
Rings = list[Array]  # outlines of one entity, each (n, 2): longitude, latitude
Shade = Callable[[float], Any]  # a figure -> its colour
CLASSES = 5
# west, east, south, north -> standard parallels, central meridian, origin (Snyder 1987, table 15; 国家基本地图)
_KNOWN = (((-130, -60, 20, 55), (29.5, 45.5, -96.0, 37.5)), ((70, 140, 0, 55), (25.0, 47.0, 105.0, 0.0)))


@dataclass(frozen=True)
class Outlines:
    """A map: rings by entity, lines that belong on it but to no entity (the maritime line of China), and what must
    stand under it: whose outlines they are, and the number under which they may be shown (审图号)."""

    shapes: Mapping[str, Rings]
    lines: Rings = field(default_factory=list)
    source: str = ""
    approval: str = ""

    def foot(self, lang: str) -> tuple[str, ...]:
        """What must stand under the map."""
        told = {"map.source": self.source, "map.approval": self.approval}
        return tuple(say(code, lang, name=said) for code, said in told.items() if said)


def outlines_of(maps: Mapping[str, Any], wanted: set[str]) -> Outlines | None:
    """The map that knows most of `wanted`, the first of equals; None if none knows any.

    A map is a GeoJSON FeatureCollection or the path of one; a feature's `id`, or its property `code`, is the entity;
    its member `relode` holds `lines`, `source`, `approval`.
    """
    best: tuple[int, dict[str, Any]] = (0, {})
    for one in maps.values():
        collection = json.loads(one.read_text("utf8")) if isinstance(one, Path) else one
        known = len(wanted & {_code(feature) for feature in collection["features"]})
        if known > best[0]:
            best = known, collection
    if not best[0]:
        return None
    told = best[1].get("relode", {})
    return Outlines(
        {_code(feature): _rings(feature["geometry"]) for feature in best[1]["features"]},
        [np.asarray(part, np.float64)[:, :2] for line in told.get("lines", ()) for part in line],
        str(told.get("source", "")), str(told.get("approval", "")),
    )  # fmt: skip


def _code(feature: Mapping[str, Any]) -> str:
    return str(feature.get("id", feature.get("properties", {}).get("code", "")))


def _rings(geometry: Mapping[str, Any]) -> Rings:
    coordinates = geometry["coordinates"]
    polygons = coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
    return [np.asarray(ring, np.float64)[:, :2] for polygon in polygons for ring in polygon]


def parallels(west: float, east: float, south: float, north: float) -> tuple[float, float, float, float]:
    """Two standard parallels, central meridian and origin for an extent, all in degrees.

    The 48 states and China have their customary ones; elsewhere the parallels lie a sixth inside the extent.

    >>> parallels(-124.7, -67.0, 24.5, 49.4)
    (29.5, 45.5, -96.0, 37.5)
    """
    for (w, e, s, n), customary in _KNOWN:
        if w <= west and east <= e and s <= south and north <= n:
            return customary
    sixth = (north - south) / 6
    return south + sixth, north - sixth, (west + east) / 2, (south + north) / 2


def albers(points: Array, first: float, second: float, meridian: float, origin: float) -> Array:
    """Albers equal-area conic projection on the sphere of radius 1. 阿尔伯斯等积圆锥投影

    n = (sin f1 + sin f2) / 2,  C = cos^2 f1 + 2 n sin f1,  r(f) = sqrt(C - 2 n sin f) / n,
    x = r sin(n (l - l0)),  y = r0 - r cos(n (l - l0))
    Shape    (m, 2) degrees of longitude, latitude  ->  (m, 2)
    Source   Snyder (1987), Map Projections: A Working Manual, p. 100
    """
    f1, f2, f0 = np.radians([first, second, origin])
    lon, lat = np.radians(points).T
    n = (np.sin(f1) + np.sin(f2)) / 2
    if abs(n) < 1e-9:  # parallels on both sides of the equator: the cone becomes a cylinder
        return np.column_stack([(lon - np.radians(meridian)) * np.cos(f1), np.sin(lat) / np.cos(f1)])
    c = np.cos(f1) ** 2 + 2 * n * np.sin(f1)
    r, r0 = (np.sqrt(np.maximum(c - 2 * n * np.sin(f), 0)) / n for f in (lat, f0))
    angle = n * (lon - np.radians(meridian))
    return np.column_stack([r * np.sin(angle), r0 - r * np.cos(angle)])


def draw(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """A choropleth in five classes of equal count; an outline without a figure stays hatched, lines lie on top."""
    value, outlines = str(details["value"]), details["outlines"]
    flat, lines = projected(outlines)
    figures = {str(code): float(x) for code, x in zip(frame["entity"], frame[value], strict=True)}
    cuts = np.unique(np.quantile(list(figures.values()), np.linspace(0, 1, CLASSES + 1)))
    points = np.concatenate([*(ring for rings in flat.values() for ring in rings), *lines])
    width, height = np.ptp(points, axis=0)
    figure, (axes,) = d.sheet(d.WIDTH * 0.76 * height / width + 0.15)
    shade = partial(colour, cuts=cuts, signed=is_signed(value, f"{shown.result.method}.{details['table']}"))
    for code, rings in flat.items():
        _fill(axes, rings, shade(figures[code]) if code in figures else None)
    for line in lines:
        axes.plot(*line.T, color=d.INK, linewidth=0.9, solid_capstyle="round")
    axes.set_aspect("equal")
    axes.autoscale_view()
    axes.set_axis_off()
    _classes(axes, cuts, shade, details, shown, gaps=not flat.keys() <= figures.keys())
    return figure


def projected(outlines: Outlines) -> tuple[dict[str, Rings], Rings]:
    """Rings by entity and lines, on the plane; the extent of the entities chooses the parallels."""
    every = np.concatenate([ring for rings in outlines.shapes.values() for ring in rings])
    (west, south), (east, north) = every.min(axis=0), every.max(axis=0)
    frame = parallels(west, east, south, north)
    flat = {code: [albers(ring, *frame) for ring in rings] for code, rings in outlines.shapes.items()}
    return flat, [albers(line, *frame) for line in outlines.lines]


def _fill(axes: Axes, rings: Rings, shade: Any) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    outline = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))
    look: dict[str, Any] = {"edgecolor": "white", "linewidth": 0.4}
    if shade is None:
        look |= {"facecolor": "#f2f2f2", "hatch": "////", "edgecolor": d.PALE}
    else:
        look["facecolor"] = shade
    axes.add_patch(PathPatch(outline, **look))


def colour(figure: float, cuts: Array, *, signed: bool = False) -> Any:
    """The colour of a figure's class: light is low, dark is high; figures that go both ways: orange below,
    purple above zero."""
    import matplotlib as mpl

    count = max(len(cuts) - 1, 1)
    place = int(np.clip(np.searchsorted(cuts, figure, side="right") - 1, 0, count - 1))
    if signed:
        middle = (cuts[place] + cuts[min(place + 1, len(cuts) - 1)]) / 2
        return mpl.colormaps["PuOr"](0.5 + 0.42 * middle / (np.abs(cuts).max() or 1.0))
    return mpl.colormaps[d.SCALE](0.95 - 0.9 * (place / max(count - 1, 1)))


def _classes(axes: Axes, cuts: Array, shade: Shade, details: Mapping[str, Any], shown: Shown, *, gaps: bool) -> None:
    from matplotlib.patches import Patch

    value = str(details["value"])
    told = [shown.cell(str(details["table"]), value, float(cut)) for cut in cuts]
    pairs = list(zip(cuts[:-1], told[:-1], told[1:], strict=True)) or [(cuts[0], told[0], told[0])]
    handles = [
        Patch(facecolor=shade(float(cut)), label=say("key.class", shown.lang, low=low, high=high))
        for cut, low, high in pairs
    ]
    if gaps:
        handles.append(Patch(facecolor="#f2f2f2", hatch="////", edgecolor=d.PALE, label=say("key.none", shown.lang)))
    title = shown.heading(value, str(details["table"]))
    axes.legend(
        handles=handles,
        title=title,
        loc="center left",
        bbox_to_anchor=(1, 0.5),
    )
