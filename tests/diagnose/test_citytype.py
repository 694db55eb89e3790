"""Types: planted places, what would change them, missing figures, the check against labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from places import SHARED, panel_of, regions_of

import relode
from relode.diagnose.citytype import exact_interval
from relode.diagnose.typology import Typology
from relode.words.codelist import Codelist
from relode.words.errors import Misfit
from relode.words.panel import Panel

TYPOLOGY = Typology.named("citytypes")
CODES = TYPOLOGY.indicators
CLEAR = {
    "growing": {"resource.output_share": 0.1, "resource.output_change": 0.04, "resource.reserve_years": 50,
                "economy.growth": 0.13, "economy.level": 0.7, "people.change": 0.01},
    "mature": {"resource.output_share": 0.28, "resource.output_change": 0.0, "resource.reserve_years": 26,
               "economy.growth": 0.06, "economy.level": 1.6, "people.change": 0.0},
    "declining": {"resource.output_share": 0.09, "resource.output_change": -0.06, "resource.reserve_years": 3,
                  "economy.growth": -0.01, "economy.level": 0.6, "people.change": -0.02},
    "regenerating": {"resource.output_share": 0.01, "resource.output_change": -0.01, "resource.reserve_years": 12,
                     "economy.growth": 0.1, "economy.level": 0.9, "people.change": 0.0},
}  # fmt: skip
PATHS = {
    "resource_energy": {"resource.output_share": 0.3, "ecology.function_share": 0.2, "agriculture.output_share": 0.05,
                        "economy.gdp": 900, "scenes.test_fields": 0},
    "eco_value": {"resource.output_share": 0.02, "ecology.function_share": 0.9, "agriculture.output_share": 0.2,
                  "economy.gdp": 150, "scenes.test_fields": 0},
    "livelihood": {"resource.output_share": 0.01, "ecology.function_share": 0.3, "agriculture.output_share": 0.45,
                   "economy.gdp": 40, "scenes.test_fields": 0},
    "scenes": {"resource.output_share": 0.02, "ecology.function_share": 0.2, "agriculture.output_share": 0.05,
               "economy.gdp": 400, "scenes.test_fields": 4},
}  # fmt: skip


def typed(cases: dict[str, dict[str, float]]) -> relode.Result:
    """The types of planted places; figures that a case does not give are missing."""
    block = np.array([[[case.get(code, np.nan) for code in CODES]] for case in cases.values()])
    return relode.diagnose.citytype(panel_of(block, CODES), Codelist(), typology="citytypes", least=0.0)


@pytest.mark.parametrize(("group", "cases"), [("stage", CLEAR), ("path", PATHS)])
def test_planted_places_are_told(group: str, cases: dict[str, dict[str, float]]) -> None:
    table = typed(cases).frame().query(f"group == '{group}'")
    assert list(table["type"]) == list(cases)
    assert (table["probability"] > 0.5).all()
    assert (table["next_type"] != table["type"]).all()


def test_membership_sums_to_one_in_every_question() -> None:
    sums = typed(CLEAR).frame("membership").groupby(["entity", "group"])["probability"].sum()
    assert np.allclose(sums, 1)


def test_at_the_turning_value_the_two_types_tie() -> None:
    first = typed(CLEAR).frame().query("group == 'stage'").reset_index(drop=True)
    for n, name in enumerate(CLEAR):
        row = first.loc[n]
        if not row["change_indicator"]:
            continue
        moved = typed({name: CLEAR[name] | {row["change_indicator"]: row["change_to"]}})
        now = moved.frame().query("group == 'stage'").iloc[0]
        assert now["probability"] == pytest.approx(now["next_probability"], abs=1e-4)


def test_every_reason_names_its_document_and_date() -> None:
    signs = typed(CLEAR).frame("signs")
    assert (signs["reference"].str.len() > 5).all()
    assert signs["since"].str.match(r"\d{4}-\d\d-\d\d").all()


def test_without_enough_figures_no_type_is_named() -> None:
    block = np.full((2, 1, len(CODES)), np.nan)
    block[:, :, CODES.index("economy.growth")] = 0.1
    result = relode.diagnose.citytype(panel_of(block, CODES), Codelist(), typology="citytypes")
    assert (result.frame()["type"] == "").all()
    assert "citytype.unnamed" in {note.code for note in result.notes}
    with pytest.raises(Misfit, match="none of the indicators"):
        relode.diagnose.citytype(panel_of(block[:, :, :1]), Codelist(), typology="citytypes")


def test_the_four_county_paths_have_their_three_steps() -> None:
    paths = TYPOLOGY.of("path")
    assert [kind.code for kind in paths] == list(PATHS)
    assert all(len(kind.steps) == 3 for kind in paths)
    assert all(step.zh and step.en for kind in paths for step in kind.steps)


def test_a_typology_with_an_unknown_key_or_a_lone_type_is_refused(tmp_path: Path) -> None:
    head = 'zh = "a"\nen = "a"\nversion = 1\n'
    sign = (
        '{ indicator = "x", at = 1, width = 1, direction = 1, since = 2020-01-01, zh = "a", en = "a", reference = "r" }'
    )
    one = f'[types.a]\ngroup = "g"\nzh = "a"\nen = "a"\nsigns = [{sign}]\n'
    for text in (head + one, head + "odd = 1\n" + one + one.replace("types.a", "types.b"),
                 head + one.replace("width = 1", "width = 0") + one.replace("types.a", "types.b")):  # fmt: skip
        path = tmp_path / "t.toml"
        path.write_text(text, "utf8")
        with pytest.raises(Misfit):
            Typology.load(path)


def test_labels_that_follow_from_figures_are_told_and_few_labels_decide_nothing() -> None:
    rng = np.random.default_rng(1)
    kinds = ["a", "b"] * 14
    x = rng.normal(0, 0.3, (28, 1, 2)) + np.array([[kind == "a", kind == "b"] for kind in kinds])[:, None] * 3.0
    panel = panel_of(x, ("u", "v"))
    regions = regions_of(panel, kinds, parents=["p", "q", "r", "s"] * 7)
    result = relode.diagnose.citytype_check(panel, regions, indicators=("u", "v"))
    assert result.frame()["share"][0] == 1
    noise = relode.diagnose.citytype_check(
        panel_of(rng.normal(size=(28, 1, 2)), ("u", "v")), regions, indicators=("u", "v")
    )
    assert "citytype.decides_nothing" in {note.code for note in noise.notes}
    with pytest.raises(Misfit, match="label"):
        relode.diagnose.citytype_check(panel, regions_of(panel, ["a"] * 28, ["p"] * 28), indicators=("u", "v"))


def sourced() -> tuple[Panel, Codelist]:
    """The 28 prefectures whose type has a source, with city figures of 2012; skips where they are missing."""
    lists, cities = SHARED / "cn_resource_city_lists_partial.csv", SHARED / "cn_city_panel_2000_2021.csv"
    if not (lists.is_file() and cities.is_file()):
        pytest.skip("the reference data are not beside this checkout (../shared/data)")
    table = pd.read_csv(lists)
    kinds = table[(table["level"] == "prefecture") & table["type_or_grade"].notna()]
    kinds = kinds[kinds["type_or_grade"] != "non_resource"].set_index("name")["type_or_grade"]
    assert len(kinds) == 28
    figures = pd.read_csv(cities)
    wide = figures.pivot(index="city", columns="year", values="gdp_100m_yuan")
    here = figures[(figures["year"] == 2012) & figures["city"].isin(kinds.index)].copy()
    here["industry"] = here["va2_100m_yuan"] / here["gdp_100m_yuan"]
    here["farming"] = here["va1_100m_yuan"] / here["gdp_100m_yuan"]
    here["growth"] = np.log(wide[2012] / wide[2007]).reindex(here["city"]).to_numpy()
    panel = panel_of(here[["industry", "farming", "growth"]].to_numpy()[:, None], ("industry", "farming", "growth"))
    return panel, regions_of(panel, list(kinds[here["city"]]), list(here["province"]))


def test_28_labels_with_a_source_decide_nothing_and_the_answer_says_so() -> None:
    panel, regions = sourced()
    result = relode.diagnose.citytype_check(panel, regions, indicators=("industry", "farming", "growth"))
    found = result.frame("accuracy").iloc[0]
    assert 20 <= found["cases"] <= 28  # some prefectures have no figures
    assert result.frame("guesses")["parent"].nunique() == 4
    assert (found["low"], found["high"]) == pytest.approx(exact_interval(int(found["right"]), int(found["cases"])))
    assert {"citytype.decides_nothing", "citytype.no_better"} <= {note.code for note in result.notes}


def test_the_exact_interval_is_clopper_and_pearsons() -> None:
    from scipy.stats import binomtest

    for right, count in ((0, 28), (11, 28), (28, 28)):
        wanted = binomtest(right, count).proportion_ci(0.95, method="exact")
        assert exact_interval(right, count) == pytest.approx((wanted.low, wanted.high), abs=1e-9)
