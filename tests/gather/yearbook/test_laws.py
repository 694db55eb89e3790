"""What holds for any figures: a table is read the same however it is laid out, and nothing is lost or invented."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from relode.gather.yearbook import read_workbook
from relode.gather.yearbook.lexicon import Cell, clean, is_blank
from relode.gather.yearbook.sheets import Book, Sheet
from relode.words.codelist import Codelist
from relode.words.indicator import Indicator

NAMES = {"140100": "太原市", "140200": "大同市", "140300": "阳泉市"}
figure = some.floats(min_value=0.001, max_value=1e6, allow_nan=False).map(lambda x: float(f"{x:.6g}"))
anything = some.one_of(some.text(max_size=8), some.floats(allow_nan=False), some.just(""))
Facts = dict[tuple[str, str], float]
Rows = list[list[Cell]]


@some.composite
def tables(draw: some.DrawFn) -> Facts:
    """Figures of two or three cities in two to five years; some are missing, the first is there."""
    places = list(NAMES)[: draw(some.integers(2, 3))]
    first = draw(some.integers(1990, 2010))
    years = [str(first + n) for n in range(draw(some.integers(2, 5)))]
    keys = [(place, year) for place in places for year in years]
    return {key: draw(figure) for n, key in enumerate(keys) if n < 2 or draw(some.booleans())}


def axes(facts: Facts) -> tuple[list[str], list[str]]:
    return sorted({place for place, _ in facts}), sorted({year for _, year in facts})


def panel(facts: Facts) -> Rows:
    return [
        ["年份", "城市", "地区生产总值（亿元）"],
        *([float(year), NAMES[p], value] for (p, year), value in facts.items()),
    ]


def matrix(facts: Facts) -> Rows:
    places, years = axes(facts)
    rows: Rows = [["地区生产总值（亿元）"], ["城市", *(f"{year}年" for year in years)]]
    return rows + [[NAMES[p], *(facts.get((p, year), "") for year in years)] for p in places]


def across(facts: Facts) -> Rows:
    places, years = axes(facts)
    rows: Rows = [["各市地区生产总值"], ["单位：亿元"], ["年份", *(NAMES[p] for p in places)]]
    return rows + [[float(year), *(facts.get((p, year), "") for p in places)] for year in years]


def stacked(facts: Facts) -> Rows:
    places, years = axes(facts)
    rows: Rows = [["地区", "地区生产总值（亿元）"]]
    for year in years:
        rows += [[f"{year}年"], *([NAMES[p], facts[p, year]] for p in places if (p, year) in facts)]
    return rows


def written(facts: Facts) -> Rows:
    """The panel as texts with commas."""
    return [panel(facts)[0], *([str(year), name, f"{value:,.10g}" if value >= 1 else repr(value)]
                               for year, name, value in panel(facts)[1:])]  # fmt: skip


def framed(rows: Rows) -> Book:
    wide = max(map(len, rows))
    return Book("a.xlsx", (Sheet("S", [row + [""] * (wide - len(row)) for row in rows]),))


@pytest.mark.parametrize("lay", [panel, matrix, across, stacked, written])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=tables())
def test_a_table_is_read_the_same_however_it_is_laid_out(
    lay: Callable[[Facts], Rows], facts: Facts, regions: Codelist, catalogue: dict[str, Indicator]
) -> None:
    found = read_workbook(framed(lay(facts)), regions=regions, indicators=catalogue).facts
    assert set(found["indicator"]) == {"gdp"}
    read = dict(zip(zip(found["entity"], found["period"], strict=True), found["value"], strict=True))
    assert read == pytest.approx(facts)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=some.lists(some.lists(anything, min_size=1, max_size=6), min_size=1, max_size=12))
def test_no_sheet_at_all_breaks_the_reader(rows: Rows, regions: Codelist, catalogue: dict[str, Indicator]) -> None:
    extract = read_workbook(framed(rows), regions=regions, indicators=catalogue)
    cells = {(r, c) for r, row in enumerate(rows, 1) for c, _ in enumerate(row, 1)}
    assert set(zip(extract.facts["row"], extract.facts["col"], strict=True)) <= cells


@given(
    some.text(
        alphabet=some.one_of(some.characters(), some.sampled_from("①⑳〔1〕[]\u200b\u00ad\u3000 \ufeffa大")), max_size=6
    )
)
def test_a_text_is_blank_just_where_nothing_is_left_of_it_once_cleaned(text: str) -> None:
    assert is_blank(text) is not bool(clean(text))
    assert Sheet("", [[text, 1.0, "", None]]).filled == [1 + bool(clean(text))]
