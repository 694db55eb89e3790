"""The pages that are looked at: overview, region, indicator, comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ..app.diagnosing import Finding, findings
from ..app.maps import tiles_of
from ..app.showing import is_figure, is_nothing, records, sentences_of
from ..words.errors import RelodeError, UnknownWord
from . import charts
from .apart import apart
from .render import page
from .rows import Grid, Row, classes, grid, ranking
from .state import State

if TYPE_CHECKING:
    import pandas as pd

routes = APIRouter(include_in_schema=False)
MOST = 6  # lines of one chart
ENDS = 3
OVERVIEW = ("rank", "entity", "score", "rank_low", "rank_high", "band", "rank_change", "missing", "peer_rank", "peer")


@routes.get("/")
def overview(request: Request) -> HTMLResponse:
    """Map, ranking with intervals and tie bands, course over time."""
    state = State.of(request)
    ranks = state.rows.all("ranks")
    picked = _picked(request, [row["entity"] for row in ranks], ends=ENDS)
    return page(
        state, "overview.html", told=sentences_of(state.shown, "headline"), rows=ranking(state), picked=picked,
        map=_map(state, ranks, "score", "ranks"), course=_course(state, picked), notes=notes(state),
        unscored=grid(state, "unscored", state.rows.all("unscored"), ("entity", "missing", "reason")),
    )  # fmt: skip


@routes.get("/region/{code}")
def region(request: Request, code: str) -> HTMLResponse:
    """All that is known of one region."""
    state = State.of(request)
    _known(state, code)
    mine = partial(state.rows.of, entity=code)
    row = next(iter(ranking(state, only=code)), None)
    return page(
        state, "region.html", code=code, name=state.entity(code), row=row,
        entity=state.observatory.place.regions.get(code),
        course=_course(state, [code]), dimensions=_dimensions(state, [code]),
        nodes=grid(state, "dimensions", mine("dimensions"), ("node", "score", "rank", "missing"),
                   file=state.url("/download/dimensions.csv", entity=code)),
        obstacles=grid(state, "obstacles", mine("obstacles"), ("place_in_order", "indicator", "gap", "obstacle")),
        obstacle_chart=_obstacles(state, mine("obstacles")),
        strengths=_strengths(state, mine("indicators")),
        figures=grid(state, "indicators", mine("indicators"),
                     ("indicator", "value", "unit", "status", "normalised", "weight", "contribution"),
                     file=state.url("/download/indicators.csv", entity=code)),
        alternatives=grid(state, "alternatives", mine("alternatives"), ("method", "rank", "rank_change")),
        change=_change(state, code), peers=_peers(state, code), diagnoses=state.observatory.diagnoses,
    )  # fmt: skip


@routes.get("/region/{code}/diagnosis")
async def diagnosis(request: Request, code: str) -> HTMLResponse:
    """What the diagnoses of the place say of one region; computed at the first question, then kept."""
    return await apart(request, diagnosed, request, code)


def diagnosed(request: Request, code: str) -> HTMLResponse:
    """The page of a region's diagnosis."""
    state = State.of(request)
    _known(state, code)
    parts, faults = [], []
    for found in findings(state.observatory, code, state.asof):
        if isinstance(found, RelodeError):
            faults.append(found.told(state.lang))
        else:
            parts.append(_found(state, found))
    return page(state, "diagnosis.html", code=code, name=state.entity(code), parts=parts, faults=faults)


def _found(state: State, found: Finding) -> dict[str, Any]:
    """A diagnosis as a table, with what it says of all regions."""
    shown = state.observatory.shown(found.result, state.lang)
    columns = [str(c) for c in found.result.tables[found.table].columns if c != "entity"]
    told = [column for column in columns if any(not is_nothing(row[column]) for row in found.rows)] or columns
    about = str(found.result.choices.get("indicator", ""))
    return {
        "card": found.result.card, "about": found.result.labels.node(about, state.lang),
        "headline": sentences_of(shown, "headline"), "count": found.count,
        "headings": [(shown.heading(column, found.table), is_figure(column)) for column in told],
        "rows": [[shown.cell(found.table, column, row[column]) for column in told] for row in found.rows],
    }  # fmt: skip


@routes.get("/indicator/{code}")
def indicator(request: Request, code: str) -> HTMLResponse:
    """One indicator: what it is, who has which figure, how it moved."""
    state = State.of(request)
    if code not in state.plan.system.codes:
        raise UnknownWord("panel.code", name=code, axis="indicator", expected=state.plan.system.codes)
    whole = state.view.result.tables["indicators"]
    frame = whole[whole["indicator"] == code].sort_values("value", ascending=False, kind="stable")
    rows = records(frame)
    series = state.view.whole.series(code)
    picked = _picked(request, list(frame["entity"]), ends=ENDS)
    return page(
        state, "indicator.html", code=code, picked=picked, indicator=state.plan.system[code],
        label=state.plan.system.label(code, state.lang), course=_values(state, series, picked),
        rows=grid(state, "indicators", rows,
                  ("entity", "value", "status", "normalised", "weight", "contribution"),
                  file=state.url("/download/indicators.csv", indicator=code)),
        map=_map(state, rows, "value", "indicators"),
        coverage=_row(state, "coverage", code), limits=_row(state, "limits", code),
    )  # fmt: skip


@routes.get("/compare")
def compare(request: Request) -> HTMLResponse:
    """Some regions side by side."""
    state = State.of(request)
    codes = [row["entity"] for row in state.rows.all("ranks")]
    picked = _picked(request, codes, ends=1)
    ranks = sorted((row for code in picked for row in state.rows.of("ranks", code)), key=lambda row: row["rank"])
    return page(
        state, "compare.html", picked=picked, everyone=[(code, state.entity(code)) for code in codes],
        ranks=grid(state, "ranks", ranks, OVERVIEW), dimensions=_dimensions(state, picked),
        course=_course(state, picked), beside=_beside(state, picked),
    )  # fmt: skip


def notes(state: State) -> list[tuple[str, str]]:
    """The notes of the result, warnings first."""
    kept = sorted(state.view.result.notes, key=lambda note: note.level != "warning")
    return [(note.level, state.view.result.told(note, state.lang)) for note in kept]


# -- parts -------------------------------------------------------------------------------------------


def _picked(request: Request, codes: Sequence[str], *, ends: int) -> list[str]:
    """The regions that the URL picks, in its order; without any the first and the last ones."""
    asked = [code for code in request.query_params.getlist("entity") if code]
    for code in asked:
        if code not in codes:
            raise UnknownWord("codelist.unknown", name=code, expected=tuple(codes))
    return list(dict.fromkeys(asked or [*codes[:ends], *codes[-ends:]]))[:MOST]


def _known(state: State, code: str) -> None:
    if not state.rows.of("indicators", code):
        raise UnknownWord("codelist.unknown", name=code, expected=tuple(state.observatory.place.regions))


def _row(state: State, table: str, code: str) -> dict[str, str]:
    found = [row for row in state.rows.all(table) if row["indicator"] == code]
    return state.shown.row(table, found[0]) if found else {}


def _course(state: State, codes: Sequence[str]) -> charts.Option | None:
    """Ranks over time; None where there is one period only."""
    if len(state.view.periods) < 2:
        return None
    known = state.view.whole.ranks
    return _lines(state, {code: known[code] for code in codes if code in known}, "rank")


def _values(state: State, series: pd.DataFrame, codes: Sequence[str]) -> charts.Option | None:
    """Figures over time; None where there is one period only."""
    if series["period"].nunique() < 2:
        return None
    mine = {code: series[series["entity"] == code] for code in codes}
    return _lines(state, {c: dict(zip(f["period"], f["value"], strict=True)) for c, f in mine.items()}, "value")


def _lines(state: State, course: Mapping[str, Mapping[str, float]], column: str) -> charts.Option:
    """One line per region over the periods that any of them has."""
    periods = [period for period in state.view.periods if any(period in line for line in course.values())]
    series = {state.entity(code): _plain(line.get(p) for p in periods) for code, line in course.items()}
    label = state.say("chart.course", names=", ".join(series))
    return charts.lines(label, periods, series, upside_down=column == "rank", strong=next(iter(series), ""))


def _plain(values: Iterable[float | None]) -> list[float | None]:
    return [None if x is None or is_nothing(float(x)) else round(float(x), 6) for x in values]


def _dimensions(state: State, codes: Sequence[str]) -> charts.Option | None:
    """The scores in the top groups, and the median of all beside them."""
    scores = state.view.groups
    top = [group.code for group in state.plan.system.root.groups if group.code in scores]
    if not top:
        return None
    series = {state.entity(code): _plain(scores[node].get(code) for node in top) for code in codes}
    series[state.say("median")] = _plain(median(known) if (known := list(scores[n].values())) else None for n in top)
    names = [state.plan.system.label(code, state.lang) for code in top]
    return charts.beside(state.say("chart.dimensions", names=", ".join(series)), names, series)


def _obstacles(state: State, rows: Sequence[Row]) -> charts.Option | None:
    if not rows:
        return None
    names = [state.shown.name("indicator", row["indicator"]) for row in rows]
    shares = [round(100 * row["obstacle"], 2) for row in rows]
    return charts.bars(state.say("chart.obstacles"), names, shares, unit="%")


def _strengths(state: State, rows: Sequence[Row]) -> Grid:
    """Where the region stands furthest above the median of all, by the plan's own scale."""
    middle = state.view.medians
    above = [(row["normalised"] - middle[row["indicator"]], row) for row in rows if not is_nothing(row["normalised"])]
    best = [row for lead, row in sorted(above, key=lambda pair: -pair[0]) if lead > 0][:5]
    return grid(state, "indicators", best, ("indicator", "value", "unit", "normalised"), name="strengths",
                title=state.say("strengths"))  # fmt: skip


def _change(state: State, code: str) -> dict[str, Any] | None:
    """Why the score changed since the first period; None where that cannot be said."""
    periods = state.view.periods
    if state.view.period == periods[0]:
        return None
    try:
        result = state.observatory.run(
            "measure.movement", state.asof, plan=state.plan.name, base=periods[0], now=state.view.period
        )
    except RelodeError:
        return None
    shown = state.observatory.shown(result, state.lang)
    rows = state.observatory.parted(result)
    found = rows.of("movement", code)
    if not found:
        return None
    moved = sorted(rows.of("by_indicator", code), key=lambda row: -abs(row["change"]))
    return {
        "base": periods[0], "cells": shown.row("movement", found[0]), "comparable": bool(found[0]["comparable"]),
        "rows": [shown.row("by_indicator", row) | {"code": row["indicator"]} for row in moved],
        "notes": [result.told(note, state.lang) for note in result.notes if note.level == "warning"],
    }  # fmt: skip


def _peers(state: State, code: str) -> Grid | None:
    """The region among those of its group, those next to it in rank."""
    mine = state.rows.of("ranks", code)
    if not mine or is_nothing(mine[0]["peer"]):
        return None
    peers = [row for row in state.rows.all("ranks") if row["peer"] == mine[0]["peer"]]
    at = peers.index(mine[0])
    near = peers[max(at - 3, 0) : at + 4]
    return grid(state, "ranks", near, ("peer_rank", "entity", "score", "rank", "rank_low", "rank_high"), name="peers",
                title=state.say("peers", group=state.shown.name("peer", str(mine[0]["peer"]))))  # fmt: skip


def _beside(state: State, codes: Sequence[str]) -> list[dict[str, Any]]:
    """Every indicator with the figures of the regions side by side."""
    rows = []
    figures = [{row["indicator"]: row for row in state.rows.of("indicators", code)} for code in codes]
    for indicator in state.plan.system.indicators:
        if any(indicator.code in mine for mine in figures):
            rows.append({
                "code": indicator.code, "label": indicator.label(state.lang), "unit": indicator.unit,
                "cells": [
                    state.shown.cell("indicators", "value", mine.get(indicator.code, {}).get("value"))
                    for mine in figures
                ],
            })  # fmt: skip
    return rows


def _map(state: State, found: Sequence[Row], column: str, table: str) -> dict[str, Any]:
    """A choropleth where the place has outlines, else tiles; with what stands under it."""
    values = {str(row["entity"]): float(row[column]) for row in found if not is_nothing(row[column])}
    cuts = classes(state, table, column, list(values.values()))
    if table == "ranks":
        told = state.observatory.ranks(state.view, state.lang)
    else:
        told = {str(row["entity"]): state.shown.row(table, row) for row in found}
    label = state.say("chart.map", count=len(values))
    outline = state.observatory.outline(tuple(values))
    rows = [
        {"name": code if outline else state.entity(code), "value": value, "link": state.url(f"/region/{code}"),
         "tip": _tip(state, code, told[code], column)}
        for code, value in values.items()
    ]  # fmt: skip
    if outline:
        return {"option": charts.choropleth(label, outline.name, rows, cuts), "outline": outline}
    for row, (x, y) in zip(rows, tiles_of(state.observatory.place.regions, tuple(values)), strict=True):
        row |= {"x": x, "y": y}
    return {"option": charts.tiles(label, rows, cuts), "outline": None}


def _tip(state: State, code: str, told: dict[str, str], column: str) -> str:
    from ..app.showing import heading

    lines = [state.entity(code), f"{heading(column, state.lang)} {told[column]} {told.get('unit', '')}".strip()]
    if "rank_low" in told:
        lines.append(state.say("rank.told", rank=told["rank"], low=told["rank_low"], high=told["rank_high"]))
    return "\n".join(lines)
