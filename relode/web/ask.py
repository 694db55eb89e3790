"""What if: other weights, another yardstick, another mean; who would move, and how sure is that?

Every choice is a part of the URL, and only what differs from the plan; so a question can be sent to a colleague.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from ..app.showing import Shown, records
from ..app.variants import save_variant
from ..words.errors import Misfit, RelodeError, UnknownWord
from ..words.indicator import Group, Indicator
from ..words.plan import AggregateMethod, Limits, NormaliseMethod, Plan, WeighMethod
from ..words.texts import say
from .apart import apart
from .render import page
from .state import State

if TYPE_CHECKING:
    from ..app.observatory import View

routes = APIRouter(include_in_schema=False)
WEIGHT = "w."
HEAVIEST = 10.0
DRAWS = (10_000, 2_000, 0)
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Asked:
    """A choice that is offered: the plan's section and key, the values, and how a value is read."""

    name: str
    section: str
    key: str
    values: tuple[str, ...]


WORDS = {
    "normalise": ("normalise", "method", get_args(NormaliseMethod)),
    "limits": ("normalise", "limits", get_args(Limits)),
    "weigh": ("weigh", "method", get_args(WeighMethod)),
    "aggregate": ("aggregate", "method", get_args(AggregateMethod)),
}


def choices(plan: Plan) -> tuple[Asked, ...]:
    """What can be asked of a plan: the methods that need no more than their name, and those that the plan has."""
    return (
        *(Asked(name, section, key, _possible(plan, section, key, values))
          for name, (section, key, values) in WORDS.items()),
        Asked("missing", "screen", "entity_missing", ()),
        Asked("concentration", "uncertainty", "concentration", ()),
        Asked("draws", "uncertainty", "draws", tuple(map(str, sorted({*DRAWS, plan.uncertainty.draws}, reverse=True)))),
    )  # fmt: skip


def _possible(plan: Plan, section: str, key: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values with which the plan is still one: others want more than a word (goalposts, a base window)."""
    return tuple(value for value in values if value == "given" or _is_plan(plan, section, {key: value}))


def _is_plan(plan: Plan, section: str, change: dict[str, Any]) -> bool:
    if section == "weigh":
        change |= {"given": {}}
    try:
        plan.but(**{section: change})
    except RelodeError:
        return False
    return True


NUMBERS = {"missing": (0.0, 1.0), "concentration": (0.0, 1000.0), "draws": (0.0, 10_000.0)}


def changes_of(plan: Plan, asked: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
    """The sections of the plan that a question changes. Raises UnknownWord, Misfit for what it cannot mean."""
    sections: dict[str, dict[str, Any]] = {}
    for one in choices(plan):
        raw = (asked.get(one.name) or [""])[-1]
        if raw:
            sections.setdefault(one.section, {})[one.key] = _read(one, raw)
    _drawn_alike(sections, plan)
    if dropped := [code for code in asked.get("drop", ()) if code]:
        sections["select"] = {"drop": tuple(dict.fromkeys((*plan.select.drop, *dropped)))}
    given = {} if _learned(asked) else _weights(plan, asked)
    if given:
        sections["weigh"] = {"method": "given", "given": given, "across": "siblings"}
    elif sections.get("weigh", {}).get("method") == "given":
        sections["weigh"]["given"] = _plan_weights(plan)
    elif "weigh" in sections:
        sections["weigh"]["given"] = {}
    return sections


def _learned(asked: Mapping[str, Sequence[str]]) -> bool:
    """Are weights asked for that come from the data? Then what the sliders say does not count."""
    return (asked.get("weigh") or [""])[-1] not in ("", "equal", "given")


def _read(one: Asked, raw: str) -> Any:
    if one.name in NUMBERS:
        low, high = NUMBERS[one.name]
        try:
            found = float(raw)
        except ValueError:
            found = low - 1
        if not low <= found <= high:
            raise Misfit("web.number", name=one.name, value=raw[:40], low=low, high=high)
        return int(found) if one.name == "draws" else found
    if raw not in one.values:
        raise UnknownWord("web.choice", name=raw[:40], where=one.name, expected=one.values)
    return raw


def _drawn_alike(sections: dict[str, dict[str, Any]], plan: Plan) -> None:
    """Draws vary around the plan's own method: one that is changed and was not varied becomes the only one drawn."""
    spread = sections.setdefault("uncertainty", {})
    asked = {section: sections.get(section, {}).get("method") for section in ("normalise", "aggregate")}
    if asked["normalise"] or asked["aggregate"] not in (None, *plan.uncertainty.aggregate):
        spread["normalise"], spread["aggregate"] = (), ()
    if not spread:
        del sections["uncertainty"]


def _weights(plan: Plan, asked: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """The weights that the question gives, where they differ from the plan's."""
    own = _plan_weights(plan)
    given = {}
    for name, values in asked.items():
        if name.startswith(WEIGHT) and values[-1]:
            code = name.removeprefix(WEIGHT)
            if code not in own:
                raise UnknownWord("plan.unknown_node", name=code[:40], expected=tuple(own))
            given[code] = _read(Asked("weight", "", "", ()), values[-1])
    return {} if all(own[code] == weight for code, weight in given.items()) else own | given


NUMBERS["weight"] = (0.0, HEAVIEST)


def _plan_weights(plan: Plan) -> dict[str, float]:
    """What every node weighs beside its siblings; 1 where the plan says nothing."""
    nodes: list[Group | Indicator] = [*plan.system.root.nodes(), *plan.system.indicators]
    equal = plan.weigh.method != "given"
    return {
        n.code: 1.0 if equal else float(plan.weigh.given.get(n.code, n.weight))
        for n in nodes
        if n.code != plan.system.name
    }


def short(plan: Plan, asked: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The question with only what differs from the plan: what its URL keeps."""
    own = _plan_weights(plan)
    kept: dict[str, list[str]] = {}
    for one in choices(plan):
        raw = (asked.get(one.name) or [""])[-1]
        if raw and _read(one, raw) != getattr(getattr(plan, one.section), one.key):
            kept[one.name] = [raw]
    if dropped := [code for code in asked.get("drop", ()) if code]:
        kept["drop"] = dropped
    for name, values in () if _learned(asked) else asked.items():
        if name.startswith(WEIGHT) and values[-1] and float(values[-1]) != own.get(name.removeprefix(WEIGHT)):
            kept[name] = [values[-1]]
    return kept


@routes.get("/ask")
async def ask(request: Request) -> Response:
    """The form, and what its answer changes."""
    return await apart(request, answered, request)


def answered(request: Request) -> Response:
    """The page for the question in the URL."""
    state = State.of(request)
    asked = {name: request.query_params.getlist(name)[:200] for name in request.query_params}
    context: dict[str, Any] = {"fault": "", "answer": None, "took": 0.0, "question": {}, "plan": state.plan}
    status = 200
    try:
        changes = changes_of(state.plan, asked)
        context["question"] = short(state.plan, asked)
        if context["question"]:
            started = time.perf_counter()
            context["answer"] = _answer(state, state.plan.but(**changes))
            context["took"] = time.perf_counter() - started
    except RelodeError as fault:
        context["fault"], status = fault.told(state.lang), 422
    changed = [_told(state, name, values) for name, values in context["question"].items()]
    weighted = any(name.startswith(WEIGHT) for name in context["question"])
    response = page(
        state, "ask.html", status=status, offered=choices(state.plan), own=_plan_weights(state.plan), asked=asked,
        tree=state.plan.system.root, link=state.url("/ask", **context["question"]), heaviest=HEAVIEST,
        query=urlencode(context["question"], doseq=True), changed=changed, scored=_scored,
        current=lambda one: _current(state.plan, one, weighted), **context,
    )  # fmt: skip
    response.headers["HX-Push-Url"] = state.url("/ask", **context["question"])
    return response


def _told(state: State, name: str, values: Sequence[str]) -> str:
    """One change in words: what it is called, what it was, what it is now."""
    plan, label = state.plan, state.plan.system.label
    if name == "drop":
        return state.say("ask.dropped", names=state.say("comma").join(label(code, state.lang) for code in values))
    if name.startswith(WEIGHT):
        code = name.removeprefix(WEIGHT)
        was = f"{_plan_weights(plan)[code]:g}"
        return state.say(
            "ask.changed", name=state.say("ask.weight_of", name=label(code, state.lang)), was=was, now=values[-1]
        )
    section, key = next((one.section, one.key) for one in choices(plan) if one.name == name)
    was = str(getattr(getattr(plan, section), key))
    said = [say(f"web.ask.{name}.{value}", state.lang, default=value) for value in (was, values[-1])]
    return state.say("ask.changed", name=state.say(f"ask.{name}"), was=said[0], now=said[1])


def _scored(group: Group) -> bool:
    """Has the group an indicator that counts?"""
    return any(leaf.direction for leaf in group.leaves())


def _current(plan: Plan, one: Asked, weighted: bool) -> str:
    """What a choice shows when the question does not say: moved sliders mean given weights."""
    if one.name == "weigh" and weighted:
        return "given"
    return str(getattr(getattr(plan, one.section), one.key))


def _answer(state: State, plan: Plan) -> dict[str, Any]:
    """The ranking under the other plan, beside the plan's own."""
    other = state.observatory.view(plan, state.view.period, state.asof)
    shown = state.observatory.shown(other.result, state.lang)
    before = {row["entity"]: row for row in state.rows.all("ranks")}
    rows = [_row(state, shown, row, before.get(row["entity"])) for row in records(other.result.tables["ranks"])]
    moved = [abs(row["moved"]) for row in rows if row["moved"] is not None]
    return {
        "rows": rows, "greatest": max(moved, default=0), "average": sum(moved) / len(moved) if moved else 0.0,
        "outside": sum(row["outside"] for row in rows), "unscored": _lost(other, state.view),
        "notes": [other.result.told(note, state.lang) for note in other.result.notes if note.level == "warning"],
        "fingerprint": other.result.fingerprint[:12], "draws": plan.uncertainty.draws,
    }  # fmt: skip


def _row(state: State, shown: Shown, row: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    cells = shown.row("ranks", row)
    moved = None if before is None else int(before["rank"] - row["rank"])
    low, high = (None, None) if before is None else (before["rank_low"], before["rank_high"])
    outside = low is not None and low == low and not (low <= row["rank"] <= high)
    own = state.observatory.ranks(state.view, state.lang)[row["entity"]] if before is not None else {}
    return {
        "code": row["entity"], "name": cells["entity"], "cells": cells, "own": own, "moved": moved, "outside": outside,
        "link": state.url(f"/region/{row['entity']}"),
    }  # fmt: skip


def _lost(other: View, view: View) -> int:
    return len(set(view.result.tables["ranks"]["entity"]) - set(other.result.tables["ranks"]["entity"]))


@routes.post("/variants")
async def save(request: Request) -> Response:
    """Keep a question as a plan of its own."""
    from starlette.concurrency import run_in_threadpool

    state = State.of(request)
    sent = await form_of(request)
    question = parse_qs(sent.get("query", ""), max_num_fields=400)

    def keep() -> None:
        plan = state.plan.but(**changes_of(state.plan, question))
        labels = {lang: sent.get(lang, "") for lang in ("zh", "en")}
        save_variant(state.observatory.place, plan, name=sent.get("name", ""), base=state.plan.name, **labels)

    await run_in_threadpool(keep)
    state.observatory.forget()
    return RedirectResponse(state.url("/", plan=sent["name"]), status_code=303)


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a small form. Raises Misfit where the body is none."""
    if not request.headers.get("content-type", "").startswith(FORM):
        raise Misfit("web.no_form")
    try:
        fields = parse_qs((await request.body()).decode("utf8"), keep_blank_values=True, max_num_fields=50)
    except ValueError as fault:
        raise Misfit("web.no_form") from fault
    return {name: values[-1] for name, values in fields.items()}
