"""Rules: dated values from documents, kept in `rules/*.toml`, never in code.

[bottom_three]
zh = "连续两年后三名"
en = "bottom three two years running"
values = [{since = 2025-01-01, value = 3, unit = "places", reference = "..."}]
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from .errors import Misfit, UnknownWord
from .shelf import Shelf
from .toml import read_toml


@dataclass(frozen=True)
class Dated:
    """A value, since when it holds, and the document that says so (`Chinese / English` where both are told)."""

    since: date
    value: float
    unit: str
    reference: str

    def source(self, lang: str) -> str:
        """The document in `lang`, as far as the reference tells it in both."""
        zh, _, en = self.reference.partition(" / ")
        return (zh if lang == "zh" else en) or self.reference


@dataclass(frozen=True)
class Rule:
    """One rule: its label and its values in the order of their dates."""

    code: str
    zh: str
    en: str
    values: tuple[Dated, ...]

    def on(self, day: date | None = None) -> Dated:
        """The value that holds on `day` (the newest if None). Raises Misfit where none holds yet."""
        held = [dated for dated in self.values if day is None or dated.since <= day]
        if not held:
            raise Misfit("rules.not_yet", name=self.code, day=day)
        return held[-1]


@dataclass(frozen=True)
class Rules:
    """The rules of one file."""

    name: str
    rules: tuple[Rule, ...]

    def __getitem__(self, code: str) -> Rule:
        for rule in self.rules:
            if rule.code == code:
                return rule
        raise UnknownWord("rules.unknown", name=code, where=self.name, expected=[r.code for r in self.rules])

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of all rules."""
        return hashlib.sha256(repr(self.rules).encode()).hexdigest()

    @classmethod
    def named(cls, name: str, shelf: Shelf | None = None) -> Rules:
        """The rules of `rules/<name>.toml`."""
        return cls.load((shelf or Shelf()).path("rules", name))

    @classmethod
    def load(cls, path: Path) -> Rules:
        """Read a file of rules. Raises Misfit for a key that is missing or unknown, naming the rule."""
        rules = []
        for code, entry in read_toml(path).items():
            try:
                values = sorted((Dated(**value) for value in entry["values"]), key=lambda dated: dated.since)
                rules.append(Rule(code, entry["zh"], entry["en"], tuple(values)))
            except (TypeError, KeyError) as fault:
                raise Misfit("rules.entry", where=f"{path}, {code}", fault=str(fault)) from fault
        return cls(path.stem, tuple(rules))
