"""A Recipe is a yearly evaluation as a file: steps to run, and the report that shows them.

name = "annual"
version = 1
zh = "..."
en = "..."

[[step]]
id = "level"
run = "measure.index"
choices = { plan = "$plan" }
keep = true                                    # its facts go into the store

[asks]                                         # what the caller names: `relode cook NAME --plan mine`
plan = ""                                      # a default, or "" where it must be given

[report]
title = { zh = "{plan}评价报告", en = "{plan}: an evaluation" }
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
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from .errors import Misfit, RelodeError, UnknownWord, raise_all
from .toml import read_toml

_strict = ConfigDict(extra="forbid")
Both = Mapping[Literal["zh", "en"], str]


@dataclass(config=_strict, frozen=True)
class Step:
    """One method to run: `choices` by name; `keep` puts its facts into the store.

    `only` narrows what it looks at: { level = "city", periods = ["2010", "2020"], entities = [...] }
    """

    id: str
    run: str
    choices: Mapping[str, Any] = Field(default_factory=dict)
    keep: bool = False
    only: Mapping[str, Any] = Field(default_factory=dict)


@dataclass(config=_strict, frozen=True)
class Show:
    """One thing in a chapter: sentences (`say`), a `table`, a `chart`, or a `part` (notes, choices, method, sources).

    `columns` choose and order a table's columns, `most` cuts it (the rest is in the workbook),
    `each` cuts not the table but the rows of each code in this column,
    `only` keeps the rows whose column has one of these codes,
    `largest` puts the rows with the largest size in this column first,
    `if_any` leaves a chart out where the result has none (one period has no lines); a chapter without content goes too,
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
    if_any: bool = False


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
    asks: Mapping[str, str] = Field(default_factory=dict)

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

    def filled(self, given: Mapping[str, str], labels: Mapping[str, Both] | None = None) -> Recipe:
        """The recipe with what it asks for in the place of `$name`; `labels` say it in titles, where `{name}` stands.

        Raises UnknownWord for a name that it does not ask for, Misfit for one that nobody gave.
        """
        faults: list[RelodeError] = [
            UnknownWord("recipe.not_asked", name=name, where=self.name, expected=sorted(self.asks))
            for name in given
            if name not in self.asks
        ]
        answers = {**self.asks, **given}
        faults += [Misfit("recipe.asks", name=n, where=self.name) for n, answer in answers.items() if not answer]
        raise_all(faults, where=self.name)
        said = {name: (labels or {}).get(name, {"zh": text, "en": text}) for name, text in answers.items()}
        steps = tuple(replace(step, choices=_answered(step.choices, answers)) for step in self.step)
        return replace(self, step=steps, report=_titled(self.report, said), asks={})

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


def _answered(choices: Any, answers: Mapping[str, str]) -> Any:
    """Choices with the answers in the place of `$name`."""
    if isinstance(choices, Mapping):
        return {name: _answered(value, answers) for name, value in choices.items()}
    if isinstance(choices, list | tuple):
        return [_answered(value, answers) for value in choices]
    return answers.get(choices[1:], choices) if isinstance(choices, str) and choices.startswith("$") else choices


def _titled(report: Report, said: Mapping[str, Both]) -> Report:
    """A report whose titles name what was asked for."""

    def told(title: Both) -> Both:
        return {lang: _named(text, {name: both[lang] for name, both in said.items()}) for lang, text in title.items()}

    chapters = tuple(replace(chapter, title=told(chapter.title)) for chapter in report.chapter)
    return replace(report, title=told(report.title), subject=told(report.subject), chapter=chapters)


def _named(text: str, names: Mapping[str, str]) -> str:
    for name, label in names.items():
        text = text.replace(f"{{{name}}}", label)
    return text
