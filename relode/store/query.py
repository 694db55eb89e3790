"""The one place where reads are written. Who reads, what they may see, as of when, which series they prefer and
whether undone batches show is settled here for every question that the store answers.

Nothing that a user types becomes SQL text: codes, dates and names are bound as values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..words.batch import AsOf
from .schema import CELL

DIMENSIONS = ("entity", "period", "indicator", "scenario")
KEY = ", ".join(f"{axis}.code as {axis}" for axis in DIMENSIONS)
NAMES = " ".join(f"join {axis} on {axis}.id = f.{axis}" for axis in DIMENSIONS)
SHEET = "left join sheet on sheet.batch = f.batch and sheet.id = f.sheet"


@dataclass(frozen=True)
class Query:
    """One statement and the values that fill it."""

    sql: str
    values: tuple[object, ...] = ()


@dataclass(frozen=True)
class Pick:
    """The part of the facts that is asked for: codes by axis; None = all."""

    entity: tuple[str, ...] | None = None
    period: tuple[str, ...] | None = None
    indicator: tuple[str, ...] | None = None
    scenario: tuple[str, ...] | None = None


ALL = Pick()


@dataclass(frozen=True)
class Reader:
    """Who reads and how.

    `within`  codes of the entities in scope; None = everything
    `prefer`  series in the order in which they are believed
    `undone`  show undone batches too
    """

    actor: str
    within: tuple[str, ...] | None = None
    asof: AsOf = field(default_factory=AsOf)
    prefer: tuple[str, ...] = ()
    undone: bool = False

    # -- questions ---------------------------------------------------------------------------------

    def newest(self, pick: Pick) -> Query:
        """Per key and series the newest version: ids of the key, series, its rank, value, status, batch.

        `arg_max` skips NULL and would bring a withdrawn figure back, so it is `arg_max_null`.
        """
        seen, facts = self._seen(), self._facts(pick)
        return Query(
            f"""with seen as ({seen.sql}), facts as ({facts.sql})
            select entity, period, indicator, scenario, series_number as series, any_value(rank) as rank,
                   arg_max_null(value, age) as value, arg_max_null(enum_code(status), age) as status,
                   arg_max_null(batch, age) as batch
              from facts group by entity, period, indicator, scenario, series_number""",
            seen.values + facts.values,
        )

    def conflicts(self, pick: Pick) -> Query:
        """Keys whose newest figures differ between two series, in plain codes; what `prefer` settles is left out."""
        newest = self.newest(pick)
        return Query(
            f"""with newest as ({newest.sql}), named as (
              select newest.*, batch.series as name,
                     min(rank) over (partition by entity, period, indicator, scenario) as best
                from newest join batch on batch.number = newest.batch)
            select {KEY}, f.name as series_a, f.value as value_a,
                   b.name as series_b, b.value as value_b, b.value - f.value as difference
              from named f join named b using (entity, period, indicator, scenario) {NAMES}
             where f.name < b.name and f.value is distinct from b.value and f.rank = f.best and b.rank = b.best
             order by entity.code, indicator.code, period.code, scenario.code, series_a, series_b""",
            newest.values,
        )

    def versions(self, pick: Pick) -> Query:
        """Every version of the figures, oldest first, with what is known of each."""
        seen, facts = self._seen(), self._facts(pick)
        return Query(
            f"""with seen as ({seen.sql}), f as ({facts.sql})
            select {KEY}, f.value, f.status::text as status, seen.number as batch, seen.source,
                   seen.series, seen.vintage, seen.loaded, seen.actor, seen.file, {CELL} as cell, seen.recipe,
                   reading.unit as unit_read, reading.factor, seen.undone
              from f join seen on seen.number = f.batch {NAMES} {SHEET}
              left join reading on reading.batch = f.batch and reading.sheet is not distinct from f.sheet
                               and reading.col is not distinct from f.col
             order by seen.age, entity.code, period.code, indicator.code, scenario.code""",
            seen.values + facts.values,
        )

    def rows(self, number: int) -> Query:
        """One batch as it was loaded, in plain codes."""
        inside, values = self._inside("f.entity")
        return Query(
            f"""select {KEY}, f.value, f.status::text as status, sheet.name as sheet, f."row", f.col
              from fact f {NAMES} {SHEET}
             where f.batch = ? and {inside}""",
            (number, *values),
        )

    def batches(self) -> Query:
        """The batches in reach, by number; of a scoped reader those that hold something in scope."""
        seen = self._seen()
        return Query(
            f"""with seen as ({seen.sql})
            select number, source, series, vintage, loaded, actor, file, file_hash, recipe, rows_hash, facts,
                   undone, undone_by from seen order by number""",
            seen.values,
        )

    def touched(self, number: int) -> Query:
        """The codes of the entities that a batch says something about, in scope or not."""
        return Query(
            """select distinct entity.code from entity join (
              select entity as id from fact where batch = ? union all
              select origin from ties where batch = ?) touched using (id)""",
            (number, number),
        )

    def ties(self, indicator: str) -> Query:
        """Per pair and series the newest tie of an indicator; a scoped reader sees pairs with an end in scope."""
        seen = self._seen()
        inside, values = self._inside("t.origin", "t.target")
        return Query(
            f"""with seen as ({seen.sql}), newest as (
              select origin, target, period, indicator, series, arg_max_null(value, age) as value,
                     arg_max(struct_pack(unit := t.unit, source := t.source, vintage := t.vintage), age) as told
                from ties t join seen on seen.number = t.batch
               where indicator = ? and {inside} group by origin, target, period, indicator, series)
            select o.code as origin, d.code as target, newest.period, indicator, value, told.unit, told.source,
                   told.vintage, series
              from newest join entity o on o.id = origin join entity d on d.id = target
             order by o.code, d.code, newest.period, series""",
            (*seen.values, indicator, *values),
        )

    def log(self, case: str | None) -> Query:
        """Events in the order in which they were appended.

        A scoped reader sees their own, those whose detail names an entity in scope, and those of batches in reach.
        """
        where: str = "true"
        values: tuple[object, ...] = ()
        if self.within is not None:
            seen = Reader(self.actor, self.within, undone=True)._seen()
            where = f"""(actor = ? or json_extract_string(detail, '$.entity') in (select unnest(?::text[]))
              or "case" in (select 'batch:' || number from ({seen.sql})))"""
            values = (self.actor, list(self.within), *seen.values)
        return Query(
            f"""select "case", "time", actor, event, detail from log
            where {where} and (?::text is null or "case" = ?) order by number""",
            (*values, case, case),
        )

    def dimension(self, table: str) -> Query:
        """What the integer codes stand for: id, code; entities in scope only."""
        assert table in DIMENSIONS
        inside, values = self._inside("id") if table == "entity" else ("true", ())
        return Query(f"select * from {table} where {inside} order by id", values)

    def attached(self) -> Query:
        """The wide tables: names and places of files; their rows are cut to the scope when they are asked."""
        return Query("select name, pattern, entity, period from micro order by name")

    def series(self) -> Query:
        """The series in reach."""
        seen = self._seen()
        return Query(f"with seen as ({seen.sql}) select distinct series from seen order by series", seen.values)

    # -- parts -------------------------------------------------------------------------------------

    def _seen(self) -> Query:
        """The batches on both clocks. `age` grows with newness, `rank` with how little a series is preferred."""
        known = utc(self.asof.known)
        scope: str = "true"
        values: tuple[object, ...] = ()
        if self.within is not None:
            facts, ties = self._inside("entity"), self._inside("origin", "target")
            scope = f"""number in (select batch from fact where {facts[0]} union
                                   select batch from ties where {ties[0]})"""
            values = facts[1] + ties[1]
        return Query(
            f"""select *, dense_rank() over (order by series) as series_number,
                   coalesce(nullif(list_position(?::text[], series), 0), ?) as rank,
                   row_number() over (order by vintage, loaded, number) as age
              from batch
             where (?::date is null or vintage <= ?::date) and (?::timestamp is null or loaded <= ?::timestamp)
               and (? or undone is null or undone > ?::timestamp) and {scope}""",
            (list(self.prefer), len(self.prefer) + 1, self.asof.vintage, self.asof.vintage, known, known,
             self.undone, known, *values),
        )  # fmt: skip

    def _facts(self, pick: Pick = ALL) -> Query:
        """The facts of the batches in reach that are picked and in scope."""
        wheres, values = [self._inside("f.entity")[0]], list(self._inside("f.entity")[1])
        for axis in DIMENSIONS:
            if (codes := getattr(pick, axis)) is not None:
                wheres.append(f"f.{axis} in (select id from {axis} where code in (select unnest(?::text[])))")
                values.append(list(codes))
        return Query(
            f"""select f.*, seen.series_number, seen.rank, seen.age
              from fact f join seen on seen.number = f.batch where {" and ".join(wheres)}""",
            tuple(values),
        )

    def _inside(self, *columns: str) -> tuple[str, tuple[object, ...]]:
        """A condition on columns of entity ids: one of them is in scope."""
        if self.within is None:
            return "true", ()
        inside = "{} in (select id from entity where code in (select unnest(?::text[])))"
        parts = [inside.format(column) for column in columns]
        return f"({' or '.join(parts)})", tuple(list(self.within) for _ in columns)


def utc(time: datetime | None) -> datetime | None:
    """A moment as the store keeps it: UTC without a zone; a naive moment is taken as UTC already."""
    return time if time is None or time.tzinfo is None else time.astimezone(UTC).replace(tzinfo=None)
