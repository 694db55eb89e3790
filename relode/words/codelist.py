"""Codelists: what an entity, a status, an event is called, and where an entity belongs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path

from .errors import Misfit, UnknownWord

STATUSES = "AEIPMB"
"""A normal, E estimated, I imputed, P provisional, M missing, B break in series (order = code in a Panel)."""


@dataclass(frozen=True)
class Entity:
    """A region, firm, project or product.

    `name` is the name as its source publishes it; `zh` and `en` are given only where they are sourced.
    `type` is what peers share; `tags` mark it (`coal`, `phosphate`); `since`, `until`, `into` follow its changes.
    """

    code: str
    name: str
    zh: str = ""
    en: str = ""
    parent: str = ""
    level: str = ""
    type: str = ""
    tags: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None
    since: str = ""
    until: str = ""
    into: str = ""
    source: str = ""

    def label(self, lang: str) -> str:
        """What people read: the sourced name in `lang`, else the name as published."""
        return (self.zh if lang == "zh" else self.en) or self.name


@dataclass(frozen=True)
class Codelist(Mapping[str, Entity]):
    """Entities by code, in the order of their file."""

    entities: tuple[Entity, ...] = ()
    where: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        codes = [entity.code for entity in self.entities]
        if len(set(codes)) < len(codes):
            twice = next(code for code in codes if codes.count(code) > 1)
            raise Misfit("codelist.twice", name=twice, where=self.where)

    @cached_property
    def _by_code(self) -> dict[str, Entity]:
        return {entity.code: entity for entity in self.entities}

    def __getitem__(self, code: str) -> Entity:
        return self._by_code[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_code)

    def __len__(self) -> int:
        return len(self.entities)

    def __hash__(self) -> int:
        return hash(self.entities)

    def label(self, code: str, lang: str) -> str:
        """What people read for `code`; the code itself where the list does not know it."""
        entity = self._by_code.get(code)
        return entity.label(lang) if entity else code

    def at(self, level: str) -> tuple[str, ...]:
        """The codes at one level of the tree, in order; a municipality stands at two (`province city`)."""
        return tuple(entity.code for entity in self.entities if level in entity.level.split())

    def under(self, code: str) -> tuple[str, ...]:
        """The codes below `code`, at any depth, and `code` itself."""
        found = {code}
        grown = True
        while grown:
            below = {e.code for e in self.entities if e.parent in found} - found
            grown = bool(below)
            found |= below
        return tuple(e.code for e in self.entities if e.code in found)

    def find(self, text: str, *, where: str = "") -> Entity:
        """The entity that `text` names: by code, then by any of its names. Raises UnknownWord, Misfit if two fit."""
        if text in self._by_code:
            return self._by_code[text]
        named = [e for e in self.entities if text in (e.name, e.zh, e.en)]
        if len(named) == 1:
            return named[0]
        if named:
            raise Misfit("codelist.ambiguous", name=text, where=where, expected=[e.code for e in named])
        names = [name for e in self.entities for name in (e.code, e.name, e.zh, e.en) if name]
        raise UnknownWord("codelist.unknown", name=text, where=where, expected=dict.fromkeys(names))

    @classmethod
    def of(cls, entities: Iterable[Entity], where: str = "") -> Codelist:
        """A codelist from entities."""
        return cls(tuple(entities), where)

    @classmethod
    def load(cls, path: Path) -> Codelist:
        """Read `regions/*.csv` (columns are the fields of Entity; tags are separated by blanks)."""
        known = {f.name for f in fields(Entity)}
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for name in reader.fieldnames or ():
                if name not in known:
                    raise UnknownWord("codelist.column", name=name, where=str(path), expected=sorted(known))
            return cls(tuple(_entity(row) for row in reader), str(path))

    def save(self, path: Path) -> None:
        """Write the list as `load` reads it."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            names = [f.name for f in fields(Entity)]
            writer.writerow(names)
            for entity in self.entities:
                writer.writerow([_cell(getattr(entity, name)) for name in names])


def _entity(row: dict[str, str]) -> Entity:
    filled = {name: text.strip() for name, text in row.items() if text and text.strip()}
    tags = tuple(filled.pop("tags", "").split())
    lon, lat = filled.pop("lon", ""), filled.pop("lat", "")
    filled.setdefault("name", filled.get("zh") or filled.get("en") or filled["code"])
    return Entity(**filled, tags=tags, lon=float(lon) if lon else None, lat=float(lat) if lat else None)


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    return "" if value is None else str(value)
