"""Questions about a yearbook, put to a person on a terminal."""

from __future__ import annotations

from typing import Any

import typer

from ..words.texts import language, say


def answer(question: Any) -> str | None:
    """What a person says: Enter keeps the guess, a dash leaves the heading out, anything else is the answer."""
    typer.echo(question.told(language()), err=True)
    said = str(typer.prompt(say("cli.answer", guess=question.guess or "-"), default="", show_default=False, err=True))
    if said.strip() == "-":
        return ""
    return said.strip() or question.guess or None
