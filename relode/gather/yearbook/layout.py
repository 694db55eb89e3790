"""Where the tables of a sheet stand: titles, head rows, figures, bands between them, notes below.

规模以上工业            <- title                     单位：亿元   <- title, a unit line
地区    增加值          <- head, as many rows as merged cells or blank corners tell
        2022   2023
太原    ...             <- data
2023年                  <- band: one cell between data rows, which says the period, entity or indicator
注：...                 <- note
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from .lexicon import Cell, Lexicon, clean, is_blank, languages, text_of
from .sheets import Sheet
from .symbols import Legend

WIDEST = 100  # columns that one heading may stand over without being merged
Placed = tuple[int, int, str]  # row, column, text
IsPlace = Callable[[str], bool]


@dataclass(frozen=True)
class Block:
    """One table of a sheet. Rows and columns count from 0, ends are included."""

    sheet: Sheet
    number: int
    titles: tuple[str, ...]
    head: tuple[int, int]
    columns: tuple[int, ...]
    paths: dict[int, tuple[str, ...]]  # column -> the texts above it, from the top down
    data: tuple[int, ...]
    bands: tuple[Placed, ...] = ()
    notes: tuple[Placed, ...] = ()

    @cached_property
    def sample(self) -> tuple[int, ...]:
        """The first 200 and the last 50 data rows: enough to know a column by."""
        return self.data if len(self.data) <= 250 else self.data[:200] + self.data[-50:]


@dataclass(frozen=True)
class Row:
    """What kind of row it is: `blank`, `single` (one text), `words` (texts and years), `figures`."""

    kind: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surveyor:
    """Finds the tables of sheets, given how yearbooks speak and what is the name of a place."""

    lexicon: Lexicon
    legend: Legend
    is_place: IsPlace
    figures: dict[str, bool] = field(default_factory=dict)  # texts looked at before

    def survey(self, sheet: Sheet) -> tuple[list[Block], list[Placed]]:
        """The tables of a sheet, and every text that belongs to none."""
        rows = [self._row(sheet, number) for number in range(sheet.height)]
        starts = self._heads(sheet, rows)
        blocks: list[Block] = []
        for n, (top, bottom) in enumerate(starts):
            end = starts[n + 1][0] if n + 1 < len(starts) else sheet.height
            floor = blocks[-1].data[-1] + 1 if blocks else 0
            above = [text for r in range(floor, top) for _, _, text in _placed(sheet, r)]
            blocks += self._blocks(sheet, rows, (top, bottom), end, above, len(blocks))
        return blocks, [] if blocks else [placed for r in range(sheet.height) for placed in _placed(sheet, r)]

    # -- kinds of rows -----------------------------------------------------------------------------

    def _row(self, sheet: Sheet, number: int) -> Row:
        filled = sheet.filled[number]
        if not filled:
            return Row("blank")
        row = sheet.rows[number]
        figures = any(type(c) is float and not (1900 <= c <= 2100 and c.is_integer()) for c in row) or any(
            self._is_figure(str(cell)) for cell in row if cell != "" and type(cell) is not float
        )
        if figures and filled > 1:
            numbered = number < 60 and self._counts([cell for _, cell in sheet.shown(number)])
            return Row("numbering" if numbered else "figures")
        texts = tuple(text_of(cell) for _, cell in sheet.shown(number))
        return Row("single" if len(set(texts)) == 1 else "words", texts)

    def _is_figure(self, text: str) -> bool:
        """A text that stands for a figure: written digits or a symbol, no year."""
        if text not in self.figures:
            year_or_blank = bool(self.lexicon.year(text)) or is_blank(text)
            self.figures[text] = not year_or_blank and self.legend.read(text).meaning != "unreadable"
        return self.figures[text]

    def _counts(self, shown: list[Cell]) -> bool:
        """Is it the row below a head that numbers the columns: 1, 2, 3 ...?"""
        numbers = [text_of(cell).strip("()") for cell in shown]
        rest = numbers if numbers[0] == "1" else numbers[1:]
        return len(rest) > 1 and rest == [str(n) for n in range(1, len(rest) + 1)]

    # -- heads -------------------------------------------------------------------------------------

    def _heads(self, sheet: Sheet, rows: list[Row]) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        number = 0
        while number < len(rows):
            if self._begins(sheet, rows, number, found):
                bottom = self._bottom(sheet, rows, number)
                found.append((number, bottom))
                number = bottom
            number += 1
        return found

    def _begins(self, sheet: Sheet, rows: list[Row], number: int, found: list[tuple[int, int]]) -> bool:
        """Does a head begin at this row?"""
        row = rows[number]
        if row.kind != "words" or self._is_title(row) or not self._has_data_below(rows, number):
            return False
        if not found:
            return True
        top = found[-1][0]
        if row.texts == rows[top].texts:
            return True
        first = self._first(sheet, number)
        told = bool(self.lexicon.role(first)) and not self.lexicon.year(first) and not self.is_place(first)
        return told and (rows[number - 1].kind in ("blank", "single", "words") or len(row.texts) > 2)

    def _has_data_below(self, rows: list[Row], number: int) -> bool:
        return any(row.kind in ("figures", "words") for row in rows[number + 1 : number + 12])

    def _is_title(self, row: Row) -> bool:
        """A line over the table: a unit line, a span of years, with nothing that heads a column."""
        has_unit = any(self.lexicon.patterns["unit_line"].search(text) for text in row.texts)
        return has_unit and not any(self.lexicon.role(text) for text in row.texts)

    def _bottom(self, sheet: Sheet, rows: list[Row], top: int) -> int:
        """The last row of the head that begins at `top`."""
        bottom = top
        while True:
            low = [end for start, _, end, _ in sheet.merged if top <= start <= bottom and end - start < 8]
            reach = max(low, default=bottom)
            if reach > bottom:
                bottom = reach
            elif bottom + 1 < len(rows) and self._goes_on(sheet, rows, top, bottom + 1):
                bottom += 1
            else:
                return bottom

    def _goes_on(self, sheet: Sheet, rows: list[Row], top: int, number: int) -> bool:
        """Does the row below a head belong to it still?"""
        row = rows[number]
        if row.kind == "numbering":
            return True
        if row.kind != "words" and not (row.kind == "single" and self._under_spread(sheet, number - 1)):
            return False
        first = self._first(sheet, number, own=True)
        if not first or self._under_spread(sheet, number - 1):
            return not (first and (self.is_place(first) or self.lexicon.year(first)))
        return self._translates(rows[top], row) or bool(self.lexicon.role(first))

    def _translates(self, above: Row, below: Row) -> bool:
        """Is the row below the English of the row above?"""
        latin = [not languages(text)[0] and bool(languages(text)[1]) for text in below.texts]
        return all(latin) and all(languages(text)[0] for text in above.texts[:1]) and len(latin) > 1

    def _under_spread(self, sheet: Sheet, number: int) -> bool:
        """Does a cell of the row span several columns, so that the next row must split it?"""
        return any(top == bottom == number and left < right for top, left, bottom, right in sheet.merged)

    def _first(self, sheet: Sheet, number: int, *, own: bool = False) -> str:
        """The text in the first column that the sheet uses."""
        left = min((c for r in range(max(0, number - 3), number + 1) for c, _ in sheet.shown(r)), default=0)
        return text_of(sheet.rows[number][left] if own else sheet.at(number, left))

    # -- blocks ------------------------------------------------------------------------------------

    def _blocks(
        self, sheet: Sheet, rows: list[Row], head: tuple[int, int], end: int, above: list[str], count: int
    ) -> list[Block]:
        """The tables below one head: usually one, more where tables stand side by side."""
        below = range(head[1] + 1, end)
        data = tuple(r for r in below if rows[r].kind in ("figures", "words"))
        last = max((r for r in data if rows[r].kind == "figures"), default=-1)
        if last < 0:
            return []
        singles = [r for r in below if rows[r].kind == "single"]
        bands = tuple(p for r in singles if r < last for p in _placed(sheet, r))
        notes = tuple(p for r in singles if r > last for p in _placed(sheet, r))
        if end < sheet.height:  # what else stands there is the title of the next table
            notes = tuple(p for p in notes if self.lexicon.has("footer", p[2]))
        groups = self._groups(sheet, head, data)
        titles = tuple(text for text in above if not self.lexicon.has("footer", text))
        return [
            Block(sheet, count + n, titles, head, columns, {c: self._path(sheet, head, c) for c in columns},
                  data, bands, notes)
            for n, columns in enumerate(groups, 1)
        ]  # fmt: skip

    def _groups(self, sheet: Sheet, head: tuple[int, int], data: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The columns of the tables under one head: a blank column, and a second first column, part two tables."""
        used = {c for r in (*range(head[0], head[1] + 1), *data[:200], *data[-50:]) for c, _ in sheet.shown(r)}
        last = max(used, default=0)
        used |= {c for r in data[200:-50] for c in _beyond(sheet, r, last)}
        groups: list[list[int]] = [[]]
        for column in range(sheet.width):
            path = self._path(sheet, head, column)
            first = bool(path) and self.lexicon.role(path[-1]) in ("city", "place", "province", "period")
            parted = column - 1 not in used and groups[-1] and first and column in used
            if parted and self._repeats(sheet, head, groups[0], column):
                groups.append([])
            if column in used or path:
                groups[-1].append(column)
        return [tuple(group) for group in groups]

    def _repeats(self, sheet: Sheet, head: tuple[int, int], group: list[int], column: int) -> bool:
        return self._path(sheet, head, group[0]) == self._path(sheet, head, column)

    def _path(self, sheet: Sheet, head: tuple[int, int], column: int) -> tuple[str, ...]:
        """The texts above a column, from the top down; a blank above a filled cell continues from the left."""
        found: list[str] = []
        for row in range(head[0], head[1] + 1):
            text = text_of(sheet.at(row, column))
            below = any(text_of(sheet.at(r, column)) for r in range(row + 1, head[1] + 1))
            if not text and below and not any(top <= row <= bottom for top, _, bottom, _ in sheet.merged):
                text = next(
                    (t for c in range(column, max(-1, column - WIDEST), -1) if (t := text_of(sheet.rows[row][c]))), ""
                )
                text = "" if self.lexicon.role(text) else text
            if text and not re.fullmatch(r"\(?\d{1,2}\)?", text) and text not in found[-1:]:
                found.append(text)
        return tuple(found)


def _placed(sheet: Sheet, row: int) -> list[Placed]:
    return [(row, column, clean(str(cell))) for column, cell in sheet.shown(row)]


def _beyond(sheet: Sheet, row: int, last: int) -> list[int]:
    return [c for c in range(last + 1, sheet.width) if sheet.rows[row][c] != ""]
