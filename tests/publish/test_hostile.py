"""Text from data stays text: no formula, no link, no script, no markup comes alive in any format."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relode.words.batch import Source
from relode.words.note import Note
from relode.words.recipe import Chapter, Report, Show
from relode.words.result import Labels, Result

from .conftest import CHARTS, FORMATS, index_tables, members, regions, result, sheets_of, text_of

HOSTILE = (
    '=HYPERLINK("http://x.example","y")',
    "+1+1",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '#read("/etc/passwd")',
    "*bold* $x$ #import",
    "{{ 7*7 }} {% raw %}",
    "]]>&amp;&lt;",
    "http://x.example/a",
    "\\input{x}",
    "a\u202eb",
)
Make = Callable[..., Path]


def hostile_result(texts: tuple[str, ...] = HOSTILE) -> Result:
    labels = Labels(regions(120, lambda k: texts[k % len(texts)]))
    return result(index_tables(), *CHARTS, labels=labels, notes=(Note(texts[0], "warning"), Note(texts[3])))


def layout(text: str) -> Report:
    from relode.publish.compose import standard

    made = standard({"1": hostile_result()})
    return Report(title={"zh": text, "en": text}, subject={"zh": text, "en": text}, chapter=made.chapter)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    from relode.publish import publish

    folder = tmp_path_factory.mktemp("hostile")
    source = Source("bureau", HOSTILE[3], HOSTILE[3], HOSTILE[0], HOSTILE[0], HOSTILE[4], changes_zh=HOSTILE[5])
    return {
        suffix: publish(
            {"1": hostile_result()}, folder / f"r.{suffix}", lang="zh", report=layout(HOSTILE[3] + HOSTILE[5]),
            sources={"bureau": source}, asof=HOSTILE[7],
        )
        for suffix in FORMATS
    }  # fmt: skip


@pytest.mark.parametrize("suffix", FORMATS)
def test_hostile_text_is_printed_letter_by_letter(written: dict[str, Path], suffix: str) -> None:
    told = text_of(written[suffix])
    for text in (HOSTILE[0], HOSTILE[3], HOSTILE[5], HOSTILE[7]):
        assert text.replace(" ", "") in told


def test_no_formula_and_no_link_comes_into_a_workbook(written: dict[str, Path]) -> None:
    for name, xml in members(written["xlsx"]).items():
        assert not re.search(r"<f[ >]|<hyperlink|ddeLink|externalLink", xml), name


def test_no_tag_and_no_handler_comes_into_a_page(written: dict[str, Path]) -> None:
    assert tags_of(written["html"].read_text("utf8")) <= ALLOWED


def test_no_field_and_no_link_comes_into_a_word_file(written: dict[str, Path]) -> None:
    parts = members(written["docx"])
    assert set(re.findall(r"<w:instrText[^>]*>([^<]*)", "".join(parts.values()))) == {"PAGE"}
    assert "w:hyperlink" not in parts["word/document.xml"]
    assert 'TargetMode="External"' not in "".join(parts.values())


def test_no_link_and_no_action_comes_into_a_pdf(written: dict[str, Path]) -> None:
    content = written["pdf"].read_bytes()
    assert not re.search(rb"/URI|/JavaScript|/Launch|/OpenAction", content)


ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "br", "p", "nav", "ol", "ul",
    "li", "main", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "strong", "figure",
    "figcaption", "svg", "g", "path", "defs", "clippath", "use", "rect", "text", "tspan", "pattern",
}  # fmt: skip


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        for name, _ in attrs:
            if name.startswith("on"):
                self.found.add(name)


def tags_of(page: str) -> set[str]:
    reader = _Tags()
    reader.feed(page)
    return reader.found


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=30)


@pytest.mark.parametrize("suffix", FORMATS)
def test_signs_that_no_file_may_hold_are_left_out_and_the_report_is_made(tmp_path: Path, suffix: str) -> None:
    from relode.publish import publish

    odd = "甲\x00\x07\x1b\ufffe\ud800乙"
    names = regions(4, lambda k: odd)
    made = result({"ranks": index_tables(3)["ranks"]}, CHARTS[0], labels=Labels(names), notes=(Note(odd, "warning"),))
    shows = (Show(step="1", table="ranks"), Show(step="1", chart="ranks"))
    report = Report(title={"zh": odd, "en": odd}, chapter=(Chapter(title={"zh": odd, "en": odd}, shows=shows),))
    path = publish({"1": made}, tmp_path / f"r.{suffix}", lang="zh", report=report, asof=odd)
    assert "甲乙" in text_of(path)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXT)
def test_any_text_is_inert_in_page_and_workbook(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    from relode.publish import publish

    folder = tmp_path_factory.mktemp("any")
    table = pd.DataFrame({"entity": ["r000", text], "status": [text, "A"], "score": [1.0, 2.0]})
    made = result(
        {"ranks": table, text: table}, labels=Labels(regions(1, lambda k: text)), notes=(), choices={text: text}
    )
    made = Result(**{**vars(made), "card": made.card.__class__(**{**vars(made.card), "name": "guest.method"})})
    book = publish([made], folder / "a.xlsx", lang="zh")
    assert not re.search(r"<f[ >]|<hyperlink", "".join(members(book).values()))
    assert len(sheets_of(book)) == 5
    page = publish([made], folder / "a.html", lang="en").read_text("utf8")
    assert tags_of(page) <= ALLOWED
