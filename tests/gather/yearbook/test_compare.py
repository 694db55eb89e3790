"""Figures held against one another: filled beside observed, twins, doubles, derived columns, titles that lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from relode.gather.yearbook.compare import recompute

POP = ["年份", "城市", "常住人口（万人）", "插值_常住人口（万人）"]


def codes(extract) -> set[str]:
    return {note.code for note in extract.remarks}


def test_observed_figures_stand_before_filled_ones_and_contradictions_are_listed(write, read, figures) -> None:
    pairs = {2020: (530.0, 530.0), 2021: ("", 535.0), 2022: (543.5, 600.0), 2023: (545.3, 545.30001)}
    extract = read(write(S=[POP, *([year, "太原市", *pair] for year, pair in pairs.items())]))
    kept = {"2020": 530.0, "2021": 535.0, "2022": 543.5, "2023": 545.3}
    assert figures(extract) == {("140100", year, "population.resident"): value for year, value in kept.items()}
    assert extract.facts.set_index("period")["status"].to_dict() == {"2020": "A", "2021": "I", "2022": "A", "2023": "A"}
    conflict = extract.conflicts.iloc[0]
    assert (conflict["value"], conflict["other"], conflict["where"], conflict["where_other"]) == (
        543.5,
        600.0,
        "S!C4",
        "S!D4",
    )
    assert len(extract.conflicts) == 1


def test_a_twin_sheet_is_loaded_once(write, read) -> None:
    rows = [["年份", "城市", "常住人口（万人）"], [2022, "太原市", 543.5], [2023, "太原市", 545.3]]
    extract = read(write(全部=rows, 一年=[rows[0], rows[2]]))
    assert len(extract.facts) == 2
    assert "yearbook.twin" in codes(extract)


def test_sheets_that_contradict_one_another_are_listed(write, read, figures) -> None:
    rows = [["年份", "城市", "常住人口（万人）"], [2022, "太原市", 543.5], [2023, "太原市", 545.3]]
    extract = read(write(全部=rows, 一年=[rows[0], [2023, "太原市", 550.0]]))
    assert figures(extract)["140100", "2023", "population.resident"] == 545.3
    assert extract.conflicts["other"].tolist() == [550.0]


def test_one_figure_twice_in_a_table_is_a_fault_if_it_differs_and_a_remark_if_not(write, read) -> None:
    head = ["年份", "城市", "常住人口（万人）"]
    same = read(write("a.xlsx", S=[head, [2023, "太原市", 545.3], [2023, "太原市", 545.3]]))
    assert len(same.facts) == 1
    assert "yearbook.repeated" in codes(same)
    other = read(write("b.xlsx", S=[head, [2023, "太原市", 545.3], [2023, "太原", 500.0], [2022, "太原市", 543.5]]))
    assert [fault.code for fault in other.faults] == ["yearbook.double"]
    assert other.facts["period"].tolist() == ["2022"]


def test_a_derived_column_is_recomputed_compared_and_not_kept(write, read) -> None:
    head = ["年份", "城市", "行政区域土地面积（平方公里）", "常住人口（万人）", "人口密度（人/平方公里）"]
    extract = read(write(S=[head, [2022, "太原市", 6988, 543.5, 777.76], [2023, "太原市", 6988, 545.3, 800.0]]))
    assert set(extract.facts["indicator"]) == {"area", "population.resident"}
    note = next(note for note in extract.remarks if note.code == "yearbook.derived_differs")
    assert (note.details["count"], note.details["differ"], note.details["where"]) == (2, 1, "S!E3")


def test_a_share_published_in_percent_is_compared_as_such() -> None:
    facts = {"a": np.array([1.0, 2.0]), "b": np.array([4.0, 4.0])}
    checked = recompute("a / b", facts, np.array([25.0, 50.0]))
    assert checked is not None
    assert (checked[0], checked[1].size) == (2, 0)
    assert recompute("a / c", facts, np.array([1.0, 1.0])) is None


def test_zeros_between_figures_are_pointed_out_and_kept(write, read, figures) -> None:
    rows = [["年份", "城市", "外商直接投资（百万美元）"]]
    rows += [
        [2000 + n, city, 0 if (n, city) == (5, "太原市") else 30.0 + n]
        for city in ("太原市", "大同市", "阳泉市")
        for n in range(20)
    ]
    extract = read(write(S=rows))
    assert "yearbook.zeros" in codes(extract)
    assert figures(extract)["140100", "2005", "fdi"] == 0


def test_a_title_that_lies_about_years_or_places_is_pointed_out(write, read) -> None:
    rows = [["年份", "城市", "常住人口（万人）"], [2022, "太原市", 543.5], [2023, "太原市", 545.3]]
    said = codes(read(write("2021-2023年290个城市人口.xlsx", S=rows)))
    assert {"yearbook.span", "yearbook.counted"} <= said
    assert not codes(read(write("2022-2023年1个城市.xlsx", S=rows)))


def test_hidden_rows_formulas_and_adverts_are_pointed_out(tmp_path: Path, read) -> None:
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        for r, row in enumerate([["年份", "城市", "常住人口（万人）"], [2022, "太原市", 543.5], [2023, "太原市"]]):
            sheet.write_row(r, 0, row)
        sheet.write_formula(2, 2, "=C2+1.8", None, 545.3)
        sheet.write(1, 6, "更多数据，关注淘宝店")
        sheet.set_row(1, None, None, {"hidden": True})
        book.add_worksheet("H").hide()
    extract = read(path)
    assert len(extract.facts) == 2
    assert {"yearbook.hidden_rows", "yearbook.live", "yearbook.beside"} <= codes(extract)
    beside = next(note for note in extract.remarks if note.code == "yearbook.beside")
    assert beside.details["cells"] == "S!G2"


def test_a_unit_only_in_a_sheet_of_notes_is_found(write, read, figures) -> None:
    extract = read(write(NOTE=[["Type/类型", "CO2"], ["Unit/单位", "million tones\n百万吨"]],
                         data=[["city", "year", "emission"], ["太原", 2019, 61.9]]))  # fmt: skip
    assert figures(extract) == {("140100", "2019", "co2"): 61.9}
    assert not extract.questions


def test_a_unit_that_cannot_be_converted_is_a_fault_and_nothing_is_loaded(write, read) -> None:
    extract = read(write(S=[["年份", "城市", "外商直接投资（亿元）"], [2023, "太原市", 12.0]]))
    assert [fault.code for fault in extract.faults] == ["yearbook.unit"]
    assert extract.facts.empty


FEW = ["年份", "城市", "常住人口（万人）"]
WRONG = {
    "yearbook.entity_unknown": [FEW, [2023, "太元市", 1.0], [2023, "大同市", 2.0]],
    "yearbook.entity_conflict": [[*FEW[:2], "城市代码", FEW[2]], [2023, "太原市", 140200, 1.0]],
    "yearbook.period": [FEW, ["去年", "太原市", 1.0], *([2014 + n, "大同市", 2.0] for n in range(9))],
}


@pytest.mark.parametrize("code", WRONG)
def test_rows_that_cannot_be_placed_are_faults_that_name_a_cell(code: str, write, read) -> None:
    fault = read(write(S=WRONG[code])).faults[0]
    assert fault.code == code
    assert "S!" in fault.where


@pytest.mark.parametrize(
    ("told", "gdp"),
    [
        ("单位：亿元 (100 million yuan)", 5573.7),
        ("单位：亿元(100 million yuan)", 5573.7),
        ("Unit: 100 million yuan", 5573.7),
        ("单位 Unit: 亿元 100 million yuan", 5573.7),
        ("单位：万元 (10 000 yuan)", 0.55737),
        ("(单位:亿元)", 5573.7),
    ],
)
def test_a_unit_in_two_languages_is_never_cut(told: str, gdp: float, write, read, figures) -> None:
    extract = read(write("2023.xlsx", S=[[told], ["地区", "地区生产总值"], ["太原市", 5573.7], ["大同市", 1871.2]]))
    assert figures(extract)["140100", "2023", "gdp"] == pytest.approx(gdp)
