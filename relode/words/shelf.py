"""The Shelf: where definitions are found. A place's own folder comes first, the package's data last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .batch import Source, read_sources
from .codelist import Codelist
from .errors import UnknownWord
from .indicator import Indicator, IndicatorSystem, facts_of, read_yaml
from .texts import DATA


@dataclass(frozen=True)
class Shelf:
    """Folders that hold `indicators/`, `regions/`, `plans/`, `rules/`, `recipes/`, `sources/`, best first."""

    folders: tuple[Path, ...] = (DATA,)

    def path(self, kind: str, name: str) -> Path:
        """The file of the definition `name` of a kind. Raises UnknownWord with the names that there are."""
        known = self.names(kind)
        if name not in known:
            raise UnknownWord(f"shelf.{kind}", name=name, where=str(self.folders[0]), expected=sorted(known))
        return known[name]

    def names(self, kind: str) -> dict[str, Path]:
        """All definitions of a kind: name -> file; the place's own hides the package's of the same name."""
        found: dict[str, Path] = {}
        for path in self._files(kind):
            found.setdefault(path.stem, path)
        return found

    def system(self, name: str) -> IndicatorSystem:
        """An indicator system by name."""
        return IndicatorSystem.load(self.path("indicators", name))

    def regions(self, name: str) -> Codelist:
        """A codelist of entities by name."""
        return Codelist.load(self.path("regions", name))

    @cached_property
    def facts(self) -> dict[str, Indicator]:
        """What all catalogues of facts (`facts:`) say of the sources' own headings: code -> Indicator."""
        found: dict[str, Indicator] = {}
        for path in self.names("indicators").values():
            for indicator in facts_of(read_yaml(path), where=str(path)):
                found.setdefault(indicator.code, indicator)
        return found

    @cached_property
    def sources(self) -> dict[str, Source]:
        """All sources by code."""
        found: dict[str, Source] = {}
        for path in self._files("sources"):
            for source in read_sources(path):
                found.setdefault(source.code, source)
        return found

    def _files(self, kind: str) -> Iterator[Path]:
        for folder in self.folders:
            room = folder / kind
            if room.is_dir():
                yield from sorted(p for p in room.iterdir() if p.suffix in {".toml", ".yaml", ".csv"})
