"""Weights of a plan: each method is its formula on the plan's positions, and says what it rests on."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from relode.maths import ahp, weights
from relode.maths.scatter import scatter
from relode.measure import index
from relode.measure.choose import choose
from relode.measure.panelweights import frozen
from relode.measure.score import score
from relode.words.errors import Misfit

from .conftest import refused as told_refused

refused = partial(told_refused, lines=2)  # place and remedy

LIFE = ["life.doctors", "life.schools", "life.smoke"]
JUDGED = ((1, 3, 5), (1 / 3, 1, 3), (1 / 5, 1 / 3, 1))
TWISTED = ((1, 9, 1 / 7), (1 / 9, 1, 8), (7, 1 / 8, 1))


def run(made, values=None, **plan):
    values = made.values(n=20, periods=2) if values is None else values
    return index(made.panel(values), made.regions(len(values)), plan=made.plan(**plan))


def life(result, period: str = "2021") -> np.ndarray:
    table = result.tables["weights"].query(f"period == '{period}'").set_index("node")
    return table.loc[LIFE, "weight"].to_numpy()


def places(values: np.ndarray) -> np.ndarray:
    low, high = values.min(axis=(0, 1)), values.max(axis=(0, 1))
    found = ((values - low) / (high - low)).reshape(-1, 5)
    found[:, [1, 4]] = 1 - found[:, [1, 4]]
    return found[:, 2:]


def note(result, code: str):
    for found in result.notes:
        assert "{" not in found.told("zh") + found.told("en")
    return next((found for found in result.notes if found.code == code), None)


@pytest.mark.parametrize(
    ("method", "formula"),
    [
        ("cv", weights.variation),
        ("sd", weights.deviation),
        ("pca", lambda x: weights.principal(x)[0]),
        ("scatter", lambda x: scatter(weights.correlation(x))[0]),
        ("merec", lambda x: weights.merec(1 + 99 * x, np.ones(3))),
    ],
)
def test_learned_weights_are_those_of_the_formula(made, method: str, formula) -> None:
    values = made.values(n=20, periods=2)
    result = run(made, values, weigh={"method": method}, normalise={"scale": (1, 100)})
    np.testing.assert_allclose(life(result), formula(places(values)), rtol=1e-9)
    assert note(result, "guard.weights_refit")


@pytest.mark.parametrize("method", ["cv", "sd", "pca", "scatter", "merec", "optimised", "entropy", "critic"])
def test_learned_weights_bear_gaps_draws_and_all_windows(made, method: str) -> None:
    values = made.values(n=20, periods=3)
    values[[0, 4, 7], [0, 1, 2], [2, 3, 1]] = np.nan
    for fit in ({"fit": "panel"}, {"fit": "period"}, {"fit": "rolling", "span": 2}, {"fit": "base", "base": ["2020"]}):
        plan = {"weigh": {"method": method, **fit}, "normalise": {"scale": (1, 100), "clip": True}}
        result = run(made, values, **plan, uncertainty={"draws": 30})
        table = result.tables["weights"]
        assert (table["weight"] >= 0).all()
        np.testing.assert_allclose(table.groupby(["period", "parent"])["weight"].sum(), 1, rtol=1e-9)
        assert not result.tables["ranks"]["score"].isna().any()


def test_optimised_weights_make_children_count_as_wanted_and_prove_it(made) -> None:
    values = made.values(n=40)
    wanted = {"life.doctors": 2.0, "life.schools": 1.0, "life.smoke": 1.0}
    result = run(made, values, weigh={"method": "optimised", "importance": wanted})
    table = result.tables["weights"].set_index("node")
    share = table.loc[LIFE, "correlation"] / table.loc[LIFE, "correlation"].sum()
    told = note(result, "weights.optimised")
    assert told.details["gap"] < 1e-9
    np.testing.assert_allclose(share, [0.5, 0.25, 0.25], atol=1e-6)
    bounded = run(made, values, weigh={"method": "optimised", "importance": wanted, "bounds": (0.2, 0.5)})
    assert (life(bounded, "2020") <= 0.5 + 1e-9).all()
    fault = refused(
        "index.bounds", lambda: run(made, values, weigh={"method": "optimised", "bounds": (0.4, 0.9)}), Misfit
    )
    assert fault.details["count"] == 3


def test_a_negative_loading_is_told(made) -> None:
    values = made.values(n=40)
    values[:, 0, 3] = 10 - values[:, 0, 2] + 0.1 * values[:, 0, 3]
    assert note(run(made, values, weigh={"method": "pca"}), "weights.pca_negative").level == "warning"


# -- AHP ----------------------------------------------------------------------------------------------


def test_judgements_become_weights_and_groups_without_any_weigh_equally(made) -> None:
    result = run(made, weigh={"method": "ahp", "judgements": {"life": JUDGED}})
    np.testing.assert_allclose(life(result), ahp.priorities(np.array(JUDGED)), rtol=1e-9)
    assert note(result, "weights.ahp").details["cr"] < 0.1
    assert note(result, "weights.ahp_missing").details["count"] == 2
    assert note(result, "guard.weights_refit") is None, "judgements do not hang on the data"


def test_judgements_of_a_child_that_left_leave_with_it(made) -> None:
    plan = {"weigh": {"method": "ahp", "judgements": {"life": JUDGED}}, "select": {"drop": ["life.schools"]}}
    table = run(made, **plan).tables["weights"].query("period == '2021'").set_index("node")
    assert table.loc["life.doctors", "weight"] == pytest.approx(5 / 6)


def test_inconsistent_judgements_are_refused_with_the_worst_pair_or_repaired(made) -> None:
    twisted = {"method": "ahp", "judgements": {"life": TWISTED}}
    fault = refused("guard.ahp_inconsistent", lambda: run(made, weigh=twisted))
    assert fault.details["cr"] > 1
    assert {fault.details["first"], fault.details["second"]} < set(LIFE)
    result = run(made, weigh={**twisted, "repair": True})
    assert note(result, "weights.ahp_repaired").level == "warning"


def test_judgements_that_are_no_judgements_are_refused(made) -> None:
    def judged(rows):
        return lambda: run(made, weigh={"method": "ahp", "judgements": {"life": rows}})

    refused("index.judgements", judged(((1, 2), (0.5, 1))), Misfit)
    refused("guard.ahp_reciprocal", judged(((1, 3, 5), (3, 1, 3), (0.2, 1 / 3, 1))))
    refused("plan.value", judged(((1, -3, 5), (3, 1, 3), (0.2, 1 / 3, 1))), Misfit)
    refused("plan.judgements", lambda: run(made, weigh={"method": "ahp"}), Misfit)


# -- combinations -------------------------------------------------------------------------------------


def test_combined_weights_are_made_of_their_parts(made) -> None:
    values = made.values(n=20, periods=2)
    given = {"given": {"life.doctors": 5.0, "life.schools": 3.0, "life.smoke": 2.0}}
    found = run(made, values, weigh={"method": "product", "of": ["given", "critic"], **given})
    parts = np.stack([[0.5, 0.3, 0.2], weights.critic(places(values))])
    np.testing.assert_allclose(life(found), weights.combined_product(parts), rtol=1e-9)
    # equal weights and others: w_e w_x' = 1/k for every x, so that the equal ones take all
    game = run(made, values, weigh={"method": "game", "of": ["equal", "sd"]})
    parts = np.stack([np.full(3, 1 / 3), weights.deviation(places(values))])
    np.testing.assert_allclose(life(game), weights.combined_game(parts)[0], rtol=1e-9)


def test_a_game_with_a_negative_part_is_refused_and_named(made) -> None:
    given = {"given": {"life.doctors": 8.0, "life.schools": 1.0, "life.smoke": 1.0}}
    other = {"life": ((1, 2, 2), (0.5, 1, 1), (0.5, 1, 1))}
    plan = {"method": "game", "of": ["given", "ahp"], **given, "judgements": other}
    assert refused("guard.game_negative", lambda: run(made, weigh=plan)).details["group"] == "life"


def test_a_combination_of_one_or_of_combinations_is_a_misfit(made) -> None:
    for weigh in ({"method": "game"}, {"method": "game", "of": ["sd"]}, {"method": "sd", "of": ["sd", "cv"]},
                  {"method": "product", "of": ["game", "sd"]}):  # fmt: skip
        refused("plan.combination", lambda weigh=weigh: made.plan(weigh=weigh), Misfit)


# -- what cannot be weighed ---------------------------------------------------------------------------


def test_methods_that_need_positive_figures_say_so(made) -> None:
    refused("guard.merec_positive", lambda: run(made, weigh={"method": "merec"}))
    for method in ("cv", "merec"):
        plan = {"normalise": {"method": "zscore"}, "weigh": {"method": method}}
        refused("guard.weights_zscore", lambda plan=plan: run(made, **plan))
    nothing = {"method": "given", "given": {"econ": 0.0, "life": 0.0}}
    refused("guard.given_nothing", lambda: run(made, weigh=nothing))
    values = made.values(n=10, periods=2)
    values[:, 1, 0] -= 90.0
    base = {"limits": "base", "base": ["2020"]}
    refused("guard.cv_mean", lambda: run(made, values, normalise=base, weigh={"method": "cv"}))


def test_children_that_cancel_one_another_have_no_importance_to_aim_at(made) -> None:
    values = made.values(n=30)
    values[:, 0, 1] = values[:, 0, 0]  # a cost that is the benefit over again: their positions mirror one another
    refused("guard.importance_impossible", lambda: run(made, values, weigh={"method": "optimised"}))


# -- frozen -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("across", ["siblings", "leaves"])
def test_frozen_weights_give_the_same_index_and_stay_when_a_year_is_added(made, across: str) -> None:
    values = made.values(n=20, periods=3)
    learned = run(made, values[:, :2], weigh={"method": "critic", "across": across})
    kept = {"weigh": {"method": "given", "given": frozen(learned, "2021")}}
    limits = {"normalise": {"limits": "base", "base": ["2020", "2021"]}}
    again = run(made, values[:, :2], **kept)
    columns = ["entity", "period", "score"]
    np.testing.assert_allclose(again.tables["ranks"]["score"], learned.tables["ranks"]["score"], rtol=1e-10)
    longer = run(made, values, **kept, **limits).tables["ranks"].query("period <= '2021'")
    both = longer[columns].merge(again.tables["ranks"][columns], on=["entity", "period"])
    np.testing.assert_allclose(both["score_x"], both["score_y"], rtol=1e-10)


def test_fewer_regions_than_indicators_and_ties_do_not_stop_any_weighting(made) -> None:
    values = np.round(made.values(n=3), 0)
    values[1] = values[0]
    for method in ("sd", "cv", "pca", "scatter", "critic", "entropy"):
        found = score(choose(made.panel(values), made.regions(3), made.plan(weigh={"method": method})))
        assert not np.isnan(found.score).any()


@pytest.mark.parametrize("method", ["sd", "cv", "pca", "scatter", "critic", "entropy", "merec", "optimised"])
def test_an_indicator_without_figures_in_a_period_has_no_weight_there(made, method: str) -> None:
    values = made.values(n=20, periods=2)
    values[:, 0, 3] = np.nan
    plan = {
        "weigh": {"method": method, "fit": "period"},
        "normalise": {"scale": (1, 100)},
        "screen": {"entity_missing": 0.5},
    }
    result = run(made, values, **plan)
    assert not result.tables["ranks"]["score"].isna().any()
    assert life(result, "2020")[1] == pytest.approx(0, abs=1e-12)
