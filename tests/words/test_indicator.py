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
