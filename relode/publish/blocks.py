"""What a report is made of, before it becomes a file: one model for docx, pdf, html and xlsx.

Blocks hold finished text: the numbers in them are written once, so that every format says the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal

Note = Literal["info", "warning"]


@dataclass(frozen=True)
class Heading:
    """A chapter (level 1) or a section (level 2)."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Items:
    """Short lines that belong together."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Remarks:
    """Notes of a Result: how grave each is, in words, and what it says."""

    lines: tuple[tuple[Note, str, str], ...]  # level, its word in the report's language, sentence


@dataclass(frozen=True)
class Column:
    """A column's heading; figures stand to the right, estimates with stars or brackets in the middle."""

    title: str
    figures: bool = False
    centred: bool = False

    @property
    def side(self) -> Literal["left", "center", "right"]:
        """Where the cells stand."""
        return "center" if self.centred else "right" if self.figures else "left"


@dataclass(frozen=True)
class Table:
    """A table with its caption and what stands below it; a thin line follows each row of `rules`."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A picture with its caption, its text for those who cannot see it, and how to draw it.

    `svg` and `png` draw when they are called; a picture is as wide as the text, 156 mm.
    """

    title: str
    alt: str
    svg: Callable[[], str]
    png: Callable[[], bytes]
    foot: tuple[str, ...] = ()


Block = Heading | Paragraph | Items | Remarks | Table | Picture


@dataclass(frozen=True)
class Document:
    """A report: its front and its blocks. `title` is broken into lines at words."""

    lang: str
    title: tuple[str, ...]
    subject: str
    issuer: str
    asof: str
    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        """The title in one line."""
        return ("" if self.lang == "zh" else " ").join(self.title)


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printable(text: Any) -> Any:
    """The same text, or the same block with its texts, without the signs that no XML file may hold.

    >>> printable(Paragraph("a\\x07b"))
    Paragraph(text='ab')
    """
    if isinstance(text, str):
        return _UNPRINTABLE.sub("", text)
    if isinstance(text, tuple):
        return tuple(map(printable, text))
    if is_dataclass(text) and not isinstance(text, type):
        return replace(text, **{f.name: printable(getattr(text, f.name)) for f in fields(text)})
    return text
