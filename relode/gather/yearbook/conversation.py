"""Import is a conversation: what a person is asked about a reading. No terminal is read or written here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import ValidationError

from ...words.errors import Misfit
from ...words.indicator import Indicator
from ...words.texts import language, say
from .guess import SURE
from .reading import Column, Reading, Table
from .symbols import Legend

Word = TypeVar("Word", Reading, Table, Column)


_SIGNS = {"...": "\u2026", "......": "\u2026\u2026"}  # signs that comparing has taken apart


@dataclass(frozen=True)
class Question:
    """What a person should decide: about which sheet and heading, what is guessed, how sure and why.

    `code` is one of ask.heading (unknown: it is left out), ask.near (a similar name), ask.unit (nowhere stated),
    ask.symbol (not explained in the file), ask.no_entity, ask.no_period, ask.no_indicator (the table is left out).
    """

    code: str
    sheet: str
    number: int = 1
    about: str = ""
    guess: str = ""
    sure: float = 0.0
    zh: str = ""
    en: str = ""
    called: str = ""  # the sheet by its own name

    def told(self, lang: str | None = None) -> str:
        """The question as a sentence; `zh` and `en` name the guess where it is a code."""
        return say(
            self.code,
            lang,
            sheet=self.called or self.sheet,
            about=_SIGNS.get(self.about, self.about),
            guess=self.guessed(lang),
        )

    def guessed(self, lang: str | None = None) -> str:
        """The guess as people read it; '' where there is none."""
        named = (self.zh if (lang or language()) == "zh" else self.en) or self.guess
        return say(f"unit.{self.guess}" if self.code == "ask.unit" else f"legend.{self.guess}", lang, default=named)


def questions_of(
    tables: Iterable[Table], symbols: Mapping[str, str], legend: Legend, indicators: Mapping[str, Indicator]
) -> tuple[Question, ...]:
    """Everything that is not sure about a reading."""
    found: list[Question] = []
    for table in tables:
        if not table.use and table.sure < SURE and table.why != "no_figures":
            found.append(Question(f"ask.{table.why}", table.sheet, table.number))
        elif table.use:
            found += [q for column in (*table.columns, *table.labels) for q in _about(table, column, indicators)]
    found += [
        Question("ask.symbol", "", 0, sign, meaning, 0.7)
        for sign, meaning in symbols.items()
        if sign not in legend.told
    ]
    return tuple(found)


def _about(table: Table, column: Column, indicators: Mapping[str, Indicator]) -> Iterator[Question]:
    if column.role != "fact" or column.sure >= SURE:
        return
    if not column.indicator:
        yield Question("ask.heading", table.sheet, table.number, column.head)
    elif column.why == "near":
        near = indicators[column.indicator]
        yield Question(
            "ask.near",
            table.sheet,
            table.number,
            column.head,
            near.code,
            column.sure,
            near.label("zh"),
            near.label("en"),
        )
    elif column.why == "assumed":
        yield Question(
            "ask.unit", table.sheet, table.number, column.head, indicators[column.indicator].unit, column.sure
        )


def answered(reading: Reading, question: Question, answer: str) -> Reading:
    """The reading with one question answered.

    `answer` is a code for a heading, a similar name or a table without indicator; a unit; a meaning for a symbol; a
    period or the code of an entity for a table that names none. '' leaves the heading out for good.
    Raises Misfit for an answer that a reading cannot hold.
    """
    if question.code == "ask.symbol":
        return _changed(Reading, reading, answer=answer, symbols={**reading.symbols, question.about: answer})
    tables = tuple(
        _told(table, question, answer) if (table.sheet, table.number) == (question.sheet, question.number) else table
        for table in reading.tables
    )
    return replace(reading, tables=tables)


def _told(table: Table, question: Question, answer: str) -> Table:
    known: dict[str, Any] = {"use": True, "why": "", "sure": 1.0}
    if question.code == "ask.no_period":
        return _changed(Table, table, **known, period="given", year=answer)
    if question.code == "ask.no_entity":
        return _changed(Table, table, **known, entity="given", place=answer)
    if question.code == "ask.no_indicator":
        return _changed(Table, table, **known, labels=(*table.labels, Column("", "fact", answer)))
    kind = "unit" if question.code == "ask.unit" else "indicator"
    columns, labels = (_settled(part, question.about, kind, answer) for part in (table.columns, table.labels))
    return replace(table, columns=columns, labels=labels)


def _settled(columns: tuple[Column, ...], head: str, kind: str, answer: str) -> tuple[Column, ...]:
    changes = {kind: answer, "why": ""} if answer else {"role": "skip"}
    return tuple(_changed(Column, column, sure=1.0, **changes) if column.head == head else column for column in columns)


def _changed(kind: type[Word], word: Word, answer: str = "", **changes: Any) -> Word:
    """A word with changes that a person made, checked as if they stood in its file. Raises Misfit."""
    fields = {name: getattr(word, name) for name in kind.__dataclass_fields__} | changes
    try:
        return kind(**fields)
    except ValidationError as fault:
        raise Misfit(
            "reading.answer", name=answer or ", ".join(map(str, changes.values())), fault=fault.errors()[0]["msg"]
        ) from fault
