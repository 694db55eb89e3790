"""Import is a conversation: guesses are shown and asked about, and an accepted reading serves next year's file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relode.gather import yearbook
from relode.gather.yearbook import Reading, answered, layout_of, read_book, shown
from relode.gather.yearbook.reading import Column, Table
from relode.words.errors import Misfit
from relode.words.texts import has

OLD = [["2022年各市主要指标"], ["地区", "地区生产总值", "各项存款（亿元）", "常住人口（万人）"],
       ["太原市", 5571.2, 17000.5, 543.5], ["大同市", 1842.5, 5100.1, 309.4]]  # fmt: skip
NEW = [["2023年各市主要指标"], ["地区", "地区生产总值", "各项存款（亿元）", "常住人口（万人）"],
       ["太原市", 5573.7, 18000.5, 545.3], ["大同市", 1871.2, 5300.1, 308.6],
       ["阳泉市", 980.5, 2100.0, 130.2]]  # fmt: skip


def test_what_is_not_sure_is_asked_and_what_is_sure_is_not(write, read) -> None:
    extract = read(write(S=OLD))
    asked = {question.about: question for question in extract.questions}
    assert set(asked) == {"地区生产总值", "各项存款(亿元)"}
    assert asked["地区生产总值"].code == "ask.unit"
    assert asked["地区生产总值"].guess == "100 million yuan"
    assert asked["各项存款(亿元)"].code in ("ask.heading", "ask.near")
    assert not extract.settled


def test_an_accepted_reading_answers_next_years_file(write, read, figures, tmp_path: Path) -> None:
    accepted = read(write("old.xlsx", S=OLD), accept=True)
    folder = tmp_path / "readings"
    path = accepted.reading.save(folder)
    assert path.name == f"{accepted.reading.layout}.toml"
    extract = read(write("new.xlsx", S=NEW), readings=[folder])
    assert extract.settled
    assert figures(extract)["140300", "2023", "gdp"] == 980.5


def test_the_layout_is_free_of_years_and_of_the_number_of_rows(write, regions, facts) -> None:
    layouts = [layout_of(read_book(write(f"{n}.xlsx", S=rows)), regions=regions, indicators=facts)
               for n, rows in enumerate((OLD, NEW, [OLD[0], [*OLD[1][:3], "城镇人口"], *OLD[2:]]))]  # fmt: skip
    assert layouts[0] == layouts[1] != layouts[2]


def test_a_matrix_with_one_more_year_has_the_same_layout(write, regions, facts) -> None:
    rows = [["地区生产总值（亿元）"], ["城市", 2021, 2022], ["太原市", 5121.6, 5571.2]]
    more = [["地区生产总值（亿元）"], ["城市", 2021, 2022, 2023], ["太原市", 5121.6, 5571.2, 5573.7]]
    one, other = (
        layout_of(read_book(write(f"{len(r[1])}.xlsx", S=r)), regions=regions, indicators=facts) for r in (rows, more)
    )
    assert one == other


def test_what_a_person_changes_in_the_reading_is_done(write, read, figures, tmp_path: Path) -> None:
    path = write(S=OLD)
    reading = read(path, accept=True).reading
    text = reading.text().replace(
        'head = "各项存款(亿元)"\nrole = "fact"', 'head = "各项存款(亿元)"\nrole = "fact"\nindicator = "deposits"'
    )
    text = text.replace('indicator = "deposits"\nindicator = "deposits"', 'indicator = "deposits"')
    file = tmp_path / f"{reading.layout}.toml"
    file.write_text(text, encoding="utf8")
    assert figures(read(path, reading=Reading.load(file)))["140100", "2022", "deposits"] == 17000.5


def test_a_reading_survives_its_file(tmp_path: Path) -> None:
    reading = Reading(
        "0123456789abcdef", file='a "quoted"\\name.xlsx', symbols={"…": "below", "-": "zero"},
        tables=(
            Table("数据 #", 2, period="given", year="2023", unit="亿元", columns=(Column("地区\n名称", "entity"),
                  Column("GDP/{year}", "fact", "gdp", "万元", "I"), Column("比重", "derived", formula="a / b"))),
            Table("说明", use=False, why="no_figures", labels=(Column("x", "fact", "gdp"),)),
        ),
    )  # fmt: skip
    assert Reading.load(reading.save(tmp_path)) == reading


def test_an_unknown_key_in_a_reading_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('layout = "x"\nlayuot = 1\n')
    with pytest.raises(Misfit, match="layuot"):
        Reading.load(path)


def test_a_reading_of_a_later_version_or_another_layout_is_refused(write, read, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('layout = "x"\nversion = 99\n')
    with pytest.raises(Misfit) as caught:
        Reading.load(path)
    assert caught.value.code == "reading.version"
    with pytest.raises(Misfit) as caught:
        read(write(S=OLD), reading=Reading("x"))
    assert caught.value.code == "reading.layout"


def test_a_new_row_label_in_a_known_layout_is_asked_about(write, read, tmp_path: Path) -> None:
    old = [
        ["太原市"],
        ["指标", 2021, 2022],
        ["地区生产总值（亿元）", 5121.6, 5571.2],
        ["常住人口（万人）", 539.1, 543.5],
    ]
    read(write("old.xlsx", S=old), accept=True).reading.save(tmp_path / "r")
    extract = read(write("new.xlsx", S=[*old, ["粮食产量（万吨）", 30.1, 31.2]]), readings=[tmp_path / "r"])
    assert [question.about for question in extract.questions] == ["粮食产量(万吨)"]


@pytest.mark.parametrize("missing", ["no_period", "no_entity", "no_indicator"])
def test_a_table_that_does_not_say_what_it_is_is_asked_about_and_left_out(missing: str, write, read) -> None:
    rows = {
        "no_period": [["地区", "常住人口（万人）"], ["太原市", 545.3]],
        "no_entity": [["年份", "常住人口（万人）"], [2023, 545.3]],
        "no_indicator": [["地区", 2022, 2023], ["太原市", 543.5, 545.3]],
    }[missing]
    extract = read(write(S=rows))
    assert [question.code for question in extract.questions] == [f"ask.{missing}"]
    assert extract.facts.empty


def test_answers_settle_a_reading_one_by_one(write, read, figures) -> None:
    path = write(S=OLD)
    extract = read(path)
    answers = {"ask.unit": "万元", "ask.heading": "deposits", "ask.near": "deposits"}
    reading = extract.reading
    for question in extract.questions:
        reading = answered(reading, question, answers[question.code])
    after = read(path, reading=reading)
    assert after.settled
    found = figures(after)
    assert found["140100", "2022", "gdp"] == pytest.approx(0.55712)
    assert found["140100", "2022", "deposits"] == 17000.5


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([["地区", "常住人口（万人）"], ["太原市", 545.3]], "2023"),
        ([["年份", "常住人口（万人）"], [2023, 545.3]], "140100"),
        ([["地区", 2023], ["太原市", 545.3], ["大同市", ""]], "population.resident"),
    ],
)
def test_a_table_that_lacks_something_is_read_once_that_is_answered(rows, answer: str, write, read, figures) -> None:
    path = write(S=rows)
    extract = read(path)
    reading = answered(extract.reading, extract.questions[0], answer)
    assert figures(read(path, reading=reading)) == {("140100", "2023", "population.resident"): 545.3}


def test_a_symbol_is_zero_once_a_person_says_so(write, read, figures) -> None:
    path = write(S=[["年份", "城市", "外商直接投资（百万美元）"], [2023, "太原市", "-"], [2023, "大同市", 3.5]])
    extract = read(path)
    assert ("140100", "2023", "fdi") not in figures(extract)
    reading = answered(extract.reading, extract.questions[0], "zero")
    assert figures(read(path, reading=reading))["140100", "2023", "fdi"] == 0


def test_an_answer_that_means_nothing_is_refused(write, read) -> None:
    extract = read(
        write(S=[["年份", "城市", "外商直接投资（百万美元）"], [2023, "太原市", "-"], [2023, "大同市", 3.5]])
    )
    with pytest.raises(Misfit, match="nought"):
        answered(extract.reading, extract.questions[0], "nought")


def test_a_heading_left_out_for_good_is_not_asked_about_again(write, read) -> None:
    extract = read(write(S=OLD))
    question = next(question for question in extract.questions if question.code != "ask.unit")
    left = read(write(S=OLD), reading=answered(extract.reading, question, "")).questions
    assert [question.code for question in left] == ["ask.unit"]


def test_a_period_given_by_hand_is_taken(write, read, figures) -> None:
    path = write(S=[["地区", "常住人口（万人）"], ["太原市", 545.3]])
    assert figures(read(path, period="2023")) == {("140100", "2023", "population.resident"): 545.3}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_reading_is_shown_with_how_sure_it_is_and_why(lang: str, write, read) -> None:
    lines = "\n".join(shown(read(write(S=OLD)), lang))
    assert "60%" in lines
    assert "gdp" in lines
    assert "show." not in lines
    assert "ask." not in lines
    assert ("单位未写明" if lang == "zh" else "no unit stated") in lines


def test_facts_know_their_cells(write, read) -> None:
    facts = read(write(S=OLD)).facts
    row = facts[(facts["entity"] == "140200") & (facts["indicator"] == "population.resident")].iloc[0]
    assert (row["sheet"], row["row"], row["col"]) == ("S", 4, 4)


def test_another_unit_over_the_table_is_another_layout(write, read, tmp_path: Path) -> None:
    rows = [["单位：亿元"], ["年份", "地区", "地区生产总值"], [2022, "太原市", 5571.2]]
    read(write("old.xlsx", S=rows), accept=True).reading.save(tmp_path / "r")
    changed = [["单位：万元"], rows[1], [2023, "太原市", 55737000]]
    extract = read(write("new.xlsx", S=changed), readings=[tmp_path / "r"])
    assert extract.facts["value"].tolist() == [5573.7]


def test_columns_of_status_and_scenario_are_read(write, read) -> None:
    head = ["地区", "年份", "地区生产总值（亿元）", "状态", "情景"]
    rows = [
        [2023, 5573.7, "E", ""],
        [2025, 6000.0, "", "target"],
        [2025, 5900.0, "p", "actual"],
        [2022, 5571.2, "好", ""],
    ]
    extract = read(write(S=[head, *(["太原市", *row] for row in rows)]))
    kept = extract.facts[["period", "scenario", "value", "status"]].to_numpy().tolist()
    assert kept == [["2023", "actual", 5573.7, "E"], ["2025", "target", 6000.0, "A"], ["2025", "actual", 5900.0, "P"],
                    ["2022", "actual", 5571.2, "A"]]  # fmt: skip
    assert [fault.code for fault in extract.faults] == ["yearbook.status"]


def with_notes(path: Path, notes: dict[str, str]) -> Path:
    """A one-sheet workbook of a spreadsheet with notes on cells."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        for r, row in enumerate(
            [["年份", "城市", "地区生产总值（亿元）"], [2022, "太原市", 5571.2], [2023, "太原市", 5573.7]]
        ):
            sheet.write_row(r, 0, row)
        for cell, text in notes.items():
            sheet.write_comment(cell, text, {"author": "admin"})
    return path


def test_a_figure_whose_note_says_that_it_was_worked_out_is_an_estimate(tmp_path: Path, read) -> None:
    extract = read(with_notes(tmp_path / "a.xlsx", {"C3": "根据公布的增长率计算获得", "A1": "更多数据，关注公众号"}))
    assert dict(zip(extract.facts["period"], extract.facts["status"], strict=True)) == {"2022": "A", "2023": "E"}
    said = {note.code: note for note in extract.remarks}
    assert "C3" in said["yearbook.cell_notes"].details["notes"]
    assert said["yearbook.cell_adverts"].details["count"] == 1


def test_a_note_that_says_nothing_of_estimates_changes_nothing(tmp_path: Path, read) -> None:
    extract = read(with_notes(tmp_path / "a.xlsx", {"C3": "2023年起含某县"}))
    assert set(extract.facts["status"]) == {"A"}
    assert "2023年起含某县" in " ".join(note.told("zh") for note in extract.remarks)


def test_formats_whose_notes_are_not_seen_say_so(tmp_path: Path, read) -> None:
    xlwt = pytest.importorskip("xlwt", reason="xlwt writes the .xls file of this test")
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for r, row in enumerate([["年份", "城市", "地区生产总值（亿元）"], [2022, "太原市", 5571.2]]):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    book.save(str(tmp_path / "a.xls"))
    assert "yearbook.no_cell_notes" in {note.code for note in read(tmp_path / "a.xls").remarks}


def test_a_layout_is_known_once_its_reading_was_accepted_and_not_before(write, read, tmp_path: Path) -> None:
    sure = [["年份", "城市", "地区生产总值（亿元）"], [2022, "太原市", 5571.2]]
    first = read(write("old.xlsx", S=sure), accept=True)
    assert first.settled
    assert not first.known
    first.reading.save(tmp_path / "r")
    assert read(write("new.xlsx", S=sure), readings=[tmp_path / "r"]).known


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_accepted_reading_is_still_shown_with_the_doubts_of_its_guesses(lang: str, write, read) -> None:
    lines = "\n".join(shown(read(write(S=OLD), accept=True), lang))
    assert "60%" in lines


def test_facts_are_shown_by_name_and_sheets_as_they_are_called(write, read, catalogue) -> None:
    rows = [
        ["年份", "城市", "第二产业增加值（亿元）", "地区生产总值（亿元）", "第二产业占GDP比重"],
        [2022, "太原市", 2000.0, 5000.0, 0.4],
    ]
    path = write("a.xlsx", 数据2022=rows, 数据2023=[rows[0], [2023, *rows[1][1:]]])
    lines = "\n".join(shown(read(path), "zh", indicators=catalogue))
    assert "地区生产总值 gdp，亿元" in lines
    assert "= 第二产业增加值 / 地区生产总值" in lines
    assert "工作表“数据2022”" in lines
    assert "工作表“数据2023”：各列同工作表“数据2022”" in lines
    assert "100 million yuan" not in lines


def test_a_name_that_the_level_decides_and_a_code_out_of_force_are_said(write) -> None:
    from relode.gather.yearbook import read_workbook
    from relode.words.shelf import Shelf

    shelf = Shelf()
    rows = [["年份", "城市", "城市代码", "地区生产总值（亿元）"], [2010, "吉林", "", 1800.0],
            [2010, "吐鲁番地区", 652100, 180.0], [2010, "大同", "", 700.0]]  # fmt: skip
    extract = read_workbook(write(S=rows), regions=shelf.regions("china_cities"), indicators=shelf.facts)
    assert list(extract.facts["entity"]) == ["220200", "650400", "140200"]
    said = {note.code: note.told("zh") for note in extract.remarks}
    assert "吉林 → 吉林市 (≠ 吉林省)" in said["yearbook.by_level"]
    assert "652100 → 650400" in said["yearbook.recoded"]


def test_everything_that_is_said_of_a_file_has_its_sentence() -> None:
    sources = [path.read_text("utf8") for path in (Path(yearbook.__file__).parent).glob("*.py")]
    codes = {code for text in sources for code in re.findall(r'"((?:yearbook|hostile|ask|reading)\.[a-z_]+)"', text)}
    assert len(codes) > 30
    assert [code for code in sorted(codes) if not has(code) and not code.endswith(".toml")] == []


def with_strangers(write, year: int, *more: list) -> Path:  # type: ignore[no-untyped-def]
    rows = [
        [f"2-1 各市第一产业增加值（{year}年）"],
        ["城市", "第一产业增加值（亿元）"],
        ["太原市", 98.1],
        ["巢湖", 5.0],
        ["大同市", "见注"],
        *more,
    ]
    return write(f"{year}.xlsx", Data=rows)


def test_names_that_were_accepted_as_left_out_are_left_out_unasked_next_year(write, read, tmp_path: Path) -> None:
    first = read(with_strangers(write, 2022))
    assert {fault.code for fault in first.faults} == {"yearbook.entity_unknown", "yearbook.number"}
    assert first.reading.skip == {}
    read(with_strangers(write, 2022), accept=True).reading.save(tmp_path)
    again = read(with_strangers(write, 2023), readings=(tmp_path,))
    assert again.known
    assert again.settled, again.faults
    assert again.reading.skip == {"巢湖": "unknown", "见注": "number"}
    told = {note.code: note.told("zh") for note in again.remarks}
    assert "巢湖" in told["yearbook.skipped"]
    assert "见注" in told["yearbook.skipped_texts"]


def test_a_new_name_in_a_known_layout_is_a_fault_until_it_is_accepted_too(write, read, tmp_path: Path) -> None:
    read(with_strangers(write, 2022), accept=True).reading.save(tmp_path)
    path = with_strangers(write, 2023, ["无此市", 7.0], ["阳泉市", "另见"])
    found = read(path, readings=(tmp_path,))
    assert {fault.code for fault in found.faults} == {"yearbook.entity_unknown", "yearbook.number"}
    told = " ".join(str(fault) for fault in found.faults)
    assert "无此市" in told
    assert "另见" in told
    assert "巢湖" not in told
    read(path, readings=(tmp_path,), accept=True).reading.save(tmp_path)
    assert read(path, readings=(tmp_path,)).settled


def test_a_name_that_is_lost_for_another_reason_than_accepted_is_told_again(write, read, tmp_path: Path) -> None:
    from dataclasses import replace

    accepted = read(with_strangers(write, 2022), accept=True).reading
    replace(accepted, skip={**accepted.skip, "巢湖": "ended"}).save(tmp_path)
    found = read(with_strangers(write, 2023), readings=(tmp_path,))
    assert [fault.code for fault in found.faults] == ["yearbook.entity_unknown"]
