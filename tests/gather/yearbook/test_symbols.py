"""Symbols mean what the publication says, and never zero unless a person says so."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from relode.gather.yearbook.lexicon import clean, lexicon
from relode.gather.yearbook.symbols import Legend, legend_of

PLAIN = legend_of(lexicon(), [])
HEAD = ["地区", "外商直接投资（百万美元）", "地区生产总值（亿元）"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,842.50", 1842.5), ("１８４２．５", 1842.5), ("1 842.5", 1842.5), (" 16737.30 ", 16737.3), ("-3.2", -3.2),
        ("−3.2", -3.2), (".5", 0.5), ("1e3", 1000.0), ("105.6①", 105.6), ("12,345,678", 12345678.0),
        ("5 573.7", 5573.7), ("98.7%", 98.7), (1842.5, 1842.5), (7, 7.0),
    ],
)  # fmt: skip
def test_a_figure_is_read_as_people_read_it(text: str | float, value: float) -> None:
    figure = PLAIN.read(text)
    assert (figure.meaning, figure.value, figure.status) == ("figure", value, "A")


@pytest.mark.parametrize(
    ("text", "status"),
    [("105.6*", "P"), ("*105.6", "P"), ("105.6（初步数）", "P"), ("105.6p", "P"), ("105.6 e", "E"), ("105.6r", "A")],
)
def test_a_mark_beside_a_figure_gives_its_status(text: str, status: str) -> None:
    figure = PLAIN.read(text)
    assert (figure.value, figure.status) == (105.6, status)


@pytest.mark.parametrize(
    ("sign", "meaning"),
    [("…", "below"), ("……", "below"), ("...", "below"), ("—", "none"), ("－", "none"), ("-", "none"), ("", "unknown"),
     ("　", "unknown"), ("缺失", "unknown"), ("N/A", "unknown"), ("#N/A", "unknown")],
)  # fmt: skip
def test_a_symbol_is_missing_and_never_zero(sign: str, meaning: str) -> None:
    figure = PLAIN.read(sign)
    assert figure.meaning == meaning
    assert math.isnan(figure.value)


def test_less_than_a_figure_is_missing_with_that_bound() -> None:
    figure = PLAIN.read("<0.05")
    assert (figure.meaning, figure.bound) == ("below", 0.05)


@pytest.mark.parametrize("text", ["12,34", "1,2345", "(12.3)", "12.3.4", "约12", "12-15", "一百"])
def test_what_is_no_figure_is_not_guessed(text: str) -> None:
    assert PLAIN.read(text).meaning == "unreadable"


def test_the_preface_explains_a_symbol() -> None:
    told = legend_of(lexicon(), ["本表中“—”表示数据不详；“…”表示数据不足本表最小单位数"])
    assert told.read("—").meaning == "unknown"
    assert told.read("…").meaning == "below"
    assert {"-", "..."} & told.told == {"..."}


def test_a_preface_alone_never_makes_a_symbol_zero() -> None:
    assert legend_of(lexicon(), ["“-”表示零"]).read("-").meaning == "none"
    assert legend_of(lexicon(), [], {"-": "zero"}).read("-").value == 0


@given(some.floats(allow_nan=False, allow_infinity=False, width=32))
def test_every_number_written_with_commas_comes_back(number: float) -> None:
    assert PLAIN.read(f"{number:,.4f}").value == pytest.approx(round(number, 4))


@given(some.text(max_size=30))
def test_clean_is_done_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(some.text(max_size=12))
def test_no_text_at_all_breaks_the_legend(text: str) -> None:
    assert isinstance(PLAIN, Legend)
    figure = PLAIN.read(text)
    assert math.isnan(figure.value) == (figure.meaning != "figure")


def test_symbols_of_a_file_are_asked_about_and_kept_as_missing(write, read) -> None:
    path = write("2023.xlsx", S=[HEAD, ["太原市", "…", "5573.7"], ["大同市", "—", "1871.2"], ["阳泉市", "12.5", ""]])
    extract = read(path)
    assert {(q.code, q.about, q.guess) for q in extract.questions} == {
        ("ask.symbol", "...", "below"),
        ("ask.symbol", "—", "none"),
    }
    missing = extract.facts[extract.facts["value"].isna()]
    assert missing["status"].tolist() == ["M", "M"]
    assert extract.bounds[["entity", "bound"]].to_numpy().tolist() == [["140100", 0.1]]
    assert not read(path, accept=True).questions


def test_a_preface_answers_the_question(write, read) -> None:
    note = ["注：“…”表示数据不足本表最小单位数；“—”表示不适用"]
    path = write("2023.xlsx", S=[HEAD, ["太原市", "…", 5573.7], ["大同市", "—", 1871.2], note])
    assert not read(path).questions


def test_an_unreadable_cell_is_a_fault_that_names_it(write, read) -> None:
    extract = read(write("2023.xlsx", S=[HEAD, ["太原市", 12.5, 5573.7], ["大同市", "约12", 1871.2]]))
    assert [fault.where for fault in extract.faults] == ["S!B3"]
    assert len(extract.facts) == 3


def test_provisional_figures_are_marked(write, read) -> None:
    extract = read(write("2023.xlsx", S=[HEAD, ["太原市", "12.5*", 5573.7]]))
    assert extract.facts.set_index("indicator")["status"].to_dict() == {"fdi": "P", "gdp": "A"}
