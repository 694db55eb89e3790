"""Figures out, in the formats that others read, and COINr's pair of tables in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..words.texts import language, say
from .observe import opened
from .options import LangOption, PlaceOption
from .show import write


def add_to(cli: typer.Typer) -> None:
    """Put these commands beside the others."""
    cli.command("export", help=say("cli.export"))(export)
    cli.command("coinr", help=say("cli.coinr"))(coinr)


def export(
    out: Annotated[list[Path], typer.Option("--out", "-o", help=say("cli.option.export_out"))],
    indicator: Annotated[list[str] | None, typer.Option(help=say("cli.option.export_indicator"))] = None,
    system: Annotated[str, typer.Option(help=say("cli.option.export_system"))] = "",
    level: Annotated[str, typer.Option(help=say("cli.option.level"))] = "",
    periods: Annotated[str, typer.Option(help=say("cli.option.periods"))] = "",
    scenario: Annotated[str, typer.Option(help=say("cli.option.scenario"))] = "actual",
    form: Annotated[
        Literal["tidy", "sdmx", "wide", "stata", "spss", "coinr"] | None,
        typer.Option("--format", help=say("cli.option.format")),
    ] = None,
    drop_status: Annotated[bool, typer.Option("--drop-status", help=say("cli.option.drop_status"))] = False,
    place: PlaceOption = Path(),
    lang: LangOption = None,
) -> None:
    """Write figures of a place for other programs."""
    from ..app.exchange import Chosen
    from ..app.exchange import export as written

    years = tuple(text.strip() for text in periods.split(",") if text.strip())
    chosen = Chosen(tuple(indicator or ()), system, level, years, scenario)
    here = opened(place)
    for path in out:
        for made in written(here, path, chosen, format=form or "", flags=not drop_status, lang=language()):
            write(str(made))


def coinr(
    idata: Path,
    imeta: Path,
    name: Annotated[str, typer.Option(help=say("cli.option.coinr_name"))],
    source: Annotated[str, typer.Option(help=say("cli.option.source"))],
    vintage: Annotated[str, typer.Option(help=say("cli.option.vintage"))],
    period: Annotated[str, typer.Option(help=say("cli.option.period"))] = "",
    place: PlaceOption = Path(),
    lang: LangOption = None,
) -> None:
    """Bring iData and iMeta into a place: figures, tree and units."""
    from ..app.exchange import bring_coin

    batch = bring_coin(opened(place), idata, imeta, name=name, source=source, vintage=vintage, period=period)
    write(say("cli.gathered", file=idata.name, facts=batch.facts, batch=batch.number))
    write(say("cli.coinr_made", name=name))
