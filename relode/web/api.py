"""The interface for programs: facts, panels, results, plans, reports; its description comes from the methods' cards."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, get_args, get_origin

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from ..app.catalogue import find_method, method_names
from ..app.observatory import Observatory
from ..app.place import day
from ..app.sdmx import MEDIA, sdmx_csv
from ..app.showing import csv_of, parquet_of, records
from ..words.batch import AsOf
from ..words.choice import Choice, Within
from ..words.errors import Misfit, RelodeError
from ..words.method import Method, Need
from ..words.result import Result
from .apart import apart
from .reports import start
from .state import State

MOST = 1_000_000  # facts of one answer
Code = Annotated[str, Field(max_length=120)]
Codes = Annotated[list[Code] | None, Query(description="Codes; all if left out", max_length=500)]
DATE = r"^(\d{4}(-\d{2}(-\d{2})?)?)?$"
Day = Annotated[
    str, Query(description="As of: what had been published by this day (YYYY, YYYY-MM or YYYY-MM-DD)", pattern=DATE)
]
Form = Annotated[Literal["json", "csv", "sdmx-csv", "parquet"], Query(alias="format")]


class Strict(BaseModel):
    """A body in which types are taken at their word and unknown names are refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Fault(BaseModel):
    """What went wrong: its code, and the sentence."""

    code: str
    detail: str


class Fact(BaseModel):
    """One figure."""

    entity: str
    period: str
    indicator: str
    scenario: str
    value: float | None
    unit: str
    status: str


class Facts(BaseModel):
    """Figures as of a day."""

    facts: list[Fact]
    asof: str


class Version(BaseModel):
    """One version of a figure, and where it was read."""

    value: float | None
    status: str
    source: str
    series: str
    vintage: str
    loaded: str
    actor: str
    file: str
    cell: str
    batch: int
    undone: bool


class Lineage(BaseModel):
    """All versions of a figure, oldest first."""

    entity: str
    indicator: str
    period: str
    versions: list[Version]


class Said(BaseModel):
    """A note of a result."""

    code: str
    level: str
    text: str


class Found(BaseModel):
    """A result: what was run on what, and its tables as records."""

    method: str
    version: int
    software: str
    choices: dict[str, Any]
    inputs: dict[str, str]
    fingerprint: str
    sources: list[str]
    notes: list[Said]
    tables: dict[str, list[dict[str, Any]]]


class Named(BaseModel):
    """Something with a code and its names."""

    code: str
    zh: str
    en: str


class Listing(BaseModel):
    """What the place has: its plans, regions, indicators and methods."""

    plans: list[Named]
    regions: list[Named]
    indicators: list[Named]
    methods: list[Named]


class Wanted(Strict):
    """A report that is asked for."""

    recipe: Code
    lang: Literal["zh", "en"] = "zh"
    form: Literal["docx", "pdf", "html", "xlsx"] = "docx"


class Work(BaseModel):
    """A report that is being made."""

    id: str
    recipe: str
    lang: str
    form: str
    state: Literal["waiting", "running", "done", "failed", "stopped"]
    steps: list[str]
    fault: str


FAULTS: dict[int | str, dict[str, Any]] = {
    code: {"model": Fault, "description": said}
    for code, said in ((404, "Not there"), (422, "Does not fit"), (503, "The store is being written"))
}
BODY_FAULTS = FAULTS | {400: {"model": Fault, "description": "No JSON"}}
FILES = {
    "content": {"text/csv": {}, MEDIA: {}, "application/vnd.apache.parquet": {}},
    "description": "The figures in the form that was asked for",
}


def routes_of() -> APIRouter:
    """All routes of the interface; one per method that can be imported."""
    routes = APIRouter(prefix="/api", tags=["relode"])
    routes.get("/place", response_model=Listing, responses=FAULTS, summary="What there is")(listing)
    routes.get("/facts", response_model=Facts, responses={**FAULTS, 200: FILES}, summary="Facts")(facts)
    where = "/lineage/{entity}/{indicator}/{period}"
    routes.get(where, response_model=Lineage, responses=FAULTS, summary="Where a figure comes from")(lineage)
    routes.post("/reports", response_model=Work, responses=BODY_FAULTS, summary="Ask for a report")(report)
    routes.get("/reports/{id}", response_model=Work, responses=FAULTS, summary="How far a report is")(work)
    for name in method_names():
        try:
            method = find_method(name)
        except RelodeError:
            continue  # a guest that cannot be loaded stops nobody else; the methods page names it
        routes.add_api_route(
            f"/results/{name}", _running(name, _choices_of(method)), methods=["POST"], response_model=Found,
            responses=BODY_FAULTS, summary=method.card.label("en"), description=method.card.page("en"), name=name,
        )  # fmt: skip
    return routes


def listing(request: Request) -> Listing:
    """The plans, regions, indicators and methods of the place."""
    observatory = State.of(request).observatory
    from ..app.catalogue import cards
    from ..words.card import Card

    def named(code: str, zh: str, en: str) -> Named:
        return Named(code=code, zh=zh, en=en)

    return Listing(
        plans=[named(plan.name, plan.zh, plan.en) for plan in observatory.plans],
        regions=[named(e.code, e.label("zh"), e.label("en")) for e in observatory.place.regions.values()],
        indicators=[named(i.code, i.zh, i.en) for i in observatory.place.indicators.values()],
        methods=[named(name, card.zh, card.en) for name, card in cards().items() if isinstance(card, Card)],
    )


def facts(
    request: Request,
    entity: Codes = None,
    indicator: Codes = None,
    period: Codes = None,
    scenario: Annotated[str, Query(max_length=60)] = "actual",
    asof: Day = "",
    form: Form = "json",
) -> Any:
    """The facts that are asked for, as of a day: JSON, CSV, SDMX-CSV 2.0 or Parquet."""
    observatory = State.of(request).observatory
    need = Need(tuple(indicator or ()), (scenario,), tuple(period or ()), tuple(entity or ()))
    panel = observatory.panel(need, AsOf(day(asof)) if asof else AsOf())
    if panel.values.size > MOST:
        raise Misfit("web.too_many", most=MOST)
    frame = panel.frame()[["entity", "period", "indicator", "scenario", "value", "unit", "status"]]
    if form == "parquet":
        return Response(parquet_of(frame), media_type="application/vnd.apache.parquet")
    if form == "sdmx-csv":
        return Response(sdmx_csv(frame), media_type=MEDIA)
    if form == "csv":
        return Response("".join(csv_of(frame)), media_type="text/csv; charset=utf-8")
    return Facts(facts=[Fact(**row) for row in records(frame)], asof=asof)


def lineage(
    request: Request,
    entity: Annotated[str, Path(max_length=60)],
    indicator: Annotated[str, Path(max_length=120)],
    period: Annotated[str, Path(max_length=10)],
) -> Lineage:
    """Every version of one fact: source, file, cell, date of publication, who loaded it and when."""
    observatory = State.of(request).observatory
    rows = records(observatory.history(entity, indicator, period))
    versions = [
        Version(**{name: row[name] for name in ("status", "source", "series", "actor", "file", "cell", "batch")},
                value=None if row["value"] != row["value"] else row["value"], vintage=f"{row['vintage']:%Y-%m-%d}",
                loaded=row["loaded"].isoformat(), undone=row["undone"] == row["undone"] and row["undone"] is not None)
        for row in rows
    ]  # fmt: skip
    return Lineage(entity=entity, indicator=indicator, period=period, versions=versions)


def report(request: Request, wanted: Wanted) -> Work:
    """Start a report in the background."""
    state = State.of(request)
    return _work(start(state, request.app.state.jobs, wanted.recipe, wanted.lang, wanted.form), state)


def work(request: Request, id: Annotated[str, Path(max_length=40)]) -> Work:
    """How far a report is; its file is at /reports/{id}/file."""
    return _work(request.app.state.jobs.get(id), State.of(request))


def _work(job: Any, state: State) -> Work:
    from .reports import _steps

    said = {name: getattr(job, name) for name in ("id", "recipe", "lang", "form", "state")}
    return Work(**said, steps=_steps(job, state.lang), fault=job.fault.get(state.lang, ""))


# -- methods -----------------------------------------------------------------------------------------


def _choices_of(method: Method[Any]) -> type[Strict]:
    """The body of a method's route: its choices, words by name."""
    fields: dict[str, Any] = {"asof": (Annotated[str, Field(pattern=DATE)], "")}
    for choice in method.choices:
        default = ... if choice.must else _default(choice)
        fields[choice.name] = (_kind(choice), default)
    made: type[Strict] = create_model(f"{method.name}.choices", __base__=Strict, **fields)
    return made


def _kind(choice: Choice) -> Any:
    if choice.word is not None:
        return Code if choice.must or choice.default is not None else Code | None
    kind = choice.kind
    if get_origin(kind) is tuple:
        return Annotated[list[get_args(kind)[0]], Field(max_length=500)]  # type: ignore[misc]
    bounds = [m for m in getattr(choice.annotation, "__metadata__", ()) if isinstance(m, Within)]
    for bound in bounds:
        kind = Annotated[kind, Field(ge=bound.low, le=bound.high)]
    return Code if kind is str else kind


def _default(choice: Choice) -> Any:
    named = getattr(choice.default, "name", choice.default) if choice.word is not None else choice.default
    return list(named) if isinstance(named, tuple) else named


def _running(name: str, body: type[Strict]) -> Callable[..., Awaitable[Found]]:
    def found(observatory: Observatory, given: dict[str, Any], asof: str) -> Found:
        try:
            return _found(observatory.run(name, AsOf(day(asof)) if asof else AsOf(), **given))
        except (ArithmeticError, LookupError, TypeError, ValueError) as fault:  # a method that did not foresee this
            logging.getLogger("relode.web").exception("%s %s", name, given)
            raise Misfit("web.method_failed", name=name, fault=f"{type(fault).__name__}: {fault}"[:200]) from fault

    async def run(request: Request, choices: Any) -> Found:
        given = {key: tuple(value) if isinstance(value, list) else value for key, value in choices.model_dump().items()}
        asof = str(given.pop("asof"))
        return await apart(request, found, State.of(request).observatory, given, asof)

    run.__annotations__ = {"request": Request, "choices": body, "return": Found}
    run.__name__ = name.replace(".", "_")
    return run


def _found(result: Result) -> Found:
    tables = {n: json.loads(f.to_json(orient="records", double_precision=15)) for n, f in result.tables.items()}
    return Found(
        method=result.method, version=result.card.version, software=result.software, choices=dict(result.choices),
        inputs=dict(result.inputs), fingerprint=result.fingerprint, sources=list(result.sources), tables=tables,
        notes=[Said(code=note.code, level=note.level, text=result.told(note, "en")) for note in result.notes],
    )  # fmt: skip
