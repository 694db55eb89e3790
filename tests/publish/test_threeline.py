"""Estimates in three lines: stars or intervals, the outcome's own unit, rows of yes and no, LaTeX."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relode.publish import publish, threeline
from relode.publish.as_tex import escaped, tabular
from relode.publish.blocks import Table
from relode.publish.figures import Shown
from relode.words.note import warn
from relode.words.recipe import Show
from relode.words.result import Labels, Result

from .conftest import card, regions, result
from .effects import effect_result, study


def models(stars: bool = True) -> Result:
    """What evaluate.baseline gives: pooled, then two-way effects, without and with controls."""
    terms = [(1, "treated", 0.5, 0.1), (2, "treated", 0.4, 0.1), (2, "size", 0.3, 0.2), (3, "treated", -0.2, 0.15)]
    coefficients = pd.DataFrame(terms, columns=["model", "term", "estimate", "se"])
    coefficients = coefficients.assign(
        low=coefficients["estimate"] - 2 * coefficients["se"], high=coefficients["estimate"] + 2 * coefficients["se"],
        p=[0.001, 0.03, 0.07, 0.5],
    )  # fmt: skip
    fitted = pd.DataFrame({
        "model": [1, 2, 3], "estimator": ["pooled", "twfe", "callaway_santanna"], "controls": [False, True, False],
        "entity_effects": [False, True, True], "period_effects": [False, True, True], "rows": [600, 600, 12600],
        "clusters": [60, 60, 60], "r2": [0.25, 0.5, np.nan], "stars": stars,
    })  # fmt: skip
    named = card("evaluate.baseline", "基准回归", "Baseline regressions")
    return result({"coefficients": coefficients, "models": fitted}, labels=labels(), card=named, choices={})


def labels(log: bool = False) -> Labels:
    return Labels(regions(3), studies=(study(log),))


def printed(made: Result, style: str, lang: str) -> Table:
    return threeline.table(Shown(made, lang), Show(step="1", style=style), "source")  # type: ignore[arg-type]


def test_the_journals_table_has_stars_brackets_and_rows_of_yes_and_no() -> None:
    table = printed(models(), "cssci", "zh")
    rows = {row[0]: row[1:] for row in table.rows if row[0]}
    assert table.title == "基准回归：增长率"
    assert rows["政策变量"] == ("0.5000***", "0.4000**", "\u22120.2000")
    assert table.rows[1][1:] == ("(0.1000)", "(0.1000)", "(0.1500)")
    assert rows["size"] == ("", "0.3000*", "")
    assert rows["控制变量"] == ("否", "是", "否")
    assert rows["个体固定效应"] == ("否", "是", "是")
    assert rows["N"] == ("600", "600", "12,600")
    assert rows["R²"] == ("0.250", "0.500", "")
    assert table.rules == (3,)  # two terms, each with its error
    assert "***、**、*" in table.foot[0]


def test_the_evaluators_table_has_intervals_in_the_outcomes_unit_and_no_stars() -> None:
    table = printed(models(), "evaluation", "en")
    text = " ".join(cell for row in table.rows for cell in row)
    assert "*" not in text
    assert table.rows[1][1] == "[0.3, 0.7]"
    assert table.foot[0].startswith("Note: 95% intervals")
    assert table.foot[1] == "Effects are in points."


def test_effects_in_logs_are_given_in_percent_to_evaluators() -> None:
    made = effect_result()
    frame = made.tables["effects"].assign(estimate=np.log(1.1), low=np.log(0.95), high=np.log(1.25))
    made = result({"effects": frame}, labels=labels(log=True))
    table = printed(made, "evaluation", "en")
    assert table.rows[0][2:4] == ("10%", "[\u22125%, 25%]")
    assert any("percent" in note for note in table.foot)
    assert printed(made, "cssci", "en").rows[0][2] == "0.0953**"  # journals want the coefficient


def test_a_difference_of_percentages_is_in_percentage_points() -> None:
    outcome = study().outcomes[0]
    told = {}
    for unit in ("%", ""):
        changed = study().but(outcomes=[{"code": outcome.code, "good": 1, "unit": unit}])
        made = result({"effects": effect_result().tables["effects"]}, labels=Labels(regions(3), studies=(changed,)))
        told[unit] = printed(made, "evaluation", "zh").foot[1]
    assert told == {"%": "效应的单位：百分点。", "": "效应的单位：结果变量本身的单位。"}


def test_no_stars_where_the_auditor_says_so() -> None:
    text = " ".join(cell for row in printed(models(stars=False), "cssci", "zh").rows for cell in row)
    assert "*" not in text
    bare = result({"effects": effect_result().tables["effects"]}, labels=labels(), notes=(warn("audit.no_stars"),))
    assert "*" not in " ".join(cell for row in printed(bare, "cssci", "zh").rows for cell in row)


def test_latex_is_escaped_and_has_three_rules() -> None:
    text = tabular(printed(models(), "cssci", "en"))
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1
    assert text.count(r"\midrule") == 2
    assert "0.5000$^{***}$" in text
    assert "$-$0.2000" in text
    assert "R$^{2}$" in text
    assert escaped("5% & more_{x}") == r"5\% \& more\_\{x\}"
    assert text.count(" & ") % 3 == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_publish_writes_the_tables_of_a_result_as_latex_in_both_styles(tmp_path: Path, lang: str) -> None:
    path = publish([models()], tmp_path / "table.tex", lang=lang)
    text = path.read_text("utf8")
    assert text.count(r"\begin{table}") == text.count(r"\end{tabular}") >= 2
    assert "0.5000$^{***}$" in text
    assert "[0.3, 0.7]" in text
    assert rf"\caption{{{threeline.say('table.baseline', lang, outcome=study().outcomes[0].label(lang))}}}" in text
    assert ("ctex" in text) == (lang == "zh")
    assert text == publish([models()], tmp_path / "again.tex", lang=lang).read_text("utf8")
