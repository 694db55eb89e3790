"""What the head row of a user's table says: which column is the entity, the period, an indicator, a figure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..words.errors import Misfit, RelodeError, UnknownWord
from ..words.indicator import Indicator
from ..words.period import FREQUENCIES
from ..words.texts import DATA, LANGUAGES, say
from .cells import Sheet

_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]\s*$")


@dataclass(frozen=True)
class Figures:
    """A column of figures: where it stands, of which indicator and period ('' = another column says)."""

    col: int
    indicator: str
    period: str


@dataclass(frozen=True)
class Layout:
    """How a sheet is laid out. Columns count from one; `roles` names the columns that are no figures."""

    head: int
    roles: Mapping[str, tuple[int, ...]]
    figures: tuple[Figures, ...] = field(default=())


class Names:
    """Finds indicators by code or by either name, whatever the letter case, blanks and width of the letters."""

    def __init__(self, indicators: Mapping[str, Indicator]):
        self.indicators = indicators
        self._by_code = {plain(code): code for code in indicators}
        self._by_label: dict[str, list[str]] = {}
        for code, indicator in indicators.items():
            for label in {plain(indicator.zh), plain(indicator.en)}:
                self._by_label.setdefault(label, []).append(code)

    def has(self, text: str) -> bool:
        """Does `text` name an indicator, or several?"""
        return plain(text) in self._by_code or plain(text) in self._by_label

    def find(self, text: str, where: str) -> str:
        """The code of the indicator that `text` names. Raises UnknownWord, or Misfit where two have that name."""
        wanted = plain(text)
        if wanted in self._by_code:
            return self._by_code[wanted]
        named = self._by_label.get(wanted, [])
        if len(named) > 1:
            raise Misfit("table.two_indicators", name=text, where=where, expected=named)
        if not named:
            raise UnknownWord("table.indicator", name=text, where=where, expected=self._known())
        return named[0]

    def _known(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(name for code, found in self.indicators.items() for name in (code, found.zh, found.en))
        )


def plain(text: str) -> str:
    """Half-width, lower case, blanks within and around gone: `太 原 市` and `太原市` are one name."""
    return re.sub(r"[\s​﻿]+", "", unicodedata.normalize("NFKC", text)).lower()


def as_period(text: str) -> str:
    """`2024`, `2024年`, `2024.0` or `2024Q3` as a period; '' where it is none."""
    found = _period().fullmatch(re.sub(r"\.0$", "", unicodedata.normalize("NFKC", text).strip()))
    return found[1] if found else ""


def read_layout(sheet: Sheet, names: Names, period: str | None) -> tuple[Layout, list[RelodeError]]:
    """The layout of a sheet, and every fault of its head row.

    The head is the first row that holds anything. A head is a role (`地区`, `year`), an indicator (`人口`,
    `人口（万人）`), an indicator with a period (`人口 2024`, `2024年人口`), or a period beside a column of indicators.
    """
    row = next(n for n, cells in enumerate(sheet.rows) if any(str(cell).strip() for cell in cells))
    roles: dict[str, tuple[int, ...]] = {}
    others: list[tuple[int, str]] = []
    for col, cell in enumerate(sheet.rows[row], 1):
        text = str(cell).strip()
        role = headings().get(plain(_bare(text)), "")
        if role and not names.has(text):
            roles[role] = (*roles.get(role, ()), col)
        elif text:
            others.append((col, text))
    layout = Layout(row + 1, roles)
    if "value" in roles:
        must = ("entity", "indicator") if period else ("entity", "indicator", "period")
        return layout, [*_lacking(sheet, layout, must), *_strange(sheet, layout, others)]
    figures, faults = _figures(sheet, layout, others, names)
    dated = period or all(column.period for column in figures)
    faults += _lacking(sheet, layout, ("entity",) if dated else ("entity", "period"))
    return Layout(layout.head, roles, tuple(figures)), faults


def _figures(
    sheet: Sheet, layout: Layout, heads: list[tuple[int, str]], names: Names
) -> tuple[list[Figures], list[RelodeError]]:
    found: list[Figures] = []
    faults: list[RelodeError] = []
    for col, text in heads:
        try:
            found.append(_figure(col, text, "indicator" in layout.roles, names, sheet.at(layout.head, col)))
        except RelodeError as fault:
            faults.append(fault)
    if not found and not faults:
        faults.append(Misfit("table.no_figures", where=sheet.at(layout.head, 1)))
    return found, faults


def _figure(col: int, text: str, indicator_beside: bool, names: Names, where: str) -> Figures:
    if indicator_beside and (period := as_period(text)):
        return Figures(col, "", period)
    if names.has(text):
        return Figures(col, names.find(text, where), "")
    dated = _period().search(unicodedata.normalize("NFKC", text))
    rest = unicodedata.normalize("NFKC", text)
    if dated:
        rest = (rest[: dated.start()] + rest[dated.end() :]).replace("()", "").strip(" _-:/|,.")
    name = rest if names.has(rest) else _bare(rest)
    if not names.has(name):
        name = text
    code = names.find(name, where)
    check_unit(_bracketed(rest), names.indicators[code], where)
    return Figures(col, code, dated[1] if dated else "")


def check_unit(unit: str, indicator: Indicator, where: str) -> None:
    """Raise Misfit where a unit is given that is not the indicator's, in either language: nothing is converted."""
    ours = {plain(indicator.unit), *(plain(say(f"unit.{indicator.unit}", lang, default="")) for lang in LANGUAGES)}
    if unit and plain(unit) not in ours:
        raise Misfit("table.unit", name=unit, indicator=indicator.code, where=where, expected=(indicator.unit,))


def _lacking(sheet: Sheet, layout: Layout, must: tuple[str, ...]) -> list[RelodeError]:
    return [
        Misfit(f"table.lacks_{role}", where=sheet.at(layout.head, 1), expected=_words(role))
        for role in must
        if role not in layout.roles
    ]


def _strange(sheet: Sheet, layout: Layout, heads: list[tuple[int, str]]) -> list[RelodeError]:
    known = tuple(word for role in ("entity", "period", "indicator", "value", "status") for word in _words(role))
    return [
        UnknownWord("table.column", name=text, where=sheet.at(layout.head, col), expected=known) for col, text in heads
    ]


@cache
def _spec() -> dict[str, Any]:
    return tomllib.loads((DATA / "codelists" / "headings.toml").read_text("utf8"))


@cache
def headings() -> dict[str, str]:
    """Heading -> role, from `codelists/headings.toml`."""
    return {plain(word): role for role, words in _spec()["roles"].items() for word in words}


@cache
def _period() -> re.Pattern[str]:
    forms = "|".join(sorted(FREQUENCIES.values(), key=len, reverse=True))
    return re.compile(rf"(?<!\d)({forms})(?!\d)\s*(?:{'|'.join(_spec()['year_marks'])})?")


def _words(role: str) -> tuple[str, ...]:
    return tuple(word for word, found in headings().items() if found == role)


def _bare(text: str) -> str:
    return _BRACKETS.sub("", unicodedata.normalize("NFKC", text)).strip()


def _bracketed(text: str) -> str:
    found = _BRACKETS.search(unicodedata.normalize("NFKC", text).strip())
    return found[1].strip() if found else ""
