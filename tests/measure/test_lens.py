"""The lens: sums that hold, links that are kept, and the EU's regions through the three NQPF systems."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relode.measure import index, lens
from relode.words.codelist import Codelist
from relode.words.errors import Refused
from relode.words.indicator import system_of
from relode.words.panel import Panel
from relode.words.plan import Plan


def linked(made, links=(("econ", "life", "甲带动乙", "Economy brings life"),)):
    spec = copy.deepcopy(made.spec)
    spec["links"] = [list(link) for link in links]
    return made.plan(system=made.system(spec))


def run(made, values, plan=None):
    return lens(made.panel(values), made.regions(len(values)), plan=plan or linked(made))


def test_contributions_sum_to_the_index_and_obstacles_to_one(made) -> None:
    values = made.values(12, 2)
    plan = linked(made)
    table = run(made, values, plan).frame("systems")
    ranks = index(made.panel(values), made.regions(12), plan=plan).frame("ranks")
    sums = table.groupby(["entity", "period"])[["contribution", "obstacle"]].sum()
    scores = ranks.set_index(["entity", "period"])["score"]
    np.testing.assert_allclose(sums["contribution"], scores.loc[sums.index], rtol=1e-9)
    np.testing.assert_allclose(sums["obstacle"], 1, rtol=1e-9)


def test_links_come_back_as_facts_with_the_frameworks_own_sentence(made) -> None:
    found = run(made, made.values(12))
    steps = found.frame("steps")
    np.testing.assert_allclose(steps["link_step"], steps["score_target"] - steps["score_origin"], atol=1e-9)
    assert found.facts is not None
    facts = found.facts[found.facts["indicator"] == "lens.small.econ.life"].set_index("entity")["value"]
    np.testing.assert_allclose(facts.sort_index(), steps.set_index("entity")["link_step"].sort_index())
    defined = {one.code: one for one in found.answer.defines}
    assert set(found.facts["indicator"]) == set(defined)
    assert "甲带动乙" in defined["lens.small.econ.life"].zh
    assert "Economy brings life" in defined["lens.small.econ.life"].en
    notes = {note.code: note for note in found.notes}
    assert "甲带动乙" in notes["lens.link"].told("zh")


def test_the_correlation_of_a_link_is_over_regions(made) -> None:
    found = run(made, made.values(15))
    table = found.frame("systems").pivot(index="entity", columns="node", values="score")
    link = found.frame("links").iloc[0]
    assert link["correlation"] == pytest.approx(np.corrcoef(table["econ"], table["life"])[0, 1])
    assert link["origin_ahead"] == pytest.approx((table["econ"] > table["life"]).mean())


def test_a_link_that_lacks_an_end_is_marked_and_warned(made) -> None:
    values = made.values(12)
    values[..., :2] = np.nan  # nothing of the economy
    plan = linked(made).but(screen={"entity_missing": 0.9})
    found = run(made, values, plan)
    assert not found.frame("links")["measured"].any()
    assert {"lens.empty", "lens.unmeasured"} <= {note.code for note in found.notes}
    assert not len(found.frame("steps"))


def test_a_system_without_links_is_refused(made) -> None:
    with pytest.raises(Refused, match="no links"):
        run(made, made.values(9), made.plan())


LEAF = {"unit": "1", "direction": 1}
EU = {
    "name": "nqpf_eu", "version": 1, "zh": "新质生产力（欧盟地区）", "en": "NQPF on EU regions",
    "links": [
        ["subject", "inner_drive", "产业主体培育促进内生动力提升",
         "Fostering industrial subjects raises the inner drive"],
        ["factor", "support", "要素体系构建强化支撑体系建设",
         "Building the factor system strengthens the support system"],
        ["structure", "path", "产业结构升级引领发展路径", "Upgrading the structure leads the development path"],
    ],
    "groups": {
        "subject": {"zh": "产业主体", "en": "Subject", "indicators": {
            "gdp_head": {**LEAF, "zh": "人均生产总值", "en": "GDP per head",
                         "formula": "region_gdp / region_population"}}},
        "inner_drive": {"zh": "内生动力", "en": "Inner drive", "indicators": {
            "patents": {**LEAF, "zh": "专利", "en": "Patents", "formula": "patents"}}},
        "factor": {"zh": "要素体系", "en": "Factors", "indicators": {
            "jobless": {**LEAF, "direction": -1, "zh": "失业率", "en": "Unemployment",
                        "formula": "unemployment_rate_t"}}},
        "support": {"zh": "支撑体系", "en": "Support", "indicators": {
            "broadband": {**LEAF, "zh": "宽带", "en": "Broadband", "formula": "broadband_access_household"},
            "life": {**LEAF, "zh": "预期寿命", "en": "Life expectancy", "formula": "life_expectancy_t"}}},
        "structure": {"zh": "产业结构", "en": "Structure", "indicators": {
            "digital": {**LEAF, "zh": "数字产业", "en": "Digital industries",
                        "formula": "value_added.digital / region_gdp"}}},
        "path": {"zh": "发展路径", "en": "Path", "indicators": {
            "income": {**LEAF, "zh": "居民收入", "en": "Household income", "formula": "disp_income_household"}}},
    },
}  # fmt: skip


@pytest.mark.shared
def test_the_regions_of_the_eu_through_the_three_systems(shared: Path) -> None:
    """Patents, broadband and income of NUTS-2 regions; what the data do not hold is said, not guessed."""
    import duckdb

    path = shared / "eu_nuts2_panel_2007_2018.parquet"
    facts = duckdb.connect().execute(f"select * from read_parquet('{path}') where year = 2012").df()
    known = facts.drop(columns=["country", "name"]).rename(columns={"nuts2": "entity", "year": "period"})
    long = known.melt(["entity", "period"], var_name="indicator").dropna()
    plan = Plan.of(
        {
            "name": "nqpf_eu", "zh": "e", "en": "e", "system": system_of(EU), "screen": {"entity_missing": 0.34},
            "normalise": {"method": "minmax", "limits": "panel"}, "uncertainty": {"draws": 0},
        }
    )  # fmt: skip
    found = lens(Panel.of(long), Codelist(), plan=plan)
    links = found.frame("links").set_index(["link_origin", "link_target"])
    assert list(links["measured"]) == [True, True, False], "the EU panel has nothing on the structure of industry"
    notes = {note.code: note.details for note in found.notes}
    assert notes["lens.coverage"]["available"] == 6
    assert notes["lens.coverage"]["of"] == 7
    assert notes["lens.coverage"]["scored"] > 150
    assert links.loc[("subject", "inner_drive"), "correlation"] > 0.3, "rich regions patent more"
    table = found.frame("systems")
    assert set(table["node"]) == {"subject", "inner_drive", "factor", "support", "path"}
    assert ((table["share"] >= 0) & (table["share"] <= 1)).all()
    coverage = found.frame("coverage").set_index("indicator")["share"]
    assert coverage["support.broadband"] < 0.7
    assert found.facts is not None
    assert isinstance(found.facts, pd.DataFrame)
    assert found.facts["indicator"].str.startswith("lens.nqpf_eu.").all()
