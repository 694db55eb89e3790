"""Whose figure is it: the labels of rows or heads become codes of the codelist, one look-up per label."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from ...words.codelist import Codelist
from ...words.errors import RelodeError, UnknownWord
from ...words.note import Note, remark
from ...words.texts import LANGUAGES, say
from ..names import six_digits
from .lexicon import languages, lexicon
from .reading import Why

Texts = NDArray[np.object_]
Label = tuple[str, str, str]  # name, code, province


class Matched(Protocol):
    """What a matcher answers: a code or '', and how it was found or why not."""

    @property
    def entity(self) -> str:
        """The code, '' if it cannot be said."""

    @property
    def how(self) -> str:
        """`code`, `name` ... or `unknown`, `ambiguous`, `conflict`, `ended`."""

    @property
    def candidates(self) -> tuple[str, ...]:
        """Codes to choose from."""


class Matches(Protocol):
    """Finds the entity of a name, a code, a province and a year."""

    def match(
        self, name: object, *, code: object = "", province: object = "", period: str = "", level: str = ""
    ) -> Matched:
        """The entity that a row names."""


@dataclass(frozen=True)
class Dates:
    """What is known of all labels of a table: the level that its heading names ('' if any), its first and last year."""

    level: str
    first: str
    last: str


@dataclass
class Stranger:
    """A label that is no entity of the codelist: why, in how many figures' rows, and where first."""

    how: str
    where: str
    candidates: tuple[str, ...]
    rows: set[tuple[str, int]] = field(default_factory=set)  # the table's first cell, and the row


@dataclass
class Whose:
    """Looks labels up, remembers what it could not place. With an empty codelist labels stand as they are.

    `skip`  names that were accepted as left out, and why: they are no fault, as long as the reason is the same
    """

    matcher: Matches
    regions: Codelist
    skip: Mapping[str, Why] = field(default_factory=dict)
    strangers: dict[tuple[str, str], Stranger] = field(default_factory=dict)
    known: dict[tuple[str, ...], Matched] = field(default_factory=dict)
    by_level: dict[str, tuple[str, tuple[str, ...], str]] = field(default_factory=dict)  # name -> code, others, level

    recoded: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> code in the file, code in force

    def entities(
        self, labels: tuple[Texts, Texts, Texts], periods: Texts, dates: Dates, where: Callable[[int], str]
    ) -> Texts:
        """The code of every row, '' where the label is not placed."""
        names, codes, provinces = labels
        if not len(self.regions):
            return names
        rows: dict[Label, list[int]] = {}
        for n, label in enumerate(zip(names, codes, provinces, strict=True)):
            rows.setdefault(label, []).append(n)
        found = np.full(len(names), "", dtype=object)
        for label, places in rows.items():
            if label[0] or label[1]:
                self._one(label, np.array(places), periods, dates, where, found)
        return found

    def _one(self, label: Label, rows: NDArray[np.int64], periods: Texts, dates: Dates,
             where: Callable[[int], str], found: Texts) -> None:  # fmt: skip
        if label[0] in self.regions and not self.regions[label[0]].until:
            found[rows] = label[0]
            return
        first, last = (self._match(label, year, dates.level) for year in (dates.first, dates.last))
        # entities only ever end: a label that means one thing at first and at last means it all the time
        if first.how == "unknown" or (first.entity and first.entity == last.entity):
            self._place(label, first, rows, where, found)
            return
        years = periods[rows]
        for period in dict.fromkeys(years):
            match = self._match(label, str(period), dates.level)
            if match.how == "ambiguous" and last.entity in match.candidates:
                match = last  # one label in one column is one entity, whatever else had this name at the time
            self._place(label, match, rows[years == period], where, found)

    def _place(self, label: Label, match: Matched, rows: NDArray[np.int64], where: Callable[[int], str],
               found: Texts) -> None:  # fmt: skip
        """Give rows the code that was found; where there is none, remember them."""
        found[rows] = match.entity
        if not match.entity:
            new = Stranger(match.how, where(int(rows[0])), match.candidates)
            table = where(0)
            known = self.strangers.setdefault((label[0] or label[1], match.how), new)
            known.rows.update((table, int(n)) for n in rows)

    def _match(self, label: Label, period: str, level: str) -> Matched:
        name, code, province = label
        key = (name, code, province, period, level)
        if key not in self.known:
            match = self.matcher.match(name, code=code, province=province, period=period, level=level)
            if level and not match.entity and match.how in ("unknown", "conflict"):
                match = self.matcher.match(name, code=code, province=province, period=period)
            elif level and match.entity and not code:
                self._remember_level(name, match.entity, level, (province, period))
            if match.entity and six_digits(code) not in ("", match.entity):
                self.recoded[name] = (six_digits(code), match.entity)
            halves = languages(str(name))
            if match.how == "unknown" and all(halves):  # a name in two languages
                match = self.matcher.match(halves[0], code=code, province=province, period=period)
            self.known[key] = match
        return self.known[key]

    def _remember_level(self, name: str, entity: str, level: str, told: tuple[str, str]) -> None:
        """A name that two entities bear was decided by the level of the table: 吉林 is a province and a city."""
        plain = self.matcher.match(name, province=told[0], period=told[1])
        others = tuple(code for code in plain.candidates if code != entity)
        if plain.how == "ambiguous" and others:
            self.by_level[name] = (entity, others, level)

    def notes(self) -> list[Note]:
        """Names that the level of the table decided; rows of totals, which are left out because they name no entity."""
        totals = [
            (name, s) for (name, how), s in self.strangers.items() if how == "unknown" and lexicon().has("total", name)
        ]
        return [
            *self._told_levels(),
            *self._told_recoded(),
            *(remark("yearbook.totals", name=name, count=len(s.rows), where=s.where) for name, s in totals),
            *self._told_skipped(),
        ]

    def _told_skipped(self) -> Iterator[Note]:
        """The names that the accepted reading leaves out."""
        left = {name: s for (name, how), s in self.strangers.items() if self.skip.get(name) == how}
        if left:
            rows = sum(len(stranger.rows) for stranger in left.values())
            yield remark("yearbook.skipped", count=len(left), rows=rows, names=_some(list(left), 8))

    def lost(self) -> dict[str, Why]:
        """The names that are not placed, with the reason, rows of totals aside."""
        return {
            name: cast(Why, how)
            for name, how in self.strangers
            if not (how == "unknown" and lexicon().has("total", name))
        }

    def _told_recoded(self) -> list[Note]:
        """Codes of the file that are not those in force: whose they are is known, and under which code they stand."""
        told = [f"{name} {code} → {entity}" for name, (code, entity) in self.recoded.items()]
        return [remark("yearbook.recoded", count=len(told), codes=_some(told, 8))] if told else []

    def _told_levels(self) -> Iterator[Note]:
        """Which names the level of the table decided, one note for each level."""
        for level in dict.fromkeys(level for _, _, level in self.by_level.values()):
            named = [self._chosen(name, *told[:2]) for name, told in self.by_level.items() if told[2] == level]
            levels = {f"level_{lang}": say(f"level.{level}", lang, default=level) for lang in LANGUAGES}
            yield remark("yearbook.by_level", count=len(named), names=_some(named, 8), **levels)

    def _chosen(self, name: str, entity: str, others: tuple[str, ...]) -> str:
        """A name, whose it is, and whose not: `吉林 → 吉林市 (≠ 吉林省)`."""
        not_these = ", ".join(dict.fromkeys(self.regions[code].name for code in others))
        return f"{name} → {self.regions[entity].name} (≠ {not_these})"

    def faults(self, file: str) -> list[RelodeError]:
        """One fault for each reason why labels were not placed, naming some of them and the first cell."""
        by_how: dict[str, list[tuple[str, Stranger]]] = {}
        lost = self.lost()
        for (name, how), stranger in self.strangers.items():
            if name not in lost or self.skip.get(name) == how:
                continue
            by_how.setdefault(how, []).append((name, stranger))
        return [
            UnknownWord(
                f"yearbook.entity_{how}", where=f"{file}, {group[0][1].where}", names=_some([n for n, _ in group]),
                count=len(group), rows=sum(len(s.rows) for _, s in group),
                expected=[self._known_as(code) for code in group[0][1].candidates],
            )
            for how, group in by_how.items()
        ]  # fmt: skip

    def _known_as(self, code: str) -> str:
        return f"{code} {self.regions[code].name}" if code in self.regions else code


def _some(names: list[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")
