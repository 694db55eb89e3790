"""Which region a row means: codes, names, dates; never a guess."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from relode.gather.harmonise import aliases_of, china_matcher
from relode.gather.names import cleaned, shortened, six_digits
from relode.words.codelist import Codelist
from relode.words.errors import Misfit
from relode.words.texts import DATA

CITIES = Codelist.load(DATA / "regions" / "china_cities.csv")
MATCHER = china_matcher(CITIES)


def test_the_codelist_has_every_unit_in_force() -> None:
    # 333 prefecture-level units and 34 of province level: Ministry of Civil Affairs, end of 2023
    now = [entity for entity in CITIES.values() if not entity.until]
    assert sum(entity.level == "city" for entity in now) == 333
    assert sum("province" in entity.level.split() for entity in now) == 34


def test_every_parent_and_every_heir_is_in_the_codelist() -> None:
    for entity in CITIES.values():
        assert not entity.parent or entity.parent in CITIES
        assert all(heir in CITIES for heir in entity.into.split()), entity.code
        assert bool(entity.into) == bool(entity.until), entity.code


def test_a_municipality_stands_at_two_levels() -> None:
    assert "310000" in CITIES.at("province")
    assert "310000" in CITIES.at("city")


@pytest.mark.parametrize(
    ("code", "wanted"),
    [("140200", "140200"), (140200.0, "140200"), (140200, "140200"), ("1402", "140200"), ("140200000000", "140200"),
     ("１４０２００", "140200"), (" 140200 ", "140200"), ("大同", ""), (None, ""), (140200.5, ""), ("12345", "")],
)  # fmt: skip
def test_a_code_is_read_from_text_and_numbers(code: object, wanted: str) -> None:
    assert six_digits(code) == wanted


def test_names_lose_blanks_zero_widths_and_full_widths() -> None:
    assert cleaned("哈密\u200b\u200b") == "哈密"
    assert cleaned("太\u3000原 市") == "太原市"
    assert cleaned("伊犁州直属县（市）") == "伊犁州直属县(市)"


def test_short_names_drop_rank_and_peoples() -> None:
    assert shortened("恩施土家族苗族自治州") == ("恩施", "恩施州")
    assert shortened("内蒙古自治区") == ("内蒙古",)
    assert shortened("锡林郭勒盟") == ("锡林郭勒",)
    assert shortened("克孜勒苏柯尔克孜自治州") == ("克孜勒苏", "克孜勒苏州")
    assert shortened("渝") == ()


NAMED = {
    "大同": "140200",
    "太 原 市": "140100",
    "哈密\u200b\u200b": "650500",
    "哈密地区": "650500",
    "襄樊": "420600",
    "吉林吉林": "220200",
    "吉林延边": "222400",
    "湖北恩施州": "422800",
    "新疆伊犁州直属县": "654000",
    "云南大理": "532900",
    "内蒙古乌海": "150300",
    "仙桃": "429004",
    "石河子市": "659001",
    "河南济源": "419001",
    "潜江市": "429005",
    "那曲地区": "540600",
    "伊犁地区": "654100",
    "全国": "CN",
    "吉林省": "220000",
    "重庆": "500000",
    "思茅市": "530800",
    "毕节地区": "520500",
    "大兴安岭": "232700",
}


@pytest.mark.parametrize(("name", "wanted"), NAMED.items())
def test_a_name_finds_its_unit(name: str, wanted: str) -> None:
    assert MATCHER.match(name).entity == wanted


def test_a_name_that_two_units_share_is_not_guessed() -> None:
    assert MATCHER.match("吉林").candidates == ("220000", "220200")
    assert MATCHER.match("海南").candidates == ("460000", "632500")
    assert not MATCHER.match("吉林", province="吉林省").found


def test_english_names_are_found_whatever_their_capitals() -> None:
    assert MATCHER.match("DATONG").entity == "140200"
    assert MATCHER.match("Inner mongolia").entity == "150000"
    assert MATCHER.match("Suzhou").candidates == ("320500", "341300")
    assert MATCHER.match("Suzhou (Anhui)").entity == "341300"
    labels = [entity.en for entity in CITIES.values() if entity.en and not entity.until]
    assert len(set(labels)) == len(labels)


def test_level_and_province_decide_where_the_name_does_not() -> None:
    assert MATCHER.match("吉林", level="city").entity == "220200"
    assert MATCHER.match("吉林", level="province").entity == "220000"
    assert MATCHER.match("海南", province="青海").entity == "632500"


def test_two_codes_of_one_unit_are_one_entity() -> None:
    assert MATCHER.match("巢湖市", code=342600.0, period="2005").entity == "341400"
    assert MATCHER.match("儋州市", code="469003").entity == "460400"
    assert MATCHER.match("吐鲁番市", code=652100, period="2018").entity == "650400"
    assert MATCHER.match("吐鲁番地区", code=650400, period="2003").entity == "650400"


def test_a_unit_that_was_merged_keeps_its_own_code_and_ends() -> None:
    assert MATCHER.match("莱芜市", period="2018").entity == "371200"
    after = MATCHER.match("莱芜市", period="2019")
    assert (after.entity, after.how, after.candidates) == ("", "ended", ("371200", "370100"))
    assert MATCHER.match("巢湖市", code=341400, period="2011").how == "ended"


def test_two_units_of_one_short_name_are_told_apart_by_the_date() -> None:
    assert MATCHER.match("南宁", period="2005").entity == "450100"
    # 南宁市 and 南宁地区 stood side by side
    assert MATCHER.match("南宁", period="2000").candidates == ("450100", "452100")
    assert MATCHER.match("重庆市", period="1996").entity == "510200"
    assert MATCHER.match("重庆市", period="1997").entity == "500000"


def test_a_code_and_a_name_that_disagree_are_a_conflict() -> None:
    match = MATCHER.match("大同市", code=140300)
    assert (match.how, match.candidates) == ("conflict", ("140300", "140200"))


def test_a_code_with_an_unknown_name_is_taken() -> None:
    assert MATCHER.match("大同（不含县）", code="140200").entity == "140200"


def test_a_county_is_not_taken_for_the_city_of_its_name() -> None:
    match = MATCHER.match("巢湖", code=340181, period="2005")
    assert (match.entity, match.how) == ("", "unknown")


def test_an_unknown_name_offers_near_ones() -> None:
    match = MATCHER.match("大桐市")
    assert match.how == "unknown"
    assert "140200" in match.candidates
    assert MATCHER.match("更多数据，关注淘宝店").candidates == ()


def test_a_cell_full_of_text_costs_no_time() -> None:
    began = time.perf_counter()
    for n in range(50):
        assert not MATCHER.match("内蒙古" + str(n) + "文" * 30_000).found
    assert time.perf_counter() - began < 2


def test_aliases_must_be_lists(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('[usual]\n"140200" = "平城"\n', "utf8")
    with pytest.raises(Misfit) as told:
        aliases_of(path)
    assert told.value.code == "harmonise.aliases"
    path.write_text("[usual\n", "utf8")
    with pytest.raises(Misfit):
        aliases_of(path)


def test_every_alias_names_a_unit() -> None:
    assert [code for code in aliases_of() if code not in CITIES] == []
