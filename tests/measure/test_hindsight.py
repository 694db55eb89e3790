"""Without hindsight a score is what could have been known then: later years do not move it, whatever the steps."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from relode.measure import index
from relode.measure.choose import choose
from relode.measure.score import score
from relode.words.errors import Refused

FIRST = {"base": ["2020"]}
NORMALISE = [
    {"method": "minmax", "limits": "period"},
    {"method": "minmax", "limits": "rolling"},
    {"method": "minmax", "limits": "rolling", "span": 2},
    {"method": "zscore", "limits": "base", **FIRST},
    {"method": "prank", "limits": "rolling", "span": 3},
    {"method": "centred", "limits": "rolling"},
    {"method": "dist2ref", "limits": "base", "reference": "r01", **FIRST},
]
WEIGH = [
    {"method": "equal"},
    {"method": "critic", "fit": "rolling"},
    {"method": "pca", "fit": "base", **FIRST},
    {"method": "product", "of": ["critic", "sd"], "fit": "period"},
]
REST = [
    {"impute": {"method": "forward"}, "treat": {"method": "winsorise", "window": "rolling"}},
    {"impute": {"method": "group_mean"}, "treat": {"method": "mad", "window": "base", **FIRST}},
    {"impute": {"method": "median"}, "screen": {"when": "imputed"}},
]


def figures(made) -> np.ndarray:
    values = made.values(n=10, periods=5, seed=3)
    values[1, 0] = [9.5, 0.5, 9.5, 9.5, 0.5]  # a reference that is the worst in nothing
    values[2, 1, 0] = values[4, 3, 2] = values[5, 0, 1] = np.nan
    values[7, 2, 3] = 60.0
    values[:, 4, 4] = 5.0  # constant in the last year only
    values[:, 3, 1] *= 50
    return values


def scores_of(made, values, **plan) -> np.ndarray:
    return score(choose(made.panel(values), made.regions(len(values)), made.plan(**plan))).score


@pytest.mark.parametrize(("normalise", "weigh"), list(product(NORMALISE, WEIGH)))
def test_scores_do_not_move_when_later_years_are_removed(made, normalise: dict, weigh: dict) -> None:
    values = figures(made)
    for rest in REST:
        plan = {"normalise": normalise, "weigh": weigh, "hindsight": False, **rest}
        whole = scores_of(made, values, **plan)
        assert (~np.isnan(whole)).sum() > 40
        for last in range(1, 5):
            early = scores_of(made, values[:, :last], **plan)
            np.testing.assert_array_equal(whole[:, :last], early, err_msg=f"{rest}, up to year {last}")


LATE = {"base": ["2021"]}
AHEAD = {
    "[normalise] limits": [{"normalise": {"limits": "panel"}}, {"normalise": {"limits": "base", **LATE}}],
    "[weigh] fit": [{"weigh": {"method": "critic"}}, {"weigh": {"method": "sd", "fit": "base", **LATE}}],
    "[treat] window": [{"treat": {"method": "winsorise"}}, {"treat": {"method": "mad", "window": "base", **LATE}}],
    "[impute] method": [{"impute": {"method": "linear"}}, {"impute": {"method": "constant"}}],
}


@pytest.mark.parametrize("step", AHEAD)
def test_every_step_that_looks_ahead_is_refused_by_name(made, step: str) -> None:
    for change in AHEAD[step]:
        plan = {"normalise": {"limits": "rolling"}, "hindsight": False} | change
        with pytest.raises(Refused) as told:
            scores_of(made, figures(made), **plan)
        assert told.value.code == "guard.hindsight"
        assert told.value.details["name"] == step
        assert step in told.value.told("zh")
        assert "to mend" in told.value.told("en")


def test_with_hindsight_the_restatement_is_a_table(made) -> None:
    values = figures(made)
    result = index(made.panel(values), made.regions(10), plan=made.plan(impute={"method": "linear"}))
    table = result.tables["restated"]
    before = scores_of(made, values[:, :4], impute={"method": "linear"})
    now = scores_of(made, values, impute={"method": "linear"})
    moved = table.set_index(["entity", "period"])
    for (entity, period), row in moved.iterrows():
        e, t = int(entity[1:]), int(period) - 2020
        assert row["score_before"] == before[e, t]
        assert row["score"] == now[e, t]
    assert len(moved) == (np.nan_to_num(before) != np.nan_to_num(now[:, :4])).sum() > 0
    fixed = index(made.panel(values), made.regions(10), plan=made.plan(normalise={"limits": "rolling"}))
    assert not len(fixed.tables["restated"])


def test_a_single_period_has_nothing_later(made) -> None:
    plan = {"treat": {"method": "mad"}, "weigh": {"method": "critic"}, "hindsight": False}
    assert not np.isnan(scores_of(made, figures(made)[:, :1], **plan)).all()
