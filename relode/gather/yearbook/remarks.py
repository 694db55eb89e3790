"""What has to be said about a file beyond its facts: what nobody sees, what stands beside data, what a title hides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

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


def about_sheet(sheet: Sheet, *, unread: bool) -> Iterator[Note]:
    """Hidden rows and hidden sheets, which are read all the same; a sheet of figures without a table."""
    if sheet.hidden_rows:
        yield remark("yearbook.hidden_rows", sheet=sheet.name, count=sheet.hidden_rows, rows=sheet.height)
    if sheet.hidden and any(sheet.filled):
        yield remark("yearbook.hidden_sheet", sheet=sheet.name)
    if unread and sheet.numbers:
        yield remark("yearbook.not_a_table", sheet=sheet.name)


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
            yield remark("yearbook.derived", head=known.head, count=count)


def about_facts(facts: pd.DataFrame, name: str, looker: Looker) -> Iterator[Note]:
    """A file name that names other years or another number of places than its rows; zeros that are likely blanks."""
    known = facts[facts["value"].notna()]
    if known.empty:
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
        some = zeros.head(6)
        places = zip(some["sheet"], some["row"], some["col"], strict=True)
        cells = [address(sheet, int(row) - 1, int(column) - 1) for sheet, row, column in places]
        yield warn("yearbook.zeros", count=len(zeros), cells=", ".join(cells))
