"""Opening the file and writing to it: what DuckDB says when it cannot, in relode's words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..words.errors import Held, Misfit, RelodeError, Unwritable

# No extension is ever fetched from the network; reading and writing Parquet is built in.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def connect(path: Path, *, read_only: bool = False) -> Any:
    """A connection to the file; the file is made where it is missing.

    Raises Held with the PID where another process has it, Unwritable where it cannot be opened or made,
    Misfit where it is no store or not there to be read.
    """
    import duckdb

    if read_only and not path.exists():
        raise Misfit("store.none", where=str(path))
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(str(path), read_only=read_only, config=CONFIG)
    except OSError as fault:
        raise Unwritable("store.unwritable", where=str(path), fault=fault.strerror or str(fault)) from fault
    except duckdb.ConnectionException as fault:  # open in this very process, in the other mode
        raise Held("store.held", where=str(path), pid=os.getpid()) from fault
    except duckdb.Error as fault:
        raise told(fault, path) from fault


def told(fault: Exception, path: Path) -> RelodeError:
    """What an error of DuckDB about the file means."""
    text = str(fault)
    if holder := re.search(r"PID (\d+)", text):
        return Held("store.held", where=str(path), pid=int(holder[1]))
    if "set lock" in text:
        return Held("store.held", where=str(path), pid="?")
    if "valid DuckDB" in text or "version number" in text:
        return Misfit("store.no_store", where=str(path), fault=_first_line(text))
    return Unwritable("store.unwritable", where=str(path), fault=_first_line(text))


@contextmanager
def transaction(con: Any, path: Path) -> Iterator[None]:
    """All or nothing. Raises Unwritable where the disk refuses; what was there before is still there."""
    try:
        con.execute("begin")
        yield
        con.execute("commit")
    except _refusals() as fault:
        _roll_back(con)
        raise Unwritable("store.unwritable", where=str(path), fault=_first_line(str(fault))) from fault
    except BaseException:
        _roll_back(con)
        raise


def _refusals() -> tuple[type[Exception], ...]:
    """How DuckDB says that the disk refused: while writing, while committing, or since it gave up on the file."""
    import duckdb

    return OSError, duckdb.IOException, duckdb.TransactionException, duckdb.FatalException, duckdb.OutOfMemoryException


def _roll_back(con: Any) -> None:
    import duckdb

    with suppress(duckdb.Error):  # after a fatal error there is nothing left to roll back
        con.execute("rollback")


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:200]
