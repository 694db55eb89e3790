"""Templates: escaped by default, with the sentences of the reader's language."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from ..app.showing import NOTHING, heading, is_figure, number, period_name
from ..words.texts import say
from .state import State

HERE = Path(__file__).resolve().parent
VENDOR = HERE / "static" / "vendor"


@cache
def environment() -> Environment:
    """The templates."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined, auto_reload=False, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters["data"] = embedded
    made.globals.update(
        NOTHING=NOTHING,
        heading=heading,
        is_figure=is_figure,
        number=number,
        period_name=period_name,
        said=say,
        charts_there=(VENDOR / "echarts.min.js").is_file(),
    )
    return made


def compiled() -> None:
    """Compile all templates, so that no reader waits for it."""
    made = environment()
    for name in made.list_templates(["html"]):
        made.get_template(name)


def embedded(value: Any) -> Markup:
    """Plain data for a <script type="application/json">: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 (escaped in this very line)


def page(state: State, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page in the state's language."""
    made = environment().get_template(template)
    text = made.render(state=state, t=state.say, url=state.url, lang=state.lang, **context)
    return HTMLResponse(text, status_code=status)
