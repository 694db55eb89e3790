"""Backup and exchange: one Parquet file per batch in plain codes, the rest beside them, and a manifest with hashes.

A backup is written beside its place and put there by one rename, so that a folder of that name is always whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..words.errors import Misfit, Unwritable, raise_all
from .check import Auditor, changed_batches
from .connection import connect, transaction
from .query import DIMENSIONS, Query, Reader
from .reading import Reading
from .schema import VERSION, bring_forward, tables_in

FORMAT = 1
MANIFEST = "manifest.json"


def back_up(store: Reading, folder: Path) -> Path:
    """Write the whole store, undone batches too, into a folder that is not there yet.

    Raises Refused for an actor who does not see everything, Misfit if the folder is there, Unwritable.
    """
    store.whole()
    if folder.exists():
        raise Misfit("store.backup_there", where=str(folder))
    part = folder.with_name(folder.name + ".part")
    with _made_whole(part):
        (part / "facts").mkdir(parents=True)
        reader = Reader(store.actor, undone=True)
        for row in store.read(reader.batches()):
            _copy(store, reader.rows(row["number"]), part / "facts" / f"batch-{row['number']:06d}.parquet")
        for table in store.tables():
            if table != "fact":
                _copy(store, Query(f"select * from {table}"), part / f"{table}.parquet")
        files = {path.relative_to(part).as_posix(): _sha256(path) for path in sorted(part.rglob("*.parquet"))}
        manifest = {"format": FORMAT, "schema": VERSION, "store": store.id, "files": files}
        _write(part / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True))
        part.replace(folder)
    return folder


def restore(folder: Path, path: Path) -> Path:
    """Make the store of a backup at `path`, where none is yet; every file and every batch is held to its hash.

    Raises Misfit where the backup is not whole or the path is taken, Unwritable.
    """
    manifest = _manifest(folder)
    if path.exists():
        raise Misfit("store.path_taken", where=str(path))
    part = path.with_name(path.name + ".part")
    with _made_whole(part):
        con = connect(part)
        try:
            _fill(con, folder, manifest, part)
            con.execute("checkpoint")
            lost = changed_batches(Reading(con, part, actor="", within=None, regions=None, read_only=True), Auditor(""))
            raise_all([Misfit("store.changed", name=number, where=str(folder)) for number in lost])
        finally:
            con.close()
        part.replace(path)
    return path


@contextmanager
def _made_whole(part: Path) -> Iterator[None]:
    """What is half-written under `part` never stays. Raises Unwritable where the disk refuses."""
    _remove(part)
    try:
        yield
    except OSError as fault:
        raise Unwritable("store.unwritable", where=str(part), fault=fault.strerror or str(fault)) from fault
    finally:
        _remove(part)


def _remove(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part)
    for left in (part, part.with_name(part.name + ".wal")):
        left.unlink(missing_ok=True)


def _fill(con: Any, folder: Path, manifest: dict[str, Any], path: Path) -> None:
    """The tables of the backup's own version, then forward to this one."""
    with transaction(con, path):
        bring_forward(con, read_only=False, where=str(path), upto=manifest["schema"])
        con.execute("delete from meta")
        for table in tables_in(con):
            if table != "fact":
                con.execute(
                    f"insert into {table} by name select * from read_parquet(?)", [str(folder / f"{table}.parquet")]
                )
        for name in manifest["files"]:
            if name.startswith("facts/"):
                number = int(Path(name).stem.removeprefix("batch-"))
                con.execute(_PUT, [number, str(folder / name), number])
        bring_forward(con, read_only=False, where=str(path))


_BY_CODE = " ".join(f"join {axis} on {axis}.code = rows.{axis}" for axis in DIMENSIONS)
_PUT = f"""insert into fact
  select {", ".join(f"{axis}.id" for axis in DIMENSIONS)}, value, status, ?, sheet.id, "row", col
    from read_parquet(?) rows {_BY_CODE} left join sheet on sheet.batch = ? and sheet.name = rows.sheet"""


def _manifest(folder: Path) -> dict[str, Any]:
    """What the backup says of itself, after looking at every file. Raises Misfit, all faults together."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf8"))
    except (OSError, ValueError) as fault:
        raise Misfit("store.no_backup", where=str(folder)) from fault
    if manifest["format"] > FORMAT or manifest["schema"] > VERSION:
        raise Misfit("store.newer", where=str(folder), version=manifest["schema"], known=VERSION)
    broken = [name for name, said in manifest["files"].items() if _sha256(folder / name) != said]
    raise_all([Misfit("store.backup_broken", name=name, where=str(folder)) for name in broken], where=str(folder))
    return manifest


def _copy(store: Reading, query: Query, path: Path) -> None:
    store.execute(Query(f"copy ({query.sql}) to '{_quoted(path)}' (format parquet)", query.values))
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    """sha256 of a file's bytes; empty where it is not there."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()
