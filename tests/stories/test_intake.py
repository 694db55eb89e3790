"""Import as a conversation: shown first, asked about, kept only when accepted, remembered for next year."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from .conftest import Typed

TO = ("--source", "年鉴", "--place", "山西 地市")
ROWS = (("大同市", 1900, 500, 34), ("阳泉市", 1030, 400, 37), ("长治市", 2900, 1050, 41))


def yearbook(path: Path, year: int) -> str:
    """A made-up page as yearbooks print it: title, unit line, bilingual heads, notes below."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("3-1")
    sheet.write(0, 0, f"3-1 各市主要经济指标（{year}年）")
    sheet.write(1, 0, "单位：亿元")
    sheet.write_row(2, 0, ["城市", "地区生产总值", "煤炭产业增加值", "绿化覆盖率(%)"])
    for n, (city, *figures) in enumerate(ROWS, 3):
        sheet.write_row(n, 0, [city, *[figure + (year - 2024) for figure in figures]])
    sheet.write(7, 0, "注：本表按当年价格计算。")
    book.close()
    return path.name


def test_without_a_terminal_the_reading_is_shown_and_nothing_is_written(
    shanxi: Path, typed: Typed, tmp_path: Path
) -> None:
    name = yearbook(tmp_path / "年鉴.xlsx", 2023)
    done = typed("gather", name, "--vintage", "2024-11", *TO)
    assert done.returncode == 1
    assert "? Is" in done.stdout
    assert "gdp" in done.stdout
    assert not typed("batches", "--place", str(shanxi)).stdout
    assert not list((shanxi / "readings").glob("*.toml"))


def test_an_accepted_reading_serves_next_years_file_without_a_question(
    shanxi: Path, typed: Typed, tmp_path: Path
) -> None:
    first = typed("gather", yearbook(tmp_path / "年鉴2023.xlsx", 2023), "--vintage", "2023-11", "--accept", *TO)
    assert first.returncode == 0, first.stderr
    assert len(list((shanxi / "readings").glob("*.toml"))) == 1
    again = typed("gather", yearbook(tmp_path / "年鉴2024.xlsx", 2024), "--vintage", "2024-11", *TO)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "?" not in again.stdout
    found = typed("where", "大同/gdp/2024", "--place", str(shanxi)).stdout
    assert "B4" in found
    assert "reading:" in found


def test_a_collection_form_comes_back_without_a_question(shanxi: Path, typed: Typed, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    done = typed("template", "small", "-o", "填报表.xlsx", "--period", "2025", "--place", str(shanxi))
    assert done.returncode == 0, done.stderr
    filled = tmp_path / "回收.xlsx"
    _fill(CalamineWorkbook.from_path(str(tmp_path / "填报表.xlsx")), filled)
    done = typed("gather", "回收.xlsx", "--vintage", "2025-12", *TO)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "15" in done.stdout
    assert "2025" in typed("where", "大同/coal/2025", "--place", str(shanxi)).stdout


def _fill(form: object, path: Path) -> None:
    """The form as a clerk sends it back: every open cell of the column of figures holds 7."""
    book = xlsxwriter.Workbook(str(path))
    for name in form.sheet_names:  # type: ignore[attr-defined]
        rows = form.get_sheet_by_name(name).to_python(skip_empty_area=False)  # type: ignore[attr-defined]
        sheet = book.add_worksheet(name)
        column = next((row.index("value") for row in rows if "value" in row), None)
        for n, row in enumerate(rows):
            for m, cell in enumerate(row):
                open_cell = m == column and row[0] in ("1402", "1403", "1404", "1405", "1406")
                sheet.write(n, m, 7 if open_cell else cell)
    book.close()


def test_what_is_missing_is_counted_by_group(shanxi: Path, typed: Typed) -> None:
    assert typed("gather", "年鉴 2024.csv", "--vintage", "2024-11", *TO).returncode == 0
    done = typed("missing", "small", "--place", str(shanxi))
    assert "20 / 20" in done.stdout.replace("       ", " ").replace("  ", " ")


def test_two_series_that_differ_are_listed_and_refused_until_one_is_preferred(
    shanxi: Path, typed: Typed, tmp_path: Path
) -> None:
    assert typed("gather", "年鉴 2024.csv", "--vintage", "2024-11", *TO).returncode == 0
    (tmp_path / "公报.csv").write_text("地区,年份,gdp\n大同,2024,1870\n阳泉,2024,1030\n", encoding="utf8")
    assert typed("gather", "公报.csv", "--vintage", "2025-02", "--source", "公报", *TO[2:]).returncode == 0
    listed = typed("conflicts", "--place", str(shanxi)).stdout
    assert "1870" in listed
    assert "1030" not in listed
    run = ("run", "measure.index", "--plan", "small", "--place", str(shanxi))
    refused = typed(*run)
    assert refused.returncode == 3
    assert "公报" in refused.stderr
    settings = shanxi / "relode.toml"
    settings.write_text(settings.read_text("utf8").replace("prefer = []", 'prefer = ["年鉴"]'), encoding="utf8")
    assert typed(*run).returncode == 0


def test_a_list_of_pilots_becomes_a_calendar_once_it_is_accepted_and_only_once(
    shanxi: Path, typed: Typed, tmp_path: Path
) -> None:
    (tmp_path / "试点.csv").write_text(
        "城市,试点年份,批次\n大同,2010,第一批\n阳泉,2013,第二批\n某地,2013,第二批\n", "utf8"
    )
    asked = ("gather", "试点.csv", "--vintage", "2017-01", "--series", "low_carbon", *TO)
    shown = typed(*asked)
    assert shown.returncode == 1
    assert "某地" in shown.stdout
    assert not list((shanxi / "policies").glob("*"))
    taken = typed(*asked, "--accept")
    assert taken.returncode == 0, taken.stdout + taken.stderr
    path = shanxi / "policies" / "low_carbon.toml"
    assert f"{path.name} was written; regions: 2. To undo, delete this file." in taken.stdout
    before = path.read_bytes()
    again = typed(*asked)
    assert again.returncode == 0
    assert "nothing was written" in again.stdout
    assert path.read_bytes() == before


def test_a_layout_that_was_never_accepted_is_shown_and_not_loaded_however_sure_it_reads(
    shanxi: Path, typed: Typed, tmp_path: Path
) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "sure.xlsx"))
    sheet = book.add_worksheet("1")
    rows = [
        ["2-1 各市第一产业增加值"],
        ["年份", "城市", "第一产业增加值（亿元）"],
        [2023, "大同", 98.1],
        [2023, "阳泉", 14.2],
    ]
    for n, row in enumerate(rows):
        sheet.write_row(n, 0, row)
    book.close()
    done = typed("gather", "sure.xlsx", "--vintage", "2024-11", *TO)
    assert done.returncode == 1, done.stdout
    assert "?" not in done.stdout
    assert "this layout is new" in done.stderr
    assert not (shanxi / "facts.duckdb").exists()
    assert not list((shanxi / "readings").glob("*.toml"))


def test_an_answer_that_means_nothing_is_told_and_the_question_put_again(shanxi: Path, tmp_path: Path) -> None:
    from relode.app import intake
    from relode.app import open as open_place

    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("3-1")
    for n, row in enumerate([["2023年各市指标"], ["城市", "第一产业增加值（亿元）"], ["大同", "-"], ["阳泉", 14.2]]):
        sheet.write_row(n, 0, row)
    book.close()
    told: list[str] = []
    place = open_place(shanxi, tell=lambda code, details: told.append(code))
    seen = intake.look(place, tmp_path / "a.xlsx")
    answers = iter(["nought", "zero"])
    asked = [question for question in seen.extract.questions if question.code == "ask.symbol"]  # type: ignore[union-attr]
    assert asked[0].called in ("", "3-1")
    after = intake.converse(place, seen, lambda question: next(answers) if question.about == "-" else None)
    assert told == ["reading.answer"]
    assert 0.0 in set(after.facts["value"])


def test_what_a_kept_result_is_stands_in_a_catalogue_of_the_place(shanxi: Path, typed: Typed) -> None:
    import json

    from relode.words.indicator import facts_of, read_yaml

    there = ("--place", str(shanxi))
    assert typed("gather", "年鉴 2024.csv", "--vintage", "2024-11", *TO).returncode == 0
    before = typed("check", *there)
    assert before.returncode == 0, before.stderr
    for _ in range(2):  # the second time there is nothing to add
        kept = typed("run", "measure.index", "--plan", "small", *there, "--keep")
        assert kept.returncode == 0, kept.stderr
    path = shanxi / "indicators" / "kept.yaml"
    defined = {one.code: one for one in facts_of(read_yaml(path))}
    assert "index.small" in defined
    assert "小方案" in defined["index.small"].zh
    assert [
        file.name for file in (shanxi / "indicators").iterdir() if file.name not in ("kept.yaml", "small.yaml")
    ] == []
    after = typed("check", *there)
    assert after.returncode == 0, after.stderr
    shown = typed("run", "diagnose.inequality", "--indicator", "index.small", *there, "--json")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["tables"]


def test_a_name_of_a_province_and_a_city_is_said_to_be_both(shanxi: Path, typed: Typed) -> None:
    with (shanxi / "regions" / "shanxi.csv").open("a", encoding="utf8") as file:
        file.write("220000,吉林省,吉林省,Jilin Province,,province,,\n220200,吉林市,吉林市,Jilin City,220000,city,,\n")
    asked = typed("where", "吉林/gdp/2024", "--place", str(shanxi))
    assert asked.returncode == 3
    assert "more than one" in asked.stderr
    assert "220000" in asked.stderr
    assert "220200" in asked.stderr


def test_loading_says_how_to_take_it_back(shanxi: Path, typed: Typed) -> None:
    done = typed("gather", "年鉴 2024.csv", "--vintage", "2024-11", *TO)
    assert "relode undo 1" in done.stdout
    assert typed("undo", "1", "--place", str(shanxi)).returncode == 0


def test_unknown_variables_of_a_survey_file_are_named_and_left_out_once_that_is_accepted(
    shanxi: Path, typed: Typed, tmp_path: Path
) -> None:
    import pandas as pd

    frame = pd.DataFrame({"city": ["大同市"], "year": [2024], "gdp": [1900.0], "weight": [1.0], "strata": [2.0]})
    frame.to_stata(tmp_path / "调查.dta", write_index=False, version=118)
    asked = ("gather", "调查.dta", "--vintage", "2024-11", *TO)
    refused = typed(*asked)
    assert refused.returncode == 3
    assert "weight, strata" in refused.stderr
    assert not typed("batches", "--place", str(shanxi)).stdout
    taken = typed(*asked, "--accept")
    assert taken.returncode == 0, taken.stderr
    assert "left out (2): weight, strata" in taken.stdout
    assert "1 facts" in taken.stdout


def test_names_that_were_left_out_once_are_not_asked_about_again_but_new_ones_are(
    shanxi: Path, typed: Typed, tmp_path: Path
) -> None:
    def made(year: int, *more: str) -> str:
        name = f"各市{year}.xlsx"
        with xlsxwriter.Workbook(str(tmp_path / name)) as book:
            sheet = book.add_worksheet("1")
            rows = [[f"{year}年各市煤炭"], ["城市", "煤炭增加值（亿元）"], ["大同", year - 1500], ["某开发区", 3]]
            for n, row in enumerate([*rows, *([name, 4] for name in more)]):
                sheet.write_row(n, 0, row)
        return name

    assert typed("gather", made(2022), "--vintage", "2023-11", "--accept", *TO).returncode == 0
    reading = next((shanxi / "readings").glob("*.toml")).read_text("utf8")
    assert '"某开发区" = "unknown"' in reading
    again = typed("gather", made(2023), "--vintage", "2024-11", *TO)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "某开发区" in again.stdout
    new = typed("gather", made(2024, "另一开发区"), "--vintage", "2025-11", *TO)
    assert new.returncode == 1
    assert "另一开发区" in new.stdout
    assert "something new" in new.stderr
