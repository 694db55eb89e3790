"""Worked, did not, cannot be told: from the interval, the smallest effect worth having, and the doubts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from relode.evaluate import verdict
from relode.evaluate.effect import Effect
from relode.evaluate.verdict import judge
from relode.words.indicator import CODE
from relode.words.policy import Calendar, Evidence, Policy
from relode.words.study import Outcome

Plant = Callable[..., Any]


@pytest.mark.parametrize(
    ("good", "smallest", "low", "high", "doubts", "wanted"),
    [
        (1, 0.2, 0.3, 0.9, (), ("worked", "clear")),
        (1, 0.2, 0.1, 0.9, (), ("worked", "positive")),
        (1, None, 0.1, 0.9, (), ("worked", "clear")),
        (-1, 0.2, -0.9, -0.3, (), ("worked", "clear")),
        (1, 0.2, 0.05, 0.15, (), ("did_not", "too_small")),
        (1, 0.2, -0.1, 0.15, (), ("did_not", "nothing_worthwhile")),
        (1, 0.2, -0.9, -0.1, (), ("did_not", "harmful")),
        (-1, 0.2, 0.1, 0.9, (), ("did_not", "harmful")),
        (1, 0.2, -0.1, 0.9, (), ("unknown", "imprecise")),
        (1, None, -0.1, 0.01, (), ("unknown", "imprecise")),
        (1, 0.2, 0.3, 0.9, ("pretrend",), ("unknown", "pretrend")),
    ],
)
def test_the_verdict_follows_from_interval_smallest_effect_and_doubts(
    good: Any, smallest: float | None, low: float, high: float, doubts: tuple[str, ...], wanted: tuple[str, str]
) -> None:
    effect = Effect("callaway_santanna", "att_simple", (low + high) / 2, 0.1, low, high, 0.01, 100, 50)
    found, reasons = judge(Outcome("y", good, smallest=smallest), effect, doubts)
    assert (found, reasons[0]) == wanted


def several(plant: Plant, effects: dict[str, float], costs: dict[str, float], **options: Any) -> Any:
    """Policies with their own treated entities and planted effects, one never-treated half; with costs and evidence."""
    panel, regions, study = plant(0.0, n=200, noise=0.2, seed=3, **options)
    values = panel.values.copy()
    rows = []
    for k, (code, effect) in enumerate(effects.items()):
        for i in range(25 * k, 25 * (k + 1)):
            values[0, i, 5:, 0] += effect
            rows.append({"entity": f"e{i:03d}", "policy": code, "start": 2005, "cost": costs[code] / 25})
    from relode.words.panel import Panel

    made = Calendar.of_rows("c", rows)
    evidence = (Evidence("strong", "failed", "企业反映无感", "firms noticed nothing", "interview 3"),)
    named = tuple(Policy(p.code, p.code, p.code, "million") for p in made.policies)
    calendar = Calendar("c", "c", "c", named, made.enacted, evidence)
    spec = study.but(calendar=calendar, policies=tuple(effects))
    return Panel(values, *panel.axes.values()), regions, spec


@pytest.fixture
def four(plant: Plant) -> Any:
    effects = {"strong": 1.0, "idle": 0.0, "bad": -0.6, "cheap": 0.0}
    return several(plant, effects, {"strong": 100.0, "idle": 300.0, "bad": 200.0, "cheap": 10.0})


def test_every_policy_gets_its_verdict_reason_and_advice(four: Any) -> None:
    panel, regions, study = four
    result = verdict(panel, regions, study=study)
    table = result.frame().set_index("policy")
    assert table["verdict"].to_dict() == {"strong": "worked", "idle": "did_not", "bad": "did_not", "cheap": "did_not"}
    assert table["advice"].to_dict() == {"strong": "keep", "idle": "stop", "bad": "stop", "cheap": "stop"}
    assert table.loc["strong", "p_worked"] > 0.999
    assert table.loc["bad", "p_worked"] < 0.01
    assert table.loc["bad", "estimate"] == pytest.approx(-0.6, abs=0.2)  # entities under the others are no controls
    assert (table["p_adjusted"] >= table["p"]).all()
    assert set(result.tables["why"]["policy"]) == set(study.policies)


def test_the_negative_list_names_large_inputs_with_small_outputs_and_how_sure_that_is(four: Any) -> None:
    panel, regions, study = four
    table = verdict(panel, regions, study=study).frame("negative_list").set_index("policy")
    assert set(table.index[table["listed"]]) == {"idle", "bad"}
    assert table.loc["strong", "p_negative"] < 0.01
    assert table.loc["cheap", "p_negative"] == 0.0  # small output, but hardly any input
    assert table.loc["bad", "p_negative"] > 0.99
    everything = verdict(panel, regions, study=study, heavy=0.0).frame("negative_list").set_index("policy")
    assert everything.loc["cheap", "listed"]


def test_cost_per_unit_of_effect_has_an_interval_that_is_open_where_zero_is_possible(four: Any) -> None:
    panel, regions, study = four
    table = verdict(panel, regions, study=study).frame("costs").set_index("policy")
    strong, idle = table.loc["strong"], table.loc["idle"]
    assert strong["delivered"] == pytest.approx(125, rel=0.25)  # an effect of 1 in 25 entities over 5 periods
    assert strong["per_unit"] == pytest.approx(100 / strong["delivered"])
    assert strong["per_unit_low"] < strong["per_unit"] < strong["per_unit_high"] < np.inf
    assert idle["per_unit_high"] == np.inf
    assert strong["cost_unit"] == "million"


def test_evidence_stands_beside_the_figures_and_a_conflict_is_said(four: Any) -> None:
    panel, regions, study = four
    result = verdict(panel, regions, study=study)
    assert result.frame("evidence")["source"].tolist() == ["interview 3"]
    assert result.frame().set_index("policy").loc["strong", "evidence_against"] == 1
    assert "verdict.conflict" in [n.code for n in result.notes]


def test_verdicts_are_facts_that_later_rooms_can_read(four: Any) -> None:
    panel, regions, study = four
    result = verdict(panel, regions, study=study)
    facts = result.facts
    assert facts is not None
    told = facts[facts["indicator"] == "evaluate.trial.strong.y.verdict"]
    assert len(told) == 25
    assert set(told["value"]) == {1.0}
    assert set(facts["indicator"]) == {i.code for i in result.answer.defines}
    assert all(CODE.fullmatch(i.code) and i.zh and i.en for i in result.answer.defines)


def test_what_cannot_be_estimated_is_unknown_with_the_guard_as_reason(plant: Plant) -> None:
    panel, regions, study = plant(1.0, spec={"headline": "twfe"})
    row = verdict(panel, regions, study=study).frame().iloc[0]
    assert (row["verdict"], row["reason"], row["advice"]) == ("unknown", "staggered_headline", "learn")
    few = plant(3.0, share=0.05, starts=(5,))
    assert verdict(*few[:2], study=few[2]).frame().iloc[0]["reason"] == "few_treated"
    trended = plant(0.0, n=120, starts=(6,), trend=0.4)
    assert verdict(*trended[:2], study=trended[2]).frame().iloc[0]["reason"] == "pretrend"


def test_missing_costs_and_smallest_effects_are_said(plant: Plant) -> None:
    panel, regions, study = plant(1.0, spec={"outcomes": [{"code": "y", "good": 1}]})
    codes = [n.code for n in verdict(panel, regions, study=study).notes]
    assert {"verdict.no_cost", "verdict.no_smallest"} <= set(codes)
