"""A reading as lines for people: tables and columns with how sure they are and why, faults, remarks, questions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...words.codelist import Codelist
from ...words.indicator import Indicator
from ...words.texts import say
from .reading import Column, Table

if TYPE_CHECKING:
    from .reader import Extract

MOST_FAULTS = 20
MOST_CONFLICTS = 20
_NAME = re.compile(r"[a-z][a-z0-9_.@]*")


def shown(
    extract: Extract, lang: str | None = None, *, indicators: Mapping[str, Indicator] | None = None,
    regions: Codelist | None = None,
) -> Iterator[str]:  # fmt: skip
    """The reading line by line; `indicators` and `regions` give codes their names."""
    known = indicators or {}
    layout = say("show.known" if extract.known else "show.new", lang)
    yield say("show.file", lang, file=extract.reading.file, layout=extract.reading.layout, known=layout,
              tables=len(extract.reading.tables))  # fmt: skip
    yield from _tables(extract, known, lang)
    yield _facts(extract, lang)
    for fault in extract.faults[:MOST_FAULTS]:
        yield fault.told(lang)
    if len(extract.faults) > MOST_FAULTS:
        yield say("error.more", lang, count=len(extract.faults) - MOST_FAULTS)
    for note in extract.remarks:
        yield note.told(lang)
    yield from _conflicts(extract, known, regions or Codelist(), lang)
    for question in extract.questions:
        yield "? " + question.told(lang)


def _tables(extract: Extract, known: Mapping[str, Indicator], lang: str | None) -> Iterator[str]:
    several = Counter(extract.sheets)
    before: dict[tuple[object, ...], str] = {}
    for sheet, table in zip(extract.sheets, (extract.guessed or extract.reading).tables, strict=True):
        if not table.use:
            yield say("show.unused", lang, sheet=sheet, why=say(f"show.{table.why}", lang))
            continue
        axes = {name: say(f"show.from_{getattr(table, name)}", lang) for name in ("entity", "period", "indicator")}
        number = say("show.number", lang, number=table.number) if several[sheet] > 1 else ""
        first = before.setdefault((table.columns, table.labels, table.unit, *axes.values()), sheet)
        if first != sheet:
            yield say("show.same", lang, sheet=sheet, number=number, first=first)
            continue
        yield say("show.table", lang, sheet=sheet, number=number, **axes)
        for column in (*table.columns, *table.labels):
            if column.role != "skip":
                yield _column(column, table, known, lang, accepted=extract.known)


def _column(column: Column, table: Table, known: Mapping[str, Indicator], lang: str | None, *, accepted: bool) -> str:
    if column.role == "derived":
        means = say("show.derived", lang, formula=_named(column.formula, known, lang))
    elif column.indicator:
        means = _indicator(column, table, known, lang)
    else:
        means = say(f"show.role_{column.role}" if column.role != "fact" else "show.not_read", lang)
    why = column.why or ("accepted" if accepted else "role")
    head = column.head.replace("{year}", say("show.each_year", lang))
    return say("show.column", lang, head=head, means=means, sure=f"{column.sure:.0%}",
               why=say(f"show.why_{why}", lang))  # fmt: skip


def _indicator(column: Column, table: Table, known: Mapping[str, Indicator], lang: str | None) -> str:
    label = known[column.indicator].label(lang or "") if column.indicator in known else ""
    beside = any(other.role == "unit" for other in table.columns)
    unit = column.unit or table.unit or (say("show.unit_beside", lang) if beside else "")
    unit = say(f"unit.{unit}", lang, default=unit)
    status = say(f"code.status.{column.status}", lang, default=column.status) if column.status != "A" else ""
    name = f"{label} {column.indicator}".strip()
    return say("show.comma", lang).join(part for part in (name, unit, status) if part)


def _named(formula: str, known: Mapping[str, Indicator], lang: str | None) -> str:
    """A formula with the names of its facts instead of their codes."""
    return _NAME.sub(
        lambda found: known[found.group()].label(lang or "") if found.group() in known else found.group(), formula
    )


def _facts(extract: Extract, lang: str | None) -> str:
    facts = extract.facts
    missing = int(facts["value"].isna().sum())
    told = say("show.facts", lang, facts=len(facts) - missing, entities=facts["entity"].nunique(),
               indicators=facts["indicator"].nunique(), periods=facts["period"].nunique())  # fmt: skip
    return told + (say("show.missing", lang, missing=missing) if missing else "")


def _conflicts(
    extract: Extract, known: Mapping[str, Indicator], regions: Codelist, lang: str | None
) -> Iterator[str]:  # fmt: skip
    """The pairs of figures of one file that contradict one another: which is kept, and where both stand."""
    found = extract.conflicts
    if not len(found):
        return
    yield say("show.conflicts", lang, count=len(found))
    for row in found.head(MOST_CONFLICTS).to_dict("records"):
        label = known[row["indicator"]].label(lang or "") if row["indicator"] in known else row["indicator"]
        yield say("show.conflict", lang, entity=regions.label(row["entity"], lang or ""), period=row["period"],
                  indicator=label, value=f"{row['value']:.10g}", other=f"{row['other']:.10g}", where=row["where"],
                  where_other=row["where_other"])  # fmt: skip
    if len(found) > MOST_CONFLICTS:
        yield say("error.more", lang, count=len(found) - MOST_CONFLICTS)
