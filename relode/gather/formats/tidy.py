"""One figure a row: CSV, Parquet or Excel, by the ending of the file.

Nothing of a panel is lost, but for the seventeenth digit in Excel.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ...words.codelist import STATUSES
from ...words.errors import Misfit
from ...words.panel import Panel
from .text import column, figure, read_csv, write_csv

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("scenario", "entity", "period", "indicator", "value", "unit", "status")
MOST_ROWS = 1_048_575  # of an Excel sheet, without the heads


def write(panel: Panel, path: Path) -> None:
    """Write all figures of a panel. Raises Misfit for an ending that is not known or too many rows for Excel."""
    frame = panel.frame()
    if path.suffix == ".csv":
        write_csv(path, COLUMNS, frame[list(COLUMNS)].itertuples(index=False))
    elif path.suffix == ".parquet":
        _write_parquet(frame, path)
    elif path.suffix == ".xlsx":
        write_sheet(frame, path)
    else:
        raise Misfit("formats.ending", name=path.suffix, where=path.name, expected=(".csv", ".parquet", ".xlsx"))


def read(path: Path) -> pd.DataFrame:
    """The figures of a file. `scenario`, `unit` and `status` may be left out. Raises Misfit."""
    import pandas as pd

    if path.suffix == ".parquet":
        return checked(_read_parquet(path), path)
    if path.suffix == ".xlsx":
        from ..cells import read_sheets

        heads, *rows = ([str(cell) for cell in row] for row in read_sheets(path)[0].rows)
    elif path.suffix == ".csv":
        heads, *rows = read_csv(path)
    else:
        raise Misfit("formats.ending", name=path.suffix, where=path.name, expected=(".csv", ".parquet", ".xlsx"))
    at = {name: heads.index(name) for name in COLUMNS if name in heads}
    for name in ("entity", "period", "indicator", "value"):
        column(heads, name, path)
    found = {name: [row[at[name]] for row in rows] for name in at}
    values = [figure(text, f"{path.name}, {number}") for number, text in enumerate(found.pop("value"), 2)]
    return checked(pd.DataFrame({**found, "value": values}), path)


def checked(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The frame with all columns, in order. Raises Misfit for a missing column or a status that is none."""
    kept = frame.copy()
    for name in ("entity", "period", "indicator", "value"):
        if name not in kept.columns:
            raise Misfit("formats.column", name=name, where=path.name, expected=tuple(map(str, kept.columns)))
    for name, default in (("scenario", "actual"), ("unit", ""), ("status", STATUSES[0])):
        if name not in kept.columns:
            kept[name] = default
    for status in kept["status"].unique():
        if status not in tuple(STATUSES):
            raise Misfit("formats.status", name=str(status), where=path.name, expected=tuple(STATUSES))
    return kept[list(COLUMNS)]


def write_sheet(frame: pd.DataFrame, path: Path) -> None:
    """A frame as a workbook with one sheet, in which text stays text. Raises Misfit for too many rows."""
    from xlsxwriter import Workbook

    if len(frame) > MOST_ROWS:
        raise Misfit("formats.rows", count=len(frame), most=MOST_ROWS, where=path.name)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(str(path), options)
    book.set_properties({"author": "relode", "created": datetime(2000, 1, 1)})
    sheet = book.add_worksheet("facts")
    for col, name in enumerate(frame.columns):
        sheet.write_string(0, col, str(name))
        for row, cell in enumerate(frame[name], 1):
            if isinstance(cell, float):
                sheet.write_number(row, col, cell)
            else:
                sheet.write_string(row, col, str(cell))
    book.close()


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.register("facts", frame)
        connection.execute("copy (from facts) to $path (format parquet, compression zstd)", {"path": str(path)})


def _read_parquet(path: Path) -> pd.DataFrame:
    import duckdb

    with duckdb.connect() as connection:
        try:
            frame: pd.DataFrame = connection.execute("from read_parquet($path)", {"path": str(path)}).df()
        except duckdb.Error as fault:
            raise Misfit("table.unreadable", where=path.name, fault=str(fault).splitlines()[0]) from fault
    return frame
