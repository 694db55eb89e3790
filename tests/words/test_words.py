"""Codelists, ties, log, rules, recipes and texts: small, strict, and clear in what they say."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from relode.words.codelist import Codelist, Entity
from relode.words.errors import Misfit, UnknownWord
from relode.words.field import Field
from relode.words.log import Event, Log, spine
from relode.words.period import frequency, one_frequency, ordinal
from relode.words.recipe import Recipe
from relode.words.rules import Rules
from relode.words.shelf import Shelf
from relode.words.texts import DATA, catalogue
from relode.words.ties import Ties

SHANXI = Codelist.of(
    [Entity("14", "山西", level="province"), Entity("1402", "大同", en="Datong", parent="14", type="coal", lon=113.3)]
)


def test_a_codelist_survives_its_file_with_bom_and_chinese_path(tmp_path: Path) -> None:
    path = tmp_path / "山西 地市.csv"
    SHANXI.save(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert Codelist.load(path) == SHANXI


def test_an_entity_is_found_by_any_of_its_names() -> None:
    assert {SHANXI.find(name).code for name in ("1402", "大同", "Datong")} == {"1402"}
    with pytest.raises(UnknownWord, match="Datong"):
        SHANXI.find("Datonk")
    assert SHANXI.under("14") == ("14", "1402")


def test_a_name_that_two_entities_share_is_not_guessed() -> None:
    twins = Codelist.of([Entity("22", "吉林"), Entity("2202", "吉林")])
    with pytest.raises(Misfit, match="2202"):
        twins.find("吉林")


def test_a_code_stands_once() -> None:
    with pytest.raises(Misfit):
        Codelist.of([Entity("1", "a"), Entity("1", "b")])


def test_periods_know_their_frequency_and_order() -> None:
    assert [frequency(p) for p in ("2024", "2024H2", "2024Q4", "2024-11")] == ["year", "half", "quarter", "month"]
    assert ordinal("2024Q1") - ordinal("2023Q4") == 1
    assert one_frequency(["2023", "2024"]) == "year"
    with pytest.raises(Misfit):
        frequency("2024-13")


def test_a_pair_is_tied_once() -> None:
    ties = Ties(("A", "A"), ("B", "C"), ("neighbour", "neighbour"), np.ones(2))
    assert ties.of("A") == ("B", "C")
    with pytest.raises(Misfit, match="A/B"):
        Ties(("A", "A"), ("B", "B"), ("neighbour", "neighbour"), np.ones(2))


def test_the_log_knows_the_spine_of_the_loop() -> None:
    order = ["goal", "bottleneck", "link", "policy", "project", "task", "money", "result", "decision"]
    assert [kind for kind in spine() if kind in order] == order
    for kind in order:
        assert set(spine()[kind]["links"]) <= set(spine())
        assert all(event["zh"] and event["en"] for event in spine()[kind]["events"].values())
    event = Event("task:2025-03", "2025-03-01T00:00:00Z", "dispatch", "assigned")
    assert Log((event,)).of("task:2025-03") == (event,)
    with pytest.raises(UnknownWord, match="assigned"):
        Event("task:2025-03", "2025-03-01T00:00:00Z", "dispatch", "asigned")
    with pytest.raises(UnknownWord):
        Event("chore:1", "2025-03-01T00:00:00Z", "dispatch", "assigned")


def test_a_field_is_known_by_the_bytes_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "dem.tif"
    path.write_bytes(b"raster")
    assert Field(path, "elevation", "m", "2000").fingerprint != Field(path, "elevation", "km", "2000").fingerprint
    with pytest.raises(Misfit):
        Field(tmp_path / "none.tif", "elevation", "m", "2000")


def test_a_rule_has_the_value_of_its_day(tmp_path: Path) -> None:
    path = tmp_path / "lamps.toml"
    path.write_text(
        '[yellow]\nzh = "黄"\nen = "yellow"\nvalues = [\n'
        '{since = 2020-01-01, value = 0.9, unit = "share", reference = "first"},\n'
        '{since = 2024-01-01, value = 0.8, unit = "share", reference = "second"}]\n',
        encoding="utf8",
    )
    rules = Rules.load(path)
    assert rules["yellow"].on(date(2022, 1, 1)).value == 0.9
    assert rules["yellow"].on().reference == "second"
    with pytest.raises(Misfit):
        rules["yellow"].on(date(2019, 1, 1))
    with pytest.raises(UnknownWord):
        rules["red"]


def test_a_recipe_that_shows_a_step_it_does_not_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "annual.toml"
    text = (
        'name = "annual"\nzh = "年"\nen = "annual"\n[[step]]\nid = "level"\nrun = "measure.index"\n'
        '[report]\ntitle = {zh = "题", en = "title"}\n[[report.chapter]]\ntitle = {zh = "章", en = "chapter"}\n'
        'shows = [{step = "levl", table = "ranks"}]\n'
    )
    path.write_text(text, encoding="utf8")
    with pytest.raises(UnknownWord, match="level"):
        Recipe.load(path)
    path.write_text(text.replace("levl", "level"), encoding="utf8")
    assert Recipe.load(path).step[0].run == "measure.index"


def test_the_places_own_definition_hides_the_packages(tmp_path: Path) -> None:
    (tmp_path / "a" / "plans").mkdir(parents=True)
    (tmp_path / "b" / "plans").mkdir(parents=True)
    for folder in "ab":
        (tmp_path / folder / "plans" / "p.toml").write_text("", encoding="utf8")
    shelf = Shelf((tmp_path / "a", tmp_path / "b"))
    assert shelf.path("plans", "p") == tmp_path / "a" / "plans" / "p.toml"
    with pytest.raises(UnknownWord, match="p"):
        shelf.path("plans", "q")


def test_a_text_stands_in_one_file_only() -> None:
    found: dict[str, str] = {}
    for path in sorted((DATA / "texts").glob("*.toml")):
        for code in tomllib.loads(path.read_text("utf8")):
            assert code not in found, f"{code} stands in {found[code]} and in {path.name}"
            found[code] = path.name


def test_the_gaps_of_a_sentence_are_spelt_alike_in_both_languages() -> None:
    from string import Formatter

    for code, entry in catalogue().items():
        gaps = {
            lang: {name.removesuffix(f"_{lang}") for _, name, _, _ in Formatter().parse(text) if name}
            for lang, text in entry.items()
        }
        assert gaps["zh"] <= gaps["en"] or gaps["en"] <= gaps["zh"], f"{code}: a gap is misspelt in one of the two"
        assert all(text.strip() for text in entry.values()), code
