"""The panel is dense, read-only and strict about its axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relode.words.errors import Impossible, Misfit, UnknownWord
from relode.words.panel import Panel


def frame(**more: object) -> pd.DataFrame:
    rows = [("A", "2020", "x", 1.0), ("B", "2020", "x", 2.0), ("A", "2021", "x", np.nan), ("B", "2021", "y", 4.0)]
    return pd.DataFrame(rows, columns=["entity", "period", "indicator", "value"]).assign(**more)


def test_absence_is_said_aloud_and_is_never_zero() -> None:
    panel = Panel.of(frame())
    assert panel.shape == (1, 2, 2, 2)
    assert np.isnan(panel.array("actual", "2021")[0]).all()
    assert set(panel.frame(missing=True)["status"]) == {"A", "M"}


def test_a_panel_cannot_be_written_to() -> None:
    panel = Panel.of(frame())
    with pytest.raises(ValueError, match="read-only"):
        panel.values[0, 0, 0, 0] = 1


def test_a_panel_does_not_follow_the_array_it_was_made_from() -> None:
    values = np.ones((1, 1, 1, 1))
    panel = Panel(values, ("actual",), ("A",), ("2020",), ("x",))
    values[:] = 5
    assert panel.values.item() == 1


def test_a_figure_that_stands_twice_is_refused_with_its_address() -> None:
    with pytest.raises(Misfit, match="actual/A/2020/x"):
        Panel.of(pd.concat([frame(), frame().iloc[:1]]))


def test_periods_of_two_frequencies_are_refused() -> None:
    with pytest.raises(Misfit) as told:
        Panel.of(frame(period=["2020", "2020Q1", "2021", "2021"]))
    assert told.value.code == "period.mixed"


def test_an_infinite_value_is_impossible() -> None:
    with pytest.raises(Impossible):
        Panel.of(frame(value=[1, np.inf, 2, 3]))


def test_a_block_that_is_too_large_says_aggregate_first() -> None:
    with pytest.raises(Misfit, match="aggregate first"):
        Panel(np.zeros((0,)), ("a",), tuple(map(str, range(10_000))), tuple(f"{y}" for y in range(1000, 9999)),
              tuple(f"i{n}" for n in range(100)))  # fmt: skip


def test_an_unknown_code_offers_the_codes_that_there_are() -> None:
    with pytest.raises(UnknownWord, match="2020"):
        Panel.of(frame()).array("actual", "2019")


def test_only_keeps_the_order_that_is_asked_for() -> None:
    panel = Panel.of(frame(), units={"x": "%", "y": "t"})
    part = panel.only(entities=("B", "A"), indicators=("y",))
    assert part.entities == ("B", "A")
    assert part.units == ("t",)
    assert part.array("actual", "2021")[0, 0] == 4


def test_the_fingerprint_follows_every_figure_and_status() -> None:
    prints = {
        Panel.of(frame()).fingerprint,
        Panel.of(frame(value=[1, 2, 3, 4])).fingerprint,
        Panel.of(frame(status=["A", "E", "M", "A"])).fingerprint,
        Panel.of(frame(), units={"x": "%"}).fingerprint,
    }
    assert len(prints) == 4
    assert Panel.of(frame()).fingerprint == Panel.of(frame()).fingerprint


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["2019", "2020"]), st.sampled_from(["x", "y"])),
        st.floats(-1e9, 1e9),
        min_size=1,
    )
)
def test_a_panel_gives_back_the_figures_it_was_made_of(facts: dict[tuple[str, str, str], float]) -> None:
    rows = [(*key, value) for key, value in facts.items()]
    panel = Panel.of(pd.DataFrame(rows, columns=["entity", "period", "indicator", "value"]))
    back = panel.frame()
    keys = zip(back["entity"], back["period"], back["indicator"], strict=True)
    assert dict(zip(keys, back["value"], strict=True)) == facts
