"""Pictures from the charts that a result describes: one function per kind, all from the result's own tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relode.words.errors import UnknownWord
from relode.words.result import Chart
from relode.words.texts import has, say

from . import charts_compare, charts_effect, charts_rank, charts_spread, maps
from .blocks import Picture
from .drawing import Drawing
from .figures import Shown, is_nothing, period_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MOST = 90  # rows of a picture; of a longer list both ends are shown, and the picture says so

Build = Callable[["pd.DataFrame", Mapping[str, Any], Shown], "Figure"]
KINDS: dict[str, Build] = {
    "bars": charts_rank.bars,
    "change": charts_compare.change,
    "cohort_means": charts_spread.cohort_means,
    "density": charts_spread.density,
    "dose_curve": charts_effect.dose_curve,
    "estimators": charts_effect.estimators,
    "event_study": charts_effect.event_study,
    "gaps": charts_compare.gaps,
    "heat": charts_rank.heat,
    "intervals": charts_rank.intervals,
    "lines": charts_compare.lines,
    "map": maps.draw,
    "negative_list": charts_effect.negative_list,
    "obstacles": charts_rank.obstacles,
    "pack": charts_effect.pack,
    "placebo_density": charts_spread.placebo_density,
    "placebo_fan": charts_spread.placebo_fan,
    "scatter": charts_spread.scatter,
    "stack": charts_rank.stack,
    "synthetic": charts_spread.synthetic,
    "timing": charts_effect.timing,
    "verdicts": charts_effect.verdicts,
}
_DEFAULTS: dict[str, dict[str, str]] = {
    "bars": {"value": "score"},
    "cohort_means": {"value": "mean"},
    "density": {"value": "density", "x": "value"},
    "dose_curve": {"value": "estimate"},
    "estimators": {"value": "estimate"},
    "event_study": {"value": "estimate"},
    "negative_list": {"value": "p_small"},
    "pack": {"value": "estimate"},
    "placebo_density": {"value": "estimate"},
    "placebo_fan": {"value": "gap"},
    "scatter": {"value": "score", "x": "score"},
    "synthetic": {"value": "actual"},
    "timing": {"value": "entities"},
    "verdicts": {"value": "p_worked"},
    "change": {"base": "score_base", "now": "score_now", "value": "score_now"},
    "gaps": {"value": "gap"},
    "heat": {"value": "score"},
    "intervals": {"value": "rank", "low": "rank_low", "high": "rank_high"},
    "lines": {"value": "score"},
    "map": {"value": "score"},
    "obstacles": {"value": "obstacle"},
    "stack": {"value": "contribution"},
}
_ALL_PERIODS = {"cohort_means", "density", "lines", "placebo_fan", "scatter", "synthetic"}
NAMED = {
    "study",
    "indicator",
    "policy",
    "outcome",
    "estimator",
    "unit",
}  # details that are codes
KEPT = 40  # drawings that are kept for the next format
_DRAWN: dict[tuple[Any, ...], tuple[pd.DataFrame, Drawing]] = {}


@dataclass(frozen=True)
class Facts:
    """The rows that a picture shows, and what has to be said below it."""

    frame: pd.DataFrame
    details: Mapping[str, Any]
    foot: tuple[str, ...]


def picture(chart: Chart, shown: Shown, outlines: Mapping[str, Any] | None = None) -> Picture | None:
    """The picture that `chart` describes; None where there is nothing to draw (no rows; a map without outlines).

    Raises UnknownWord for a kind that relode does not draw.
    """
    if chart.kind not in KINDS:
        raise UnknownWord("publish.kind", name=chart.kind, where=shown.result.method, expected=sorted(KINDS))
    facts = _facts(chart, shown, outlines or {})
    if not len(facts.frame):
        return None
    title = _title(chart, shown, facts)
    drawing = _drawing(chart, shown, facts, _maps_as_they_are(outlines or {}))
    alt = say("picture.alt", shown.lang, kind=say(f"kind.{chart.kind}", shown.lang), title=title, rows=len(facts.frame))
    return Picture(title, alt, drawing.svg, drawing.png, facts.foot)


def _drawing(chart: Chart, shown: Shown, facts: Facts, outlines: tuple[Any, ...]) -> Drawing:
    """The drawing of a chart, kept for the next format: docx, pdf and html of one report show the same pictures."""
    table = shown.result.tables[chart.table]
    key = (id(table), chart.kind, chart.title, repr(chart.details), shown.lang, outlines)
    if key not in _DRAWN:
        while len(_DRAWN) >= KEPT:
            _DRAWN.pop(next(iter(_DRAWN)))
        drawing = Drawing(partial(KINDS[chart.kind], facts.frame, facts.details, shown))
        _DRAWN[key] = table, drawing  # holding the table keeps its id its own
    return _DRAWN[key][1]


def _maps_as_they_are(outlines: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells maps apart from those of an earlier drawing: a file by when it was written."""
    return tuple((n, one.stat().st_mtime_ns if isinstance(one, Path) else id(one)) for n, one in outlines.items())


def _title(chart: Chart, shown: Shown, facts: Facts) -> str:
    code = chart.title if has(chart.title) else f"kind.{chart.kind}"
    told = {k: shown.name(k, v) if k in NAMED and isinstance(v, str) else v for k, v in facts.details.items()}
    title = say(code, shown.lang, **{"period": "", **told})
    period = facts.details.get("at", "")
    return say("picture.title", shown.lang, title=title, period=period) if period and period not in title else title


def _facts(chart: Chart, shown: Shown, outlines: Mapping[str, Any]) -> Facts:
    frame = shown.result.frame(chart.table)
    details: dict[str, Any] = {**_DEFAULTS[chart.kind], **chart.details, "table": chart.table}
    if details["value"] == "score" and str(details.get("low", "")).startswith("rank_"):
        details["value"] = "rank"  # whiskers and dot stand on one axis
    frame = frame[[not is_nothing(x) for x in frame[details["value"]]]]
    if "period" in frame.columns and chart.kind not in _ALL_PERIODS and len(frame):
        wanted = details.get("period")
        periods = sorted(set(frame["period"].astype(str)))
        period = wanted if wanted in periods else periods[-1]
        frame = frame[frame["period"].astype(str) == period]
        details["at"] = period_name(period, shown.lang)
    foot: tuple[str, ...] = ()
    if chart.kind == "map":
        found = maps.outlines_of(outlines, set(frame["entity"].astype(str)) if len(frame) else set())
        details["outlines"] = found
        frame, foot = (frame, found.foot(shown.lang)) if found else (frame.iloc[:0], ())
    if chart.kind in ("intervals", "bars", "heat", "change"):
        frame, foot = _cut(frame, details, shown.lang)
    return Facts(frame.reset_index(drop=True), details, foot)


def _cut(frame: pd.DataFrame, details: dict[str, Any], lang: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Both ends of a list that is too long for a page, in the order of the value; ranks rise, all else falls."""
    value = details["value"]
    who = next((c for c in (details.get("by"), "entity", "place", "indicator", "node") if c in frame.columns), None)
    if who is None or value not in frame.columns or not len(frame):
        return frame, ()
    order = _order(frame, value, who)
    if len(order) <= MOST:
        return frame, ()
    kept = {*order[: MOST // 2], *order[-(MOST // 2) :]}
    said = say("picture.cut", lang, top=MOST // 2, bottom=MOST // 2, count=len(order))
    return frame[[code in kept for code in frame[who]]], (said,)


def _order(frame: pd.DataFrame, value: str, who: str) -> list[str]:
    means = frame.groupby(who, sort=False)[value].mean()
    return [str(code) for code in means.sort_values(ascending=value.startswith("rank"), kind="stable").index]
