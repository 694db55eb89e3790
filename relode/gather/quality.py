"""How good are the figures: completeness, timeliness, consistency, correctness, and every finding. 数据质量"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pandas as pd

from ..words.choice import Of, Period, by_name
from ..words.codelist import Codelist
from ..words.conflicts import Conflicts
from ..words.errors import Misfit
from ..words.indicator import Group, Indicator, IndicatorSystem
from ..words.method import method, needs
from ..words.note import Note, remark, warn
from ..words.panel import Panel
from ..words.result import Answer, Chart
from ..words.rules import Rules
from ..words.texts import LANGUAGES, say
from . import consistency as check
from .changes import changes_of
from .coverage import MARKS, marked, scorecard
from .findings import COLUMNS, gap, joined, slip_reason
from .relations import known_relations

STANDARD: Rules = by_name("quality")
ALL = "all"


@method("gather.quality", reads=needs(indicators=("indicators",), any_series=True))
def quality(
    panel: Panel, regions: Codelist, conflicts: Conflicts, *, system: IndicatorSystem | None = None,
    level: Annotated[str, Of("level")] = "", indicators: tuple[str, ...] = (), now: Period = "",
    rules: Rules = STANDARD,
) -> Answer:  # fmt: skip
    """How complete, timely, consistent and correct are the figures, and which of them should be looked at?

    Shape    all facts -> one row of marks per group and indicator (`marks`) and per entity (`places`); `findings` one
             row per finding, `kinds` how many of each, `sources` how far two series differ
    Unit     marks are shares 0-1; figure and expected in the unit of the indicator; gap a share of expected
    Choices  `system` what is asked for (else every indicator that the place has), `level` whose marks are counted,
             `now` the period against which figures are late (else the newest)
    Raises   Misfit where there is no figure, or none at `level`
    """
    if not panel.entities or not panel.indicators or np.isnan(panel.values).all():
        raise Misfit("quality.nothing")
    limits = {rule.code: rule.on().value for rule in rules.rules}
    findings = _findings(panel, regions, conflicts, limits)
    inside = _at_level(panel, regions, level)
    asked = system or _everything(inside)
    now = now or inside.periods[-1]
    marks = marked(inside, asked, regions, findings, now=now, lag=int(limits["fresh.lag"]))
    nodes, places = scorecard(marks, inside, asked)
    kinds = _kinds(findings)
    tables = {
        "marks": nodes.rename(columns={"node": "subject"}).replace({"subject": {asked.name: ALL}}),
        "kinds": kinds, "sources": sources(conflicts, limits["conflict.tolerance"]),
        "places": places[places["figures"] > 0].sort_values(list(MARKS), kind="stable", ignore_index=True),
        "findings": findings.rename(columns={"measured": "figure"}),
    }  # fmt: skip
    charts = (Chart("bars", "marks", "quality.chart", {"value": "completeness", "by": "subject"}),)
    return Answer(tables, charts=charts, notes=(*_notes(inside, findings, conflicts, now),))


def _findings(panel: Panel, regions: Codelist, conflicts: Conflicts, limits: dict[str, float]) -> pd.DataFrame:
    """All findings, the gravest kind first: what cannot be, then what does not agree, then what is strange."""
    relations = known_relations().among(panel.indicators)
    changes = changes_of(regions=regions)
    levels = {code: regions[code].level for code in panel.entities if code in regions}
    found = [
        *(check.parts(panel, total=total, of=parts, tolerance=limits["parts.tolerance"])
          for total, parts in relations.sums),
        check.whole(panel, regions, relations.adds, tolerance=limits["whole.tolerance"]),
        _conflicts(conflicts, limits["conflict.tolerance"]),
        check.copies(panel, level=levels),
        check.zeros(panel),
        check.jumps(panel, limit=limits["jump.limit"], usual=limits["jump.usual"], changes=changes),
        check.unchanged(panel),
        check.breaks(panel, changes=changes),
    ]  # fmt: skip
    told = joined([frame.sort_values("gap", key=np.abs, ascending=False, kind="stable") for frame in found])
    told["series"] = told["series"].fillna("") if "series" in told.columns else ""
    return told


def _conflicts(conflicts: Conflicts, tolerance: float) -> pd.DataFrame:
    """Figures on which two series differ by more than `tolerance`; `series` says which two."""
    frame = conflicts.frame[conflicts.frame["scenario"] == "actual"]
    measured, expected = frame["value_a"].to_numpy(float), frame["value_b"].to_numpy(float)
    apart = gap(measured, expected)
    found = pd.DataFrame(
        {"finding": "conflict", **{name: frame[name].to_numpy() for name in ("entity", "period", "indicator")},
         "measured": measured, "expected": expected, "gap": apart, "reason": slip_reason(measured, expected),
         "series": (frame["series_a"] + " / " + frame["series_b"]).to_numpy()}
    )  # fmt: skip
    return found[~(np.abs(apart) <= tolerance)][[*COLUMNS, "series"]]


def sources(conflicts: Conflicts, tolerance: float) -> pd.DataFrame:
    """How far two series differ: how many figures, how many beyond `tolerance` and beyond a tenth; who is believed."""
    rows: list[dict[str, Any]] = []
    for key, frame in conflicts.frame.groupby(["indicator", "series_a", "series_b"], sort=True):
        indicator, one, other = map(str, key)
        apart = np.abs(gap(frame["value_a"].to_numpy(float), frame["value_b"].to_numpy(float)))
        known = apart[~np.isnan(apart)]
        rows.append(
            {"indicator": indicator, "series_a": one, "series_b": other, "count": len(frame),
             "apart": int((known > tolerance).sum()), "far_apart": int((known > 0.1).sum()),
             "gap": float(np.median(known)) if len(known) else np.nan, "believed": conflicts.believed(one, other)}
        )  # fmt: skip
    columns = ["indicator", "series_a", "series_b", "count", "apart", "far_apart", "gap", "believed"]
    return pd.DataFrame(rows, columns=columns)


def _kinds(findings: pd.DataFrame) -> pd.DataFrame:
    """How many findings of each kind, for each reason, and about how many entities."""
    grouped = findings.groupby(["finding", "reason"], sort=False)
    counted = grouped.agg(count=("entity", "size"), entities=("entity", "nunique")).reset_index()
    return counted.sort_values("count", ascending=False, kind="stable", ignore_index=True)


def _at_level(panel: Panel, regions: Codelist, level: str) -> Panel:
    if not level:
        return panel
    there = set(regions.at(level))
    inside = [code for code in panel.entities if code in there]
    if not inside:
        known = dict.fromkeys(part for entity in regions.values() for part in entity.level.split())
        raise Misfit("quality.level", name=level, expected=tuple(known))
    return panel.only(entities=inside)


def _everything(panel: Panel) -> IndicatorSystem:
    """Every indicator that the panel has a figure of, as a system."""
    held = [n for n in range(len(panel.indicators)) if not np.isnan(panel.values[..., n]).all()]
    leaves = tuple(
        Indicator(panel.indicators[n], panel.indicators[n], panel.indicators[n], panel.units[n]) for n in held
    )
    zh, en = (say("code.subject.all", lang) for lang in LANGUAGES)
    return IndicatorSystem(ALL, 1, Group(ALL, zh, en, indicators=leaves))


def _notes(panel: Panel, findings: pd.DataFrame, conflicts: Conflicts, now: str) -> list[Note]:
    notes = [remark("quality.screening"), remark("quality.now", period=now)]
    frame = conflicts.frame
    left = [not conflicts.believed(a, b) for a, b in zip(frame["series_a"], frame["series_b"], strict=True)]
    if any(left):
        notes.insert(0, warn("quality.unsettled", count=sum(left), of=len(frame)))
    elif len(frame):
        notes.insert(0, remark("quality.settled", count=len(frame), list=", ".join(conflicts.prefer)))
    return notes
