"""How rows get into the tables: always whole frames of integers in the caller's transaction, never row by row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..words.batch import Batch
from ..words.codelist import STATUSES
from ..words.errors import Misfit, RelodeError, raise_all
from ..words.indicator import Indicator
from ..words.log import Event
from ..words.ties import Ties
from .incoming import Incoming

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


def last_batch(con: Any) -> tuple[int, datetime | None]:
    """The number of the last batch, 0 if there is none, and when the newest was loaded."""
    number, loaded = con.execute("select coalesce(max(number), 0), max(loaded) from batch").fetchone()
    return number, loaded


def add_batch(con: Any, number: int, batch: Batch, loaded: datetime, rows_hash: str, facts: int) -> None:
    """The batch's own line."""
    con.execute(
        "insert into batch values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, '')",
        [number, batch.source, batch.series, batch.vintage, loaded, batch.actor, batch.file, batch.file_hash,
         batch.recipe, rows_hash, facts],
    )  # fmt: skip


def add_facts(con: Any, number: int, incoming: Incoming) -> None:
    """The facts of a batch, coded; new entities, periods and scenarios get their ids here."""
    import pandas as pd

    columns: dict[str, Any] = {
        axis: ids_of(con, axis, getattr(incoming, axis).levels)[getattr(incoming, axis).codes]
        for axis in ("entity", "period", "indicator", "scenario")
    }
    columns["value"] = incoming.value  # NaN arrives as NULL
    columns["status"] = pd.Categorical.from_codes(incoming.status, pd.Index(list(STATUSES)))
    columns |= {"sheet": incoming.sheet.codes + 1, "row": incoming.row, "col": incoming.col}
    with _registered(con, pd.DataFrame(columns, copy=False)) as name:
        con.execute(
            f"""insert into fact
            select entity, period, indicator, scenario, value, status, ?, nullif(sheet, 0), nullif("row", 0),
                   nullif(col, 0) from {name}""",
            [number],
        )
    for place, sheet in enumerate(incoming.sheet.levels, 1):
        con.execute("insert into sheet values (?, ?, ?)", [number, place, sheet])


def add_readings(con: Any, number: int, incoming: Incoming, unit: pd.Series[Any], factor: pd.Series[Any]) -> None:
    """In which unit each column of the source was read, and what it was multiplied by.

    A column that was read in several units (a long table) has no one reading and is left out.
    """
    import pandas as pd

    read = {
        "sheet": incoming.sheet.codes + 1,
        "col": incoming.col,
        "unit": unit.to_numpy(),
        "factor": factor.to_numpy(),
    }
    with _registered(con, pd.DataFrame(read).drop_duplicates().drop_duplicates(["sheet", "col"], keep=False)) as name:
        con.execute(
            f"insert into reading select ?, nullif(sheet, 0), nullif(col, 0), unit, factor from {name}", [number]
        )


def add_ties(con: Any, number: int, ties: Ties) -> None:
    """The ties of a batch."""
    frame = ties.frame()
    for end in ("origin", "target"):
        codes = sorted(set(frame[end]))
        frame[end] = frame[end].map(dict(zip(codes, ids_of(con, "entity", codes).tolist(), strict=True)))
    with _registered(con, frame) as name:
        con.execute(
            f"""insert into ties select origin, target, period, indicator, value, unit, source, vintage, ?
            from {name}""",
            [number],
        )


def add_events(con: Any, events: Iterable[Event]) -> None:
    """Events at the end of the log."""
    first = con.execute("select coalesce(max(number), 0) + 1 from log").fetchone()[0]
    for number, event in enumerate(events, first):
        detail = json.dumps(event.detail, ensure_ascii=False, sort_keys=True)
        con.execute(
            "insert into log values (?, ?, ?, ?, ?, ?)",
            [number, event.case, event.time, event.actor, event.event, detail],
        )


def keep_indicators(con: Any, codes: Sequence[str], indicators: Mapping[str, Indicator], where: str) -> None:
    """Each indicator's unit and range beside its id. Raises Misfit where a unit is not the one that is kept.

    A range may be corrected; a unit may not, because the figures already kept are in it.
    """
    kept = dict(con.execute("select code, unit from indicator").fetchall())
    faults: list[RelodeError] = []
    for code in codes:
        said = indicators[code]
        if code in kept and kept[code] != said.unit:
            faults.append(Misfit("store.unit", name=code, unit=said.unit, kept=kept[code], where=where))
    raise_all(faults, where=where)
    ids_of(con, "indicator", codes)
    for code in codes:
        said = indicators[code]
        con.execute("update indicator set unit = ?, low = ?, high = ? where code = ?", [said.unit, *said.range, code])


def ids_of(con: Any, table: str, codes: Sequence[str]) -> NDArray[np.int32]:
    """The ids of codes in their order; codes that are new get the next ones."""
    import pandas as pd

    known = dict(con.execute(f"select code, id from {table}").fetchall())
    new = [code for code in codes if code not in known]
    if new:
        first = max(known.values(), default=-1) + 1
        fresh = pd.DataFrame({"id": np.arange(first, first + len(new)), "code": new})
        with _registered(con, fresh) as name:
            con.execute(f"insert into {table} (id, code) select id, code from {name}")
        known |= dict(zip(new, range(first, first + len(new)), strict=True))
    return np.array([known[code] for code in codes], np.int32)


def event(case: str, actor: str, happened: str, time: datetime, **detail: Any) -> Event:
    """An event at a moment given in UTC."""
    return Event(case, time.replace(tzinfo=UTC).isoformat(timespec="microseconds"), actor, happened, detail)


@contextmanager
def _registered(con: Any, frame: pd.DataFrame) -> Iterator[str]:
    import duckdb

    con.register("incoming", frame)
    try:
        yield "incoming"
    finally:
        with suppress(duckdb.TransactionException):  # an aborted transaction takes nothing but a rollback
            con.unregister("incoming")
