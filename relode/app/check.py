"""Are the definitions sound? All faults of all files, without computing anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..words.batch import read_sources
from ..words.codelist import Codelist
from ..words.errors import Misfit, RelodeError, UnknownWord
from ..words.indicator import Indicator, facts_of, read_yaml, system_of
from ..words.plan import Plan
from ..words.policy import Calendar
from ..words.recipe import Recipe
from ..words.rules import Rules
from ..words.shelf import Shelf
from ..words.study import Study
from ..words.texts import DATA
from .catalogue import method_names
from .place import Place


def check_definitions(folder: Path) -> tuple[list[RelodeError], int]:
    """The faults of all definitions in a folder (a place, or one like relode/data), and how many files were read."""
    shelf = Shelf((folder, DATA))
    readers: dict[str, Callable[[Path], Any]] = {
        "indicators": _read_indicators,
        "regions": Codelist.load,
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
