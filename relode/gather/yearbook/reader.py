"""A file from outside, from its sheets to its facts: survey, guess or known reading, extraction, comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from ...words.codelist import Codelist
from ...words.errors import RelodeError
from ...words.indicator import Indicator
from ...words.note import Note, remark
from . import compare
from .columns import Looker
from .conversation import Question, questions_of
from .extract import Extractor, Found, Ratio
from .guess import Guesser, Told, View, assumed
from .headings import Alias, Headings
from .layout import Block, Placed, Surveyor
from .lexicon import Told as Meaning
from .lexicon import clean, is_blank, languages, lexicon
from .reading import Column, Reading, Table, Why, fingerprint_of, sheet_pattern
from .remarks import about_facts, about_format, about_sheet, about_table
from .sheets import Book, Sheet
from .symbols import Legend, legend_of
from .whose import Matches, Whose

if TYPE_CHECKING:
    import pandas as pd

LONGEST_NAME = 15  # letters; a longer text is not looked up as a place
COLUMNS = ["entity", "period", "indicator", "scenario", "value", "status", "sheet", "row", "col"]


@dataclass(frozen=True)
class Extract:
    """What a file gives.

    `facts`      entity, period, indicator, scenario, value, status, sheet, row, col (rows and columns from one)
    `reading`    how it was read; sure throughout once accepted
    `faults`     what cannot be read, with its cell; those facts are not among `facts`
    `questions`  what a person should decide, with the guess that was taken
    `remarks`    what has to be said: hidden rows, adverts, twins, derived columns that differ
    `conflicts`  entity, period, indicator, value (kept), other, where, where_other, kind
    `bounds`     missing facts that are known to lie below a bound: entity, period, indicator, bound, sheet, row, col
    `known`      an accepted reading of this layout was there
    `sheets`     the sheet of every table of the reading, by its own name
    `guessed`    the reading before it was accepted, with how sure every guess was
    """

    facts: pd.DataFrame
    reading: Reading
    faults: tuple[RelodeError, ...]
    questions: tuple[Question, ...]
    remarks: tuple[Note, ...]
    conflicts: pd.DataFrame
    bounds: pd.DataFrame
    known: bool = False
    sheets: tuple[str, ...] = ()
    guessed: Reading | None = None

    @property
    def settled(self) -> bool:
        """Is there nothing left to ask and nothing that could not be read?"""
        return not self.questions and not self.faults


@dataclass
class Reader:
    """Reads one book. Known words come from outside: codelist, matcher, indicators, aliases, units."""

    book: Book
    regions: Codelist
    matcher: Matches
    indicators: Mapping[str, Indicator]
    aliases: Mapping[str, Alias]
    ratio: Ratio
    read_unit: Callable[[str], str]
    reading: Reading | None = None

    # -- what is known -----------------------------------------------------------------------------

    @cached_property
    def legend(self) -> Legend:
        """What symbols mean here: defaults, then the notes of the file, then what was accepted."""
        texts = [text for sheet in self.book.sheets for text in _outer_texts(sheet)]
        return legend_of(lexicon(), texts, self.reading.symbols if self.reading else None)

    @cached_property
    def guesser(self) -> Guesser:
        """The one who guesses, with the words of this file's world."""
        looker = Looker(lexicon(), self.legend, self._is_place)
        return Guesser(looker, Headings(self.indicators, self.aliases, lexicon(), self._unit), self._place_in)

    @cached_property
    def _names(self) -> dict[str, str]:
        names = (name for e in self.regions.values() for name in (e.name, e.zh, e.en) if len(name) > 1)
        return {clean(name): name for name in names}

    @cached_property
    def _places(self) -> dict[str, bool]:
        return {}

    def _is_place(self, text: str) -> bool:
        if text not in self._places:
            words = lexicon()
            han = languages(text)[0]
            known = (
                text in self._names or text in self.regions or (han in self._names and not any(map(str.isdigit, han)))
            )
            known = known or words.patterns["place"].match(text) is not None
            known = known or (0 < len(text) <= LONGEST_NAME and bool(self.matcher.match(text).entity))
            told = words.role(text) or text in words.scopes or words.has("generic", text)
            self._places[text] = bool(text) and known and not told
        return self._places[text]

    def _place_in(self, text: str) -> str:
        plain = clean(text)
        return max((name for name in self._names if name in plain), key=len, default="")

    @cached_property
    def _units(self) -> dict[str, str]:
        return {}

    def _unit(self, text: str) -> str:
        if text not in self._units:
            self._units[text] = self.read_unit(text)
        return self._units[text]

    # -- the way -----------------------------------------------------------------------------------

    @cached_property
    def surveyed(self) -> list[tuple[Sheet, list[Block], list[Placed]]]:
        """The tables of every sheet, and the texts that belong to none."""
        surveyor = Surveyor(lexicon(), self.legend, self._is_place)
        return [(sheet, *surveyor.survey(sheet)) for sheet in self.book.sheets]

    @cached_property
    def views(self) -> list[View]:
        """All tables, looked at."""
        return [self.guesser.view(block) for _, blocks, _ in self.surveyed for block in blocks]

    @cached_property
    def layout(self) -> str:
        """The fingerprint of the head rows of all tables: the same for next year's file of the same layout."""
        heads = {n: tuple(dict.fromkeys(h.template for h in v.heads.values())) for n, v in enumerate(self.views)}
        blocks = [view.block for view in self.views]
        units = [self.guesser.unit_over(block) or self._noted_unit for block in blocks]  # another unit, another layout
        return fingerprint_of(
            (sheet_pattern(b.sheet.name), b.number, (*heads[n], units[n])) for n, b in enumerate(blocks)
        )

    def told(self, block: Block) -> Told:
        """What the file says around a table, the nearest text first."""
        texts = [*reversed(block.titles), block.sheet.name, self.book.name.rpartition(".")[0]]
        return Told(tuple(clean(text) for text in texts), self._noted_unit)

    @cached_property
    def _noted_unit(self) -> str:
        """The unit that a sheet of notes gives to all figures, if it names just one."""
        words, any_unit = lexicon().patterns, self.guesser.headings.any_unit
        found: list[str] = []
        for sheet, blocks, _ in self.surveyed:
            for row in sheet.rows if not blocks else ():
                texts = [clean(str(cell)) for cell in row if not is_blank(cell)]
                pairs = pairwise(texts)
                found += [u for key, value in pairs if words["unit_key"].fullmatch(key) and (u := any_unit(value))]
                found += [u for t in texts if (m := words["unit_line"].search(t)) and (u := any_unit(m.group(1)))]
        return found[0] if len(set(found)) == 1 else ""

    def read(self, *, scenario: str, period: str | None, accept: bool) -> Extract:
        """The facts of the book, with all that has to be asked and said."""
        tables = [self._table(view, period) for view in self.views]
        skip = self.reading.skip if self.reading else {}
        whose = Whose(self.matcher, self.regions, skip)
        extractor = Extractor(self.indicators, self.guesser, self.legend, self.ratio, whose, skip)
        used = [(v, t) for v, t in zip(self.views, tables, strict=True) if t.use]
        found = [extractor.extract(view, table, self.told(view.block)) for view, table in used]
        merged = compare.merge([piece.frame() for piece in found], [view.block.sheet.name for view, _ in used])
        faults = [*whose.faults(self.book.name), *(f for piece in found for f in piece.faults), *merged.faults]
        remarks = [
            *about_format(self.book.name),
            *(note for sheet, _, loose in self.surveyed for note in about_sheet(sheet, unread=bool(loose))),
            *(note for (view, table), own in zip(used, found, strict=True) for note in about_table(view, table, own)),
            *whose.notes(), *_skipped_texts(found, skip), *merged.notes,
            *about_facts(merged.facts, self.book.name, self.guesser.looker, self.regions),
        ]  # fmt: skip
        symbols = self._symbols(used)
        questions = () if accept else questions_of(tables, symbols, self.legend, self.indicators)
        called = {(t.sheet, t.number): v.block.sheet.name for v, t in zip(self.views, tables, strict=True)}
        questions = tuple(replace(q, called=called.get((q.sheet, q.number), "")) for q in questions)
        reading = self._made(tables, symbols, accept=accept)
        if accept:
            texts: dict[str, Why] = {text: "number" for piece in found for text in piece.unread}
            reading = replace(reading, skip={**skip, **texts, **whose.lost()})
        extract = _extract(merged, reading, (tuple(faults), questions, tuple(remarks)), scenario)
        sheets = tuple(view.block.sheet.name for view in self.views)
        guessed = self._made(tables, symbols, accept=False)
        return replace(extract, known=self.reading is not None, sheets=sheets, guessed=guessed)

    def _table(self, view: View, period: str | None) -> Table:
        """The accepted reading of a table, with guesses for labels it does not know; else a guess."""
        told = self.told(view.block)
        known = self._known(view)
        table = known or self.guesser.table(view, told)
        if known and known.indicator in ("column", "band"):
            new = tuple(x for x in self.guesser.labels(view, known, told) if known.label(x.head) is None)
            table = replace(known, labels=known.labels + tuple(map(self._settled_unit(known), new)))
        if period and table.period in ("given", "title") and table.why in ("", "no_period"):
            table = replace(table, period="given", year=period, use=True, why="", sure=1.0)
        if known:
            return table
        settle = self._settled_unit(table)
        return replace(table, columns=tuple(map(settle, table.columns)), labels=tuple(map(settle, table.labels)))

    def _known(self, view: View) -> Table | None:
        if self.reading is None:
            return None
        return self.reading.table(sheet_pattern(view.block.sheet.name), view.block.number)

    def _settled_unit(self, table: Table) -> Callable[[Column], Column]:
        beside = any(column.role == "unit" for column in table.columns)

        def settle(column: Column) -> Column:
            if column.role != "fact" or not column.indicator or (beside and column.why != "stated"):
                return column
            unit, sure, why = assumed(self.indicators[column.indicator], column, table.unit)
            return replace(column, unit=unit, sure=sure, why=why)

        return settle

    def _symbols(self, used: list[tuple[View, Table]]) -> dict[str, Meaning]:
        """The symbols that stand for figures in this file, with their meaning."""
        found: dict[str, Meaning] = {}
        for view, table in used:
            for column, head in view.heads.items():
                known = table.column(head.template)
                if known and known.role in ("fact", "value"):
                    cells = {
                        cell for row in view.block.data if isinstance(cell := view.block.sheet.rows[row][column], str)
                    }
                    signs = {clean(cell).lower() for cell in cells} - {""}
                    found |= {sign: told for sign in signs if (told := self.legend.symbols.get(sign))}
        return dict(sorted(found.items()))

    def _made(self, tables: list[Table], symbols: dict[str, Meaning], *, accept: bool) -> Reading:
        kept = tuple(tables)
        if accept:
            kept = tuple(
                replace(t, sure=1.0, columns=tuple(replace(c, sure=1.0) for c in t.columns),
                        labels=tuple(replace(c, sure=1.0) for c in t.labels))
                for t in tables
            )  # fmt: skip
        return Reading(
            self.reading.layout if self.reading else self.layout, file=self.book.name, symbols=symbols, tables=kept,
            skip=self.reading.skip if self.reading else {},
        )  # fmt: skip


def _extract(
    merged: compare.Merged,
    reading: Reading,
    said: tuple[tuple[RelodeError, ...], tuple[Question, ...], tuple[Note, ...]],
    scenario: str,
) -> Extract:
    import pandas as pd

    empty = pd.DataFrame(columns=[*COLUMNS, "bound"])
    facts = merged.facts.assign(scenario=merged.facts["scenario"].replace("", scenario)) if len(merged.facts) else empty
    facts = facts.sort_values(["sheet", "row", "col"], kind="stable", ignore_index=True)
    bounds = facts[facts["bound"].notna()][["entity", "period", "indicator", "bound", "sheet", "row", "col"]]
    return Extract(facts[COLUMNS], reading, *said, merged.conflicts, bounds.reset_index(drop=True))


def _skipped_texts(found: list[Found], skip: Mapping[str, Why]) -> Iterator[Note]:
    """The texts in columns of figures that the accepted reading leaves out."""
    counts = {text: n for piece in found for text, n in piece.unread.items() if skip.get(text) == "number"}
    if counts:
        names = ", ".join(text[:20] for text in list(counts)[:8])
        yield remark("yearbook.skipped_texts", count=sum(counts.values()), names=names)


def _outer_texts(sheet: Sheet) -> list[str]:
    """The texts that may explain symbols: of a sheet of notes all, of a table those outside its columns."""
    rows = range(sheet.height) if not sheet.numbers else [r for r in range(sheet.height) if sheet.filled[r] == 1]
    return [clean(str(cell)) for row in rows for _, cell in sheet.shown(row) if isinstance(cell, str)]
