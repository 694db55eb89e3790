"""Indicators that are best between two ends: scored by their distance, shown as published, in every step alike."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relode.maths.scale import outside
from relode.measure import audit, flips, index, movement, sensitivity
from relode.measure.choose import choose
from relode.measure.designs import moved_figures
from relode.measure.doubts import planned
from relode.measure.score import score
from relode.words.errors import Misfit, RelodeError
from relode.words.indicator import IndicatorSystem, system_of

BEST = (3.0, 5.0)
CODE, AT = "econ.jobless", 1


def system(made, best: tuple[float, float] | None = BEST, **more: Any) -> IndicatorSystem:
    spec = copy.deepcopy(made.spec)
    leaf = spec["groups"]["econ"]["indicators"]["jobless"] | more
    if best is not None:
        del leaf["direction"]
        leaf["best"] = list(best)
    spec["groups"]["econ"]["indicators"]["jobless"] = leaf
    return system_of(spec)


def figures(made, periods: int = 1) -> np.ndarray:
    """Somebody is inside the range in every period."""
    values = made.values(10, periods, seed=4)
    values[0, :, AT] = 4.0
    return values


def distances(values: np.ndarray) -> np.ndarray:
    found = values.copy()
    found[..., AT] = outside(values[..., AT], *BEST)
    return found


def called(method, made, values, of: IndicatorSystem, *, choices: dict[str, Any] | None = None, **plan: Any):
    return method(made.panel(values), made.regions(len(values)), plan=made.plan(of, **plan), **(choices or {}))


def test_the_position_is_that_of_the_textbook(made) -> None:
    values = figures(made)
    values[:, 0, AT] = [4, 3, 5, 1, 2, 6, 8, 9, 10, 2.5]
    found = called(index, made, values, system(made), normalise={"scale": (0, 1)}).frame("indicators")
    own = found[found["indicator"] == CODE].set_index("entity")
    a, b, x = *BEST, values[:, 0, AT]
    textbook = np.where(x < a, a - x, np.where(x > b, x - b, 0.0)) / max(a - x.min(), x.max() - b)
    np.testing.assert_allclose(own["normalised"], 1 - textbook, atol=1e-15)
    np.testing.assert_array_equal(own["value"], x)  # as published
    assert set(own["unit"]) == {"%"}


def test_nobody_has_full_marks_where_all_are_outside(made) -> None:
    values = figures(made)
    values[:, 0, AT] = np.arange(6.0, 16.0)
    found = called(index, made, values, system(made), normalise={"scale": (0, 1)})
    own = found.frame("indicators").query("indicator == @CODE")
    assert own["normalised"].max() == pytest.approx(1 - 1 / 10)
    limits = found.frame("limits").query("indicator == @CODE").iloc[0]
    assert (limits["low"], limits["high"]) == (0.0, 10.0)


PLANS: dict[str, dict[str, Any]] = {
    "plain": {},
    "every year its own limits": {"normalise": {"limits": "period"}},
    "z-scores": {"normalise": {"method": "zscore", "scale": (0, 1)}},
    "ranks": {"normalise": {"method": "prank"}},
    "fractions": {"normalise": {"method": "fracmax"}},
    "critic": {"weigh": {"method": "critic"}},
    "outliers drawn in": {"treat": {"method": "mad", "mads": 1.0}},
    "winsorised": {"treat": {"method": "winsorise", "skew": 0.2, "kurtosis": 0.01}},
    "geometric": {"normalise": {"scale": (1, 100)}, "aggregate": {"method": "geometric"}},
    "draws": {"uncertainty": {"draws": 500, "vary": ["leave_out"], "aggregate": ["arithmetic", "topsis"]}},
}


@pytest.mark.parametrize("name", PLANS)
def test_scores_are_those_of_the_distances(made, name: str) -> None:
    values = figures(made, 3)
    mine = called(index, made, values, system(made), **PLANS[name])
    theirs = called(index, made, distances(values), system(made, None), **PLANS[name])
    for table in ("ranks", "dimensions", "obstacles", "weights", "limits", "restated"):
        pd.testing.assert_frame_equal(mine.frame(table), theirs.frame(table))


def test_what_treatment_changed_stands_beside_the_published_figure(made) -> None:
    values = figures(made)
    values[5, 0, AT] = 400.0
    treat = {"method": "mad", "mads": 3.0, "only": [CODE]}
    found = called(index, made, values, system(made), treat=treat).frame("treated")
    row = found[found["entity"] == "r05"].iloc[0]
    assert row["value"] == 400.0
    assert 0 < row["counted"] < 395.0


def test_a_change_is_split_exactly_and_told_in_published_figures(made) -> None:
    values = figures(made, 2)
    for limits in ("panel", "period"):
        choices = {"choices": {"base": "2020", "now": "2021"}, "normalise": {"limits": limits}}
        mine = called(movement, made, values, system(made), **choices)
        theirs = called(movement, made, distances(values), system(made, None), **choices)
        pd.testing.assert_frame_equal(mine.frame("movement"), theirs.frame("movement"))
        parts = mine.frame("movement")[["from_data", "from_limits", "from_weights"]].sum(axis=1)
        np.testing.assert_allclose(parts, mine.frame("movement")["change"], atol=1e-12)
        own = mine.frame("by_indicator").query("indicator == @CODE").set_index("entity").sort_index()
        np.testing.assert_array_equal(own["value_now"], values[:, 1, AT])


def test_sensitivity_is_that_of_the_distances(made) -> None:
    values, plan = figures(made), {"uncertainty": {"draws": 1024, "normalise": ["minmax", "prank"]}}
    mine = called(sensitivity, made, values, system(made), **plan)
    theirs = called(sensitivity, made, distances(values), system(made, None), **plan)
    for table in ("ranks", "sobol", "acceptability"):
        pd.testing.assert_frame_equal(mine.frame(table), theirs.frame(table))


def test_errors_are_of_the_published_figure(made) -> None:
    """A tenth of a figure inside a narrow range can carry it outside: no error of a distance of 0 could."""
    values, best = figures(made), (3.99, 4.01)
    plan = made.plan(system(made, best), uncertainty={"draws": 100, "errors": {"A": 0.1}, "figures": 20})
    doubts = planned(score(choose(made.panel(values), made.regions(10), plan)))
    away = []
    for number in range(20):
        chosen = moved_figures(doubts, doubts.base, number)
        np.testing.assert_array_equal(chosen.values[..., AT], outside(chosen.raw[..., AT], *best))
        away.append(chosen.values[0, 0, AT])
    assert 0.1 < float(np.mean(away)) < 1.0


def test_the_figure_that_turns_a_decision_is_found_inside_the_range(made) -> None:
    """From above the range the nearest way up is down to it, however narrow it is."""
    values = np.full((4, 1, 5), 5.0)
    values[:, 0, 0] = [5.0, 5.2, 1.0, 9.0]
    values[:, 0, AT] = [9.0, 7.0, 1.0, 3.0]
    for k in (2, 3, 4):
        values[:, 0, k] = [5, 5, 1, 9]
    of = system(made, (4.0, 4.0))
    found = called(flips, made, values, of, choices={"entity": "r01", "other": "r00"}).frame("data")
    row = found[(found["entity"] == "r00") & (found["indicator"] == CODE)].iloc[0]
    assert 4.0 <= row["value_flip"] < 9.0
    values[0, 0, AT] = row["value_flip"]
    ranks = called(index, made, values, of).frame("ranks").set_index("entity")["score"]
    assert ranks["r00"] >= ranks["r01"] - 1e-6


def test_ratios_that_come_nearer_because_people_left_are_named(made) -> None:
    leaf = {"zh": "密度", "en": "Density", "unit": "1"}
    spec = {"name": "d", "version": 1, "zh": "d", "en": "d", "indicators": {
        "density": {**leaf, "best": [2, 3], "formula": "people / area"},
        "beds": {**leaf, "best": [1.0, 1.2], "formula": "beds / people"}}}  # fmt: skip
    values = np.random.default_rng(1).uniform(5, 9, (6, 2, 3))
    values[:, 1, 0] = values[:, 0, 0] / 4  # people leave: beds per head rise towards, and past, what is best
    values[:, 1, 1:] = values[:, 0, 1:]
    values[:, :, 2] = values[:, :1, 0] / 4
    panel = made.panel(values, ("people", "area", "beds"))
    notes = {note.code for note in index(panel, made.regions(6), plan=made.plan(system_of(spec))).notes}
    assert "guard.denominator" in notes


def test_everybody_inside_tells_nobody_apart(made) -> None:
    values = figures(made)
    values[:, 0, AT] = np.linspace(*BEST, 10)
    found = called(index, made, values, system(made))
    assert "guard.constant" in {note.code for note in found.notes}
    assert CODE not in set(found.frame("indicators")["indicator"])


def test_goalposts_and_goals_are_figures_as_published(made) -> None:
    values = figures(made)
    posts = dict.fromkeys(made.codes, (0.0, 10.0)) | {CODE: (10.0, 4.0), "life.smoke": (10.0, 0.0)}
    plan = {"normalise": {"method": "goalposts", "goalposts": posts, "scale": (0, 1)}}
    own = called(index, made, values, system(made), **plan).frame("indicators").query("indicator == @CODE")
    np.testing.assert_allclose(own["normalised"], 1 - distances(values)[:, 0, AT] / 5)
    for wrong in ((4.0, 10.0), (10.0, 6.0), (4.5, 4.0)):
        plan["normalise"]["goalposts"] = posts | {CODE: wrong}
        with pytest.raises(Misfit) as told:
            called(index, made, values, system(made), **plan)
        assert told.value.code == "guard.goalpost_range"
        assert all(told.value.told(lang).count("\n") >= 2 for lang in ("zh", "en"))
    goals = dict.fromkeys(made.codes, 9.5) | {CODE: 4.5, "life.smoke": 0.5}
    plan = {"normalise": {"method": "dist2targ", "goals": goals, "scale": (0, 1)}}
    own = called(index, made, values, system(made), **plan).frame("indicators").query("indicator == @CODE")
    assert own["normalised"].max() == 1.0


@pytest.mark.parametrize(("floor", "beyond"), [(8.0, lambda x: x > 8.0), (2.0, lambda x: x < 2.0)])
def test_a_red_line_lies_on_either_side_of_the_range(made, floor: float, beyond: Any) -> None:
    values = figures(made)
    values[:2, 0, AT] = [1.5, 8.5]
    found = called(index, made, values, system(made), red_line={"floors": {CODE: floor}}).frame("red_line")
    np.testing.assert_allclose(sorted(found["value"]), sorted(x for x in values[:, 0, AT] if beyond(x)), rtol=1e-11)
    assert len(found)


@pytest.mark.parametrize(
    ("sections", "code"),
    [
        ({"red_line": {"floors": {CODE: 4.0}}}, "plan.floor_inside"),
        ({"denominate": {"method": "facts", "by": {CODE: "people"}}}, "plan.range_denominated"),
        ({"denominate": {"method": "facts", "log": [CODE]}}, "plan.range_denominated"),
    ],
)
def test_what_a_range_cannot_mean_is_refused(made, sections: dict[str, Any], code: str) -> None:
    with pytest.raises(RelodeError) as told:
        made.plan(system(made), **sections)
    assert told.value.code == code
    assert all(told.value.told(lang).count("\n") >= 2 for lang in ("zh", "en"))


def test_the_range_is_told_in_both_languages(made) -> None:
    values = figures(made)
    result = called(index, made, values, system(made))
    note = next(note for note in result.notes if note.code == "index.best_range")
    assert "失业率（最优区间3至5）" in result.told(note, "zh")
    assert "Jobless (best range 3 to 5)" in result.told(note, "en")
    looked = called(audit, made, values, system(made), uncertainty={"draws": 200})
    good = looked.frame("framework").set_index("node")["good"]
    assert (good[CODE], good["econ.income"]) == ("3..5", "1")
    for lang, said in (("zh", "最优区间3至5"), ("en", "best range 3 to 5")):
        assert said in looked.readable("framework", lang).to_string()
    one = called(index, made, values, system(made, (4, 4)))
    assert "best value 4" in one.told(next(note for note in one.notes if note.code == "index.best_range"), "en")
