"""What a screen needs of `publish`: cells, headings and sentences as reports write them, pictures, workbooks, maps."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from relode.publish.figures import NOTHING, Shown, heading, is_figure, is_nothing, number, period_name, records
from relode.words.errors import UnknownWord
from relode.words.result import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NOTHING", "Shown", "csv_of", "font_file", "heading", "is_figure", "is_nothing", "number", "parquet_of",
           "period_name",
           "picture_of", "records", "sentences_of", "version_of", "workbook_of"]  # fmt: skip

LIVE = ("=", "+", "-", "@", "\t", "\r", "\n")


def sentences_of(shown: Shown, topic: str) -> tuple[str, ...]:
    """What reports say of a result on a topic."""
    from relode.publish.sentences import paragraphs

    return paragraphs(shown, topic)


def picture_of(shown: Shown, kind: str, maps: Mapping[str, Any], form: str) -> bytes:
    """A picture of the result as reports draw it, `svg` or `png`. Raises UnknownWord where there is none."""
    from relode.publish.pictures import picture

    charts = {chart.kind: chart for chart in shown.result.charts}
    if kind not in charts:
        raise UnknownWord("web.no_picture", name=kind, expected=tuple(charts))
    drawn = picture(charts[kind], shown, maps)
    if drawn is None:
        raise UnknownWord("web.no_picture", name=kind, expected=tuple(k for k in charts if k != kind))
    return drawn.svg().encode() if form == "svg" else drawn.png()


def workbook_of(result: Result, lang: str, sources: Mapping[str, Any]) -> bytes:
    """All tables of a result as an xlsx workbook, as reports have it."""
    from relode.publish import publish

    with TemporaryDirectory() as folder:
        return publish([result], Path(folder) / "tables.xlsx", lang=lang, sources=sources).read_bytes()


def csv_of(frame: pd.DataFrame) -> Iterator[str]:
    """A table as CSV for spreadsheets: with a byte order mark, and no text that would become a formula."""
    page = io.StringIO()
    writer = csv.writer(page)
    page.write("\ufeff")
    writer.writerow([harmless(name) for name in frame.columns])
    for n, row in enumerate(frame.itertuples(index=False)):
        writer.writerow([harmless(cell) for cell in row])
        if n % 500 == 499:
            yield page.getvalue()
            page.seek(0)
            page.truncate()
    yield page.getvalue()


def harmless(cell: Any) -> Any:
    """A cell that no spreadsheet runs: text that begins like a formula gets an apostrophe; figures stay figures."""
    if is_nothing(cell):
        return ""
    return "'" + cell if isinstance(cell, str) and cell.startswith(LIVE) else cell


def parquet_of(frame: pd.DataFrame) -> bytes:
    """A table as Parquet."""
    import duckdb

    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        con = duckdb.connect()
        try:
            con.register("asked", frame)
            con.execute(f"copy (select * from asked) to '{path}' (format parquet)")
        finally:
            con.close()
        return path.read_bytes()


def version_of(row: Mapping[str, Any], lang: str) -> dict[str, str]:
    """One version of a fact as people read it."""
    told = {name: NOTHING if is_nothing(value) else str(value) for name, value in row.items()}
    for name in ("vintage", "loaded", "undone"):
        value = row.get(name)
        if isinstance(value, date) and value == value:
            told[name] = (
                f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) and name != "vintage" else f"{value:%Y-%m-%d}"
            )
        else:
            told[name] = NOTHING
    told["value"] = NOTHING if is_nothing(row.get("value")) else number(float(row["value"]), "#,##0.######", lang)
    return told


def font_file() -> Path:
    """The packaged font for screens that have no Chinese one."""
    from relode.publish.fonts import regular

    return regular()[0]
