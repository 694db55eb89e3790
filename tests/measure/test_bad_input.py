"""Bad input: refused or warned with a code, a place and a remedy, in Chinese and in English. One case each."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from relode.measure import coherence, index
from relode.words.errors import RelodeError
from relode.words.indicator import system_of
from relode.words.panel import Panel
from relode.words.texts import has, say

CHINESE = re.compile("[\u4e00-\u9fff]")
Case = Callable[[Any], tuple[np.ndarray, dict[str, Any]]]


def column(k: int, value: float, periods: int = 1) -> Case:
    def made_values(made: Any) -> tuple[np.ndarray, dict[str, Any]]:
        values = made.values(8, periods)
        values[..., k] = value
        return values, {}

    return made_values


def planned(values: Case, **plan: Any) -> Case:
    return lambda made: (values(made)[0], plan)


def plain(made: Any) -> tuple[np.ndarray, dict[str, Any]]:
    return made.values(8, 1), {}


def one_zero(made: Any) -> tuple[np.ndarray, dict[str, Any]]:
    values = made.values(8, 1)
    values[3, 0, 2] = 0.0
    return values, {}


def one_negative(made: Any) -> tuple[np.ndarray, dict[str, Any]]:
    values = made.values(8, 1)
    values[3, 0, 2] = -4.0
    return values, {}


def tied(made: Any) -> tuple[np.ndarray, dict[str, Any]]:
    values = made.values(8, 1)
    values[1] = values[2]
    return values, {}


def turned(made: Any) -> tuple[np.ndarray, dict[str, Any]]:
    values = made.values(30, 1)
    values[:, 0, 3:] = values[:, 0, 2:3] + 0.01 * values[:, 0, 3:]  # smoke is a cost, and goes with doctors and schools
    return values, {}


WARNED: dict[str, tuple[Case, str]] = {
    "a constant column": (column(2, 5.0), "guard.constant"),
    "a column without figures": (planned(column(2, np.nan), screen={"entity_missing": 0.5}), "guard.empty"),
    "a wrong direction": (turned, "guard.direction"),
    "ties": (tied, "guard.ties_min"),
    "zeros under entropy": (planned(one_zero, weigh={"method": "entropy"}), "guard.entropy_zeros"),
    "weights that do not sum": (
        planned(plain, weigh={"method": "given", "given": {"econ": 0.5, "life": 0.3}}), "guard.given_sum",
    ),
}  # fmt: skip
REFUSED: dict[str, tuple[Case, str]] = {
    "a zero under MEREC": (planned(one_zero, weigh={"method": "merec"}), "guard.merec_positive"),
    "a negative under fractions of the greatest": (
        planned(one_negative, normalise={"method": "fracmax"}), "guard.fracmax_negative",
    ),
    "a negative under logarithms": (
        planned(one_negative, treat={"method": "log", "skew": 1e-9, "kurtosis": 1e-9}), "guard.treat_log",
    ),
    "weights that sum to nothing": (
        planned(plain, weigh={"method": "given", "given": {"econ": 0.0, "life": 0.0}}), "guard.given_nothing",
    ),
    "a geometric mean from zero": (planned(plain, aggregate={"method": "geometric"}), "guard.geometric_zero"),
    "everything missing": (planned(column(slice(None), np.nan)), "index.nobody"),  # type: ignore[arg-type]
    "an unknown key": (planned(plain, weigh={"metod": "critic"}), "plan.unknown_key"),
    "an unknown indicator": (planned(plain, select={"drop": ["econ.incme"]}), "plan.unknown_node"),
    "an unknown doubt": (planned(plain, uncertainty={"vary": ["weigh.metod=critic"]}), "plan.unknown_key"),
    "a method that is none": (planned(plain, aggregate={"method": "best"}), "plan.value"),
}  # fmt: skip


def run(made: Any, case: Case) -> Any:
    values, plan = case(made)
    return index(made.panel(values), made.regions(len(values)), plan=made.plan(**plan))


def is_told(told: Callable[[str], str], code: str) -> None:
    zh, en = told("zh"), told("en")
    assert CHINESE.search(zh)
    assert not CHINESE.search(re.sub(r"[“”].*?[“”]", "", en)), en
    for text in (zh, en):
        assert code not in text, "a sentence, not a code"
        assert "{" not in text


@pytest.mark.parametrize("name", WARNED)
def test_it_is_warned_of(made, name: str) -> None:
    case, code = WARNED[name]
    notes = {note.code: note for note in run(made, case).notes}
    assert code in notes, sorted(notes)
    is_told(notes[code].told, code)
    if notes[code].level == "warning":
        assert has(code + ".mend"), "a warning comes with its remedy"


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(made, name: str) -> None:
    case, code = REFUSED[name]
    with pytest.raises(RelodeError) as told:
        run(made, case)
    assert told.value.code == code
    is_told(told.value.told, code)
    assert told.value.where, "a place"
    assert has(code + ".mend") or told.value.expected, "a remedy"


def test_a_direction_that_is_none_is_refused_with_the_range_that_may_be_meant(made) -> None:
    spec = copy.deepcopy(made.spec)
    spec["groups"]["econ"]["indicators"]["jobless"]["direction"] = "interval"
    with pytest.raises(RelodeError) as told:
        system_of(spec)
    assert told.value.code == "definition.direction"
    is_told(told.value.told, told.value.code)
    assert "best: [60, 75]" in told.value.told("zh")
    assert "best: [60, 75]" in told.value.told("en")


def test_the_square_of_the_distance_ranks_the_middle_best(made) -> None:
    leaf = {"zh": "价格", "en": "prices", "unit": "%", "direction": -1, "formula": "(cpi - 3) * (cpi - 3)"}
    system = system_of({"name": "s", "version": 1, "zh": "s", "en": "s", "indicators": {"prices": leaf}})
    values = np.array([0.0, 2.9, 3.4, 9.0])[:, None, None]
    panel = Panel(values[None], ("actual",), ("a", "b", "c", "d"), ("2020",), ("cpi",))
    found = index(panel, made.regions(8), plan=made.plan(system, rank={"peers": ""}))
    assert list(found.frame("ranks")["entity"]) == ["b", "c", "a", "d"]


def test_fewer_regions_than_indicators_is_warned(made) -> None:
    values = made.values(4)
    found = coherence(made.panel(values), made.regions(4), plan=made.plan())
    note = next(note for note in found.notes if note.code == "coherence.few")
    is_told(note.told, note.code)


def test_figures_per_head_that_rise_because_people_left_are_named(made) -> None:
    leaf = {"zh": "医生", "en": "Doctors", "unit": "1", "direction": 1}
    spec = {"name": "heads", "version": 1, "zh": "h", "en": "h", "indicators": {
        "per_head": {**leaf, "formula": "doctors / people"}, "schools": leaf}}  # fmt: skip
    values = np.random.default_rng(1).uniform(5, 9, (1, 6, 2, 3))
    values[0, :, 1, 0] = values[0, :, 0, 0]  # as many doctors
    values[0, :, 1, 1] = values[0, :, 0, 1] * 0.8  # fewer people
    entities = tuple(f"r{n:02}" for n in range(6))
    panel = Panel(values, ("actual",), entities, ("2020", "2021"), ("doctors", "people", "schools"))
    found = index(panel, made.regions(6), plan=made.plan(system_of(spec)))
    note = next(note for note in found.notes if note.code == "guard.denominator")
    is_told(note.told, note.code)
    assert note.details["most"] == 6
    assert say("guard.denominator.mend", "zh") in note.told("zh")
