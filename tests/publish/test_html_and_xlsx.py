"""The page needs nothing but itself and can be read by everyone; the workbook holds every table whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from relode.publish.figures import heading

from .conftest import index_result, members, movement_result, sheets_of

Make = Callable[..., Path]


class Reader(HTMLParser):
    def __init__(self, page: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag == name]


@pytest.fixture(params=["zh", "en"])
def page(request: pytest.FixtureRequest, family: Callable[[str, str], Path]) -> str:
    return family("html", request.param).read_text("utf8")


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    reader = Reader(page)
    for tag, attrs in reader.tags:
        for name in ("src", "href", "xlink:href", "action", "data", "poster"):
            value = attrs.get(name) or "#"
            assert value.startswith("#"), (tag, value)
    assert not re.search(r"@import|url\((?!#|&quot;#)", page)
    assert not reader.all("script")
    policy = next(a["content"] for a in reader.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_the_page_has_language_headings_captions_scopes_and_descriptions(page: str) -> None:
    reader = Reader(page)
    assert reader.all("html")[0]["lang"] in ("zh-CN", "en")
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(reader.all("caption")) == len(reader.all("table"))
    assert all(head.get("scope") in ("col", "row") for head in reader.all("th"))
    assert all(svg.get("role") == "img" and len(svg.get("aria-label") or "") > 20 for svg in reader.all("svg"))
    assert re.search(r"@media print", page)
    assert re.search(r"size: A4", page)


def test_no_id_stands_twice_and_every_reference_is_met(page: str) -> None:
    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert max(ids.values()) == 1
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', page)) <= set(ids)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_is_in_the_workbook_whole_with_codes_beside_names(report: Make, lang: str) -> None:
    result = index_result(118)
    sheets = sheets_of(report("xlsx", result, movement_result(), lang=lang))
    for number, name in ((2, "ranks"), (3, "dimensions"), (5, "indicators")):
        rows = list(sheets.values())[number - 1]
        frame = result.frame(name)
        assert len(rows) == len(frame) + 1
        codes = [row[1] for row in rows[1:]]
        assert codes == list(frame["entity"])
        assert rows[0][0] == heading("entity", lang)
    assert len(sheets) == 1 + 7 + 1 + 3


def test_sheets_have_a_frozen_head_filters_and_names_that_excel_takes(report: Make) -> None:
    path = report("xlsx", index_result(), movement_result(), index_result(), lang="en")
    parts = members(path)
    assert all(len(name) <= 31 for name in sheets_of(path))
    sheets = [xml for name, xml in parts.items() if name.startswith("xl/worksheets/sheet")]
    tables = [xml for xml in sheets if "<autoFilter" in xml]
    assert len(tables) == 7 + 1 + 7
    assert all('state="frozen"' in xml for xml in tables)
    assert "2000-01-01T00:00:00Z" in parts["docProps/core.xml"]


def test_the_workbook_has_whole_fingerprints_and_what_was_left_out(report: Make) -> None:
    sheets = sheets_of(report("xlsx", index_result(), lang="en"))
    cover = [str(cell) for row in sheets["Cover"] for cell in row]
    assert "ef" * 32 in cover
    assert any("cd" * 32 in cell for cell in cover)
    assert ["souks", "measured otherwise"] in [row[:2] for row in sheets["Left out"]]
    assert any("Composite index measure.index, version 1" in str(row[0]) for row in sheets["Methods"])
