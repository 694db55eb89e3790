"""The audit: ten steps in order, each with the figures that its own method gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from relode.measure import audit, coherence, sensitivity
from relode.measure.audit import STEPS
from relode.words.errors import Refused
from relode.words.texts import has

SPREAD = {"draws": 300, "seed": 2, "aggregate": ["arithmetic", "geometric"]}


def run(made, values, **sections):
    plan = made.plan(**{"normalise": {"scale": (1, 100)}, "uncertainty": SPREAD, **sections})
    return audit(made.panel(values), made.regions(len(values)), plan=plan), plan


def test_the_ten_steps_stand_in_order_and_have_their_words(made) -> None:
    table = run(made, made.values(20))[0].frame()
    assert tuple(dict.fromkeys(table["audit_step"])) == STEPS
    assert list(table["step_number"]) == sorted(table["step_number"])
    for step, finding in zip(table["audit_step"], table["finding"], strict=True):
        assert has(f"code.audit_step.{step}")
        assert has(f"code.finding.{finding}")
    assert table["found"].notna().all()


def test_each_step_gives_what_its_own_method_gives(made) -> None:
    values = made.values(20)
    found, plan = run(made, values)
    panel, regions = made.panel(values), made.regions(20)
    for own in (coherence(panel, regions, plan=plan), sensitivity(panel, regions, plan=plan)):
        for name, table in own.tables.items():
            pd.testing.assert_frame_equal(found.frame(name), table)


def test_a_planted_outlier_and_a_planted_double_are_found(made) -> None:
    values = made.values(30)
    values[0, 0, 2] = 900.0
    values[..., 3] = values[..., 0] * 2 + 0.001
    table = run(made, values)[0].frame().set_index("finding")
    assert table.loc["outlying", "found"] == 1
    assert table.loc["outlying", "look"]
    assert table.loc["doubles", "look"]
    rows = run(made, values)[0].frame("distribution").set_index("indicator")
    assert rows.loc["life.doctors", "outlying"]
    assert rows.loc["life.doctors", "entity"] == "r00"
    assert not rows.loc["econ.jobless", "outlying"]


def test_skewness_and_kurtosis_equal_scipy(made) -> None:
    from scipy.stats import kurtosis, skew

    values = made.values(25)
    rows = run(made, values)[0].frame("distribution")
    np.testing.assert_allclose(rows["skewness"], skew(values[:, 0], axis=0, bias=False), rtol=1e-9)
    np.testing.assert_allclose(rows["kurtosis"], kurtosis(values[:, 0], axis=0, bias=False), rtol=1e-9)


def test_limits_per_period_are_looked_at(made) -> None:
    moving = run(made, made.values(12, 2), normalise={"limits": "period", "scale": (1, 100)})[0].frame()
    assert moving.set_index("finding").loc["limits_per_period", "look"]
    assert not run(made, made.values(12, 2))[0].frame().set_index("finding").loc["limits_per_period", "look"]


def test_a_plan_without_draws_is_refused(made) -> None:
    with pytest.raises(Refused):
        run(made, made.values(12), uncertainty={"draws": 0})
