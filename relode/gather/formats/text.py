"""CSV for people and spreadsheets: UTF-8 with a mark, numbers whole, and no text that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ...words.errors import Misfit

RUNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # the last four are full-width = + - @
_RUNS = re.compile(f"'*[{re.escape(RUNS)}]")
_KEPT = re.compile(f"'+[{re.escape(RUNS)}]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def safe(text: str) -> str:
    """Text that a spreadsheet would run (= + - @ tab CR first) gets a ' before it, unless it is a number."""
    return "'" + text if _RUNS.match(text) and not _NUMBER.fullmatch(text) else text


def unsafe(text: str) -> str:
    """What `safe` was given."""
    return text[1:] if _KEPT.match(text) else text


def shown(value: object) -> str:
    """A cell: numbers with all their digits, NaN and None as nothing, text made safe."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool | int | float):
        return repr(float(value)) if isinstance(value, float) else str(value)
    return safe(str(value))


def write_csv(path: Path, heads: Sequence[str], rows: Iterable[Sequence[object]], *, mark: bool = True) -> None:
    """Write a table; `mark` puts the byte-order mark that Excel and WPS need to see Chinese."""
    with path.open("w", encoding="utf-8-sig" if mark else "utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([safe(head) for head in heads])
        writer.writerows([shown(cell) for cell in row] for row in rows)


def read_csv(path: Path) -> Iterator[list[str]]:
    """The rows of a CSV, comma, semicolon or tab apart, in UTF-8 or GB18030; short rows are filled up.

    Raises Misfit where it is none, or empty.
    """
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Misfit("table.encoding", where=path.name, expected=("UTF-8", "GB18030"))
    head = text.partition("\n")[0]
    if not head.strip():
        raise Misfit("table.empty", where=path.name)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    width = 0
    try:
        for row in rows:
            width = width or len(row)
            yield [unsafe(cell) for cell in (*row, *[""] * (width - len(row)))]
    except csv.Error as fault:
        raise Misfit("table.unreadable", where=path.name, fault=str(fault)) from fault


def figure(text: str, where: str) -> float:
    """A cell as a number; nothing and NA as NaN. Raises Misfit."""
    if text.strip() in ("", "NA", "NaN", "."):
        return math.nan
    try:
        value = float(text)
    except ValueError as fault:
        raise Misfit("formats.figure", name=text, where=where) from fault
    if math.isinf(value):
        raise Misfit("formats.figure", name=text, where=where)
    return value


def column(heads: Sequence[str], name: str, path: Path) -> int:
    """Where a column stands. Raises Misfit where it is not there."""
    if name not in heads:
        raise Misfit("formats.column", name=name, where=path.name, expected=heads)
    return heads.index(name)
