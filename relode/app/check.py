"""Are the definitions sound? All faults of all files, without computing anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..words.batch import AsOf, read_sources
from ..words.codelist import Codelist
from ..words.errors import Misfit, RelodeError, UnknownWord
from ..words.indicator import Indicator, facts_of, read_yaml, system_of
from ..words.plan import Plan
from ..words.policy import Calendar
from ..words.recipe import Recipe, Show
from ..words.result import Result
from ..words.rules import Rules
from ..words.shelf import Shelf
from ..words.study import Study
from ..words.texts import DATA
from . import rosters
from .catalogue import method_names
from .place import Place

if TYPE_CHECKING:
    import pandas as pd


def check_definitions(folder: Path) -> tuple[list[RelodeError], int]:
    """The faults of all definitions in a folder (a place, or one like relode/data), and how many files were read."""
    shelf = Shelf((folder, DATA))
    readers: dict[str, Callable[[Path], Any]] = {
        "indicators": _read_indicators,
        "regions": Codelist.load,
        rosters.LISTS: rosters.load,
        "sources": lambda path: list(read_sources(path)),
        "rules": Rules.load,
        "plans": lambda path: Plan.load(path, shelf),
        "recipes": lambda path: _read_recipe(path),
        "policies": Calendar.load,
        "studies": lambda path: Study.load(path, shelf),
        "typologies": _read_typology,
    }
    faults: list[RelodeError] = []
    read = 0
    for kind, reader in readers.items():
        for path in Shelf((folder,)).names(kind).values():
            read += 1
            try:
                reader(path)
            except RelodeError as fault:
                faults.append(fault)
    return faults + _unknown_facts(folder, shelf), read


def _read_indicators(path: Path) -> None:
    spec = read_yaml(path)
    if "groups" in spec or "indicators" in spec:
        system_of(spec, str(path))
    facts_of(spec, str(path))


def _read_typology(path: Path) -> None:
    from ..diagnose import Typology

    Typology.load(path)


def _read_recipe(path: Path) -> None:
    known = method_names()
    for step in Recipe.load(path).step:
        if step.run not in known:
            raise UnknownWord("method.unknown", name=step.run, where=str(path), expected=tuple(known))


def _unknown_facts(folder: Path, shelf: Shelf) -> list[RelodeError]:
    """Formulas that read a fact which no catalogue declares (where catalogues are there at all)."""
    faults: list[RelodeError] = []
    for path in Shelf((folder,)).names("indicators").values():
        try:
            spec = read_yaml(path)
            indicators: tuple[Indicator, ...] = system_of(spec, str(path)).indicators if "groups" in spec else ()
            known = shelf.facts
        except RelodeError:
            continue  # reported where the file itself was read
        for indicator in indicators:
            faults += [
                Misfit("definition.no_fact", name=code, where=f"{path}, {indicator.code}", expected=tuple(known))
                for code in indicator.reads
                if indicator.formula and code not in known
            ]
    return faults


def check_facts(place: Place, *, deep: bool = False) -> list[RelodeError]:
    """What is wrong with the facts of a place; `deep` looks through the whole table."""
    from ..store.check import check_facts as look

    with place.store(read_only=True) as store:
        return look(store, indicators=place.indicators, deep=deep)


def has_facts(place: Place) -> bool:
    """Has anything been gathered that is not undone?"""
    with place.store(read_only=True) as store:
        return any(not one.undone and one.facts for one in store.batches())


def quality(place: Place, *, system: str = "", level: str = "", asof: AsOf | None = None) -> Result:
    """Completeness, timeliness, consistency and correctness of a place's figures, and which lists are not complete."""
    result = place.run("gather.quality", asof=asof, system=system or None, level=level)
    told = rosters.incomplete(rosters.here(place))
    return replace(result, answer=replace(result.answer, notes=(*result.answer.notes, *told)))


def differences(place: Place, conflicts: pd.DataFrame) -> pd.DataFrame:
    """How often and how far two series differ, per indicator, and which the place believes."""
    from ..gather.quality import sources
    from ..words.conflicts import Conflicts

    with place.store(read_only=True) as store:
        prefer = place.prefer(store)
    return sources(Conflicts(conflicts, prefer), Rules.named("quality", place.shelf)["conflict.tolerance"].on().value)


def paragraphs(result: Result, lang: str) -> list[str]:
    """What a result says in words, as reports say it."""
    from ..publish.figures import Shown
    from ..publish.sentences import paragraphs as said
    from ..publish.sentences import topics_of

    shown = Shown(result, lang)
    return [text for topic in topics_of(result.method) for text in said(shown, topic)]


@dataclass(frozen=True)
class Printed:
    """A table as reports show it: title, headings, rows, and which columns hold figures."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[int, ...]


def printed(result: Result, name: str, lang: str, *, most: int = 0) -> Printed:
    """A table of a result in the words of reports."""
    from ..publish.figures import Shown
    from ..publish.tables import table

    block = table(Shown(result, lang), Show(table=name, most=most), "")
    figures = tuple(n for n, column in enumerate(block.columns) if column.figures)
    return Printed(block.title, tuple(column.title for column in block.columns), tuple(block.rows), figures)
