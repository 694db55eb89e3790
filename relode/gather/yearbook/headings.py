"""What a heading means: which fact, in which unit, observed or filled in, or derived from others.

Headings are looked up among the indicators' own names and the aliases that are shipped (`data/aliases/*.toml`,
tables `[headings]` and `[derived]`) or that the user hands in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any

from ...words.indicator import Indicator
from ...words.texts import DATA
from ...words.toml import read_toml
from .lexicon import Lexicon, clean, languages

ReadUnit = Callable[[str], str]
_PUNCTUATION = re.compile(r"[\s_:;,.\"'*#\-\u3001\u3002\u00b7]+")
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_HAN = re.compile(r"[^\u2e80-\u9fff]")  # all that is not Chinese
_HAN_RUN = re.compile(r"[\u2e80-\u9fff]+")
_TAIL = re.compile(r"^(.+?)\s*[/_,|]\s*([^/_,|]+)$")


@dataclass(frozen=True)
class Sense:
    """What a heading means, how sure that is (0-1) and why."""

    indicator: str = ""
    unit: str = ""
    status: str = "A"
    formula: str = ""
    sure: float = 0.0
    why: str = "unknown"
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alias:
    """A heading of some publication: the code it stands for, with the unit meant where the heading says none."""

    code: str = ""
    unit: str = ""
    formula: str = ""


@dataclass(frozen=True)
class Headings:
    """Finds the meaning of headings. `read_unit` gives '' for a text that is no unit."""

    indicators: Mapping[str, Indicator]
    aliases: Mapping[str, Alias]
    lexicon: Lexicon
    read_unit: ReadUnit
    _keys: dict[str, Sense] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code, indicator in self.indicators.items():
            for n, name in enumerate((code, indicator.zh, indicator.en)):
                self._keys.setdefault(_key(name), Sense(code, sure=1.0, why="code" if n == 0 else "name"))
        for head, alias in self.aliases.items():
            if alias.code in self.indicators:
                self._keys[_key(head)] = Sense(alias.code, alias.unit, sure=1.0, why="alias")
            elif alias.formula:
                self._keys.setdefault(_key(head), Sense(formula=alias.formula, sure=1.0, why="derived"))

    def sense(self, path: tuple[str, ...]) -> Sense:
        """What the texts above a column, or a label, mean together."""
        if path and (exact := self._exact(path[-1])):
            return exact
        bare, units, filled = [], [], False
        for text in path:
            name, unit = self.parted(text)
            rest = self.lexicon.patterns["filled"].sub("", name)
            filled |= rest != name
            units.append(unit)
            bare.append(self.lexicon.patterns["of_which"].sub("", clean(rest)))
        found = self._found([name for name in bare if name])
        unit = next((unit for unit in reversed(units) if unit), "")
        status = "I" if filled else found.status
        return replace(found, status=status, unit=unit or found.unit)

    def _exact(self, text: str) -> Sense | None:
        """A heading that is listed with its very brackets means the unit of the list, whatever it prints."""
        rest = self.lexicon.patterns["filled"].sub("", clean(text)).strip()
        found = self._keys.get(_key(rest)) if _BRACKET.search(rest) else None
        if found is None or not found.unit:
            return None
        return replace(found, status="I" if rest != clean(text) else "A", why="stated")

    def said_unit(self, path: tuple[str, ...]) -> str:
        """The unit that the texts themselves name, '' if none."""
        return next((unit for text in reversed(path) if (unit := self.parted(text)[1])), "")

    def knows(self, text: str) -> bool:
        """Is the text surely the name of a fact, or of a derived figure?"""
        return self.sense((text,)).sure >= 0.9

    def within(self, text: str) -> Sense:
        """The meaning of the longest known heading that stands within a text, such as a title."""
        plain = _key(text)
        inside = [key for key in self._keys if len(key) > 1 and key in plain and self._keys[key].indicator]
        if not inside:
            return Sense()
        unit = next((u for inner in _BRACKET.findall(clean(text)) if (u := self._unit(inner))), "")
        found = self._keys[max(inside, key=len)]
        return replace(found, unit=unit or found.unit, sure=0.85, why="title")

    def parted(self, text: str) -> tuple[str, str]:
        """A heading without its unit, and the unit: in brackets, behind `_` or `/`, or the whole text."""
        plain = clean(text)
        if unit := self.read_unit(plain):
            return "", unit
        for inner in reversed(_BRACKET.findall(plain)):
            if unit := self._unit(inner):
                return clean(plain.replace(f"({inner})", " ").replace(f"[{inner}]", " ")), unit
        if (tail := _TAIL.match(plain)) and (unit := self.read_unit(tail.group(2))):
            return tail.group(1), unit
        return plain, ""

    def _unit(self, inner: str) -> str:
        told = self.lexicon.patterns["unit_line"].search(inner)
        return self.any_unit(told.group(1) if told else inner)

    def any_unit(self, text: str) -> str:
        """The unit of a text that holds nothing else; of one in two languages the half that is known, whole."""
        outside = _BRACKET.sub(" ", text).strip()
        halves = (_HAN.sub("", text), _HAN_RUN.sub(" ", text).strip(" ()"))
        parts = (text, outside, *_BRACKET.findall(text), *halves)
        return next((unit for part in parts if part and (unit := self.read_unit(part))), "")

    def _found(self, names: list[str]) -> Sense:
        if len(names) > 1 and (scope := self.lexicon.scopes.get(names[-1])):
            wide = self._found(names[:-1])
            code = f"{wide.indicator}@{scope}"
            return (
                replace(wide, indicator=code) if code in self.indicators else Sense(near=(code,) * bool(wide.indicator))
            )
        for sure, candidates in ((1.0, list(_candidates(names, self.lexicon))), (0.95, list(_halves(names)))):
            for name in candidates:
                if found := self._keys.get(_key(name)):
                    return replace(found, sure=sure)
        if not names:
            return Sense()
        near = get_close_matches(_key(names[-1]), self._keys, n=4, cutoff=0.75)
        senses = [self._keys[key] for key in near]
        codes = tuple(dict.fromkeys(s.indicator for s in senses if s.indicator))
        if len(codes) == 1:
            return replace(senses[0], sure=0.5, why="near", near=codes)
        return Sense(near=codes)


def _candidates(names: list[str], lexicon: Lexicon) -> Iterator[str]:
    """The names under which a path may be known, the fullest first."""
    if len(names) > 1:
        yield "/".join(names)
        yield "".join(names[-2:])
        if lexicon.patterns["generic"].match(names[-1].lower()):
            yield names[-2]
    yield from names[-1:]
    yield from (_BRACKET.sub("", name) for name in names[-1:] if _BRACKET.search(name))


def _halves(names: list[str]) -> Iterator[str]:
    """The Chinese and the Latin half of bilingual headings."""
    for half in (0, 1):
        parts = [part for name in names if (part := languages(name)[half])]
        if len(parts) > 1:
            yield "/".join(parts)
        yield from parts[-1:]


@lru_cache(maxsize=50_000)
def _key(text: str) -> str:
    return _PUNCTUATION.sub("", clean(text).lower())


@cache
def shipped_aliases() -> dict[str, Alias]:
    """The aliases of all files of `data/aliases` that have headings."""
    found: dict[str, Alias] = {}
    for path in sorted((DATA / "aliases").glob("*.toml")):
        spec = read_toml(path)
        found |= dict(_aliases(spec.get("headings", {}), spec.get("derived", {})))
    return found


def _aliases(headings: Mapping[str, Any], derived: Mapping[str, Any]) -> Iterable[tuple[str, Alias]]:
    for head, told in headings.items():
        yield head, Alias(code=told) if isinstance(told, str) else Alias(**told)
    for head, formula in derived.items():
        yield head, Alias(formula=formula)
