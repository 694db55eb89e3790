"""Each pitfall of research on composite indices is a guard: refused, or said aloud with a remedy in both languages.

The numbers in the test names are those of the list that the guards follow (pitfalls 1-7, 11-13, 21; 8, 9, 14 beside).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from relode.measure import index, movement
from relode.words.errors import Misfit
from relode.words.indicator import system_of
from relode.words.panel import Panel
from relode.words.texts import catalogue

from .conftest import refused


def run(made, values=None, **plan):
    values = made.values(periods=2) if values is None else values
    return index(made.panel(values), made.regions(len(values)), plan=made.plan(**plan))


def note(result, code: str):
    return next((found for found in result.notes if found.code == code), None)


def test_every_guard_has_its_sentence_and_every_refusal_and_warning_its_remedy() -> None:
    codes = {code for code in catalogue() if code.startswith("guard.") and not code.endswith(".mend")}
    quiet = {"guard.entropy_zeros", "guard.clipped", "guard.ties_min", "guard.ties_average", "guard.bands"}
    assert {code for code in codes if code + ".mend" not in catalogue()} == quiet


# -- 1 entropy: zeros, negatives, gaps ---------------------------------------------------------------


def test_1_zeros_under_entropy_are_counted_and_not_shifted(made) -> None:
    result = run(made, weigh={"method": "entropy"})
    assert note(result, "guard.entropy_zeros").details["count"] == 5, "the worst of each indicator"


def test_1_a_negative_position_is_refused_not_made_positive(made) -> None:
    values = made.values(periods=2)
    values[0, 1, 0] = -50.0
    plan = {"normalise": {"limits": "base", "base": ["2020"]}, "weigh": {"method": "entropy"}}
    fault = refused("guard.entropy_negative", lambda: run(made, values, **plan))
    assert fault.details["name"] == "econ.income"
    plan["normalise"]["clip"] = True
    assert len(run(made, values, **plan).tables["ranks"]) == 16


def test_1_entropy_of_zscores_is_refused(made) -> None:
    plan = {"normalise": {"method": "zscore"}, "weigh": {"method": "entropy"}}
    refused("guard.entropy_zscore", lambda: run(made, **plan))


def test_1_gaps_under_learned_weights_are_said_and_give_no_nan(made) -> None:
    values = made.values(periods=2)
    values[3, 0, 2] = np.nan
    result = run(made, values, weigh={"method": "entropy"})
    assert note(result, "guard.weights_missing").details["count"] == 1
    assert not result.tables["weights"]["weight"].isna().any()
    assert not result.tables["ranks"]["score"].isna().any()


# -- 2 the epsilon shift -----------------------------------------------------------------------------


def test_2_a_shift_is_only_made_when_given_and_its_effect_is_told(made) -> None:
    assert note(run(made, weigh={"method": "entropy"}), "guard.entropy_shift") is None
    told = note(run(made, weigh={"method": "entropy", "shift": 0.5}), "guard.entropy_shift")
    assert told.level == "warning"
    assert (
        abs(told.details["with_shift"] - told.details["without"])
        > abs(told.details["tenth"] - told.details["without"])
        > 0
    )


# -- 3 weights that hang on who is in ----------------------------------------------------------------


def test_3_refitted_weights_are_told_and_the_restatement_is_measured(made) -> None:
    values = made.values(periods=3)
    values[:, 2] *= 2
    base = {"normalise": {"limits": "base", "base": ["2020"], "clip": True}}
    result = run(made, values, weigh={"method": "entropy"}, **base)
    assert note(result, "guard.weights_refit")
    told = note(result, "guard.restated").details
    earlier = run(made, values[:, :2], weigh={"method": "entropy"}, **base).tables["ranks"].query("period == '2021'")
    both = earlier.merge(result.tables["ranks"], on=["entity", "period"], suffixes=("_early", ""))
    assert told["most"] == pytest.approx((both["score_early"] - both["score"]).abs().max())
    assert told["ranks"] == (both["rank_early"] != both["rank"]).sum()


def test_3_frozen_weights_are_not_restated(made) -> None:
    base = {"limits": "base", "base": ["2020"], "clip": True}
    result = run(made, normalise=base, weigh={"method": "entropy", "fit": "base", "base": ["2020"]})
    for code in ("guard.weights_refit", "guard.restated", "guard.look_ahead"):
        assert note(result, code) is None


# -- 4 limits per period -----------------------------------------------------------------------------


def test_4_limits_per_period_are_warned_of_and_only_then(made) -> None:
    assert note(run(made, normalise={"limits": "period"}), "guard.limits_period").level == "warning"
    assert note(run(made), "guard.limits_period") is None
    assert note(run(made, made.values(), normalise={"limits": "period"}), "guard.limits_period") is None


def test_4_movement_does_not_call_such_scores_comparable(made) -> None:
    panel, regions = made.panel(made.values(periods=2)), made.regions()
    ends = {"base": "2020", "now": "2021"}
    result = movement(panel, regions, plan=made.plan(normalise={"limits": "period"}), **ends)
    assert note(result, "guard.movement_period").level == "warning"
    assert not result.tables["movement"]["comparable"].any()
    fixed = movement(panel, regions, plan=made.plan(), **ends)
    assert note(fixed, "guard.movement_period") is None
    assert fixed.tables["movement"]["comparable"].all()


# -- 5 looking ahead ---------------------------------------------------------------------------------


def test_5_limits_over_all_periods_look_ahead(made) -> None:
    assert note(run(made), "guard.look_ahead")
    for other in ({"limits": "period"}, {"limits": "base", "base": ["2020"]}):
        assert note(run(made, normalise=other), "guard.look_ahead") is None


def test_5_with_a_base_window_later_years_do_not_touch_earlier_scores(made) -> None:
    values = made.values(periods=4)
    plan = {
        "normalise": {"limits": "base", "base": ["2020"]},
        "weigh": {"method": "critic", "fit": "base", "base": ["2020"]},
    }
    whole = run(made, values, **plan).tables["ranks"].query("period <= '2021'")
    early = run(made, values[:, :2], **plan).tables["ranks"]
    columns = ["entity", "period", "score", "rank"]
    assert whole[columns].reset_index(drop=True).equals(early[columns].reset_index(drop=True))


# -- 6 weights per period ----------------------------------------------------------------------------


def test_6_weights_per_period_are_warned_of_and_their_part_of_a_change_is_split_off(made) -> None:
    weigh = {"method": "entropy", "fit": "period"}
    assert note(run(made, weigh=weigh), "guard.weights_period").level == "warning"
    panel, regions = made.panel(made.values(periods=2)), made.regions()
    table = movement(panel, regions, plan=made.plan(weigh=weigh), base="2020", now="2021").tables["movement"]
    assert table["from_weights"].abs().max() > 0.1
    assert table["from_limits"].abs().max() < 1e-12


# -- 7 directions and denominators -------------------------------------------------------------------


def test_7_an_indicator_against_its_group_is_named(made) -> None:
    values = made.values(30)
    values[:, 0, 3] = values[:, 0, 2] + 0.1
    values[:, 0, 4] = values[:, 0, 2] + 0.2  # smoke, less is better, rises with doctors and schools
    told = note(run(made, values), "guard.direction")
    assert told.level == "warning"
    assert "Smoke" in told.details["names_en"]
    values[:, 0, 4] = -values[:, 0, 2]
    assert (
        note(run(made, values), "guard.direction") is None
        or "Smoke" not in note(run(made, values), "guard.direction").details["names_en"]
    )


def test_7_goalposts_against_the_direction_are_a_misfit(made) -> None:
    posts = dict.fromkeys(made.codes, (0, 10))
    plan = {"normalise": {"method": "goalposts", "goalposts": posts}}
    fault = refused("guard.goalpost_direction", lambda: run(made, **plan), Misfit)
    assert fault.details["name"] == "econ.jobless"


def per_head(shrinks: bool) -> tuple[Panel, object]:
    spec = {"zh": "人均产出", "en": "Output per head", "unit": "1", "direction": 1, "formula": "output / people"}
    other = {"zh": "其他", "en": "Other", "unit": "1", "direction": 1}
    system = system_of(
        {"name": "s", "version": 1, "zh": "s", "en": "s", "indicators": {"per_head": spec, "other": other}}
    )
    rng = np.random.default_rng(2)
    rows = []
    for n in range(6):
        for period, people in (("2014", 100.0), ("2024", 80.0 if shrinks and n < 2 else 120.0)):
            figures = {
                "people": people,
                "output": 500.0 + 10 * n - (5 if period == "2024" else 0),
                "other": rng.uniform(),
            }
            rows += [{"entity": f"r{n}", "period": period, "indicator": c, "value": v} for c, v in figures.items()]
    return Panel.of(pd.DataFrame(rows)), system


def test_7_a_ratio_that_rises_only_because_people_left_is_told(made) -> None:
    panel, system = per_head(shrinks=True)
    told = note(index(panel, made.regions(0), plan=made.plan(system)), "guard.denominator")
    assert told.level == "warning"
    assert told.details["most"] == 2
    assert told.details["names_zh"] == "人均产出"
    panel, system = per_head(shrinks=False)
    assert note(index(panel, made.regions(0), plan=made.plan(system)), "guard.denominator") is None


# -- 8, 9, 14 compensation, zeros of the geometric mean, ideal points --------------------------------


def test_8_what_a_geometric_mean_would_change_is_told(made) -> None:
    result = run(made, made.values(40))
    table = result.tables["alternatives"].query("method == 'geometric'")
    assert note(result, "guard.compensation").details["most"] == table["rank_change"].abs().max()


@pytest.mark.parametrize(
    "plan",
    [
        {"aggregate": {"method": "geometric"}},
        {"aggregate": {"at": {"life": "geometric"}}},
        {"uncertainty": {"draws": 10, "aggregate": ["arithmetic", "geometric"]}},
    ],
)
def test_9_a_geometric_mean_on_a_scale_from_zero_is_refused(made, plan) -> None:
    refused("guard.geometric_zero", lambda: run(made, **plan))


def test_9_a_geometric_mean_of_a_figure_below_its_limits_is_refused(made) -> None:
    values = np.repeat(made.values(), 2, axis=1)
    values[0, 1, 2] = -50.0
    plan = {"normalise": {"limits": "base", "base": ["2020"], "scale": (1, 100)}, "aggregate": {"method": "geometric"}}
    assert refused("guard.geometric_below", lambda: run(made, values, **plan)).details["name"] == "life.doctors"
    drawn = {"normalise": plan["normalise"], "uncertainty": {"draws": 10, "aggregate": ["geometric"]}}
    refused("guard.geometric_below", lambda: run(made, values, **drawn))


def test_9_zscores_have_no_geometric_mean_and_no_ideal_point(made) -> None:
    for how in ("geometric", "topsis"):
        refused(
            "guard.zscore_means", lambda how=how: run(made, normalise={"method": "zscore"}, aggregate={"method": how})
        )


def test_14_ideal_points_that_move_each_period_are_told(made) -> None:
    plan = {"aggregate": {"method": "topsis"}}
    assert note(run(made, normalise={"limits": "period"}, **plan), "guard.topsis_period").level == "warning"
    assert note(run(made, **plan), "guard.topsis_period") is None


# -- 11 nominal weights ------------------------------------------------------------------------------


def test_11_effective_weights_are_published_and_a_weight_that_does_not_count_is_named(made) -> None:
    values = made.values(60)
    values[:, 0, 3] = values[:, 0, 2]  # two indicators that say the same outweigh the third
    result = run(made, values)
    table = result.tables["weights"].set_index("node")
    assert table.groupby("parent")["effective"].sum().to_numpy() == pytest.approx(1)
    assert table.loc["life.smoke", "effective"] < table.loc["life.smoke", "weight"] / 2
    assert "Smoke" in note(result, "guard.effective").details["names_en"]


# -- 12 ties -----------------------------------------------------------------------------------------


def test_12_equal_scores_share_a_rank_by_the_rule_that_is_told(made) -> None:
    values = made.values()
    values[3] = values[5]
    result = run(made, values)
    rank = result.tables["ranks"].set_index("entity")["rank"]
    assert rank["r03"] == rank["r05"]
    assert note(result, "guard.ties_min").details["count"] == 1
    result = run(made, values, rank={"ties": "average"})
    mean = result.tables["ranks"].set_index("entity")["rank"]
    assert mean["r03"] == mean["r05"] == rank["r03"] + 0.5
    assert note(result, "guard.ties_average")


def test_12_a_difference_in_the_thirteenth_digit_is_a_tie(made) -> None:
    values = made.values()
    values[3] = values[5] * (1 + 1e-15)
    rank = run(made, values).tables["ranks"].set_index("entity")["rank"]
    assert rank["r03"] == rank["r05"]


def test_12_bands_hold_those_whose_order_is_not_sure(made) -> None:
    values = made.values(20)
    values[0] = [9, 1, 9, 9, 1]  # the best in everything, surely first
    result = run(made, values, uncertainty={"draws": 400})
    ranks = result.tables["ranks"]
    assert ranks["band"].tolist()[:2] == [1, 2]
    assert ranks["band"].is_monotonic_increasing
    assert ranks["band"].max() < 20
    assert note(result, "guard.bands").details["bands"] == ranks["band"].max()


# -- 13 the last places ------------------------------------------------------------------------------


def test_13_last_places_that_are_not_sure_are_told(made) -> None:
    result = run(made, made.values(20), uncertainty={"draws": 400, "concentration": 5})
    told = note(result, "guard.bottom")
    last = result.tables["ranks"].tail(3)
    assert told.level == "warning"
    assert told.details["count"] == (last["p_bottom"] < 0.9).sum()
    assert told.details["least"] == pytest.approx(last["p_bottom"].min())


# -- 21 constant columns -----------------------------------------------------------------------------


def test_21_a_constant_column_leaves_every_period_with_a_warning(made) -> None:
    values = made.values(periods=2)
    values[:, 0, 2] = 7.0
    result = run(made, values, normalise={"limits": "period"})
    told = note(result, "guard.constant")
    assert told.level == "warning"
    assert told.details["names_en"] == "Doctors"
    assert "life.doctors" not in set(result.tables["indicators"]["indicator"])
    assert note(run(made, values), "guard.constant") is None, "over the panel it does tell entities apart"


def test_21_a_column_without_figures_leaves_with_a_warning(made) -> None:
    values = made.values()
    values[..., 2] = np.nan
    result = run(made, values)
    assert note(result, "guard.empty").details["names_zh"] == "医生"
    assert not result.tables["ranks"]["score"].isna().any()


def test_figures_beyond_fixed_limits_are_counted(made) -> None:
    values = made.values(periods=2)
    values[0, 1, 0] = 99.0
    base = {"limits": "base", "base": ["2020"]}
    count = note(run(made, values, normalise=base), "guard.outside").details["count"]
    assert note(run(made, values, normalise={**base, "clip": True}), "guard.clipped").details["count"] == count > 0


def test_meaningless_combinations_are_skipped_and_told(made) -> None:
    spread = {"draws": 20, "normalise": ["minmax", "zscore"], "aggregate": ["arithmetic", "topsis"]}
    assert note(run(made, uncertainty=spread), "index.combinations").details["count"] == 1


def test_weights_of_the_system_that_are_not_used_are_told(made) -> None:
    leaf = {"zh": "叶", "en": "Leaf", "unit": "1", "direction": 1}
    spec = {"name": "s", "version": 1, "zh": "s", "en": "s", "indicators": {"x": {**leaf, "weight": 2}, "y": leaf}}
    result = index(made.panel(made.values(k=2), ("x", "y")), made.regions(), plan=made.plan(made.system(spec)))
    assert note(result, "index.weights_unused")


def test_every_note_can_be_read_in_both_languages(made) -> None:
    values = made.values(periods=3)
    values[0, 0, :3] = np.nan
    values[:4, 1, 1] = np.nan
    result = run(made, values, weigh={"method": "entropy", "shift": 0.1}, uncertainty={"draws": 100})
    assert len(result.notes) > 6
    for found in result.notes:
        assert found.told("zh") != found.told("en")
        assert "{" not in found.told("zh") + found.told("en")
