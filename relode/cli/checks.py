"""The commands that look after figures: what is missing, where sources differ, how good it all is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from unicodedata import east_asian_width

import typer

from ..words.texts import language, say
from .observe import opened
from .options import JsonOption, LangOption, PlaceOption
from .show import progress, write

if TYPE_CHECKING:
    import pandas as pd

    from ..app import Place
    from ..words.errors import RelodeError
    from ..words.result import Result

MOST = 20


def add_to(cli: typer.Typer) -> None:
    """Put these commands beside the others."""
    cli.command("missing", help=say("cli.missing"))(missing)
    cli.command("conflicts", help=say("cli.conflicts"))(conflicts)
    cli.command("check", help=say("cli.check"))(check)


def missing(system: str, place: PlaceOption = Path(), lang: LangOption = None, as_json: JsonOption = False) -> None:
    """What of a system is there, and what is missing?"""
    here = opened(place)
    found = here.missing(system)
    if as_json:
        write(found.to_json(orient="records", force_ascii=False))
        return
    named = here.shelf.system(system)
    shown = found[(found["entity"] == "") & (found["period"] == "")]
    for node, there, of in zip(shown["node"], shown["available"], shown["of"], strict=True):
        share = f"{there / of:.0%}" if of else "-"
        write(f"{there:>8} / {of:<8} {share:>5}  {named.label(node, language())}")


def conflicts(
    place: PlaceOption = Path(),
    indicator: Annotated[str, typer.Option(help=say("cli.option.of_indicator"))] = "",
    most: Annotated[int, typer.Option(min=0, help=say("cli.option.most"))] = MOST,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Where do two series differ: how often and how far, then figure by figure."""
    here = opened(place)
    found = here.conflicts()
    if indicator:
        found = found[found["indicator"] == indicator]
    if as_json:
        write(found.to_json(orient="records", force_ascii=False))
        return
    if not len(found):
        write(say("cli.no_conflicts"))
        return
    _summary(here, found)
    _rows(here, found, most)


def _summary(here: Place, found: pd.DataFrame) -> None:
    from ..app.check import differences

    columns = ("indicator", "series_a", "series_b", "count", "apart", "far_apart", "gap", "believed")
    rows = [
        [_named(here, row["indicator"]), row["series_a"], row["series_b"], str(row["count"]), str(row["apart"]),
         str(row["far_apart"]), f"{row['gap']:.1%}", row["believed"] or "-"]
        for row in differences(here, found).to_dict("records")
    ]  # fmt: skip
    for line in aligned([_heading(name) for name in columns], rows, figures=range(3, 7)):
        write(line)
    write("")


def _rows(here: Place, found: pd.DataFrame, most: int) -> None:
    shown = found.reindex(found["difference"].abs().div(found["value_b"].abs()).sort_values(ascending=False).index)
    columns = ("entity", "period", "indicator", "series_a", "value_a", "series_b", "value_b")
    rows = [
        [here.regions.label(row["entity"], language()), row["period"], _named(here, row["indicator"]), row["series_a"],
         f"{row['value_a']:.10g}", row["series_b"], f"{row['value_b']:.10g}"]
        for row in shown.head(most).to_dict("records")
    ]  # fmt: skip
    for line in aligned([_heading(name) for name in columns], rows, figures=(4, 6)):
        write(line)
    if len(found) > len(rows):
        write(say("cli.more_conflicts", count=len(found) - len(rows)))


def check(
    folder: Annotated[Path | None, typer.Argument(help=say("cli.option.folder"))] = None,
    place: PlaceOption = Path(),
    system: Annotated[str, typer.Option(help=say("cli.option.system"))] = "",
    level: Annotated[str, typer.Option(help=say("cli.option.level"))] = "",
    out: Annotated[list[Path] | None, typer.Option("--out", "-o", help=say("cli.option.out"))] = None,
    deep: Annotated[bool, typer.Option(help=say("cli.option.deep"))] = False,
    lang: LangOption = None,
) -> None:
    """Check definitions, and in a place also its facts: are they sound, and how good are they?"""
    from ..app.check import check_definitions, check_facts, has_facts, quality

    faults, read = check_definitions(folder or place)
    if folder is not None:
        _told(faults, read)
        return
    with progress() as told:
        here = opened(place, told)
        faults += check_facts(here, deep=deep)
        if has_facts(here):
            result = quality(here, system=system, level=level)
            _page(result)
            for path in out or ():
                write(str(here.publish({"quality": result}, path, lang=language(), recipe="quality")))
    _told(faults, read)


def _page(result: Result) -> None:
    """The four marks, the findings by kind, and the notes, on the terminal."""
    from ..app.check import paragraphs, printed

    for text in paragraphs(result, language()):
        write(text)
    for name in ("marks", "kinds", "sources"):
        table = printed(result, name, language())
        if table.rows:
            write("\n" + table.title)
            for line in aligned(table.headings, table.rows, figures=table.figures):
                write(line)
    write("")
    for note in result.notes:
        write(("! " if note.level == "warning" else "  ") + note.told(language()))


def _told(faults: Sequence[RelodeError], read: int) -> None:
    for fault in faults:
        write(str(fault), error=True)
    write(say("cli.checked", read=read, faults=len(faults)))
    if faults:
        raise typer.Exit(1)


def aligned(headings: Sequence[str], rows: Iterable[Sequence[str]], *, figures: Iterable[int] = ()) -> list[str]:
    """A table as lines, its columns under one another although a Chinese character is two wide."""
    table = [list(headings), *map(list, rows)]
    right = set(figures)
    widths = [max(_width(row[n]) for row in table) for n in range(len(headings))]
    lines = []
    for row in table:
        cells = [
            " " * (width - _width(cell)) + cell if n in right else cell + " " * (width - _width(cell))
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _heading(column: str) -> str:
    scopes = (f"column.gather.quality.sources.{column}", f"column.gather.quality.{column}", f"column.{column}")
    return next((told for code in scopes if (told := say(code, default=""))), column)


def _named(here: Place, code: str) -> str:
    return here.indicators[code].label(language()) if code in here.indicators else code
