"""A Recipe is a yearly evaluation as a file: steps to run, and the report that shows them.

name = "annual"
version = 1
zh = "..."
en = "..."

[[step]]
id = "level"
run = "measure.index"
choices = { plan = "morocco_level" }
keep = true                                    # its facts go into the store

[report]
title = { zh = "...", en = "..." }
subject = { zh = "...", en = "..." }           # one line below the title

[[report.chapter]]
title = { zh = "...", en = "..." }
shows = [
  { step = "level", say = "headline" },        # sentences
  { step = "level", chart = "ranks" },         # the result's chart over that table
  { step = "level", table = "ranks", most = 20, columns = ["rank", "entity", "score"] },
  { step = "level", part = "notes" },          # or "method", "choices"
  { part = "sources" },
]
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from .errors import Misfit, UnknownWord, raise_all
from .toml import read_toml

_strict = ConfigDict(extra="forbid")
Both = Mapping[Literal["zh", "en"], str]


@dataclass(config=_strict, frozen=True)
class Step:
    """One method to run: `choices` by name; `keep` puts its facts into the store."""

    id: str
    run: str
    choices: Mapping[str, Any] = Field(default_factory=dict)
    keep: bool = False


@dataclass(config=_strict, frozen=True)
class Show:
    """One thing in a chapter: sentences (`say`), a `table`, a `chart`, or a `part` (notes, choices, method, sources).

    `columns` choose and order a table's columns, `most` cuts it (the rest is in the workbook),
    `each` cuts not the table but the rows of each code in this column,
    `only` keeps the rows whose column has one of these codes,
    `largest` puts the rows with the largest size in this column first,
    `style` prints estimates in three lines: as journals want them (cssci), or as ministries can use them (evaluation)
    """

    step: str = ""
    say: str = ""
    table: str = ""
    chart: str = ""
    part: Literal["", "notes", "choices", "method", "sources", "excluded"] = ""
    columns: tuple[str, ...] = ()
    most: int = 0
    only: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    largest: str = ""
    each: str = ""
    style: Literal["", "cssci", "evaluation"] = ""


@dataclass(config=_strict, frozen=True)
class Chapter:
    """A heading with what it shows."""

    title: Both
    shows: tuple[Show, ...]


@dataclass(config=_strict, frozen=True)
class Report:
    """What a reader gets: title, subject, chapters."""

    title: Both
    subject: Both = Field(default_factory=dict)
    issuer: Both = Field(default_factory=dict)
    chapter: tuple[Chapter, ...] = ()


@dataclass(config=_strict, frozen=True)
class Recipe:
    """Steps and their report."""

    name: str
    zh: str
    en: str
    step: tuple[Step, ...]
    report: Report
    version: int = 1

    def __post_init__(self) -> None:
        steps = {step.id for step in self.step}
        faults = [
            UnknownWord("recipe.step", name=show.step, where=chapter.title.get("en", ""), expected=sorted(steps))
            for chapter in self.report.chapter
            for show in chapter.shows
            if show.step and show.step not in steps
        ]
        if len(steps) < len(self.step):
            raise Misfit("recipe.twice", where=self.name)
        raise_all(faults, where=self.name)

    @classmethod
    def load(cls, path: Path) -> Recipe:
        """Read a recipe. Raises Misfit, UnknownWord, all faults together."""
        spec = read_toml(path)
        try:
            return TypeAdapter(cls).validate_python(spec)
        except ValidationError as told:
            faults = [
                Misfit("recipe.value", name=".".join(map(str, e["loc"])), fault=e["msg"], where=str(path))
                for e in told.errors()
            ]
            raise_all(faults, where=str(path))
            raise
