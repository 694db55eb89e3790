"""Reports asked for from a page: background jobs with progress."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from ..app.diagnosing import given
from ..app.jobs import FORMS, Job, Jobs
from ..words.errors import Misfit
from ..words.texts import say
from .ask import form_of
from .render import page
from .state import State

routes = APIRouter(include_in_schema=False)
KINDS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf",
    "html": "application/octet-stream", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


@routes.get("/reports")
def overview(request: Request) -> Response:
    """All jobs, and the form to ask for another."""
    state = State.of(request)
    jobs: Jobs = request.app.state.jobs
    return page(state, "reports.html", jobs=jobs.all(), recipes=recipes_of(state), forms=FORMS, steps=_steps)


@routes.post("/reports")
async def ask(request: Request) -> Response:
    """Ask for a report."""
    state, sent = State.of(request), await form_of(request)
    job = start(state, request.app.state.jobs, sent.get("recipe", ""), sent.get("language", ""), sent.get("form", ""))
    return RedirectResponse(state.url(f"/reports/{job.id}"), status_code=303)


@routes.get("/reports/{id}")
def job(request: Request, id: str) -> Response:
    """How far a job is."""
    state = State.of(request)
    found = request.app.state.jobs.get(id)
    return page(
        state, "report.html", job=found, steps=_steps(found, state.lang), alive=found.state in ("waiting", "running")
    )


@routes.get("/reports/{id}/file")
def file(request: Request, id: str) -> Response:
    """The report of a job that is done."""
    found = request.app.state.jobs.get(id)
    path = request.app.state.jobs.report(found)
    return FileResponse(path, filename=found.file, media_type=KINDS[found.form])


def start(state: State, jobs: Jobs, recipe: str, lang: str, form: str) -> Job:
    """Start a job. Raises Misfit where the place cannot follow such a recipe."""
    known = state.observatory.recipes(state.plan.name)
    if recipe not in known:
        raise Misfit("web.no_recipe", name=recipe[:40], expected=tuple(known))
    asks = state.observatory.place.recipe(recipe).asks
    asof = state.chosen.get("asof", "") if state.asof else ""
    return jobs.ask(recipe, lang, form, actor=state.observatory.actor, asof=asof, given=given(asks, state.plan.name))


def recipes_of(state: State) -> list[tuple[str, str]]:
    """The recipes that the place can follow, with the plan that is looked at where they ask for one: name, label."""
    known = state.observatory.recipes(state.plan.name)
    return [(name, recipe.zh if state.lang == "zh" else recipe.en) for name, recipe in known.items()]


def _steps(job: Job, lang: str) -> list[str]:
    return [say(code, lang, **details) for code, details in job.steps]
