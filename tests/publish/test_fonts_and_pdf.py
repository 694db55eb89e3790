"""PDF: our fonts hold every character of our texts, tables repeat their head, text can be searched, PDF/A-2b."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from relode.publish import fonts
from relode.words.recipe import Chapter, Report, Show
from relode.words.result import Labels, Result
from relode.words.texts import DATA

from .conftest import card, ranks, regions, result

Make = Callable[..., Path]


OURS = {"RelodeHei", "NotoSerifSC", "NotoSansSC", "LibertinusSerif", "DejaVuSans"}


@cache
def characters(path: Path) -> frozenset[int]:
    return frozenset(TTFont(path, lazy=True).getBestCmap())


def test_every_character_of_our_texts_is_in_the_fonts() -> None:
    texts = [*DATA.glob("texts/*.toml"), *DATA.glob("methods/*.toml"), *DATA.glob("recipes/*.toml")]
    used = {ord(c) for path in texts for c in path.read_text("utf8")} - {10}
    sans, serif = fonts.regular()
    others = Path(fonts.folders()[1]) / "DejaVuSans.ttf"
    for path in (sans, serif, fonts.variable()):
        missing = used - characters(path) - characters(others)
        assert not missing, (path.name, "".join(map(chr, missing)))


def test_the_cut_font_has_its_own_name_all_weights_and_what_was_asked(tmp_path: Path) -> None:
    fonts.cut("评价报告", tmp_path / "a.ttf")
    fonts.cut("评价报告", tmp_path / "b.ttf")
    font = TTFont(tmp_path / "a.ttf")
    names = {record.nameID: str(record) for record in font["name"].names}
    assert {names[1], names[4], names[16]} == {"Relode Hei"}
    assert set(map(ord, "评价报告Aa—")) <= set(font.getBestCmap())
    assert ord("鑫") not in font.getBestCmap()
    assert [axis.axisTag for axis in font["fvar"].axes] == ["wght"]
    assert (tmp_path / "a.ttf").read_bytes() == (tmp_path / "b.ttf").read_bytes()
    assert (tmp_path / "a.ttf").stat().st_size < 200_000


@pytest.fixture(params=["zh", "en"])
def pdf(request: pytest.FixtureRequest, plain: Callable[[str, str], Path]) -> Any:
    return PdfReader(plain("pdf", request.param))


def test_fonts_are_embedded_and_are_ours(pdf: Any) -> None:
    found = set()
    for page in pdf.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            found.add(str(below["/BaseFont"]).split("+")[-1])
            descriptor = below["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
    stems = {name.split("-")[0] for name in found}
    assert {"RelodeHei", "LibertinusSerif"} <= stems <= OURS


def test_it_is_pdf_a_2b_on_a4_with_a_title_and_a_fixed_date(pdf: Any) -> None:
    xmp = pdf.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part>2<", xmp)
    assert re.search(r"pdfaid:conformance>B<", xmp)
    assert pdf.metadata.title
    assert str(pdf.metadata["/CreationDate"]).startswith("D:20000101")
    for page in pdf.pages:
        assert sorted(round(float(side) / 72 * 25.4) for side in page.mediabox[2:]) == [210, 297]


def test_the_head_of_a_long_table_stands_on_every_page(report: Make) -> None:
    made = result({"ranks": ranks(118)}, card=card("guest.method", "客方法", "A guest"), notes=())
    shows = (Show(step="1", table="ranks", columns=("entity", "rank", "score")),)
    layout = Report(title={"zh": "题", "en": "T"}, chapter=(Chapter(title={"zh": "章", "en": "C"}, shows=shows),))
    pages = [page.extract_text() for page in PdfReader(report("pdf", made, lang="en", report=layout)).pages]
    rows = [page for page in pages if "Region" in page.replace("Region 0", "", 1)]
    assert len(rows) >= 3
    assert all("Score" in page for page in rows)
    assert sum(len(re.findall(r"Region \d+", page)) for page in pages) == 118


def test_text_in_pictures_can_be_searched(pdf: Any) -> None:
    told = "".join(page.extract_text() for page in pdf.pages).replace(" ", "")
    assert any(key in told for key in ("底色相同且相连者为同一并列档", "rowsononeshadeshareatieband"))


def test_a_sign_of_no_font_costs_pdf_a_but_not_the_report(report: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "folders", lambda: (str(fonts.regular()[0].parent),))
    path = report("pdf", named(lambda k: f"\U00013080 {k}"))
    assert b"pdfaid" not in path.read_bytes()


def named(names: Callable[[int], str]) -> Result:
    guest = card("guest.method", "客方法", "A guest")
    return result({"ranks": ranks(6)}, labels=Labels(regions(6, names)), card=guest, notes=())


def test_arabic_and_tifinagh_and_greek_names_keep_pdf_a(report: Make) -> None:
    names = ("الرباط", "ⵜⴰⵎⵓⵔⵜ", "Αθήνα", "Łódź", "L’Oriental", "埇桥㙍")
    reader = PdfReader(report("pdf", named(lambda k: names[k])))
    xmp = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert "pdfaid" in xmp
