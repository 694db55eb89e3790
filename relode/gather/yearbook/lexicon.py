"""How yearbooks speak: the words and patterns of `data/legends/yearbook.toml`, and texts made comparable.

A text is compared after `clean`: full-width letters, digits and blanks made narrow, zero-width and circled signs
gone, blanks between Chinese characters dropped. Cells keep their text as it stands; only comparisons use this.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from ...words.texts import DATA

Cell = str | float | int | bool | None
Told = Literal["below", "none", "unknown", "zero"]
_NOTHING = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
_CIRCLED = re.compile(r"[\u2460-\u24ff\u2776-\u2793\u3251-\u32bf]|\[\d{1,2}\]|\u3014\d{1,2}\u3015")
_HAN = r"\u2e80-\u9fff\uf900-\ufaff"
_GAP = re.compile(rf"(?<=[{_HAN}]) +(?=[{_HAN}])")
_BLANKS = re.compile(r"\s+")
CODE = re.compile(r"[1-9]\d{5}(?:\.0)?|[1-9]\d{11}")


@lru_cache(maxsize=100_000)
def clean(text: str) -> str:
    """A text made comparable: NFKC, no zero-width or circled signs, single blanks, none between Chinese characters."""
    narrow = unicodedata.normalize("NFKC", _CIRCLED.sub("", _NOTHING.sub("", text)))
    return _GAP.sub("", _BLANKS.sub(" ", narrow)).strip()


def is_blank(cell: Cell) -> bool:
    """Is there nothing to be seen in the cell?"""
    if isinstance(cell, str):
        return not cell[:1].isalpha() and not clean(cell)  # what begins with a letter is seen; most texts do
    return cell is None


def is_number(cell: Cell) -> bool:
    """Is the cell a number as the file has it (not a text that looks like one)?"""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def text_of(cell: Cell) -> str:
    """The cell as a comparable text; a whole number without its `.0`."""
    if isinstance(cell, str):
        return clean(cell)
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


@dataclass(frozen=True)
class Lexicon:
    """The words of the trade, ready for use."""

    roles: Mapping[str, str]  # heading -> role
    patterns: Mapping[str, re.Pattern[str]]
    symbols: Mapping[str, Told]
    legend: Mapping[Told, tuple[str, ...]]
    marks: Mapping[str, str]
    numerals: Mapping[str, str]  # how halves and quarters are counted in words
    scopes: Mapping[str, str]  # heading -> scope of a code

    def role(self, head: str) -> str:
        """What a heading says its column holds: `city`, `place`, `period`, `unit` ...; '' if it is none of these."""
        plain = clean(head).lower()
        for part in (plain, *languages(plain)):
            if found := self.roles.get(part.replace(" ", "")) or self.roles.get(part):
                return found
        return ""

    def year(self, cell: Cell) -> str:
        """The period that the cell names and nothing else, or '': a year, mostly; else a half, a quarter, a month."""
        if is_number(cell):
            whole = float(cell)  # type: ignore[arg-type]
            return str(int(whole)) if whole.is_integer() and 1900 <= whole <= 2100 else ""
        text = text_of(cell).lower()
        if not text[:4].isdigit():
            return ""
        found = self.patterns["year"].fullmatch(text)
        return found.group(1) if found else self._within_year(text)

    def _within_year(self, text: str) -> str:
        for name, form in (("half", "{}H{}"), ("quarter", "{}Q{}"), ("month", "{}-{:0>2}")):
            if found := self.patterns[name].fullmatch(text):
                return form.format(found.group(1), self.numerals.get(found.group(2), found.group(2)))
        return ""

    def has(self, pattern: str, text: str) -> bool:
        """Is the pattern found in the text?"""
        return self.patterns[pattern].search(text.lower()) is not None


def languages(text: str) -> tuple[str, str]:
    """The Chinese and the Latin part of a bilingual heading; either may be ''."""
    latin = " ".join(re.findall(r"[a-z][a-z0-9 .,%&'-]*", text, re.I)).strip()
    return re.sub(rf"[^{_HAN}0-9]", "", text), latin


@cache
def lexicon() -> Lexicon:
    """The lexicon that is shipped."""
    raw: dict[str, Any] = tomllib.loads((DATA / "legends" / "yearbook.toml").read_text("utf8"))
    return Lexicon(
        roles={word: role for role, words in raw["roles"].items() for word in words},
        patterns={name: re.compile(pattern, re.I) for name, pattern in raw["patterns"].items()},
        symbols={clean(sign).lower(): meaning for sign, meaning in raw["symbols"].items()},
        legend={meaning: tuple(told) for meaning, told in raw["legend"].items()},
        marks=raw["marks"],
        numerals=raw["numerals"],
        scopes=raw["scopes"],
    )
