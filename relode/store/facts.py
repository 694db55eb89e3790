"""The Store keeps facts: integer codes, status, batch and cell address, in one DuckDB file that one process owns.

Nothing is overwritten. A later version of a figure is another batch; undoing a batch sets a flag; a read says as of
when, on both clocks: what had been published (`vintage`), as far as we knew (`loaded`). Two series of one figure are
never mixed: a read names which it prefers, or is told where they differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from ..words.batch import Batch, Scope, StoredBatch
from ..words.codelist import Codelist
from ..words.errors import Misfit, UnknownWord, Unwritable, raise_all
from ..words.indicator import Indicator
from ..words.log import Event
from ..words.ties import Ties
from . import micro, pairs, writing
from .backup import back_up, restore
from .connection import connect, transaction
from .incoming import read_frame
from .query import utc
from .reading import Reading
from .refusals import faults_of
from .schema import bring_forward

if TYPE_CHECKING:
    import pandas as pd

EVERYTHING = Scope()


class Store(Reading):
    """An open store: what `Reading` answers, and the few ways to add to it. Use it in a `with` block."""

    @classmethod
    def open(
        cls, path: Path, *, actor: str, scope: Scope = EVERYTHING, regions: Codelist | None = None,
        read_only: bool = False,
    ) -> Store:  # fmt: skip
        """Open the file, make it, or bring an older one forward.

        Raises Held with the PID of the process that has it, Unwritable where the disk refuses, Misfit where the file
        is no store or is newer than this relode, UnknownWord for a scope that the codelist does not know.
        """
        regions = regions or None  # an empty codelist is none
        covered = within(scope, regions)
        con = connect(path, read_only=read_only)
        try:
            with transaction(con, path):
                bring_forward(con, read_only=read_only, where=str(path))
        except BaseException:
            con.close()
            raise
        return cls(con, path, actor=actor, within=covered, regions=regions, read_only=read_only)

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # -- writing -----------------------------------------------------------------------------------

    def load(
        self,
        batch: Batch,
        facts: pd.DataFrame,
        *,
        indicators: Mapping[str, Indicator],
        loaded: datetime | None = None,
    ) -> StoredBatch:
        """Keep the facts of one batch, all or none of them.

        `facts`  entity, period, indicator, value; if need be scenario, status, sheet, row, col (counted from 1),
                 and unit, factor (as read from that column of the source)
        An empty value says that the figure is withdrawn: it is kept with status M.
        Raises UnknownWord, Misfit, Impossible, Refused with the place of each fault, all together; Unwritable.
        """
        self._writable()
        incoming = read_frame(facts, file=batch.file)
        known = self.regions.__contains__ if self.regions is not None else None
        entities = tuple(self.regions or ())
        faults = faults_of(incoming, indicators, known=known, entities=entities, within=self.within)
        raise_all(faults, where=batch.file)
        with transaction(self._con, self.path):
            stored = self._begin(batch, loaded, incoming.rows_hash, len(incoming))
            writing.keep_indicators(self._con, incoming.indicator.levels, indicators, batch.file)
            writing.add_facts(self._con, stored.number, incoming)
            if {"unit", "factor"} <= set(facts.columns):
                writing.add_readings(self._con, stored.number, incoming, facts["unit"], facts["factor"])
        return stored

    def keep_ties(self, ties: Ties, batch: Batch, *, loaded: datetime | None = None) -> StoredBatch:
        """Keep facts about pairs as one batch. Raises UnknownWord, Refused, Impossible, all together; Unwritable."""
        self._writable()
        raise_all(pairs.faults_of(ties, self.regions, self.within, batch.file), where=batch.file)
        with transaction(self._con, self.path):
            stored = self._begin(batch, loaded, ties.fingerprint, len(ties))
            writing.add_ties(self._con, stored.number, ties)
        return stored

    def undo(self, number: int, *, actor: str) -> StoredBatch:
        """Take a batch out of sight; a read as of a moment before still sees it.

        Raises UnknownWord for a batch that is not there, Misfit if it is undone already, Refused where it holds
        entities outside the scope.
        """
        self._writable()
        stored = {kept.number: kept for kept in self.batches()}.get(number)
        if stored is None:
            raise UnknownWord("store.batch", name=str(number), where=str(self.path))
        if stored.undone is not None:
            raise Misfit("store.undone", name=number, day=f"{stored.undone:%Y-%m-%d}", actor=stored.undone_by)
        self._inside(row["code"] for row in self.read(self._reader().touched(number)))
        moment = _now()
        with transaction(self._con, self.path):
            self._con.execute("update batch set undone = ?, undone_by = ? where number = ?", [moment, actor, number])
            writing.add_events(self._con, [writing.event(f"batch:{number}", actor, "undone", moment)])
        return replace(stored, undone=moment.replace(tzinfo=UTC), undone_by=actor)

    def attach_micro(self, name: str, pattern: str, *, entity: str, period: str) -> None:
        """Let a wide table of firms be seen: Parquet files (`firms/*.parquet`, seen from the store's folder) that
        stay where they are, and the columns that say whose and when a row is.

        Raises Misfit where the files cannot be read or the name is taken, UnknownWord for the columns, Refused for an
        actor who does not see everything.
        """
        self._writable()
        self.whole()
        attached = [row["name"] for row in self.read(self._reader().attached())]
        if name in attached:
            raise Misfit("store.micro_taken", name=name, where=str(self.path))
        micro.looked_at(self, name, pattern, entity, period)
        with transaction(self._con, self.path):
            self._con.execute("insert into micro values (?, ?, ?, ?)", [name, pattern, entity, period])

    def append(self, events: Iterable[Event]) -> None:
        """Write events at the end of the log. Raises Refused where one is about an entity outside the scope."""
        self._writable()
        events = tuple(events)
        self._inside(str(event.detail["entity"]) for event in events if "entity" in event.detail)
        with transaction(self._con, self.path):
            writing.add_events(self._con, events)

    # -- whole store -------------------------------------------------------------------------------

    def backup(self, folder: Path) -> Path:
        """Write the whole store into a new folder: Parquet per batch, the rest beside them, a manifest with hashes.

        Raises Refused for an actor who does not see everything, Misfit if the folder is there, Unwritable.
        """
        return back_up(self, folder)

    @staticmethod
    def restore(folder: Path, path: Path) -> Path:
        """Make the store of a backup at `path`, where none is yet. Raises Misfit where the backup is not whole."""
        return restore(folder, path)

    # -- inside ------------------------------------------------------------------------------------

    def _begin(self, batch: Batch, loaded: datetime | None, rows_hash: str, count: int) -> StoredBatch:
        """The batch's line and its event, in the caller's transaction."""
        last, newest = writing.last_batch(self._con)
        number = last + 1
        moment = utc(loaded) or max(_now(), newest or datetime.min)  # a clock set back reorders nothing
        writing.add_batch(self._con, number, batch, moment, rows_hash, count)
        told = {"source": batch.source, "series": batch.series, "vintage": str(batch.vintage), "file": batch.file}
        event = writing.event(f"batch:{number}", batch.actor, "loaded", moment, facts=count, **told)
        writing.add_events(self._con, [event])
        return StoredBatch(number, batch, moment.replace(tzinfo=UTC), count)

    def _writable(self) -> None:
        if self.read_only:
            raise Unwritable("store.read_only", where=str(self.path))


def within(scope: Scope, regions: Codelist | None) -> tuple[str, ...] | None:
    """The codes that a scope covers, with all below them; None = everything. Raises UnknownWord."""
    if not scope.entities:
        return None
    if regions is None:
        return scope.entities
    for code in scope.entities:
        if code not in regions:
            raise UnknownWord("store.entity", name=code, count=1, where=regions.where, expected=tuple(regions))
    return tuple(dict.fromkeys(below for code in scope.entities for below in regions.under(code)))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
