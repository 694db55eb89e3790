"""Indicator systems are files; every fault of a file is told at once, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from relode.words.errors import Misfit, RelodeError, Several
from relode.words.indicator import IndicatorSystem, formula_names

GOOD = """
name: small
version: 1
zh: 小体系
en: small
groups:
  industry:
    zh: 产业
    en: Industry
    groups:
      coal:
        zh: 煤炭
        en: Coal
        indicators:
          share: {zh: 煤炭占比, en: coal share, unit: "%", direction: -1, range: [0, 100],
                  formula: coal.output / industry.output@district * 100}
"""


def load(tmp_path: Path, text: str) -> IndicatorSystem:
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf8")
    return IndicatorSystem.load(path)


def test_a_tree_of_any_depth_is_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    system = load(tmp_path, GOOD)
    assert system.codes == ("industry.coal.share",)
    assert [group.code for group in system.root.nodes()] == ["industry.coal", "industry", "small"]
    assert system.reads == ("coal.output", "industry.output@district")
    assert system.label("industry.coal", "zh") == "煤炭"


def test_all_faults_of_a_file_are_told_together(tmp_path: Path) -> None:
    text = GOOD.replace("direction: -1", "direction: 2").replace("[0, 100]", "[100, 0]").replace("version: 1\n", "")
    with pytest.raises(Several) as told:
        load(tmp_path, text)
    assert {fault.code for fault in told.value.faults} >= {
        "definition.direction", "definition.range", "definition.lacks",
    }  # fmt: skip
    assert "small.yaml" in str(told.value)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misfit, match="twice"):
        load(tmp_path, GOOD + "  industry: {zh: 又, en: again, indicators: {}}\n")


@pytest.mark.parametrize("formula", ["__import__('os')", "a ** 2", "a[0]", "f(a)", "a if b else c", "a < b", "'x'"])
def test_a_formula_holds_nothing_but_arithmetic(formula: str) -> None:
    with pytest.raises(RelodeError):
        formula_names(formula)


def test_scope_binds_closer_than_arithmetic() -> None:
    assert formula_names("a / gdp@district * -2") == ("a", "gdp@district")


def test_a_best_range_stands_in_place_of_a_direction(tmp_path: Path) -> None:
    for told, best, good in (("[60, 75]", (60.0, 75.0), "60..75"), ("[70, 70]", (70.0, 70.0), "70..70")):
        indicator = load(tmp_path, GOOD.replace("direction: -1", f"best: {told}")).indicators[0]
        assert (indicator.best, indicator.direction, indicator.good) == (best, -1, good)
    assert load(tmp_path, GOOD).indicators[0].good == "-1"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("direction: -1, best: [60, 75]", "definition.best_and_direction"),
        ("direction: 0, best: [60, 75]", "definition.best_and_direction"),
        ("best: [75, 60]", "definition.best"),
        ("best: [60, null]", "definition.best"),
        ("best: [60, .inf]", "definition.best"),
        ("best: [60]", "definition.best"),
        ("best: 60", "definition.best"),
        ("best: [true, 75]", "definition.best"),
        ("best: [60, 101]", "definition.best_outside"),
        ("best: [-1, 60]", "definition.best_outside"),
    ],
)
def test_a_best_range_that_cannot_be_meant_is_refused_with_its_remedy(tmp_path: Path, told: str, code: str) -> None:
    with pytest.raises(Several) as refused:  # the system is left without an indicator, too
        load(tmp_path, GOOD.replace("direction: -1", told))
    fault = refused.value.faults[0]
    assert fault.code == code
    for lang in ("zh", "en"):
        text = fault.told(lang)
        assert "small.yaml, industry.coal.share" in text
        assert text.count("\n") >= 2, "place and remedy"
        assert code not in text


def test_an_open_range_holds_any_best_range_on_its_open_side(tmp_path: Path) -> None:
    text = GOOD.replace("direction: -1", "best: [60, 175]").replace("[0, 100]", "[0, null]")
    assert load(tmp_path, text).indicators[0].best == (60.0, 175.0)
