"""Yearbooks as they are: a workbook or CSV file is read, its reading shown, questions asked, facts extracted. 年鉴读取

extract = read_workbook("yearbook_2023.xlsx", regions=regions, indicators=facts)
for line in shown(extract): print(line)
extract.settled or read_workbook(..., accept=True).reading.save(place / "readings")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ...words.codelist import Codelist
from ...words.errors import Misfit
from ...words.indicator import Indicator
from ...words.texts import DATA
from .. import harmonise, units
from .conversation import Question, answered
from .headings import Alias, shipped_aliases
from .reader import Extract, Reader
from .reading import Reading, find_reading
from .sheets import Book, read_book
from .showing import shown
from .whose import Matches

__all__ = [
    "Alias", "Extract", "Question", "Reading", "answered", "find_reading", "layout_of", "read_book", "read_workbook",
    "shown",
]  # fmt: skip


def read_workbook(
    path: str | Path | Book,
    *,
    regions: Codelist,
    indicators: Mapping[str, Indicator],
    reading: Reading | None = None,
    accept: bool = False,
    readings: Iterable[Path] = (),
    aliases: Mapping[str, Alias] | None = None,
    matcher: Matches | None = None,
    scenario: str = "actual",
    period: str | None = None,
) -> Extract:
    """Read a file by an accepted reading, else by guesses that are shown and asked about.

    `reading`   an accepted reading; without it one of the file's layout is looked for in the folders `readings`
    `accept`    take the guesses: nothing is asked any more, and the reading that comes back is sure
    `aliases`   headings beyond the shipped ones
    `period`    is meant where the file names none; `scenario` likewise
    Raises Misfit where the file is refused, or a reading is of another layout.
    """
    book = path if isinstance(path, Book) else read_book(Path(path))
    reader = _reader(book, regions, indicators, aliases, matcher)
    reading = reading or find_reading(reader.layout, (*readings, DATA / "readings"))
    if reading is not None:
        if reading.layout != reader.layout:
            raise Misfit("reading.layout", where=book.name, name=reading.layout, layout=reader.layout)
        reader = replace(reader, reading=reading)
    return reader.read(scenario=scenario, period=period, accept=accept)


def layout_of(book: Book, *, regions: Codelist, indicators: Mapping[str, Indicator]) -> str:
    """The layout of a book, under which its reading is kept."""
    return _reader(book, regions, indicators, None, None).layout


def _reader(
    book: Book, regions: Codelist, indicators: Mapping[str, Indicator], aliases: Mapping[str, Alias] | None,
    matcher: Matches | None,
) -> Reader:  # fmt: skip
    names = {code: known for code, known in harmonise.aliases_of().items() if code in regions}
    found = matcher or harmonise.Matcher(regions, names)
    return Reader(
        book, regions, found, indicators, {**shipped_aliases(), **(aliases or {})}, units.ratio_of, _read_unit
    )


def _read_unit(text: str) -> str:
    """The unit that a text is, '' if it is none."""
    return text if text and units.is_unit(text) else ""
