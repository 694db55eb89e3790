"""What the store's file holds, and how an older file is brought forward.

    fact     entity period indicator scenario value status batch sheet row col      in batch order, no index, no key
    batch    number source series vintage loaded actor file file_hash recipe rows_hash facts undone undone_by
    reading  batch sheet col unit factor                     the unit as read, and what it was multiplied by
    entity period indicator scenario sheet                   what the integer codes stand for
    ties log micro meta

A new store walks the same steps as an old one, so a migration is never a second description of the layout.
Sorting or keys would cost five to ten times at loading and gain nothing that reads need.
"""

from __future__ import annotations

import uuid
from typing import Any

from ..words.codelist import STATUSES
from ..words.errors import Misfit

STEPS: dict[int, tuple[str, ...]] = {
    1: (
        "create type status as enum (" + ", ".join(f"'{code}'" for code in STATUSES) + ")",
        "create table meta (key text, value text)",
        "create table entity (id integer, code text)",
        "create table period (id integer, code text)",
        "create table scenario (id integer, code text)",
        "create table indicator (id integer, code text, unit text, low double, high double)",
        """create table batch (number integer, source text, series text, vintage date, loaded timestamp, actor text,
             file text, file_hash text, recipe text, rows_hash text, facts bigint,
             undone timestamp, undone_by text default '')""",
        """create table fact (entity integer, period integer, indicator integer, scenario integer, value double,
             status status, batch integer, sheet smallint, "row" integer, col smallint)""",
        "create table sheet (batch integer, id smallint, name text)",
        "create table reading (batch integer, sheet smallint, col smallint, unit text, factor double)",
        """create table ties (origin integer, target integer, period text, indicator text, value double,
             unit text, source text, vintage text, batch integer)""",
        'create table log (number bigint, "case" text, "time" text, actor text, event text, detail text)',
    ),
    2: ("create table micro (name text, pattern text, entity text, period text)",),
}
"""Step n takes a store from version n - 1 to n. Steps that have been released are never edited."""

VERSION = max(STEPS)

# A spreadsheet's column letters: 1 -> A, 27 -> AA, 703 -> AAA.
_LETTERS = """create or replace macro column_letters(n) as
  case when n <= 26 then chr(64 + n)
       when n <= 702 then chr(64 + (n - 1) // 26) || chr(65 + (n - 1) % 26)
       else chr(64 + (n - 27) // 676) || chr(65 + ((n - 27) // 26) % 26) || chr(65 + (n - 1) % 26) end"""

CELL = """coalesce(sheet.name || '!', '') || coalesce(column_letters(f.col), '') || coalesce(f."row"::text, '')"""

_FACTS = f"""create or replace view facts as
  select entity.code as entity, period.code as period, indicator.code as indicator, scenario.code as scenario,
         f.value, indicator.unit, f.status, b.source, b.series, b.vintage, b.loaded, b.actor, b.number as batch, b.file,
         {CELL} as cell
    from fact f
    join batch b on b.number = f.batch and b.undone is null
    join entity on entity.id = f.entity
    join period on period.id = f.period
    join indicator on indicator.id = f.indicator
    join scenario on scenario.id = f.scenario
    left join sheet on sheet.batch = f.batch and sheet.id = f.sheet"""


def tables_in(con: Any) -> list[str]:
    """The tables of an open file."""
    found = con.execute("select table_name from duckdb_tables() where not temporary order by table_name").fetchall()
    return [name for (name,) in found]


def version_of(con: Any) -> int:
    """The schema version of an open file; 0 where it is empty. Raises Misfit where it is no store."""
    tables = tables_in(con)
    if not tables:
        return 0
    if "meta" not in tables:
        raise Misfit("store.no_store", fault="meta")
    found = con.execute("select value from meta where key = 'version'").fetchone()
    return int(found[0]) if found else 0


def bring_forward(con: Any, *, read_only: bool, where: str, upto: int = VERSION) -> None:
    """Walk the steps that the file lacks, up to a version, in the caller's transaction.

    Raises Misfit where the file is newer than this relode, or older and opened for reading only.
    """
    version = version_of(con)
    if version > VERSION:
        raise Misfit("store.newer", where=where, version=version, known=VERSION)
    if version >= upto:
        return
    if read_only:
        raise Misfit("store.older", where=where, version=version, known=VERSION)
    for step in range(version + 1, upto + 1):
        for statement in STEPS[step]:
            con.execute(statement)
    if version == 0:
        con.execute("insert into meta values ('id', ?), ('version', '0')", [uuid.uuid4().hex])
    con.execute("update meta set value = ? where key = 'version'", [str(upto)])
    if upto == VERSION:
        con.execute(_LETTERS)
        con.execute(_FACTS)


def store_id(con: Any) -> str:
    """The name that a store keeps for life, also through backup and restore."""
    return str(con.execute("select value from meta where key = 'id'").fetchone()[0])
