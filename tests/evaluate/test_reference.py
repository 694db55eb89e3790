"""Published and independent numbers, with their conventions. Sources stand beside each number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relode.evaluate import did, synthetic
from relode.evaluate.estimators import estimate
from relode.evaluate.sample import draw
from relode.evaluate.sensitivity import bacon, mean_effect
from relode.words.codelist import Codelist, Entity
from relode.words.panel import Panel
from relode.words.policy import Calendar
from relode.words.study import Study

Case = tuple[Panel, Codelist, Study]


def point(effect: Any, event: int) -> float:
    return next(p.estimate for p in effect.points if p.event == event)


def test_mpdta_gives_what_the_documentation_of_r_did_prints(mpdta: Case) -> None:
    cs = estimate(draw(*mpdta), "callaway_santanna")
    assert cs.estimate == pytest.approx(-0.0399513, abs=1e-7)  # R did README, aggte simple
    assert cs.se == pytest.approx(0.0120, abs=2e-4)
    mean = mean_effect(cs)
    assert mean is not None
    assert mean.estimate == pytest.approx(-0.0772, abs=5e-5)  # aggte dynamic
    for event, value in enumerate((-0.0199, -0.0510, -0.1373, -0.1008)):
        assert point(cs, event) == pytest.approx(value, abs=5e-5)


@pytest.mark.parametrize(
    ("name", "value", "se"),
    [
        ("twfe", -0.03655, 0.01327),  # pyfixest 0.60.0, feols default: entity effects nest in clusters
        ("imputation", -0.04771, 0.0132),  # Borusyak, Jaravel and Spiess; equal to Gardner
        ("etwfe", -0.04771, 0.0133),  # Wooldridge: the same point estimate as imputation
        ("sun_abraham", -0.03995, 0.0118),
        ("stacked", -0.0316, 0.0155),  # window -1, 1
        ("dcdh", -0.0189, 0.0120),  # first period of switchers = e0 of R did
    ],
)
def test_mpdta_by_the_other_estimators(mpdta: Case, name: str, value: float, se: float) -> None:
    effect = estimate(draw(*mpdta), name)
    assert effect.estimate == pytest.approx(value, abs=5e-5)
    assert effect.se == pytest.approx(se, abs=1e-4)


def test_mpdta_decomposes_as_goodman_bacon_says(mpdta: Case) -> None:
    table = bacon(draw(*mpdta)).set_index("comparison")
    assert table["weight"].sum() == pytest.approx(1, abs=1e-9)
    assert table.loc["forbidden", "weight"] == pytest.approx(0.054, abs=5e-4)
    assert (table["weight"] * table["estimate"]).sum() == pytest.approx(-0.0365489, abs=1e-7)


def test_the_calendar_that_comes_along_dates_every_state_as_the_paper_does(
    castle: Case, castle_frame: pd.DataFrame
) -> None:
    sample = draw(*castle)
    mine = {e: sample.periods[s] for e, s in zip(sample.entities, sample.start, strict=True) if s < 11}
    paper = castle_frame[castle_frame["post"] == 1].groupby("state")["year"].min().astype(str).to_dict()
    assert mine == paper


def test_castle_depends_on_the_estimator(castle: Case) -> None:
    sample = draw(*castle)
    twfe, cs = estimate(sample, "twfe"), estimate(sample, "callaway_santanna")
    assert (twfe.estimate, twfe.se) == pytest.approx((0.0694, 0.0559), abs=5e-5)  # pyfixest: entity nested in clusters
    assert (cs.estimate, cs.se) == pytest.approx((0.0194, 0.0384), abs=5e-5)
    unscaled = twfe.se / np.sqrt(549 / 538)  # (N-1)/(N-K) taken out: ssc(k_fixef="none")
    assert unscaled == pytest.approx(0.0553, abs=5e-5)


def test_castle_depends_on_the_date_rule(castle_frame: pd.DataFrame, castle: Case) -> None:
    panel, regions, study = castle
    adoption = Study.named("castle_adoption")
    begun = castle_frame[castle_frame["lag0"] == 1].groupby("state")["year"].min().to_dict()
    assert {row.entity: row.start.year for row in adoption.calendar.of("castle_doctrine")} == begun
    cs = estimate(draw(panel, regions, adoption), "callaway_santanna")
    assert (cs.estimate, cs.se) == pytest.approx((0.0974, 0.0409), abs=5e-5)
    rules = did(panel, regions, study=study).frame("dates").set_index("rule")
    assert rules.loc["full", "estimate"] == pytest.approx(0.0194, abs=5e-5)
    assert rules.loc["contains", "estimate"] > 0.08
    assert rules.loc["contains", "moved"] == 21


def test_the_days_within_the_year_matter_to_no_rule_but_half(castle: Case) -> None:
    panel, regions, study = castle
    rows = [{"entity": row.entity, "policy": row.policy, "start": row.start.replace(month=2, day=3)}
            for row in study.calendar.of("castle_doctrine")]  # fmt: skip
    moved = study.but(calendar=Calendar.of_rows("castle", rows))
    told, other = (did(panel, regions, study=s).frame("dates").set_index("rule")["estimate"] for s in (study, moved))
    assert told[["full", "contains"]].equals(other[["full", "contains"]])
    assert told["half"] != other["half"]


def test_closed_form_equals_pyfixest_to_eight_digits(castle: Case) -> None:
    pyfixest = pytest.importorskip("pyfixest")
    sample = draw(*castle)
    mine = estimate(sample, "twfe")
    peer = pyfixest.feols("y ~ d | time + unit", sample.frame(), vcov={"CRV1": "unit"})
    assert mine.estimate == pytest.approx(float(peer.coef().iloc[0]), abs=1e-10)
    assert mine.se == pytest.approx(float(peer.se().iloc[0]), rel=1e-8)
    assert mine.low == pytest.approx(float(peer.confint().iloc[0, 0]), rel=1e-7)


def test_pyfixest_serves_weights_and_keeps_the_convention(castle: Case) -> None:
    panel, regions, study = castle
    weighted = estimate(draw(panel, regions, study.but(weights="popwt")), "twfe")
    assert weighted.estimate == pytest.approx(0.0755, abs=2e-3)  # weights of each year there; of the base year here
    assert weighted.se == pytest.approx(0.0329, abs=2e-3)


def test_proposition_99(shared: Path) -> None:
    frame = pd.read_csv(shared / "reference/causal/prop99.csv")
    long = frame.rename(columns={"state": "entity", "year": "period"}).melt(
        ["entity", "period"], ["packspercapita"], "indicator", "value"
    )
    study = Study.of({
        "name": "prop99", "zh": "99号提案", "en": "Proposition 99", "policies": ["tax"],
        "calendar": Calendar.of_rows("tax", [{"entity": "California", "policy": "tax", "start": 1989}]),
        "outcomes": [{"code": "packspercapita", "good": -1}], "treatment": {"rule": "full"},
    })  # fmt: skip
    effects = synthetic(Panel.of(long), Codelist(), study=study, placebos=50).frame().set_index("estimator")["estimate"]
    assert effects["synthetic_did"] == pytest.approx(-15.604, abs=1e-3)  # Arkhangelsky et al. (2021), table 1
    assert effects["synthetic_control"] == pytest.approx(-19.6, abs=0.1)


def shared_table(path: Path, columns: str) -> pd.DataFrame:
    duckdb = pytest.importorskip("duckdb")
    return duckdb.connect().execute(f"select {columns} from '{path}'").df()


def test_us_mining_counties_after_2014(shared: Path) -> None:
    frame = shared_table(
        shared / "us_county_panel_2000_2016.parquet",
        "fips, state, year, unemployment_rate as rate, ers_mining_dependent",
    ).query("year >= 2010 and ers_mining_dependent == ers_mining_dependent")
    long = frame.rename(columns={"fips": "entity", "year": "period"}).melt(
        ["entity", "period"], ["rate"], "indicator", "value"
    )
    mining = frame.loc[frame["ers_mining_dependent"] == 1, "fips"].unique()
    rows = [{"entity": str(f), "policy": "prices", "start": 2015} for f in mining]
    states = frame.drop_duplicates("fips")
    regions = Codelist.of(
        [Entity(str(f), str(f), parent=s) for f, s in zip(states["fips"], states["state"], strict=True)]
    )
    study = Study.of({
        "name": "mining", "zh": "矿业县", "en": "mining counties", "calendar": Calendar.of_rows("prices", rows),
        "policies": ["prices"], "outcomes": [{"code": "rate", "good": -1, "unit": "%"}], "treatment": {"rule": "full"},
        "estimators": ["twfe", "callaway_santanna"], "sample": {"gaps": "drop"},
    })  # fmt: skip
    result = did(Panel.of(long), regions, study=study)
    twfe = result.frame().set_index("estimator").loc["twfe"]
    assert (twfe["estimate"], twfe["se"]) == pytest.approx((1.6467, 0.1690), abs=5e-5)  # DATA.md of the reference set
    assert twfe["rows"] == 21_938
    assert result.frame("trends")["joint_p"].iloc[0] < 1e-6
    assert any(note.code == "evaluate.pretrend_violated" for note in result.notes)


def test_chinese_low_carbon_pilots(shared: Path) -> None:
    frame = shared_table(
        shared / "cn_city_panel_2000_2021.parquet",
        "city_code as entity, year as period, co2_edgar_t as co2, gdp_real2000_100m_yuan as gdp, low_carbon_pilot_year",
    ).dropna(subset=["co2", "gdp"])
    pilots = frame.dropna(subset=["low_carbon_pilot_year"]).drop_duplicates("entity")
    rows = [{"entity": str(c), "policy": "pilot", "start": int(y)}
            for c, y in zip(pilots["entity"], pilots["low_carbon_pilot_year"], strict=True)]  # fmt: skip
    study = Study.of({
        "name": "pilot", "zh": "低碳试点", "en": "low-carbon pilots", "calendar": Calendar.of_rows("pilot", rows),
        "policies": ["pilot"], "treatment": {"rule": "full"}, "sample": {"gaps": "keep"},
        "outcomes": [{"code": "intensity", "formula": "co2 / gdp", "log": True, "good": -1}],
    })  # fmt: skip
    sample = draw(Panel.of(frame.melt(["entity", "period"], ["co2", "gdp"], "indicator", "value")), Codelist(), study)
    twfe = estimate(sample, "twfe")
    assert (twfe.estimate, twfe.se) == pytest.approx((0.0513, 0.0375), abs=5e-5)  # DATA.md, pyfixest
    assert (twfe.rows, twfe.clusters) == (6412, 294)
