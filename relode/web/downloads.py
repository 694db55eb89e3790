"""Everything as a file: tables as CSV, Parquet and workbook, pictures as reports draw them, maps and fonts."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse

from ..app.showing import Shown, csv_of, heading, parquet_of, picture_of, workbook_of
from ..words.errors import UnknownWord
from .state import State

if TYPE_CHECKING:
    import pandas as pd

routes = APIRouter(include_in_schema=False)
KINDS = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
NARROWED = ("entity", "indicator", "node")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_drawing = Lock()  # matplotlib has one set of settings for all threads


@routes.get("/download/{table}.{form}")
def table(request: Request, table: str, form: str) -> Response:
    """One table of the view, with names beside the codes."""
    state = State.of(request)
    if form not in KINDS:
        raise UnknownWord("web.unknown_form", name=form, expected=tuple(KINDS))
    frame = _narrowed(table_of(state, table), request)
    name = f"{state.plan.name}_{table}_{state.view.period}.{form}"
    if form == "parquet":
        return Response(parquet_of(frame), media_type=KINDS[form], headers=_saved(name))
    return StreamingResponse(csv_of(_named(frame, state)), media_type=KINDS[form], headers=_saved(name))


@routes.get("/download.xlsx")
def workbook(request: Request) -> Response:
    """All tables of the view as one workbook."""
    state = State.of(request)
    book = workbook_of(state.view.result, state.lang, state.observatory.place.sources)
    return Response(book, media_type=XLSX, headers=_saved(f"{state.plan.name}_{state.view.period}.xlsx"))


@routes.get("/picture/{kind}.{form}")
def picture(request: Request, kind: str, form: str) -> Response:
    """A picture of the view as reports have it."""
    state = State.of(request)
    if form not in PICTURES:
        raise UnknownWord("web.unknown_form", name=form, expected=tuple(PICTURES))
    with _drawing:
        drawn = picture_of(state.shown, kind, state.observatory.place.maps, form)
    return Response(
        drawn, media_type=PICTURES[form], headers=_saved(f"{state.plan.name}_{kind}_{state.view.period}.{form}")
    )


@routes.get("/map/{name}.json")
def outlines(request: Request, name: str) -> Response:
    """The outlines of a map, projected."""
    return JSONResponse(State.of(request).observatory.drawn(name))


@routes.get("/font/sans.otf")
def font() -> Response:
    """The packaged font, for readers whose machine has no Chinese one: browsers ask for it only then."""
    from ..app.showing import font_file

    return FileResponse(
        font_file(), media_type="font/otf", headers={"cache-control": "public, max-age=31536000, immutable"}
    )


def table_of(state: State, name: str) -> pd.DataFrame:
    """A table of the view by name. Raises UnknownWord."""
    view = state.view
    wider = {"series": view.whole.series, "branches": lambda: view.whole.branches}
    if name in wider:
        return wider[name]()
    if name not in view.result.tables:
        raise UnknownWord("web.no_table", name=name, expected=(*view.result.tables, *wider))
    return view.result.tables[name]


def _narrowed(frame: pd.DataFrame, request: Request) -> pd.DataFrame:
    for column in NARROWED:
        asked = request.query_params.getlist(column)
        if asked and column in frame.columns:
            frame = frame[frame[column].isin(asked)]
    return frame


def _named(frame: pd.DataFrame, state: State) -> pd.DataFrame:
    """Codes stay, names stand beside them, headings are read by people."""
    shown: Shown = state.shown
    named = frame.copy()
    for column in frame.columns:
        if state.view.result.labels.of_column(str(column)) and column != "unit":
            at = list(named.columns).index(column) + 1
            labels = [shown.name(str(column), str(code)) for code in frame[column]]
            named.insert(at, f"{heading(str(column), state.lang)} ", labels)
    return named.rename(columns={
        c: f"{c}" if c in NARROWED else heading(str(c), state.lang) for c in frame.columns
    })  # fmt: skip


def _saved(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}
