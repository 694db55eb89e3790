"""One door: the file's ending decides, the same input gives the same bytes, and a failure leaves what was there."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from relode.publish import pictures, publish
from relode.words.errors import Misfit, UnknownWord, Unwritable
from relode.words.recipe import Chapter, Report, Show

from .conftest import (
    FORMATS,
    SOURCE,
    accountability_result,
    index_result,
    movement_result,
    places_result,
    text_of,
)

Make = Callable[..., Path]
Plain = Callable[[str, str], Path]


@pytest.mark.parametrize(("suffix", "lang"), [("docx", "zh"), ("pdf", "en"), ("html", "zh"), ("xlsx", "en")])
def test_the_same_results_give_the_same_bytes(report: Make, plain: Plain, suffix: str, lang: str) -> None:
    first = plain(suffix, lang).read_bytes()
    pictures._DRAWN.clear()
    assert report(suffix, index_result(), lang=lang).read_bytes() == first


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_carries_credit_method_version_choice_fingerprint_and_warning(plain: Plain, suffix: str) -> None:
    for lang in ("zh", "en"):
        told = text_of(plain(suffix, lang))
        warning = index_result().notes[0].told(lang)
        credit = SOURCE.credit(lang)
        for wanted in (credit, "CC BY 4.0", "measure.index", "relode 0.1.0", "small", "ef" * 8, warning):
            assert wanted.replace(" ", "") in told, wanted


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_report_without_sources_says_so(report: Make, suffix: str) -> None:
    bare = accountability_result()
    assert "本报告所用数字未注明来源" in text_of(report(suffix, replace(bare, sources=())))
    assert "x9（未登记的来源" in text_of(report(suffix, replace(bare, sources=("x9",)), name="unknown"))


def test_all_methods_of_the_index_family_are_published_without_a_layout(family: Plain) -> None:
    results = (index_result(), movement_result(), accountability_result(), places_result())
    for lang in ("zh", "en"):
        told = text_of(family("html", lang))
        assert all(result.card.label(lang).replace(" ", "") in told for result in results)


def test_a_layout_chooses_rows_and_columns_and_says_what_it_cut(report: Make) -> None:
    shows = (
        Show(step="1", table="ranks", columns=("rank", "entity"), most=5),
        Show(step="1", table="dimensions", only={"node": ("econ",)}),
    )
    layout = Report(
        title={"zh": "题目", "en": "Title"}, chapter=(Chapter(title={"zh": "章", "en": "One"}, shows=shows),)
    )
    page = report("html", index_result(), report=layout, lang="en").read_text("utf8")
    assert "5 of 12 rows are shown" in page
    assert page.count('<th scope="row" class="figure">') == 5
    assert "Livelihood" not in page
    assert "Economy" in page


@pytest.mark.parametrize(
    ("show", "code"),
    [
        (Show(step="x", table="ranks"), "publish.step"),
        (Show(step="1", table="x"), "publish.table"),
        (Show(step="1", table="ranks", columns=("x",)), "publish.column"),
        (Show(step="1", table="ranks", only={"x": ("1",)}), "publish.column"),
        (Show(step="1", chart="x"), "publish.chart"),
        (Show(step="1", say="x"), "publish.topic"),
    ],
)
def test_a_layout_that_does_not_fit_is_refused_by_name(report: Make, show: Show, code: str) -> None:
    layout = Report(title={"zh": "题", "en": "T"}, chapter=(Chapter(title={"zh": "章", "en": "C"}, shows=(show,)),))
    with pytest.raises(UnknownWord) as told:
        report("html", index_result(), report=layout)
    assert told.value.code == code
    assert "x" in str(told.value)


def test_a_line_that_shows_nothing_is_refused(report: Make) -> None:
    shows = (Show(step="1"),)
    layout = Report(title={"zh": "题", "en": "T"}, chapter=(Chapter(title={"zh": "章", "en": "C"}, shows=shows),))
    with pytest.raises(Misfit) as told:
        report("html", index_result(), report=layout)
    assert told.value.code == "publish.show"


def test_unknown_endings_languages_and_empty_results_are_refused(tmp_path: Path) -> None:
    for path, lang, results, code in (
        ("a.odt", "zh", [index_result()], "publish.suffix"),
        ("a.pdf", "fr", [index_result()], "publish.lang"),
        ("a.pdf", "zh", [], "publish.nothing"),
    ):
        with pytest.raises((UnknownWord, Misfit)) as told:
            publish(results, tmp_path / path, lang=lang)
        assert told.value.code == code
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_old_report_and_no_scraps(
    report: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = report("html", index_result()).read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unwritable) as told:
        report("html", movement_result())
    assert told.value.exit_code == 5
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [old]


def test_progress_is_told_each_picture(report: Make) -> None:
    told: list[str] = []
    report("html", index_result(), lang="en", progress=told.append)
    assert len(told) == len(index_result().charts)


def test_a_path_with_blanks_and_chinese_in_a_new_folder_is_fine(tmp_path: Path) -> None:
    path = publish([index_result()], tmp_path / "新 文件夹" / "评估 报告.xlsx", lang="zh")
    assert path.is_file()
