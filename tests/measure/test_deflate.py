"""Constant prices from a growth index: a published worked example, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relode.measure import deflate as method
from relode.measure.deflate import at_prices as deflate
from relode.measure.deflate import chained
from relode.words.errors import Misfit, UnknownWord
from relode.words.panel import Panel

# Shanghai 2000 and 2001: nominal product 4812.15 and 5257.66 (100 million yuan), index 111.0 and 110.5; the worked
# example of the table gives real product 5317.42575 and the deflator 0.988760397829721
SHANGHAI = np.array([[4812.15, 111.0, 100.0], [5257.66, 110.5, 120.0]])


def panel(block: np.ndarray = SHANGHAI, first: int = 2000) -> Panel:
    years = tuple(str(first + n) for n in range(len(block)))
    return Panel(block[None, None], ("actual",), ("310000",), years, ("gdp", "gdp.index", "loans"),
                 units=("100 million yuan", "previous year = 100", "100 million yuan"))  # fmt: skip


def test_the_worked_example_of_shanghai() -> None:
    real = deflate(panel(), figures=("gdp", "loans"), base="2000")
    assert real.indicators == ("gdp@prices2000", "loans@prices2000")
    assert real.array()[0, :, 0] == pytest.approx([4812.15, 5317.42575], rel=1e-12)
    assert real.array()[0, 1, 1] == pytest.approx(120 / 0.988760397829721, rel=1e-12)
    assert real.statuses()[0].tolist() == [[0, 0], [1, 1]]  # normal in the base year, then estimated
    assert real.units[0] == "100 million yuan"


def test_a_later_base_year_reaches_back() -> None:
    real = deflate(panel(), figures=("gdp",), base="2001")
    assert real.array()[0, :, 0] == pytest.approx([5257.66 / 1.105, 5257.66], rel=1e-12)


def test_a_missing_index_cuts_the_chain() -> None:
    block = np.tile(SHANGHAI[1], (5, 1))
    block[2, 1] = np.nan
    real = deflate(panel(block), figures=("gdp",), base="2001").array()[0, :, 0]
    assert np.isnan(real).tolist() == [False, False, True, True, True]


def test_years_must_follow_one_another() -> None:
    gap = Panel(np.ones((1, 1, 2, 3)), ("actual",), ("1",), ("2000", "2002"), ("gdp", "gdp.index", "loans"))
    with pytest.raises(Misfit) as told:
        deflate(gap, figures=("gdp",), base="2000")
    assert told.value.code == "deflate.years"
    with pytest.raises(UnknownWord):
        deflate(panel(), figures=("gdp",), base="1990")


def test_the_method_lists_what_was_made_and_says_what_it_assumes() -> None:
    result = method(panel(), figures=("gdp", "loans"), base="2000")
    row = result.frame().set_index(["indicator", "period"]).loc[("gdp", "2001")]
    assert row["real"] == pytest.approx(5317.42575, rel=1e-12)
    assert row["deflator"] == pytest.approx(0.988760397829721, rel=1e-12)
    assert result.facts is not None
    assert set(result.facts["indicator"]) == {"gdp@prices2000", "loans@prices2000"}
    assert {one.zh for one in result.answer.defines} >= {"地区生产总值（2000年价格）"}
    assert [note.code for note in result.notes] == ["deflate.chain", "deflate.others"]


def test_what_the_chain_does_not_reach_is_counted() -> None:
    block = np.tile(SHANGHAI[1], (5, 1))
    block[2, 1] = np.nan
    result = method(panel(block), figures=("gdp",), base="2001")
    cut = next(note for note in result.notes if note.code == "deflate.cut")
    assert (cut.details["count"], cut.details["of"]) == (3, 5)
    assert len(result.frame()) == 2
    block[1] = np.nan
    with pytest.raises(Misfit) as told:
        method(panel(block), figures=("gdp",), base="2001")
    assert told.value.code == "deflate.nothing"


@given(st.lists(st.floats(0.8, 1.3), min_size=4, max_size=8), st.integers(0, 3))
def test_growth_at_constant_prices_is_the_index_whatever_the_base(growth: list[float], base: int) -> None:
    factors = np.array(growth)
    level = chained(factors, base)
    assert level[base] == 1
    assert level[1:] / level[:-1] == pytest.approx(factors[1:], rel=1e-12)
