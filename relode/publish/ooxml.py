"""OOXML that python-docx has no words for: lines of tables, fields, indents of two characters, fixed dates."""

from __future__ import annotations

import io
import zipfile
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .blocks import Document

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.text.paragraph import Paragraph as Lines

EPOCH = datetime(2000, 1, 1)  # core properties carry no zone
ZIP_DATE = (2000, 1, 1, 0, 0, 0)


def margins(section: Any, top: int, right: int, bottom: int, left: int) -> None:
    """The margins of a page in millimetres."""
    from docx.shared import Mm

    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)


def indent(line: Lines, size: int) -> None:
    """Two characters. Word reads firstLineChars, LibreOffice and WPS of old only firstLine: both are written."""
    from docx.oxml.ns import qn

    properties = line._p.get_or_add_pPr()
    indent = properties.get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(2 * size * 20))


def field(run: Any, name: str) -> None:
    """A field that Word fills in, such as PAGE."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind in ("begin", "instr", "end"):
        element = OxmlElement("w:instrText" if kind == "instr" else "w:fldChar")
        if kind == "instr":
            element.text = name
        else:
            element.set(qn("w:fldCharType"), kind)
        run._element.append(element)


def borders(grid: Any) -> None:
    """The three lines: above, below, and (on the head's cells) under the head. No others."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "12"), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        wide = OxmlElement(f"w:{side}")
        wide.set(qn("w:w"), "68")  # 1.2 mm
        wide.set(qn("w:type"), "dxa")
        margins.append(wide)
    layout = grid._tbl.tblPr.find(qn("w:tblLayout"))
    layout.addprevious(borders)
    layout.addnext(margins)


def row(*, head: bool) -> Any:
    """An empty row that stays on one page; the head is repeated on every page."""
    from docx.oxml import OxmlElement

    row = OxmlElement("w:tr")
    properties = row.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))
    return row


def keep_with_next(row: Any) -> None:
    """The row stays on the page of what follows it."""
    from docx.oxml.ns import qn

    for text in row.iter(qn("w:p")):
        text.get_or_add_pPr().get_or_add_keepNext()


def filled(model: Any, text: str) -> Any:
    """A copy of the model cell with its own text."""
    cell = deepcopy(model)
    cell.p_lst[0].r_lst[0].text = text
    return cell


def line_below(cell: Any) -> None:
    """A thin line below a cell."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tcBorders")
    line = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    cell.get_or_add_tcPr().append(borders)


def properties(word: Word, document: Document) -> None:
    """Who and what the file says it is, with a fixed date."""
    core = word.core_properties
    core.title, core.subject, core.author = document.name, document.subject, document.issuer or "relode"
    core.comments, core.keywords, core.last_modified_by = "", "", "relode"
    core.created = core.modified = EPOCH
    core.revision = 1
    core.language = "zh-CN" if document.lang == "zh" else "en-GB"


def same_dates(content: bytes) -> bytes:
    """The same zip with fixed dates, so that the same report has the same bytes."""
    sheet = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(sheet, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            kept = zipfile.ZipInfo(entry.filename, ZIP_DATE)
            kept.compress_type = zipfile.ZIP_DEFLATED
            kept.external_attr = 0o600 << 16
            new.writestr(kept, old.read(entry.filename))
    return sheet.getvalue()
