"""How a table fits on paper: size of type, width of each column, upright or sideways. The same for docx and pdf."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .blocks import Table
from .titles import width

UPRIGHT, SIDEWAYS = 156.0, 225.0  # mm between the margins (GB/T 9704-2012, 5.2)
SIZES = ((10.5, UPRIGHT), (9.0, UPRIGHT), (10.5, SIDEWAYS), (9.0, SIDEWAYS), (8.0, SIDEWAYS), (7.0, SIDEWAYS))
PADDING = 2.6  # mm, both sides of a cell together
MOST = 70.0  # mm that a column of text may claim before the others have what they need
_EM = 0.3528 * 1.08  # mm of an em per point, with room for fonts that run wide
_PIECE = re.compile(r"[\u2e80-\uffef]|[^\u2e80-\uffef\s]+")


@dataclass(frozen=True)
class Fit:
    """The size in points, the columns in millimetres, and whether the page is turned."""

    points: float
    widths: tuple[float, ...]
    sideways: bool


def fit(table: Table) -> Fit:
    """The largest type at which no column is narrower than what cannot be broken; upright if it can be."""
    for points, room in SIZES:
        least = [_least(table, n, points) for n in range(len(table.columns))]
        if sum(least) <= room:
            break
    scale = min(1.0, room / sum(least))
    wanted = [max(min(_whole(table, n, points), MOST), low) for n, low in enumerate(least)]
    slack, asked = room - sum(least) * scale, sum(wanted) - sum(least)
    if slack >= asked:  # everything stands in one line: share what is left over alike
        extra = (slack - asked) / len(wanted)
        widths = [w + extra for w in wanted]
    else:
        widths = [low * scale + slack * (w - low) / asked for low, w in zip(least, wanted, strict=True)]
    return Fit(points, tuple(round(w, 2) for w in widths), room == SIDEWAYS)


def _least(table: Table, n: int, points: float) -> float:
    """Figures stand in one line; text may break between words, and after every third Chinese character."""
    column = table.columns[n]
    cells = [row[n] for row in table.rows]
    pieces = [piece for text in (*([] if column.figures else cells), column.title) for piece in _PIECE.findall(text)]
    ems = max(map(width, pieces), default=1.0)
    if column.figures:
        ems = max([ems, *map(width, cells)])
    if any(ord(c) >= 0x2E80 for text in (column.title, *cells) for c in text):
        ems = max(ems, min(3.0, max(width(text) for text in (column.title, *cells))))
    return min(ems * points * _EM, MOST) + PADDING


def _whole(table: Table, n: int, points: float) -> float:
    texts = [table.columns[n].title, *(row[n] for row in table.rows)]
    return max(map(width, texts)) * points * _EM + PADDING
