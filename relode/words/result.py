"""An Answer is what a method's function gives; a Result is the same, signed: by what, from what, with which choices."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .card import Card
from .indicator import Indicator
from .labels import Labels as Labels
from .note import Note
from .texts import has, language, say

if TYPE_CHECKING:
    import pandas as pd


_BLANKS = re.compile(r"(?<=[。；：，）]) | (?<=[\u4e00-\u9fff] )(?=\d)|(?<=\d) (?=[\u4e00-\u9fff])")
"""Blanks that Chinese does without: after its own signs, and between its characters and figures."""


@dataclass(frozen=True)
class Chart:
    """A picture described, not drawn: its kind, the table it shows, the columns it uses, and its title's code."""

    kind: str
    table: str
    title: str  # code of a text; filled with `details`
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What a method found: tidy tables (the first is the answer), facts for the store, charts, notes.

    `facts` has entity, period, indicator, value, and if need be scenario and status (A if left out);
    `defines` says what the indicators of these facts are, where no system does.
    """

    tables: Mapping[str, pd.DataFrame]
    facts: pd.DataFrame | None = None
    defines: tuple[Indicator, ...] = ()
    charts: tuple[Chart, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Result:
    """A signed Answer. Nothing here computes or draws; `publish` does.

    `fingerprint`  sha256 over method, its version, all choices and all inputs
    `inputs`       name -> fingerprint of what was read
    `sources`      codes of the sources whose figures were read
    """

    card: Card
    choices: Mapping[str, Any]
    inputs: Mapping[str, str]
    fingerprint: str
    software: str
    answer: Answer
    labels: Labels = field(default_factory=Labels)
    sources: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        """The method's name."""
        return self.card.name

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """All tables, the answer first."""
        return self.answer.tables

    @property
    def facts(self) -> pd.DataFrame | None:
        """What may be kept in the store."""
        return self.answer.facts

    @property
    def charts(self) -> tuple[Chart, ...]:
        """The pictures, described."""
        return self.answer.charts

    @property
    def notes(self) -> tuple[Note, ...]:
        """Warnings and remarks."""
        return self.answer.notes

    def noting(self, notes: Iterable[Note]) -> Result:
        """The result with further warnings and remarks, which come first."""
        return replace(self, answer=replace(self.answer, notes=(*notes, *self.notes)))

    def frame(self, table: str = "") -> pd.DataFrame:
        """A copy of a table, the answer itself by default."""
        return self.tables[table or next(iter(self.tables))].copy()

    def readable(self, table: str = "", lang: str | None = None) -> pd.DataFrame:
        """A table with names in place of codes and headings in `lang`."""
        lang = lang or language()
        frame = self.frame(table)
        for column in frame.columns:
            if frame[column].dtype.kind not in "iuf":
                frame[column] = [self._told(str(column), cell, lang) for cell in frame[column]]
        return frame.rename(columns={c: self.heading(str(c), lang, table) for c in frame.columns})

    def _told(self, column: str, cell: Any, lang: str) -> Any:
        if isinstance(cell, bool):
            return say("code.true" if cell else "code.false", lang)
        if isinstance(cell, str):
            return self.labels.name(column, cell, lang)
        return "" if cell is None or cell != cell else cell

    def told(self, note: Note, lang: str | None = None) -> str:
        """A note as a sentence in `lang`: codes that fill it are called by their names."""
        lang = lang or language()
        details = {key: self._named(value, lang) for key, value in note.details.items()}
        told = (say(code, lang, default="", **details) for code in (note.code, f"{note.code}.mend"))
        return (" " if lang == "en" else "").join(_sentence(text, lang) for text in told if text)

    def _named(self, value: Any, lang: str) -> Any:
        """A text that is codes, parted by commas, as their names; all else as it is."""
        if not isinstance(value, str):
            return value
        names = [self.labels.any_name(code, lang) for code in value.split(", ")]
        return (say("say.and", lang) if names != value.split(", ") else ", ").join(names)

    def heading(self, column: str, lang: str, table: str = "") -> str:
        """What stands over a column: the table's own word for it, the method's, that of all, else the bare name."""
        table = table or next(iter(self.tables))
        scopes = (f"{self.method}.{table}.", f"{self.method}.", "")
        code = next((f"column.{scope}{column}" for scope in scopes if has(f"column.{scope}{column}")), "")
        return say(code, lang) if code else column

    def __str__(self) -> str:
        lang = language()
        shown, others = self._at_a_glance(lang)
        told = [self.card.label(lang), shown.head(20).to_string(index=False, float_format=lambda x: f"{x:.4g}")]
        if len(shown) > 20:
            told.append(say("result.more", lang, count=len(shown) - 20))
        told += others
        told += [f"! {self.told(note, lang)}" for note in self.notes if note.level == "warning"]
        told.append(self.provenance(lang))
        return "\n".join(told)

    def _at_a_glance(self, lang: str) -> tuple[pd.DataFrame, list[str]]:
        """The answer; of entities in several periods the last one, and a sentence that says where the others are."""
        shown, frame = self.readable(lang=lang), self.frame()
        if not {"entity", "period"} <= set(frame.columns) or frame["entity"].nunique() < 2:
            return shown, []
        periods = sorted({period for period in frame["period"] if isinstance(period, str) and period})
        if len(periods) < 2:
            return shown, []
        table = next(iter(self.tables))
        told = say("result.periods", lang, period=periods[-1], count=len(periods) - 1, table=table)
        return shown[(frame["period"] == periods[-1]).to_numpy()], [told]

    def provenance(self, lang: str | None = None) -> str:
        """One line: sources, method and version, fingerprint."""
        return say(
            "result.provenance", lang, sources=", ".join(self.sources) or "-", fingerprint=self.fingerprint[:12],
            method=self.method, version=self.card.version, software=self.software,
        )  # fmt: skip

    def _repr_html_(self) -> str:
        lang = language()
        notes = "".join(f"<li>{html.escape(self.told(note, lang))}</li>" for note in self.notes)
        shown, others = self._at_a_glance(lang)
        table = shown.to_html(index=False, max_rows=30, float_format=lambda x: f"{x:.4g}")
        table += "".join(f"<p>{html.escape(told)}</p>" for told in others)
        title = html.escape(self.card.label(lang))
        return f"<h3>{title}</h3>{table}<ul>{notes}</ul><p><small>{html.escape(self.provenance(lang))}</small></p>"


def _sentence(text: str, lang: str) -> str:
    """A text with a large first letter and a full stop; in Chinese without blanks beside its own signs and figures."""
    if lang == "zh":
        return _BLANKS.sub("", text if text[-1] in "。！？" else f"{text}。")
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def fingerprint_of(*parts: Any) -> str:
    """sha256 of plain data."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
