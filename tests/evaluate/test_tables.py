"""Tables in three lines, for journals and for ministries; LaTeX, Stata data and do-file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relode.evaluate import baseline, did
from relode.evaluate.export import do_file, escaped, stata_frame, tex, write_dta
from relode.evaluate.sample import draw
from relode.evaluate.tables import describe_table, effects_table, regression_table

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


def test_the_journals_table_has_stars_brackets_and_rows_of_yes_and_no(case: Any) -> None:
    panel, regions, study = case
    table = regression_table(baseline(panel, regions, study=study), study, style="cssci", lang="zh")
    rows = {row[0]: row[1:] for row in table.rows if row[0]}
    assert table.title == "基准回归：增长率"
    assert rows["控制变量"] == ("否", "是", "否", "是", "是")
    assert rows["个体固定效应"] == ("否", "否", "是", "是", "是")
    assert rows["政策变量"][2].endswith("***")
    assert table.rows[1][3].startswith("(")
    assert rows["规模"][0] == ""
    assert "***、**、*" in table.notes[0]
    assert table.rules == (5,)  # treated, size and income, each with its error
    assert rows["N"] == ("600",) * 5


def test_the_evaluators_table_has_intervals_in_the_outcomes_unit_and_no_stars(case: Any) -> None:
    panel, regions, study = case
    table = regression_table(baseline(panel, regions, study=study), study, style="evaluation", lang="en")
    text = " ".join(cell for row in table.rows for cell in row)
    assert "*" not in text
    assert "[" in table.rows[1][1]
    assert table.notes[0].startswith("Note: 95% intervals")


def test_effects_in_logs_are_given_in_percent_to_evaluators(plant: Plant) -> None:
    spec = {
        "outcomes": [{"code": "rate", "formula": "base", "log": True, "good": 1}],
        "estimators": ["callaway_santanna"],
    }
    start = np.array([4 if i % 2 == 0 else 6 for i in range(30)] + [10] * 30)
    base = np.exp(np.log(1.1) * (np.arange(10)[None, :] >= start[:, None]))
    panel, regions, study = plant(more={"base": base}, spec=spec)
    table = effects_table(did(panel, regions, study=study), study, style="evaluation", lang="en")
    assert table.rows[0][2] == "10%"
    assert any("percent" in note for note in table.notes)


def test_no_stars_with_few_treated_clusters(plant: Plant) -> None:
    panel, regions, study = plant(3.0, share=0.05, starts=(5,))
    result = baseline(panel, regions, study=study)
    assert not result.frame("models")["stars"].any()
    text = " ".join(cell for row in regression_table(result, study).rows for cell in row)
    assert "*" not in text
    assert "*" not in effects_table(did(panel, regions, study=study), study).rows[0][2]


def test_summary_statistics_are_those_of_the_sample(case: Any) -> None:
    panel, regions, study = case
    result = baseline(panel, regions, study=study)
    row = result.frame("describe").set_index("variable").loc["y"]
    y = panel.array()[:, :, 0]
    assert (row["mean"], row["sd"], row["rows"]) == pytest.approx((y.mean(), y.std(ddof=1), 600))
    assert describe_table(result, study, lang="zh").rows[0][0] == "增长率"


def test_latex_is_escaped_and_has_three_rules(case: Any) -> None:
    panel, regions, study = case
    text = tex(regression_table(baseline(panel, regions, study=study), study, lang="en"))
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1
    assert r"growth\_rate" in text
    assert "$^{***}$" in text
    assert escaped("5% & more_{x}") == r"5\% \& more\_\{x\}"
    assert text.count(" & ") % 5 == 0


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
    assert "csdid y size base_income, ivar(unit) time(time) gvar(g) method(dripw)" in commands
    assert sample.study.fingerprint[:12] in commands
    assert all(len(name) <= 32 for name in stata_frame(sample).columns)


def test_the_do_file_says_what_it_can_repeat_for_other_headlines(plant: Plant) -> None:
    spec = {"headline": "imputation", "estimators": ["imputation", "twfe"], "control_group": "not_yet"}
    assert "did_imputation y unit time g, autosample" in do_file(draw(*plant(spec=spec)), "s.dta")
    spec = {"headline": "stacked", "estimators": ["stacked"]}
    assert "csdid" not in do_file(draw(*plant(spec=spec)), "s.dta").split("\n", 2)[2]
