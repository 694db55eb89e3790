"""What others need to repeat a result: summary statistics, the sample for Stata, the do-file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relode.evaluate import baseline
from relode.evaluate.estimators import estimate
from relode.evaluate.sample import draw
from relode.evaluate.stata import do_file, stata_frame, write_dta

Plant = Callable[..., Any]


@pytest.fixture
def case(plant: Plant) -> Any:
    size = np.random.default_rng(2).normal(5, 1, (60, 10))
    income = np.random.default_rng(3).normal(9, 1, (60, 10))
    spec = {
        "controls": [{"code": "size", "zh": "规模", "en": "size", "when": "varying"}, {"code": "income"}],
        "outcomes": [{"code": "y", "good": 1, "zh": "增长率", "en": "growth_rate", "unit": "points"}],
    }
    return plant(1.0, spec=spec, more={"size": size, "income": income})


def test_summary_statistics_are_those_of_the_sample(case: Any) -> None:
    panel, regions, study = case
    result = baseline(panel, regions, study=study)
    row = result.frame("describe").set_index("variable").loc["y"]
    y = panel.array()[:, :, 0]
    assert (row["mean"], row["sd"], row["rows"]) == pytest.approx((y.mean(), y.std(ddof=1), 600))


def test_stata_reads_the_sample_and_the_do_file_names_the_headline(case: Any, tmp_path: Path) -> None:
    sample = draw(*case)
    path = write_dta(sample, tmp_path / "sample.dta")
    back = pd.read_stata(path)
    assert len(back) == 600
    assert {"unit", "time", "y", "d", "g", "size", "base_income"} <= set(back.columns)
    assert path.read_bytes() == write_dta(sample, tmp_path / "again.dta").read_bytes()
    commands = do_file(sample, path.name)
    assert 'use "sample.dta", clear' in commands
    assert "reghdfe y d size c.base_income#i.time, absorb(unit time) vce(cluster cluster)" in commands
    assert "csdid y size base_income, ivar(unit) time(time) gvar(g) method(dripw) long2" in commands
    assert sample.study.fingerprint in commands
    for package in ("reghdfe", "csdid", "drdid"):
        assert f"*   ssc install {package}, replace" in commands


def test_the_file_opened_again_gives_the_same_effect(plant: Plant, tmp_path: Path) -> None:
    """What Stata would compute from the file, by another program: reghdfe's numbers are pyfixest's."""
    pyfixest = pytest.importorskip("pyfixest")
    sample = draw(*plant(1.0))
    back = pd.read_stata(write_dta(sample, tmp_path / "sample.dta"))
    told = pyfixest.feols("y ~ d | time + unit", back, vcov={"CRV1": "cluster"})
    mine = estimate(sample, "twfe")
    assert (mine.estimate, mine.se) == pytest.approx((told.coef().iloc[0], told.se().iloc[0]), rel=1e-6)
    starts = back.groupby("unit")["g"].first()
    assert sorted(starts.unique()) == [0, 2004, 2006]  # csdid counts 0 as never treated
    assert ((back["time"] >= back["g"]) & (back["g"] > 0)).astype(int).equals(back["d"].astype(int))


def test_names_that_stata_does_not_take_are_replaced_and_never_met_twice(plant: Plant, tmp_path: Path) -> None:
    more = {name: np.random.default_rng(k).normal(size=(60, 10)) for k, name in enumerate(("d", "using", "x.a", "x_a"))}
    spec = {
        "outcomes": [{"code": "y", "good": 1}], "controls": [{"code": c, "when": "varying"} for c in more],
    }  # fmt: skip
    sample = draw(*plant(1.0, spec=spec, more=more))
    columns = list(pd.read_stata(write_dta(sample, tmp_path / "s.dta")).columns)
    assert len(set(columns)) == len(columns) == len(stata_frame(sample).columns)
    assert {"d", "d_2", "v_using", "x_a", "x_a_2"} <= set(columns)
    assert "reghdfe y d d_2 v_using x_a x_a_2, absorb" in do_file(sample, "s.dta")
    long = "a" * 40
    assert all(len(n) <= 32 for n in stata_frame(draw(*plant(spec={
        "controls": [{"code": long, "formula": "y * 2"}], "confirmatory": False}))).columns)  # fmt: skip


@pytest.mark.parametrize(
    ("headline", "line"),
    [
        ("imputation", "did_imputation y unit time start, autosample minn(0)"),
        ("etwfe", "jwdid y, ivar(unit) tvar(time) gvar(g)"),
        ("dcdh", "did_multiplegt_dyn y unit time d, effects(1)"),
        ("stacked", "* the headline (stacked) has no command in Stata"),
        ("sun_abraham", "* the headline (sun_abraham) has no command in Stata"),
    ],
)
def test_the_do_file_says_what_it_can_repeat_for_other_headlines(plant: Plant, headline: str, line: str) -> None:
    commands = do_file(draw(*plant(spec={"headline": headline, "estimators": [headline, "twfe"]})), "s.dta")
    assert line in commands
    assert "csdid" not in commands
    by_parent = {"headline": headline, "estimators": [headline], "inference": {"clusters": "parent"}}
    assert ("cluster(cluster)" in do_file(draw(*plant(spec=by_parent)), "s.dta")) or line.startswith("*")
