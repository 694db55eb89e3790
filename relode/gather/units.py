"""Units: read as they are printed, converted exactly, refused across dimensions and currencies.

A unit is a product of dimensions with a factor: 吨标准煤/万元 is coal equivalent per CNY with factor 1/10000.
What would need an assumption - an exchange rate, a price level, how electricity becomes coal - is no conversion.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..words.errors import Misfit, UnknownWord
from ..words.texts import DATA

CURRENCIES = ("CNY", "USD", "EUR", "MAD")
Figures = TypeVar("Figures", float, NDArray[np.float64])
_PER = re.compile(r"\s*/\s*|\s+per\s+|^per\s+")


@dataclass(frozen=True)
class Unit:
    """What a printed unit means.

    `dimensions`  what is measured, with its power: (("CNY", 1), ("persons", -1))
    `factor`      how many base units one of it is, exactly
    `zh`, `en`    how it is written, `one` in English behind "per"
    """

    dimensions: tuple[tuple[str, int], ...]
    factor: Fraction
    zh: str
    en: str
    one: str = ""

    def label(self, lang: str) -> str:
        """How it is written in `lang`."""
        return self.zh if lang == "zh" else self.en

    @property
    def currency(self) -> str:
        """The currency that it holds, '' if none."""
        return next((name for name, _ in self.dimensions if name in CURRENCIES), "")


@lru_cache(maxsize=4096)
def unit_of(text: str) -> Unit:
    """The unit that `text` prints: 亿元, 百万美元, 元/人, 每万人, million USD, per 1,000 persons.

    Raises UnknownWord.
    """
    units = [_simple(part, text) if part else None for part in _PER.split(_plain(text))]
    if len(units) == 1 and units[0]:
        return units[0]
    if len(units) != 2 or units[1] is None:
        raise UnknownWord("units.unknown", name=text, expected=_known())
    return _over(units[0], units[1])


def convert(values: Figures, given: str, wanted: str) -> Figures:
    """`values` of the unit `given` in the unit `wanted`: a number, or an array of any shape.

    Raises UnknownWord for a unit that is not known, Misfit where the dimensions or currencies differ.
    """
    ratio = ratio_of(given, wanted)
    return values * ratio.numerator / ratio.denominator


def ratio_of(given: str, wanted: str) -> Fraction:
    """By what a figure of the unit `given` is multiplied to be one of `wanted`, exactly. Raises as `convert` does."""
    have, want = unit_of(given), unit_of(wanted)
    if have.dimensions == want.dimensions:
        return have.factor / want.factor
    if have.currency and want.currency and have.currency != want.currency:
        raise Misfit("units.currency", name=given, wanted=wanted)
    raise Misfit("units.dimension", name=given, wanted=wanted)


def is_unit(text: str) -> bool:
    """Can `text` be read as a unit?"""
    try:
        unit_of(text)
    except UnknownWord:
        return False
    return True


def _plain(text: str) -> str:
    """Without full-width forms, outer brackets and blanks at the ends; 每万人 as /万人; m² as m2."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain[:1] in "([" and plain[-1:] in ")]":
        plain = plain[1:-1].strip()
    for each in _file()["per"]["each"]:
        if plain.startswith(each):
            return "/" + plain[len(each) :]
    return plain


def _simple(text: str, asked: str) -> Unit:
    """One unit without `per`, perhaps with a multiple before it."""
    text = text.strip()
    names = _catalogue()
    if found := names.get(text) or names.get(text.lower()):
        return found
    for spelt, multiple, zh, en in _prefixes():
        rest = text[len(spelt) :].strip()
        if text.lower().startswith(spelt) and (base := names.get(rest) or names.get(rest.lower())):
            return Unit(base.dimensions, base.factor * multiple, zh + base.zh, f"{en} {base.en}")
    raise UnknownWord("units.unknown", name=asked, expected=_known())


def _over(above: Unit | None, below: Unit) -> Unit:
    powers = dict(above.dimensions) if above else {}
    for name, power in below.dimensions:
        powers[name] = powers.get(name, 0) - power
    left = tuple(sorted((name, power) for name, power in powers.items() if power))
    factor = (above.factor if above else Fraction(1)) / below.factor
    if above is None:
        return Unit(left, factor, _file()["per"]["each"][0] + below.zh, f"per {below.one or below.en}")
    return Unit(left, factor, f"{above.zh}/{below.zh}", f"{above.en} per {below.one or below.en}")


@cache
def _file() -> dict[str, dict[str, Any]]:
    spec: dict[str, dict[str, Any]] = tomllib.loads((DATA / "units.toml").read_text("utf8"))
    return spec


@cache
def _catalogue() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for entry in _file()["units"].values():
        factor = Fraction(entry.get("factor", "1"))
        unit = Unit(((entry["dimension"], 1),), factor, entry["zh"], entry["en"], entry.get("one", ""))
        for name in (entry["zh"], entry["en"], *entry.get("aliases", ())):
            found.setdefault(name, unit)
            found.setdefault(name.lower(), unit)
    return found


@cache
def _prefixes() -> tuple[tuple[str, int, str, str], ...]:
    """(spelling, multiple, Chinese, English), the longest spelling first."""
    found = [
        (spelt.lower(), int(multiple), names[0], names[1])
        for multiple, names in _file()["prefixes"].items()
        for spelt in names
    ]
    return tuple(sorted(found, key=lambda prefix: -len(prefix[0])))


def _known() -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for unit in _catalogue().values() for text in (unit.zh, unit.en)))
