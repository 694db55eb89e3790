"""Word: the form of an official document (GB/T 9704-2012), with East Asian fonts set everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from relode.words.texts import say

from .conftest import card, members, result

Make = Callable[..., Path]


@pytest.fixture(params=["zh", "en"])
def word(request: pytest.FixtureRequest, family: Callable[[str, str], Path]) -> Any:
    return docx.Document(str(family("docx", request.param)))


def test_the_sheet_is_a4_with_a_core_of_156_by_225_mm(word: Any) -> None:
    first = word.sections[0]
    assert [round(side.mm) for side in (first.page_width, first.page_height)] == [210, 297]
    assert [round(side.mm) for side in (first.top_margin, first.left_margin)] == [37, 28]
    for section in word.sections:
        across = section.page_width - section.left_margin - section.right_margin
        down = section.page_height - section.top_margin - section.bottom_margin
        assert sorted(round(side / 36000) for side in (across, down)) == [156, 225]


def test_every_run_and_every_style_in_use_names_its_east_asian_font(word: Any) -> None:
    known = {say(f"font.{key}", "zh") for key in ("song", "fang", "hei", "kai", "title")}
    parts = [word.element.body]
    parts += [footer._element for s in word.sections for footer in (s.footer, s.even_page_footer)]
    runs = [run for part in parts for run in part.iter(qn("w:r"))]
    assert len(runs) > 500
    for run in runs:
        fonts = run.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) in known
        assert fonts.get(qn("w:ascii")) == "Times New Roman"
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Caption"):
        fonts = word.styles[name].element.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) in known
        assert not [key for key in fonts.attrib if "Theme" in key]


def test_sizes_lines_and_indents_are_those_of_the_standard(plain: Callable[[str, str], Path]) -> None:
    word = docx.Document(str(plain("docx", "zh")))
    styles = word.styles
    assert (styles["Normal"].font.size, styles["Title"].font.size) == (Pt(16), Pt(22))
    assert styles["Normal"].paragraph_format.line_spacing == Pt(28)
    fonts = {
        name: styles[name].element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia"))
        for name in ("Normal", "Title", "Heading 1", "Heading 2")
    }
    assert list(fonts.values()) == ["仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312"]
    body = next(p for p in word.paragraphs if p.text.startswith("2024年共有"))
    indent = body._p.pPr.find(qn("w:ind"))
    assert (indent.get(qn("w:firstLineChars")), indent.get(qn("w:firstLine"))) == ("200", "640")


def test_page_numbers_stand_between_dashes_on_the_outer_side(word: Any) -> None:
    assert word.settings.odd_and_even_pages_header_footer
    for footer, side in ((word.sections[0].footer, "right"), (word.sections[0].even_page_footer, "left")):
        line = footer.paragraphs[0]
        assert [run.text for run in line.runs][::2] == ["— ", " —"]
        assert line._p.pPr.find(qn("w:jc")).get(qn("w:val")) == side
        assert all(run.font.size == Pt(14) for run in line.runs)


def test_tables_have_three_lines_a_head_that_is_repeated_and_widths_that_fit(word: Any) -> None:
    assert word.tables
    for table in word.tables:
        borders = {border.tag.split("}")[1] for border in table._tbl.tblPr.find(qn("w:tblBorders"))}
        assert borders == {"top", "bottom"}
        first = table._tbl.tr_lst[0]
        assert first.trPr.find(qn("w:tblHeader")) is not None
        assert all(cell.tcPr.find(qn("w:tcBorders")) is not None for cell in first.tc_lst)
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in table._tbl.tr_lst)
        assert sum(column.width for column in table.columns) <= Mm(225.5)


def test_a_wide_table_lies_on_a_page_of_its_own_and_the_next_is_upright_again(report: Make) -> None:
    wide = pd.DataFrame({f"a_rather_long_heading_{n}": ["some text"] for n in range(14)})
    made = result({"wide": wide}, card=card("guest.wide", "宽表", "A wide table"))
    word = docx.Document(str(report("docx", made, lang="en")))
    assert [section.orientation for section in word.sections] == [0, 1, 0]


def test_pictures_carry_their_text_and_are_as_wide_as_the_page(word: Any) -> None:
    assert len(word.inline_shapes) == 6
    for shape in word.inline_shapes:
        assert shape.width == Mm(156)
        assert len(shape._inline.docPr.get("descr")) > 20


def test_properties_and_dates_are_fixed(plain: Callable[[str, str], Path]) -> None:
    parts = members(plain("docx", "zh"))
    assert "2000-01-01T00:00:00Z" in parts["docProps/core.xml"]
    assert "python-docx" not in parts["docProps/core.xml"]
