"""How a table fits on paper: size of type, width of each column, upright or sideways. The same for docx and pdf."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .blocks import Table
from .titles import lines, width, words

Array = NDArray[np.float64]

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
STEP, LOOK = 2.0, 12  # mm by which columns grow where it saves lines, and steps looked ahead
TALL = 1.6  # lines a row has on average, above which a smaller type is tried
FULL = 0.88  # how much of a broken line is filled
MOST = 70.0  # mm that a column of text may claim before the others have what they need
_EM = 0.3528 * 1.08  # mm of an em per point, with room for fonts that run wide
_PIECE = re.compile(r"[\u2e80-\uffef]|[^\u2e80-\uffef\s-]*-|[^\u2e80-\uffef\s-]+")  # a line may end after a hyphen


@dataclass(frozen=True)
class Fit:
    """The size in points, the columns in millimetres, their headings in lines, whether the page is turned, and about
    how many lines the head and each row take."""

    points: float
    widths: tuple[float, ...]
    heads: tuple[tuple[str, ...], ...]
    sideways: bool
    lines: tuple[int, ...]


def fit(table: Table) -> Fit:
    """The largest type at which no column is narrower than what cannot be broken and rows are not tall; upright if it
    can be."""
    tried: list[tuple[float, float, list[float], tuple[int, ...]]] = []
    for points, room in SIZES:
        least = [_least(table, n, points) for n in range(len(table.columns))]
        if (sum(least) > room and (points, room) != SIZES[-1]) or (room == SIDEWAYS and tried):
            continue
        widths = _widths(table, least, points, room)
        tried.append((points, room, widths, _lines(table, widths, points)))
        if sum(tried[-1][3]) <= TALL * len(tried[-1][3]):
            break
    points, room, widths, rows = min(tried, key=lambda one: (sum(one[3]) > TALL * len(one[3]), sum(one[3]) * one[0]))
    heads = tuple(
        lines(column.title, (wide - PADDING) / (points * _EM))
        for column, wide in zip(table.columns, widths, strict=True)
    )
    return Fit(points, tuple(round(w, 2) for w in widths), heads, room == SIDEWAYS, rows)


def _widths(table: Table, least: list[float], points: float, room: float) -> list[float]:
    wanted = [max(min(_whole(table, n, points), MOST), low) for n, low in enumerate(least)]
    scale = min(1.0, room / sum(least))
    if room - sum(least) >= sum(wanted) - sum(least):  # everything stands in one line: share what is left over alike
        return [w + (room - sum(wanted)) / len(wanted) for w in wanted]
    return _shared([low * scale for low in least], wanted, room, _ems(table) * points * _EM)


def _ems(table: Table) -> Array:
    """How wide the headings and cells are, in ems. Shape (row, column)"""
    texts = [tuple(column.title for column in table.columns), *table.rows]
    return np.array([[width(text) for text in row] for row in texts])


def _tall(wide: Array, widths: Array) -> Array:
    """About how many lines each row takes; broken lines are not full. Shape (row, column), (column,) -> (row,)"""
    part = wide / np.maximum(widths - PADDING, 1e-9)
    found: Array = np.where(part <= 1, 1, np.ceil(part / FULL)).max(axis=1)
    return found


def _lines(table: Table, widths: list[float], points: float) -> tuple[int, ...]:
    return tuple(int(n) for n in _tall(_ems(table) * points * _EM, np.array(widths)))


def _shared(least: list[float], wanted: list[float], room: float, wide: Array) -> list[float]:
    """The widths that make the table short: each step of room goes where it saves most lines, the rest alike."""
    widths = np.array(least)
    steps = max(int((room - widths.sum()) / STEP), 0)
    while steps:
        now, best = _tall(wide, widths).sum(), (0.0, 0, 0)
        for n in range(len(widths)):
            for count in range(1, min(steps, LOOK) + 1):
                more = widths.copy()
                more[n] += count * STEP
                best = max(best, ((now - _tall(wide, more).sum()) / count, -n, count))
        if best[0] <= 0:
            break
        widths[-best[1]] += best[2] * STEP
        steps -= best[2]
    left = np.maximum(np.array(wanted) - widths, 0) + 1e-9
    return [float(w) for w in widths + (room - widths.sum()) * left / left.sum()]


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
