"""Checks find what was planted, say what it most likely is, and find nothing where nothing was planted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relode.gather import consistency as check
from relode.gather.changes import changes_of
from relode.gather.coverage import available, lacking_facts, marked, missing, scorecard
from relode.gather.findings import COLUMNS, FINDINGS, REASONS
from relode.words.codelist import Codelist, Entity
from relode.words.errors import UnknownWord
from relode.words.indicator import Indicator, system_of
from relode.words.panel import Panel
from relode.words.texts import DATA, has

YEARS = tuple(str(year) for year in range(2010, 2020))
CITIES = ("1", "2", "3", "4", "5")
SECTORS = ("primary", "secondary", "tertiary")


def growing() -> np.ndarray:
    """Five cities of ten years, GDP and three sectors that add up exactly. Shape (entity, period, indicator)"""
    growth = 1.07 ** np.arange(10)
    size = np.array([100.0, 220.0, 350.0, 480.0, 610.0])
    sectors = size[:, None, None] * growth[None, :, None] * np.array([0.125, 0.5, 0.375])
    return np.concatenate([sectors.sum(axis=2, keepdims=True), sectors], axis=2)


def panel_of(block: np.ndarray, entities: tuple[str, ...] = CITIES, status: np.ndarray | None = None) -> Panel:
    kept = None if status is None else status[None]
    return Panel(block[None], ("actual",), entities, YEARS, ("gdp", *SECTORS), status=kept)


def all_checks(panel: Panel) -> pd.DataFrame:
    return check.joined(
        [check.parts(panel, total="gdp", of=SECTORS), check.jumps(panel), check.zeros(panel), check.unchanged(panel)]
    )


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    found = all_checks(panel_of(growing()))
    assert list(found.columns) == list(COLUMNS)
    assert len(found) == 0


def test_sectors_that_miss_their_total_are_found() -> None:
    block = growing()
    block[1, 3, 0] *= 1.03
    found = check.parts(panel_of(block), total="gdp", of=SECTORS)
    assert found[["finding", "entity", "period", "indicator", "reason"]].to_numpy().tolist() == [
        ["parts", "2", "2013", "gdp", "unknown"]
    ]
    assert found["gap"].item() == pytest.approx(1 / 1.03 - 1)
    assert check.parts(panel_of(block), total="gdp", of=SECTORS, tolerance=0.05).empty


def test_a_shifted_row_is_named() -> None:
    block = growing()
    block[2, 4:9, 0] = block[2, 5:10, 0]
    found = check.parts(panel_of(block), total="gdp", of=SECTORS)
    assert set(found["reason"]) == {"row_shift"}
    assert found["period"].tolist() == ["2014", "2015", "2016", "2017", "2018"]


def test_a_wrong_unit_is_named() -> None:
    block = growing()
    block[0, 5, 0] *= 10_000
    parts = check.parts(panel_of(block), total="gdp", of=SECTORS)
    assert parts["reason"].tolist() == ["unit"]
    slips = check.jumps(panel_of(block), ["gdp"])
    assert slips[["finding", "period", "reason"]].to_numpy().tolist() == [
        ["unit_slip", "2015", "unit"], ["unit_slip", "2016", "unit"],
    ]  # fmt: skip
    assert slips["expected"].iloc[0] == pytest.approx(growing()[0, 5, 0])


def test_a_jump_is_told_from_a_boom_that_all_share() -> None:
    block = growing()
    block[:, 6:] *= 1.9  # a change of definition that reaches everybody
    assert check.jumps(panel_of(block)).empty
    block[3, 8:] *= 1.8
    found = check.jumps(panel_of(block), ["gdp"])
    assert found[["finding", "entity", "period", "reason"]].to_numpy().tolist() == [["jump", "4", "2018", "unknown"]]


def test_a_known_change_of_territory_explains_a_jump() -> None:
    block = growing()
    block[3, 8:] *= 1.8
    found = check.jumps(panel_of(block), ["gdp"], changes={("4", "2018"): "somewhere"})
    assert found["reason"].tolist() == ["boundary"]


def test_the_known_changes_of_china_are_read() -> None:
    changes = changes_of()
    assert changes["370100", "2019"] == "莱芜市"  # what came in, as seen from Jinan
    assert changes["340100", "2011"] == "巢湖市"
    assert ("510100", "2016") in changes


def test_mergers_in_the_codelist_are_changes_too() -> None:
    regions = Codelist.load(DATA / "regions" / "china_cities.csv")
    changes = changes_of(regions=regions)
    assert changes["450200", "2002"] == "柳州地区"
    assert ("650400", "2015") not in changes  # 吐鲁番 only changed its code


@pytest.mark.shared
def test_the_jumps_of_area_are_those_of_the_map() -> None:
    # twelve jumps of area beyond one half in the panel of 341 cities; most are changes of territory
    path = Path(__file__).parents[2].parent / "shared" / "data" / "cn_city_panel_2000_2021.csv"
    if not path.is_file():
        pytest.skip("the reference data are not beside the repository")
    facts = pd.read_csv(path, dtype={"city_code": str}).dropna(subset=["area_km2"])
    facts = facts.assign(entity=facts["city_code"].str[:6], period=facts["year"].astype(str), indicator="area")
    area = Panel.of(facts.rename(columns={"area_km2": "value"})[["entity", "period", "indicator", "value"]])
    regions = Codelist.load(DATA / "regions" / "china_cities.csv")
    found = check.jumps(area, changes=changes_of(regions=regions))
    assert len(found) == 12
    assert found["reason"].value_counts().to_dict() == {"boundary": 9, "unknown": 3}


def test_a_file_of_changes_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("year,name,from\n2016,a,1\n", "utf8")
    with pytest.raises(UnknownWord):
        changes_of(path)


def test_zeros_between_figures_are_probably_blanks() -> None:
    block = growing()
    block[0, 4, 1] = 0
    block[1, 0, 1] = 0  # nothing before: it may have begun
    found = check.zeros(panel_of(block))
    assert found[["entity", "period", "indicator", "reason"]].to_numpy().tolist() == [["1", "2014", "primary", "blank"]]


def test_a_figure_carried_forward_is_found() -> None:
    block = growing()
    block[0, 4, 2] = block[0, 3, 2]
    found = check.unchanged(panel_of(block))
    assert found[["entity", "period", "indicator"]].to_numpy().tolist() == [["1", "2014", "secondary"]]


def test_impossible_figures_are_found() -> None:
    block = growing()
    block[2, 2, 1] = -4.0
    known = {"primary": Indicator("primary", "第一产业", "primary", "亿元", range=(0, None))}
    found = check.ranges(panel_of(block), known)
    assert found[["finding", "entity", "measured", "expected"]].to_numpy().tolist() == [["range", "3", -4.0, 0.0]]


def test_breaks_are_those_that_the_figures_or_the_map_tell() -> None:
    status = np.zeros((5, 10, 4), np.uint8)
    status[0, 5, 0] = 5  # B
    found = check.breaks(panel_of(growing(), status=status), changes={("2", "2016"): "x"})
    assert found[found["indicator"] == "gdp"][["entity", "period", "reason"]].to_numpy().tolist() == [
        ["1", "2015", "unknown"], ["2", "2016", "boundary"],
    ]  # fmt: skip


REGIONS = Codelist(
    (
        Entity("P", "p", level="province"),
        Entity("1", "a", parent="P", level="city"),
        Entity("2", "b", parent="P", level="city", until="2015", into="3"),
        Entity("3", "c", parent="P", level="city"),
        Entity("M", "m", level="province city"),
    )
)


def provincial(factor: float) -> Panel:
    cities = growing()[:3]
    cities[1, 5:] = np.nan  # city 2 ended in 2015
    province = np.nansum(cities, axis=0)[None] * factor
    return panel_of(np.concatenate([cities, province, province]), ("1", "2", "3", "P", "M"))


def test_cities_are_held_against_their_province() -> None:
    assert check.whole(provincial(1.0), REGIONS, ["gdp"]).empty
    found = check.whole(provincial(1.25), REGIONS, ["gdp"])
    assert len(found) == 10
    assert set(found["entity"]) == {"P"}
    assert found["gap"].to_numpy() == pytest.approx(-0.2)
    assert set(found["reason"]) == {"unknown"}


def test_a_city_that_is_not_there_is_the_reason() -> None:
    regions = Codelist((*REGIONS.values(), Entity("4", "d", parent="P", level="county")))
    assert set(check.whole(provincial(1.25), regions, ["gdp"])["reason"]) == {"coverage"}


def test_a_gap_in_one_city_is_not_judged() -> None:
    panel = provincial(1.25)
    values = panel.values.copy()
    values[0, 0, 3, 0] = np.nan
    found = check.whole(Panel(values, *list(panel.axes.values())), REGIONS, ["gdp"])
    assert "2013" not in set(found["period"])


def test_two_sources_are_held_against_each_other() -> None:
    block = growing()
    block[0, 0, 0] *= 1.5
    block[1, 1, 0] *= 10_000
    found = check.against(panel_of(block), panel_of(growing()))
    assert found[["finding", "entity", "period", "reason"]].to_numpy().tolist() == [
        ["conflict", "1", "2010", "unknown"], ["conflict", "2", "2011", "unit"],
    ]  # fmt: skip


def test_doubles_and_conflicts_are_told_apart() -> None:
    facts = pd.DataFrame(
        {"entity": ["1"] * 4, "period": ["2010", "2010", "2010", "2011"], "indicator": ["gdp"] * 4,
         "value": [10.0, 10.0, 13.0, 9.0]}
    )  # fmt: skip
    found = check.doubles(facts)
    assert found["finding"].tolist() == ["double", "conflict"]
    assert found["expected"].tolist() == [10.0, 10.0]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 4), st.integers(1, 9), st.sampled_from([10.0, 100.0, 1000.0, 10_000.0, 0.01]))
def test_a_planted_unit_slip_is_always_found_and_nothing_else(entity: int, period: int, factor: float) -> None:
    block = growing()
    block[entity, period] *= factor
    found = check.jumps(panel_of(block), ["gdp"])
    assert set(found["entity"]) == {CITIES[entity]}
    assert set(found["finding"]) == {"unit_slip"}
    assert YEARS[period] in set(found["period"])


@settings(deadline=None, max_examples=30)
@given(st.floats(0.001, 1000))
def test_the_unit_of_the_figures_changes_no_finding(factor: float) -> None:
    block = growing()
    block[1, 3, 0] *= 1.8
    one, other = all_checks(panel_of(block)), all_checks(panel_of(block * factor))
    keys = ["finding", "entity", "period", "indicator", "reason"]
    assert one[keys].equals(other[keys])


def test_every_finding_and_reason_is_said_in_both_languages() -> None:
    assert all(has(f"code.finding.{code}") for code in FINDINGS)
    assert all(has(f"code.reason.{code}") for code in REASONS)


# -- coverage ------------------------------------------------------------------------------------------------

SYSTEM = system_of(
    {
        "name": "s", "version": 1, "zh": "体系", "en": "system",
        "groups": {
            "a": {"zh": "甲", "en": "A", "indicators": {
                "share": {"zh": "占比", "en": "share", "unit": "%", "direction": 1, "formula": "primary / gdp * 100"}}},
            "b": {"zh": "乙", "en": "B", "indicators": {
                "jobs": {"zh": "岗位", "en": "jobs", "unit": "persons", "direction": 1, "formula": "jobs_total"}}},
        },
    }
)  # fmt: skip


def test_coverage_is_told_by_dimension_entity_and_period() -> None:
    block = growing()
    block[0, :5, 1] = np.nan
    frame = missing(panel_of(block), SYSTEM)
    cell = frame.set_index(["node", "entity", "period"])
    assert cell.loc[("s", "", ""), ["available", "of"]].tolist() == [45, 100]
    assert cell.loc[("a", "", ""), "share"] == pytest.approx(0.9)
    assert cell.loc[("b.jobs", "", ""), "available"] == 0
    assert cell.loc[("s", "1", "2010"), "share"] == 0
    assert cell.loc[("s", "1", ""), "available"] == 5
    assert lacking_facts(panel_of(block), SYSTEM) == ("jobs_total",)
    assert available(panel_of(block), SYSTEM).shape == (5, 10, 2)


def marks_of(
    block: np.ndarray, regions: Codelist | None = None, now: str = "2019"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    panel = panel_of(block)
    marks = marked(panel, SYSTEM, regions or Codelist(), all_checks(panel), now=now)
    nodes, places = scorecard(marks, panel, SYSTEM)
    return nodes.set_index("node"), places.set_index("entity")


def test_the_four_marks() -> None:
    block = growing()
    block[1, 8:, :] = np.nan  # city 2 reports late
    block[2, 3, 0] *= 1.5  # and city 3 contradicts itself
    nodes, places = marks_of(block)
    # of the two facts that the share reads: jobs nobody has, in any year
    assert places.loc["1"].tolist() == [0.5, 1.0, 1.0, 1.0, 20]
    assert places.loc["2", "timeliness"] == 0
    assert places.loc["2", "completeness"] == 0.4
    assert places.loc["3", "consistency"] == pytest.approx(1 - 1 / 20)
    assert places.loc["3", "correctness"] == pytest.approx(1 - 1 / 20) or places.loc["3", "correctness"] == 1
    assert nodes.loc["s", "completeness"] == pytest.approx(0.48)
    assert nodes.loc["a", "completeness"] == pytest.approx(0.96)
    assert nodes.loc["b.jobs", "completeness"] == 0
    assert nodes.loc["b.jobs", "figures"] == 0


def test_nobody_is_asked_for_years_before_the_first_figure_or_after_the_end_of_the_unit() -> None:
    block = growing()
    block[:, :3] = np.nan  # the series begins in 2013
    block[1, 5:] = np.nan  # and city 2 ended in 2015
    ended = Codelist((Entity("2", "b", level="city", until="2015"),))
    nodes, places = marks_of(block, ended)
    assert nodes.loc["a", "completeness"] == 1
    assert np.isnan(places.loc["2", "timeliness"])  # nothing newer can be expected of it
    assert marks_of(block)[0].loc["a", "completeness"] == pytest.approx(30 / 35)


def test_a_jump_where_the_territory_changed_is_no_doubt() -> None:
    block = growing()
    block[3, 8:] *= 1.8
    panel = panel_of(block)
    found = check.jumps(panel, ["gdp"], changes={("4", "2018"): "somewhere"})
    marks = marked(panel, SYSTEM, Codelist(), found, now="2019")
    assert scorecard(marks, panel, SYSTEM)[1].set_index("entity").loc["4", "correctness"] == 1


def test_a_row_that_was_pasted_twice_is_found_and_one_equal_figure_is_not() -> None:
    block = growing()
    block[4, 2, :2] = block[0, 2, :2]
    block[3, 7, 1] = block[1, 7, 1]
    found = check.copies(panel_of(block))
    assert found[["finding", "entity", "period", "indicator"]].to_numpy().tolist() == [
        ["copied", "5", "2012", "gdp"], ["copied", "5", "2012", "primary"],
    ]  # fmt: skip
    assert check.copies(panel_of(block), level={"5": "province"}).empty


def test_what_is_restless_by_nature_does_not_jump_every_year() -> None:
    generator = np.random.default_rng(1)
    block = growing() * np.exp(generator.normal(0, 0.6, (5, 10, 4)))
    assert len(check.jumps(panel_of(block), ["gdp"], usual=0)) > 10
    assert check.jumps(panel_of(block), ["gdp"]).empty


def test_an_indicator_that_stands_still_is_not_carried_forward() -> None:
    block = growing()
    block[:, :, 2] = 16.5
    assert check.unchanged(panel_of(block)).empty
