"""A recipe asks for what differs from place to place, and says what it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from relode.words.errors import Misfit, UnknownWord
from relode.words.recipe import Recipe
from relode.words.shelf import Shelf

TEXT = """name = "yearly"
zh = "年度"
en = "yearly"
[asks]
plan = ""
places = "1402"
[[step]]
id = "places"
run = "measure.places"
choices = { plan = "$plan", places = ["$places", "1403"], note = "a $ sign is a sign" }
[report]
title = { zh = "{plan}评价", en = "{plan}, evaluated" }
[[report.chapter]]
title = { zh = "结论", en = "Findings on {places}" }
shows = [ { step = "places", say = "headline" } ]
"""


@pytest.fixture
def yearly(tmp_path: Path) -> Recipe:
    path = tmp_path / "yearly.toml"
    path.write_text(TEXT, "utf8")
    return Recipe.load(path)


def test_what_is_asked_for_stands_in_choices_and_titles(yearly: Recipe) -> None:
    ready = yearly.filled({"plan": "mine"}, {"plan": {"zh": "我的方案", "en": "my plan"}})
    assert ready.step[0].choices == {"plan": "mine", "places": ["1402", "1403"], "note": "a $ sign is a sign"}
    assert ready.report.title == {"zh": "我的方案评价", "en": "my plan, evaluated"}
    assert ready.report.chapter[0].title["en"] == "Findings on 1402"
    assert ready.filled({}) == ready


def test_what_is_missing_and_what_is_not_asked_for_are_told_together(yearly: Recipe) -> None:
    with pytest.raises(Exception) as told:
        yearly.filled({"plna": "mine"})
    kinds = {type(fault): fault.code for fault in told.value.faults}  # type: ignore[attr-defined]
    assert kinds == {UnknownWord: "recipe.not_asked", Misfit: "recipe.asks"}


@pytest.mark.parametrize("name", sorted(Shelf().names("recipes")))
def test_every_shipped_recipe_asks_for_what_it_uses_and_uses_what_it_asks_for(name: str) -> None:
    path = Shelf().path("recipes", name)
    asked = set(Recipe.load(path).asks)
    assert all(f'"${one}"' in path.read_text("utf8") for one in asked)
    ready = Recipe.load(path).filled(dict.fromkeys(asked, "given"))
    assert "$" not in str([step.choices for step in ready.step])
    assert "{" not in ready.report.title["zh"] + ready.report.title["en"]
