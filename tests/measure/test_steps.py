"""Screening, dividing, filling, treating: what is done is marked and listed, what cannot be meant is refused."""

from __future__ import annotations

import numpy as np
import pytest

from relode.measure import impute, index
from relode.measure.choose import choose
from relode.measure.errors import errors_of
from relode.words.errors import Misfit, UnknownWord
from relode.words.indicator import system_of
from relode.words.panel import Panel

from .conftest import refused

NAN = np.nan


def chosen_of(made, values, **plan):
    return choose(made.panel(values), made.regions(len(values)), made.plan(**plan))


def run(made, values, **plan):
    return index(made.panel(values), made.regions(len(values)), plan=made.plan(**plan))


def codes_of(result) -> list[str]:
    for note in result.notes:
        assert "{" not in note.told("zh") + note.told("en")
    return [note.code for note in result.notes]


# -- screening ----------------------------------------------------------------------------------------


def test_too_many_zeros_refuse_a_score_and_zeros_are_counted_among_known_figures(made) -> None:
    values = made.values()
    values[0, 0, :2], values[0, 0, 2] = 0.0, NAN
    values[1, 0, :2] = 0.0
    table = run(made, values, screen={"entity_zeros": 0.45, "entity_missing": 0.5}).tables["unscored"]
    assert table[["entity", "reason"]].to_numpy().tolist() == [["r00", "too_many_zeros"]], "2 of 4, and 2 of 5"


def test_exceptions_are_made_by_name_and_told(made) -> None:
    values = made.values()
    values[0, 0, :3] = NAN
    result = run(made, values, screen={"include": ["r00"], "exclude": ["r05"]})
    assert result.tables["unscored"][["entity", "reason"]].to_numpy().tolist() == [["r05", "excluded"]]
    assert "screen.forced" in codes_of(result)
    refused("panel.code", lambda: run(made, values, screen={"include": ["nobody"]}), UnknownWord)


def test_what_is_filled_may_pass_a_screen_that_comes_afterwards(made) -> None:
    values = made.values()
    values[0, 0, :3] = NAN
    before = chosen_of(made, values, impute={"method": "mean"})
    after = chosen_of(made, values, impute={"method": "mean"}, screen={"when": "imputed"})
    assert not before.scored[0, 0]
    assert after.scored.all()


# -- dividing -----------------------------------------------------------------------------------------

TOTALS = system_of(
    {"name": "totals", "version": 1, "zh": "总量", "en": "Totals",
     "indicators": {"output": {"zh": "产值", "en": "Output", "unit": "USD", "direction": 1},
                    "share": {"zh": "占比", "en": "Share", "unit": "%", "direction": 1},
                    "rate": {"zh": "率", "en": "Rate", "unit": "USD per person", "direction": 1,
                             "formula": "wages / people"}}}
)  # fmt: skip


def totals(people: float = 5.0) -> Panel:
    values = np.array([[[6.0, 20, 9, 3]], [[8.0, 30, 9, people]], [[9.0, 50, 9, 9]]])
    return Panel(values[None], ("actual",), ("a", "b", "c"), ("2020",), ("output", "share", "wages", "people"),
                 units=("USD", "%", "USD", "person"))  # fmt: skip


def divided(made, panel: Panel, **how):
    plan = made.plan(TOTALS, denominate={"method": "facts", **how}, screen={"entity_missing": 0.5})
    return index(panel, made.regions(), plan=plan)


def test_figures_are_divided_and_logged_and_carry_their_unit(made) -> None:
    table = divided(made, totals(), by={"output": "people"}, log=["output"]).tables["indicators"]
    rows = table[table["indicator"] == "output"]
    np.testing.assert_allclose(rows["value"], np.log([2, 1.6, 1]), atol=1e-12)
    assert set(rows["unit"]) == {"ln(USD / person)"}


def test_a_zero_denominator_leaves_a_gap_that_is_told(made) -> None:
    result = divided(made, totals(people=0.0), by={"output": "people"})
    table = result.tables["indicators"].query("indicator == 'output'")
    assert table["value"].isna().tolist() == [False, True, False]
    assert "denominate.lost" in codes_of(result)


def test_shares_are_not_divided_and_nothing_is_divided_twice_or_by_what_is_not_there(made) -> None:
    refused("guard.denominate_ratio", lambda: divided(made, totals(), by={"share": "people"}))
    refused("guard.denominate_ratio", lambda: divided(made, totals(), by={"output": "share"}))
    refused("denominate.absent", lambda: divided(made, totals(), by={"output": "area"}), UnknownWord)
    system = system_of({"name": "t", "version": 1, "zh": "t", "en": "t", "indicators": {
        "rate": {"zh": "率", "en": "Rate", "unit": "USD", "direction": 1, "formula": "wages / people"}}})  # fmt: skip
    plan = made.plan(system, denominate={"method": "facts", "by": {"rate": "people"}})
    refused("guard.denominate_twice", lambda: index(totals(), made.regions(), plan=plan))
    plan = made.plan(TOTALS, denominate={"by": {"output": "people"}})
    refused("denominate.unused", lambda: index(totals(), made.regions(), plan=plan), Misfit)


def test_a_plan_asks_for_what_it_divides_by(made) -> None:
    plan = made.plan(TOTALS, denominate={"method": "facts", "by": {"output": "area"}})
    assert "area" in plan.reads
    with pytest.raises(UnknownWord):
        made.plan(TOTALS, denominate={"method": "facts", "by": {"outputt": "area"}})


# -- filling ------------------------------------------------------------------------------------------


def test_gaps_are_filled_across_entities_of_the_same_period(made) -> None:
    values = made.values(periods=2)
    values[2, 0, 0] = NAN
    others = np.delete(values[:, 0, 0], 2)
    assert chosen_of(made, values, impute={"method": "mean"}).raw[2, 0, 0] == pytest.approx(others.mean())
    assert chosen_of(made, values, impute={"method": "median"}).raw[2, 0, 0] == np.median(others)
    same = values[[1, 4, 5, 7], 0, 0]  # the coal regions beside r02
    grouped = chosen_of(made, values, impute={"method": "group_mean"})
    assert grouped.raw[2, 0, 0] == pytest.approx(same.mean())


def test_gaps_are_filled_along_time(made) -> None:
    values = made.values(periods=5)
    values[0, [0, 2, 3], 1] = NAN
    a, b = values[0, 1, 1], values[0, 4, 1]
    expected = {"forward": [NAN, a, a, a, b], "constant": [a, a, a, a, b],
                "linear": [NAN, a, a + (b - a) / 3, a + 2 * (b - a) / 3, b]}  # fmt: skip
    for method, series in expected.items():
        found = chosen_of(made, values, impute={"method": method}).raw[0, :, 1]
        np.testing.assert_allclose(found, series, rtol=1e-12, equal_nan=True)
    short = chosen_of(made, values, impute={"method": "forward", "most": 1}).raw[0, :, 1]
    np.testing.assert_allclose(short, [NAN, a, a, NAN, b], equal_nan=True)


def test_a_line_in_time_knows_how_far_apart_periods_are(made) -> None:
    values = made.values(periods=3)
    values[0, 1, 0] = NAN
    panel = Panel(values[None], ("actual",), made.panel(values).entities, ("2010", "2011", "2020"), made.codes)
    found = choose(panel, made.regions(), made.plan(impute={"method": "linear"})).raw[0, 1, 0]
    assert found == pytest.approx(values[0, 0, 0] + (values[0, 2, 0] - values[0, 0, 0]) / 10)


def test_one_observed_value_is_no_obstacle_and_a_gap_without_neighbours_stays(made) -> None:
    """COINr's panel interpolation stops where a series has one figure only."""
    values = made.values(periods=3)
    values[0, 1:, 0] = NAN
    values[1, :, 0] = NAN
    result = run(made, values, impute={"method": "linear"})
    assert not result.tables["ranks"]["score"].isna().any()
    assert {"impute.filled", "impute.left"} & set(codes_of(result)) == {"impute.left"}


def test_filled_figures_are_marked_and_told_and_coverage_counts_what_was_known(made) -> None:
    values = made.values()
    values[:4, 0, 0] = NAN
    result = run(made, values, impute={"method": "mean"})
    table = result.tables["indicators"].query("indicator == 'econ.income'").set_index("entity")
    assert table.loc["r00", "status"] == "I"
    assert table.loc["r05", "status"] == "A"
    assert result.tables["coverage"].set_index("indicator").loc["econ.income", "share"] == 0.5
    note = next(note for note in result.notes if note.code == "impute.filled")
    assert note.details["cells"] == 4
    assert note.level == "warning"


def test_groups_that_nobody_has_are_refused(made) -> None:
    values = made.values()
    refused("impute.no_groups", lambda: run(made, values, impute={"method": "group_mean", "group": "into"}), Misfit)
    refused("index.peers", lambda: run(made, values, impute={"method": "group_mean", "group": "colour"}), UnknownWord)


@pytest.mark.parametrize("method", ["mean", "group_median", "forward", "linear"])
def test_draws_vary_what_was_filled_and_nothing_else(made, method: str) -> None:
    values = made.values(n=12, periods=4)
    values[[1, 3, 5], [1, 2, 1], [0, 0, 4]] = NAN
    chosen = chosen_of(made, values, impute={"method": method})
    pools = impute.pools_of(chosen)
    once, again, other = (impute.refilled(chosen, pools, np.random.default_rng(number)) for number in (3, 3, 4))
    np.testing.assert_array_equal(once, again)
    filled = chosen.gaps & ~np.isnan(chosen.raw)
    assert (once[filled] != other[filled]).any()
    np.testing.assert_array_equal(once[~filled], chosen.raw[~filled])
    many = np.array([impute.refilled(chosen, pools, np.random.default_rng(n))[filled] for n in range(200)])
    assert (many.std(axis=0) > 0).all()


def test_draws_stay_within_what_is_possible_and_without_filling_there_are_none(made) -> None:
    share = {"zh": "x", "en": "x", "unit": "%", "direction": 1, "range": [0, 100]}
    spec = {"name": "s", "version": 1, "zh": "s", "en": "s", "indicators": {"x": share, "y": share}}
    values = np.random.default_rng(0).uniform(90, 100, (10, 1, 2))
    values[0, 0, 0] = NAN
    plan = made.plan(made.system(spec), impute={"method": "mean"}, screen={"entity_missing": 0.5})
    chosen = choose(made.panel(values, ("x", "y")), made.regions(10), plan)
    pools = impute.pools_of(chosen)
    assert max(impute.refilled(chosen, pools, np.random.default_rng(n))[0, 0, 0] for n in range(100)) <= 100
    assert errors_of(chosen_of(made, made.values()), 0) is None


# -- treating -----------------------------------------------------------------------------------------


def with_outlier(made, periods: int = 1) -> np.ndarray:
    values = made.values(n=20, periods=periods)
    values[4, :, 2] = 500.0
    return values


def test_every_changed_figure_is_listed_with_what_it_was(made) -> None:
    result = run(made, with_outlier(made), treat={"method": "winsorise"})
    table = result.tables["treated"]
    assert table[["entity", "indicator", "value", "how"]].to_numpy().tolist() == [
        ["r04", "life.doctors", 500.0, "winsorise"]
    ]
    assert table["counted"].iloc[0] < 10
    assert "treat.changed" in codes_of(result)
    assert result.tables["indicators"].query("entity == 'r04' and indicator == 'life.doctors'")["value"].iloc[0] == 500
    assert not len(run(made, made.values(), treat={"method": "winsorise"}).tables["treated"])


def test_what_winsorising_cannot_mend_is_transformed_or_told(made) -> None:
    values = made.values(n=20)
    values[:3, 0, 2] = [500.0, 2000.0, 8000.0]
    once = run(made, values, treat={"method": "winsorise", "most": 1})
    assert "treat.failing" in codes_of(once)
    then = run(made, values, treat={"method": "winsorise", "most": 1, "then": "log_ct"})
    assert set(then.tables["treated"]["how"]) == {"log_ct"}
    assert len(then.tables["treated"]) == 20


@pytest.mark.parametrize("method", ["log", "log_ct", "boxcox"])
def test_a_transformation_keeps_the_order_of_its_indicator(made, method: str) -> None:
    values = with_outlier(made)
    chosen = chosen_of(made, values, treat={"method": method})
    before, after = chosen.raw[:, 0, 2], chosen.values[:, 0, 2]
    assert (np.argsort(before) == np.argsort(after)).all()
    np.testing.assert_array_equal(chosen.values[..., :2], chosen.raw[..., :2])


def test_mad_draws_in_what_is_far_from_the_median_and_only_where_asked(made) -> None:
    values = with_outlier(made)
    values[6, 0, 0] = -900.0
    table = run(made, values, treat={"method": "mad", "only": ["life.doctors"]}).tables["treated"]
    assert set(table["indicator"]) == {"life.doctors"}
    assert table["counted"].iloc[0] < 30


def test_caps_of_a_base_window_serve_later_periods(made) -> None:
    values = made.values(n=20, periods=2)
    values[4, 1, 2] = 500.0
    base = {"method": "mad", "window": "base", "base": ["2020"]}
    chosen = chosen_of(made, values, treat=base)
    middle = np.median(values[:, 0, 2])
    cap = middle + 3 * 1.4826 * np.median(np.abs(values[:, 0, 2] - middle))
    assert chosen.values[4, 1, 2] == pytest.approx(cap)


def test_transformations_that_have_no_meaning_are_refused(made) -> None:
    values = with_outlier(made)
    values[7, 0, 2] = -1.0
    refused("guard.treat_log", lambda: run(made, values, treat={"method": "log"}))
    posts = {code: ((0, 10) if n in (0, 2, 3) else (10, 0)) for n, code in enumerate(made.codes)}
    fixed = {"method": "goalposts", "goalposts": posts}
    refused("guard.treat_fixed", lambda: run(made, values, treat={"method": "log_ct"}, normalise=fixed))
    some = made.values(n=20, periods=2)
    some[4, 1, 2] = 500.0
    plan = {"treat": {"method": "log_ct", "window": "period"}}
    refused("guard.treat_mixed", lambda: run(made, some, **plan))
    assert len(run(made, some, **plan, normalise={"limits": "period"}).tables["ranks"]) == 40


def test_a_constant_or_empty_column_does_not_stop_treatment(made) -> None:
    """COINr's treatment stops there: missing value where TRUE/FALSE needed."""
    values = made.values(n=6)
    values[..., 2], values[..., 3] = 7.0, NAN
    assert len(run(made, values, treat={"method": "winsorise", "then": "log_ct"}).tables["ranks"]) == 6
