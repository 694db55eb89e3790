"""Normalisations and ways of aggregating as a plan asks for them, and what they refuse."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relode.measure import accountability, index, movement
from relode.measure.choose import choose
from relode.measure.score import score
from relode.words.errors import Misfit, UnknownWord
from relode.words.panel import Panel

from .conftest import refused as told_refused

refused = partial(told_refused, lines=2)  # place and remedy

DIRECTION = np.array([1, -1, 1, 1, -1.0])


def scores(made, values, **plan):
    return score(choose(made.panel(values), made.regions(len(values)), made.plan(**plan)))


def normalised(made, values, **normalise) -> np.ndarray:
    """(period, entity, indicator) on the scale 0 to 1"""
    found = scores(made, values, normalise={"scale": (0, 1), **normalise})
    return found.nodes[:5].transpose(1, 2, 0)


def test_the_distance_to_the_best_is_min_max(made) -> None:
    values = made.values(periods=2)
    np.testing.assert_array_equal(normalised(made, values, method="dist2max"), normalised(made, values))


def test_the_reference_is_one_and_the_worst_is_zero(made) -> None:
    values = made.values()
    values[3, 0] = [8.5, 1.2, 8.5, 8.5, 1.2]
    found = normalised(made, values, method="dist2ref", reference="r03")[0]
    np.testing.assert_allclose(found[3], 1)
    np.testing.assert_allclose(found.min(axis=0), 0, atol=1e-15)
    x = values[:, 0, 0]
    np.testing.assert_allclose(found[:, 0], 1 - (8.5 - x) / (8.5 - x.min()))
    refused("panel.code", lambda: normalised(made, values, method="dist2ref", reference="r99"), UnknownWord)
    values[3, 0, 1] = 99.0
    refused("guard.goal_direction", lambda: normalised(made, values, method="dist2ref", reference="r03"))


def test_goals_are_one_and_may_be_surpassed_unless_clipped(made) -> None:
    values, goals = made.values(), dict(zip(made.codes, [7.0, 3.0, 7.0, 7.0, 3.0], strict=True))
    found = normalised(made, values, method="dist2targ", goals=goals)[0]
    x = values[:, 0, 0]
    np.testing.assert_allclose(found[:, 0], (x - x.min()) / (7 - x.min()))
    assert found.max() > 1
    assert normalised(made, values, method="dist2targ", goals=goals, clip=True).max() == 1
    refused(
        "guard.goal_direction", lambda: normalised(made, values, method="dist2targ", goals={**goals, "econ.income": -5})
    )
    refused("plan.goalpost", lambda: made.plan(normalise={"method": "dist2targ", "goals": {"econ.income": 1}}), Misfit)


def with_targets(made, values: np.ndarray, goals: list[float], uneven: bool = False) -> Panel:
    """Facts of two years, and targets for 2025 as facts of their own scenario."""
    rows = [
        {
            "scenario": "actual",
            "entity": f"r{e:02}",
            "period": str(2020 + t),
            "indicator": code,
            "value": values[e, t, k],
        }
        for e, t, k in np.ndindex(values.shape)
        for code in [made.codes[k]]
    ]
    rows += [
        {"scenario": "target", "entity": f"r{e:02}", "period": "2025", "indicator": code, "value": goal + uneven * e}
        for e in range(len(values))
        for code, goal in zip(made.codes, goals, strict=True)
    ]
    return Panel.of(pd.DataFrame(rows))


def test_legal_targets_are_facts_of_their_own_scenario(made) -> None:
    values, goals = made.values(periods=2), [9.5, 0.5, 9.5, 9.5, 0.5]
    how = {"method": "dist2targ", "due": "2025", "limits": "panel"}
    plan = made.plan(normalise=how)
    assert plan.scenarios == ("actual", "target")
    panel = with_targets(made, values, goals)
    result = index(panel, made.regions(), plan=plan)
    assert set(result.tables["ranks"]["period"]) == {"2020", "2021"}, "2025 is when targets are due, not a year scored"
    given = made.plan(normalise={"method": "dist2targ", "goals": dict(zip(made.codes, goals, strict=True))})
    typed = index(made.panel(values), made.regions(), plan=given).tables["ranks"]
    np.testing.assert_allclose(result.tables["ranks"]["score"], typed["score"], rtol=1e-12)
    chosen = made.plan(normalise=how, select={"periods": ["2020", "2021"]})
    assert chosen.periods == ("2020", "2021", "2025")
    assert index(panel, made.regions(), plan=chosen).tables["ranks"].equals(result.tables["ranks"])


def test_targets_that_are_missing_or_differ_are_refused(made) -> None:
    values, how = made.values(periods=2), {"method": "dist2targ", "due": "2025"}
    uneven = with_targets(made, values, [9.5, 0.5, 9.5, 9.5, 0.5], uneven=True)
    refused("goals.differ", lambda: index(uneven, made.regions(), plan=made.plan(normalise=how)), Misfit)
    frame = with_targets(made, values, [9.5, 0.5, 9.5, 9.5, 0.5]).frame()
    less = Panel.of(frame[(frame["scenario"] == "actual") | (frame["indicator"] != "life.smoke")])
    refused("goals.none", lambda: index(less, made.regions(), plan=made.plan(normalise=how)), Misfit)
    refused("plan.due", lambda: made.plan(normalise={"due": "2025"}), Misfit)
    refused("plan.reference", lambda: made.plan(normalise={"method": "dist2ref"}), Misfit)


def test_given_ends_of_all_indicators_are_turned_with_the_direction(made) -> None:
    values = made.values()
    found = normalised(made, values, method="scaled", between=(1, 9))[0]
    np.testing.assert_allclose(found, np.where(DIRECTION > 0, (values[:, 0] - 1) / 8, (9 - values[:, 0]) / 8))


@pytest.mark.parametrize("method", ["prank", "rank", "borda"])
def test_ranks_are_those_of_pandas_with_the_least_rank_for_ties(made, method: str) -> None:
    values = np.round(made.values(n=12, periods=2))
    values[0, 0, 0] = np.nan
    found = normalised(made, values, method=method, limits="period")
    for t in range(2):
        frame = pd.DataFrame(values[:, t] * DIRECTION)
        rank = frame.rank(method="min").to_numpy()
        others = frame.notna().sum().to_numpy() - 1
        expected = {"rank": rank, "borda": rank - 1, "prank": (rank - 1) / others}[method]
        np.testing.assert_allclose(found[t], expected, rtol=1e-13, equal_nan=True)


def test_ranks_against_a_base_window_stay_and_have_readable_limits(made) -> None:
    values = made.values(periods=2)
    base = {"method": "prank", "limits": "base", "base": ["2020"]}
    found = normalised(made, values, **base)
    later = values.copy()
    later[:, 1] *= 2
    np.testing.assert_array_equal(normalised(made, later, **base)[0], found[0])
    assert found.max() <= 1
    table = index(made.panel(values), made.regions(), plan=made.plan(normalise=base)).tables["limits"]
    row = table[(table["indicator"] == "econ.jobless") & (table["period"] == "2021")].iloc[0]
    assert row["low"] == pytest.approx(values[:, 0, 1].min())
    assert row["high"] == pytest.approx(values[:, 0, 1].max())


def test_the_centre_of_the_scale_is_the_reference_or_the_mean(made) -> None:
    values = made.values()
    found = scores(made, values, normalise={"method": "centred", "scale": (70, 130), "reference": "r02"})
    np.testing.assert_allclose(found.nodes[:5, 0, 2], 100)
    assert np.ptp(found.nodes[0, 0]) == pytest.approx(60)
    mean = scores(made, values, normalise={"method": "centred", "scale": (70, 130)})
    np.testing.assert_allclose(mean.nodes[:5, 0].mean(axis=1), 100)


def test_rolling_limits_come_from_the_last_periods_alone(made) -> None:
    values = made.values(periods=4)
    found = normalised(made, values, limits="rolling", span=2)
    for t in range(4):
        window = values[:, max(t - 1, 0) : t + 1]
        np.testing.assert_allclose(found[t], normalised(made, window)[-1], rtol=1e-13)
    assert "guard.limits_period" in [
        note.code
        for note in index(made.panel(values), made.regions(), plan=made.plan(normalise={"limits": "rolling"})).notes
    ]


@pytest.mark.parametrize("method", ["prank", "rank", "borda", "fracmax", "centred", "scaled"])
def test_every_normalisation_serves_draws_movement_and_the_list(made, method: str) -> None:
    values = made.values(n=12, periods=3)
    plan = made.plan(normalise={"method": method}, uncertainty={"draws": 60})
    panel, regions = made.panel(values), made.regions(12)
    result = index(panel, regions, plan=plan)
    table = result.tables["ranks"]
    assert (table["rank_low"] <= table["rank_high"]).all()
    sums = result.tables["obstacles"].groupby(["entity", "period"])["obstacle"].sum()
    assert (sums <= 1 + 1e-9).all()
    moved = movement(panel, regions, plan=plan, base="2020", now="2022").tables["movement"]
    parts = moved[["from_data", "from_limits", "from_weights"]].sum(axis=1)
    np.testing.assert_allclose(parts, moved["change"], atol=1e-9)
    assert len(accountability(panel, regions, plan=plan).tables["list"]) == 12


# -- aggregating --------------------------------------------------------------------------------------

WAYS: list[dict[str, Any]] = [
    {"method": "harmonic"}, {"method": "power", "exponent": 0.5}, {"method": "copeland"}, {"method": "ampi"},
    {"method": "vikor"}, {"method": "grey"}, {"method": "rsr"}, {"at": {"econ": "grey", "life": "vikor"}},
    {"at": {"small": "copeland", "econ": "harmonic", "life": "topsis"}},
    {"at": {"econ": "benefit", "life": "benefit_bounded"}},
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: str(way)[1:40])
def test_any_way_of_aggregating_stands_at_any_node(made, way: dict) -> None:
    values = made.values(n=12, periods=2)
    values[3, 0, 2] = np.nan
    plan = made.plan(normalise={"scale": (1, 100)}, aggregate=way, uncertainty={"draws": 40})
    result = index(made.panel(values), made.regions(12), plan=plan)
    score = result.tables["ranks"].set_index(["entity", "period"])["score"]
    assert not score.isna().any()
    assert score.between(-1, 101).all()
    whole = result.tables["indicators"].groupby(["entity", "period"])["contribution"].sum()
    np.testing.assert_allclose(whole[score.index], score, rtol=1e-8)


def test_benefit_of_the_doubt_at_the_top_is_for_plans_without_draws(made) -> None:
    values = made.values()
    plan = {"normalise": {"scale": (1, 100)}, "aggregate": {"method": "benefit"}}
    table = index(made.panel(values), made.regions(), plan=made.plan(**plan)).tables["ranks"]
    assert table["score"].max() == pytest.approx(100)
    drawn = made.plan(**plan, uncertainty={"draws": 10})
    refused("guard.benefit_draws", lambda: index(made.panel(values), made.regions(), plan=drawn))


def test_means_that_have_no_meaning_on_a_scale_are_refused(made) -> None:
    values = made.values()
    for how in ("geometric", "harmonic", "power", "ampi"):
        refused("guard.geometric_zero", lambda how=how: scores(made, values, aggregate={"method": how}))
    for how in ("harmonic", "ampi", "benefit"):
        plan = {"normalise": {"method": "zscore"}, "aggregate": {"method": how}}
        refused("guard.zscore_means", lambda plan=plan: scores(made, values, **plan))
    ranks = {"normalise": {"method": "borda"}, "aggregate": {"method": "topsis"}}
    refused("guard.rank_means", lambda: scores(made, values, **ranks))
    flat = {"normalise": {"scale": (1, 100)}, "aggregate": {"method": "power", "exponent": 0}}
    refused("index.exponent", lambda: scores(made, values, **flat), Misfit)
    values[0, 0, 0] = -3.0
    refused("guard.fracmax_negative", lambda: scores(made, values, normalise={"method": "fracmax"}))


# -- red lines ----------------------------------------------------------------------------------------


def test_nobody_beyond_a_red_line_ranks_before_one_who_is_not(made) -> None:
    values = made.values(n=10)
    values[:, 0, 4] = 2.0 + np.arange(10) / 10
    values[4, 0] = [9.5, 0.1, 9.5, 9.5, 8.5]  # the best in all, but for smoke far beyond the line
    plan = made.plan(red_line={"floors": {"life.smoke": 4.0}})
    result = index(made.panel(values), made.regions(10), plan=plan)
    assert result.tables["red_line"].to_numpy().tolist() == [["r04", "2020", "life.smoke", 8.5, 4.0]]
    assert result.tables["ranks"]["entity"].iloc[0] == "r04", "the compensatory rank stays as it is"
    beside = result.tables["alternatives"].query("method == 'red_line'").set_index("entity")
    assert beside.loc["r04", "rank"] == 10
    assert beside.loc["r04", "rank_change"] == 1 - 10
    note = next(note for note in result.notes if note.code == "red_line.crossed")
    assert "Region 4" in note.told("en")
    assert "地区4" in note.told("zh")


def test_a_line_on_a_group_and_a_figure_that_is_missing(made) -> None:
    values = made.values(n=10)
    values[2, 0, 4] = np.nan
    plan = made.plan(red_line={"floors": {"econ": 30.0, "life.smoke": 8.0}})
    result = index(made.panel(values), made.regions(10), plan=plan)
    nodes = result.tables["dimensions"].query("node == 'econ'").set_index("entity")["score"]
    beyond = set(result.tables["red_line"].query("node == 'econ'")["entity"])
    assert beyond == set(nodes.index[nodes < 30])
    assert "red_line.unknown" in [note.code for note in result.notes]
    values[:, 0, 4] = 3.0
    unused = index(made.panel(values), made.regions(10), plan=plan)
    assert "red_line.unused" in [note.code for note in unused.notes]
    with pytest.raises(UnknownWord):
        made.plan(red_line={"floors": {"nothing": 1.0}})
