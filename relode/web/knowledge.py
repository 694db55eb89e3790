"""The pages behind the numbers: where a figure comes from, why a score, how good the data, methods, sources."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ..app.catalogue import card_of, cards
from ..app.showing import is_nothing, number, records, version_of
from ..words.card import PAGE, Card
from ..words.errors import RelodeError
from ..words.texts import say
from .pages import notes
from .render import page
from .rows import grid
from .state import State

routes = APIRouter(include_in_schema=False)
LEADING = (
    ("normalise", "normalise", "method"), ("limits", "normalise", "limits"), ("weigh", "weigh", "method"),
    ("aggregate", "aggregate", "method"), ("missing", "screen", "entity_missing"),
    ("concentration", "uncertainty", "concentration"), ("draws", "uncertainty", "draws"),
)  # fmt: skip


@routes.get("/where/{entity}/{indicator}")
def where(request: Request, entity: str, indicator: str) -> HTMLResponse:
    """One figure: its formula, the facts it is made of, every version of each with file and cell."""
    state = State.of(request)
    period = state.chosen.get("period", "") or state.view.period
    found, figures = state.observatory.behind(entity, indicator, period, state.asof)
    facts = [
        {
            "indicator": figure.indicator, "counts": figure.counts,
            "value": _value(figure.versions.to_dict("records"), figure.counts, state),
            "versions": [version_of(row, state.lang) for row in records(figure.versions)],
        }
        for figure in figures
    ]  # fmt: skip
    return page(
        state, "where.html", entity=state.entity(entity), code=entity, indicator=found, period=period, facts=facts,
        own=_derived(state, entity, indicator, period), sources=state.observatory.place.sources,
    )  # fmt: skip


def _value(rows: list[dict[Any, Any]], at: int | None, state: State) -> str:
    if at is None or is_nothing(rows[at]["value"]):
        return state.shown.cell("indicators", "value", None)
    return number(float(rows[at]["value"]), "#,##0.######", state.lang)


def _derived(state: State, entity: str, indicator: str, period: str) -> dict[str, str] | None:
    """The figure as the index read it."""
    series = state.view.whole.series(indicator)
    rows = records(series[(series["entity"] == entity) & (series["period"] == period)])
    return state.shown.row("indicators", rows[0]) if rows else None


@routes.get("/why/{entity}")
def why(request: Request, entity: str) -> HTMLResponse:
    """One score: plan, method and version, and what it is made of."""
    state = State.of(request)
    result = state.view.result
    row, parts = state.rows.of("ranks", entity), state.rows.of("indicators", entity)
    columns = ("indicator", "value", "unit", "status", "normalised", "weight", "contribution")
    limits = {str(one["indicator"]): state.shown.row("limits", one) for one in state.rows.all("limits")}
    return page(
        state, "why.html", code=entity, entity=state.entity(entity), result=result, card=result.card, limits=limits,
        cells=state.shown.row("ranks", row[0]) if row else None, made=grid(state, "indicators", parts, columns,
        file=state.url("/download/indicators.csv", entity=entity)), notes=notes(state),
    )  # fmt: skip


@routes.get("/quality")
def quality(request: Request) -> HTMLResponse:
    """How complete the figures are, of which status, what the result warns of, what was loaded when."""
    state = State.of(request)
    tables = state.view.result.tables
    counts = tables["indicators"]["status"].value_counts()
    total = int(counts.sum())
    shares = [(state.shown.name("status", str(code)), int(n), n / total) for code, n in counts.items()]
    missing = tables["ranks"].sort_values("missing", ascending=False, kind="stable").head(20)
    return page(
        state, "quality.html", shares=shares, total=total, notes=notes(state),
        coverage=grid(state, "coverage", records(tables["coverage"].sort_values("share")),
                      ("indicator", "available", "of", "share")),
        missing=grid(state, "ranks", records(missing[missing["missing"] > 0]), ("entity", "missing", "score", "rank"),
                     name="missing", title=state.say("missing_most")),
        unscored=grid(state, "unscored", state.rows.all("unscored"), ("entity", "missing", "reason")),
        batches=state.observatory.batches, sources=state.observatory.place.sources,
    )  # fmt: skip


@routes.get("/methods")
def methods(request: Request) -> HTMLResponse:
    """All methods, the plan in use, its weights and limits."""
    state = State.of(request)
    known = cards()
    found = {name: card for name, card in known.items() if isinstance(card, Card)}
    broken = {name: fault.told(state.lang) for name, fault in known.items() if isinstance(fault, RelodeError)}
    return page(
        state, "methods.html", cards=found, broken=broken, system=state.plan.system, plan=state.plan,
        choices=plan_rows(state), leading=leading_rows(state),
        weights=grid(state, "weights", state.rows.all("weights"),
                     ("node", "parent", "weight", "weight_total", "effective")),
        limits=grid(state, "limits", state.rows.all("limits"), ("indicator", "low", "high", "how")),
    )  # fmt: skip


@routes.get("/methods/{name}")
def method(request: Request, name: str) -> HTMLResponse:
    """The page of one method, from its card."""
    state = State.of(request)
    card = card_of(name)
    parts = [(part, getattr(card, part).lines(state.lang)) for part in PAGE]
    return page(state, "method.html", card=card, parts=parts)


@routes.get("/sources")
def sources(request: Request) -> HTMLResponse:
    """Who published the figures, under which terms, and what was loaded."""
    state = State.of(request)
    used = {one.batch.source for one in state.observatory.batches}
    known = state.observatory.place.sources
    return page(
        state, "sources.html", sources=[known[code] for code in sorted(used & set(known))],
        unknown=sorted(used - set(known)), batches=state.observatory.batches,
    )  # fmt: skip


def leading_rows(state: State) -> list[tuple[str, str]]:
    """The choices of the plan that decide most, in words."""
    plan, rows = state.plan, []
    for name, section, key in LEADING:
        value = str(getattr(getattr(plan, section), key))
        rows.append((state.say(f"ask.{name}"), say(f"web.ask.{name}.{value}", state.lang, default=value)))
    return rows


def plan_rows(state: State) -> list[tuple[str, str]]:
    """The choices of the plan as its file writes them."""
    from ..app.variants import spec_of

    rows = []
    for section, value in spec_of(state.plan).items():
        if isinstance(value, dict):
            rows += [
                (f"{section}.{name}", _plainly(inner))
                for name, inner in value.items()
                if inner not in ((), {}, [], None, "")
            ]
        else:
            rows.append((section, _plainly(value)))
    return rows


def _plainly(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return ", ".join(f"{k} = {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
