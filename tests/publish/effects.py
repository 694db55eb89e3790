"""Results of an evaluation and of a diagnosis, made by hand: a small table for every chart that they describe."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from relode.words.policy import Calendar
from relode.words.result import Chart, Labels, Result
from relode.words.study import Study

from .conftest import card, regions, result

YEARS = [str(year) for year in range(2015, 2023)]
ABOUT = {"policy": "pilot", "outcome": "growth", "unit": "points"}


@cache
def study(log: bool = False) -> Study:
    calendar = Calendar.of_rows("pilots", [{"entity": "r000", "policy": "pilot", "start": 2018}])
    return Study.of({
        "name": "trial", "zh": "试点研究", "en": "Trial", "calendar": calendar, "policies": ["pilot"],
        "outcomes": [{"code": "growth", "good": 1, "zh": "增长率", "en": "Growth", "unit": "points", "log": log}],
        "treatment": {"rule": "full"}, "estimators": ["twfe", "callaway_santanna"],
    })  # fmt: skip


def intervals(n: int) -> pd.DataFrame:
    middle = np.linspace(-0.2, 0.5, n)
    return pd.DataFrame({"estimate": middle, "se": 0.1, "low": middle - 0.2, "high": middle + 0.2, "p": 0.04})


def effect_result() -> Result:
    """Tables and charts of all methods of evaluate, as one result."""
    effects = intervals(3).assign(
        estimator=["callaway_santanna", "twfe", "callaway_santanna"], estimand=["att_simple", "variance_weighted",
        "att_window"], rows=480, clusters=60, controls=False, headline=[True, False, False],
    )  # fmt: skip
    verdicts = intervals(1).assign(
        policy="pilot", outcome="growth", verdict="worked", reason="clear", advice="keep", p_worked=0.97,
        p_worthwhile=0.8, smallest=0.1, unit="points", evidence_for=1, evidence_against=0,
    )  # fmt: skip
    gaps = np.random.default_rng(1).normal(size=(3, len(YEARS)))
    means = [(c, y, 1.0 + k) for c in ("2018", "") for k, y in enumerate(YEARS)]
    tables = {
        "effects": effects,
        "event_study": intervals(6).assign(estimator="callaway_santanna", event=[-4, -3, -2, 0, 1, 2], treated=5),
        "means": pd.DataFrame(means, columns=["cohort", "period", "mean"]).assign(entities=5),
        "cohorts": pd.DataFrame({"policy": "pilot", "cohort": ["2018", "2019", ""], "entities": [3, 2, 5]}),
        "pack": intervals(2).assign(check=["twfe", "in_time"], subject=["", "2016"], verdict=["holds", "weaker"]),
        "placebo": pd.DataFrame({"draw": range(200), "estimate": np.random.default_rng(2).normal(size=200)}),
        "verdicts": verdicts,
        "negative_list": pd.DataFrame(
            {"policy": ["pilot"], "outcome": ["growth"], "cost": [2.0], "large": [True], "p_small": [0.9],
             "p_negative": [0.9], "identified": [True], "listed": [True]}),
        "path": pd.DataFrame({"period": YEARS, "actual": np.arange(8.0), "synthetic": np.arange(8.0) / 2,
                              "gap": np.arange(8.0) / 2, "after": [False] * 4 + [True] * 4}),
        "fan": pd.DataFrame({"entity": np.repeat(["", "r001", "r002"], len(YEARS)), "period": YEARS * 3,
                             "gap": gaps.ravel(), "ratio": 1.0}),
        "curve": intervals(5)[["estimate", "low", "high"]].assign(dose=np.arange(5.0)),
    }  # fmt: skip
    charts = (
        Chart("event_study", "event_study", "chart.event_study", ABOUT | {"estimator": "callaway_santanna"}),
        Chart("estimators", "effects", "chart.estimators", ABOUT),
        Chart("cohort_means", "means", "chart.cohort_means", ABOUT),
        Chart("timing", "cohorts", "chart.timing", {"study": "trial"}),
        Chart("pack", "pack", "chart.pack", ABOUT),
        Chart("placebo_density", "placebo", "chart.placebo_density", ABOUT | {"observed": 0.4}),
        Chart("verdicts", "verdicts", "chart.verdicts", {"study": "trial"}),
        Chart("negative_list", "negative_list", "chart.negative_list", {"study": "trial"}),
        Chart("synthetic", "path", "chart.synthetic", ABOUT),
        Chart("placebo_fan", "fan", "chart.placebo_fan", ABOUT),
        Chart("dose_curve", "curve", "chart.dose_curve", ABOUT),
    )
    return result(
        tables, *charts, card=card("evaluate.did", "政策效应", "Effect"), labels=Labels(regions(9), (), (study(),)),
        choices={"outcome": ""}, notes=(),
    )  # fmt: skip


def spread_result() -> Result:
    """The charts of a diagnosis that the index family does not have."""
    grid = np.linspace(0, 2, 20)
    rows = [(y, x, np.exp(-((x - 1) ** 2) * (k + 1))) for k, y in enumerate(YEARS) for x in grid]
    tables = {
        "density": pd.DataFrame(rows, columns=["period", "value", "density"]),
        "path": pd.DataFrame({"period": YEARS, "lon": np.linspace(110, 111, 8), "lat": np.linspace(30, 31, 8)}),
    }
    charts = (
        Chart("density", "density", "convergence.chart.density",
              {"indicator": "econ.income", "value": "density", "x": "value"}),
        Chart("scatter", "path", "gravity.chart",
              {"indicator": "econ.income", "value": "lat", "x": "lon", "by": "period"}),
    )  # fmt: skip
    return result(tables, *charts, card=card("diagnose.convergence", "收敛", "Convergence"), choices={}, notes=())


def small(method: str) -> Result:
    """A result of one method that no shipped recipe runs, just large enough to be spoken of."""
    effect = {"se": 0.1, "low": 0.2, "high": 0.6, "p": 0.01}
    made: dict[str, dict[str, list[dict[str, object]]]] = {
        "diagnose.citytype": {"types": [
            {"entity": "r000", "period": "2024", "group": "stage", "type": "mature", "probability": 0.8},
            {"entity": "r001", "period": "2024", "group": "stage", "type": "", "probability": 0.3}]},
        "diagnose.likeness": {
            "pairs": [{"entity": "r000", "neighbour": "r001", "similarity": 0.97, "krugman": 0.1}],
            "crowding": [{"indicator": "econ.income", "crowding": 2.0, "expected": 1.0, "p": 0.01}]},
        "diagnose.gravity": {"path": [{"period": year, "lon": 110.5, "lat": 36.25, "away": away}
                                      for year, away in (("2020", np.nan), ("2024", 12.5))]},
        "evaluate.synthetic": {
            "effects": [{"estimator": "synthetic_control", "estimand": "att_treated", "estimate": 0.4, **effect}],
            "donors": [{"entity": "r001", "weight": 0.75}, {"entity": "r002", "weight": 0.25}]},
        "evaluate.dose": {"effects": [{"estimand": "dose_att", "estimate": 0.4, **effect},
                                      {"estimand": "dose_slope", "estimate": 0.05, **effect}]},
    }  # fmt: skip
    tables = {name: pd.DataFrame(rows) for name, rows in made[method].items()}
    return result(tables, card=card(method, "方法", "Method"), choices={"indicator": "econ.income"}, notes=())
