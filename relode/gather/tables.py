"""Bring your own table: a tidy or a wide CSV or Excel file with one head row becomes facts. 采表

tidy   entity, period, indicator, value, and if there are scenario, status, unit, series
wide   a column of entities, a column of periods or periods in the heads, every other column an indicator

Every fact keeps its full address (sheet, row, col). All faults of a file are reported together and nothing is
guessed: a blank is no fact (never zero), and a symbol such as a dash is refused with its cell.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..words.codelist import STATUSES, Codelist
from ..words.errors import Misfit, RelodeError, raise_all
from ..words.indicator import Indicator
from .cells import Cell, Sheet, read_sheets
from .embedded import sha256_of
from .harmonise import Matcher, china_matcher, entity_called
from .heads import Figures, Layout, Names, as_period, check_unit, read_layout

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("entity", "period", "indicator", "scenario", "value", "status", "sheet", "row", "col")
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?([eE][+-]?\d+)?|[+-]?\.\d+")
Row = tuple[str, str, str, str, float, str, str, int, int]


def read_table(
    path: str | Path,
    *,
    regions: Codelist,
    indicators: Mapping[str, Indicator],
    period: str | None = None,
    scenario: str = "actual",
) -> pd.DataFrame:
    """The facts of a file: entity, period, indicator, scenario, value, status, sheet, row, col (counted from one).

    `regions` and `indicators` say which names are known; an empty `regions` takes entities as they stand.
    `period` is meant where the table names none; `scenario` likewise.
    Raises UnknownWord, Misfit, all faults of the file together.
    """
    import pandas as pd

    path = Path(path)
    reader = _Reader(regions, Names(indicators), period, scenario)
    for sheet in read_sheets(path):
        reader.read(sheet)
    raise_all(reader.faults, where=path.name)
    return pd.DataFrame(reader.rows, columns=list(COLUMNS))


def is_plain(path: str | Path, *, indicators: Mapping[str, Indicator], period: str | None = None) -> bool:
    """Are all heads of the file words of the place itself, so that there is nothing to ask about it?"""
    names = Names(indicators)
    return all(not read_layout(sheet, names, period)[1] for sheet in read_sheets(Path(path)))


def file_hash(path: Path) -> str:
    """sha256 of the file's bytes."""
    return sha256_of(path)


class _Reader:
    """Reads sheets one after another; keeps the facts, the faults, and which names were looked up already."""

    def __init__(self, regions: Codelist, names: Names, period: str | None, scenario: str):
        self.regions = regions
        self.names = names
        self.period = period
        self.scenario = scenario
        self.rows: list[Row] = []
        self.faults: list[RelodeError] = []
        self._seen: dict[tuple[str, ...], str] = {}
        self._entities: dict[str, str] = {}
        self._series: set[str] = set()
        self._matcher = china_matcher(regions) if len(regions) else Matcher(regions)

    def read(self, sheet: Sheet) -> None:
        """Take every fact of a sheet."""
        layout, faults = read_layout(sheet, self.names, self.period)
        self.faults += faults
        if faults:
            return
        for number, cells in enumerate(sheet.rows[layout.head :], layout.head + 1):
            if any(_text(cell) for cell in cells):
                self._read_row(_Line(sheet, layout, number, cells))

    def _read_row(self, line: _Line) -> None:
        try:
            entity = self._entity(line)
            scenario = line.text("scenario") or self.scenario
            status = line.text("status").upper()
            self._one_series(line)
            if status and (len(status) != 1 or status not in STATUSES):
                raise Misfit("table.status", name=status, where=line.at("status"), expected=tuple(STATUSES))
        except RelodeError as fault:
            self.faults.append(fault)
            return
        for figures in line.figures():
            try:
                self._read_cell(line, figures, (entity, scenario, status))
            except RelodeError as fault:
                self.faults.append(fault)

    def _read_cell(self, line: _Line, figures: Figures, key: tuple[str, str, str]) -> None:
        entity, scenario, status = key
        where = line.sheet.at(line.number, figures.col)
        value = number(line.cell(figures.col), where)
        if math.isnan(value) and status != "M":
            return
        if not math.isnan(value) and status == "M":
            raise Misfit("table.missing_value", where=where)
        period = figures.period or line.period() or self.period or ""
        if not period:
            raise Misfit("table.period", name=line.text("period"), where=line.at("period"))
        indicator = figures.indicator or self.names.find(line.text("indicator"), line.at("indicator"))
        if unit := line.text("unit"):
            check_unit(unit, self.names.indicators[indicator], line.at("unit"))
        fact = (entity, period, indicator, scenario)
        if fact in self._seen:
            raise Misfit("table.double", name="/".join(fact), other=self._seen[fact], where=where)
        self._seen[fact] = where
        self.rows.append((*fact, value, status or "A", line.sheet.name, line.number, figures.col))

    def _entity(self, line: _Line) -> str:
        """The entity of a line; a code and a name beside each other have to agree."""
        found = {}
        for col in line.layout.roles["entity"]:
            if text := _text(line.cell(col)):
                found[self._find(text, line.sheet.at(line.number, col))] = text
        if not found:
            raise Misfit("table.no_entity", where=line.at("entity"))
        if len(found) > 1:
            raise Misfit("table.entities", name=" / ".join(found.values()), where=line.at("entity"), expected=found)
        return next(iter(found))

    def _find(self, text: str, where: str) -> str:
        if not len(self.regions):
            return text
        if text not in self._entities:
            self._entities[text] = entity_called(text, self._matcher, where=where)
        return self._entities[text]

    def _one_series(self, line: _Line) -> None:
        if series := line.text("series"):
            self._series.add(series)
            if len(self._series) > 1:
                raise Misfit("table.series", where=line.at("series"), expected=sorted(self._series))


class _Line:
    """One row of a sheet below its head."""

    def __init__(self, sheet: Sheet, layout: Layout, number: int, cells: tuple[Cell, ...]):
        self.sheet, self.layout, self.number, self.cells = sheet, layout, number, cells

    def cell(self, col: int) -> Cell:
        """The cell in column `col`; blank where the row ends before."""
        return self.cells[col - 1] if col <= len(self.cells) else ""

    def text(self, role: str) -> str:
        """What the column of a role says; '' where there is none."""
        return _text(self.cell(self.layout.roles[role][0])) if role in self.layout.roles else ""

    def at(self, role: str) -> str:
        """What people call the cell of a role."""
        return self.sheet.at(self.number, self.layout.roles.get(role, (1,))[0])

    def period(self) -> str:
        """The period of the line, from its own column. Raises Misfit where that holds something else."""
        text = self.text("period")
        if text and not (period := as_period(text)):
            raise Misfit("table.period", name=text, where=self.at("period"))
        return period if text else ""

    def figures(self) -> Iterator[Figures]:
        """The columns that may hold a figure."""
        if "value" in self.layout.roles:
            yield Figures(self.layout.roles["value"][0], "", "")
        else:
            yield from self.layout.figures


def number(cell: Cell, where: str) -> float:
    """The figure in a cell; NaN for a blank. Raises Misfit for anything that is no number, naming the cell."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = _text(cell)
    if not text:
        return math.nan
    if not _NUMBER.fullmatch(text):
        code = "table.number" if any(letter.isalnum() for letter in text) else "table.symbol"
        raise Misfit(code, name=text, where=where)
    return float(text.replace(",", ""))


def _text(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, full-width letters and digits made plain."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return unicodedata.normalize("NFKC", str(cell)).strip(" \t\r\n　​﻿")
