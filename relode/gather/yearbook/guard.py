"""The gate for files from outside: what a file may cost is looked up before it is opened.

A zip tells in its directory how large its members are; a bomb is refused there. What passes is opened by a child
process with limits on memory, processor time and the clock, so that a crash or a hang of a reader is its own.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...words.errors import Misfit

MOST_BYTES = 200_000_000
MOST_RATIO = 100
MOST_MEMBERS = 2_000
MOST_MEMORY = 280_000_000
_SMALL = 1_000_000  # a member below this size may be packed as tightly as it likes
_DIRECTORY = 2_000_000  # bytes of a zip's directory, far above 2,000 members
_BYTES_PER_SECOND = 12_000_000  # how fast the child gets through markup, at the very least
KINDS = {
    ".xlsx": "zip", ".xlsm": "zip", ".xlsb": "zip", ".ods": "zip", ".xls": "ole",
    ".csv": "text", ".tsv": "text", ".txt": "text",
}  # fmt: skip
_SURVEYS = (b"$FL2", b"$FL3")
_IMPORTED = {"spss": 4 * _BYTES_PER_SECOND}  # what it takes until the reader itself has been loaded
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ")
_CHILD = Path(__file__).with_name("child.py")


def open_file(path: Path) -> list[dict[str, Any]]:
    """The sheets of a file as plain data, which nobody changes: a file is looked at several times before it is kept.

    Raises Misfit, with one message, for what is not a table for people.
    """
    kind = _kind(path)
    state = path.stat()
    return _opened(path, kind, state.st_mtime_ns, state.st_size)


def open_survey(path: Path) -> dict[str, dict[str, Any]]:
    """An SPSS file as plain data: `columns` variable -> cells, `labels` variable -> label. Raises Misfit."""
    first = _first(path)
    if not first.startswith(_SURVEYS):
        raise Misfit("hostile.disguised", where=path.name, name=path.suffix, kind=_content(first))
    state = path.stat()
    return _opened(path, "spss", state.st_mtime_ns, state.st_size)[0]


@lru_cache(maxsize=1)
def _opened(path: Path, kind: str, changed: int, size: int) -> list[dict[str, Any]]:
    if size > MOST_BYTES:
        raise Misfit("hostile.size", where=path.name, size=size // 1_000_000, most=MOST_BYTES // 1_000_000)
    answer = _in_child(path, kind, _weigh(path) if kind == "zip" else size + _IMPORTED.get(kind, 0))
    if code := answer.get("refused"):
        raise Misfit(str(code), where=path.name, **answer["details"])
    sheets: list[dict[str, Any]] = answer["sheets"]
    return sheets


def _kind(path: Path) -> str:
    """What the file is by its first bytes, which must be what its ending says."""
    told = KINDS.get(path.suffix.lower())
    if told is None:
        raise Misfit("hostile.ending", where=path.name, name=path.suffix, expected=sorted(KINDS))
    kind = _content(_first(path))
    if kind == "ole" and told == "zip":
        raise Misfit("hostile.password", where=path.name)  # a locked xlsx is wrapped in the old container
    if kind != told:
        raise Misfit("hostile.disguised", where=path.name, name=path.suffix, kind=kind)
    return kind


def _first(path: Path) -> bytes:
    """The first bytes of a file. Raises Misfit where it cannot be opened or is empty."""
    try:
        with path.open("rb") as file:
            first = file.read(8)
    except OSError as fault:
        raise Misfit("hostile.unreadable", where=path.name, fault=fault.strerror or str(fault)) from fault
    if not first:
        raise Misfit("hostile.empty", where=path.name)
    return first


def _content(first: bytes) -> str:
    """What first bytes tell of a file."""
    return "zip" if first.startswith(b"PK") else "ole" if first.startswith(b"\xd0\xcf\x11\xe0") else "text"


def _weigh(path: Path) -> int:
    """The bytes that a zip unpacks to, by its directory. Raises Misfit for a bomb and for tricks with names."""
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            if len(members) > MOST_MEMBERS:
                raise Misfit("hostile.members", where=path.name, count=len(members), most=MOST_MEMBERS)
            if total > MOST_BYTES:
                raise Misfit("hostile.total", where=path.name, size=total // 1_000_000, most=MOST_BYTES // 1_000_000)
            for member in members:
                _check_member(member, path.name)
            _check_names(archive, path.name)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error) as fault:
        raise Misfit("hostile.unreadable", where=path.name, fault=str(fault)[:200]) from fault
    return total


def _check_directory(path: Path) -> None:
    """Refuse a directory of absurd length before anything reads it into memory."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise Misfit("hostile.cut", where=path.name)
    count, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    if length > _DIRECTORY:
        raise Misfit("hostile.members", where=path.name, count=count, most=MOST_MEMBERS)


def _check_member(member: zipfile.ZipInfo, where: str) -> None:
    ratio = member.file_size / max(1, member.compress_size)
    if member.file_size > _SMALL and ratio > MOST_RATIO:
        raise Misfit("hostile.ratio", where=where, member=member.filename, ratio=round(ratio), most=MOST_RATIO)
    parts = member.filename.replace("\\", "/").split("/")
    link = (member.external_attr >> 16) & 0o170000 == 0o120000
    if ".." in parts or parts[0] == "" or ":" in parts[0] or "\\" in member.filename or link:
        raise Misfit("hostile.path", where=where, member=member.filename)
    if member.flag_bits & 1:
        raise Misfit("hostile.password", where=where)


def _check_names(archive: zipfile.ZipFile, where: str) -> None:
    names = [name.lower() for name in archive.namelist()]
    if len(set(names)) < len(names):
        raise Misfit("hostile.path", where=where, member=next(name for name in names if names.count(name) > 1))
    if not {"xl/workbook.xml", "xl/workbook.bin", "content.xml"} & set(names):
        raise Misfit("hostile.disguised", where=where, name=Path(where).suffix, kind="zip")
    for member in archive.infolist():
        if member.is_dir():
            continue
        with archive.open(member) as file:
            if file.read(8).startswith(_ARCHIVES):
                raise Misfit("hostile.nested", where=where, member=member.filename)


def _in_child(path: Path, kind: str, size: int) -> dict[str, Any]:
    """What the child says about a file of `size` unpacked bytes. Raises Misfit where it takes too much or dies."""
    seconds = 1 + size // _BYTES_PER_SECOND
    command = [sys.executable, "-I", "-X", "utf8", str(_CHILD), str(path.resolve()), kind,
               str(2 * MOST_MEMORY), str(seconds)]  # fmt: skip
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as wept:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=wept,
                                 start_new_session=os.name == "posix")  # fmt: skip
        try:
            reason = _watch(child, wept, seconds)
        finally:
            child.kill()
            child.wait()
        if reason:
            raise Misfit(reason, where=path.name, seconds=seconds, memory=MOST_MEMORY // 1_000_000)
        said.seek(0)
        try:
            answer: dict[str, Any] = json.loads(said.read())
        except ValueError as fault:
            raise Misfit("hostile.crash", where=path.name) from fault
    return answer


def _watch(child: subprocess.Popen[bytes], wept: Any, seconds: int) -> str:
    """Wait for the child; the code of what it did wrong, or ''. The clock is generous: others share the machine."""
    started = time.monotonic()
    while child.poll() is None:
        if time.monotonic() - started > 4 * seconds:
            return "hostile.time"
        if _resident(child.pid) > MOST_MEMORY or _lacked_memory(wept):
            return "hostile.memory"
        time.sleep(0.01)
    if _lacked_memory(wept):
        return "hostile.memory"
    return "hostile.time" if child.returncode in (-24, -9) else ""


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _lacked_memory(wept: Any) -> bool:
    """A reader in Rust that gets no memory says so and then dies, or hangs."""
    wept.seek(0)
    return b"memory allocation" in wept.read(4_000)
