"""Formulas of a system, evaluated on facts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from relode.measure.derive import denominators, derive, derived
from relode.words.errors import Misfit
from relode.words.indicator import system_of
from relode.words.panel import Panel


def system(**indicators: dict):
    filled = {code: {"zh": code, "en": code, "unit": "1", **spec} for code, spec in indicators.items()}
    return system_of({"name": "s", "version": 1, "zh": "s", "en": "s", "indicators": filled})


def facts(**columns: list[float]) -> Panel:
    rows = [
        {"entity": f"r{n}", "period": "2024", "indicator": code, "value": value, "status": "A"}
        for code, values in columns.items()
        for n, value in enumerate(values)
    ]
    return Panel.of(pd.DataFrame(rows), units=dict.fromkeys(columns, "x"), sources=("made",))


def test_a_formula_follows_the_rules_of_arithmetic() -> None:
    spec = system(rate={"formula": "-(a - b) / b * 1000 + 2"})
    found = derive(facts(a=[5.0, 1.0], b=[4.0, 2.0]), spec)
    np.testing.assert_allclose(found.array()[:, 0, 0], [-248.0, 502.0])
    assert found.indicators == ("rate",)
    assert found.units == ("1",)
    assert found.sources == ("made",)


def test_scope_binds_closer_than_division() -> None:
    frame = facts(a=[6.0]).frame()
    both = pd.concat([frame, frame.assign(indicator="gdp@district", value=3.0)])
    assert derive(Panel.of(both), system(rate={"formula": "a / gdp@district"})).values.ravel()[0] == 2


def test_a_division_by_zero_gives_no_figure_and_a_note() -> None:
    found, notes = derived(facts(a=[1.0, 1.0, np.nan], b=[0.0, 2.0, 0.0]), system(rate={"formula": "a / b"}))
    np.testing.assert_array_equal(found.array()[:, 0, 0], [np.nan, 0.5, np.nan])
    assert [note.code for note in notes] == ["derive.zero"]
    assert not derived(facts(a=[1.0], b=[np.nan]), system(rate={"formula": "a / b"}))[1]


def test_the_status_is_the_gravest_of_the_facts() -> None:
    frame = facts(a=[1.0, 1.0, 1.0, 1.0], b=[1.0, 1.0, 1.0, np.nan]).frame(missing=True)
    frame["status"] = ["P", "A", "P", "E", "I", "B", "A", "M"]
    found = derive(Panel.of(frame), system(rate={"formula": "a + b"}))
    told = found.frame(missing=True)["status"].tolist()
    assert told == ["P", "E", "B", "M"]


def test_a_panel_that_holds_the_indicators_passes_through() -> None:
    found = derive(facts(rate=[3.0, 4.0]), system(rate={"formula": "a / b"}))
    np.testing.assert_array_equal(found.array()[:, 0, 0], [3, 4])


def test_facts_win_over_an_older_derived_figure() -> None:
    assert derive(facts(rate=[9.0], a=[6.0], b=[3.0]), system(rate={"formula": "a / b"})).values.ravel()[0] == 2


def test_an_indicator_without_its_facts_is_missing_and_named() -> None:
    found, notes = derived(facts(a=[1.0]), system(a={}, rate={"formula": "a / b"}))
    assert np.isnan(found.array()[0, 0, 1])
    assert notes[0].code == "derive.absent"
    assert "rate" in notes[0].told("en")


def test_nothing_to_be_had_is_a_misfit_that_names_the_facts() -> None:
    with pytest.raises(Misfit) as told:
        derive(facts(z=[1.0]), system(rate={"formula": "a / b"}))
    assert told.value.code == "derive.nothing"
    assert told.value.expected == ("a", "b")


def test_denominators_are_what_is_divided_by() -> None:
    spec = system(rate={"formula": "a / (b + c@city) * d - e / 1000"})
    assert denominators(spec.indicators[0]) == ("b", "c@city")
    assert denominators(system(a={}).indicators[0]) == ()
