"""Maps of a place: outlines projected for a screen, or a grid of tiles where there are none."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..words.codelist import Codelist
from ..words.errors import Misfit

if TYPE_CHECKING:
    from .place import Place

NAME = re.compile(r"[\w-]{1,60}")
GRID = 20_000  # steps across a map: finer than a screen, and short to send


@dataclass(frozen=True)
class Outline:
    """A map that fits: its name, whose outlines they are and under which approval number they may be shown."""

    name: str
    path: Path
    source: str = ""
    approval: str = ""

    @classmethod
    def load(cls, path: Path) -> Outline:
        """What a map file says of itself."""
        told = json.loads(path.read_text("utf8")).get("relode", {})
        return cls(path.stem, path, str(told.get("source", "")), str(told.get("approval", "")))


def bring_in(
    place: Place, file: Path, *, source: str, approval: str = "", code: str = "", lines: Path | None = None,
    name: str = "", partial: bool = False, tolerance: float = 0.01, level: str = "",
) -> tuple[Path, int, int]:  # fmt: skip
    """Check a map and keep it as `maps/<name>.geojson`: the file, and how many areas and sets of lines it holds.

    Raises Misfit, all faults of the map together; Unwritable.
    """
    from relode.gather.maps import read_outlines
    from relode.publish.files import replace

    name = name or file.stem
    if not NAME.fullmatch(name):
        raise Misfit("maps.name", name=name)
    found = read_outlines(
        file,
        regions=place.regions,
        source=source,
        approval=approval,
        code=code,
        lines=lines,
        partial=partial,
        level=level,
    )
    path = place.folder / "maps" / f"{name}.geojson"
    replace(path, found.text(place.regions, tolerance).encode())
    return path, len(found.areas), len(found.lines)


def outline_for(place: Place, entities: tuple[str, ...]) -> Outline | None:
    """The map of the place that knows most of the entities; None if none knows any."""
    best: tuple[int, Path] | None = None
    for path in place.maps.values():
        codes = {_code(feature) for feature in json.loads(path.read_text("utf8"))["features"]}
        known = len(codes & set(entities))
        if known and (best is None or known > best[0]):
            best = known, path
    return Outline.load(best[1]) if best else None


def drawn(outline: Outline) -> dict[str, Any]:
    """The map as planar GeoJSON for a screen: Albers equal-area, whole numbers, lines after areas."""
    import numpy as np

    from relode.publish.maps import albers, parallels

    collection = json.loads(outline.path.read_text("utf8"))
    features = collection["features"]
    lines = collection.get("relode", {}).get("lines", [])
    every = np.concatenate([np.asarray(part)[:, :2] for f in features for part in _parts(f["geometry"])])
    (west, south), (east, north) = every.min(axis=0), every.max(axis=0)
    frame = parallels(west, east, south, north)
    flat = albers(every, *frame)
    low, size = flat.min(axis=0), np.ptp(flat, axis=0).max()

    def planar(part: Any) -> list[list[int]]:
        points = np.rint((albers(np.asarray(part, float)[:, :2], *frame) - low) / size * GRID).astype(int)
        keep = np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]
        return points[keep].tolist()  # type: ignore[no-any-return]

    found = [
        {
            "type": "Feature",
            "properties": {"code": _code(f), "name": _code(f)},
            "geometry": _flat(f["geometry"], planar),
        }
        for f in features
    ]
    found += [
        {"type": "Feature", "properties": {"code": f"line-{n}", "name": f"line-{n}"},
         "geometry": {"type": "MultiLineString", "coordinates": [planar(part) for part in line]}}
        for n, line in enumerate(lines)
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": found}


def tiles_of(regions: Codelist, entities: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the tile of each entity stands, (column, row): by longitude and latitude where known, else by the list."""
    known = [regions.get(code) for code in entities]
    points = [(e.lon, e.lat) for e in known if e is not None and e.lon is not None and e.lat is not None]
    width = max(int((1.5 * len(entities)) ** 0.5 + 0.999), 1)
    listed = {code: n for n, code in enumerate(regions)}
    order = sorted(range(len(entities)), key=lambda n: (listed.get(entities[n], len(listed)), n))
    if len(points) == len(entities) and entities:
        by_south = sorted(order, key=lambda n: (-points[n][1], points[n][0]))
        rows = [by_south[n : n + width] for n in range(0, len(by_south), width)]
        order = [n for row in rows for n in sorted(row, key=lambda m: points[m][0])]
    place = {n: divmod(k, width)[::-1] for k, n in enumerate(order)}
    return [place[n] for n in range(len(entities))]


def _code(feature: dict[str, Any]) -> str:
    return str(feature.get("id", feature.get("properties", {}).get("code", "")))


def _parts(geometry: dict[str, Any]) -> list[Any]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [ring for polygon in polygons for ring in polygon]


def _flat(geometry: dict[str, Any], planar: Any) -> dict[str, Any]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    made = [[planar(ring) for ring in polygon] for polygon in polygons]
    kept = [[ring for ring in polygon if len(ring) > 3] for polygon in made]
    return {"type": "MultiPolygon", "coordinates": [polygon for polygon in kept if polygon]}
