"""What a cell says: a figure, a mark beside it, or a symbol that the publication's legend explains.

below     smaller than the smallest unit of the table: missing, with a bound
none      does not apply: missing
unknown   not known, not published: missing
zero      nothing at all: 0, and only where a person has accepted that meaning
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from .lexicon import Cell, Lexicon, Told, clean, is_number

Meaning = Literal["figure", "below", "none", "unknown", "zero", "unreadable"]
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?:\.\d*)?(?:e[+-]?\d+)?%?", re.I)
_SPACED = re.compile(r"[+-]?\d{1,3}(?: \d{3})+(?:\.\d+)?")
_BELOW = re.compile(r"[<≤]\s*(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Figure:
    """A cell as read: NaN and why where it holds no number; `bound` where it is known to lie below one."""

    value: float
    meaning: Meaning
    status: str = "A"
    mark: str = ""
    bound: float = float("nan")
    decimals: int = 0


@dataclass(frozen=True)
class Legend:
    """What symbols and marks mean in one publication."""

    symbols: Mapping[str, Told]
    marks: Mapping[str, str] = field(default_factory=dict)
    told: frozenset[str] = frozenset()  # symbols that the publication itself explains

    def read(self, cell: Cell) -> Figure:
        """The cell as a figure. `unreadable` where it is neither a number nor a symbol of the legend."""
        if is_number(cell):
            return Figure(float(cell), "figure")  # type: ignore[arg-type]
        text = clean(str(cell)).replace("\u2212", "-").lower() if cell is not None else ""
        if meaning := self.symbols.get(text):
            return Figure(0.0 if meaning == "zero" else float("nan"), meaning)
        if found := _BELOW.fullmatch(text):
            return Figure(float("nan"), "below", bound=float(found.group(1)))
        bare, mark = self._unmarked(text)
        number = bare.replace(" ", "") if _SPACED.fullmatch(bare) else bare
        if not _NUMBER.fullmatch(number):
            return Figure(float("nan"), "unreadable")
        plain = number.replace(",", "").rstrip("%")
        decimals = len(plain.partition(".")[2]) if "e" not in plain else 0
        return Figure(float(plain), "figure", self.marks.get(mark, "A"), mark, decimals=decimals)

    @cached_property
    def _marks(self) -> list[str]:
        """The marks, the longest first."""
        return sorted(self.marks, key=len, reverse=True)

    def _unmarked(self, text: str) -> tuple[str, str]:
        for mark in self._marks:
            if len(text) > len(mark) and text.endswith(mark):
                return text[: -len(mark)].rstrip(), mark
            if len(text) > len(mark) and text.startswith(mark):
                return text[len(mark) :].lstrip(), mark
        return text, ""


def legend_of(lexicon: Lexicon, notes: Iterable[str], accepted: Mapping[str, Told] | None = None) -> Legend:
    """The legend of a publication: the defaults, what its notes explain, and what a person has accepted, in this order.

    A note never turns a symbol into zero by itself: that is only ever accepted.
    """
    found: dict[str, Told] = {}
    for note in notes:
        for part in re.split(r"[;,\n\u3002\uff1b\uff0c]", note):
            plain = clean(part).lower()
            for meaning, phrases in lexicon.legend.items():
                if meaning != "zero" and any(phrase in plain for phrase in phrases):
                    found |= {sign: meaning for sign in lexicon.symbols if sign and _explains(sign, plain)}
    symbols = {**lexicon.symbols, **found, **{clean(s).lower(): m for s, m in (accepted or {}).items()}}
    return Legend(symbols, lexicon.marks, frozenset(found) | frozenset(accepted or ()))


def _explains(sign: str, text: str) -> bool:
    """Does the text name this very sign, between quotes or blanks, or at its beginning?"""
    quoted = r"[\"'\u2018\u2019\u201c\u201d\u300c\u300d(<\u300a]"
    closing = r"[\"'\u2018\u2019\u201c\u201d\u300c\u300d)>\u300b]"
    return re.search(rf"(?:^|{quoted}|:)\s*{re.escape(sign)}\s*(?:{closing}|\s|:|=)", text) is not None
