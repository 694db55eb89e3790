"""A Reading says how the tables of one layout are read; accepted once, it serves next year's file of that layout.

    version = 1
    layout = "3f2a…"                     # fingerprint of the head rows: free of years and of the number of rows
    file = "yearbook_2023.xlsx"          # the file from which it was made
    [symbols]
    "…" = "below"
    [skip]
    "巢湖市" = "ended"                    # names and texts whose rows and cells are left out unasked, and why
    [[tables]]
    sheet = "Data #"                     # digits stand as #
    entity = "column"                    # or head, band, title; the same for period and indicator
    [[tables.columns]]
    head = "GDP/{year}"
    role = "fact"
    indicator = "gdp"
    unit = "100 million yuan"

What a person changes there is done as it says. Unknown keys are refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import field, fields
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from ...words.errors import Misfit
from ...words.toml import read_toml
from .lexicon import Told

FORMAT = 1
_strict = ConfigDict(extra="forbid")
Where = Literal["column", "head", "band", "title", "given"]
Role = Literal[
    "entity",
    "province",
    "code",
    "period",
    "indicator",
    "unit",
    "value",
    "fact",
    "derived",
    "status",
    "scenario",
    "skip",
    "remark",
]
Why = Literal["unknown", "ambiguous", "conflict", "ended", "number"]
"""why something is left out: a name that is not placed, or a text where a figure should be"""
_UNSAVED = {"sure", "columns", "labels"}


@dataclass(config=_strict, frozen=True)
class Column:
    """One column, or the columns of one heading over all years; or one label of the rows or bands.

    `head`     the texts above it joined by `/`, years as {year}, places as {place}
    `status`   A observed, I filled in by the source
    `formula`  of a derived column: recomputed and compared, not kept
    `sure`     how sure the guess is, 0-1, and `why`; what a person accepted is sure
    """

    head: str
    role: Role
    indicator: str = ""
    unit: str = ""
    status: str = "A"
    formula: str = ""
    sure: float = 1.0
    why: str = ""


@dataclass(config=_strict, frozen=True)
class Table:
    """One table: where its entity, period and indicator are told, and what its columns hold.

    `labels`  what the rows or bands mean, where the indicator is told there
    `unit`    of every figure that names none itself
    `place`   the code of the entity, `year` the period, where a person gave them ("given")
    `use`     false: it repeats another table, explains, or cannot be read (`why`)
    """

    sheet: str
    number: int = 1
    entity: Where = "column"
    period: Where = "column"
    indicator: Where = "head"
    unit: str = ""
    place: str = ""
    year: str = ""
    use: bool = True
    why: str = ""
    sure: float = 1.0
    columns: tuple[Column, ...] = ()
    labels: tuple[Column, ...] = ()

    def column(self, head: str) -> Column | None:
        """The column of this heading."""
        return next((column for column in self.columns if column.head == head), None)

    def label(self, text: str) -> Column | None:
        """The meaning of this label."""
        return next((label for label in self.labels if label.head == text), None)


@dataclass(config=_strict, frozen=True)
class Reading:
    """How a file of one layout is read; `skip` are the names and texts that a person accepted to leave out."""

    layout: str
    version: int = FORMAT
    file: str = ""
    symbols: dict[str, Told] = field(default_factory=dict)
    skip: dict[str, Why] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()

    def table(self, sheet: str, number: int) -> Table | None:
        """The table of this sheet pattern and number."""
        return next((t for t in self.tables if (t.sheet, t.number) == (sheet, number)), None)

    @classmethod
    def load(cls, path: Path) -> Reading:
        """Read a TOML file. Raises Misfit with the place of the first fault."""
        try:
            found: Reading = TypeAdapter(cls).validate_python(read_toml(path))
        except ValidationError as fault:
            first = fault.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise Misfit("reading.key", where=f"{path}, {place}", name=place, fault=first["msg"]) from fault
        if found.version > FORMAT:
            raise Misfit("reading.version", where=str(path), name=found.version, expected=(str(FORMAT),))
        return found

    def text(self) -> str:
        """The reading as TOML, as `load` reads it."""
        lines = [f"version = {self.version}", f"layout = {_quoted(self.layout)}", f"file = {_quoted(self.file)}"]
        for name in ("symbols", "skip"):
            told = getattr(self, name)
            lines += ["", f"[{name}]", *(f"{_quoted(text)} = {_quoted(told[text])}" for text in told)]
        for table in self.tables:
            lines += ["", "[[tables]]", *_pairs(table)]
            for name in ("columns", "labels"):
                for column in getattr(table, name):
                    lines += [f"[[tables.{name}]]", *_pairs(column)]
        return "\n".join(lines) + "\n"

    def save(self, folder: Path) -> Path:
        """Write the reading as `<layout>.toml` into a folder (`readings/` of a place); the path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.layout}.toml"
        path.write_text(self.text(), encoding="utf8")
        return path


def find_reading(layout: str, folders: Iterable[Path]) -> Reading | None:
    """The accepted reading of a layout in the first folder that has one (`readings/<layout>.toml`)."""
    for folder in folders:
        if (path := folder / f"{layout}.toml").is_file():
            return Reading.load(path)
    return None


def fingerprint_of(tables: Iterable[tuple[str, int, tuple[str, ...]]]) -> str:
    """The layout of a file: sheet patterns, numbers and headings, in order, as 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(list(tables), ensure_ascii=False).encode()).hexdigest()[:16]


def sheet_pattern(name: str) -> str:
    """The name of a sheet free of years: `Data 2000-2023` -> `Data #-#`."""
    return re.sub(r"\d+", "#", name)


def _pairs(thing: Table | Column) -> list[str]:
    plain: Mapping[str, Any] = {f.name: getattr(thing, f.name) for f in fields(thing)}
    blank = type(thing)(**{name: plain[name] for name in ("head", "role", "sheet") if name in plain})
    return [
        f"{name} = {_quoted(value)}"
        for name, value in plain.items()
        if name in ("sheet", "head", "role") or (name not in _UNSAVED and value != getattr(blank, name))
    ]  # fmt: skip


def _quoted(value: Any) -> str:
    """A value as TOML; JSON writes texts, numbers and booleans just so."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
