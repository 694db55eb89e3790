"""The collection form goes out and comes back without a question; what was changed is named by its cell."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from xlsxwriter import Workbook

from relode.gather.cells import read_sheets
from relode.gather.form import HEADS, TOP
from relode.gather.template import read_template, remarks_of, write_template
from relode.words.codelist import Codelist, Entity
from relode.words.errors import RelodeError, Several, UnknownWord
from relode.words.indicator import Indicator, system_of
from relode.words.panel import Panel
from relode.words.shelf import Shelf

FACTS = {
    "gdp": Indicator("gdp", "地区生产总值", "Product", "100 million yuan", range=(0, None)),
    "jobs": Indicator("jobs", "就业人员", "Jobs", "10 thousand persons", range=(0, 5000), note_zh="年末数"),
}
SYSTEM = system_of(
    {"name": "s", "version": 3, "zh": "体系", "en": "System",
     "indicators": {"per_job": {"zh": "人均", "en": "per job", "unit": "%", "formula": "gdp / jobs", "direction": 1}}}
)  # fmt: skip
REGIONS = Codelist((Entity("140200", "大同市", en="Datong"), Entity("140300", "阳泉市")))


def written(path: Path, **more: Any) -> Path:
    write_template(SYSTEM, FACTS, REGIONS, path, period="2024", **more)
    return path


def filled(source: Path, target: Path, changes: Mapping[tuple[int, int], object]) -> Path:
    """The form as an office sends it back: the same sheets with some cells changed (counted from one)."""
    book = Workbook(str(target))
    for sheet in read_sheets(source):
        copy = book.add_worksheet(sheet.name)
        for r, row in enumerate(sheet.rows):
            for c, cell in enumerate(row):
                copy.write(r, c, cell)
        if sheet.name == read_sheets(source)[0].name:
            for (r, c), cell in changes.items():
                copy.write(r - 1, c - 1, cell)
    book.close()
    return target


ROW = TOP + 2  # the first line to fill in, counted from one: gdp of 大同 and 阳泉, then jobs of both
VALUE, STATUS, REMARK, UNIT = (HEADS.index(name) + 1 for name in ("value", "status", "remark", "unit"))


def test_a_form_that_was_filled_in_comes_back_as_facts(tmp_path: Path) -> None:
    form = filled(
        written(tmp_path / "a.xlsx"),
        tmp_path / "b.xlsx",
        {(ROW, VALUE): 1900.5, (ROW + 2, VALUE): "1,203", (ROW + 2, STATUS): "p", (ROW + 3, REMARK): "尚未统计"},
    )
    facts = read_template(form, facts=FACTS)
    assert facts.drop(columns=["sheet"]).to_numpy().tolist() == [
        ["140200", "2024", "gdp", "actual", 1900.5, "A", ROW, VALUE],
        ["140200", "2024", "jobs", "actual", 1203.0, "P", ROW + 2, VALUE],
    ]
    assert remarks_of(form)[["entity", "indicator", "remark"]].to_numpy().tolist() == [["140300", "jobs", "尚未统计"]]


def test_an_empty_form_holds_no_facts(tmp_path: Path) -> None:
    assert read_template(written(tmp_path / "a.xlsx")).empty


def test_rows_may_be_sorted(tmp_path: Path) -> None:
    source = written(tmp_path / "a.xlsx")
    rows = read_sheets(source)[0].rows
    swapped = {(ROW, c + 1): cell for c, cell in enumerate(rows[ROW])}
    swapped |= {(ROW + 1, c + 1): cell for c, cell in enumerate(rows[ROW - 1])}
    facts = read_template(filled(source, tmp_path / "b.xlsx", {**swapped, (ROW, VALUE): 7.0}))
    assert facts[["entity", "indicator", "value"]].to_numpy().tolist() == [["140300", "gdp", 7.0]]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({(ROW, VALUE): "…"}, "template.no_number"),
        ({(ROW, VALUE): "12万"}, "template.no_number"),
        ({(ROW, VALUE): True}, "template.no_number"),
        ({(ROW, VALUE): -3}, "template.range"),
        ({(ROW + 2, VALUE): 99_999}, "template.range"),
        ({(ROW, STATUS): "X"}, "template.no_status"),
        ({(ROW, UNIT): "万元", (ROW, VALUE): 3}, "template.unit_changed"),
        ({(ROW, 1): "140500", (ROW, VALUE): 3}, "template.row"),
        ({(ROW + 9, 1): "140500", (ROW + 9, VALUE): 3}, "template.row"),
        ({(ROW + 1, 1): "140200", (ROW + 1, VALUE): 3}, "template.twice"),
    ],
)
def test_what_was_changed_is_refused_with_its_cell(tmp_path: Path, changes: Any, code: str) -> None:
    form = filled(written(tmp_path / "a.xlsx"), tmp_path / "b.xlsx", changes)
    with pytest.raises(RelodeError) as told:
        read_template(form, facts=FACTS)
    assert told.value.code == code
    assert re.search(r"![A-I]\d+$", told.value.where)
    assert told.value.told("zh") != told.value.told("en")


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    form = filled(written(tmp_path / "a.xlsx"), tmp_path / "b.xlsx", {(ROW, VALUE): "-", (ROW + 1, VALUE): -1})
    with pytest.raises(Several) as told:
        read_template(form, facts=FACTS)
    assert [fault.code for fault in told.value.faults] == ["template.no_number", "template.range"]


def test_any_other_workbook_is_no_form(tmp_path: Path) -> None:
    book = Workbook(str(tmp_path / "x.xlsx"))
    book.add_worksheet("a").write(0, 0, 1)
    book.close()
    with pytest.raises(RelodeError) as told:
        read_template(tmp_path / "x.xlsx")
    assert told.value.code == "template.no_form"


def test_last_years_figure_stands_beside_the_cell(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"entity": ["140200"] * 3, "period": ["2021", "2023", "2024"], "indicator": "gdp", "value": [1.0, 2.0, 3.0]}
    )
    rows = read_sheets(written(tmp_path / "a.xlsx", last=Panel.of(frame)))[0].rows
    assert rows[ROW - 1][HEADS.index("last")] == 2
    assert rows[ROW][HEADS.index("last")] == ""


def test_the_form_speaks_both_languages(tmp_path: Path) -> None:
    zh = read_sheets(written(tmp_path / "zh.xlsx", lang="zh"))[0]
    en = read_sheets(written(tmp_path / "en.xlsx", lang="en"))[0]
    assert zh.rows[TOP][:5] == ("地区代码", "地区", "指标代码", "指标", "计量单位")
    assert en.rows[TOP][:5] == ("region code", "region", "fact code", "fact", "unit")
    assert en.rows[ROW - 1][1:5] == ("Datong", "gdp", "Product", "100 million yuan")
    assert zh.rows[ROW - 1][4] == "亿元"
    assert read_template(filled(tmp_path / "en.xlsx", tmp_path / "b.xlsx", {(ROW, VALUE): 1})).shape == (1, 9)


def test_cells_are_guarded_and_the_key_is_hidden(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path / "a.xlsx")) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<sheetProtection" in sheet
        assert sheet.count('type="decimal"') == 2  # one rule for each fact
        assert 'type="list"' in sheet
        assert 'state="veryHidden"' in archive.read("xl/workbook.xml").decode()


def test_names_that_look_like_formulas_stay_text(tmp_path: Path) -> None:
    regions = Codelist((Entity("1", '=HYPERLINK("http://x","y")', zh="=1+1"), Entity("2", "@SUM(A1)")))
    write_template(SYSTEM, FACTS, regions, tmp_path / "a.xlsx", period="2024")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        parts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert not any("<f>" in part or "hyperlink" in part for part in parts)


def test_the_same_form_has_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path / "a.xlsx").read_bytes() == written(tmp_path / "b.xlsx").read_bytes()


def test_a_fact_that_nobody_defined_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownWord) as told:
        write_template(SYSTEM, {"gdp": FACTS["gdp"]}, REGIONS, tmp_path / "a.xlsx", period="2024")
    assert told.value.code == "template.fact"


def test_the_thirty_indicators_make_a_form(tmp_path: Path) -> None:
    shelf = Shelf()
    system = shelf.system("core30")
    write_template(system, shelf.facts, REGIONS, tmp_path / "core30.xlsx", period="2025")
    rows = read_sheets(tmp_path / "core30.xlsx")[0].rows
    assert len(rows) == TOP + 1 + 2 * len(system.reads)
    assert read_template(tmp_path / "core30.xlsx").empty


def test_the_form_says_what_is_good_of_each_indicator_and_which_range_is_best(tmp_path: Path) -> None:
    leaf = {"zh": "人均", "en": "per job", "unit": "%", "formula": "gdp / jobs"}
    spec = {"name": "s", "version": 3, "zh": "体系", "en": "System"}
    system = system_of(
        {**spec, "indicators": {"per_job": {**leaf, "best": [60, 75]}, "more": {**leaf, "direction": 1}}}
    )
    for lang, told in (("zh", "最优区间60至75"), ("en", "best range 60 to 75")):
        path = tmp_path / f"{lang}.xlsx"
        write_template(system, FACTS, REGIONS, path, period="2024", lang=lang)
        rows = {row[0]: row for row in read_sheets(path)[-1].rows if row}
        assert rows["per_job"][3] == told
        assert rows["more"][3] in ("越大越好", "more is better")
