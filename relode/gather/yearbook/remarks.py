"""What has to be said about a file beyond its facts: what nobody sees, what stands beside data, what a title hides."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...words.codelist import Codelist
from ...words.note import Note, remark, warn
from . import compare
from .columns import Looker
from .extract import Found
from .guess import View
from .lexicon import clean, is_blank, lexicon
from .reading import Table
from .sheets import Sheet, address

if TYPE_CHECKING:
    import pandas as pd

_NOTES_UNSEEN = ("xls", "xlsb", "ods")


def about_format(file: str) -> Iterator[Note]:
    """Formats whose notes on cells cannot be seen; text files have none."""
    ending = file.rpartition(".")[2].lower()
    if ending in _NOTES_UNSEEN:
        yield remark("yearbook.no_cell_notes", ending=ending)


def about_sheet(sheet: Sheet, *, unread: bool) -> Iterator[Note]:
    """Hidden rows and hidden sheets, which are read all the same; a sheet of figures without a table."""
    if sheet.hidden_rows:
        yield remark("yearbook.hidden_rows", sheet=sheet.name, count=sheet.hidden_rows, rows=sheet.height)
    if sheet.hidden and any(sheet.filled):
        yield remark("yearbook.hidden_sheet", sheet=sheet.name)
    if unread and sheet.numbers:
        yield remark("yearbook.not_a_table", sheet=sheet.name)
    if sheet.notes:
        yield from _cell_notes(sheet)


def _cell_notes(sheet: Sheet, most: int = 6, longest: int = 60) -> Iterator[Note]:
    """The notes on cells: adverts are counted, what is said of figures is shown, the same text once."""
    words = lexicon()
    cells: dict[str, list[str]] = {}
    for cell, text in sheet.notes:
        if not words.has("remark", text):
            cells.setdefault(clean(text)[:longest], []).append(cell)
    told = [f"{' '.join(where[:most])} “{text}”" for text, where in cells.items()]
    adverts = len(sheet.notes) - sum(map(len, cells.values()))
    if adverts:
        yield remark("yearbook.cell_adverts", sheet=sheet.name, count=adverts)
    if told:
        shown = "; ".join(told[:most]) + (" ..." if len(told) > most else "")
        yield warn("yearbook.cell_notes", sheet=sheet.name, count=sum(map(len, cells.values())), notes=shown)


def about_table(view: View, table: Table, found: Found) -> Iterator[Note]:
    """What was found on the way, texts beside the data, live formulas, derived columns recomputed."""
    yield from found.notes
    yield from _beside(view)
    yield from _live(view, table)
    yield from _derived(view, found)


def _beside(view: View) -> Iterator[Note]:
    """Texts in columns without a head, and below the table where they explain nothing."""
    block, words = view.block, lexicon()
    stray = [(r, c) for c in view.having("remark") for r in block.data if not is_blank(block.sheet.rows[r][c])]
    stray += [(r, c) for r, c, text in block.notes if words.has("remark", text) or not words.has("footer", text)]
    if stray:
        cells = [address(block.sheet.name, row, column) for row, column in stray]
        text = clean(str(block.sheet.rows[stray[0][0]][stray[0][1]]))
        yield remark("yearbook.beside", count=len(stray), cells=", ".join(cells[:6]), text=text[:40])


def _live(view: View, table: Table) -> Iterator[Note]:
    """Formulas in columns of facts: their saved results are what was read."""
    sheet = view.block.sheet
    counts = {}
    for column, head in view.heads.items():
        known = table.column(head.template)
        count = sheet.formulas.get(address("", 0, column)[:-1], 0)
        if known and known.role in ("fact", "value") and count:
            counts[head.template] = count
    if counts:
        yield warn("yearbook.live", sheet=sheet.name, count=sum(counts.values()), heads=", ".join(counts))


def _derived(view: View, found: Found) -> Iterator[Note]:
    """Derived columns recomputed: those that agree in one line, those that do not one by one."""
    agree: dict[str, int] = {}
    for known, column, published in found.derived:
        checked = compare.recompute(known.formula, found.by_code, published)
        if checked is None:
            yield remark("yearbook.not_recomputed", head=known.head, formula=known.formula)
            continue
        count, differ = checked
        if len(differ):
            where = address(view.block.sheet.name, view.block.data[differ[0]], column)
            yield warn("yearbook.derived_differs", head=known.head, count=count, differ=len(differ), where=where)
        else:
            agree[known.head] = count
    if agree:
        yield remark("yearbook.derived", heads=", ".join(agree), columns=len(agree), count=sum(agree.values()),
                     sheet=view.block.sheet.name)  # fmt: skip


def about_facts(facts: pd.DataFrame, name: str, looker: Looker, regions: Codelist) -> Iterator[Note]:
    """A file name that names other years or another number of places than its rows; zeros that are likely blanks."""
    if facts.empty or (known := facts[facts["value"].notna()]).empty:
        return
    first, last = known["period"].min(), known["period"].max()
    span = looker.span(name)
    if span and (first[:4], last[:4]) != span:
        yield warn("yearbook.span", title="-".join(span), rows=f"{first}-{last}")
    counted = lexicon().patterns["count"].search(name)
    here = known["entity"].nunique()
    if counted and int(counted.group(1)) != here:
        yield warn("yearbook.counted", title=int(counted.group(1)), count=here)
    zeros = compare.blank_zeros(facts)
    if len(zeros):
        cells = ", ".join(_zero(row, regions) for row in zeros.head(6).to_dict("records"))
        yield warn("yearbook.zeros", count=len(zeros), cells=cells + (" ..." if len(zeros) > 6 else ""))


def _zero(fact: Mapping[Hashable, Any], regions: Codelist) -> str:
    """A figure as people look for it: region, period and cell."""
    cell = address(fact["sheet"], int(fact["row"]) - 1, int(fact["col"]) - 1)
    return f"{regions[fact['entity']].name if fact['entity'] in regions else fact['entity']} {fact['period']} ({cell})"
