"""A file becomes sheets of cells: CSV in UTF-8, with or without BOM, or GB18030, and workbooks, as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..words.errors import Misfit

Cell = Any  # str, int, float, bool, date or ""


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet, from A1 on. `name` is empty for a text file."""

    file: str
    name: str
    rows: tuple[tuple[Cell, ...], ...]

    def at(self, row: int, col: int) -> str:
        """What people call a cell; row and col count from one: `yearbook.xlsx, GDP!C7`."""
        place = f"{column_letters(col)}{row}"
        return f"{self.file}, {self.name + '!' if self.name else ''}{place}"


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """The sheets of a file that hold anything, read in a guarded process. Raises Misfit where the file is refused."""
    if not path.is_file():
        raise Misfit("hostile.unreadable", where=path.name, fault="no file")
    state = path.stat()
    return _read_sheets(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)  # a file is looked at several times before it is kept
def _read_sheets(path: Path, changed: int, size: int) -> tuple[Sheet, ...]:
    from .yearbook.guard import open_file

    sheets = tuple(Sheet(path.name, raw["name"], tuple(map(tuple, raw["rows"]))) for raw in open_file(path))
    filled = tuple(sheet for sheet in sheets if any(str(cell).strip() for row in sheet.rows for cell in row))
    if not filled:
        raise Misfit("table.empty", where=path.name)
    return filled


def column_letters(col: int) -> str:
    """1 -> A, 27 -> AA, as spreadsheets say it."""
    letters = ""
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
