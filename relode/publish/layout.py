"""How a table fits on paper: size of type, width of each column, upright or sideways. The same for docx and pdf."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .blocks import Table
from .titles import lines, width, words

UPRIGHT, SIDEWAYS = 156.0, 225.0  # mm between the margins (GB/T 9704-2012, 5.2)
SIZES = (
    (10.5, UPRIGHT),
    (9.0, UPRIGHT),
    (8.0, UPRIGHT),
    (7.5, UPRIGHT),
    (9.0, SIDEWAYS),
    (8.0, SIDEWAYS),
    (7.0, SIDEWAYS),
)
PADDING = 2.6  # mm, both sides of a cell together
MOST = 70.0  # mm that a column of text may claim before the others have what they need
_EM = 0.3528 * 1.08  # mm of an em per point, with room for fonts that run wide
_PIECE = re.compile(r"[\u2e80-\uffef]|[^\u2e80-\uffef\s-]*-|[^\u2e80-\uffef\s-]+")  # a line may end after a hyphen


@dataclass(frozen=True)
class Fit:
    """The size in points, the columns in millimetres, their headings in lines, and whether the page is turned."""

    points: float
    widths: tuple[float, ...]
    heads: tuple[tuple[str, ...], ...]
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
    heads = tuple(
        lines(column.title, (wide - PADDING) / (points * _EM))
        for column, wide in zip(table.columns, widths, strict=True)
    )
    return Fit(points, tuple(round(w, 2) for w in widths), heads, room == SIDEWAYS)


def _least(table: Table, n: int, points: float) -> float:
    """Headings break at words, figures not at all; text may break at blanks and after four Chinese characters."""
    column = table.columns[n]
    cells = [row[n] for row in table.rows]
    pieces = [word.strip() for word in words(column.title)]
    pieces += cells if column.figures else [piece for text in cells for piece in _PIECE.findall(text)]
    ems = max(map(width, pieces), default=1.0)
    if not column.figures and any(ord(c) >= 0x2E80 for text in cells for c in text):
        ems = max(ems, min(4.0, max(map(width, cells))))
    return min(ems * points * _EM, MOST) + PADDING


def _whole(table: Table, n: int, points: float) -> float:
    texts = [table.columns[n].title, *(row[n] for row in table.rows)]
    return max(map(width, texts)) * points * _EM + PADDING
