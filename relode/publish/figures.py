"""How a cell is shown: figures by the pattern of their column, codes by their names. The same in all formats."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from numbers import Real
from typing import TYPE_CHECKING, Any

from relode.words.result import Result
from relode.words.texts import DATA, say

from .blocks import printable

if TYPE_CHECKING:
    import pandas as pd

NOTHING = "—"
MINUS = "\u2212"
_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}


@cache
def formats() -> dict[str, Any]:
    """The kinds of figures and which column is of which kind (`data/formats.toml`)."""
    return tomllib.loads((DATA / "formats.toml").read_text("utf8"))


def is_figure(column: str) -> bool:
    """Does the column hold figures?"""
    return column in formats()["columns"]


def is_signed(column: str, method: str = "") -> bool:
    """Do the column's figures go both ways from zero?"""
    return bool(is_figure(column) and _kind(column, method).get("signed"))


@cache
def _kind(column: str, method: str = "") -> dict[str, Any]:
    """The kind of a column's figures: its table's (`method` is then method.table), its method's, else its name's."""
    scopes = (method, method.rpartition(".")[0])
    found = (formats()["of"].get(scope, {}).get(column) for scope in scopes)
    of = next((kind for kind in found if kind), formats()["columns"][column])
    kind: dict[str, Any] = formats()["kinds"][of]
    return kind


def _shared(column: str, method: str) -> str:
    """How the figures of a table share their decimals: `decimals`, `even`; '' where each cell has its own."""
    kind = _kind(column, method)
    return next((name for name in ("decimals", "even") if name in kind), "")


def is_nothing(value: Any) -> bool:
    """None, NaN or empty text."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value)) or str(value) == "<NA>"


def number(value: float, pattern: str, lang: str) -> str:
    """A figure by its pattern, with a true minus sign."""
    signs = pattern.split(";")  # above zero, below, zero: Excel knows the third, Babel does not
    sign = 0 if len(signs) < 3 or value > 0 else 1 if value < 0 else 2
    figure = abs(float(value)) if sign == 1 else float(value)
    simple = _simple(signs[sign]) if math.isfinite(figure) else None
    text = simple(figure) if simple else _by_babel(figure, signs[sign], lang)
    return text.replace("-", MINUS)


@cache
def _simple(pattern: str) -> Callable[[float], str] | None:
    """Writes a pattern of a sign, whole figures and fixed decimals as Babel does, ten times as fast; None for others.

    Both languages group by commas and part decimals by a point. A page holds thousands of figures.
    """
    parts = re.fullmatch(r"([+-]?)(#,##0|0)(?:\.(0+))?(%?)", pattern)
    if parts is None:
        return None
    before, whole, decimals, percent = parts.groups()
    form = f"{',' if ',' in whole else ''}.{len(decimals or '')}f"
    share = Decimal(100 if percent else 1)
    return lambda figure: before + format(Decimal(repr(figure)) * share, form) + percent


def _by_babel(figure: float, pattern: str, lang: str) -> str:
    from babel.numbers import format_decimal, format_percent

    write = format_percent if pattern.endswith("%") else format_decimal
    return str(write(figure, format=pattern, locale=_LOCALES[lang]))


def greatest(figures: Iterable[float]) -> float:
    """The greatest size among the figures that there are; 0 if there is none."""
    return max((abs(float(x)) for x in figures if not is_nothing(x) and math.isfinite(x)), default=0.0)


def needed(figure: float, most: int) -> int:
    """How many decimals a single figure needs, at most `most`: 12.50 needs one."""
    written = f"{figure:.{most}f}" if math.isfinite(figure) else ""
    return len(written.partition(".")[2].rstrip("0"))


def pattern_of(column: str, figures: Iterable[float], method: str = "") -> str:
    """The number pattern for `figures` of a column: all that share its decimals, or a single cell."""
    kind = _kind(column, method)
    if "pattern" in kind:
        return str(kind["pattern"])
    size = greatest(figures := list(figures))
    if "decimals" in kind:
        places = kind["decimals"][0 if size >= 1 or size == 0 else 1]
    else:
        digits = min(max(kind.get("digits", 0) - 1 - math.floor(math.log10(size)), 0), 6) if size else 0
        places = digits if kind.get("even") else needed(float(figures[0]), kind.get("most", digits))
    plain = kind["whole"] + ("." + "0" * places if places else "")
    return f"+{plain};-{plain};{plain}" if kind.get("signed") else plain


@dataclass(frozen=True)
class Shown:
    """A result in one language: what people read for each of its cells."""

    result: Result
    lang: str
    _patterns: dict[tuple[str, str], str] = field(default_factory=dict)

    def pattern(self, table: str, column: str, value: float) -> str:
        """The number pattern of one cell."""
        method = f"{self.result.method}.{table}"
        shared = _shared(column, method)
        if not shared:
            return pattern_of(column, [value], method)
        if (table, column) not in self._patterns:
            frame = self.result.tables[table]
            alike = [n for n in map(str, frame.columns) if is_figure(n) and _shared(n, method) == shared]
            figures = [x for name in alike for x in frame[name]]
            self._patterns[table, column] = pattern_of(column, figures, method)
        return self._patterns[table, column]

    def heading(self, column: str, table: str = "") -> str:
        """A column's heading."""
        return self.result.heading(column, self.lang, table)

    def cell(self, table: str, column: str, value: Any) -> str:
        """What stands in a cell; a dash where there is no figure."""
        if is_nothing(value):
            return NOTHING
        if isinstance(value, bool):
            return say("code.true" if value else "code.false", self.lang)
        if is_figure(column) and isinstance(value, Real):
            if 0 <= float(value) < _kind(column, f"{self.result.method}.{table}").get("least", 0):
                return say("figure.below", self.lang)
            return number(float(value), self.pattern(table, column, float(value)), self.lang)
        return self.name(column, str(value))

    def name(self, column: str, code: str) -> str:
        """What a code is called: an entity, an indicator, a node, or a word of the column's own list."""
        return str(printable(self.result.labels.name(column, code, self.lang)))

    def names(self, column: str, codes: Iterable[Any]) -> list[str]:
        """What codes are called, in order."""
        return [self.name(column, str(code)) for code in codes]

    def row(self, table: str, row: Mapping[str, Any]) -> dict[str, str]:
        """All cells of one row as people read them."""
        return {column: self.cell(table, column, value) for column, value in row.items()}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as plain mappings."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def heading(column: str, lang: str) -> str:
    """A column's heading where no method is known; the bare name where there is none."""
    return say(f"column.{column}", lang, default=column)


def period_name(period: str, lang: str) -> str:
    """A period in words: 2024年, 2024年第3季度, July 2024."""
    from relode.words.errors import Misfit
    from relode.words.period import frequency

    try:
        kind = frequency(period)
    except Misfit:
        return period
    if kind == "month":
        from datetime import date

        from babel.dates import format_date

        day = date(int(period[:4]), int(period[5:]), 1)
        return str(format_date(day, say("period.month.name", lang), locale=_LOCALES[lang]))
    return say(f"period.{kind}.name", lang, year=period[:4], part=period[5:])
