"""The split of a change: exact for every plan, by hand for a simple one."""

from __future__ import annotations

import numpy as np
import pytest

from relode.measure import index, movement
from relode.words.errors import Misfit, UnknownWord

EACH = {"normalise": {"limits": "period"}}
PLANS = {
    "panel": {},
    "period": EACH,
    "period entropy": {**EACH, "weigh": {"method": "entropy", "fit": "period"}},
    "zscore critic": {
        "normalise": {"method": "zscore", "limits": "period"},
        "weigh": {"method": "critic", "fit": "period"},
    },
    "geometric": {"normalise": {"limits": "period", "scale": (1, 100)}, "aggregate": {"method": "geometric"}},
    "topsis": {"normalise": {"limits": "period"}, "aggregate": {"at": {"life": "topsis"}}},
    "leaves": {"weigh": {"method": "entropy", "across": "leaves", "fit": "period"}},
}


def holed(made) -> np.ndarray:
    values = made.values(10, 3, seed=3)
    values[2, 0, 3] = values[5, 2, 1] = np.nan
    return values


def run(made, values, base="2020", now="2022", **plan):
    return movement(made.panel(values), made.regions(len(values)), plan=made.plan(**plan), base=base, now=now)


@pytest.mark.parametrize("name", PLANS)
def test_parts_sum_to_the_change_and_indicators_to_the_data(made, name: str) -> None:
    values = holed(made)
    result = run(made, values, **PLANS[name])
    table = result.tables["movement"]
    parts = table["from_data"] + table["from_limits"] + table["from_weights"]
    assert (table["change"] - parts).abs().max() < 1e-12
    by = result.tables["by_indicator"].groupby("entity")["change"].sum()
    np.testing.assert_allclose(by[table["entity"]], table["from_data"], atol=1e-12)
    assert table["change"].abs().max() > 1


def test_scores_and_ranks_are_those_of_the_index(made) -> None:
    values = holed(made)
    table = run(made, values).tables["movement"].set_index("entity")
    ranks = index(made.panel(values), made.regions(10), plan=made.plan()).tables["ranks"]
    for period, end in (("2020", "base"), ("2022", "now")):
        own = ranks[ranks["period"] == period].set_index("entity")
        np.testing.assert_allclose(table[f"score_{end}"], own.loc[table.index, "score"], rtol=1e-11)
        assert (table[f"rank_{end}"] == own.loc[table.index, "rank"]).all()


def test_with_one_yardstick_all_change_comes_from_data(made) -> None:
    table = run(made, holed(made)).tables["movement"]
    assert table[["from_limits", "from_weights"]].abs().max().max() < 1e-12


def test_equal_figures_under_other_limits_change_by_the_limits_alone(made) -> None:
    values = np.repeat(made.values(6, 1), 2, axis=1)
    values[0, 1] *= 3  # only the first region moves; the others' yardstick does
    table = run(made, values, now="2021", normalise={"limits": "period"}).tables["movement"].set_index("entity")
    others = table.drop(index="r00")
    assert others["from_data"].abs().max() < 1e-12
    assert others["from_limits"].abs().min() > 0


def test_an_indicators_part_is_its_weight_times_the_way_it_went(made) -> None:
    values = np.repeat(made.values(6, 1), 2, axis=1)
    low, high = values[..., 0].min(), values[..., 0].max()
    values[1, 1, 0] = (values[1, 0, 0] + low) / 2
    table = run(made, values, now="2021").tables["by_indicator"].query("entity == 'r01'").set_index("indicator")
    way = (values[1, 1, 0] - values[1, 0, 0]) / (high - low) * 100
    assert table.loc["econ.income", "change"] == pytest.approx(way * 0.25)
    assert table.drop(index="econ.income")["change"].abs().max() < 1e-12
    assert table.loc["econ.income", "value_now"] == values[1, 1, 0]


def test_who_lacks_a_score_is_left_out_and_named(made) -> None:
    values = holed(made)
    values[7, 0, :3] = np.nan
    result = run(made, values)
    assert "r07" not in set(result.tables["movement"]["entity"])
    told = next(note for note in result.notes if note.code == "movement.left_out")
    assert told.details["names_zh"] == "地区7"


def test_periods_must_be_there_and_in_order(made) -> None:
    values = made.values(4, 2)
    with pytest.raises(UnknownWord):
        run(made, values, base="1999", now="2021")
    for ends, code in ((("2020", "2020"), "movement.same"), (("2021", "2020"), "movement.order")):
        with pytest.raises(Misfit) as told:
            run(made, values, *ends)
        assert told.value.code == code


def test_nobody_with_both_scores_is_a_misfit(made) -> None:
    values = made.values(4, 2)
    values[:2, 0] = values[2:, 1] = np.nan
    with pytest.raises(Misfit) as told:
        run(made, values, now="2021")
    assert told.value.code == "movement.nobody"


def test_an_indicator_measured_once_never_enters_a_change(made) -> None:
    values = made.values(6, 2)
    values[:, 0, 2] = np.nan
    result = run(made, values, now="2021", screen={"entity_missing": 0.5})
    told = next(note for note in result.notes if note.code == "guard.measured_once")
    assert told.level == "warning"
    assert told.details["names_en"] == "Doctors"
    assert "life.doctors" not in set(result.tables["by_indicator"]["indicator"])
    dropped = run(made, values, now="2021", select={"drop": ["life.doctors"]})
    assert result.tables["movement"].equals(dropped.tables["movement"])
