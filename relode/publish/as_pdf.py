"""PDF by typst: the template is ours, the text comes to it as data, the fonts from packages. PDF/A-2b if it can be."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Literal

from relode.words.texts import DATA, say

from . import fonts
from .blocks import Block, Document, Heading, Items, Paragraph, Picture, Remarks, Table
from .layout import fit

STAMP = 946_684_800  # 2000-01-01: the same report has the same bytes whenever it is made
TOGETHER = 24  # lines of a table, or of a row, that stays on one page
LATIN = 0.3  # share of Latin letters from which a Chinese paragraph keeps an uneven edge
STANDARD: Literal["a-2b"] = "a-2b"


def written(document: Document) -> bytes:
    """The document as the bytes of a PDF file; the same document gives the same bytes."""
    with tempfile.TemporaryDirectory(prefix="relode-") as name:
        room = Path(name)
        blocks = [_plain(block, n, room) for n, block in enumerate(document.blocks)]
        front = [line for line in (document.subject, document.issuer, document.asof) if line]
        report = {
            "lang": document.lang, "name": document.name, "author": document.issuer or "relode",
            "title": document.title, "front": front, "blocks": blocks,
            "closing": say("report.pdf_fonts", document.lang),
        }  # fmt: skip
        content = json.dumps(report, ensure_ascii=False)
        (room / "report.json").write_text(content, encoding="utf8")
        fonts.cut("".join(sorted(set(content))), room / "hei.ttf")
        shutil.copy(DATA / "templates" / "report.typ", room / "main.typ")
        return _compiled(room)


def _compiled(room: Path) -> bytes:
    """PDF/A if all of its text can be shown; a report whose data hold a sign of no font is still made."""
    import typst

    families = typst.Fonts(include_system_fonts=False, font_paths=[str(room), *fonts.folders()])
    compiler = typst.Compiler(room / "main.typ", root=room, font_paths=families, ignore_system_fonts=True)
    try:
        pdf = compiler.compile(format="pdf", timestamp=STAMP, pdf_standards=[STANDARD])
    except typst.TypstError as fault:
        if "could not be displayed" not in str(fault):
            raise
        pdf = compiler.compile(format="pdf", timestamp=STAMP)
    assert isinstance(pdf, bytes)
    return pdf


def _plain(block: Block, n: int, room: Path) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "text": block.text, "level": block.level}
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "text": block.text, "ragged": _is_ragged(block.text)}
    if isinstance(block, Items):
        return {"kind": "items", "lines": block.lines}
    if isinstance(block, Remarks):
        return {"kind": "remarks", "lines": [_remark(*line) for line in block.lines]}
    if isinstance(block, Table):
        return _table(block)
    return _picture(block, f"picture{n}.svg", room)


def _is_ragged(text: str) -> bool:
    """Is so much of it Latin that Chinese lines, set to one width, would be torn apart?"""
    return sum(sign.isascii() and sign.isalpha() for sign in text) > LATIN * len(text)


def _remark(level: str, word: str, text: str) -> dict[str, str]:
    return {"grave": level, "level": f"{word}　" if ord(word[0]) > 0x2E80 else f"{word}. ", "text": text}


def _table(table: Table) -> dict[str, Any]:
    room = fit(table)
    columns = [{"lines": lines, "side": column.side} for lines, column in zip(room.heads, table.columns, strict=True)]
    shape = {"points": room.points, "widths": room.widths, "sideways": room.sideways, "rules": table.rules}
    shape |= {"together": sum(room.lines) <= TOGETHER, "rows_whole": max(room.lines) <= TOGETHER}
    return {"kind": "table", "title": table.title, "columns": columns, "rows": table.rows, "foot": table.foot, **shape}


def _picture(picture: Picture, name: str, room: Path) -> dict[str, Any]:
    (room / name).write_text(picture.svg(), encoding="utf8")
    return {"kind": "picture", "title": picture.title, "alt": picture.alt, "file": name, "foot": picture.foot}
