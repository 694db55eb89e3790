"""A user's own table: tidy and wide, CSV and Excel, and everything that can be wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relode.gather.cells import column_letters
from relode.gather.heads import as_period
from relode.gather.tables import file_hash, number, read_table
from relode.words.codelist import Codelist, Entity
from relode.words.errors import Misfit, RelodeError, Several, UnknownWord
from relode.words.indicator import Indicator

REGIONS = Codelist.of(
    [
        Entity("140100", "太原市", en="Taiyuan"),
        Entity("140200", "大同市", en="Datong"),
        Entity("140300", "阳泉市", en="Yangquan"),
    ]
)
INDICATORS = {
    "gdp": Indicator("gdp", "地区生产总值", "Gross regional product", "亿元"),
    "population": Indicator("population", "常住人口", "Population", "persons"),
    "gdp@district": Indicator("gdp@district", "市辖区地区生产总值", "Gross product, districts", "亿元"),
}


def read(path: Path, **given: Any) -> pd.DataFrame:
    return read_table(path, regions=REGIONS, indicators=INDICATORS, **given)


def text(folder: Path, content: str, name: str = "table.csv", encoding: str = "utf8") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


def excel(folder: Path, sheets: dict[str, Sequence[Sequence[Any]]], name: str = "table.xlsx") -> Path:
    import xlsxwriter

    path = folder / name
    with xlsxwriter.Workbook(str(path)) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(r, c, cell)
    return path


def keys(facts: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(facts[["entity", "period", "indicator", "value"]].itertuples(index=False, name=None))


def faults(path: Path, **given: Any) -> list[RelodeError]:
    with pytest.raises(RelodeError) as told:
        read(path, **given)
    return list(told.value.faults) if isinstance(told.value, Several) else [told.value]


# -- what is read ----------------------------------------------------------------------------------


def test_a_tidy_table_becomes_facts_with_their_cells(tmp_path: Path) -> None:
    path = text(tmp_path, "entity,period,indicator,value\n140100,2023,gdp,5573.7\nDatong,2023,population,3102000\n")
    facts = read(path)
    assert list(facts.columns) == [
        "entity",
        "period",
        "indicator",
        "scenario",
        "value",
        "status",
        "sheet",
        "row",
        "col",
    ]
    assert facts.to_dict("records") == [
        {"entity": "140100", "period": "2023", "indicator": "gdp", "scenario": "actual", "value": 5573.7,
         "status": "A", "sheet": "", "row": 2, "col": 4},
        {"entity": "140200", "period": "2023", "indicator": "population", "scenario": "actual", "value": 3102000.0,
         "status": "A", "sheet": "", "row": 3, "col": 4},
    ]  # fmt: skip


def test_a_tidy_table_may_say_scenario_status_unit_and_series(tmp_path: Path) -> None:
    path = text(
        tmp_path,
        "地区,年份,指标,数值,情景,数据状态,单位,序列\n太原市,2025年,地区生产总值,6000,target,P,亿元,规划\n",
    )
    facts = read(path)
    assert keys(facts) == [("140100", "2025", "gdp", 6000.0)]
    assert (facts.scenario[0], facts.status[0]) == ("target", "P")


def test_a_wide_table_with_a_column_of_periods(tmp_path: Path) -> None:
    path = text(tmp_path, "地区,年份,地区生产总值,常住人口\n太原市,2022,5571.2,5435000\n大同市,2022,1842.5,3093000\n")
    assert keys(read(path)) == [
        ("140100", "2022", "gdp", 5571.2), ("140100", "2022", "population", 5435000.0),
        ("140200", "2022", "gdp", 1842.5), ("140200", "2022", "population", 3093000.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "head", ["gdp 2022", "2022年地区生产总值", "地区生产总值（2022）", "gdp_2022", "地区生产总值2022（亿元）"]
)
def test_periods_may_stand_in_the_heads(tmp_path: Path, head: str) -> None:
    path = text(tmp_path, f"地区,{head}\n太原市,5571.2\n")
    assert keys(read(path)) == [("140100", "2022", "gdp", 5571.2)]


def test_periods_may_be_columns_beside_a_column_of_indicators(tmp_path: Path) -> None:
    path = text(tmp_path, "地区,指标,2021,2022\n太原市,gdp,5121.6,5571.2\n")
    assert keys(read(path)) == [("140100", "2021", "gdp", 5121.6), ("140100", "2022", "gdp", 5571.2)]


def test_a_table_of_one_period_takes_it_from_the_call(tmp_path: Path) -> None:
    path = text(tmp_path, "地区,gdp\n太原市,5571.2\n")
    assert keys(read(path, period="2022")) == [("140100", "2022", "gdp", 5571.2)]
    assert [fault.code for fault in faults(path)] == ["table.lacks_period"]


def test_an_excel_table_keeps_sheet_row_and_column_even_below_empty_rows(tmp_path: Path) -> None:
    path = excel(
        tmp_path, {"说明": [], "主要指标": [[], [None, "地区", "年份", "gdp"], [None, "太原市", 2022, 5571.2]]}
    )
    facts = read(path)
    assert keys(facts) == [("140100", "2022", "gdp", 5571.2)]
    assert facts[["sheet", "row", "col"]].iloc[0].tolist() == ["主要指标", 3, 4]


def test_codes_that_excel_keeps_as_numbers_are_found(tmp_path: Path) -> None:
    path = excel(tmp_path, {"a": [["行政区划代码", "年份", "gdp"], [140100, 2022.0, 5571.2]]})
    assert keys(read(path)) == [("140100", "2022", "gdp", 5571.2)]


@pytest.mark.parametrize("encoding", ["utf8", "utf-8-sig", "gb18030", "gbk"])
def test_chinese_names_are_read_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = text(tmp_path, "地区,年份,地区生产总值\n太原市,2022,5571.2\n", encoding=encoding)
    assert keys(read(path)) == [("140100", "2022", "gdp", 5571.2)]


def test_a_rare_character_of_gb18030_is_read(tmp_path: Path) -> None:
    regions = Codelist.of([Entity("130433", "㙍上镇")])
    path = text(tmp_path, "地区,年份,gdp\n㙍上镇,2022,1\n", encoding="gb18030")
    assert read_table(path, regions=regions, indicators=INDICATORS).entity[0] == "130433"


def test_a_path_with_chinese_and_blanks_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "山西 统计年鉴 2024"
    folder.mkdir()
    path = text(folder, "地区,年份,gdp\n太原市,2022,1\n", name="各市 主要指标.csv")
    assert len(read(path)) == 1
    book = excel(folder, {"a": [["地区", "年份", "gdp"], ["太原市", 2022, 1]]}, name="各市 主要指标.xlsx")
    assert len(read(book)) == 1


def test_names_are_found_whatever_blanks_and_width(tmp_path: Path) -> None:
    path = text(tmp_path, "地　区,年 份,ＧＤＰ\n太 原 市,２０２２年,５５７１．２\n")
    assert keys(read(path)) == [("140100", "2022", "gdp", 5571.2)]


def test_usual_forms_of_a_name_are_found_where_only_one_region_can_be_meant(tmp_path: Path) -> None:
    regions = Codelist.of(
        [
            Entity("140000", "山西省", level="province"),
            Entity("1402", "大同", level="city"),
            Entity("140300", "阳泉市", parent="140000", level="city"),
        ]
    )
    path = text(tmp_path, "地区,年份,gdp\n大 同市,2022,1\n阳泉,2022,2\n山西阳泉,2023,3\n")
    found = read_table(path, regions=regions, indicators=INDICATORS)
    assert keys(found) == [("1402", "2022", "gdp", 1.0), ("140300", "2022", "gdp", 2.0), ("140300", "2023", "gdp", 3.0)]


def test_a_name_that_two_regions_bear_is_refused_with_both_codes(tmp_path: Path) -> None:
    regions = Codelist.of(
        [
            Entity("220000", "吉林省", level="province"),
            Entity("220200", "吉林市", parent="220000", level="city"),
        ]
    )
    path = text(tmp_path, "地区,年份,gdp\n吉林,2022,1\n")
    with pytest.raises(Misfit) as told:
        read_table(path, regions=regions, indicators=INDICATORS)
    assert told.value.code == "codelist.ambiguous"
    assert "220000 吉林省" in str(told.value)
    assert "220200 吉林市" in str(told.value)
    assert "A2" in told.value.where


def test_tabs_and_semicolons_separate_too(tmp_path: Path) -> None:
    for mark in "\t;":
        path = text(tmp_path, f"地区{mark}年份{mark}gdp\n太原市{mark}2022{mark}1\n")
        assert keys(read(path)) == [("140100", "2022", "gdp", 1.0)]


def test_a_blank_is_no_fact_and_never_zero(tmp_path: Path) -> None:
    path = text(tmp_path, "地区,年份,gdp,population\n太原市,2022,,5435000\n大同市,2022,0,  \n")
    assert keys(read(path)) == [("140100", "2022", "population", 5435000.0), ("140200", "2022", "gdp", 0.0)]


def test_a_blank_with_status_missing_withdraws_a_figure(tmp_path: Path) -> None:
    path = text(tmp_path, "entity,period,indicator,value,status\n太原市,2022,gdp,,M\n")
    facts = read(path)
    assert facts.status.tolist() == ["M"]
    assert facts.value.isna().all()


def test_without_a_codelist_entities_are_taken_as_they_stand(tmp_path: Path) -> None:
    path = text(tmp_path, "entity,period,indicator,value\nF-001,2022,gdp,1\n")
    assert read_table(path, regions=Codelist(), indicators=INDICATORS).entity.tolist() == ["F-001"]


def test_a_code_and_a_name_beside_each_other_have_to_agree(tmp_path: Path) -> None:
    good = text(tmp_path, "地区代码,地区,年份,gdp\n140100,太原市,2022,1\n")
    assert len(read(good)) == 1
    bad = text(tmp_path, "地区代码,地区,年份,gdp\n140100,大同市,2022,1\n")
    assert [fault.code for fault in faults(bad)] == ["table.entities"]


def test_the_hash_is_of_the_bytes(tmp_path: Path) -> None:
    path = text(tmp_path, "地区\n")
    assert file_hash(path) == hashlib.sha256(path.read_bytes()).hexdigest()


# -- what is refused -------------------------------------------------------------------------------


def test_all_faults_of_a_file_are_told_together_with_their_cells(tmp_path: Path) -> None:
    path = excel(
        tmp_path,
        {
            "表1": [["地区", "年份", "gdp", "population"],
                   ["太原市", 2022, "n.a.", 5435000],
                   ["大筒市", 2022, 1, 2],
                   ["阳泉市", "去年", 3, 4],
                   ["阳泉市", 2022, 3, "—"]],
        },
    )  # fmt: skip
    told = {fault.where: fault for fault in faults(path)}
    assert {where.rpartition("!")[2]: fault.code for where, fault in told.items()} == {
        "C2": "table.number", "A3": "codelist.unknown", "B4": "table.period", "D5": "table.symbol",
    }  # fmt: skip
    assert all(where.startswith("table.xlsx, 表1!") for where in told)
    assert "大同市" in told["table.xlsx, 表1!A3"].told("zh")


def test_unknown_columns_are_told_together_with_near_names(tmp_path: Path) -> None:
    path = text(tmp_path, "地区,年份,gpd,populations\n太原市,2022,1,2\n")
    found = faults(path)
    assert [(fault.code, fault.where) for fault in found] == [
        ("table.indicator", "table.csv, C1"), ("table.indicator", "table.csv, D1"),
    ]  # fmt: skip
    assert isinstance(found[0], UnknownWord)
    assert "gdp" in found[0].told("en")
    assert "population" in found[1].told("zh")


def test_an_unknown_column_of_a_tidy_table_is_not_dropped_in_silence(tmp_path: Path) -> None:
    path = text(tmp_path, "entity,period,indicator,value,remark\n140100,2022,gdp,1,x\n")
    assert [(fault.code, fault.where) for fault in faults(path)] == [("table.column", "table.csv, E1")]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = text(tmp_path, "indicator,value\ngdp,1\n")
    assert [fault.code for fault in faults(path)] == ["table.lacks_entity", "table.lacks_period"]
    assert [fault.code for fault in faults(path, period="2022")] == ["table.lacks_entity"]
    assert [f.code for f in faults(text(tmp_path, "地区,年份,数值\n太原市,2022,1\n"))] == ["table.lacks_indicator"]


@pytest.mark.parametrize("symbol", ["…", "......", "—", "-", "－", "*", "#", "/", "　—　"])
def test_symbols_are_refused_with_their_cell_and_never_zero(tmp_path: Path, symbol: str) -> None:
    path = text(tmp_path, f"地区,年份,gdp\n太原市,2022,{symbol}\n")
    found = faults(path)
    assert [(fault.code, fault.where) for fault in found] == [("table.symbol", "table.csv, C2")]
    assert "0" in found[0].told("zh")


@pytest.mark.parametrize(
    "bad", ["12%", "1,23", "1 234", "12,34,567", "1e", "inf", "nan", "12亿", "True", "1.2.3", "0x10"]
)
def test_what_is_no_number_is_refused(bad: str) -> None:
    with pytest.raises(Misfit) as told:
        number(bad, "a.csv, C2")
    assert told.value.code == "table.number"


def test_a_truth_value_or_a_date_is_no_number(tmp_path: Path) -> None:
    path = excel(tmp_path, {"a": [["地区", "年份", "gdp"], ["太原市", 2022, True]]})
    assert [fault.code for fault in faults(path)] == ["table.number"]


@pytest.mark.parametrize(
    ("cell", "figure"),
    [
        ("1,234.5", 1234.5),
        ("12,345,678", 12345678),
        ("-1,234", -1234),
        ("５，６７８", 5678),
        ("3.2e3", 3200),
        (".5", 0.5),
        (7, 7),
    ],
)
def test_numbers_as_text_are_read(cell: Any, figure: float) -> None:
    assert number(cell, "a.csv, C2") == figure


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_a_number_with_thousands_commas_is_the_same_number(figure: float) -> None:
    assert number(f"{figure:,.6f}", "") == float(f"{figure:.6f}")
    assert number(repr(figure), "") == figure


def test_a_unit_that_is_not_the_indicators_is_refused(tmp_path: Path) -> None:
    head = text(tmp_path, "地区,年份,地区生产总值（万元）\n太原市,2022,1\n")
    assert [(fault.code, fault.where) for fault in faults(head)] == [("table.unit", "table.csv, C1")]
    column = text(tmp_path, "entity,period,indicator,value,unit\n140100,2022,gdp,1,万元\n")
    assert [(fault.code, fault.where) for fault in faults(column)] == [("table.unit", "table.csv, E2")]


def test_a_unit_may_be_written_in_either_language(tmp_path: Path) -> None:
    for unit in ("人", "persons"):
        assert len(read(text(tmp_path, f"地区,年份,常住人口（{unit}）\n太原市,2022,1\n"))) == 1


def test_a_figure_that_stands_twice_is_refused_with_both_cells(tmp_path: Path) -> None:
    path = text(tmp_path, "entity,period,indicator,value\n140100,2022,gdp,1\n太原市,2022,地区生产总值,2\n")
    [fault] = faults(path)
    assert (fault.code, fault.where, fault.details["other"]) == ("table.double", "table.csv, D3", "table.csv, D2")


def test_two_series_in_one_file_are_refused(tmp_path: Path) -> None:
    path = text(tmp_path, "entity,period,indicator,value,series\n140100,2022,gdp,1,a\n140200,2022,gdp,1,b\n")
    assert [fault.code for fault in faults(path)] == ["table.series"]


def test_a_status_that_is_none_is_refused(tmp_path: Path) -> None:
    path = text(tmp_path, "entity,period,indicator,value,status\n140100,2022,gdp,1,X\n140200,2022,gdp,1,M\n")
    assert [fault.code for fault in faults(path)] == ["table.status", "table.missing_value"]


def test_a_row_without_an_entity_is_refused(tmp_path: Path) -> None:
    path = text(tmp_path, "地区,年份,gdp\n,2022,1\n")
    assert [(fault.code, fault.where) for fault in faults(path)] == [("table.no_entity", "table.csv, A2")]


def test_a_name_of_two_indicators_is_refused(tmp_path: Path) -> None:
    twins = {**INDICATORS, "gdp_b": Indicator("gdp_b", "地区生产总值", "Other", "亿元")}
    path = text(tmp_path, "地区,年份,地区生产总值\n太原市,2022,1\n")
    with pytest.raises(Misfit) as told:
        read_table(path, regions=REGIONS, indicators=twins)
    assert told.value.code == "table.two_indicators"


def test_files_that_are_no_tables_are_refused(tmp_path: Path) -> None:
    assert [f.code for f in faults(text(tmp_path, "x", name="a.pdf"))] == ["hostile.ending"]
    assert [f.code for f in faults(text(tmp_path, " \n", name="a.csv"))] == ["table.empty"]
    assert [f.code for f in faults(text(tmp_path, "地区,年份\n", name="a.csv"))] == ["table.no_figures"]
    assert [f.code for f in faults(text(tmp_path, "", name="b.csv"))] == ["hostile.empty"]
    assert [f.code for f in faults(text(tmp_path, "no workbook", name="c.xlsx"))] == ["hostile.disguised"]
    broken = tmp_path / "d.csv"
    broken.write_bytes(b"\xff\xfe\x00a\xff")
    assert [f.code for f in faults(broken)] == ["hostile.bytes"]


@pytest.mark.parametrize(
    ("written", "period"),
    [("2024", "2024"), ("2024年", "2024"), ("2024.0", "2024"), ("２０２４", "2024"), ("2024H1", "2024H1"),
     ("2024Q3", "2024Q3"), ("2024-07", "2024-07"), ("24", ""), ("2024-13", ""), ("20245", ""), ("去年", "")],
)  # fmt: skip
def test_periods_are_read_as_people_write_them(written: str, period: str) -> None:
    assert as_period(written) == period


def test_columns_are_lettered_as_spreadsheets_do() -> None:
    assert [column_letters(n) for n in (1, 26, 27, 52, 702, 703)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA"]


def test_every_text_of_the_room_exists_in_both_languages() -> None:
    import re

    from relode.words.texts import catalogue

    room = Path(__file__).parents[2] / "relode" / "gather"
    codes = {
        code
        for name in ("cells", "heads", "tables", "morocco", "us_states")
        for code in re.findall(r'"((?:table|gather)\.[a-z_]+)"', (room / f"{name}.py").read_text("utf8"))
    }
    codes |= {f"table.lacks_{role}" for role in ("entity", "period", "indicator")}
    assert len(codes) > 20
    assert codes <= set(catalogue())
