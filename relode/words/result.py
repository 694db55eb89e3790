"""An Answer is what a method's function gives; a Result is the same, signed: by what, from what, with which choices."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .card import Card
from .codelist import Codelist
from .indicator import Indicator, IndicatorSystem
from .note import Note
from .policy import Policy
from .study import Control, Outcome, Study
from .texts import has, language, say

if TYPE_CHECKING:
    import pandas as pd


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
class Labels:
    """What the codes in a Result are called: entities from codelists, indicators and groups from systems,
    policies, outcomes and controls from studies; `indicators` are the facts that a place knows."""

    regions: Codelist = field(default_factory=Codelist)
    systems: tuple[IndicatorSystem, ...] = ()
    studies: tuple[Study, ...] = ()
    indicators: Mapping[str, Indicator] = field(default_factory=dict)

    def entity(self, code: str, lang: str) -> str:
        """What people read for an entity."""
        return self.regions.label(code, lang)

    def node(self, code: str, lang: str) -> str:
        """What people read for an indicator or a group."""
        for system in self.systems:
            if (label := system.label(code, lang)) != code:
                return label
        return self.indicators[code].label(lang) if code in self.indicators else code

    def term(self, code: str, lang: str) -> str:
        """What people read for a study, a policy, an outcome or a control."""
        for study in self.studies:
            if study.name == code:
                return study.label(lang)
            named: tuple[Policy | Outcome | Control, ...] = (
                *study.calendar.policies, *study.outcomes, *study.controls,
            )  # fmt: skip
            if found := next((part for part in named if part.code == code), None):
                return found.label(lang)
        return code

    def of_column(self, column: str) -> Callable[[str, str], str] | None:
        """What turns the codes of a column into names, if its codes have names."""
        if column in ("entity", "place", "neighbour", "peer_entity"):
            return self.entity
        if column in ("indicator", "node", "node_other", "parent", "link_origin", "link_target"):
            return self.node
        if column in ("policy", "other_policy", "outcome", "term", "variable"):
            return self.term
        if column in ("unit", "peer", "type"):
            return lambda code, lang: say(f"{_FAMILY[column]}.{code}", lang, default=code)
        return None


_FAMILY = {"unit": "unit", "peer": "type", "type": "type"}


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

    def frame(self, table: str = "") -> pd.DataFrame:
        """A copy of a table, the answer itself by default."""
        return self.tables[table or next(iter(self.tables))].copy()

    def readable(self, table: str = "", lang: str | None = None) -> pd.DataFrame:
        """A table with names in place of codes and headings in `lang`."""
        lang = lang or language()
        frame = self.frame(table)
        for column in frame.columns:
            if label := self.labels.of_column(str(column)):
                frame[column] = [label(str(code), lang) if code is not None else "" for code in frame[column]]
        return frame.rename(columns={c: self.heading(str(c), lang, table) for c in frame.columns})

    def heading(self, column: str, lang: str, table: str = "") -> str:
        """What stands over a column: the table's own word for it, the method's, that of all, else the bare name."""
        table = table or next(iter(self.tables))
        scopes = (f"{self.method}.{table}.", f"{self.method}.", "")
        code = next((f"column.{scope}{column}" for scope in scopes if has(f"column.{scope}{column}")), "")
        return say(code, lang) if code else column

    def __str__(self) -> str:
        lang = language()
        shown = self.readable(lang=lang)
        told = [self.card.label(lang), shown.head(20).to_string(index=False, float_format=lambda x: f"{x:.4g}")]
        if len(shown) > 20:
            told.append(say("result.more", lang, count=len(shown) - 20))
        told += [f"! {note.told(lang)}" for note in self.notes if note.level == "warning"]
        told.append(self.provenance(lang))
        return "\n".join(told)

    def provenance(self, lang: str | None = None) -> str:
        """One line: sources, method and version, fingerprint."""
        return say(
            "result.provenance", lang, sources=", ".join(self.sources) or "-", fingerprint=self.fingerprint[:12],
            method=self.method, version=self.card.version, software=self.software,
        )  # fmt: skip

    def _repr_html_(self) -> str:
        lang = language()
        notes = "".join(f"<li>{html.escape(note.told(lang))}</li>" for note in self.notes)
        table = self.readable(lang=lang).to_html(index=False, max_rows=30, float_format=lambda x: f"{x:.4g}")
        title = html.escape(self.card.label(lang))
        return f"<h3>{title}</h3>{table}<ul>{notes}</ul><p><small>{html.escape(self.provenance(lang))}</small></p>"


def fingerprint_of(*parts: Any) -> str:
    """sha256 of plain data."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
