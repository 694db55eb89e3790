"""Pictures: every kind draws in both languages, with text that is text, the same bytes, and no row left out unsaid."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from relode.publish import maps, pictures
from relode.publish.drawing import Drawing
from relode.publish.figures import Shown
from relode.publish.pictures import KINDS, picture
from relode.words.errors import UnknownWord
from relode.words.recipe import Chapter, Report, Show
from relode.words.result import Chart, Result

from .conftest import index_result, movement_result, places_result, ranks, result, text_of
from .effects import effect_result, spread_result


def square(west: float, south: float, code: str) -> dict[str, Any]:
    ring = [(west, south), (west + 2, south), (west + 2, south + 2), (west, south + 2), (west, south)]
    return {"type": "Feature", "id": code, "geometry": {"type": "Polygon", "coordinates": [ring]}}


OUTLINES = {"m": {"type": "FeatureCollection", "features": [square(2 * k, 30 + k % 3, f"r{k:03}") for k in range(14)]}}


def years() -> Result:
    table = pd.concat([ranks(12, str(year)).assign(rank=np.roll(np.arange(1, 13), year)) for year in range(2015, 2025)])
    return result({"ranks": table}, Chart("lines", "ranks", "measure.chart.lines", {"value": "rank"}))


def drawn(kind: str, lang: str) -> pictures.Picture:
    makers = {"change": movement_result, "gaps": places_result, "lines": years, "density": spread_result}
    makers |= {"scatter": spread_result} | {chart.kind: effect_result for chart in effect_result().charts}
    made = makers.get(kind, index_result)()
    charts = [*made.charts, Chart("bars", "ranks", "measure.chart.ranks", {"value": "score"})]
    charts.append(Chart("map", "ranks", "measure.chart.map", {"value": "score"}))
    chart = next(chart for chart in charts if chart.kind == kind)
    found = picture(chart, Shown(made, lang), OUTLINES)
    assert found is not None
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_drawn_with_text_in_the_readers_language(kind: str, lang: str) -> None:
    found = drawn(kind, lang)
    text = re.sub(r"<[^>]+>", "", found.svg())
    assert bool(re.search("[\u4e00-\u9fff]", text)) is (lang == "zh")
    assert found.title in found.alt
    wide, high = Image.open(io.BytesIO(found.png())).size
    assert wide == pytest.approx(156 / 25.4 * 200, abs=2)
    assert high <= 201 / 25.4 * 200


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_same_chart_gives_the_same_bytes(kind: str) -> None:
    first = drawn(kind, "zh")
    svg, png = first.svg(), first.png()
    pictures._DRAWN.clear()
    second = drawn(kind, "zh")
    assert second.png() == png  # asked for in the other order
    assert second.svg() == svg
    assert "<metadata>" not in svg


def test_all_of_83_places_are_named_and_of_200_both_ends_and_that_is_said() -> None:
    made = index_result(83)
    found = picture(made.charts[0], Shown(made, "zh"))
    assert found is not None
    assert all(f"地区{k}<" in found.svg() for k in range(83))
    assert found.foot == ()
    many = result({"ranks": ranks(118)}, made.charts[0])
    cut = picture(many.charts[0], Shown(many, "en"))
    assert cut is not None
    assert "first 45 and the last 45 of 118" in cut.foot[0]
    svg = cut.svg()
    assert ">Region 44<" in svg
    assert ">Region 50<" not in svg
    assert ">Region 117<" in svg


def test_the_last_period_is_shown_and_said() -> None:
    table = pd.concat([ranks(5, "2020"), ranks(6, "2024")])
    made = result({"ranks": table}, Chart("bars", "ranks", "measure.chart.ranks", {"value": "score"}))
    found = picture(made.charts[0], Shown(made, "en"))
    assert found is not None
    assert "2024" in found.title
    assert "Region 5" in found.svg()


def test_without_outlines_or_rows_there_is_no_picture_and_unknown_kinds_are_refused() -> None:
    made = result({"ranks": ranks(3)}, Chart("map", "ranks", "measure.chart.map", {"value": "score"}))
    assert picture(made.charts[0], Shown(made, "en")) is None
    assert picture(made.charts[0], Shown(made, "en"), {"m": {"features": [square(0, 0, "elsewhere")]}}) is None
    empty = result({"ranks": ranks(3).iloc[:0]}, Chart("intervals", "ranks", "x", {}))
    assert picture(empty.charts[0], Shown(empty, "en")) is None
    with pytest.raises(UnknownWord):
        picture(Chart("pie", "ranks", "x", {}), Shown(made, "en"))


def test_formats_share_one_drawing_and_tables_do_not() -> None:
    made = index_result()
    found = [picture(made.charts[0], Shown(made, "zh")) for _ in range(2)]
    assert found[0] is not None
    assert found[1] is not None
    owner = [getattr(one.svg, "__self__", None) for one in found if one]
    assert isinstance(owner[0], Drawing)
    assert owner[0] is owner[1]
    other = picture(made.charts[0], Shown(index_result(), "zh"))
    assert other is not None
    assert getattr(other.svg, "__self__", None) is not owner[0]


def test_outlines_are_read_from_a_file_and_multipolygons_keep_all_their_parts(tmp_path: Path) -> None:
    import json

    ring = [[0, 30], [1, 30], [1, 31], [0, 30]]
    feature = {"properties": {"code": "a"}, "geometry": {"type": "MultiPolygon", "coordinates": [[ring], [ring]]}}
    path = tmp_path / "m.geojson"
    path.write_text(json.dumps({"features": [feature]}), encoding="utf8")
    found = maps.outlines_of({"m": path}, {"a"})
    assert found is not None
    assert [len(rings) for rings in found.shapes.values()] == [2]
    assert found.foot("en") == ()


def national() -> dict[str, Any]:
    """A made country between 73 and 135 degrees east, with a line in its south that belongs to no region."""
    line = [[[110.0, 8.0], [109.0, 12.0]], [[118.0, 10.0], [119.0, 14.0]]]
    told = {"source": "Bureau of Maps", "approval": "GS(2024)0001", "lines": [line]}
    features = [square(73, 40, "r000"), square(100, 30, "r001"), square(134, 45, "r002")]
    return {"type": "FeatureCollection", "features": features, "relode": told}


def test_lines_of_a_map_are_drawn_and_projected_with_it() -> None:
    found = maps.outlines_of({"china": national()}, {"r000"})
    assert found is not None
    assert [line.shape for line in found.lines] == [(2, 2), (2, 2)]
    flat, lines = maps.projected(found)
    assert maps.parallels(73, 135, 30, 46) == (25.0, 47.0, 105.0, 0.0)
    assert lines[0] == pytest.approx(maps.albers(np.array([[110.0, 8.0], [109.0, 12.0]]), 25.0, 47.0, 105.0, 0.0))
    made = result({"ranks": ranks(3)}, Chart("map", "ranks", "measure.chart.map", {"value": "score"}))
    without = {**national(), "relode": {}}
    drawn = [picture(made.charts[0], Shown(made, "en"), {"china": one}) for one in (national(), without)]
    strokes = [one.svg().count("stroke-linecap: round") for one in drawn if one]
    assert strokes[0] >= strokes[1] + 2
    lowest = min(ring[:, 1].min() for rings in flat.values() for ring in rings)
    assert min(line[:, 1].min() for line in lines) < lowest


UNDER = {
    "zh": ("地图来源：Bureau of Maps。", "审图号：GS(2024)0001。"),
    "en": ("Outlines: Bureau of Maps.", "Map approval number: GS(2024)0001."),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("suffix", ["docx", "pdf", "html"])
def test_source_and_approval_number_stand_under_the_map(report: Callable[..., Path], suffix: str, lang: str) -> None:
    map_of = Chart("map", "places", "measure.chart.map", {"value": "score"})
    made = result({"places": ranks(3)}, map_of, card=movement_result().card)
    layout = Report(
        title={"zh": "图", "en": "Map"},
        chapter=(Chapter(title={"zh": "图", "en": "Map"}, shows=(Show(step="1", chart="map"),)),),
    )
    text = text_of(report(suffix, made, lang=lang, maps={"china": national()}, report=layout))
    for said in UNDER[lang]:
        assert said.replace(" ", "") in text


def test_the_map_that_knows_most_of_the_regions_is_taken() -> None:
    few = {"features": [square(0, 0, "r000")]}
    found = maps.outlines_of({"few": few, "most": national()}, {"r000", "r001"})
    assert found is not None
    assert found.source == "Bureau of Maps"


def test_albers_agrees_with_snyder() -> None:
    """Snyder (1987), Map Projections: A Working Manual, p. 291: 35 N, 75 W on the sphere of radius 1."""
    found = maps.albers(np.array([[-75.0, 35.0]]), 29.5, 45.5, -96.0, 23.0)
    assert found[0] == pytest.approx([0.2952720, 0.2416774], abs=5e-8)


def test_albers_keeps_areas() -> None:
    for west, south in ((-100, 30), (-80, 40), (-120, 48)):
        edge = np.linspace(0, 1, 400)
        there, back = edge, 1 - edge
        sides = ((there, 0 * edge), (0 * edge + 1, there), (back, 0 * edge + 1), (0 * edge, back))
        ring = np.concatenate([np.column_stack([west + x, south + y]) for x, y in sides])
        x, y = maps.albers(ring, 29.5, 45.5, -96.0, 37.5).T
        flat = abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2
        round_ = np.radians(1) * (np.sin(np.radians(south + 1)) - np.sin(np.radians(south)))
        assert flat == pytest.approx(round_, rel=1e-6)


def test_classes_run_from_light_to_dark_and_signed_ones_part_at_zero() -> None:
    cuts = np.array([0.0, 1, 2, 3, 4, 5])
    light = [0.3 * r + 0.59 * g + 0.11 * b for r, g, b, _ in (maps.colour(x + 0.5, cuts) for x in range(5))]
    assert light == sorted(light, reverse=True)
    both = np.array([-5.0, -1, 1, 5])
    below, above = (maps.colour(x, both, signed=True) for x in (-3.0, 3.0))
    assert below[0] > below[2]  # orange
    assert above[2] > above[0]  # purple
