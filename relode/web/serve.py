"""The server: one place, read by many. It listens on this machine only unless it is told otherwise."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from ..app.jobs import Jobs
from ..app.observatory import Observatory
from ..words.errors import Held, Misfit, Refused, RelodeError, UnknownWord, Unwritable
from ..words.texts import LANGUAGES, say
from . import api, ask, downloads, knowledge, pages, reports
from . import editions as published
from .apart import few_pages, limiter
from .guard import Guard, Kept, Limits
from .render import HERE, VENDOR, compiled, page
from .state import State

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
PROXIES = ["127.0.0.1", "::1"]
STATUS: dict[type[RelodeError], int] = {UnknownWord: 404, Refused: 422, Misfit: 422, Held: 503, Unwritable: 507}


def make(observatory: Observatory, *, hosts: tuple[str, ...] = LOOPBACK, limits: Limits | None = None) -> FastAPI:
    """The web application of a place; `hosts` are the names under which it may be called."""
    app = FastAPI(
        title="relode", version=version("relode"), docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
        description=say("web.api", "en"), lifespan=_started,
    )  # fmt: skip
    app.state.observatory = observatory
    app.state.observatory_of = whose
    app.state.heavy = limiter()
    app.state.jobs = Jobs(observatory.folder)
    app.state.jobs.tidy()
    for room in (pages, knowledge, ask, published, reports, downloads):
        app.include_router(room.routes)
    app.include_router(api.routes_of())
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(RelodeError, _told)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_middleware(Kept, stamp=lambda: f"{date.today()} {observatory.stamp}")  # pages carry the date of printing
    app.add_middleware(Guard, hosts=hosts, limits=limits or Limits())
    return app


@asynccontextmanager
async def _started(app: FastAPI) -> AsyncIterator[None]:
    few_pages()
    yield


def whose(request: Request) -> Observatory:
    """The place as the one who asks may see it. There are no accounts: everyone is who started the server."""
    observatory: Observatory = request.app.state.observatory
    return observatory


def run(
    folder: Path, *, host: str, port: int, hosts: tuple[str, ...] = (), proxied: bool = False,
    told: Callable[[str], Any] = print,
) -> None:  # fmt: skip
    """Serve until it is stopped. Raises Misfit where the place is none or cannot be read."""
    import uvicorn

    observatory = Observatory(folder)
    observatory.plan()  # what cannot be shown is said here, not on the first page
    if not (VENDOR / "echarts.min.js").is_file():
        told(say("web.no_charts"))
    Thread(target=_prepare, args=(observatory,), daemon=True).start()
    told(say("web.serving", url=f"http://{f'[{host}]' if ':' in host else host}:{port}/"))
    app = make(observatory, hosts=(*LOOPBACK, *hosts))
    uvicorn.Server(config(app, host=host, port=port, proxied=proxied)).run()


def config(app: FastAPI, *, host: str, port: int, proxied: bool) -> Any:
    """How the server runs. Behind a proxy of this machine, who asks is whom the proxy names (X-Forwarded-For)."""
    import uvicorn

    return uvicorn.Config(
        app, host=host, port=port, log_level="warning", server_header=False, timeout_graceful_shutdown=5,
        proxy_headers=proxied, forwarded_allow_ips=PROXIES,
    )  # fmt: skip


def _prepare(observatory: Observatory) -> None:
    """What the first reader would wait for: templates, and the index of the place's first plan."""
    compiled()
    try:
        view = observatory.view(observatory.plan())
        for lang in LANGUAGES:
            observatory.ranks(view, lang)
    except RelodeError as fault:  # the page will say it
        logging.getLogger("relode.web").warning("%s", fault)


def _told(request: Request, fault: Exception) -> Response:
    """What went wrong, in the reader's language, on a page or as data."""
    assert isinstance(fault, RelodeError)
    status = next((code for kind, code in STATUS.items() if isinstance(fault, kind)), 422)
    return _answer(request, status, fault.told(_lang(request)), fault.code)


def _not_there(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    code = "web.not_there" if fault.status_code == 404 else "web.refused"
    return _answer(request, fault.status_code, say(code, _lang(request)), code)


def _unreadable(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)
    told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in fault.errors())
    return _answer(request, 422, told, "web.unreadable")


def _answer(request: Request, status: int, told: str, code: str) -> Response:
    headers = {"retry-after": "2"} if status == 503 else {}
    if request.url.path.startswith("/api/"):
        return JSONResponse({"code": code, "detail": told}, status_code=status, headers=headers)
    state = State(whose(request), _lang(request), {}, "/")
    response = page(state, "fault.html", status=status, told=told)
    response.headers.update(headers)
    return response


def _lang(request: Request) -> str:
    return State.of(request).lang
