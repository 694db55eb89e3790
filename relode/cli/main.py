"""The verbs. Choices of a method are read by the method's own signature, not declared here."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..words.errors import Misfit, RelodeError
from ..words.texts import language, say
from . import checks, exchange
from .observe import add_to, publish_edition
from .options import JsonOption, LangOption, PlaceOption
from .show import progress, tell, told_error, write

if TYPE_CHECKING:
    from ..app import Place
    from ..words.batch import AsOf

cli = typer.Typer(
    name="relode", no_args_is_help=True, add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip

AsOfOption = Annotated[str, typer.Option("--as-of", help=say("cli.option.asof"))]
KnownOption = Annotated[str, typer.Option("--known", help=say("cli.option.known"))]
ASKED = {"allow_extra_args": True, "ignore_unknown_options": True}
ANY = {**ASKED, "help_option_names": []}


def main() -> None:
    """Run the command line: errors become four lines on stderr and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a GBK console cannot show every name; it must not stop the work
            stream.reconfigure(errors="replace")
    try:
        cli(standalone_mode=True)
    except RelodeError as fault:
        told_error(fault)
        for more in getattr(fault, "__notes__", ()):
            write(more, error=True)
        sys.exit(fault.exit_code)


@cli.callback(help=say("cli.help"))
def spoken(lang: LangOption = None) -> None:
    """The language may be named before a command as well as after it; `relode.cli.main` has set it already."""


@cli.command("open", help=say("cli.open"))
def open_place(folder: Path, lang: LangOption = None) -> None:
    """Make a folder a place."""
    from ..app import open

    place = open(folder)
    write(say("cli.opened", folder=str(place.folder)))


@cli.command("gather", help=say("cli.gather"))
def gather(
    file: Path,
    source: Annotated[str, typer.Option(help=say("cli.option.source"))],
    vintage: Annotated[str, typer.Option(help=say("cli.option.vintage"))],
    series: Annotated[str, typer.Option(help=say("cli.option.series"))] = "",
    scenario: Annotated[str, typer.Option(help=say("cli.option.scenario"))] = "actual",
    period: Annotated[str, typer.Option(help=say("cli.option.period"))] = "",
    accept: Annotated[bool, typer.Option("--accept", help=say("cli.option.accept"))] = False,
    place: PlaceOption = Path(),
    lang: LangOption = None,
) -> None:
    """Show how a file is read, ask what is not sure, and load it; without a terminal nothing is asked or written."""
    from .gather import take

    take(
        _place(place, tell), file, source=source, vintage=vintage, series=series, scenario=scenario,
        period=period or None, accept=accept,
    )  # fmt: skip


@cli.command("template", help=say("cli.template"))
def template(
    system: str,
    out: Annotated[Path, typer.Option("--out", "-o", help=say("cli.option.form"))],
    period: Annotated[str, typer.Option(help=say("cli.option.form_period"))],
    place: PlaceOption = Path(),
    lang: LangOption = None,
) -> None:
    """Write the form that collects the facts of a system."""
    write(str(_place(place, tell).template(system, out, period=period, lang=language())))


@cli.command("run", help=say("cli.run"), context_settings=ANY)
def run(
    context: typer.Context,
    method: str,
    place: PlaceOption = Path(),
    lang: LangOption = None,
    table: Annotated[str, typer.Option(help=say("cli.option.table"))] = "",
    keep: Annotated[bool, typer.Option(help=say("cli.option.keep"))] = False,
    as_of: AsOfOption = "",
    known: KnownOption = "",
    as_json: JsonOption = False,
) -> None:
    """Run a method on the place's facts."""
    from .run import given_choices, help_of, result_json

    if {"-h", "--help"} & set(context.args):
        write(help_of(method))
        return
    with progress() as told:
        result = _place(place, told).run(
            method, asof=_asof(as_of, known), keep=keep, **given_choices(method, context.args)
        )
    if as_json:
        write(result_json(result))
    elif table:
        write(result.readable(table).to_string(index=False))
    else:
        write(str(result))


@cli.command("cook", help=say("cli.cook"), context_settings=ASKED)
def cook(
    context: typer.Context,
    recipe: str,
    out: Annotated[list[Path], typer.Option("--out", "-o", help=say("cli.option.out"))],
    place: PlaceOption = Path(),
    lang: LangOption = None,
    as_of: AsOfOption = "",
    known: KnownOption = "",
) -> None:
    """Run a recipe and write its report."""
    from .run import given_answers

    with progress() as told:
        here = _place(place, told)
        ready = here.recipe(recipe, given_answers(context.args))
        results = here.cook(ready, asof=_asof(as_of, known))
        made = [here.publish(results, path, lang=language(), recipe=ready) for path in out]
    for path in made:
        write(str(path))


@cli.command("publish", help=say("cli.publish"), context_settings=ANY)
def publish(
    context: typer.Context,
    method: Annotated[str, typer.Argument()] = "",
    out: Annotated[list[Path] | None, typer.Option("--out", "-o", help=say("cli.option.out"))] = None,
    edition: Annotated[str, typer.Option(help=say("cli.option.edition"))] = "",
    plan: Annotated[str, typer.Option(help=say("cli.option.plan"))] = "",
    place: PlaceOption = Path(),
    lang: LangOption = None,
    as_of: AsOfOption = "",
    known: KnownOption = "",
) -> None:
    """Run a method and write what it found, or freeze an edition."""
    from .run import given_choices

    if edition:
        publish_edition(_place(place, tell), edition, plan, _asof(as_of, known))
        return
    if not (method and out):
        raise Misfit("cli.publish_what")
    if plan:
        context.args += ["--plan", plan]
    with progress() as told:
        here = _place(place, told)
        result = here.run(method, asof=_asof(as_of, known), **given_choices(method, context.args))
        made = [here.publish([result], path, lang=language()) for path in out]
    for path in made:
        write(str(path))


@cli.command("demo", help=say("cli.demo"))
def demo(
    name: Annotated[str, typer.Argument(help=say("cli.option.demo"))] = "morocco",
    out: Annotated[Path, typer.Option("--out", "-o", help=say("cli.option.demo_out"))] = Path("demo-report"),
    lang: LangOption = None,
) -> None:
    """Evaluate real figures that come with the package."""
    from ..app.demo import LANGS
    from ..app.demo import demo as make

    with progress() as told:
        made = make(name, out, langs=(lang,) if lang else LANGS, tell=told)
    for path in made:
        write(str(path))


@cli.command("explain", help=say("cli.explain"))
def explain(method: str, lang: LangOption = None) -> None:
    """Print a method's page."""
    from ..app import card_of
    from .run import choices_page

    write(card_of(method).page(language()) + "\n" + choices_page(method, language()))


@cli.command("methods", help=say("cli.methods"))
def methods(lang: LangOption = None) -> None:
    """List all methods."""
    from ..app import cards

    for name, card in cards().items():
        if isinstance(card, RelodeError):
            told_error(card)
        else:
            write(f"{name:<28}{card.label(language())}")


@cli.command("where", help=say("cli.where"))
def where(address: str, place: PlaceOption = Path(), lang: LangOption = None, as_json: JsonOption = False) -> None:
    """Where does a figure come from?"""
    here = _place(place, tell)
    found = here.where(address)
    if as_json:
        write(found.to_json(orient="records", force_ascii=False, date_format="iso"))
        return
    found["entity"] = [here.regions.label(code, language()) for code in found["entity"]]
    shown = found.dropna(axis="columns", how="all")
    write(shown.rename(columns={c: say(f"column.{c}", default=c) for c in shown.columns}).to_string(index=False))


@cli.command("batches", help=say("cli.batches"))
def batches(place: PlaceOption = Path(), lang: LangOption = None) -> None:
    """List the batches of a place."""
    with _place(place, tell).store(read_only=True) as store:
        for one in store.batches():
            undone = say("cli.undone") if one.undone else ""
            write(
                f"{one.number:>5}  {one.batch.vintage}  {one.facts:>9,}  {one.batch.series}  {one.batch.file}  {undone}"
            )


@cli.command("undo", help=say("cli.undo"))
def undo(batch: int, place: PlaceOption = Path(), lang: LangOption = None) -> None:
    """Take a batch back."""
    done = _place(place, tell).undo(batch)
    write(say("cli.undid", batch=done.number, series=done.batch.series, facts=done.facts))


@cli.command("backup", help=say("cli.backup"))
def backup(folder: Path, place: PlaceOption = Path(), lang: LangOption = None) -> None:
    """Write every batch as Parquet into a folder."""
    with _place(place, tell).store(read_only=True) as store:
        store.backup(folder)
    write(say("cli.backed_up", folder=str(folder)))


def _place(folder: Path, told: Any) -> Place:
    from ..app import open
    from ..app.place import SETTINGS

    if not (folder / SETTINGS).exists():
        raise Misfit("place.none", where=str(folder.resolve()))
    return open(folder, tell=told)


def _asof(vintage: str, known: str) -> AsOf:
    from ..app.place import day
    from ..words.batch import AsOf

    try:
        moment = datetime.fromisoformat(known) if known else None
    except ValueError as fault:
        raise Misfit("date.unreadable", name=known) from fault
    return AsOf(day(vintage) if vintage else None, moment)


add_to(cli)
checks.add_to(cli)
exchange.add_to(cli)
