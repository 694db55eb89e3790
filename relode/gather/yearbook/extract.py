"""A table and its reading become facts, each with the address of its cell. Nothing is lost silently.

A blank is no fact. A symbol is a missing fact (status M), with a bound where it means "below the smallest unit".
What cannot be read is a fault that names its cell; what was left out is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...words.errors import Misfit, RelodeError
from ...words.indicator import Indicator
from .columns import Head
from .guess import Guesser, Told, View
from .lexicon import Cell, is_blank, text_of
from .reading import Column, Table
from .sheets import address
from .symbols import Figure, Legend
from .whose import Whose

if TYPE_CHECKING:
    import pandas as pd

Ratio = Callable[[str, str], Fraction]
Texts = NDArray[np.object_]
Numbers = NDArray[np.float64]
MOST_FAULTS = 20


@dataclass
class Found:
    """What a table gives: columns of facts in pieces, and what has to be said."""

    pieces: list[dict[str, Any]] = field(default_factory=list)
    faults: list[RelodeError] = field(default_factory=list)
    derived: list[tuple[Column, int, Numbers]] = field(default_factory=list)  # column, where it stands, its values
    by_code: dict[str, Numbers] = field(default_factory=dict)  # values in kept units along the rows of the table

    def frame(self) -> pd.DataFrame:
        """The facts as a frame; rows and columns of the file count from one."""
        import pandas as pd

        names = ("entity", "period", "indicator", "value", "status", "bound", "sheet", "row", "col")
        if not self.pieces:
            return pd.DataFrame({name: [] for name in names})
        joined = {name: np.concatenate([piece[name] for piece in self.pieces]) for name in names}
        return pd.DataFrame(joined)


@dataclass(frozen=True)
class Extractor:
    """Reads one table after the other by its reading."""

    indicators: Mapping[str, Indicator]
    guesser: Guesser
    legend: Legend
    ratio: Ratio
    whose: Whose

    def extract(self, view: View, table: Table, told: Told) -> Found:
        """The facts of a table, its derived columns and its faults."""
        return _Pass(self, view, table, told).run()


@dataclass
class _Pass:
    """One table on its way."""

    by: Extractor
    view: View
    table: Table
    told: Told
    found: Found = field(default_factory=Found)

    def run(self) -> Found:
        """Every column of figures, one after the other."""
        self.rows = np.array(self.view.block.data, dtype=np.int64)
        self.columns = {c: known for c, head in self.view.heads.items() if (known := self.table.column(head.template))}
        self.periods = self._periods()
        self.named = self._named()
        self.units = self._texts("unit")
        self.senses = self._senses()
        for column, known in self.columns.items():
            if known.role in ("fact", "value"):
                self._take(column, known)
            elif known.role == "derived":
                self.found.derived.append((known, column, self._figures(column, known)[0]))
        return self.found

    # -- what the rows say -------------------------------------------------------------------------

    def _cells(self, column: int) -> list[Cell]:
        sheet = self.view.block.sheet
        if sheet.merged:
            return [sheet.at(row, column) for row in self.view.block.data]
        return [sheet.rows[row][column] for row in self.view.block.data]

    def _texts(self, role: str) -> Texts | None:
        """The texts of the column of a role along the rows, or None where there is no such column."""
        column = next((c for c, known in self.columns.items() if known.role == role), None)
        return None if column is None else np.array([text_of(cell) for cell in self._cells(column)], dtype=object)

    def _at(self, role: str) -> int:
        return next(c for c, known in self.columns.items() if known.role == role)

    def _where(self, row: int, column: int) -> str:
        return address(self.view.block.sheet.name, int(row), column)

    def _periods(self) -> Texts:
        """The period of every row; '' where the heads say it."""
        if self.table.period == "column":
            return self._period_column()
        if self.table.period == "band":
            return self._banded(lambda text: self.by.guesser.looker.lexicon.year(text))
        year = self.table.year if self.table.period == "given" else ""
        if self.table.period == "title":
            year = self.by.guesser.title_year(self.told.titles)
        return np.full(len(self.rows), year, dtype=object)

    def _period_column(self) -> Texts:
        column = self._at("period")
        texts = self._cells(column)
        years = np.array([self.by.guesser.looker.lexicon.year(cell) for cell in texts], dtype=object)
        if self._prints_once(years):
            years = _down(years)
        for n in [n for n, cell in enumerate(texts) if not years[n] and not is_blank(cell)][:MOST_FAULTS]:
            self._fault(Misfit("yearbook.period", name=text_of(texts[n]), where=self._where(self.rows[n], column)))
        return years

    def _prints_once(self, texts: Texts) -> bool:
        """Is a label printed once for the rows below it? Then every second row or more is blank, not the first."""
        return bool(len(texts) and texts[0]) and float(np.mean(texts == "")) > 0.4

    def _banded(self, means: Callable[[str], str]) -> Texts:
        """What the bands above each row say, '' where they say something else."""
        marks = [(row, said) for row, _, text in self.view.block.bands if (said := means(text))]
        marks += [(-1, said) for text in reversed(self.view.block.titles) if (said := means(text))][-1:]
        marks.sort()
        place = np.searchsorted([row for row, _ in marks], self.rows, side="right") - 1
        return np.array([marks[n][1] if n >= 0 else "" for n in place], dtype=object)

    def _named(self) -> tuple[Texts, Texts, Texts]:
        """Name, code and province of every row; names are '' where the heads say it."""
        count = len(self.rows)
        blank = np.full(count, "", dtype=object)
        if self.table.entity == "column":
            names = self._texts("entity")
            names = blank if names is None else names
            if self._prints_once(names):
                names = _down(names)
        elif self.table.entity == "band":
            looker = self.by.guesser.looker
            names = self._banded(lambda text: text if looker.is_place(text) else "")
        else:
            told = self.by.guesser.title_place(self.told.titles) if self.table.entity == "title" else self.table.place
            names = np.full(count, told, dtype=object)
        codes, provinces = self._texts("code"), self._texts("province")
        return names, blank if codes is None else codes, blank if provinces is None else provinces

    def _senses(self) -> list[Column | None] | None:
        """What each row or band means, where the indicator is told there or in a title; None where heads say it."""
        if self.table.indicator == "column":
            labels = self._texts("indicator")
            labels = np.full(len(self.rows), "", dtype=object) if labels is None else labels
            return [self.table.label(text) for text in (_down(labels) if self._prints_once(labels) else labels)]
        if self.table.indicator == "band":
            return [self.table.label(t) for t in self._banded(lambda text: text if self.table.label(text) else "")]
        if self.table.indicator == "title":
            sense = self.by.guesser.title_sense(self.told.titles)
            return [Column("", "fact", sense.indicator, sense.unit, sense.status)] * len(self.rows)
        return None

    # -- what the columns say ----------------------------------------------------------------------

    def _take(self, column: int, known: Column) -> None:
        """The facts of one column of figures."""
        senses = self.senses
        if senses is None and not known.indicator:
            return
        values, statuses, bounds = self._figures(column, known)
        codes, times, over, filled = self._scaled(column, known, senses)
        head = self.view.heads[column]
        periods = self._row_periods(head)
        entities = self._entities(column, head, periods, statuses != "")
        told = (entities != "") & (codes != "") & (statuses != "") & ~np.isnan(times)
        keep = told & (periods != "")
        lost = np.flatnonzero(told & ~keep)
        if len(lost):
            where = self._where(self.rows[lost[0]], column)
            self._fault(Misfit("yearbook.no_period", count=len(lost), where=where))
        statuses = np.where((statuses == "A") & (filled == "I"), "I", statuses)
        values = values * times / over
        if senses is None:
            self.found.by_code.setdefault(known.indicator, np.where(keep, values, np.nan))
        self._add(column, keep, entities, periods, codes, values, statuses, bounds * times / over)

    def _entities(self, column: int, head: Head, periods: Texts, shown: NDArray[np.bool_]) -> Texts:
        """Whose figure each row holds; only rows that hold one are looked up."""
        here = np.flatnonzero(shown)
        names, codes, provinces = (texts[here] for texts in self._who(head))
        cell_of = self._cell_of(column, head)
        found = np.full(len(shown), "", dtype=object)
        found[here] = self.by.whose.entities(
            (names, codes, provinces), periods[here], self._level(), lambda n: cell_of(int(here[n]))
        )
        return found

    def _add(self, column: int, keep: Any, *columns: Any) -> None:
        names = ("entity", "period", "indicator", "value", "status", "bound")
        piece = {name: column_[keep] for name, column_ in zip(names, columns, strict=True)}
        count = int(keep.sum())
        piece["sheet"] = np.full(count, self.view.block.sheet.name, dtype=object)
        piece["row"] = self.rows[keep] + 1
        piece["col"] = np.full(count, column + 1)
        self.found.pieces.append(piece)

    def _row_periods(self, head: Head) -> Texts:
        return np.full(len(self.rows), head.year, dtype=object) if head.year else self.periods

    def _who(self, head: Head) -> tuple[Texts, Texts, Texts]:
        names, codes, provinces = self.named
        if head.place:
            return (
                np.full(len(self.rows), head.place, dtype=object),
                np.full(len(self.rows), "", dtype=object),
                provinces,
            )
        return names, codes, provinces

    def _level(self) -> str:
        """The level that the heading of the entity column speaks of, '' if any."""
        if self.table.entity != "column":
            return ""
        head = self.view.heads[self._at("entity")]
        said = self.by.guesser.looker.lexicon.role(head.rest[-1]) if head.rest else ""
        return said if said in ("city", "province") else ""

    def _cell_of(self, column: int, head: Head) -> Callable[[int], str]:
        at = column if head.place or self.table.entity != "column" else self._at("entity")
        line = self.view.block.head[1]
        return lambda n: self._where(line if head.place else self.rows[n], at)

    def _figures(self, column: int, known: Column) -> tuple[Numbers, Texts, Numbers]:
        """Values, statuses ('' = no fact) and bounds of a column. Symbols and texts are read one by one."""
        cells = [self.view.block.sheet.rows[row][column] for row in self.view.block.data]
        values = np.array([cell if type(cell) is float else np.nan for cell in cells], dtype=np.float64)
        statuses = np.where(np.isnan(values), "", "A").astype(object)
        bounds = np.full(len(cells), np.nan)
        decimals = 0
        bad = 0
        below: list[int] = []
        for n, cell in enumerate(cells):
            if type(cell) is float or cell == "" or is_blank(cell):
                continue
            figure = self.by.legend.read(cell)
            decimals = max(decimals, figure.decimals)
            if figure.meaning == "unreadable":
                bad += 1
                if bad <= MOST_FAULTS and (known.indicator or self.senses):
                    self._fault(Misfit("yearbook.number", name=text_of(cell), where=self._where(self.rows[n], column)))
                continue
            self._one(n, figure, values, statuses, bounds)
            if figure.meaning == "below" and np.isnan(figure.bound):
                below.append(n)
        if below:
            bounds[below] = 10.0 ** -max(decimals, _decimals(values))
        return values, statuses, bounds

    def _one(self, n: int, figure: Figure, values: Numbers, statuses: Texts, bounds: Numbers) -> None:
        values[n] = figure.value
        statuses[n] = figure.status if figure.meaning in ("figure", "zero") else "M"
        bounds[n] = figure.bound

    # -- units -------------------------------------------------------------------------------------

    def _scaled(
        self, column: int, known: Column, senses: list[Column | None] | None
    ) -> tuple[Texts, Numbers, Numbers, Texts]:
        """Per row: the code, by what its figure is multiplied and divided (NaN: units do not fit), and A or I."""
        count = len(self.rows)
        if senses is None and self.units is None:
            times, over = self._ratio(known.indicator, self._unit(0, known, known), self._where(self.rows[0], column))
            whole = (np.full(count, text, dtype=object) for text in (known.indicator, known.status))
            return next(whole), np.full(count, times), np.full(count, over), next(whole)
        told = [known] * count if senses is None else senses
        codes = np.array([sense.indicator if sense else "" for sense in told], dtype=object)
        filled = np.array([sense.status if sense else "A" for sense in told], dtype=object)
        many, few = np.full(count, np.nan), np.ones(count)
        cache: dict[tuple[str, str], tuple[float, float]] = {}
        for n, sense in enumerate(told):
            if sense and sense.indicator:
                key = (sense.indicator, self._unit(n, sense, known))
                if key not in cache:
                    cache[key] = self._ratio(*key, self._where(self.rows[n], column))
                many[n], few[n] = cache[key]
        return codes, many, few, filled

    def _unit(self, n: int, sense: Column, known: Column) -> str:
        """The unit of a figure: its heading's, else that of the unit column, of the column, of the table."""
        beside = self.units[n] if self.units is not None else ""
        if beside and sense.why != "stated":
            return str(beside)
        return sense.unit or known.unit or self.table.unit

    def _ratio(self, code: str, unit: str, where: str) -> tuple[float, float]:
        indicator = self.by.indicators[code]
        if not unit or unit == indicator.unit:
            return 1.0, 1.0
        try:
            ratio = self.by.ratio(unit, indicator.unit)
        except RelodeError:
            self._fault(Misfit("yearbook.unit", name=unit, indicator=code, unit=indicator.unit, where=where))
            return float("nan"), 1.0
        return float(ratio.numerator), float(ratio.denominator)

    def _fault(self, fault: RelodeError) -> None:
        self.found.faults.append(fault)


def _down(texts: Texts) -> Texts:
    """Blanks filled from above."""
    marks = np.where(texts != "", np.arange(len(texts)), 0)
    filled: Texts = texts[np.maximum.accumulate(marks)]
    return filled


def _decimals(values: Numbers) -> int:
    """The decimals with which figures are shown, by those of the first hundred."""
    shown = values[~np.isnan(values)][:100]
    return max((len(repr(float(v)).partition(".")[2].rstrip("0")) for v in shown if abs(v) < 1e15), default=0)
