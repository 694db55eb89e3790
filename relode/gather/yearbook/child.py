"""The child process that opens a workbook: it alone meets the bytes of a file from outside.

Run as a program of its own (`python -I child.py FILE KIND BYTES SECONDS`), it first bounds its own memory and
processor time, then prints one line of JSON: the sheets, or `{"refused": code, "details": {...}}`. It imports nothing
of relode, so that it starts fast and has nothing to lose.

    sheets   [{name, hidden, rows, merged, hidden_rows, formulas, notes}]   rows of text and numbers, from A1
             or, of an SPSS file, [{columns, labels}], both by variable
    kinds    `zip` (xlsx, xlsm, xlsb, ods), `ole` (xls), `text` (csv, tsv), `spss` (sav, zsav)
"""

from __future__ import annotations

import contextlib
import csv
import html
import io
import json
import os
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

MOST_SHEETS = 1_000
MOST_COLUMNS = 16_384
MOST_CELLS = 3_000_000
MOST_MERGED = 50_000
MOST_NOTES = 1_000
_PREFIX = re.compile(rb"<(\w+:)?worksheet\b")
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_TEXT = ("utf-8-sig", "gb18030")
_NOTE = re.compile(rb'<(?:\w+:)?comment\b[^>]*?\bref="([A-Z]{1,3}\d{1,7})"[^>]*>(.*?)</(?:\w+:)?comment>', re.S)
_TEXT_RUN = re.compile(rb"<(?:\w+:)?t\b[^>]*>([^<]*)</")
_LINK = re.compile(rb'\bTarget="([^"]+)"')


class Refuse(Exception):
    """The file is refused: a code, and what fills its sentence."""

    def __init__(self, code: str, **details: Any):
        super().__init__(code)
        self.answer = {"refused": code, "details": details}


def main(path: str, kind: str) -> dict[str, Any]:
    """The sheets of a file, or why it is refused."""
    read: dict[str, Callable[[str], list[dict[str, Any]]]] = {
        "text": read_text, "zip": read_zip, "ole": read_workbook, "spss": read_survey,
    }  # fmt: skip
    try:
        return {"sheets": read[kind](path)}
    except Refuse as refused:
        return refused.answer
    except MemoryError:
        return {"refused": "hostile.memory", "details": {}}
    except Exception as fault:
        return {"refused": "hostile.unreadable", "details": {"fault": f"{type(fault).__name__}: {fault}"[:200]}}


def bound(memory: int, seconds: int) -> None:
    """Limits that the kernel keeps, where it can; the parent watches clock and memory everywhere."""
    try:
        import resource
    except ImportError:
        return
    limits = {resource.RLIMIT_AS: memory, resource.RLIMIT_CPU: seconds, resource.RLIMIT_CORE: 0}
    for kind, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS knows RLIMIT_AS and does not keep it
            resource.setrlimit(kind, (most, most))


def read_zip(path: str) -> list[dict[str, Any]]:
    """The sheets of a zipped workbook, with what calamine does not tell: hidden rows, formulas, notes on cells."""
    told, notes, links = {}, {}, {}
    with zipfile.ZipFile(path) as archive:
        for part, data in markup(archive):
            told[part] = told_by(data)
            if b"<comment" in data or b":comment" in data:
                notes[part] = notes_in(data)
            if part.endswith(".xml.rels"):
                links[part] = _LINK.findall(data)
        parts = sheet_parts(archive)
    sheets = read_workbook(path)
    for sheet in sheets:
        part = parts.get(sheet["name"], "")
        room, _, name = part.rpartition("/")
        linked = [link.decode("utf8", "replace") for link in links.get(f"{room}/_rels/{name}.rels", ())]
        found = [note for link in linked for note in notes.get(str(at(room, link)), ())]
        sheet |= told.get(part, {}) | {"notes": found}
    return sheets


def at(room: str, link: str) -> PurePosixPath:
    """The part that a link of a sheet leads to: `../comments1.xml` beside `xl/worksheets`."""
    found = PurePosixPath("/" if link.startswith("/") else f"/{room}")
    for step in PurePosixPath(link).parts:
        found = found.parent if step == ".." else found / step
    return found.relative_to("/")


def notes_in(data: bytes) -> list[tuple[str, str]]:
    """The notes on cells in a part of comments: cell and text, without the name of who wrote it."""
    found = []
    for cell, body in _NOTE.findall(data)[:MOST_NOTES]:
        pieces = [html.unescape(piece.decode("utf8", "replace")) for piece in _TEXT_RUN.findall(body)]
        if len(pieces) > 1 and pieces[0].rstrip().endswith((":", "：")):
            pieces = pieces[1:]
        found.append((cell.decode(), " ".join("".join(pieces).split())[:200]))
    return found


def markup(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Every XML part, read whole once; refuses a document type and an entity."""
    for name in archive.namelist():
        if not name.endswith((".xml", ".rels")):
            continue
        data = plain(archive.read(name))
        if _FORBIDDEN.search(data):
            raise Refuse("hostile.doctype", member=name)
        yield name, data


def plain(data: bytes) -> bytes:
    """Markup in UTF-16 as UTF-8, so that a document type cannot hide in it."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"))
    return data.decode("utf-16" if data[:1] in b"\xff\xfe" else "utf-16-le" if data[1:2] == b"\0" else "utf-16-be",
                       "replace").encode() if wide else data  # fmt: skip


def told_by(data: bytes) -> dict[str, Any]:
    """What a sheet's markup says beside its cells. Patterns suffice here: nothing is expanded, and it is fast."""
    found = _PREFIX.search(data)
    if found is None:
        return {}
    mark = b"<" + (found.group(1) or b"")
    hidden = re.compile(mark + rb'row\b[^>]*?\bhidden="(?:1|true)"')
    formula = re.compile(rb'r="([A-Z]+)\d+"[^<>]*>\s*' + mark + rb"f\b")
    columns = Counter(letters.decode() for letters in formula.findall(data)) if mark + b"f" in data else Counter()
    return {"hidden_rows": len(hidden.findall(data)), "formulas": dict(columns)}


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> the part that holds it (xlsx and xlsm; empty for others)."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    targets = {
        node.get("Id"): "xl/" + (node.get("Target") or "").removeprefix("/xl/")
        for node in ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 (no document type gets here)
    }
    book = archive.read("xl/workbook.xml")
    if (count := book.count(b"sheetId=")) > MOST_SHEETS:
        raise Refuse("hostile.sheets", count=count, most=MOST_SHEETS)
    found = {}
    for node in ET.fromstring(book).iter():  # noqa: S314
        if node.tag.endswith("}sheet"):
            link = next((value for key, value in node.attrib.items() if key.endswith("}id")), "")
            found[node.get("name") or ""] = targets.get(link, "")
    return found


def read_workbook(path: str) -> list[dict[str, Any]]:
    """The sheets as calamine reads them, rows counted from A1."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_path(path)
        known = {str(sheet.name): str(sheet.visible) for sheet in book.sheets_metadata}
        if len(known) > MOST_SHEETS:
            raise Refuse("hostile.sheets", count=len(known), most=MOST_SHEETS)
        return [one_sheet(book.get_sheet_by_name(name), seen) for name, seen in known.items()]
    except PasswordError as fault:
        raise Refuse("hostile.password") from fault
    except CalamineError as fault:
        raise Refuse("hostile.unreadable", fault=str(fault)[:200]) from fault


def one_sheet(sheet: Any, seen: str) -> dict[str, Any]:
    """One sheet as plain data. Refuses one that is wider or larger than a table for people can be."""
    wide, high = sheet.total_width, sheet.total_height
    if wide > MOST_COLUMNS or wide * high > MOST_CELLS:
        raise Refuse("hostile.wide", sheet=sheet.name, rows=high, columns=wide, most=MOST_CELLS)
    if len(sheet.merged_cell_ranges or ()) > MOST_MERGED:
        raise Refuse("hostile.merged", sheet=sheet.name, count=len(sheet.merged_cell_ranges), most=MOST_MERGED)
    rows = sheet.to_python(skip_empty_area=False)
    merged = [[*start, *end] for start, end in sheet.merged_cell_ranges or ()]
    return {"name": sheet.name, "hidden": not seen.endswith("Visible.Visible") and not seen.endswith(".Visible"),
            "rows": rows, "merged": merged}  # fmt: skip


def read_text(path: str) -> list[dict[str, Any]]:
    """The one table of a CSV or TSV file in UTF-8 (with or without mark) or GB18030."""
    with open(path, "rb") as file:  # noqa: PTH123 (the child has no use for pathlib)
        text = decode(file.read())
    csv.field_size_limit(100_000)
    lines = text.lstrip("\n").splitlines()
    sample = lines[:20]
    mark = max("\t;,", key=lambda sign: min((line.count(sign) for line in sample if line.strip()), default=0) + 0.1 *
               sum(line.count(sign) for line in sample))  # fmt: skip
    marks = text.count(mark) + text.count("\n")
    if marks > MOST_CELLS:  # looked up before a list of cells is made
        raise Refuse("hostile.wide", sheet="", rows=text.count("\n"), columns=lines[0].count(mark), most=MOST_CELLS)
    rows = list(csv.reader(io.StringIO(text), delimiter=mark))
    wide = max(map(len, rows), default=0)
    if wide > MOST_COLUMNS or wide * len(rows) > MOST_CELLS:
        raise Refuse("hostile.wide", sheet="", rows=len(rows), columns=wide, most=MOST_CELLS)
    return [{"name": "", "hidden": False, "rows": [row + [""] * (wide - len(row)) for row in rows], "merged": []}]


def read_survey(path: str) -> list[dict[str, Any]]:
    """The variables of an SPSS file, with their labels. Refuses one that holds more than a table for people can."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # threads would reserve more address space than there is
    from pyreadstat import read_sav

    _, told = read_sav(path, metadataonly=True)
    wide = len(told.column_names)
    most = MOST_CELLS // max(1, wide)
    columns, told = read_sav(path, output_format="dict", disable_datetime_conversion=True, row_limit=most + 1)
    high = max(map(len, columns.values()), default=0)
    if wide > MOST_COLUMNS or high > most:
        raise Refuse("hostile.wide", sheet="", rows=max(high, told.number_rows or 0), columns=wide, most=MOST_CELLS)
    labels = {name: label or "" for name, label in zip(told.column_names, told.column_labels, strict=True)}
    return [{"columns": {name: list(cells) for name, cells in columns.items()}, "labels": labels}]


def decode(data: bytes) -> str:
    """The bytes as text. Refuses what is neither UTF-8 nor GB18030, and what holds NUL (no text at all)."""
    if b"\0" in data:
        raise Refuse("hostile.bytes", place=data.index(b"\0"))
    fault = 0
    for name in _TEXT:
        try:
            return data.decode(name)
        except UnicodeDecodeError as wrong:
            fault = max(fault, wrong.start)
    raise Refuse("hostile.bytes", place=fault)


if __name__ == "__main__":
    bound(int(sys.argv[3]), int(sys.argv[4]))
    sys.stdout.reconfigure(encoding="utf8", errors="replace")  # type: ignore[union-attr]
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2]), ensure_ascii=False, default=str))
