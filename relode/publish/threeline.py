"""Estimates as people print them: three lines, stars or intervals, rows of yes and no. 三线表

`style = "cssci"` is what journals expect: stars, errors in brackets. `style = "evaluation"` is what ministries can
use: the outcome's own unit (percent where it is in logs), an interval, no stars.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from relode.words.errors import Misfit
from relode.words.study import Outcome, Study
from relode.words.texts import say

from .blocks import Column, Table
from .figures import NOTHING, Shown, number, records

if TYPE_CHECKING:
    from relode.words.recipe import Show
    from relode.words.result import Result

STARS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))
STYLES: tuple[Literal["cssci", "evaluation"], ...] = ("cssci", "evaluation")
FITTED = ("controls", "entity_effects", "period_effects")


@dataclass(frozen=True)
class Printed:
    """Whose estimates are printed, and how."""

    shown: Shown
    style: str
    study: Study
    outcome: Outcome

    @property
    def lang(self) -> str:
        """The reader's language."""
        return self.shown.lang

    def cell(self, row: Mapping[str, Any], *, stars: bool) -> tuple[str, str]:
        """The estimate, and its error or interval."""
        if self.style == "cssci":
            drawn = next((mark for limit, mark in STARS if row["p"] < limit), "") if stars else ""
            return self._four(row["estimate"]) + drawn, _within("()", self._four(row["se"]))
        told = [self._natural(row[name]) for name in ("estimate", "low", "high")]
        return told[0], _within("[]", ", ".join(told[1:])) if NOTHING not in told[1:] else ""

    def _four(self, x: float) -> str:
        return NOTHING if math.isnan(x) else number(x, "#,##0.0000", self.lang)

    def _natural(self, x: float) -> str:
        if math.isnan(x):
            return NOTHING
        value = 100 * math.expm1(x) if self.outcome.log else x
        return f"{value:.3g}".replace("-", "\u2212") + ("%" if self.outcome.log else "")

    def notes(self) -> tuple[str, ...]:
        """What stands below: clusters, stars or the interval's level, percent."""
        inference, lang = self.study.inference, self.lang
        cluster = say(f"table.by_{inference.clusters}", lang)
        if self.style == "cssci":
            return (say("table.note_stars", lang, cluster=cluster),)
        told = say("table.note_interval", lang, cluster=cluster, level=f"{inference.level:.0%}")
        return (told, self._measured())

    def _measured(self) -> str:
        """In what the effects are given."""
        if self.outcome.log:
            return say("table.note_percent", self.lang)
        unit = self.outcome.effect_unit
        named = self.shown.name("unit", unit) if unit else say("table.own_unit", self.lang)
        return say("table.note_unit", self.lang, unit=named)


def table(shown: Shown, show: Show, source: str) -> Table:
    """The estimates of evaluate.baseline (models as columns) or evaluate.did (estimators as rows).

    Raises Misfit for any other result.
    """
    tables = shown.result.tables
    if not _has_estimates(shown.result):
        raise Misfit("publish.style", name=show.style, method=shown.result.method)
    study = shown.result.labels.studies[0]
    code = shown.result.choices.get("outcome") or study.outcomes[0].code
    outcome = next(outcome for outcome in study.outcomes if outcome.code == code)
    printed = Printed(shown, show.style, study, outcome)
    made = _models(printed) if "models" in tables else _estimators(printed)
    return Table(made.title, made.columns, made.rows, (*printed.notes(), source), made.rules)


def both_styles(step: str, result: Result) -> list[Show]:
    """The lines of a layout that print a result's estimates as journals and as ministries want them; none without."""
    from relode.words.recipe import Show

    return [Show(step=step, style=style) for style in STYLES] if _has_estimates(result) else []


def _has_estimates(result: Result) -> bool:
    tables = result.tables.keys()
    return bool(result.labels.studies) and ({"coefficients", "models"} <= tables or "effects" in tables)


def _models(printed: Printed) -> Table:
    """Models (1), (2) ... as columns; below a thin line what is in each."""
    lang, tables = printed.lang, printed.shown.result.tables
    models = records(tables["models"])
    rows: list[tuple[str, ...]] = []
    coefficients = tables["coefficients"]
    for term in dict.fromkeys(coefficients["term"]):
        here = {row["model"]: row for row in records(coefficients[coefficients["term"] == term])}
        cells = [
            printed.cell(here[model["model"]], stars=bool(model["stars"])) if model["model"] in here else ("", "")
            for model in models
        ]
        rows.append((printed.shown.name("term", str(term)), *(cell[0] for cell in cells)))
        rows.append(("", *(cell[1] for cell in cells)))
    body = len(rows) - 1
    for name in FITTED:
        told = (say("table.yes" if model[name] else "table.no", lang) for model in models)
        rows.append((say(f"table.{name}", lang), *told))
    for name in ("rows", "clusters"):
        rows.append((say(f"table.{name}", lang), *(number(model[name], "#,##0", lang) for model in models)))
    fits = ("" if math.isnan(model["r2"]) else number(model["r2"], "0.000", lang) for model in models)
    rows.append((say("table.r2", lang), *fits))
    heads = (f"({model['model']}) {printed.shown.name('estimator', model['estimator'])}" for model in models)
    columns = (Column(""), *(Column(head, centred=True) for head in heads))
    title = say("table.baseline", lang, outcome=printed.outcome.label(lang))
    return Table(title, columns, tuple(rows), rules=(body,))


def _estimators(printed: Printed) -> Table:
    """One estimator a row: what it estimates, effect, error or interval, number of observations."""
    lang, shown = printed.lang, printed.shown
    stars = not any(note.code == "audit.no_stars" for note in shown.result.notes)
    rows = []
    for row in records(shown.result.tables["effects"]):
        told = {name: shown.name(name, row[name]) if name in row else "" for name in ("estimator", "estimand")}
        mark = say("table.headline", lang) if row.get("headline") else ""
        count = number(row["rows"], "#,##0", lang) if "rows" in row else ""
        rows.append((told["estimator"] + mark, told["estimand"], *printed.cell(row, stars=stars), count))
    second = "error" if printed.style == "cssci" else "interval"
    heads = [say(f"table.{name}", lang) for name in ("estimator", "estimand", "effect", second, "rows")]
    columns = tuple(Column(head, centred=n > 1) for n, head in enumerate(heads))
    return Table(say("table.effects", lang, outcome=printed.outcome.label(lang)), columns, tuple(rows))


def _within(brackets: str, text: str) -> str:
    return brackets[0] + text + brackets[1] if text != NOTHING else ""
