"""What the rows of a table say of themselves: period, name, code, province, indicator, unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...words.codelist import STATUSES
from ...words.errors import Misfit, RelodeError
from ...words.note import Note, remark
from .columns import Head
from .guess import Guesser, Told, View
from .lexicon import Cell, is_blank, text_of
from .reading import Column, Table
from .sheets import address

Texts = NDArray[np.object_]
MOST_FAULTS = 20
MOSTLY_BLANK = 0.4  # a column of labels with more blanks prints each label once


@dataclass
class Labels:
    """The labels along the rows of one table, by its reading."""

    view: View
    table: Table
    told: Told
    guesser: Guesser
    faults: list[RelodeError] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The data rows of the table, counted from 0 in the sheet."""
        return np.array(self.view.block.data, dtype=np.int64)

    @cached_property
    def columns(self) -> dict[int, Column]:
        """The columns that the reading knows."""
        return {c: known for c, head in self.view.heads.items() if (known := self.table.column(head.template))}

    def _cells(self, column: int) -> list[Cell]:
        sheet = self.view.block.sheet
        if sheet.merged:
            return [sheet.at(row, column) for row in self.view.block.data]
        return [sheet.rows[row][column] for row in self.view.block.data]

    def _texts(self, role: str) -> Texts | None:
        """The texts of the column of a role along the rows, or None where there is no such column."""
        column = next((c for c, known in self.columns.items() if known.role == role), None)
        return None if column is None else np.array([text_of(cell) for cell in self._cells(column)], dtype=object)

    def at(self, role: str) -> int:
        """The column of a role."""
        return next(c for c, known in self.columns.items() if known.role == role)

    def _where(self, row: int, column: int) -> str:
        return address(self.view.block.sheet.name, int(row), column)

    @cached_property
    def periods(self) -> Texts:
        """The period of every row; '' where the heads say it."""
        if self.table.period == "column":
            return self._period_column()
        if self.table.period == "band":
            return self._banded(lambda text: self.guesser.looker.lexicon.year(text))
        year = self.table.year if self.table.period == "given" else ""
        if self.table.period == "title":
            year = self.guesser.title_year(self.told.titles)
        return np.full(len(self.rows), year, dtype=object)

    def _period_column(self) -> Texts:
        column = self.at("period")
        texts = self._cells(column)
        years = np.array([self.guesser.looker.lexicon.year(cell) for cell in texts], dtype=object)
        years = self._carried(years, np.array([is_blank(cell) for cell in texts]), column)
        for n in [n for n, cell in enumerate(texts) if not years[n] and not is_blank(cell)][:MOST_FAULTS]:
            self.faults.append(
                Misfit("yearbook.period", name=text_of(texts[n]), where=self._where(self.rows[n], column))
            )
        return years

    def _carried(self, texts: Texts, blank: NDArray[np.bool_], column: int) -> Texts:
        """Labels that are printed once for the rows below them, carried down; said aloud, for it is a guess."""
        if not len(texts) or blank[0] or float(blank.mean()) <= MOSTLY_BLANK:
            return texts
        where = self._where(self.rows[0], column)
        self.notes.append(remark("yearbook.carried", where=where, count=int(blank.sum())))
        marks = np.where(blank, 0, np.arange(len(texts)))
        carried: Texts = texts[np.maximum.accumulate(marks)]
        return carried

    def _banded(self, means: Callable[[str], str]) -> Texts:
        """What the bands above each row say, '' where they say something else."""
        marks = [(row, said) for row, _, text in self.view.block.bands if (said := means(text))]
        marks += [(-1, said) for text in reversed(self.view.block.titles) if (said := means(text))][-1:]
        marks.sort()
        place = np.searchsorted([row for row, _ in marks], self.rows, side="right") - 1
        return np.array([marks[n][1] if n >= 0 else "" for n in place], dtype=object)

    @cached_property
    def named(self) -> tuple[Texts, Texts, Texts]:
        """Name, code and province of every row; names are '' where the heads say it."""
        count = len(self.rows)
        blank = np.full(count, "", dtype=object)
        if self.table.entity == "column":
            names = self._texts("entity")
            names = self._carried(names, names == "", self.at("entity")) if names is not None else blank
        elif self.table.entity == "band":
            looker = self.guesser.looker
            names = self._banded(lambda text: text if looker.is_place(text) else "")
        else:
            told = self.guesser.title_place(self.told.titles) if self.table.entity == "title" else self.table.place
            names = np.full(count, told, dtype=object)
        codes, provinces = self._texts("code"), self._texts("province")
        return names, blank if codes is None else codes, blank if provinces is None else provinces

    @cached_property
    def senses(self) -> list[Column | None] | None:
        """What each row or band means, where the indicator is told there or in a title; None where heads say it."""
        if self.table.indicator == "column":
            labels = self._texts("indicator")
            assert labels is not None
            return [self.table.label(t) for t in self._carried(labels, labels == "", self.at("indicator"))]
        if self.table.indicator == "band":
            return [self.table.label(t) for t in self._banded(lambda text: text if self.table.label(text) else "")]
        if self.table.indicator == "given":
            return [self.table.label("")] * len(self.rows)
        if self.table.indicator == "title":
            sense = self.guesser.title_sense(self.told.titles)
            return [Column("", "fact", sense.indicator, sense.unit, sense.status)] * len(self.rows)
        return None

    @cached_property
    def statuses(self) -> Texts | None:
        """The status that a column gives to every row; what is no status is a fault. None without such a column."""
        texts = self._texts("status")
        if texts is None:
            return None
        upper = np.array([text.upper() for text in texts], dtype=object)
        for n in [n for n, text in enumerate(upper) if text and (len(text) > 1 or text not in STATUSES)][:MOST_FAULTS]:
            where = self._where(self.rows[n], self.at("status"))
            self.faults.append(Misfit("yearbook.status", name=texts[n], where=where, expected=tuple(STATUSES)))
            upper[n] = ""
        return upper

    @cached_property
    def scenarios(self) -> Texts:
        """The scenario of every row, '' where the table names none."""
        texts = self._texts("scenario")
        return np.full(len(self.rows), "", dtype=object) if texts is None else texts

    @cached_property
    def units(self) -> Texts | None:
        """The unit of every row, None where there is no column of units."""
        return self._texts("unit")

    @cached_property
    def level(self) -> str:
        """The level that the heading of the entity column speaks of, '' if any."""
        if self.table.entity != "column":
            return ""
        head = self.view.heads[self.at("entity")]
        said = self.guesser.looker.lexicon.role(head.rest[-1]) if head.rest else ""
        return said if said in ("city", "province") else ""

    def periods_under(self, head: Head) -> Texts:
        """The periods of the rows under one head."""
        return np.full(len(self.rows), head.year, dtype=object) if head.year else self.periods

    def names_under(self, head: Head) -> tuple[Texts, Texts, Texts]:
        """Names, codes and provinces of the rows under one head."""
        names, codes, provinces = self.named
        if head.place:
            count = len(self.rows)
            return np.full(count, head.place, dtype=object), np.full(count, "", dtype=object), provinces
        return names, codes, provinces
