"""Another currency at each year's own rate; a year without one is refused, never filled."""

from __future__ import annotations

import numpy as np
import pytest

from relode.measure import currency
from relode.words.errors import Misfit, Refused
from relode.words.panel import Panel

# yuan per US dollar, yearly means: 7.604 in 2007, 6.9451 in 2008
RATES = [np.nan, 7.604, 6.9451]


def panel(rates: list[float] | None = None, unit: str = "million USD", rate_unit: str = "yuan per USD") -> Panel:
    values = np.full((2, 3, 2), np.nan)
    values[0, :, 0] = [50.0, 100.0, 200.0]
    values[1, :, 1] = RATES if rates is None else rates
    return Panel(values[None], ("actual",), ("140200", "CN"), ("2006", "2007", "2008"), ("fdi", "exchange_rate.usd"),
                 units=(unit, rate_unit))  # fmt: skip


def test_each_year_takes_its_own_rate() -> None:
    result = currency(panel(), figures=("fdi",))
    frame = result.frame().set_index("period")
    assert frame["converted"].to_dict() == pytest.approx({"2007": 760.4, "2008": 1389.02})
    assert set(frame["unit_to"]) == {"million yuan"}
    assert result.facts is not None
    assert set(result.facts["indicator"]) == {"fdi@yuan"}
    assert set(result.facts["status"]) == {"E"}
    assert result.answer.defines[0].unit == "million yuan"


def test_years_without_a_rate_keep_their_currency_and_are_listed() -> None:
    result = currency(panel(), figures=("fdi",))
    assert result.frame("refused").to_numpy().tolist() == [["2006", "fdi", 1, "million USD"]]
    assert [note.code for note in result.notes] == ["currency.kept", "currency.mean"]
    assert "2006" in result.notes[0].told("zh")


def test_a_year_asked_for_by_name_is_refused_without_a_rate() -> None:
    with pytest.raises(Refused) as told:
        currency(panel(), figures=("fdi",), periods=("2006", "2007"))
    assert told.value.details["name"] == "2006"
    assert currency(panel(), figures=("fdi",), periods=("2007", "2008")).frame("refused")["period"].tolist() == ["2006"]


def test_without_any_rate_nothing_is_converted() -> None:
    with pytest.raises(Refused) as told:
        currency(panel([np.nan] * 3), figures=("fdi",))
    assert told.value.code == "currency.no_rate"


def test_a_region_with_a_rate_of_its_own_uses_it() -> None:
    block = panel().values.copy()
    block[0, 0, 1, 1] = 2.0
    own = Panel(block, *panel().axes.values(), units=panel().units)
    found = currency(own, figures=("fdi",)).frame().set_index("period")["converted"]
    assert found.to_dict() == {"2007": 200.0}  # two entities have rates: nobody lends theirs


@pytest.mark.parametrize(
    ("unit", "rate", "code"),
    [("100 million yuan", "yuan per USD", "currency.unit"), ("million USD", "%", "currency.rate")],
)
def test_figures_must_be_in_the_currency_of_the_rate(unit: str, rate: str, code: str) -> None:
    with pytest.raises(Misfit) as told:
        currency(panel(unit=unit, rate_unit=rate), figures=("fdi",))
    assert told.value.code == code
