"""A file comes in: shown, asked about on a terminal, kept only when accepted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..words.texts import language, say
from .show import write

if TYPE_CHECKING:
    from ..app import Place
    from ..app.intake import Look
    from ..gather.roster import Roster


def answer(question: Any) -> str | None:
    """What a person says: Enter keeps the guess, a dash leaves the heading out, anything else is the answer."""
    typer.echo(question.told(language()), err=True)
    asked = say("cli.answer", guess=question.guessed() or "-")
    said = str(typer.prompt(asked, default="", show_default=False, err=True))
    if said.strip() == "-":
        return ""
    return said.strip() or question.guess or None


def take(
    place: Place, file: Path, *, source: str, vintage: str, series: str, scenario: str, period: str | None, accept: bool
) -> None:
    """Show how a file is read, ask what is not sure, and keep it; without a terminal nothing is asked or written."""
    from ..app import intake

    seen = intake.look(place, file, scenario=scenario, period=period, accept=accept)
    for line in seen.lines(place, language()):
        write(line)
    if seen.roster is not None:
        _take_list(place, seen.roster, source=source, vintage=vintage, name=series, accept=accept)
        return
    if not seen.settled and not accept:
        _must_be_terminal(_why_not(seen))
        seen = intake.converse(place, seen, answer, scenario=scenario, period=period)
        if not typer.confirm(say("cli.take_it"), default=True, err=True):
            raise typer.Exit(1)
    batch = place.take(seen, source=source, vintage=vintage, series=series)
    write(say("cli.gathered", file=file.name, facts=batch.facts, batch=batch.number))


def _why_not(seen: Look) -> str:
    """The code of what to say where a file is not taken unasked: questions, something new, or a new layout."""
    if seen.asked:
        return "cli.unsettled"
    return "cli.new_faults" if seen.extract and seen.extract.known else "cli.unaccepted"


def _take_list(place: Place, roster: Roster, *, source: str, vintage: str, name: str, accept: bool) -> None:
    from ..app import rosters

    files = rosters.files(place, roster, source=source, vintage=vintage, name=name)
    path = str(rosters.shown(files))
    if rosters.is_kept(files):
        write(say("lists.there", path=path))
        return
    if not accept:
        write(say("lists.will_calendar" if roster.dated else "lists.will_list", path=path))
        _must_be_terminal("lists.unsettled")
        if not typer.confirm(say("cli.take_it"), default=True, err=True):
            raise typer.Exit(1)
    rosters.keep(files)
    write(say("lists.kept", path=path, count=len(roster.listed)))


def _must_be_terminal(otherwise: str) -> None:
    """Nobody can be asked without a terminal: say so and stop, with nothing written."""
    if not sys.stdin.isatty():
        write(say(otherwise), error=True)
        raise typer.Exit(1)
