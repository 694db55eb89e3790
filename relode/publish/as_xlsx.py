"""The workbook: every table of every result, whole, with real numbers; cover, notes and methods beside them.

Text stays text (no formula and no link can come from data), codes stand beside their names, and the properties
carry a fixed date, so that the same results give the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from numbers import Real
from typing import TYPE_CHECKING, Any

from relode.words.batch import Source
from relode.words.recipe import Report
from relode.words.result import Result
from relode.words.texts import say

from . import basis, threeline
from .blocks import Table, printable
from .figures import NOTHING, Shown, is_figure, is_nothing
from .tables import table_title
from .titles import width

if TYPE_CHECKING:
    import pandas as pd
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

CREATED = datetime(2000, 1, 1)  # a workbook's dates carry no zone
_NAMED = {"entity", "place", "neighbour", "peer_entity", "indicator", "node", "parent"}


def workbook(
    results: Mapping[str, Result], report: Report, lang: str, sources: Mapping[str, Source], asof: str
) -> bytes:
    """The results as the bytes of an xlsx file."""
    from xlsxwriter import Workbook

    saved = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(saved, options)
    title = printable("".join(report.title[_tongue(lang)].splitlines()))
    book.set_properties({"title": title, "author": "relode", "created": CREATED, "comments": ""})
    binder = Binder(book, lang)
    cover = binder.sheet(say("sheet.cover", lang))
    for number, (step, result) in enumerate(results.items(), 1):
        prefix = f"{number} " if len(results) > 1 else ""
        for name in result.tables:
            binder.table(Shown(result, lang), step, name, prefix)
        for show in (show for chapter in report.chapter for show in chapter.shows if show.style and show.step == step):
            binder.printed(threeline.table(Shown(result, lang), show, basis.source_line(result, sources, lang)), result)
    binder.excluded(results)
    binder.notes(results)
    binder.methods(results)
    binder.cover(cover, title, results, sources, asof)
    book.close()
    return saved.getvalue()


class Binder:
    """A workbook being written, in one language."""

    def __init__(self, book: Workbook, lang: str):
        self.book = book
        self.lang = lang
        self.index: list[tuple[str, str, str, int]] = []  # sheet, method, table, rows
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: set[str] = set()

    def format(self, **look: Any) -> Any:
        """A cell format, made once."""
        look = {"font_name": say("font.sheet", self.lang), "font_size": 10, "valign": "vcenter", **look}
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def sheet(self, name: str) -> Worksheet:
        """A new sheet; its name is cut to Excel's 31 characters, freed of forbidden ones, made unique."""
        name = printable(name)
        plain = re.sub(r"[\[\]:*?/\\']", " ", name).strip()
        found, n = _cut(plain, 31) or "-", 2
        while found.lower() in self._names:
            found, n = f"{_cut(plain, 26)} ({n})", n + 1
        self._names.add(found.lower())
        sheet = self.book.add_worksheet(found)
        sheet.set_paper(9)
        sheet.hide_gridlines(2)
        sheet.fit_to_pages(1, 0)
        return sheet

    # -- tables ------------------------------------------------------------------------------------

    def table(self, shown: Shown, step: str, name: str, prefix: str) -> None:
        """One table of a result in full: frozen head, filters, number formats, codes beside names."""
        frame = shown.result.frame(name)
        title = table_title(shown, name)
        sheet = self.sheet(prefix + title)
        coded = {str(c) for c in frame.columns if c in _NAMED and _has_names(shown, str(c), frame)}
        at = 0
        for column in map(str, frame.columns):
            texts = [shown.heading(column, name)]
            texts += self._column(sheet, at, shown, name, column, frame)
            sheet.set_column(at, at, _wide(texts))
            at += 1
            if column in coded:
                texts = [say("head.code", self.lang, column=shown.heading(column, name))]
                texts += self._texts(sheet, at, texts[0], ["" if is_nothing(x) else str(x) for x in frame[column]])
                sheet.set_column(at, at, _wide(texts))
                at += 1
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(len(frame), 1), max(at - 1, 0))
        self.index.append((sheet.get_name(), shown.result.method, title, len(frame)))

    def printed(self, table: Table, result: Result) -> None:
        """A three-line table as it is printed: text with stars and brackets, lines above, below and between."""
        sheet = self.sheet(table.title)
        texts = [[column.title for column in table.columns], *table.rows]
        for row, cells in enumerate(texts):
            ruled = row == 0 or row - 1 in table.rules or row == len(table.rows)
            look = {"top": 2 if row == 0 else 0, "bottom": (2 if row == len(table.rows) else 1) if ruled else 0}
            for n, text in enumerate(cells):
                side = table.columns[n].side
                sheet.write_string(row, n, printable(text), self.format(bold=row == 0, align=side, **look))
        for n in range(len(table.columns)):
            sheet.set_column(n, n, _wide([row[n] for row in texts]))
        for row, text in enumerate(table.foot, len(texts) + 1):
            sheet.write_string(row, 0, printable(text), self.format())
        self.index.append((sheet.get_name(), result.method, table.title, len(table.rows)))

    def _column(
        self, sheet: Worksheet, at: int, shown: Shown, table: str, column: str, frame: pd.DataFrame
    ) -> Iterable[str]:
        title = shown.heading(column, table)
        if not is_figure(column):
            cells = [shown.cell(table, column, x) for x in frame[column].astype(object)]
            return self._texts(sheet, at, title, cells)
        sheet.write_string(0, at, title, self._head(right=True))
        for n, x in enumerate(frame[column].astype(object), 1):
            if is_nothing(x) or not isinstance(x, Real):
                sheet.write_string(n, at, NOTHING if is_nothing(x) else str(x), self.format(align="right"))
            else:
                sheet.write_number(n, at, float(x), self.format(num_format=shown.pattern(table, column, float(x))))
        return [shown.cell(table, column, x) for x in frame[column].head(200)]

    def _texts(self, sheet: Worksheet, at: int, title: str, cells: Sequence[str]) -> Sequence[str]:
        sheet.write_string(0, at, title, self._head())
        for n, text in enumerate(cells, 1):
            sheet.write_string(n, at, printable(text), self.format())
        return cells[:2000]

    def _head(self, *, right: bool = False) -> Any:
        side = "right" if right else "left"
        return self.format(bold=True, bottom=1, top=2, align=side, text_wrap=True)

    # -- what the tables stand on ------------------------------------------------------------------

    def cover(
        self, sheet: Worksheet, title: str, results: Mapping[str, Result], sources: Mapping[str, Source], asof: str
    ) -> None:
        """Title, credit of the sources, methods with fingerprints, the list of sheets."""
        lang = self.lang
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 24)
        sheet.set_column(2, 2, 46)
        sheet.set_column(3, 4, 40)
        sheet.write_string(0, 0, title, self.format(font_size=16, bold=True))
        row = 1
        if asof:
            sheet.write_string(row, 0, printable(say("report.asof", lang, asof=asof)), self.format())
            row += 1
        row = self._sources(sheet, row + 1, results, sources)
        row = self._provenance(sheet, row + 1, results)
        self._line(sheet, row + 1, [say("sheet.contents", lang)], bold=True)
        heads = [say(f"head.{name}", lang) for name in ("sheet", "method", "content", "rows")]
        self._line(sheet, row + 2, heads, head=True)
        for n, (name, method, table, count) in enumerate(self.index, row + 3):
            self._line(sheet, n, [name, method, table])
            sheet.write_number(n, 3, count, self.format(num_format="#,##0", align="left"))

    def _sources(self, sheet: Worksheet, row: int, results: Mapping[str, Result], sources: Mapping[str, Source]) -> int:
        self._line(sheet, row, [say("report.sources", self.lang)], bold=True)
        codes = dict.fromkeys(code for result in results.values() for code in result.sources)
        told = [basis.credit(code, sources, self.lang) for code in codes]
        for n, text in enumerate(told or [say("report.no_sources", self.lang)], row + 1):
            sheet.merge_range(n, 0, n, 4, "")
            sheet.set_row(n, 14 * (1 + int(width(text) // 84)))  # the five columns hold some 84 Chinese characters
            self._line(sheet, n, [text], wrap=True)
        return row + 1 + max(len(told), 1)

    def _provenance(self, sheet: Worksheet, row: int, results: Mapping[str, Result]) -> int:
        self._line(sheet, row, [say("report.provenance", self.lang)], bold=True)
        names = ("method", "version", "choice", "fingerprint", "inputs")
        self._line(sheet, row + 1, [say(f"head.{name}", self.lang) for name in names], head=True)
        stop = say("say.semicolon", self.lang)
        for n, result in enumerate(results.values(), row + 2):
            chosen = stop.join(f"{a} {b}" for a, b in basis.chosen_rows(result, self.lang, whole=True))
            inputs = stop.join(f"{name} {print_}" for name, print_ in result.inputs.items() if print_)
            name = f"{result.card.label(self.lang)} {result.method}"
            version = f"{result.card.version}, {result.software}"
            sheet.set_row(n, 56)  # room for fingerprints in four lines
            self._line(sheet, n, [name, version, chosen, result.fingerprint, inputs], wrap=True)
        return row + 2 + len(results)

    def notes(self, results: Mapping[str, Result]) -> None:
        """All notes of all results."""
        lang = self.lang
        rows = [
            (
                result.card.label(lang),
                say("report.warning" if note.level == "warning" else "report.info", lang),
                result.told(note, lang),
            )
            for result in results.values()
            for note in result.notes
        ]
        self._list(say("sheet.notes", lang), ("method", "level", "note"), rows, (24, 10, 110))

    def methods(self, results: Mapping[str, Result]) -> None:
        """The card of every method."""
        rows = []
        for card in {result.method: result.card for result in results.values()}.values():
            name = say("card.version", self.lang, method=f"{card.label(self.lang)} {card.name}", version=card.version)
            rows += [(name, part, line) for part, lines in basis.card_parts(card, self.lang) for line in lines]
        self._list(say("sheet.methods", self.lang), ("method", "item", "content"), rows, (34, 22, 110))

    def excluded(self, results: Mapping[str, Result]) -> None:
        """What the indicator systems leave out, and why."""
        rows = dict.fromkeys(row for result in results.values() for row in basis.excluded_rows(result, self.lang))
        if rows:
            self._list(say("sheet.excluded", self.lang), ("heading", "why"), list(rows), (40, 110))

    def _list(self, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]], wide: Sequence[int]) -> None:
        sheet = self.sheet(name)
        for n, size in enumerate(wide):
            sheet.set_column(n, n, size)
        self._line(sheet, 0, [say(f"head.{head}", self.lang) for head in heads], head=True)
        for n, row in enumerate(rows, 1):
            self._line(sheet, n, row, wrap=True)
        sheet.freeze_panes(1, 0)

    def _line(
        self,
        sheet: Worksheet,
        row: int,
        texts: Sequence[str],
        *,
        head: bool = False,
        bold: bool = False,
        wrap: bool = False,
    ) -> None:
        look = (
            self._head() if head else self.format(bold=bold, **({"text_wrap": True, "valign": "top"} if wrap else {}))
        )
        for n, text in enumerate(texts):
            sheet.write_string(row, n, printable(text), look)


def _cut(name: str, most: int) -> str:
    """The first `most` UTF-16 units, as Excel counts characters."""
    return name.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore").strip()


def _has_names(shown: Shown, column: str, frame: pd.DataFrame) -> bool:
    return any(shown.name(column, str(x)) != str(x) for x in frame[column].drop_duplicates() if not is_nothing(x))


def _wide(texts: Iterable[str]) -> float:
    """Excel's column width: about one unit a digit; head and cells in one line up to 60."""
    return min(max(max(2 * width(text) for text in texts), 6) * 1.05 + 3, 60)


def _tongue(lang: str) -> Any:
    return lang
