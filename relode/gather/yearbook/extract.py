"""A table and its reading become facts, each with the address of its cell. Nothing is lost silently.

A blank is no fact. A symbol is a missing fact (status M), with a bound where it means "below the smallest unit".
What cannot be read is a fault that names its cell; what was left out is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...words.errors import Misfit, RelodeError
from ...words.indicator import Indicator
from ...words.note import Note
from .columns import Head
from .guess import Guesser, Told, View
from .labels import MOST_FAULTS, Labels, Texts
from .lexicon import is_blank, text_of
from .reading import Column, Table, Why
from .sheets import address
from .symbols import Figure, Legend
from .whose import Dates, Whose

if TYPE_CHECKING:
    import pandas as pd

Ratio = Callable[[str, str], Fraction]
Numbers = NDArray[np.float64]


@dataclass
class Found:
    """What a table gives: columns of facts in pieces, and what has to be said."""

    pieces: list[dict[str, Any]] = field(default_factory=list)
    faults: list[RelodeError] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    derived: list[tuple[Column, int, Numbers]] = field(default_factory=list)  # column, where it stands, its values
    unread: Counter[str] = field(default_factory=Counter)  # texts where a figure should be
    by_code: dict[str, Numbers] = field(default_factory=dict)  # values in kept units along the rows of the table

    def frame(self) -> pd.DataFrame:
        """The facts as a frame; rows and columns of the file count from one."""
        import pandas as pd

        names = ("entity", "period", "indicator", "scenario", "value", "status", "bound", "sheet", "row", "col")
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
    skip: Mapping[str, Why] = field(default_factory=dict)

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
    _placed: dict[tuple[str, str], Texts] = field(default_factory=dict)

    def run(self) -> Found:
        """Every column of figures, one after the other."""
        self.labels = Labels(self.view, self.table, self.told, self.by.guesser)
        self.rows = self.labels.rows
        self.columns = self.labels.columns
        self.read = {
            column: self._figures(column, known)
            for column, known in self.columns.items()
            if known.role == "derived" or (known.role in ("fact", "value") and self._is_loaded(known))
        }
        for column, known in self.columns.items():
            if known.role == "derived":
                self.found.derived.append((known, column, self.read[column][0]))
            elif column in self.read:
                self._take(column, known)
        self.found.faults = self.labels.faults + self.found.faults
        self.found.notes += self.labels.notes
        return self.found

    def _is_loaded(self, known: Column) -> bool:
        """Has the column a meaning, its own or one that rows, bands or titles give it?"""
        return known.role == "value" or bool(known.indicator)

    @cached_property
    def _shown(self) -> NDArray[np.bool_]:
        """The rows in which any column has a fact."""
        columns = [statuses != "" for column, (_, statuses, _) in self.read.items()
                   if self.columns[column].role != "derived"]  # fmt: skip
        shown: NDArray[np.bool_] = np.logical_or.reduce(columns)
        return shown

    @cached_property
    def _dates(self) -> Dates:
        years = {str(year) for year in self.labels.periods} | {head.year for head in self.view.heads.values()}
        return Dates(self.labels.level, min(years - {""}, default=""), max(years, default=""))

    def _where(self, row: int, column: int) -> str:
        return address(self.view.block.sheet.name, int(row), column)

    # -- what the columns say ----------------------------------------------------------------------

    def _take(self, column: int, known: Column) -> None:
        """The facts of one column of figures."""
        values, statuses, bounds = self.read[column]
        senses = self.labels.senses if known.role == "value" else None
        codes, times, over, filled = self._scaled(column, known, senses)
        head = self.view.heads[column]
        periods = self.labels.periods_under(head)
        entities = self._entities(column, head, periods)
        told = (entities != "") & (codes != "") & (statuses != "") & ~np.isnan(times)
        keep = told & (periods != "")
        lost = np.flatnonzero(told & ~keep)
        if len(lost) and not self.labels.faults:
            where = self._where(self.rows[lost[0]], column)
            self._fault(Misfit("yearbook.no_period", count=len(lost), where=where))
        statuses = np.where((statuses == "A") & (filled == "I"), "I", statuses)
        if (told_status := self.labels.statuses) is not None:
            statuses = np.where((statuses == "A") & (told_status != ""), told_status, statuses)
        statuses = self._estimated(column, statuses)
        values = values * times / over
        if senses is None:
            self.found.by_code.setdefault(known.indicator, np.where(keep, values, np.nan))
        self._add(column, keep, entities, periods, codes, values, statuses, bounds * times / over)

    def _estimated(self, column: int, statuses: Texts) -> Texts:
        """A figure whose cell bears a note that it was worked out, not counted, is an estimate."""
        noted = self.view.block.sheet.noted
        if not noted:
            return statuses
        words = self.by.guesser.looker.lexicon
        notes = (noted.get((int(row), column), "") for row in self.rows)
        told = np.array([bool(note) and words.has("estimated", note) for note in notes], dtype=bool)
        return np.where(told & (statuses == "A"), "E", statuses)

    def _entities(self, column: int, head: Head, periods: Texts) -> Texts:
        """Whose figure each row holds; only rows that hold one are looked up, and once for all columns."""
        key = (head.year, head.place)
        if key not in self._placed:
            here = np.flatnonzero(self._shown)
            names, codes, provinces = (texts[here] for texts in self.labels.names_under(head))
            cell_of = self._cell_of(column, head)
            found = np.full(len(self._shown), "", dtype=object)
            found[here] = self.by.whose.entities(
                (names, codes, provinces), periods[here], self._dates, lambda n: cell_of(int(here[n]))
            )
            self._placed[key] = found
        return self._placed[key]

    def _add(self, column: int, keep: Any, *columns: Any) -> None:
        names = ("entity", "period", "indicator", "value", "status", "bound")
        piece = {name: column_[keep] for name, column_ in zip(names, columns, strict=True)}
        count = int(keep.sum())
        piece["sheet"] = np.full(count, self.view.block.sheet.name, dtype=object)
        piece["scenario"] = self.labels.scenarios[keep]
        piece["row"] = self.rows[keep] + 1
        piece["col"] = np.full(count, column + 1)
        self.found.pieces.append(piece)

    def _cell_of(self, column: int, head: Head) -> Callable[[int], str]:
        at = column if head.place or self.table.entity != "column" else self.labels.at("entity")
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
                bad += self._is_loaded(known) and self._unread(text_of(cell), n, column, tell=bad < MOST_FAULTS)
                continue
            self._one(n, figure, values, statuses, bounds)
            if figure.meaning == "below" and np.isnan(figure.bound):
                below.append(n)
        if below:
            bounds[below] = 10.0 ** -max(decimals, _decimals(values))
        return values, statuses, bounds

    def _unread(self, text: str, n: int, column: int, *, tell: bool) -> bool:
        """Note a text where a figure should be; is it a fault? Not where it was accepted that it is left out."""
        self.found.unread[text] += 1
        fault = self.by.skip.get(text) != "number"
        if fault and tell:
            self._fault(Misfit("yearbook.number", name=text, where=self._where(self.rows[n], column)))
        return fault

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
        if senses is None and self.labels.units is None:
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
        beside = self.labels.units[n] if self.labels.units is not None else ""
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


def _decimals(values: Numbers) -> int:
    """The decimals with which figures are shown, by those of the first hundred."""
    shown = values[~np.isnan(values)][:100]
    return max((len(repr(float(v)).partition(".")[2].rstrip("0")) for v in shown if abs(v) < 1e15), default=0)
