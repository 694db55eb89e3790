"""Lists of regions: told apart from tables of figures, read as they are, kept as definitions of the place."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from relode.gather.keeping import files_of, is_kept, keep, name_of
from relode.gather.lists import RegionList, tagged
from relode.gather.roster import Roster, date_of, groups, read_roster
from relode.words.codelist import Codelist
from relode.words.errors import Misfit
from relode.words.policy import Calendar
from relode.words.shelf import Shelf

CITIES = Shelf().regions("china_cities")
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
PILOTS = "城市,试点年份,批次\n大同市,2010,第一批\n长治,2010年,第一批\n太 原 市,2013-07,第二批\n"
DAY = date(2017, 1, 7)


def listed(tmp_path: Path, text: str, regions: Codelist = CITIES, name: str = "名单.csv") -> Roster | None:
    path = tmp_path / name
    path.write_text(text, encoding="utf8")
    return read_roster(path, regions)


def kept(roster: Roster, folder: Path, name: str = "pilots") -> Path:
    return keep(files_of(roster, folder, name=name, source="国家发展改革委", vintage=DAY))


# -- what is a list ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "城市,年份,地区生产总值（亿元）\n大同市,2022,1842.5\n阳泉市,2022,1012.3\n",
        "城市,2022,2023\n大同市,1842.5,1871.2\n阳泉市,1012.3,1020.7\n",
        "年份,1美元兑人民币(元)\n2022,6.73\n2023,7.05\n",
        "城市,年份,批次\n" + "".join(f"大同市,{year},第一批\n" for year in range(2000, 2020)),
        "城市,省份\n大同市,山西省\n",
        "城市,批次\n甲市,一\n乙市,一\n",
        "说明\n本表由某某编制\n",
    ],
    ids=["figures", "matrix", "rates", "panel", "no more than names", "no regions", "notes"],
)
def test_what_is_no_list_is_left_to_the_yearbooks(text: str, tmp_path: Path) -> None:
    assert listed(tmp_path, text) is None


def test_a_list_below_a_title_and_with_batches_as_numbers_is_read(tmp_path: Path) -> None:
    roster = listed(tmp_path, "低碳试点城市名单,,\n序号,地级市,批次\n1,大同市,1\n2,阳泉市,2\n")
    assert roster
    assert [one.batch for one in roster.listed] == ["1", "2"]
    assert not roster.dated


def test_every_row_gets_its_code_and_a_start_as_exact_as_the_file(tmp_path: Path) -> None:
    roster = listed(tmp_path, PILOTS)
    assert roster
    assert [(one.entity, one.start) for one in roster.listed] == [
        ("140200", "2010"), ("140400", "2010"), ("140100", "2013-07"),
    ]  # fmt: skip
    assert roster.dated
    assert not roster.faults
    assert groups(roster) == [("第一批 2010", 2), ("第二批 2013-07", 1)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [("2010", "2010"), ("2010.0", "2010"), ("2010年", "2010"), ("２０１０年度", "2010"),
     ("2010年7月", "2010-07"), ("2010.7", "2010-07"),
     ("2010-07-19", "2010-07-19"), ("2010/7/9", "2010-07-09"), ("2010-07-19 00:00:00", "2010-07-19"),
     ("2010-02-30", ""), ("20107", ""), ("第一批", ""), ("", "")],
)  # fmt: skip
def test_dates_are_read_as_people_write_them(text: str, meant: str) -> None:
    assert date_of(text) == meant


def test_a_city_and_not_its_province_is_meant_in_a_list_of_cities_and_that_is_said(tmp_path: Path) -> None:
    roster = listed(tmp_path, "城市,批次\n吉林,第一批\n大同,第一批\n")
    assert roster
    assert roster.listed[0].entity == "220200"
    assert [note.code for note in roster.notes] == ["yearbook.by_level"]
    assert "吉林省" in roster.notes[0].told("zh")
    assert "吉林市" in roster.notes[0].told("zh")


def test_names_that_cannot_be_placed_are_all_named_and_left_out(tmp_path: Path) -> None:
    roster = listed(tmp_path, "地区,批次\n大同市,一\n某某市,一\n吉林,一\n阳泉市,一\n子虚市,一\n长治市,一\n")
    assert roster
    told = {fault.code: fault for fault in roster.faults}
    assert told["lists.name_unknown"].details["names"] == "某某市, 子虚市"
    assert told["lists.name_ambiguous"].details["names"] == "吉林"
    assert "A3" in told["lists.name_unknown"].where
    assert [one.name for one in roster.listed] == ["大同市", "阳泉市", "长治市"]


def test_a_city_that_had_ended_by_then_is_left_out_and_one_that_ended_later_is_not(tmp_path: Path) -> None:
    roster = listed(tmp_path, "城市,试点年份\n莱芜市,2017\n莱芜市,2020\n大同市,2017\n")
    assert roster
    assert [(one.entity, one.start) for one in roster.listed] == [("371200", "2017"), ("140200", "2017")]
    assert [fault.code for fault in roster.faults] == ["lists.name_ended"]


def test_a_region_that_stands_twice_counts_once_and_a_contradiction_is_said(tmp_path: Path) -> None:
    rows = "大同市,2010\n大同市,2010\n" + "".join(
        f"{n},2010\n" for n in ("阳泉市", "长治市", "晋城市", "朔州市", "晋中市")
    )
    rows += "".join(
        f"{n},2013\n" for n in ("运城市", "忻州市", "临汾市", "吕梁市", "包头市", "乌海市", "赤峰市", "长治市")
    )
    roster = listed(tmp_path, "城市,试点年份\n" + rows)
    assert roster
    assert [fault.code for fault in roster.faults] == ["lists.twice"]
    assert next(one.start for one in roster.listed if one.name == "长治市") == "2010"
    assert sum(one.name == "大同市" for one in roster.listed) == 1


def test_undated_rows_cannot_stand_in_a_calendar(tmp_path: Path) -> None:
    roster = listed(tmp_path, "城市,试点年份\n大同市,2010\n阳泉市,\n长治市,未定\n")
    assert roster
    assert [one.name for one in roster.listed] == ["大同市"]
    assert {fault.code for fault in roster.faults} == {"lists.date", "lists.undated"}


def test_one_batch_in_two_years_is_a_warning(tmp_path: Path) -> None:
    roster = listed(tmp_path, "城市,试点年份,批次\n大同市,2010,第一批\n阳泉市,2012,第一批\n")
    assert roster
    assert [note.details["years"] for note in roster.notes] == ["2010, 2012"]


def test_without_a_codelist_names_stand_for_themselves(tmp_path: Path) -> None:
    roster = listed(tmp_path, "city,pilot_year\nDatong,2010\nYangquan,2010\n", Codelist())
    assert roster
    assert [one.entity for one in roster.listed] == ["Datong", "Yangquan"]


# -- what becomes of it --------------------------------------------------------------------------------------


def test_a_dated_list_becomes_a_calendar_with_source_and_batch(tmp_path: Path) -> None:
    roster = listed(tmp_path, PILOTS)
    assert roster
    path = kept(roster, tmp_path)
    assert path == tmp_path / "policies" / "pilots.toml"
    calendar = Calendar.load(path)
    assert calendar["pilots"].source == "国家发展改革委"
    assert [(row.entity, row.start, row.document) for row in calendar.enacted] == [
        ("140200", date(2010, 1, 1), "第一批"), ("140400", date(2010, 1, 1), "第一批"),
        ("140100", date(2013, 7, 1), "第二批"),
    ]  # fmt: skip
    assert tomllib.loads(path.read_text("utf8"))["enacted"][0]["start"] == 2010  # no more exact than the file


def test_loading_the_same_list_again_changes_nothing_even_after_a_person_mended_it(tmp_path: Path) -> None:
    roster = listed(tmp_path, PILOTS)
    assert roster
    path = kept(roster, tmp_path)
    path.write_text(path.read_text("utf8").replace('en = "pilots"', 'en = "Low-carbon pilots"'), encoding="utf8")
    files = files_of(roster, tmp_path, name="pilots", source="another", vintage=date(2020, 1, 1))
    assert is_kept(files)


def test_another_list_never_takes_the_place_of_one(tmp_path: Path) -> None:
    first, other = listed(tmp_path, PILOTS), listed(tmp_path, PILOTS.replace("2010", "2011"), name="b.csv")
    assert first
    assert other
    path = kept(first, tmp_path)
    before = path.read_text("utf8")
    with pytest.raises(Misfit) as told:
        kept(other, tmp_path)
    assert told.value.code == "lists.taken"
    assert path.read_text("utf8") == before


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roster = listed(tmp_path, PILOTS)
    assert roster

    def full(self: Path, target: Path) -> Path:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        kept(roster, tmp_path)
    assert not list((tmp_path / "policies").iterdir())


def test_several_policies_in_one_file_are_told_apart(tmp_path: Path) -> None:
    roster = listed(
        tmp_path, "城市,试点年份,政策\n大同市,2010,低碳试点\n大同市,2013,智慧城市\n长治市,2013,smart_city\n"
    )
    assert roster
    calendar = Calendar.load(kept(roster, tmp_path))
    assert {policy.code: policy.zh for policy in calendar.policies} == {
        "pilots_1": "低碳试点", "pilots_2": "智慧城市", "smart_city": "smart_city",
    }  # fmt: skip


def test_a_full_typed_list_of_ones_own_marks_the_regions(tmp_path: Path) -> None:
    roster = listed(
        tmp_path, "城市,资源型城市类型\n大同市,成熟型\n朔州市,成长型城市\n阜新市,衰退型\n徐州市,再生型\n鹤岗市,煤炭\n"
    )
    assert roster
    assert not roster.dated
    path = kept(roster, tmp_path, "mine")
    one = RegionList.load(path)
    assert path == tmp_path / "regions" / "lists" / "mine.csv"
    assert [member.type for member in one.members] == ["mature", "growing", "declining", "regenerating", "煤炭"]
    assert one.types
    assert not one.complete
    assert (one.source, one.date) == ("国家发展改革委", DAY)
    assert tagged(CITIES, [one])["210900"].type == "declining"


def test_a_type_makes_a_list_also_where_a_year_stands_beside_it(tmp_path: Path) -> None:
    roster = listed(tmp_path, "城市,公布年份,类型,批次\n大同市,2013,成熟型,一\n朔州市,2013,成长型,二\n")
    assert roster
    one = RegionList.load(kept(roster, tmp_path, "mine"))
    assert tagged(CITIES, [one])["140600"].tags == ("mine", "mine:growing", "mine:二")


def test_a_list_is_named_by_its_file_unless_a_person_says_otherwise(tmp_path: Path) -> None:
    roster = listed(tmp_path, PILOTS, name="试点 城市(2017).csv")
    assert roster
    assert name_of(roster) == "试点_城市_2017"
    assert name_of(roster, "../../evil") == "evil"
    assert Calendar.load(kept(roster, tmp_path, name_of(roster))).policies[0].code == "pilot"


def test_names_from_a_file_never_become_more_than_text(tmp_path: Path) -> None:
    label = '"] \\" x\n[policy.evil]'.replace("\n", "\\n")
    roster = listed(
        tmp_path, f'城市,试点年份,批次\n大同市,2010,"{label.replace(chr(34), chr(34) * 2)}"\n长治市,2010,一\n'
    )
    assert roster
    assert [policy.code for policy in Calendar.load(kept(roster, tmp_path)).policies] == ["pilots"]


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference workbooks are not beside the repository")
def test_the_eleventh_workbook_is_a_calendar_of_92_cities_in_three_batches(tmp_path: Path) -> None:
    # counted by hand in the workbook: 42 cities of 2010, 23 of 2013, 27 of 2017
    roster = read_roster(next((SHARED / "china-cities").glob("试点*.xlsx")), CITIES)
    assert roster
    assert not roster.faults
    assert groups(roster) == [("第一批 2010", 42), ("第二批 2013", 23), ("第三批 2017", 27)]
    calendar = Calendar.load(kept(roster, tmp_path))
    assert len({row.entity for row in calendar.enacted}) == 92
    for path in sorted((SHARED / "china-cities").glob("*.xlsx")):
        assert (read_roster(path, CITIES) is not None) == path.name.startswith("试点"), path.name
