"""Every indicator of the systems for China says what it is, what is good, what is possible, and where it comes from."""

from __future__ import annotations

import pytest

from relode.words.indicator import Indicator
from relode.words.shelf import Shelf
from relode.words.texts import LANGUAGES, has, say

SHELF = Shelf()
SYSTEMS = ("core30", "city12", "nqpf_chains", "nqpf_elements", "nqpf_subject_factor_structure")
EVERY = [(name, one) for name in SYSTEMS for one in SHELF.system(name).indicators]


@pytest.mark.parametrize(("name", "one"), EVERY, ids=lambda part: part.code if isinstance(part, Indicator) else part)
def test_an_indicator_is_whole(name: str, one: Indicator) -> None:
    assert one.zh
    assert one.en
    assert one.direction in (-1, 1)
    assert one.source
    assert has(f"unit.{one.unit}")
    assert one.formula
    assert set(one.reads) <= set(SHELF.facts), "made of facts that a catalogue declares"
    assert one.range != (None, None) or one.note_zh, "bounded, or it is said why not"
    told = "/" in one.formula or one.note_zh or one.code == "industry.growth"
    assert told, "the denominator stands in the formula, or the note says what it is"
    assert bool(one.note_zh) == bool(one.note_en)


@pytest.mark.parametrize("code", sorted({code for _, one in EVERY for code in one.reads}))
def test_a_fact_has_names_and_a_unit_that_people_read(code: str) -> None:
    fact = SHELF.facts[code]
    assert fact.zh
    assert fact.en
    assert all(say(f"unit.{fact.unit}", lang, default="") for lang in LANGUAGES)


def test_the_proposal_has_thirty_and_the_short_system_twelve() -> None:
    assert [len(SHELF.system(name).indicators) for name in ("core30", "city12")] == [30, 12]
    assert "建议稿" in SHELF.system("core30").root.zh


def test_the_three_links_of_the_framework_are_kept() -> None:
    links = SHELF.system("nqpf_subject_factor_structure").links
    assert [(link.origin, link.target) for link in links] == [
        ("subject", "inner_drive"), ("factor", "support"), ("structure", "path"),
    ]  # fmt: skip
