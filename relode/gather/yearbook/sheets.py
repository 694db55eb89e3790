"""Any workbook or CSV file as grids of cells, counted from A1, with the ranges that were merged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .guard import open_file
from .lexicon import Cell, is_blank, is_number, text_of

MOST_SPREAD = 500_000  # cells under merged ranges that are worth remembering
Range = tuple[int, int, int, int]  # first row, first column, last row, last column; from 0, ends included


@dataclass(frozen=True)
class Sheet:
    """One sheet: rows of equal length, and what a person looking at it would not see."""

    name: str
    rows: list[list[Cell]]
    merged: tuple[Range, ...] = ()
    hidden: bool = False
    hidden_rows: int = 0
    formulas: dict[str, int] = field(default_factory=dict)  # letters of a column -> cells that are live formulas
    notes: tuple[tuple[str, str], ...] = ()  # cell and text of the notes attached to cells

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.rows)

    @cached_property
    def width(self) -> int:
        """The number of columns."""
        return len(self.rows[0]) if self.rows else 0

    @cached_property
    def spread(self) -> dict[tuple[int, int], Cell]:
        """The cells under a merged range, each with the content of the range's first cell."""
        found: dict[tuple[int, int], Cell] = {}
        for top, left, bottom, right in self.merged:
            bottom, right = min(bottom, self.height - 1), min(right, self.width - 1)
            held = top <= bottom and left <= right and not is_blank(self.rows[top][left])
            if held and len(found) + (bottom - top + 1) * (right - left + 1) <= MOST_SPREAD:
                for row in range(top, bottom + 1):
                    for column in range(left, right + 1):
                        found[row, column] = self.rows[top][left]
        return found

    def at(self, row: int, column: int) -> Cell:
        """The cell as a reader sees it: merged ranges show their content everywhere."""
        return self.spread.get((row, column), self.rows[row][column])

    def shown(self, row: int) -> list[tuple[int, Cell]]:
        """The cells of a row that hold something of their own, with their columns."""
        return [(n, cell) for n, cell in enumerate(self.rows[row]) if not is_blank(cell)]

    @cached_property
    def filled(self) -> list[int]:
        """How many cells of each row hold something of their own."""
        return [len([c for c in row if type(c) is float or (c != "" and not is_blank(c))]) for row in self.rows]

    @cached_property
    def noted(self) -> dict[tuple[int, int], str]:
        """The notes on cells by row and column, from 0."""
        found = {}
        for cell, text in self.notes:
            name = cell.rstrip("0123456789")
            column = 0
            for letter in name:
                column = column * 26 + ord(letter) - 64
            found[int(cell[len(name) :]) - 1, column - 1] = text
        return found

    def texts(self) -> Iterator[str]:
        """Every text of the sheet, row by row."""
        for row in self.rows:
            yield from (text_of(cell) for cell in row if isinstance(cell, str) and not is_blank(cell))

    @cached_property
    def numbers(self) -> int:
        """How many of the first cells are numbers: a sheet without any is one of notes."""
        return sum(is_number(cell) for row in self.rows[:200] for cell in row)


@dataclass(frozen=True)
class Book:
    """The sheets of a file."""

    name: str
    sheets: tuple[Sheet, ...]
    file_hash: str = ""


def read_book(path: Path) -> Book:
    """The sheets of a workbook or CSV file. Raises Misfit, with one message, where the file is refused."""
    sheets = tuple(
        Sheet(
            name=raw["name"], rows=raw["rows"], merged=tuple((a, b, c, d) for a, b, c, d in raw["merged"]),
            hidden=raw["hidden"], hidden_rows=raw.get("hidden_rows", 0), formulas=raw.get("formulas", {}),
            notes=tuple((cell, text) for cell, text in raw.get("notes", ())),
        )
        for raw in open_file(path)
    )  # fmt: skip
    return Book(path.name, sheets, hashlib.sha256(path.read_bytes()).hexdigest())


def letters(column: int) -> str:
    """The letters of a column counted from 0: 0 -> A, 26 -> AA."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def address(sheet: str, row: int, column: int) -> str:
    """A cell as people name it: `Sheet1!B4`; row and column from 0."""
    cell = f"{letters(column)}{row + 1}"
    return f"{sheet}!{cell}" if sheet else cell
