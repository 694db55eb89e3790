"""Tables as people print them: three rules, stars or intervals, rows of yes and no. A description; publish inks it.

`style="cssci"` is what journals expect: stars, errors in brackets. `style="evaluation"` is what ministries can use:
the outcome's own unit (percent where it is in logs), an interval, no stars.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..words.result import Result
from ..words.study import Control, Outcome, Study
from ..words.texts import say

if TYPE_CHECKING:
    import pandas as pd

Style = Literal["cssci", "evaluation"]
STARS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))


@dataclass(frozen=True)
class ThreeLine:
    """A table with three rules. `rules` are positions of rows after which a thin line stands; cells are text.

    `frame` is the same as a pandas frame, for workbooks.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    rules: tuple[int, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """The cells as a frame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.head))


def regression_table(result: Result, study: Study, *, style: Style = "cssci", lang: str = "zh") -> ThreeLine:
    """The models of `evaluate.baseline` as columns (1), (2) ...

    Raises   KeyError where the result is not of evaluate.baseline
    """
    coefficients, models = result.tables["coefficients"], result.tables["models"]
    outcome = _outcome(result, study)
    rows: list[tuple[str, ...]] = []
    for term in dict.fromkeys(coefficients["term"]):
        here = coefficients[coefficients["term"] == term].set_index("model")
        cells = [
            _cell(here.loc[m].to_dict(), style, percent=outcome.log, stars=bool(s)) if m in here.index else ("", "")
            for m, s in zip(models["model"], models["stars"], strict=True)
        ]
        rows.append((_term(term, study, lang), *(cell[0] for cell in cells)))
        rows.append(("", *(cell[1] for cell in cells)))
    body = len(rows)
    for name in ("controls", "entity_effects", "period_effects"):
        rows.append((say(f"table.{name}", lang), *(say("table.yes" if v else "table.no", lang) for v in models[name])))
    rows.append((say("table.rows", lang), *(f"{int(v):,}" for v in models["rows"])))
    rows.append((say("table.clusters", lang), *(f"{int(v):,}" for v in models["clusters"])))
    rows.append((say("table.r2", lang), *("" if math.isnan(v) else f"{v:.3f}" for v in models["r2"])))
    head = (
        "",
        *(
            f"({m}) {say(f'code.estimator.{e}', lang)}"
            for m, e in zip(models["model"], models["estimator"], strict=True)
        ),
    )
    title = say("table.baseline", lang, outcome=outcome.label(lang))
    return ThreeLine(title, head, tuple(rows), _notes(study, style, lang, percent=outcome.log), (body - 1,))


def effects_table(result: Result, study: Study, *, style: Style = "cssci", lang: str = "zh") -> ThreeLine:
    """The estimators of `evaluate.did`, one per row: estimator, what it estimates, effect, error or interval, N.

    Raises   KeyError where the result is not of evaluate.did
    """
    effects = result.tables["effects"]
    outcome = _outcome(result, study)
    stars = not any(note.code == "audit.no_stars" for note in result.notes)
    second = say("table.error" if style == "cssci" else "table.interval", lang)
    rows = []
    for row in effects.to_dict("records"):
        value, below = _cell(row, style, percent=outcome.log, stars=stars)
        label = say(f"code.estimator.{row['estimator']}", lang) + (
            say("table.headline", lang) if row["headline"] else ""
        )
        rows.append((label, say(f"code.estimand.{row['estimand']}", lang), value, below, f"{int(row['rows']):,}"))
    head = (say("table.estimator", lang), say("table.estimand", lang), say("table.effect", lang), second,
            say("table.rows", lang))  # fmt: skip
    title = say("table.effects", lang, outcome=outcome.label(lang))
    return ThreeLine(title, head, tuple(rows), _notes(study, style, lang, percent=outcome.log))


def describe_table(result: Result, study: Study, *, lang: str = "zh") -> ThreeLine:
    """The summary statistics of `evaluate.baseline`."""
    table = result.tables["describe"]
    names = ("rows", "mean", "sd", "min", "median", "max")
    rows = [
        (_term(row["variable"], study, lang), f"{int(row['rows']):,}", *(f"{row[n]:.4g}" for n in names[1:]))
        for row in table.to_dict("records")
    ]
    head = (say("table.variable", lang), *(say(f"table.{name}", lang) for name in names))
    return ThreeLine(say("table.describe", lang), head, tuple(rows), ())


def _cell(row: Mapping[Any, Any], style: Style, *, percent: bool, stars: bool) -> tuple[str, str]:
    """What stands in the row of the effect, and in the row (or column) of its uncertainty."""
    if style == "cssci":
        drawn = next((mark for limit, mark in STARS if row["p"] < limit), "") if stars else ""
        return f"{row['estimate']:.4f}{drawn}", f"({row['se']:.4f})"
    turned = [100 * math.expm1(row[name]) if percent else row[name] for name in ("estimate", "low", "high")]
    unit = "%" if percent else ""
    return f"{turned[0]:.3g}{unit}", f"[{turned[1]:.3g}{unit}, {turned[2]:.3g}{unit}]"


def _term(term: str, study: Study, lang: str) -> str:
    if term == "treated":
        return say("table.treated", lang)
    named: tuple[Outcome | Control, ...] = (*study.outcomes, *study.controls)
    return next((part.label(lang) for part in named if part.code == term), term)


def _outcome(result: Result, study: Study) -> Any:
    code = result.choices.get("outcome") or study.outcomes[0].code
    return next(outcome for outcome in study.outcomes if outcome.code == code)


def _notes(study: Study, style: Style, lang: str, *, percent: bool) -> tuple[str, ...]:
    cluster = say(f"table.by_{study.inference.clusters}", lang)
    if style == "cssci":
        return (say("table.note_stars", lang, cluster=cluster),)
    told = say("table.note_interval", lang, cluster=cluster, level=f"{study.inference.level:.0%}")
    return (told, say("table.note_percent", lang)) if percent else (told,)
