"""Which region does a row mean? By code first, then by name with province and date; never by guessing.

A unit that only changed its code or rank (吐鲁番地区 652100 -> 吐鲁番市 650400) stays one entity, under the code in
force. A unit that was merged or split (莱芜 2019, 巢湖 2011) keeps its own code, which ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Literal

from ..words.codelist import Codelist, Entity
from ..words.errors import Misfit, UnknownWord
from ..words.texts import DATA
from ..words.toml import read_toml
from .names import cleaned, shortened, six_digits

How = Literal["code", "name", "alias", "short", "glued", "unknown", "ambiguous", "conflict", "ended"]
FOUND: tuple[How, ...] = ("code", "name", "alias", "short", "glued")
LONGEST_PROVINCE = 11
NEAR = 0.6  # how alike a name must be to be offered
LONGEST_NAME = 40  # beyond it a cell holds no name of a region, and looking for near ones would take its time
Aliases = Mapping[str, tuple[str, ...]]
_Index = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Match:
    """What a row means.

    `entity`      the code, '' where it cannot be said
    `how`         `code`, `name` in force or former, `alias`, `short` name, `glued` province and name; or why not:
                  `unknown`, `ambiguous` (two fit), `conflict` (code and name say different), `ended` (before this date)
    `candidates`  the codes that a person may choose from, if it cannot be said
    """

    entity: str
    how: How
    candidates: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        """Is it sure which entity is meant?"""
        return self.how in FOUND


@dataclass(frozen=True)
class Matcher:
    """Finds entities of a codelist by code and name. `aliases`: code -> further names."""

    regions: Codelist
    aliases: Aliases = field(default_factory=dict)
    _known: dict[tuple[str, ...], Match] = field(default_factory=dict, repr=False, compare=False)
    _asked: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    def match(
        self, name: object, *, code: object = "", province: object = "", period: str = "", level: str = ""
    ) -> Match:
        """The entity that a row names; `period` (its year) and `level` decide where a name alone would not."""
        asked = (cleaned(name), six_digits(code), cleaned(province), period[:4], level)
        if asked not in self._known:
            self._known[asked] = self._match(*asked)
        return self._known[asked]

    def current(self, code: str) -> str:
        """The code under which the same unit goes on: 652100 -> 650400; its own where it was merged or split."""
        seen = {code}
        while (after := self._goes_on.get(code)) and after not in seen:
            code = after
            seen.add(code)
        return code

    # -- how ---------------------------------------------------------------------------------------

    def _match(self, name: str, code: str, province: str, period: str, level: str) -> Match:
        named, how = self._named(name, province, period, level)
        if code in self.regions:
            by_code = self.current(code)
            if named and by_code not in named:
                return Match("", "conflict", (by_code, *named))
            return self._dated(by_code, "code", period)
        if code and not code.endswith("00"):  # a county, whatever its name is like
            return Match("", "unknown", named)
        if len(named) == 1:
            return self._dated(named[0], how, period)
        if named:
            return Match("", "ambiguous", named)
        return Match("", "unknown", self._near(name))

    def _dated(self, code: str, how: How, period: str) -> Match:
        entity = self.regions[code]
        if period and entity.until and period >= entity.until:
            return Match("", "ended", (code, *entity.into.split()))
        return Match(code, how)

    def _named(self, name: str, province: str, period: str, level: str) -> tuple[tuple[str, ...], How]:
        layers: tuple[tuple[How, _Index], ...] = (
            ("name", self._full), ("alias", self._alias), ("short", self._short), ("short", self._past),
        )  # fmt: skip
        for how, index in layers:
            if found := self._narrowed(index.get(name, ()), province, period, level):
                return found, how
        bare = [code for short in shortened(name) for code in self._full.get(short, ())]
        if found := self._narrowed(bare, province, period, level):  # the codelist itself leaves the rank away
            return found, "short"
        return self._narrowed(self._glued(name), "", period, level), "glued"

    def _narrowed(self, codes: Iterable[str], province: str, period: str, level: str) -> tuple[str, ...]:
        """One code per unit, those of the province, level and date asked for first."""
        left = tuple(codes)
        if province and (above := self._provinces(province)):
            left = tuple(c for c in left if c in above or self.regions[c].parent in above)
        if level:
            left = tuple(c for c in left if level in self.regions[c].level.split())
        alive = tuple(c for c in left if self._alive(c, period))
        return tuple(dict.fromkeys(self.current(c) for c in alive or left))

    def _alive(self, code: str, period: str) -> bool:
        until = self.regions[self.current(code)].until
        since = "" if code in self._goes_on.values() else self.regions[code].since
        return (not until or bool(period and period < until)) and (not period or since <= period)

    def _glued(self, name: str) -> tuple[str, ...]:
        """Units whose name stands behind that of their province: 山西大同, 新疆伊犁州直属县."""
        for index in (self._full, self._alias, self._short, self._past):
            found = [
                code
                for cut in range(2, min(len(name) - 1, LONGEST_PROVINCE + 1))
                for above in self._provinces(name[:cut])
                for code in index.get(name[cut:], ())
                if self.regions[code].parent == above
            ]
            if found:
                return tuple(dict.fromkeys(found))
        return ()

    def _provinces(self, name: str) -> tuple[str, ...]:
        found = self._full.get(name) or self._alias.get(name) or self._short.get(name, ())
        return tuple(code for code in found if "province" in self.regions[code].level.split())

    def _near(self, name: str) -> tuple[str, ...]:
        if len(name) > LONGEST_NAME:
            return ()
        if name not in self._asked:
            near = get_close_matches(name, self._alike(name), n=5, cutoff=NEAR)
            codes = (code for text in near for code in self._full.get(text) or self._short[text])
            self._asked[name] = tuple(dict.fromkeys(map(self.current, codes)))
        return self._asked[name]

    def _alike(self, name: str) -> list[str]:
        """The names that share so many letters with `name` that they can be near it; no others can."""
        shared: Counter[str] = Counter()
        for letter in set(name):
            shared.update(self._by_letter.get(letter, ()))
        again = len(name) - len(set(name))  # a letter that stands twice may be shared twice
        return [text for text, count in shared.items() if 2 * (count + again) >= NEAR * (len(name) + len(text))]

    # -- what is known -----------------------------------------------------------------------------

    @cached_property
    def _by_letter(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for text in dict.fromkeys((*self._full, *self._short)):
            for letter in set(text):
                found.setdefault(letter, []).append(text)
        return found

    @cached_property
    def _full(self) -> _Index:
        return _index((cleaned(name), e.code) for e in self.regions.values() for name in (e.name, e.zh, e.en))

    @cached_property
    def _alias(self) -> _Index:
        return _index((cleaned(name), code) for code, names in self.aliases.items() for name in names)

    @cached_property
    def _short(self) -> _Index:
        return _index((short, e.code) for e in self.regions.values() for short in shortened(cleaned(e.name)))

    @cached_property
    def _past(self) -> _Index:
        names = ((name, code) for code, others in self.aliases.items() for name in others)
        return _index((short, code) for name, code in names for short in shortened(cleaned(name)))

    @cached_property
    def _goes_on(self) -> dict[str, str]:
        heirs: dict[str, list[Entity]] = {}
        for entity in self.regions.values():
            for heir in entity.into.split():
                heirs.setdefault(heir, []).append(entity)
        return {
            past[0].code: code
            for code, past in heirs.items()
            if len(past) == 1 and past[0].into == code
            and code in self.regions and self.regions[code].since == past[0].until
        }  # fmt: skip


def _index(pairs: Iterable[tuple[str, str]]) -> _Index:
    found: dict[str, list[str]] = {}
    for name, code in pairs:
        if name and code not in found.setdefault(name, []):
            found[name].append(code)
    return {name: tuple(codes) for name, codes in found.items()}


def aliases_of(path: Path = DATA / "aliases" / "regions_china.toml") -> dict[str, tuple[str, ...]]:
    """Further names from a TOML file whose tables say `code = [names]`: code -> names.

    Raises Misfit where the file cannot be read or an entry is no list of names.
    """
    spec = read_toml(path)
    found: dict[str, tuple[str, ...]] = {}
    for table, entries in spec.items():
        for code, names in entries.items():
            if not isinstance(names, list):
                raise Misfit("harmonise.aliases", where=f"{path}, {table}", name=code)
            found[code] = (*found.get(code, ()), *names)
    return found


def china_matcher(regions: Codelist | None = None) -> Matcher:
    """The matcher of the Chinese nation, provinces and prefectures, with their former and usual names."""
    known = regions or Codelist.load(DATA / "regions" / "china_cities.csv")
    return Matcher(known, {code: names for code, names in aliases_of().items() if code in known})


def entity_called(text: str, matcher: Matcher, *, where: str = "") -> str:
    """The code of the one entity that a person means by a code, a name or a usual form of it (大同, 大同市, 山西大同).

    Raises Misfit, with their codes, where several are meant; UnknownWord, with the nearest names, where none is.
    """
    regions = matcher.regions
    if text in regions:
        return text
    match = matcher.match(text)
    if match.found:
        return match.entity
    if match.how == "ambiguous":
        meant = [f"{code} {regions[code].name}" for code in match.candidates]
        raise Misfit("codelist.ambiguous", name=text, where=where, expected=meant)
    near = [regions[code].name for code in match.candidates]
    known = [name for e in regions.values() for name in (e.code, e.name, e.zh, e.en) if name]
    raise UnknownWord("codelist.unknown", name=text, where=where, expected=dict.fromkeys(near or known))
