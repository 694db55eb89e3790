"""Word, in the form of an official document (党政机关公文格式 GB/T 9704-2012).

A4; top 37 mm, left 28 mm, text 156 x 225 mm; 22 lines of 28 points, body 3号 (16 pt) 仿宋, title 2号 (22 pt) 小标宋,
first level 黑体, second level 楷体, page number 4号 宋体 on the outer side. Fonts are named, not embedded: officials'
machines have them. python-docx sets Latin fonts only, so `w:eastAsia` is set by hand on every style and run.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from relode.words.texts import say

from . import ooxml
from .blocks import Column, Document, Heading, Items, Paragraph, Picture, Remarks, Table
from .layout import Fit, fit

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.text.paragraph import Paragraph as Lines

LATIN = "Times New Roman"
SHORT = 24  # lines of a table that stays on one page with what stands below it
SONG, FANG, HEI, KAI, TITLE = "song", "fang", "hei", "kai", "title"  # keys of texts "font.<key>"


def written(document: Document) -> bytes:
    """The document as the bytes of a docx file; the same document gives the same bytes."""
    import docx

    word = docx.Document()
    paper = Paper(word, document.lang)
    paper.prepare(document)
    paper.front(document)
    for block in document.blocks:
        paper.add(block)
    saved = io.BytesIO()
    word.save(saved)
    return ooxml.same_dates(saved.getvalue())


class Paper:
    """A Word file being written, in one language."""

    def __init__(self, word: Word, lang: str):
        self.word = word
        self.lang = lang
        self.chinese = lang == "zh"

    # -- sheet and styles --------------------------------------------------------------------------

    def prepare(self, document: Document) -> None:
        """Paper size, margins, styles, page numbers, properties."""
        from docx.shared import Mm, Pt

        section = self.word.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        ooxml.margins(section, 37, 26, 35, 28)
        section.footer_distance = Mm(24)
        self.word.settings.odd_and_even_pages_header_footer = True
        size, line = (16, 28) if self.chinese else (11.5, 17)
        self._style("Normal", FANG, size, line=line)
        self._style("Title", TITLE, 22, line=36, centre=True, bold=not self.chinese)
        self._style("Heading 1", HEI, 16 if self.chinese else 14, line=line + 2, bold=not self.chinese)
        self._style("Heading 2", KAI, 16 if self.chinese else 12, line=line, bold=not self.chinese)
        self._style("Caption", HEI, 12 if self.chinese else 10.5, line=20, centre=True, bold=not self.chinese)
        for name, before, after in (("Title", 0, 8), ("Heading 1", 8, 2), ("Heading 2", 4, 2), ("Caption", 8, 3)):
            form = self.word.styles[name].paragraph_format
            form.space_before, form.space_after = Pt(before), Pt(after)
        self._page_numbers(section)
        ooxml.properties(self.word, document)

    def _style(
        self, name: str, font: str, size: float, *, line: float, centre: bool = False, bold: bool = False
    ) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.shared import Pt, RGBColor

        style: Any = self.word.styles[name]
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        self._fonts(style.element.get_or_add_rPr(), font)
        for border in style.element.xpath("./w:pPr/w:pBdr"):
            border.getparent().remove(border)
        form = style.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
        form.space_before = form.space_after = Pt(0)
        form.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else None
        form.widow_control = True

    def _fonts(self, properties: Any, font: str) -> None:
        """Latin and East Asian font of a style or run; theme fonts would win, so they go."""
        from docx.oxml.ns import qn

        fonts = properties.get_or_add_rFonts()
        for name in list(fonts.attrib):
            del fonts.attrib[name]
        for name in ("ascii", "hAnsi", "cs"):
            fonts.set(qn(f"w:{name}"), LATIN)
        fonts.set(qn("w:eastAsia"), say(f"font.{font}", "zh"))

    def _page_numbers(self, section: Any) -> None:
        """— 1 — on the outer side: right on odd pages, left on even ones, one character in."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        for footer, side in ((section.footer, "RIGHT"), (section.even_page_footer, "LEFT")):
            footer.is_linked_to_previous = False
            line = footer.paragraphs[0]
            line.alignment = getattr(WD_ALIGN_PARAGRAPH, side)
            indent = Pt(14)
            line.paragraph_format.right_indent = indent if side == "RIGHT" else None
            line.paragraph_format.left_indent = indent if side == "LEFT" else None
            for text, field in (("— ", ""), ("", "PAGE"), (" —", "")):
                run = self._run(line, text, SONG, 14)
                if field:
                    ooxml.field(run, field)

    # -- blocks ------------------------------------------------------------------------------------

    def front(self, document: Document) -> None:
        """Title, subject, issuer, date."""
        title = self.word.add_paragraph(style="Title")
        for n, text in enumerate(document.title):
            run = self._run(title, text, TITLE)
            if n < len(document.title) - 1:
                run.add_break()
        for text in filter(None, (document.subject, document.issuer, document.asof)):
            self._centred(text, KAI)
        self.word.add_paragraph()

    def _centred(self, text: str, font: str) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        line = self.word.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(line, text, font)

    def add(self, block: Any) -> None:
        """One block of the report."""
        if isinstance(block, Heading):
            line = self.word.add_paragraph(style=f"Heading {block.level}")
            self._run(line, block.text, HEI if block.level == 1 else KAI)
            if self.chinese:
                ooxml.indent(line, 16)
        elif isinstance(block, Paragraph):
            self._text(block.text)
        elif isinstance(block, Items):
            for text in block.lines:
                self._text(("" if self.chinese else "• ") + text)
        elif isinstance(block, Remarks):
            for _, word, text in block.lines:
                self._text(say("report.remark", self.lang, level=word, text=text))
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Picture):
            self._picture(block)

    def _text(self, text: str) -> None:
        from docx.shared import Pt

        line = self.word.add_paragraph()
        self._run(line, text, FANG)
        if self.chinese:
            ooxml.indent(line, 16)
        else:
            line.paragraph_format.space_after = Pt(6)

    def _run(self, line: Lines, text: str, font: str, size: float = 0, *, bold: bool | None = None) -> Any:
        from docx.shared import Pt

        run = line.add_run(text)
        self._fonts(run._element.get_or_add_rPr(), font)
        if size:
            run.font.size = Pt(size)
        if bold is not None:
            run.font.bold = bold
        return run

    def _caption(self, text: str) -> None:
        line = self.word.add_paragraph(style="Caption")
        line.paragraph_format.keep_with_next = True
        self._run(line, text, HEI)

    def _foot(self, lines: tuple[str, ...]) -> None:
        from docx.enum.text import WD_LINE_SPACING
        from docx.shared import Pt

        for n, text in enumerate(lines):
            line = self.word.add_paragraph()
            form = line.paragraph_format
            form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(14)
            form.space_before, form.space_after = Pt(2 if n == 0 else 0), Pt(8 if n == len(lines) - 1 else 0)
            self._run(line, text, SONG, 9)

    def _picture(self, picture: Picture) -> None:
        """The picture in its own paragraph of single spacing, with its text for those who cannot see it."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.shared import Mm

        line = self.word.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        line.paragraph_format.keep_with_next = True
        shape = line.add_run().add_picture(io.BytesIO(picture.png()), width=Mm(156))
        self._fonts(line.runs[0]._element.get_or_add_rPr(), FANG)
        described = shape._inline.docPr
        described.set("descr", picture.alt)
        described.set("title", picture.title)
        self._caption(picture.title)
        self.word.paragraphs[-1].paragraph_format.keep_with_next = bool(picture.foot)
        self._foot(picture.foot)

    def _table(self, table: Table) -> None:
        """A three-line table; sideways on a page of its own where its columns need the room."""
        room = fit(table)
        if room.sideways:
            self._turn(sideways=True)
        self._caption(table.title)
        self._grid(table, room)
        self._foot(table.foot or ("",))
        if room.sideways:
            self._turn(sideways=False)

    def _turn(self, *, sideways: bool) -> None:
        from docx.enum.section import WD_ORIENT, WD_SECTION
        from docx.shared import Mm

        section = self.word.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE if sideways else WD_ORIENT.PORTRAIT
        wide, high = (297, 210) if sideways else (210, 297)
        section.page_width, section.page_height = Mm(wide), Mm(high)
        ooxml.margins(section, *((28, 35, 26, 37) if sideways else (37, 26, 35, 28)))

    def _grid(self, table: Table, room: Fit) -> None:
        from docx.shared import Mm

        grid = self.word.add_table(rows=0, cols=len(table.columns))
        grid.autofit = False
        ooxml.borders(grid)
        for n, wide in enumerate(room.widths):
            grid.columns[n].width = Mm(wide)
        for head, rows in ((True, [["\n".join(lines) for lines in room.heads]]), (False, table.rows)):
            models = [self._cell(column, room, n, head=head) for n, column in enumerate(table.columns)]
            ruled = [self._cell(column, room, n, head=head, line=True) for n, column in enumerate(table.columns)]
            for at, cells in enumerate(rows):
                row = ooxml.row(head=head)
                here = ruled if head or at in table.rules else models
                row.extend(ooxml.filled(model, text) for model, text in zip(here, cells, strict=True))
                if head or sum(room.lines) <= SHORT:
                    ooxml.keep_with_next(row)
                grid._tbl.append(row)

    def _cell(self, column: Column, room: Fit, n: int, *, head: bool, line: bool = False) -> Any:
        """The model of a column's cells: width, side, type; each cell is a copy with its own text."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.oxml.table import CT_Tc
        from docx.shared import Mm, Pt
        from docx.text.paragraph import Paragraph as Lines

        cell = CT_Tc.new()
        cell.width = Mm(room.widths[n])
        text = Lines(cell.p_lst[0], self.word._body)
        text.alignment = getattr(WD_ALIGN_PARAGRAPH, column.side.upper())
        form = text.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(room.points * 1.35)
        self._run(text, "-", HEI if head else SONG, room.points, bold=(head and not self.chinese) or None)
        if line:
            ooxml.line_below(cell)
        return cell
