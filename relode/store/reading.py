"""What a store answers. Every question is written by `query.Reader`, which knows scope, clocks and preferences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..words.batch import AsOf, Batch, StoredBatch
from ..words.codelist import Codelist
from ..words.errors import Misfit, Refused, RelodeError, UnknownWord, raise_all
from ..words.log import Event, Log
from ..words.method import Need
from ..words.panel import AXES, Panel
from ..words.period import ordinal
from ..words.ties import Ties
from . import micro, pairs
from .connection import told
from .dense import Axis, Rows, cells_of, chosen, fill
from .query import Pick, Query, Reader
from .schema import store_id, tables_in

if TYPE_CHECKING:
    import pandas as pd

NOW = AsOf()
SHOWN = 3  # differences between series that an error spells out


class Reading:
    """The reading half of a store: `actor` sees what lies `within` the scope; `regions` says which entities are."""

    def __init__(
        self, con: Any, path: Path, *, actor: str, within: tuple[str, ...] | None, regions: Codelist | None,
        read_only: bool,
    ):  # fmt: skip
        self.path, self.actor, self.within, self.regions, self.read_only = path, actor, within, regions, read_only
        self._con = con

    @property
    def id(self) -> str:
        """The name that the store keeps for life, also through backup and restore."""
        return store_id(self._con)

    def panel(self, need: Need, *, asof: AsOf = NOW, prefer: Sequence[str] = ()) -> Panel:
        """The facts that are needed, as of both clocks, as a dense Panel.

        Of each key the newest version within a series (by vintage, then load); a withdrawn figure stays withdrawn.
        Where series share a key, the first of `prefer` that has it serves it, also if it has withdrawn it.
        Raises Misfit where series differ and none is preferred, UnknownWord for codes that the store has not,
        Refused for entities outside the scope.
        """
        reader = self._reader(asof, prefer)
        pick = self._pick(need, reader)
        rows = Rows.of(self.arrays(reader.newest(pick)))
        axes = {axis: self._axis(axis, getattr(pick, axis), rows, reader) for axis in AXES}
        cell = cells_of(rows, axes)
        serving, differ = chosen(rows, cell)
        if differ:
            raise self._differ(reader, pick)
        kept = {row["code"]: row["unit"] for row in self.read(reader.dimension("indicator"))}
        units = tuple(kept[code] or "" for code in axes["indicator"].codes)
        return fill(rows, serving, cell, axes, units, self._sources(rows.batch[serving], reader))

    def conflicts(self, need: Need, *, asof: AsOf = NOW) -> pd.DataFrame:
        """Where two series differ: entity, period, indicator, scenario, series_a, value_a, series_b, value_b,
        difference (b - a)."""
        reader = self._reader(asof)
        return self.frame(reader.conflicts(self._pick(need, reader)))

    def history(self, entity: str, indicator: str, period: str) -> pd.DataFrame:
        """Every version of one figure, oldest first, undone ones too, with batch, source, file and cell."""
        reader = replace(self._reader(), undone=True)
        need = Need((indicator,), (), (period,), (entity,))
        return self.frame(reader.versions(self._pick(need, reader)))

    def batches(self) -> tuple[StoredBatch, ...]:
        """All batches by number, undone ones too; of a scoped actor those that hold something in scope."""
        return tuple(_stored(row) for row in self.read(replace(self._reader(), undone=True).batches()))

    def codes(self, axis: str) -> tuple[str, ...]:
        """The codes of an axis (entity, period, indicator, scenario) that the store has ever held."""
        return tuple(row["code"] for row in self.read(self._reader().dimension(axis)))

    def ties(self, indicator: str, asof: AsOf = NOW) -> Ties:
        """The newest facts about pairs; a withdrawn one (no value) is left out. Raises Misfit where series differ."""
        return pairs.ties_of(self.read(self._reader(asof).ties(indicator)))

    def log(self, case: str | None = None) -> Log:
        """What was done, in order; of one case, or all."""
        rows = self.read(self._reader().log(case))
        return Log(tuple(Event(**{**row, "detail": json.loads(row["detail"])}) for row in rows))

    def micro(
        self, name: str, indicators: Mapping[str, str], *, entities: Sequence[str] = (), periods: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Facts of a wide table of firms: entity, period, indicator, value. Only what is asked for is computed.

        `indicators`  code -> formula of count(), sum(column), median(column), min(column), max(column)
        Raises UnknownWord for a table, column or aggregate that is not there, Misfit for what is no such formula,
        Refused for entities outside the scope.
        """
        self._inside(entities)
        attached = {row["name"]: row for row in self.read(self._reader().attached())}
        if name not in attached:
            raise UnknownWord("store.micro", name=name, expected=tuple(attached))
        table = micro.looked_at(self, **attached[name])
        return micro.aggregated(self, table, indicators, entities=entities, periods=periods)

    # -- inside ------------------------------------------------------------------------------------

    def _reader(self, asof: AsOf = NOW, prefer: Sequence[str] = ()) -> Reader:
        if prefer:
            known = [row["series"] for row in self.read(Reader(self.actor, undone=True).series())]
            raise_all([UnknownWord("store.series", name=name, expected=known) for name in prefer if name not in known])
        return Reader(self.actor, self.within, asof, tuple(prefer))

    def _pick(self, need: Need, reader: Reader) -> Pick:
        """The codes that are asked for. Raises UnknownWord for those that the store has never held, all together."""
        asked = {"period": tuple(sorted(need.periods)), "indicator": need.indicators, "scenario": need.scenarios}
        faults: list[RelodeError] = []
        for axis, codes in asked.items():
            there = [row["code"] for row in self.read(reader.dimension(axis))] if codes else []
            faults += [UnknownWord("store.never", axis=axis, name=c, expected=there) for c in codes if c not in there]
        raise_all(faults, where=str(self.path))
        if asked["period"]:
            asked["period"] = tuple(sorted(asked["period"], key=ordinal))
        return Pick(self._entities(need, reader), **{axis: codes or None for axis, codes in asked.items()})

    def _entities(self, need: Need, reader: Reader) -> tuple[str, ...] | None:
        """The entities that are asked for, in order; None = all that have facts."""
        if need.entities:
            self._inside(need.entities)
            there = {row["code"] for row in self.read(reader.dimension("entity"))} | set(self.regions or ())
            unknown = [code for code in need.entities if code not in there]
            raise_all([UnknownWord("store.never", axis="entity", name=c, expected=sorted(there)) for c in unknown])
            return need.entities
        if not need.level:
            return None
        at_level = self.regions.at(need.level) if self.regions is not None else ()
        if not at_level:
            levels = dict.fromkeys(e.level for e in (self.regions.entities if self.regions else ()) if e.level)
            raise UnknownWord("store.level", name=need.level, expected=levels)
        return tuple(code for code in at_level if self.within is None or code in self.within)

    def _axis(self, axis: str, asked: tuple[str, ...] | None, rows: Rows, reader: Reader) -> Axis:
        """The codes of one axis in order: as asked, else those that have facts."""
        ids = {row["code"]: row["id"] for row in self.read(reader.dimension(axis))}
        if asked is None:
            held = set(np.unique(rows.axes[axis]).tolist())
            asked = self._ordered(axis, [code for code, number in ids.items() if number in held])
        return Axis(asked, tuple(ids.get(code, -1) for code in asked))

    def _ordered(self, axis: str, codes: list[str]) -> tuple[str, ...]:
        """Entities as in the codelist, what it does not know after them; periods by time; the rest by code."""
        if axis == "period":
            return tuple(sorted(codes, key=ordinal))
        place = {code: n for n, code in enumerate(self.regions or ())} if axis == "entity" else {}
        return tuple(sorted(codes, key=lambda code: (place.get(code, len(place)), code)))

    def _sources(self, numbers: NDArray[np.int32], reader: Reader) -> tuple[str, ...]:
        used = set(np.unique(numbers).tolist())
        return tuple(sorted({row["source"] for row in self.read(reader.batches()) if row["number"] in used}))

    def _differ(self, reader: Reader, pick: Pick) -> Misfit:
        """The error that shows where series differ."""
        found = self.read(reader.conflicts(pick))
        shown = [
            f"{row['entity']}/{row['indicator']}/{row['period']}: {row['series_a']} {_figure(row['value_a'])}"
            f" ≠ {row['series_b']} {_figure(row['value_b'])}"
            for row in found[:SHOWN]
        ]
        series = sorted({row[name] for row in found for name in ("series_a", "series_b")})
        where = "; ".join(shown) + ("; …" if len(found) > SHOWN else "")
        return Misfit("store.series_differ", where=where, expected=series, count=len(found))

    def _inside(self, entities: Iterable[str]) -> None:
        """Raises Refused for entities outside the scope, all together."""
        if self.within is not None:
            foreign = [code for code in dict.fromkeys(entities) if code not in self.within]
            raise_all([Refused("store.foreign", name=code, where=str(self.path)) for code in foreign])

    # -- asking ------------------------------------------------------------------------------------

    def whole(self) -> None:
        """Raises Refused for an actor who does not see everything: checks and backups are of the whole store."""
        if self.within is not None:
            raise Refused("store.scoped", name=self.actor, where=str(self.path))

    def tables(self) -> list[str]:
        """The names of the tables."""
        return tables_in(self._con)

    def execute(self, query: Query) -> Any:
        """The one way to ask the file something. Raises Unwritable where it can no longer be read."""
        import duckdb

        try:
            return self._con.execute(query.sql, list(query.values))
        except (duckdb.IOException, duckdb.FatalException) as fault:
            raise told(fault, self.path) from fault

    def read(self, query: Query) -> list[dict[str, Any]]:
        """The rows by column name."""
        answer = self.execute(query)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def arrays(self, query: Query) -> dict[str, Any]:
        """The columns as NumPy arrays, masked where NULL."""
        found: dict[str, Any] = self.execute(query).fetchnumpy()
        return found

    def frame(self, query: Query) -> pd.DataFrame:
        """The answer as a frame."""
        frame: pd.DataFrame = self.execute(query).df()
        return frame


def _stored(row: dict[str, Any]) -> StoredBatch:
    vintage: date = row["vintage"]
    said = {name: row[name] for name in ("source", "series", "actor", "file", "file_hash", "recipe")}
    undone = _aware(row["undone"]) if row["undone"] else None
    loaded = _aware(row["loaded"])
    return StoredBatch(row["number"], Batch(vintage=vintage, **said), loaded, row["facts"], undone, row["undone_by"])


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _figure(value: float | None) -> str:
    return "M" if value is None else f"{value:.12g}"
