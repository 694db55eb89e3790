"""The four formats say the same: a figure is written once, by the pattern of its column."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from relode.publish.figures import Shown, formats, number, pattern_of
from relode.words.texts import has

from .conftest import FORMATS, movement_result, sheets_of, text_of

Make = Callable[..., Path]
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_row_reads_the_same_in_word_pdf_and_page(report: Make, lang: str) -> None:
    result = movement_result()
    shown = Shown(result, lang)
    rows = result.frame("movement").to_dict("records")
    wanted = ["".join(shown.row("movement", {str(k): v for k, v in row.items()}).values()) for row in rows]
    assert "\u22121.25" in wanted[1]
    for suffix in ("docx", "pdf", "html"):
        told = text_of(report(suffix, result, lang=lang))
        for row in wanted:
            assert row.replace(" ", "") in told, suffix


def test_the_workbook_holds_the_numbers_themselves_shown_by_the_same_pattern(report: Make) -> None:
    result = movement_result()
    path = report("xlsx", result, lang="en")
    sheet = sheets_of(path)["Change of score, and where it c"]
    frame = result.frame("movement")
    head = {name: n for n, name in enumerate(sheet[0])}
    assert [row[head["Change"]] for row in sheet[1:]] == list(frame["change"])
    assert [row[head["From data"]] for row in sheet[1:]] == list(frame["from_data"])
    assert pattern_of("change", frame["change"]) == "+#,##0.00;-#,##0.00;#,##0.00"


def test_sentences_say_the_numbers_of_the_tables(plain: Callable[[str, str], Path]) -> None:
    for suffix in FORMATS[:3]:
        told = text_of(plain(suffix, "zh"))
        assert "地区0（90.00分，位次区间第1～4位，居前10位的概率100.0%）" in told, suffix
        assert "地区11（81.96分，位次区间第10～12位，居后3位的概率87.5%）" in told, suffix


def test_negative_figures_carry_a_true_minus_and_changes_their_sign() -> None:
    change = pattern_of("change", [12.5, -1.25])
    assert [number(x, change, "en") for x in (12.5, -1.25, 0.0)] == ["+12.50", "\u22121.25", "0.00"]
    assert number(-1234.5, pattern_of("value", [-1234.5]), "zh") == "\u22121,234"
    assert number(0.0512, "0.0%", "zh") == "5.1%"


def test_decimals_follow_the_size_of_the_figures() -> None:
    assert pattern_of("score", [88.1, 0.2]) == "#,##0.00"
    assert pattern_of("score", [0.881, 0.2]) == "#,##0.0000"
    patterns = [pattern_of("value", [x]) for x in (0.05123, 12.5, 12, 123456.7)]
    assert patterns == ["#,##0.00000", "#,##0.0", "#,##0", "#,##0"]
    assert [pattern_of("rank", [x]) for x in (2.0, 2.5)] == ["0", "0.0"]


def columns_of_the_design() -> set[str]:
    page = (ROOT / "docs" / "design.md").read_text("utf8")
    tables = page[page.index("## What the tables of the index family hold") :]
    tables = tables[: tables.index("Facts that the index gives back")]
    listed = [row.split("|")[2].split(":")[0] for row in tables.splitlines() if row.startswith("| `")]
    listed += re.findall(r"`\w+` ([a-z_]+(?:, [a-z_\s`(),]+)+)", tables.replace("\n", " "))
    names = re.findall(r"[a-z_]+", re.sub(r"\([^)]*\)|`[^`]*`", "", " ".join(listed)))
    return set(names) - {"measure", "movement", "plan"}


def test_every_column_of_the_design_has_a_heading_in_both_languages() -> None:
    columns = columns_of_the_design()
    assert {"entity", "p_bottom", "from_limits", "p_both", "score_of", "own"} <= columns
    assert not {name for name in columns if not has(f"column.{name}")}


def test_every_column_of_figures_has_a_heading_and_a_known_kind() -> None:
    columns, kinds = formats()["columns"], formats()["kinds"]
    assert set(columns.values()) <= set(kinds)
    assert not {name for name in columns if not has(f"column.{name}")}
