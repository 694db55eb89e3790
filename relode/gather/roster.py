"""A file that lists regions and holds no figures: pilot cities with their year and batch, resource cities by type.

Such a file becomes a policy calendar where it says since when (and no type), else a list that marks regions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from ..words.codelist import Codelist
from ..words.errors import Misfit, RelodeError, UnknownWord
from ..words.note import Note, warn
from ..words.policy import read_date
from ..words.texts import DATA
from ..words.toml import read_toml
from . import harmonise
from .names import cleaned
from .yearbook.lexicon import Cell, is_blank, is_number, lexicon, text_of
from .yearbook.sheets import Book, Sheet, address, read_book
from .yearbook.whose import Dates, Whose

DEEPEST_HEAD = 10  # rows in which the head of a list is looked for
LEAST_PLACED = 0.5  # share of the names that must be regions of the place
MOSTLY = 0.6  # share of the rows that name a region for the first time; a panel of two years has half
MOST_NAMED = 30
_DECIMAL = re.compile(r"[-+]?[\d,]*\.\d+")
_ENTITY = ("city", "place", "province", "code")


@dataclass(frozen=True)
class Listed:
    """One region of a list; `entity` is its code, or its name where the place has no codelist.

    `start` and `end` are as exact as the file has them: 2010, 2010-07 or 2010-07-19.
    """

    entity: str
    name: str
    where: str
    start: str = ""
    end: str = ""
    batch: str = ""
    type: str = ""
    zone: str = ""
    policy: str = ""
    document: str = ""


@dataclass(frozen=True)
class Roster:
    """A list of regions as a file has it. `columns`: heading -> role, in order; `level`: what its heading names."""

    file: str
    file_hash: str
    sheet: str
    columns: dict[str, str]
    listed: tuple[Listed, ...]
    faults: tuple[RelodeError, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def dated(self) -> bool:
        """Does it say since when, and no type? Then it is a calendar of policies."""
        roles = set(self.columns.values())
        return "start" in roles and "type" not in roles


@dataclass(frozen=True)
class _Grid:
    """A sheet with its head row and the roles of its columns."""

    sheet: Sheet
    head: int
    roles: dict[int, str] = field(default_factory=dict)

    def column(self, *roles: str) -> int | None:
        return next((c for role in roles for c, known in self.roles.items() if known == role), None)

    def text(self, row: int, *roles: str) -> str:
        column = self.column(*roles)
        return "" if column is None else text_of(self.sheet.at(row, column))

    @cached_property
    def rows(self) -> list[int]:
        names = [c for role in _ENTITY for c, known in self.roles.items() if known == role]
        return [
            row
            for row in range(self.head + 1, self.sheet.height)
            if any(not is_blank(self.sheet.at(row, column)) for column in names)
        ]


def read_roster(path: Path | Book, regions: Codelist) -> Roster | None:
    """The list of regions that a file is, None where it is none.

    Names that are not found, or that may be two regions, are faults; those rows are not among `listed`.
    Raises Misfit where the file is refused.
    """
    book = path if isinstance(path, Book) else read_book(path)
    grids = [grid for sheet in book.sheets if any(sheet.filled) and (grid := _grid(sheet))]
    with_figures = [sheet for sheet in book.sheets if sheet.numbers and all(g.sheet is not sheet for g in grids)]
    if not grids or with_figures:
        return None
    return _roster(book, grids[0], regions)


def _roster(book: Book, grid: _Grid, regions: Codelist) -> Roster | None:
    faults: list[RelodeError] = []
    listed = [_listed(grid, row, faults) for row in grid.rows]
    whose = _whose(regions)
    placed = [replace(one, entity=code) for one, code in zip(listed, _codes(grid, listed, whose), strict=True)]
    known = [one for one in placed if one.entity]
    if not known or len(known) < LEAST_PLACED * len(placed):
        return None
    heads = {text_of(grid.sheet.at(grid.head, c)): role for c, role in grid.roles.items()}
    faults = [*(_stranger(how, group, book.name) for how, group in _strangers(whose)), *faults]
    roster = Roster(book.name, book.file_hash, grid.sheet.name, heads, (), (), (*whose.notes(), *_batches(known)))
    if roster.dated:
        known = _with_start(known, faults)
    return replace(roster, listed=tuple(_once(known, faults)), faults=tuple(faults))


def _with_start(known: list[Listed], faults: list[RelodeError]) -> list[Listed]:
    undated = [one for one in known if not one.start]
    if undated:
        names = ", ".join(one.name for one in undated[:MOST_NAMED])
        faults.append(Misfit("lists.undated", where=undated[0].where, names=names, count=len(undated)))
    return [one for one in known if one.start]


# -- is it a list? -------------------------------------------------------------------------------------------


def _grid(sheet: Sheet) -> _Grid | None:
    """The head of a list: a column that names regions, and not one column of figures."""
    for row in range(min(DEEPEST_HEAD, sheet.height - 1)):
        grid = _Grid(sheet, row, {column: _role(text_of(cell)) for column, cell in sheet.shown(row)})
        if len(grid.roles) > 1 and grid.column(*_ENTITY) is not None:
            figures = any(_holds_figures(grid, column) for column in range(sheet.width))
            told = grid.column("start", "batch", "type", "zone", "policy", "document") is not None
            return grid if grid.rows and told and not figures and _each_once(grid) else None
    return None


def _role(head: str) -> str:
    plain = cleaned(head).replace("_", "")
    if found := _words().get(plain):
        return found
    role = lexicon().role(head)
    return role if role in (*_ENTITY, "province_code", "skip") else ""


def _holds_figures(grid: _Grid, column: int) -> bool:
    role = grid.roles.get(column, "")
    if role and role not in ("batch", "type", "zone", "policy", "document"):
        return False
    cells = [cell for row in grid.rows if not is_blank(cell := grid.sheet.at(row, column))]
    if not role:
        return any(_is_figure(cell) for cell in cells) and not _batches_only(cells)
    return len(cells) > 1 and all(_is_figure(cell) for cell in cells) and not _batches_only(cells)


def _is_figure(cell: Cell) -> bool:
    return is_number(cell) or _DECIMAL.fullmatch(text_of(cell)) is not None


def _batches_only(cells: list[Cell]) -> bool:
    """Are the numbers of a column those of batches: 1, 2, 3?"""
    return all(re.fullmatch(r"[1-9]", text_of(cell)) for cell in cells)


def _each_once(grid: _Grid) -> bool:
    """A table of figures names a region once a year; a list names nearly all of them once."""
    names = [(grid.text(row, "province"), grid.text(row, *_ENTITY), grid.text(row, "policy")) for row in grid.rows]
    return len(set(names)) > MOSTLY * len(names)


@cache
def _words() -> dict[str, str]:
    roles = read_toml(DATA / "legends" / "lists.toml")["roles"]
    return {cleaned(word): role for role, words in roles.items() for word in words}


@cache
def _date() -> re.Pattern[str]:
    return re.compile(read_toml(DATA / "legends" / "lists.toml")["patterns"]["date"])


@cache
def _types() -> dict[str, str]:
    types = read_toml(DATA / "legends" / "lists.toml")["types"]
    return {cleaned(word): code for code, words in types.items() for word in words}


# -- its rows ------------------------------------------------------------------------------------------------


def _listed(grid: _Grid, row: int, faults: list[RelodeError]) -> Listed:
    dates = {}
    for role in ("start", "end"):
        text = grid.text(row, role)
        dates[role] = date_of(text)
        if text and not dates[role]:
            where = address(grid.sheet.name, row, grid.column(role) or 0)
            faults.append(Misfit("lists.date", where=where, name=text))
    kind = grid.text(row, "type")
    return Listed(
        "", grid.text(row, *_ENTITY), address(grid.sheet.name, row, grid.column(*_ENTITY) or 0),
        dates["start"], dates["end"], grid.text(row, "batch"), _types().get(cleaned(kind), kind),
        grid.text(row, "zone"), grid.text(row, "policy"), grid.text(row, "document"),
    )  # fmt: skip


def date_of(text: str) -> str:
    """2010, 2010年, 2010年7月, 2010/7/19 as 2010, 2010-07, 2010-07-19; '' for anything else."""
    found = _date().fullmatch(cleaned(text))
    if not found:
        return ""
    said = "-".join(f"{int(part):02d}" for part in found.groups() if part)
    try:
        read_date(said)
    except ValueError:  # 30 February
        return ""
    return said


def _whose(regions: Codelist) -> Whose:
    return Whose(harmonise.china_matcher(regions) if len(regions) else harmonise.Matcher(regions), regions)


def _codes(grid: _Grid, listed: list[Listed], whose: Whose) -> list[str]:
    def column(role: str) -> list[str]:
        return [grid.text(row, role) for row in grid.rows]

    names = np.array([one.name for one in listed], dtype=object)
    codes, provinces = (np.array(column(role), dtype=object) for role in ("code", "province"))
    if grid.column("city", "place") is None:
        provinces = np.full(len(listed), "", dtype=object)
    years = np.array([one.start[:4] for one in listed], dtype=object)
    level = "city" if grid.column("city") is not None else ""
    dates = Dates(level, min(set(years) - {""}, default=""), max(years, default=""))
    where = [one.where for one in listed]
    return [str(code) for code in whose.entities((names, codes, provinces), years, dates, lambda n: where[n])]


def _once(listed: list[Listed], faults: list[RelodeError]) -> Iterator[Listed]:
    """Every region once for each policy: the first row counts, one that says something else is a fault."""
    first: dict[tuple[str, str], Listed] = {}
    for one in listed:
        known = first.setdefault((one.entity, one.policy), one)
        if known is one:
            yield one
        elif replace(known, name="", where="") != replace(one, name="", where=""):
            faults.append(Misfit("lists.twice", where=one.where, name=one.name, other=known.where))


def _strangers(whose: Whose) -> Iterator[tuple[str, list[tuple[str, str, tuple[str, ...]]]]]:
    by_how: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    for (name, how), stranger in whose.strangers.items():
        if not (how == "unknown" and lexicon().has("total", name)):
            by_how.setdefault(how, []).append((name, stranger.where, stranger.candidates))
    yield from by_how.items()


def _stranger(how: str, group: list[tuple[str, str, tuple[str, ...]]], file: str) -> RelodeError:
    names = ", ".join(name for name, _, _ in group[:MOST_NAMED]) + (" ..." if len(group) > MOST_NAMED else "")
    return UnknownWord(
        f"lists.name_{how}", where=f"{file}, {group[0][1]}", names=names, count=len(group), expected=group[0][2]
    )


def _batches(listed: list[Listed]) -> Iterator[Note]:
    """What a list says of its batches, and one batch that starts in several years."""
    starts: dict[str, set[str]] = {}
    for one in listed:
        if one.batch and one.start:
            starts.setdefault(one.batch, set()).add(one.start[:4])
    for batch, years in starts.items():
        if len(years) > 1:
            yield warn("lists.batch_years", batch=batch, years=", ".join(sorted(years)))


def groups(roster: Roster) -> list[tuple[str, int]]:
    """The regions of a list counted by batch and year, or by type: (what, how many), in the order of the list."""
    told = Counter(" ".join(part for part in (one.type or one.batch, one.start) if part) for one in roster.listed)
    return [(what, count) for what, count in told.items() if what]
