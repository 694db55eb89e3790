"""A file becomes sheets of cells: CSV in UTF-8, UTF-8 with BOM or GB18030, and Excel. Nothing is interpreted here."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..words.errors import Misfit

Cell = Any  # str, int, float, bool, date or ""
EXCEL = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TEXT = (".csv", ".tsv", ".txt")


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
    """The sheets of a file that hold anything. Raises Misfit where the file is no table that can be read."""
    suffix = path.suffix.lower()
    if suffix in TEXT:
        sheets: tuple[Sheet, ...] = (Sheet(path.name, "", _text_rows(path)),)
    elif suffix in EXCEL:
        sheets = _excel_sheets(path)
    else:
        raise Misfit("table.kind", name=suffix, where=path.name, expected=(*TEXT, *EXCEL))
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


def _text_rows(path: Path) -> tuple[tuple[Cell, ...], ...]:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Misfit("table.encoding", where=path.name, expected=("UTF-8", "GB18030"))
    if "\0" in text:
        raise Misfit("table.encoding", where=path.name, expected=("UTF-8", "GB18030"))
    head = text.partition("\n")[0]
    delimiter = max(",\t;", key=head.count)
    try:
        return tuple(tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as fault:
        raise Misfit("table.unreadable", where=path.name, fault=str(fault)) from fault


def _excel_sheets(path: Path) -> tuple[Sheet, ...]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        return tuple(
            Sheet(path.name, name, tuple(map(tuple, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))))
            for name in workbook.sheet_names
        )
    except (CalamineError, OSError) as fault:
        raise Misfit("table.unreadable", where=path.name, fault=str(fault)) from fault
