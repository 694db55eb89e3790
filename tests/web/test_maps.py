"""Outlines: what is kept was checked, says where it comes from, and a map of the whole country is whole or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from relode.app import open as open_place
from relode.app.maps import bring_in, drawn, tiles_of
from relode.app.observatory import Observatory
from relode.gather.maps import PROVINCES, read_outlines
from relode.web.serve import make
from relode.words.codelist import Codelist, Entity
from relode.words.errors import Misfit, RelodeError, Several

from .conftest import FREE, REGIONS, code


def square(x: float, y: float, size: float = 1.0) -> list[list[float]]:
    """A ring."""
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def feature(code: str, *rings: list[list[float]]) -> dict[str, Any]:
    """An area."""
    geometry = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    return {"type": "Feature", "properties": {"adcode": code}, "geometry": geometry}


def saved(path: Path, features: list[dict[str, Any]]) -> Path:
    """A GeoJSON file."""
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf8")
    return path


def codes_of(fault: RelodeError) -> set[str]:
    """The codes of a fault, or of all that it holds."""
    return {one.code for one in fault.faults} if isinstance(fault, Several) else {fault.code}


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    """Outlines of the invented regions: a row of squares."""
    return saved(tmp_path / "grid.geojson", [feature(code(n), square(n % 6, 40 + n // 6)) for n in range(REGIONS)])


def test_outlines_are_kept_with_their_source_and_shown(place: Path, grid: Path) -> None:
    path, areas, lines = bring_in(open_place(place), grid, source="invented outlines")
    assert (path.name, areas, lines) == ("grid.geojson", REGIONS, 0)
    with TestClient(make(Observatory(place), limits=FREE), base_url="http://localhost") as one:
        text = one.get("/?lang=en").text
        assert 'data-map="/map/grid.json"' in text
        assert "Outlines: invented outlines" in text
        shapes = one.get("/map/grid.json").json()["features"]
        assert {shape["properties"]["code"] for shape in shapes} == {code(n) for n in range(REGIONS)}
        assert one.get("/picture/map.svg").status_code == 200


def test_a_map_without_source_without_regions_or_broken_is_refused(place: Path, grid: Path, tmp_path: Path) -> None:
    here = open_place(place)
    cases = {
        "maps.source": (grid, " "),
        "maps.none_fit": (saved(tmp_path / "a.geojson", [feature("nowhere", square(0, 0))]), "x"),
        "maps.empty": (saved(tmp_path / "b.geojson", []), "x"),
        "maps.unreadable": (tmp_path / "missing.geojson", "x"),
    }
    for wanted, (path, source) in cases.items():
        with pytest.raises(RelodeError) as told:
            bring_in(here, path, source=source)
        assert codes_of(told.value) == {wanted}
    assert not list((place / "maps").iterdir())


def test_missing_and_overlapping_areas_are_named_together(place: Path, tmp_path: Path) -> None:
    path = saved(tmp_path / "gaps.geojson", [feature(code(0), square(0, 0)), feature(code(1), square(0.5, 0))])
    with pytest.raises(Several) as told:
        bring_in(open_place(place), path, source="x")
    assert codes_of(told.value) == {"maps.incomplete", "maps.broken"}
    assert f"{code(0)}/{code(1)}" in told.value.told("en")


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a.b"])
def test_a_map_is_kept_in_its_folder_only(place: Path, grid: Path, name: str) -> None:
    if not name:
        pytest.skip("without a name the file's is taken")
    with pytest.raises(Misfit):
        bring_in(open_place(place), grid, source="x", name=name)


PROVINCE_CODES = [f"{n}0000" for n in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55),
                                       *range(61, 66), 71, 81, 82)]  # fmt: skip
ISLANDS = square(112, 8, 0.2)
LINE = {"type": "Feature", "properties": {}, "geometry": {
    "type": "MultiLineString", "coordinates": [[[109, 15], [110, 12]], [[112, 4], [115, 5]], [[119, 16], [119, 18]]],
}}  # fmt: skip


def china(tmp_path: Path, *, without: str = "", islands: bool = True, line: bool = True) -> tuple[Path, Codelist]:
    """An invented map with the codes of all provinces: squares, the islands with Hainan, the line."""
    regions = Codelist.of([Entity(c, c, level="province") for c in PROVINCE_CODES])
    features = []
    for n, one in enumerate(PROVINCE_CODES):
        if one != without:
            extra = [ISLANDS] if one == "460000" and islands else []
            features.append(feature(one, square(80 + 2 * (n % 8), 22 + 2 * (n // 8)), *extra))
    return saved(tmp_path / "china.geojson", features + ([LINE] if line else [])), regions


def test_a_whole_map_of_the_country_passes_and_keeps_its_line_and_number(tmp_path: Path) -> None:
    path, regions = china(tmp_path)
    found = read_outlines(path, regions=regions, source="标准地图服务", approval="GS(2024)0650号")
    told = json.loads(found.text(regions))
    assert len(told["features"]) == len(PROVINCE_CODES) >= PROVINCES
    assert told["relode"]["approval"] == "GS(2024)0650号"
    assert len(told["relode"]["lines"][0]) == 3


@pytest.mark.parametrize(
    ("change", "lacking"),
    [({"without": "710000"}, "taiwan"), ({"islands": False}, "south_sea"), ({"line": False}, "line")],
)
def test_a_map_of_the_country_that_is_not_whole_is_refused(
    tmp_path: Path, change: dict[str, Any], lacking: str
) -> None:
    path, regions = china(tmp_path, **change)
    with pytest.raises(RelodeError) as told:
        read_outlines(path, regions=regions, source="x", approval="GS(2024)0650号", partial=True)
    assert codes_of(told.value) == {"maps.national"}
    assert lacking in told.value.told("en")


def test_a_map_of_china_needs_its_number_even_of_one_province(tmp_path: Path) -> None:
    regions = Codelist.of([Entity("140200", "大同市", level="city")])
    path = saved(tmp_path / "shanxi.geojson", [feature("140200000000", square(113, 39))])
    with pytest.raises(Misfit) as told:
        read_outlines(path, regions=regions, source="x")
    assert told.value.code == "maps.approval"
    assert set(read_outlines(path, regions=regions, source="x", approval="晋S(2024)001号").areas) == {"140200"}


def test_simplifying_keeps_shared_edges(place: Path, tmp_path: Path) -> None:
    import shapely
    from shapely.geometry import shape

    wave = [[n / 50, 41 + 0.02 * np.sin(n)] for n in range(51)]
    low = [[0, 40], [1, 40], *reversed(wave), [0, 40]]
    high = [*wave, [1, 42], [0, 42], wave[0]]
    path = saved(tmp_path / "two.geojson", [feature(code(0), low), feature(code(1), high)])
    found = read_outlines(path, regions=open_place(place).regions, source="x", partial=True)
    kept = [shape(f["geometry"]) for f in json.loads(found.text(open_place(place).regions, 0.05))["features"]]
    assert shapely.coverage_is_valid(kept)
    assert sum(shapely.get_num_coordinates(kept)) < 30


def test_lines_are_drawn_over_the_areas(place: Path, tmp_path: Path) -> None:
    from relode.app.maps import Outline

    path, regions = china(tmp_path)
    found = read_outlines(path, regions=regions, source="x", approval="y")
    (tmp_path / "kept.geojson").write_text(found.text(regions), "utf8")
    made = drawn(Outline.load(tmp_path / "kept.geojson"))["features"]
    assert made[-1]["geometry"]["type"] == "MultiLineString"
    assert len(made) == len(PROVINCE_CODES) + 1


def test_tiles_stand_apart_and_follow_the_compass() -> None:
    regions = Codelist.of([Entity(str(n), str(n), lon=float(n % 5), lat=float(n // 5)) for n in range(25)])
    found = dict(zip(regions, tiles_of(regions, tuple(regions)), strict=True))
    assert len(set(found.values())) == 25
    assert found["24"][1] < found["0"][1], "north is up"
