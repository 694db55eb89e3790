"""What the columns of a table look like: years, codes, names of places, figures; and what their heads tell apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .layout import Block, IsPlace
from .lexicon import CODE, Cell, Lexicon, is_blank, is_number, text_of
from .symbols import Legend

ENOUGH = 40  # texts that tell whether a column holds names of places
YEAR, PLACE = "{year}", "{place}"


@dataclass(frozen=True)
class Content:
    """What stands in a column, as shares of its filled cells; `count` of them in the sample."""

    count: int
    years: float = 0.0
    codes: float = 0.0
    places: float = 0.0
    figures: float = 0.0


@dataclass(frozen=True)
class Head:
    """The texts above a column: without year and place, and the year and place among them."""

    template: str
    rest: tuple[str, ...]
    year: str = ""
    place: str = ""


@dataclass(frozen=True)
class Looker:
    """Looks at columns and heads of a table."""

    lexicon: Lexicon
    legend: Legend
    is_place: IsPlace

    def content(self, block: Block, column: int) -> Content:
        """What stands in a column of a table, by its sample of rows."""
        cells = [cell for row in block.sample if not is_blank(cell := block.sheet.at(row, column))]
        if not cells:
            return Content(0)
        count = len(cells)
        return Content(
            count,
            years=sum(bool(self.lexicon.year(cell)) for cell in cells) / count,
            codes=sum(bool(CODE.fullmatch(text_of(cell))) for cell in cells) / count,
            places=self._places(cells),
            figures=sum(self._figure(cell) for cell in cells) / count,
        )

    def _places(self, cells: list[Cell]) -> float:
        """The share of places among the first texts that differ."""
        texts = list(dict.fromkeys(cell for cell in cells if isinstance(cell, str)))[:ENOUGH]
        written = sum(isinstance(cell, str) for cell in cells) / len(cells)
        return written * sum(map(self._named, texts)) / len(texts) if texts else 0.0

    def _named(self, cell: Cell) -> bool:
        return isinstance(cell, str) and self.is_place(text_of(cell))

    def _figure(self, cell: Cell) -> bool:
        return is_number(cell) or self.legend.read(cell).meaning != "unreadable"

    def head(self, path: tuple[str, ...], *, places: bool) -> Head:
        """The head of a column taken apart; `places` says whether places may be told there."""
        year = place = ""
        rest: list[str] = []
        shown: list[str] = []
        for text in path:
            if found := self.lexicon.year(text):
                year, text = found, YEAR
            elif places and self.is_place(text):
                place, text = text, PLACE
            elif (found := self.year_within(text)) and not year:
                year = found
                shown.append(text.replace(found, YEAR))
                rest.append(self._without(text, found))
                continue
            else:
                rest.append(text)
            shown.append(text)
        return Head("/".join(shown), tuple(rest), year, place)

    def year_within(self, text: str) -> str:
        """The one year that a text names among other words, and no span of years; '' if none."""
        if self.lexicon.patterns["years_within"].search(text):
            return ""
        found = set(self.lexicon.patterns["year_within"].findall(text))
        return found.pop() if len(found) == 1 else ""

    def _without(self, text: str, year: str) -> str:
        tail = self.lexicon.patterns["year_tail"].pattern
        return re.sub(rf"{year}{tail}", "", text, count=1).strip(" -_/,")

    def span(self, text: str) -> tuple[str, str] | None:
        """The first and last year of a span that a text names (`1997-2019`, `00-23`), or None."""
        if found := self.lexicon.patterns["years_within"].search(text):
            return found.group(1), found.group(2)
        if found := self.lexicon.patterns["short_years"].search(text):
            first, last = (("19" if int(part) > 50 else "20") + part for part in found.groups())
            return first, last
        return None
