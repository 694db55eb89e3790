"""Planted effects are found, intervals cover, and where nothing was planted nothing is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from relode.evaluate import did, dose, falsify, synthetic
from relode.evaluate.design import power
from relode.evaluate.estimators import estimate
from relode.evaluate.sample import draw
from relode.words.errors import Refused, UnknownWord

Plant = Callable[..., Any]
STANDING = ("callaway_santanna", "imputation", "sun_abraham", "etwfe", "stacked", "dcdh")
BAND = 3.29  # standard errors of a share: 99.9 %


def estimates_of(plant: Plant, name: str, runs: int, effect: float, **options: Any) -> np.ndarray:
    """(estimate, low, high, p) over simulated panels with fixed seeds."""
    found = [estimate(draw(*plant(effect, seed=seed, **options)), name) for seed in range(runs)]
    return np.array([(e.estimate, e.low, e.high, e.p) for e in found])


def check(found: np.ndarray, truth: float, *, conservative: bool = False) -> None:
    """Unbiased, coverage and size within the Monte-Carlo band (one-sided for conservative methods)."""
    runs = len(found)
    spread = found[:, 0].std(ddof=1) / np.sqrt(runs)
    assert abs(found[:, 0].mean() - truth) < BAND * spread
    coverage = np.mean((found[:, 1] <= truth) & (truth <= found[:, 2]))
    band = BAND * np.sqrt(0.95 * 0.05 / runs)
    assert coverage > 0.95 - band - 0.01  # 0.01: large-sample intervals with 60 clusters
    if not conservative:
        assert coverage < 0.95 + band + 1e-9


@pytest.mark.parametrize("name", ["twfe", "callaway_santanna"])
def test_a_planted_effect_is_recovered_with_the_stated_coverage(plant: Plant, name: str) -> None:
    check(estimates_of(plant, name, 60, 1.0), 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["twfe", *STANDING])
def test_over_500_panels_every_estimator_recovers_the_effect_and_keeps_its_coverage(plant: Plant, name: str) -> None:
    options: dict[str, Any] = {"n": 100}
    check(estimates_of(plant, name, 500, 1.0, **options), 1.0, conservative=name in ("imputation", "dcdh"))
    nothing = estimates_of(plant, name, 500, 0.0, **options)
    assert np.mean(nothing[:, 3] < 0.05) < 0.05 + BAND * np.sqrt(0.05 * 0.95 / 500) + 0.01


@pytest.mark.parametrize("name", STANDING)
def test_effects_that_grow_are_told_apart_from_twfe_which_loses_part_of_them(plant: Plant, name: str) -> None:
    case = plant(1.0, growing=0.5, noise=0.05, starts=(3, 7))
    sample = draw(*case)
    event = np.arange(10)[None, :] - sample.start[:, None]
    cells = (1.0 + 0.5 * event)[event >= 0].mean()
    expected = {"stacked": 1.25, "dcdh": 1.0}.get(name, cells)
    assert estimate(sample, name).estimate == pytest.approx(expected, abs=0.05)
    assert estimate(sample, "twfe").estimate < 0.9 * cells


def test_the_event_study_shows_the_path_of_the_effect(plant: Plant) -> None:
    panel, regions, study = plant(1.0, growing=0.5, noise=0.05, n=120)
    table = did(panel, regions, study=study).frame("event_study").query("estimator == 'callaway_santanna'")
    after = table[table["event"] >= 0].set_index("event")["estimate"]
    np.testing.assert_allclose(after, 1.0 + 0.5 * after.index.to_numpy(float), atol=0.1)
    assert table[table["event"] < 0]["estimate"].abs().max() < 0.1


def test_the_minimum_detectable_effect_is_found_about_four_times_in_five(plant: Plant) -> None:
    mde = float(power(draw(*plant(0.0, n=80, seed=999)))[9])  # type: ignore[arg-type]
    found = estimates_of(plant, "twfe", 150, mde, n=80)
    assert np.mean(found[:, 3] < 0.05) == pytest.approx(0.8, abs=BAND * np.sqrt(0.16 / 150) + 0.05)


def test_anticipation_shifts_the_base_and_finds_the_effect_that_came_early(plant: Plant) -> None:
    early = lambda row: row | {"start": row["start"] + 1}  # noqa: E731
    late = plant(1.0, noise=0.05, rows=early)
    announced = plant(1.0, noise=0.05, rows=early, spec={"treatment": {"rule": "full", "anticipation": 1}})
    assert abs(estimate(draw(*late), "callaway_santanna").estimate) < 0.1
    assert estimate(draw(*announced), "callaway_santanna").estimate == pytest.approx(1.0, abs=0.1)


def test_subgroups_are_told_apart_and_adjusted_for_their_number(plant: Plant) -> None:
    panel, regions, study = plant(1.0, noise=0.1, spec={"subgroups": ["type"]})
    table = did(panel, regions, study=study).frame("subgroups")
    assert list(table["group"]) == ["a", "b"]
    np.testing.assert_allclose(table["estimate"], 1.0, atol=0.2)
    assert (table["p_adjusted"] >= table["p"]).all()


def test_baseline_controls_mend_what_a_different_start_breaks(plant: Plant) -> None:
    random = np.random.default_rng(3)
    size = np.where(np.arange(80) < 40, 1.0, 0.0)[:, None] + random.normal(size=(80, 1))
    case = plant(1.0, n=80, noise=0.1, starts=(5,), more={"size": size})
    panel, regions, study = case
    values = panel.values.copy()
    values[0, :, :, 0] += 0.3 * size * np.arange(10)  # larger entities grow faster, and more of them are treated
    from relode.words.panel import Panel

    steep = Panel(values, *panel.axes.values())
    held = study.but(controls=[{"code": "size"}])
    assert abs(estimate(draw(steep, regions, study), "callaway_santanna").estimate - 1) > 0.5
    for name in ("callaway_santanna", "twfe"):
        assert estimate(draw(steep, regions, held), name).estimate == pytest.approx(1.0, abs=0.15)


# -- the pack ------------------------------------------------------------------------------------------------


def test_the_pack_holds_for_a_real_effect_and_names_each_line_once(plant: Plant) -> None:
    spec = {"estimators": ["twfe", "callaway_santanna", "imputation", "stacked"]}
    panel, regions, study = plant(1.0, n=80, noise=0.2, starts=(5,), t=12, share=0.4, spec=spec, seed=3)
    result = falsify(panel, regions, study=study, permutations=199)
    table = result.frame().set_index("check")
    held = table[table["verdict"] != "not_run"]
    assert (held["verdict"] == "holds").all(), held
    assert {"means", "permutation", "in_time", "leave_cluster", "wild", "winsor", "synthetic_did"} <= set(held.index)
    assert table.loc["permutation", "p"] == pytest.approx(1 / 200)
    assert len(result.tables["placebo"]) == 199


def test_the_pack_overturns_what_a_different_trend_made(plant: Plant) -> None:
    panel, regions, study = plant(0.0, n=80, starts=(6,), t=12, trend=0.3)
    table = falsify(panel, regions, study=study, permutations=99).frame().set_index("check")["verdict"]
    assert table["pretrend"] == "overturned"
    assert table["in_time"] == "overturned"


def test_the_pack_looks_without_other_policies_neighbours_and_at_other_outcomes(plant: Plant) -> None:
    from relode.words.ties import Ties

    other = [{"entity": f"e{i:03d}", "policy": "bonus", "start": 2003} for i in range(5)]
    spec = {"others": ["bonus"], "outcomes": [{"code": "y", "good": 1}, {"code": "z", "good": -1}]}
    random = np.random.default_rng(1)
    panel, regions, study = plant(1.0, policies=other, spec=spec, more={"z": random.normal(size=(60, 10))})
    near = Ties(("e059",), ("e000",), ("neighbour",), np.ones(1))
    table = falsify(panel, regions, None, near, study=study, permutations=99).frame()
    lines = {(check, subject) for check, subject in zip(table["check"], table["subject"], strict=True)}
    assert {("without_policy", "bonus"), ("outcome", "z"), ("neighbours", "")} <= lines


def test_the_checks_in_closed_form_leave_out_the_periods_of_anticipation(plant: Plant) -> None:
    early = lambda row: row | {"start": row["start"] + 1}  # noqa: E731
    announced = {"treatment": {"rule": "full", "anticipation": 1}}
    panel, regions, study = plant(1.0, n=80, noise=0.05, starts=(5,), t=12, rows=early, spec=announced)
    table = falsify(panel, regions, study=study, permutations=99).frame().set_index("check")
    for check in ("means", "permutation", "leave_cluster"):
        assert table.loc[check, "estimate"] == pytest.approx(1.0, abs=0.1)  # against the last period before the news


def test_gaps_leave_the_checks_in_closed_form_on_the_entities_without_them(plant: Plant) -> None:
    from relode.words.panel import Panel

    spec = {"sample": {"gaps": "keep"}}
    panel, regions, study = plant(1.0, n=80, noise=0.2, starts=(5,), t=12, share=0.4, spec=spec, seed=3)
    values = panel.values.copy()
    values[0, [2, 40, 41], 3, 0] = np.nan
    values[0, 79] = np.nan
    holed = Panel(values, *panel.axes.values())
    result = falsify(holed, regions, study=study, permutations=99)
    table = result.frame().set_index("check")
    for check in ("means", "permutation", "forbidden", "leave_cluster", "wild", "synthetic_did"):
        assert table.loc[check, "verdict"] == "holds"
    told = {note.code: note.details for note in result.notes}
    assert (told["falsify.even"]["count"], told["falsify.even"]["whole"]) == (76, 79)
    assert told["evaluate.gaps_keep"]["count"] == 3
    assert told["evaluate.no_figures"]["names_en"] == "e079"
    values[0, :45, 3, 0] = np.nan
    most = falsify(Panel(values, *panel.axes.values()), regions, study=study, permutations=99)
    assert not len(most.tables["placebo"])
    assert "unbalanced" in set(most.frame()["reason"])


def test_the_closed_form_of_the_permutation_is_the_estimator_itself(plant: Plant) -> None:
    from relode.maths.cohorts import simple_effect

    sample = draw(*plant(0.7, growing=0.2))
    assert simple_effect(sample.y, sample.start) == pytest.approx(
        estimate(sample, "callaway_santanna").estimate, abs=1e-10
    )


# -- one region, and doses -------------------------------------------------------------------------------------


def test_a_synthetic_twin_finds_the_effect_on_one_region(plant: Plant) -> None:
    random = np.random.default_rng(8)
    panel, regions, study = plant(0.0, n=30, share=1 / 30, starts=(14,), t=20, noise=0.05)
    factor = random.normal(size=(1, 20)).cumsum(axis=1)
    values = panel.values.copy()
    values[0, :, :, 0] += random.uniform(0.2, 0.8, (30, 1)) * factor
    values[0, 0, 14:, 0] += 2.0
    from relode.words.panel import Panel

    moved = Panel(values, *panel.axes.values())
    result = synthetic(moved, regions, study=study, entity="e000", placebos=30)
    table = result.frame().set_index("estimator")
    assert table.loc["synthetic_control", "estimate"] == pytest.approx(2.0, abs=0.3)
    assert table.loc["synthetic_did", "estimate"] == pytest.approx(2.0, abs=0.3)
    assert table.loc["synthetic_control", "p"] == pytest.approx(1 / 30)
    assert result.tables["donors"]["weight"].sum() == pytest.approx(1)


def test_synthetic_control_refuses_what_it_cannot_do(plant: Plant) -> None:
    panel, regions, study = plant()
    with pytest.raises(Refused, match="different times"):
        synthetic(panel, regions, study=study)
    with pytest.raises(UnknownWord, match="not treated"):
        synthetic(panel, regions, study=study, entity="e059")
    short = plant(starts=(2,))
    with pytest.raises(Refused, match="only 2 periods"):
        synthetic(*short[:2], study=short[2])


def test_the_slope_of_a_planted_dose_is_recovered(plant: Plant) -> None:
    slopes = []
    for seed in range(8):
        doses = np.random.default_rng(seed).uniform(1, 5, 60).round(2)
        by_entity = {f"e{i:03d}": float(d) for i, d in enumerate(doses)}
        panel, regions, study = plant(
            0.0, n=120, noise=0.3, starts=(5,), seed=seed, spec={"inference": {"draws": 99}},
            rows=lambda row, d=by_entity: row | {"dose": d[row["entity"]]},
        )  # fmt: skip
        values = panel.values.copy()
        values[0, :60, 5:, 0] += 0.5 * doses[:, None]
        from relode.words.panel import Panel

        result = dose(Panel(values, *panel.axes.values()), regions, study=study)
        slopes.append(result.frame().set_index("estimand").loc["dose_slope", "estimate"])
    assert np.mean(slopes) == pytest.approx(0.5, abs=BAND * np.std(slopes, ddof=1) / np.sqrt(8) + 0.01)


def test_few_or_changing_doses_are_refused(plant: Plant) -> None:
    two = plant(rows=lambda row: row | {"dose": 1.0 + int(row["entity"][1:]) % 2})
    with pytest.raises(Refused, match="fewer than 5 doses"):
        dose(*two[:2], study=two[2])
    later = [{"entity": "e000", "policy": "pilot", "start": 2008, "dose": 3.0}]
    ends = plant(rows=lambda row: row | ({"end": 2007} if row["entity"] == "e000" else {}), policies=later)
    with pytest.raises(Refused, match="changes after the start"):
        dose(*ends[:2], study=ends[2])
