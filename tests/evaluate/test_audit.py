"""Every classic mistake is refused or warned of, with the place and the remedy; a sound design passes in silence.

`PITFALLS` says which test holds which mistake of the field (rows of the research notes, section 7, as far as these
estimators go, and the list of bad input); a test of its own holds that each of them is there. Thresholds, dynamic
panels, spatial Durbin, mediation and specification curves come with their engines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relode.evaluate import design, did
from relode.evaluate.audit import GUARDS, audit, forbid, spillover
from relode.evaluate.estimators import estimate
from relode.evaluate.sample import draw
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, Refused, RelodeError, UnknownWord
from relode.words.panel import Panel
from relode.words.texts import has
from relode.words.ties import Ties

PITFALLS = {
    "TWFE with staggered timing": "test_twfe_is_never_the_headline_under_staggered_timing",
    "its forbidden comparisons and negative weights are shown": "test_mpdta_decomposes_as_goodman_bacon_says",
    "no never-treated": "test_without_never_treated_the_comparison_with_them_is_refused",
    "tiny cohorts, one period before, few clusters, doses, uneven bins, many tests": "test_warnings_of_the_design",
    "stars with few treated clusters": "test_no_stars_where_the_auditor_says_so",
    "cluster below the assignment level": "test_clusters_below_the_level_of_assignment_are_pointed_out",
    "pre-trend test passes by weakness": "test_few_leads_violated_and_weak_trends_are_said",
    "bad controls": "test_controls_that_the_policy_moves_are_refused_and_their_base_value_is_the_remedy",
    "post-treatment weights": "test_weights_are_held_at_their_value_before_and_their_drift_is_told",
    "spill-over contaminates controls": "test_untreated_neighbours_of_the_treated_are_counted",
    "several policies at once": "test_other_policies_in_the_same_cells_are_named",
    "other policies contaminate controls": "test_the_untreated_under_another_named_policy_are_no_controls",
    "anticipation": "test_anticipation_shifts_the_base_and_finds_the_effect_that_came_early",
    "entry and exit": "test_gaps_are_refused_dropped_or_kept_as_the_study_says",
    "uneven exit of treated and untreated": "test_gaps_that_fall_on_one_group_are_told",
    "changed definitions": "test_breaks_in_series_reach_the_report",
    "always-treated": "test_always_treated_entities_are_dropped_and_named",
    "permutation of whole paths": "test_the_pack_holds_for_a_real_effect_and_names_each_line_once",
    "continuous dose treated as yes or no": "test_few_or_changing_doses_are_refused",
    "rows dropped before differencing": "test_missing_years_are_named_and_never_differenced_over",
    "multiple outcomes and subgroups": "test_outcomes_that_move_together_cost_less_than_by_holm",
    "treatment that switches back": "test_treatment_that_switches_back_is_refused_but_for_the_estimator_of_switchers",
    "duplicated region-years": "test_duplicated_region_years_do_not_become_a_panel",
    "outcome that shares raw columns": "test_an_outcome_that_shares_raw_figures_with_a_control_is_refused",
    "date rule": "test_castle_depends_on_the_date_rule",
}

Plant = Callable[..., tuple[Panel, Codelist, Any]]


def level(case: Any, guard: str, neighbours: Ties | None = None) -> str:
    return {f.guard: f.level for f in audit(draw(*case), neighbours)}[guard]


def told(case: Any, guard: str) -> str:
    with pytest.raises(RelodeError) as fault:
        forbid([f for f in audit(draw(*case)) if f.guard == guard])
    return fault.value.told("en") + fault.value.told("zh")


def test_every_pitfall_has_its_test() -> None:
    folder = Path(__file__).parent
    text = "".join(p.read_text("utf8") for p in (*folder.glob("*.py"), *(folder.parent / "publish").glob("*.py")))
    assert [test for test in PITFALLS.values() if f"def {test}(" not in text] == []


def test_every_warning_and_refusal_of_the_auditor_names_its_remedy() -> None:
    for guard in (*GUARDS, spillover):
        assert has(f"audit.{guard.__name__}.mend"), guard.__name__
        assert has(f"code.guard.{guard.__name__}")


def test_a_sound_design_passes_in_silence(plant: Plant) -> None:
    case = plant(n=120, starts=(5,), t=12)
    loud = {f.guard for f in audit(draw(*case)) if f.level != "ok"}
    assert loud == set()


def test_twfe_is_never_the_headline_under_staggered_timing(plant: Plant) -> None:
    spec = {"headline": "twfe"}
    assert level(plant(starts=(5,), spec=spec), "staggered_headline") == "ok"
    message = told(plant(spec=spec), "staggered_headline")
    assert "headline" in message
    assert "callaway_santanna" in message


def test_treatment_that_switches_back_is_refused_but_for_the_estimator_of_switchers(plant: Plant) -> None:
    ends = lambda row: row | {"end": row["start"] + 1}  # noqa: E731
    assert "treatment.ends = false" in told(plant(rows=ends), "switches")
    dcdh = {"headline": "dcdh", "estimators": ["dcdh", "callaway_santanna"]}
    assert level(plant(rows=ends, spec=dcdh), "switches") == "warning"
    sample = draw(*plant(rows=ends, spec=dcdh))
    with pytest.raises(Refused, match="switches off"):
        estimate(sample, "callaway_santanna")
    on = draw(*plant(rows=ends, spec=dcdh, effect=0.0)).path > 0
    lasting = replace(sample, y=draw(*plant(rows=ends, spec=dcdh, effect=0.0)).y + on)
    found = estimate(lasting, "dcdh")
    assert found.estimand == "joiners"  # nobody stays treated while others leave
    assert found.estimate == pytest.approx(1.0, abs=0.3)
    assert level(plant(rows=ends, spec={"treatment": {"rule": "full", "ends": False}}), "switches") == "ok"


def test_without_never_treated_the_comparison_with_them_is_refused(plant: Plant) -> None:
    assert "not_yet" in told(plant(share=1.0), "never_treated")
    assert level(plant(share=1.0, spec={"control_group": "not_yet"}), "never_treated") == "warning"


def test_always_treated_entities_are_dropped_and_named(plant: Plant) -> None:
    early = lambda row: row | ({"start": 1990} if row["entity"] == "e000" else {})  # noqa: E731
    sample = draw(*plant(rows=early))
    assert "e000" not in sample.entities
    assert [n.code for n in sample.notes] == ["evaluate.always"]
    assert "e000" in sample.notes[0].told("en")


@pytest.mark.parametrize(
    ("options", "guard"),
    [
        ({"n": 60, "starts": (4,) * 20 + (6,)}, "tiny_cohorts"),
        ({"starts": (1, 5)}, "one_before"),
        ({"n": 20}, "few_clusters"),
        ({"n": 60, "share": 0.05, "starts": (5,)}, "no_stars"),
        ({"rows": lambda row: row | {"dose": 1.0 + int(row["entity"][1:]) % 3}}, "doses"),
        ({"starts": (3, 8)}, "uneven_bins"),
        ({"starts": (5,), "spec": {"subgroups": ["type", "parent", "level"]}}, "many_tests"),
    ],
)
def test_warnings_of_the_design(plant: Plant, options: dict[str, Any], guard: str) -> None:
    assert level(plant(**options), guard) == "warning"
    assert level(plant(n=120, starts=(5,), t=12), guard) == "ok"


def test_clusters_below_the_level_of_assignment_are_pointed_out(plant: Plant) -> None:
    whole = {
        "starts": (5,),
        "share": 0.5,
        "n": 60,
        "blocks": True,
    }  # ten parents of six, five of them treated as a whole
    assert level(plant(**whole), "cluster_level") == "warning"
    parent = {"inference": {"clusters": "parent"}}
    assert level(plant(**whole, spec=parent), "cluster_level") == "ok"
    assert len(np.unique(draw(*plant(**whole, spec=parent)).clusters)) == 10


def test_an_outcome_that_shares_raw_figures_with_a_control_is_refused(plant: Plant) -> None:
    more = {"people": np.full((60, 10), 5.0) + np.arange(10)}
    outcome = {"code": "rate", "formula": "y / people", "good": 1}
    spec = {"outcomes": [outcome], "controls": [{"code": "size", "formula": "people"}]}
    message = told(plant(more=more, spec=spec), "shared_columns")
    assert "size: people" in message
    assert level(plant(more=more, spec=spec | {"confirmatory": False}), "shared_columns") == "warning"


def test_controls_that_the_policy_moves_are_refused_and_their_base_value_is_the_remedy(plant: Plant) -> None:
    random = np.random.default_rng(9)
    _, _, study = plant()
    start = [int(row.start.year) - 2000 for row in study.calendar.of("pilot")] + [10] * 30
    moved = random.normal(size=(60, 10)) + 2.0 * (np.arange(10)[None, :] >= np.array(start)[:, None])
    spec = {"controls": [{"code": "bad", "when": "varying"}]}
    message = told(plant(more={"bad": moved}, spec=spec), "bad_controls")
    assert "bad (p = 0.000)" in message
    assert 'when = "baseline"' in message
    fixed = {"controls": [{"code": "bad", "when": "baseline"}]}
    assert level(plant(more={"bad": moved}, spec=fixed), "bad_controls") == "ok"
    assert level(plant(more={"bad": random.normal(size=(60, 10))}, spec=spec), "bad_controls") == "ok"


def test_other_policies_in_the_same_cells_are_named(plant: Plant) -> None:
    other = [{"entity": "e000", "policy": "bonus", "start": 2003}]
    assert level(plant(policies=other), "overlap") == "warning"
    assert level(plant(policies=other, spec={"others": ["bonus"]}), "overlap") == "ok"
    later = [{"entity": "e059", "policy": "bonus", "start": 2030}]
    assert level(plant(policies=later), "overlap") == "ok"


def test_the_untreated_under_another_named_policy_are_no_controls(plant: Plant) -> None:
    other = [{"entity": f"e{i:03d}", "policy": "bonus", "start": 2005} for i in range(50, 60)]
    sample = draw(*plant(policies=other, spec={"others": ["bonus"]}))
    assert "e055" not in sample.entities
    assert "e045" in sample.entities
    assert any(n.code == "evaluate.clean_controls" for n in sample.notes)


def test_untreated_neighbours_of_the_treated_are_counted(plant: Plant) -> None:
    near = Ties(("e059", "e058"), ("e000", "e057"), ("neighbour",) * 2, np.ones(2))
    finding = next(f for f in audit(draw(*plant()), near) if f.guard == "spillover")
    assert (finding.level, finding.details["count"]) == ("warning", 1)
    far = Ties(("e058",), ("e057",), ("neighbour",), np.ones(1))
    assert level(plant(), "spillover", far) == "ok"


# -- facts that do not fit -----------------------------------------------------------------------------------


def test_missing_years_are_named_and_never_differenced_over(plant: Plant) -> None:
    panel, regions, study = plant()
    holed = panel.only(periods=[p for p in panel.periods if p != "2003"])
    with pytest.raises(Misfit, match="2002"):
        draw(holed, regions, study)
    later = study.but(sample={"since": "2004"})
    assert draw(holed, regions, later).periods[0] == "2004"


def test_duplicated_region_years_do_not_become_a_panel(plant: Plant) -> None:
    frame = plant()[0].frame()
    import pandas as pd

    with pytest.raises(Misfit, match="e000/2000/y"):
        Panel.of(pd.concat([frame, frame.head(1)]))


def test_gaps_are_refused_dropped_or_kept_as_the_study_says(plant: Plant) -> None:
    panel, regions, study = plant()
    values = panel.values.copy()
    values[0, 3, 2, 0] = np.nan
    holed = Panel(values, *panel.axes.values())
    with pytest.raises(Misfit, match="e003, 2002"):
        draw(holed, regions, study)
    dropped = draw(holed, regions, study.but(sample={"gaps": "drop"}))
    assert "e003" not in dropped.entities
    kept = draw(holed, regions, study.but(sample={"gaps": "keep"}))
    assert len(kept.frame()) == 599
    assert estimate(kept, "twfe").estimate == pytest.approx(1.0, abs=0.4)


def test_gaps_that_fall_on_one_group_are_told(plant: Plant) -> None:
    panel, regions, study = plant(n=120, starts=(5,), t=12)
    values = panel.values.copy()
    values[0, :20, 10, 0] = np.nan  # a third of the treated
    holed = Panel(values, *panel.axes.values())
    kept = (holed, regions, study.but(sample={"gaps": "keep"}))
    assert level(kept, "attrition") == "warning"
    finding = next(f for f in audit(draw(*kept)) if f.guard == "attrition")
    assert (finding.details["treated"], finding.details["untreated"]) == ("33%", "0%")
    values[0, 60:80, 10, 0] = np.nan  # and a third of the others
    alike = (Panel(values, *panel.axes.values()), regions, study.but(sample={"gaps": "keep"}))
    assert level(alike, "attrition") == "ok"


def test_weights_are_held_at_their_value_before_and_their_drift_is_told(plant: Plant) -> None:
    weight = np.ones((60, 10)) * 100
    weight[:30, 6:] *= 1.5
    case = plant(more={"size": weight}, spec={"weights": "size"})
    sample = draw(*case)
    assert sample.weights is not None
    assert set(sample.weights) == {100.0}
    assert "evaluate.weights_drift" in [n.code for n in sample.notes]
    with pytest.raises(Misfit, match="not above zero"):
        draw(*plant(more={"size": np.zeros((60, 10))}, spec={"weights": "size"}))


def test_breaks_in_series_reach_the_report(plant: Plant) -> None:
    panel, regions, study = plant()
    frame = panel.frame()
    frame.loc[5, "status"] = "B"
    assert any(n.code == "evaluate.break" for n in draw(Panel.of(frame), regions, study).notes)


def test_logs_of_zero_entities_unknown_to_the_data_and_empty_windows_are_named(plant: Plant) -> None:
    panel, regions, study = plant()
    with pytest.raises(Misfit, match="no logs"):
        draw(panel, regions, study.but(outcomes=[{"code": "y", "good": 1, "log": True}]))
    stranger = plant(rows=lambda row: row | ({"entity": "x9"} if row["entity"] == "e001" else {}))
    assert any(n.code == "evaluate.absent" and "x9" in n.told("en") for n in draw(*stranger).notes)
    with pytest.raises(Refused, match="begins nowhere"):
        draw(panel, regions, study.but(sample={"until": "2002"}))
    with pytest.raises(UnknownWord, match="no outcome z"):
        did(panel, regions, study=study, outcome="z")
    with pytest.raises(Misfit, match="cannot be clustered"):
        draw(panel, Codelist(), study.but(inference={"clusters": "parent"}))


def test_the_method_refuses_what_the_design_only_lists(plant: Plant) -> None:
    case = plant(spec={"headline": "twfe"})
    listed = design(*case[:2], study=case[2])
    assert "audit.staggered_headline" in [n.code for n in listed.notes]
    with pytest.raises(Refused, match="TWFE stays beside it"):
        did(*case[:2], study=case[2])


def test_few_leads_violated_and_weak_trends_are_said(plant: Plant) -> None:
    broken = plant(trend=0.4, n=120, starts=(6,))
    notes = {n.code for n in did(*broken[:2], study=broken[2]).notes}
    assert "evaluate.pretrend_violated" in notes
    weak = plant(effect=0.02, noise=2.0, n=40, starts=(4,))
    assert "evaluate.pretrend_weak" in {n.code for n in did(*weak[:2], study=weak[2]).notes}
    short = plant(starts=(1,))
    assert "evaluate.no_leads" in {n.code for n in did(*short[:2], study=short[2]).notes}
