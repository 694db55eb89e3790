"""The page of the four marks: what a place holds is judged, what differs is counted, nothing is corrected."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import relode
from relode.app.check import paragraphs, printed, quality
from relode.app.place import Place
from relode.cli.checks import aligned
from relode.gather.relations import known_relations
from relode.words.conflicts import COLUMNS, Conflicts
from relode.words.errors import Misfit, UnknownWord
from relode.words.panel import Panel
from relode.words.texts import LANGUAGES

YEARS = tuple(str(year) for year in range(2015, 2024))
CITIES = ("大同", "阳泉", "长治", "晋城", "朔州")


def table(path: Path, factor: float = 1.0, *, slip: bool = False) -> Path:
    rows = ["地区,年份,gdp,value_added.primary,value_added.secondary,value_added.tertiary"]
    for k, city in enumerate(CITIES, 1):
        for t, year in enumerate(YEARS):
            gdp = round(100.3 * k * 1.07**t * (factor if city == "大同" else 1), 4)
            parts = [gdp / 8, gdp / 2, gdp * 3 / 8]
            if slip and city == "长治" and year == "2018":
                gdp *= 1.5
            rows.append(",".join(map(str, (city, year, gdp, *parts))))
    path.write_text("\n".join(rows), encoding="utf8")
    return path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    here = relode.open(tmp_path / "place")
    settings = here.folder / "relode.toml"
    settings.write_text(settings.read_text("utf8").replace('regions = ""', 'regions = "shanxi"'), encoding="utf8")
    lines = [f"{n},{name},city" for n, name in enumerate(CITIES, 1)]
    (here.folder / "regions" / "shanxi.csv").write_text("code,name,level\n" + "\n".join(lines), encoding="utf8")
    here = relode.open(here.folder)
    here.gather(table(tmp_path / "a.csv", slip=True), source="年鉴", vintage="2024")
    return here


def test_a_figure_that_does_not_add_up_lowers_consistency_and_is_listed(place: Place) -> None:
    result = place.run("gather.quality")
    marks = result.frame("marks").set_index("subject")
    assert marks.loc["all", "completeness"] == 1
    assert marks.loc["gdp", "consistency"] < 1
    assert marks.loc["value_added.primary", "consistency"] == 1
    found = result.frame("findings")
    assert ["parts", "3", "2018", "gdp"] in found[["finding", "entity", "period", "indicator"]].to_numpy().tolist()


def test_sources_that_differ_are_counted_and_the_reader_is_told_to_choose(place: Place, tmp_path: Path) -> None:
    place.gather(table(tmp_path / "b.csv", 1.2), source="公报", vintage="2024")
    result = quality(place)
    row = result.frame("sources").set_index("indicator").loc["gdp"]
    assert (row["count"], row["apart"], row["far_apart"], row["believed"]) == (len(YEARS) + 1, 10, 10, "")
    assert any(note.code == "quality.unsettled" for note in result.notes)
    settings = place.folder / "relode.toml"
    settings.write_text(settings.read_text("utf8").replace("prefer = []", 'prefer = ["年鉴"]'), encoding="utf8")
    settled = quality(relode.open(place.folder))
    assert set(settled.frame("sources")["believed"]) == {"年鉴"}
    assert any(note.code == "quality.settled" for note in settled.notes)


def test_the_series_that_is_preferred_is_the_one_that_is_checked(place: Place, tmp_path: Path) -> None:
    place.gather(table(tmp_path / "b.csv"), source="公报", vintage="2024")  # the same without the slip
    settings = place.folder / "relode.toml"
    settings.write_text(settings.read_text("utf8").replace("prefer = []", 'prefer = ["公报"]'), encoding="utf8")
    found = relode.open(place.folder).run("gather.quality").frame("findings")
    assert "parts" not in set(found["finding"])
    assert "conflict" in set(found["finding"])


def test_a_level_without_figures_is_refused_with_the_levels_there_are(place: Place) -> None:
    with pytest.raises(Misfit) as told:
        place.run("gather.quality", level="county")
    assert (told.value.code, told.value.expected) == ("quality.level", ("city",))


def test_a_place_without_figures_has_no_quality() -> None:
    from relode.gather.quality import quality as method
    from relode.words.codelist import Codelist

    empty = Panel(np.full((1, 1, 1, 1), np.nan), ("actual",), ("1",), ("2020",), ("gdp",))
    with pytest.raises(Misfit) as told:
        method(empty, Codelist(), Conflicts(pd.DataFrame(columns=list(COLUMNS))))
    assert told.value.code == "quality.nothing"


def test_conflicts_need_their_columns_and_answer_whom_to_believe() -> None:
    with pytest.raises(Misfit):
        Conflicts(pd.DataFrame({"entity": []}))
    empty = Conflicts(pd.DataFrame(columns=list(COLUMNS)), ("b", "a"))
    assert (empty.believed("a", "b"), empty.believed("c", "a"), empty.believed("c", "d")) == ("b", "a", "")
    assert len(empty) == 0
    assert empty.fingerprint != Conflicts(empty.frame, ("a", "b")).fingerprint


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_speaks_without_codes(place: Place, lang: str) -> None:
    result = quality(place)
    text = " ".join(paragraphs(result, lang))
    assert text.endswith("。" if lang == "zh" else ".")
    for name in result.tables:
        shown = printed(result, name, lang)
        cells = " ".join((shown.title, *shown.headings, *(cell for row in shown.rows for cell in row)))
        assert "value_added" not in cells, name
        assert "unit_slip" not in cells, name
        assert "gather." not in cells, name


def test_the_page_is_written_as_a_report(place: Place, tmp_path: Path) -> None:
    for suffix in (".html", ".xlsx", ".docx"):
        path = place.publish({"quality": quality(place)}, tmp_path / f"q{suffix}", lang="zh", recipe="quality")
        assert path.stat().st_size > 3000


def test_relations_are_those_of_which_every_figure_is_there() -> None:
    some = known_relations().among(("gdp", "value_added.primary", "area"))
    assert (some.sums, some.adds) == ((), ("gdp", "value_added.primary", "area"))
    every: Mapping[str, tuple[str, ...]] = dict(known_relations().sums)
    assert len(every["gdp"]) == 3


def test_columns_stand_under_one_another_although_chinese_is_two_wide() -> None:
    lines = aligned(["地区", "gdp"], [["大同", "1"], ["a", "22"]], figures=(1,))
    assert lines == ["地区  gdp", "大同    1", "a      22"]


@pytest.mark.parametrize("name", ["140200", "大同市", "大同"])
def test_a_figure_is_found_by_the_code_the_name_or_the_short_name_of_its_region(tmp_path: Path, name: str) -> None:
    here = relode.open(tmp_path / "cities")
    settings = here.folder / "relode.toml"
    settings.write_text(settings.read_text("utf8").replace('regions = ""', 'regions = "china_cities"'), encoding="utf8")
    here = relode.open(here.folder)
    (tmp_path / "x.csv").write_text("地区,年份,gdp\n大同市,2023,1800\n", encoding="utf8")
    here.gather(tmp_path / "x.csv", source="年鉴", vintage="2024")
    assert here.where(f"{name}/gdp/2023")["value"].tolist() == [1800]
    with pytest.raises(UnknownWord):
        here.where("无此市/gdp/2023")


def test_the_command_line_shows_the_page_writes_it_and_sums_conflicts_up(place: Place, tmp_path: Path) -> None:
    place.gather(table(tmp_path / "b.csv", 1.2), source="公报", vintage="2024")

    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        given = [sys.executable, "-m", "relode", *words, "--place", str(place.folder), "--lang", "zh"]
        env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        return subprocess.run(given, capture_output=True, text=True, encoding="utf8", cwd=tmp_path, env=env)

    done = typed("check", "-o", "q.html")
    assert done.returncode == 0, done.stderr
    assert "完整性" in done.stdout
    assert "分项与总量不符" in done.stdout
    assert (tmp_path / "q.html").is_file()
    listed = typed("conflicts", "--most", "3", "--indicator", "gdp").stdout
    assert listed.splitlines()[1].split() == ["地区生产总值", "公报", "年鉴", "10", "10", "10", "20.0%", "-"]
    assert "另有 7 处" in listed
    assert "各来源之间没有不一致" in typed("conflicts", "--indicator", "area").stdout
