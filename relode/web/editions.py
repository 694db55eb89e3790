"""Editions: what was published, and how two of them differ."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from ..app.editions import compared, edition, editions, restated
from ..app.showing import NOTHING, is_nothing, number, records
from ..words.errors import UnknownWord
from .render import page
from .state import State

routes = APIRouter(include_in_schema=False)
PATTERNS = {"score": "#,##0.00", "rank": "0.#", "change": "+#,##0.00;-#,##0.00;0.00", "rank_change": "+0;-0;0"}
MOST = 500


@routes.get("/editions")
def overview(request: Request) -> Response:
    """All editions; two of them beside each other where the URL names two."""
    state = State.of(request)
    known = editions(state.observatory.place)
    names = [request.query_params.get(end, "") for end in ("base", "now")]
    pair = [edition(state.observatory.place, name) for name in names if name]
    rows, changed, count = [], [], 0
    if len(pair) == 2:
        rows = [_row(state, row) for row in records(compared(*pair))]
        found = restated(*pair)
        count = len(found)
        changed = [
            [
                state.entity(str(row["entity"])),
                str(row["period"]),
                _label(state, str(row["indicator"])),
                *(_figure(row[end], "#,##0.######", state.lang) for end in ("value_base", "value_now")),
            ]
            for row in records(found.head(MOST))
        ]
    return page(state, "editions.html", known=known, pair=pair, names=names, rows=rows, changed=changed, count=count)


@routes.get("/editions/{name}/{file}")
def file(request: Request, name: str, file: str) -> Response:
    """A file of an edition, as it was published."""
    found = edition(State.of(request).observatory.place, name)
    if file != "edition.json" and file not in found.told["files"]:
        raise UnknownWord("web.no_table", name=file[:80], expected=tuple(found.told["files"]))
    return FileResponse(found.folder / file, filename=f"{name}_{file}")


def _row(state: State, row: dict[str, object]) -> dict[str, str]:
    told = {"entity": str(row["entity"]), "name": state.entity(str(row["entity"]))}
    for column, value in row.items():
        kind = column if column in PATTERNS else column.split("_")[0]
        if kind in PATTERNS:
            told[column] = _figure(value, PATTERNS[kind], state.lang)
    return told


def _figure(value: object, pattern: str, lang: str) -> str:
    return NOTHING if is_nothing(value) else number(float(str(value)), pattern, lang)


def _label(state: State, code: str) -> str:
    return next((p.system.label(code, state.lang) for p in state.observatory.plans if code in p.system.codes), code)
