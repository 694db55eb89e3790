"""The indicator systems that ship: every formula has its facts, every unit is told, proposals say that they are."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from relode.gather.coverage import lacking_facts, missing
from relode.gather.units import ratio_of, unit_of
from relode.measure import index
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, UnknownWord
from relode.words.indicator import IndicatorSystem, facts_of, formula_tree, read_yaml, system_of
from relode.words.panel import Panel
from relode.words.plan import Plan
from relode.words.shelf import Shelf
from relode.words.texts import DATA, say

SHELF = Shelf()
NAMES = ("core30", "city12", "nqpf_chains", "nqpf_elements", "nqpf_subject_factor_structure")
CITY_FACTS = facts_of(read_yaml(DATA / "indicators" / "china_city_facts.yaml"))


def systems() -> list[IndicatorSystem]:
    return [SHELF.system(name) for name in NAMES]


def test_the_systems_have_as_many_indicators_as_their_names_say() -> None:
    assert len(SHELF.system("core30").codes) == 30
    assert len(SHELF.system("city12").codes) == 12


@pytest.mark.parametrize("name", NAMES)
def test_every_indicator_is_whole(name: str) -> None:
    system = SHELF.system(name)
    assert system.source
    assert system.note_zh
    assert system.note_en
    for indicator in system.indicators:
        assert indicator.direction
        assert indicator.source
        assert all(code in SHELF.facts for code in indicator.reads), indicator.code
        assert not indicator.en.isupper()
        formula_tree(indicator.formula)


@pytest.mark.parametrize("name", NAMES)
def test_the_unit_of_an_indicator_is_that_of_its_formula(name: str) -> None:
    """The formula is worked through in units: every fact as one of its unit, in base units; so is the result."""
    for indicator in SHELF.system(name).indicators:
        facts = [unit_of(SHELF.facts[code].unit) for code in indicator.reads]
        if "-" in indicator.formula or "+" in indicator.formula:
            assert len({fact.dimensions for fact in facts[:2]}) == 1, indicator.code
            continue
        powers: dict[str, int] = {}
        factor = 1.0
        parts = indicator.formula.replace("/", "* /").split("*")
        for part in (text.strip() for text in parts):
            sign, word = (-1, part[1:].strip()) if part.startswith("/") else (1, part)
            if word.replace(".", "").isdigit():
                factor /= float(word) ** sign  # a number in the formula is divided away by the unit of the result
                continue
            unit = unit_of(SHELF.facts[word].unit)
            factor *= float(unit.factor) ** sign
            for dimension, power in unit.dimensions:
                powers[dimension] = powers.get(dimension, 0) + sign * power
        wanted = unit_of(indicator.unit)
        left = {dimension: power for dimension, power in powers.items() if power and dimension != "share"}
        kept = {dimension: power for dimension, power in wanted.dimensions if dimension != "share"}
        assert left == kept, indicator.code
        assert factor == pytest.approx(float(wanted.factor), rel=1e-12), indicator.code


def test_every_unit_is_told_in_both_languages() -> None:
    units = {indicator.unit for system in systems() for indicator in system.indicators}
    units |= {fact.unit for fact in CITY_FACTS}
    units |= {fact.unit for fact in facts_of(read_yaml(DATA / "indicators" / "transition_facts.yaml"))}
    for unit in units - {"%"}:
        told = say(f"unit.{unit}", "zh", default="")
        assert told, unit
        assert ratio_of(told, unit) == 1


def test_a_proposal_says_that_it_is_one() -> None:
    core = SHELF.system("core30")
    assert "建议稿" in core.root.zh
    assert "proposal" in core.root.en
    assert "没有列出" in core.note_zh
    assert "does not list them" in core.note_en


def test_the_framework_of_subject_factor_and_structure_keeps_its_links() -> None:
    links = SHELF.system("nqpf_subject_factor_structure").links
    assert [(link.origin, link.target) for link in links] == [
        ("subject", "inner_drive"), ("factor", "support"), ("structure", "path"),
    ]  # fmt: skip
    assert all(link.label("zh") != link.label("en") for link in links)


def test_links_name_groups_that_are_there() -> None:
    group = {"zh": "甲", "en": "A", "indicators": {"x": {"zh": "一", "en": "x", "unit": "%"}}}
    spec = {"name": "s", "version": 1, "zh": "体系", "en": "system", "groups": {"a": group}}
    assert system_of({**spec, "links": [["a", "a", "因", "why"]]}).links[0].en == "why"
    with pytest.raises(UnknownWord) as told:
        system_of({**spec, "links": [["a", "b", "因", "why"]]})
    assert told.value.code == "definition.link_group"
    with pytest.raises(Misfit) as told_too:
        system_of({**spec, "links": [["a", "b"]]})
    assert told_too.value.code == "definition.link"


def test_the_plan_of_resource_cities_holds_those_of_the_list_that_are_left() -> None:
    with (DATA / "regions" / "lists" / "resource_cities_2013.csv").open(encoding="utf8", newline="") as file:
        listed = [row["code"] for row in csv.DictReader(file)]
    regions = Codelist.load(DATA / "regions" / "china_cities.csv")
    left = [code for code in listed if code in regions and not regions[code].until]  # counties stand elsewhere
    assert list(Plan.named("city12_resource").select.entities) == left
    assert len(left) == 125


# -- what public city tables can fill --------------------------------------------------------------------------


def cities(count: int = 40, periods: tuple[str, ...] = ("2021", "2022", "2023")) -> tuple[Panel, Codelist]:
    """Made figures of every fact that the city tables have, for the first cities of the codelist."""
    regions = Codelist.load(DATA / "regions" / "china_cities.csv")
    codes = tuple(code for code in regions.at("city") if not regions[code].until)[:count]
    facts = tuple(fact.code for fact in CITY_FACTS)
    rng = np.random.default_rng(20231231)
    values = rng.uniform(50, 150, (1, count, len(periods), len(facts)))
    units = tuple(fact.unit for fact in CITY_FACTS)
    return Panel(values, ("actual",), codes, periods, facts, units=units), regions


def test_city_tables_fill_city12_and_it_ranks() -> None:
    panel, regions = cities()
    table = missing(panel, SHELF.system("city12")).set_index(["node", "entity", "period"])
    assert table.loc[("city12", "", ""), "share"] == 1
    plan = Plan.named("city12").but(uncertainty={"draws": 20, "normalise": (), "aggregate": ()})
    result = index(panel, regions, plan=plan)
    ranks = result.frame("ranks")
    assert sorted(ranks[ranks["period"] == "2023"]["rank"].astype(int)) == list(range(1, 41))


def test_city_tables_do_not_fill_core30_and_it_refuses() -> None:
    panel, regions = cities()
    table = missing(panel, SHELF.system("core30")).set_index(["node", "entity", "period"])
    assert table.loc[("core30", "", ""), "share"] < 0.1
    assert table.loc[("livelihood", "", ""), "available"] == 0
    assert "rd.spending" in lacking_facts(panel, SHELF.system("core30"))
    with pytest.raises(Misfit) as told:
        index(panel, regions, plan=Plan.named("core30"))
    assert told.value.code == "index.nobody"
