"""A list of regions is kept as a definition of the place: a policy calendar, or a list that marks regions.

The texts hold nothing of the moment, so that the same list makes the same file, and loading it again changes nothing.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ..words.errors import Misfit
from ..words.indicator import CODE
from ..words.policy import Calendar
from .roster import Listed, Roster

FOLDERS = {True: Path("policies"), False: Path("regions") / "lists"}  # dated or not
_POLICY = "pilot"  # the code of a policy whose file gives it none


def name_of(roster: Roster, wanted: str = "") -> str:
    """The name under which a list is kept: the one that is wanted, else the file's."""
    stem = roster.file.rpartition(".")[0] or roster.file
    return re.sub(r"[^\w-]+", "_", wanted or stem).strip("_") or _POLICY


def files_of(roster: Roster, folder: Path, *, name: str, source: str, vintage: date) -> dict[Path, str]:
    """The files of a place that a list becomes, with their texts; the one that makes it count is the last."""
    path = folder / FOLDERS[roster.dated] / name
    if roster.dated:
        return {path.with_name(f"{name}.toml"): calendar_text(roster, name, source, vintage)}
    meta, rows = list_texts(roster, name, source, vintage)
    return {path.with_name(f"{name}.toml"): meta, path.with_name(f"{name}.csv"): rows}


def is_kept(files: Mapping[Path, str]) -> bool:
    """Are these files of this list there already? What a person has changed in them since does not matter."""
    return all(path.is_file() and _same_origin(path, text) for path, text in files.items())


def keep(files: Mapping[Path, str]) -> Path:
    """Write the files of a list, each whole or not at all; the one that makes it count.

    Raises Misfit where another list of the name is there.
    """
    for path, text in files.items():
        if path.is_file() and not _same_origin(path, text):
            raise Misfit("lists.taken", where=str(path), name=path.stem)
    for path, text in files.items():
        write(path, text)
    return path


def _same_origin(path: Path, text: str) -> bool:
    """Was the file made from the same bytes? Its first line says from which; rows of a list have none to say."""
    return path.suffix == ".csv" or path.read_text("utf8").partition("\n")[0] == text.partition("\n")[0]


def calendar_text(roster: Roster, name: str, source: str, vintage: date) -> str:
    """The calendar `policies/<name>.toml`; the batch stands in the document of every enactment."""
    codes = _policies(roster, name)
    told = f"{source}, {vintage.isoformat()}; {roster.file}"
    lines = [_origin(roster), *_named(roster, name), f"source = {_quoted(told)}"]
    for label, code in codes.items():
        lines += ["", f"[policy.{code}]", f"zh = {_quoted(label or _title(roster))}",
                  f"en = {_quoted(code)}", f"source = {_quoted(source)}"]  # fmt: skip
    for one in roster.listed:
        lines += ["", "[[enacted]]", *_enacted(one, codes[one.policy])]
    text = "\n".join(lines) + "\n"
    Calendar.parse(name, tomllib.loads(text), where=name)
    return text


def list_texts(roster: Roster, name: str, source: str, vintage: date) -> tuple[str, str]:
    """The two files of a list, what it is and its members; it is incomplete until a person says that it is not."""
    columns = [role for role in ("type", "zone", "batch") if role in roster.columns.values()]
    rows = io.StringIO()
    pen = csv.writer(rows, lineterminator="\n")
    pen.writerow(["code", "name", *columns])
    pen.writerows([one.entity, one.name, *(getattr(one, column) for column in columns)] for one in roster.listed)
    meta = [
        _origin(roster), *_named(roster, name), f"source = {_quoted(source)}", f"date = {vintage.isoformat()}",
        f"types = {_quoted('type' in columns)}",
        "complete = false       # true once every region of the document is here",
    ]  # fmt: skip
    return "\n".join(meta) + "\n", rows.getvalue()


def _enacted(one: Listed, policy: str) -> list[str]:
    known = ", ".join(dict.fromkeys(part for part in (one.document, one.batch, one.type) if part))
    lines = [f"entity = {_quoted(one.entity)}     # {one.name}", f"policy = {_quoted(policy)}"]
    lines += [f"{key} = {_day(value)}" for key, value in (("start", one.start), ("end", one.end)) if value]
    return [*lines, f"document = {_quoted(known)}"] if known else lines


def _policies(roster: Roster, name: str) -> dict[str, str]:
    """What the file calls its policies -> their codes."""
    base = name if CODE.fullmatch(name) else _POLICY
    labels = list(dict.fromkeys(one.policy for one in roster.listed))
    if labels == [""]:
        return {"": base}
    numbered = {label: f"{base}_{number}" for number, label in enumerate(labels, 1)}
    return {label: label if CODE.fullmatch(label) else code for label, code in numbered.items()}


def _named(roster: Roster, name: str) -> list[str]:
    return [f"zh = {_quoted(_title(roster))}", f"en = {_quoted(name if CODE.fullmatch(name) else _title(roster))}"]


def _title(roster: Roster) -> str:
    return roster.file.rpartition(".")[0] or roster.file


def _origin(roster: Roster) -> str:
    return f"# {roster.file}, {roster.sheet or '-'}, sha256 {roster.file_hash}"


def _day(text: str) -> str:
    """A year as a number, a month as a text, a day as a TOML date: no more exact than the file."""
    return _quoted(text) if len(text) == 7 else text


def _quoted(value: str | bool) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all, its folder with it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf8", newline="\n") as file:
            file.write(text)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
