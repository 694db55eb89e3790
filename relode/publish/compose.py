"""A report from a recipe's layout and the results: blocks with finished text, in one language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from relode.words.batch import Source
from relode.words.errors import Misfit, UnknownWord
from relode.words.recipe import Report, Show
from relode.words.result import Result
from relode.words.texts import say

from . import basis, threeline, titles
from .blocks import Block, Document, Heading, Paragraph, Picture, Remarks, Table, printable
from .figures import Shown
from .pictures import picture
from .sentences import paragraphs
from .tables import table

TITLE_EMS = 19.5  # what a line of the title holds at 22 points on 156 mm


@dataclass
class Composer:
    """Builds the blocks of one report; counts tables and pictures, and remembers what was shown."""

    results: Mapping[str, Result]
    lang: str
    sources: Mapping[str, Source] = field(default_factory=dict)
    maps: Mapping[str, Any] = field(default_factory=dict)
    tell: Callable[[str], None] = lambda sentence: None
    tables: int = 0
    pictures: int = 0
    told: set[tuple[str, str]] = field(default_factory=set)  # (step, part) shown by the layout itself

    def __post_init__(self) -> None:
        self.shown = {step: Shown(result, self.lang) for step, result in self.results.items()}

    def document(self, report: Report, asof: str) -> Document:
        """The whole report. Raises UnknownWord, Misfit for a layout that the results do not fit."""
        blocks: list[Block] = []
        for chapter in report.chapter:
            shown = [block for show in chapter.shows for block in self.show(show)]
            if not shown:
                continue
            blocks.append(Heading(chapter.title[_key(self.lang)]))
            alone = len(chapter.shows) == 1 and isinstance(shown[0], Heading)  # the chapter's title says it already
            blocks += shown[1:] if alone else shown
        blocks += self._basis()
        document = Document(
            lang=self.lang, title=titles.lines(report.title[_key(self.lang)], TITLE_EMS),
            subject=report.subject.get(_key(self.lang), ""), issuer=report.issuer.get(_key(self.lang), ""),
            asof=say("report.asof", self.lang, asof=asof) if asof else "", blocks=_numbered(blocks, self.lang),
        )  # fmt: skip
        made: Document = printable(document)
        return made

    def show(self, show: Show) -> list[Block]:
        """The blocks of one line of the layout."""
        if show.part == "sources":
            self.told.add(("", "sources"))
            return basis.sources(self.results.values(), self.sources, self.lang)
        if show.step not in self.results:
            raise UnknownWord("publish.step", name=show.step, expected=tuple(self.results))
        shown = self.shown[show.step]
        if show.say:
            return [Paragraph(text) for text in paragraphs(shown, show.say)]
        if show.style:
            return [self.numbered(threeline.table(shown, show, self._source_line(shown)))]
        if show.table:
            return [self.numbered(table(shown, show, self._source_line(shown)))]
        if show.chart:
            return self._charts(shown, show)
        if show.part:
            self.told.add((show.step, show.part))
            return self._all_numbered(PARTS[show.part](shown))
        raise Misfit("publish.show", where=show.step)

    def _charts(self, shown: Shown, show: Show) -> list[Block]:
        name = show.chart
        charts = [chart for chart in shown.result.charts if name in (chart.table, chart.kind)]
        if not charts and not show.if_any:
            known = dict.fromkeys(name for chart in shown.result.charts for name in (chart.table, chart.kind))
            raise UnknownWord("publish.chart", name=name, method=shown.result.method, expected=tuple(known))
        found: list[Block] = []
        for chart in charts:
            if drawn := picture(chart, shown, self.maps):
                self.tell(say("publish.drawing", self.lang, title=drawn.title))
                found.append(self.numbered(replace(drawn, foot=(*drawn.foot, self._source_line(shown)))))
        return found

    def numbered(self, block: Table | Picture) -> Table | Picture:
        """The block with its number in its caption."""
        if isinstance(block, Table):
            self.tables += 1
            return replace(block, title=say("report.table_title", self.lang, number=self.tables, title=block.title))
        self.pictures += 1
        return replace(block, title=say("report.picture_title", self.lang, number=self.pictures, title=block.title))

    def _source_line(self, shown: Shown) -> str:
        return basis.source_line(shown.result, self.sources, self.lang)

    def _basis(self) -> list[Block]:
        """What every report carries, if its layout did not show it: warnings, sources, methods, fingerprints."""
        blocks: list[Block] = []
        for step, shown in self.shown.items():
            if (step, "notes") not in self.told and any(note.level == "warning" for note in shown.result.notes):
                blocks += basis.notes(shown)
        if ("", "sources") not in self.told:
            blocks += basis.sources(self.results.values(), self.sources, self.lang)
        blocks += self._all_numbered(basis.provenance(self.results.values(), self.lang))
        return [Heading(say("report.basis_chapter", self.lang)), *blocks]

    def _all_numbered(self, blocks: Iterable[Block]) -> list[Block]:
        return [self.numbered(block) if isinstance(block, Table) else block for block in blocks]


PARTS: dict[str, Callable[[Shown], Iterable[Block]]] = {
    "notes": basis.notes,
    "choices": basis.choices,
    "method": basis.method_page,
    "excluded": basis.excluded,
}


def _both(text: Callable[[str], str]) -> dict[Literal["zh", "en"], str]:
    return {"zh": text("zh"), "en": text("en")}


def _key(lang: str) -> Any:
    return lang


def _numbered(blocks: Sequence[Block], lang: str) -> tuple[Block, ...]:
    """Headings with their numbers: 一、（一）; 1, 1.1."""
    chapter = section = 0
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            chapter, section = chapter + 1, 0
            block = replace(block, text=_number(lang, chapter, 0) + block.text)
        elif isinstance(block, Heading):
            section += 1
            block = replace(block, text=_number(lang, chapter, section) + block.text)
        if block != Remarks(()):
            found.append(block)
    return tuple(found)


def _number(lang: str, chapter: int, section: int) -> str:
    if lang == "en":
        return f"{chapter}.{section} " if section else f"{chapter} "
    count = section or chapter
    digits = say("report.digits", lang)
    tens, ones = divmod(count, 10)
    told = (digits[tens] if tens > 1 else "") + (digits[10] if tens else "") + (digits[ones] if ones else "")
    return say("report.section" if section else "report.chapter", lang, number=told)


def standard(results: Mapping[str, Result]) -> Report:
    """The layout where none is given: for each result its sentences, pictures, tables, notes and method page."""
    from relode.words.recipe import Chapter

    from .sentences import topics_of

    chapters = []
    for step, result in results.items():
        shows = [Show(step=step, say=topic) for topic in topics_of(result.method)]
        shows += [Show(step=step, chart=name) for name in dict.fromkeys(chart.table for chart in result.charts)]
        shows += threeline.both_styles(step, result)
        shows += [Show(step=step, table=name, most=30) for name in result.tables]
        shows += [Show(step=step, part="notes"), Show(step=step, part="method")]
        chapters.append(Chapter(title=_both(result.card.label), shows=tuple(shows)))
    first = next(iter(results.values()))
    title = _both(lambda lang: first.card.label(lang) if len(results) == 1 else say("report.results", lang))
    return Report(title=title, chapter=tuple(chapters))
