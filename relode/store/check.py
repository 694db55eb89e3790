"""Is what the store holds sound? Quick questions always; the whole table, and every batch against its hash, if deep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..words.errors import Impossible, Misfit, RelodeError, UnknownWord
from ..words.indicator import Indicator
from .incoming import read_frame
from .pairs import ties_of
from .query import DIMENSIONS, KEY, NAMES, SHEET, Query, Reader
from .reading import Reading
from .schema import CELL

MOST = 100  # findings of one kind that are told


class Auditor(Reader):
    """A reader's questions about the soundness of the facts in reach."""

    def outside(self, ranges: Mapping[str, tuple[float | None, float | None]]) -> Query:
        """Facts outside what is possible, with their cell."""
        codes, lows, highs = list(ranges), [low for low, _ in ranges.values()], [high for _, high in ranges.values()]
        seen, facts = self._seen(), self._facts()
        return Query(
            f"""with seen as ({seen.sql}), f as ({facts.sql}), possible as (
              select unnest(?::text[]) as code, unnest(?::double[]) as low, unnest(?::double[]) as high)
            select {KEY}, f.value, possible.low, possible.high, seen.number as batch, seen.file, {CELL} as cell
              from f join seen on seen.number = f.batch {NAMES} {SHEET}
              join possible on possible.code = indicator.code
             where f.value < possible.low or f.value > possible.high
             order by batch, entity.code, indicator.code, period.code limit {MOST}""",
            (*seen.values, *facts.values, codes, lows, highs),
        )

    def doubles(self) -> Query:
        """Keys that stand twice in one batch."""
        seen, facts = self._seen(), self._facts()
        return Query(
            f"""with seen as ({seen.sql}), facts as ({facts.sql}), f as (
              select entity, period, indicator, scenario, batch, count(*) as count from facts
               group by entity, period, indicator, scenario, batch having count(*) > 1)
            select {KEY}, f.batch, f.count from f {NAMES}
             order by f.batch, entity.code, indicator.code, period.code limit {MOST}""",
            seen.values + facts.values,
        )

    def miscounted(self) -> Query:
        """Batches that hold another number of rows than they say; a batch without its line is told with null."""
        return Query(
            """with held as (
              select batch, count(*) as count from (select batch from fact union all select batch from ties)
               group by batch)
            select coalesce(number, batch) as number, facts as said, coalesce(count, 0) as count
              from batch full join held on held.batch = batch.number
             where facts is distinct from coalesce(count, 0) order by number"""
        )

    def nameless(self) -> Query:
        """How many facts carry a code that stands for nothing."""
        lacking = " or ".join(f"f.{axis} not in (select id from {axis})" for axis in DIMENSIONS)
        return Query(f"select f.batch, count(*) as count from fact f where {lacking} group by f.batch order by f.batch")

    def pairs(self, number: int) -> Query:
        """The ties of one batch as they were loaded."""
        return Query(
            """select o.code as origin, d.code as target, period, indicator, value, unit, source, vintage, '' as series
            from ties join entity o on o.id = origin join entity d on d.id = target where batch = ?""",
            (number,),
        )


def check_facts(
    store: Reading, *, indicators: Mapping[str, Indicator] | None = None, deep: bool = False
) -> list[RelodeError]:
    """What is wrong with the facts of a store, undone batches left out; empty = nothing.

    Values outside their range (of the definitions given, else as kept), words that are no longer defined, codes that
    stand for nothing, batches that are not whole. Deep: also the uniqueness of the whole table, and every batch
    against the hash that was taken when it was loaded.
    Raises Refused for an actor who does not see everything.
    """
    store.whole()
    auditor = Auditor(store.actor)
    found = _not_whole(store, auditor) + _undefined(store, auditor, indicators) + _outside(store, auditor, indicators)
    if deep:
        found += [
            Misfit("store.twice", name=_key(row), where=f"batch {row['batch']}")
            for row in store.read(auditor.doubles())
        ]
        found += [
            Misfit("store.changed", name=number, where=str(store.path)) for number in changed_batches(store, auditor)
        ]
    return found


def changed_batches(store: Reading, auditor: Auditor) -> list[int]:
    """The numbers of the batches, undone ones too, whose rows are no longer those that were loaded."""
    everything = Auditor(auditor.actor, undone=True)
    return [
        row["number"]
        for row in store.read(everything.batches())
        if rows_hash(store, everything, row["number"]) != row["rows_hash"]
    ]


def rows_hash(store: Reading, auditor: Auditor, number: int) -> str:
    """The hash of a batch's rows, taken again."""
    frame = store.frame(auditor.rows(number))
    if len(frame):
        try:
            return read_frame(frame).rows_hash
        except RelodeError:  # what cannot even be read is not what was loaded
            return ""
    return ties_of(store.read(auditor.pairs(number)), withdrawn=True).fingerprint


def _not_whole(store: Reading, auditor: Auditor) -> list[RelodeError]:
    found: list[RelodeError] = [
        Misfit("store.miscounted", name=row["number"], said=row["said"], count=row["count"], where=str(store.path))
        for row in store.read(auditor.miscounted())
    ]
    return found + [
        Misfit("store.nameless", name=row["batch"], count=row["count"], where=str(store.path))
        for row in store.read(auditor.nameless())
    ]


def _undefined(store: Reading, auditor: Auditor, indicators: Mapping[str, Indicator] | None) -> list[RelodeError]:
    found: list[RelodeError] = []
    known: dict[str, Mapping[str, Any] | None] = {"entity": store.regions, "indicator": indicators}
    for axis, words in known.items():
        if words is not None:
            held = [row["code"] for row in store.read(auditor.dimension(axis))]
            lost = [code for code in held if code not in words]
            found += [UnknownWord("store.undefined", axis=axis, name=code, where=str(store.path)) for code in lost]
    return found


def _outside(store: Reading, auditor: Auditor, indicators: Mapping[str, Indicator] | None) -> list[RelodeError]:
    ranges = {row["code"]: (row["low"], row["high"]) for row in store.read(auditor.dimension("indicator"))}
    ranges |= {code: indicators[code].range for code in ranges if indicators and code in indicators}
    return [
        Impossible(
            "store.range", name=_key(row), value=row["value"], where=_place(row),
            low=float("-inf") if row["low"] is None else row["low"],
            high=float("inf") if row["high"] is None else row["high"],
        )
        for row in store.read(auditor.outside(ranges))
    ]  # fmt: skip


def _key(row: Mapping[str, Any]) -> str:
    return "/".join(row[axis] for axis in ("entity", "period", "indicator", "scenario"))


def _place(row: Mapping[str, Any]) -> str:
    return ", ".join(part for part in (f"batch {row['batch']}", row["file"], row["cell"]) if part)
