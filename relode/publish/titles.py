"""Titles are broken at words into lines of like length: no character stands alone on a line (GB/T 9704, 7.3.1)."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from relode.words.texts import DATA

_LATIN = re.compile(r"[0-9A-Za-z\u00c0-\u024f][^\u2e80-\uffef\s]*[ ]?|\s+")
_CLOSING = "，。、；：？！）》〉】〕」』”’%"
_WIDE = "—…“”‘’"
_LATIN_WIDTHS = dict.fromkeys("mwMW%", 0.85)
_OPENING = "(（《〈【〔「『“‘"


def width(text: str) -> float:
    """The width of a text in ems, a little too wide rather than too narrow: 1 for Chinese, about a half for Latin.

    >>> width("评价A"), width("mm")
    (2.7, 1.7)
    """
    return sum(
        1.0 if ord(c) >= 0x2E80 or c in _WIDE else _LATIN_WIDTHS.get(c, 0.7 if c.isupper() else 0.5) for c in text
    )


def lines(title: str, most: float) -> tuple[str, ...]:
    """The title in as few lines as `most` ems allow, their lengths as even as words permit.

    A break that is written in the title (a line feed) stays.
    """
    return tuple(line for part in title.splitlines() for line in _balanced(words(part), most))


def _balanced(parts: list[str], most: float) -> list[str]:
    whole = sum(map(width, parts))
    for count in range(1, len(parts) + 1):
        if whole > count * most and count < len(parts):
            continue
        best = _best(tuple(parts), count, whole / count)
        if max(map(width, best)) <= most or count == len(parts):
            return [line.strip() for line in best]
    return ["".join(parts)]


def _best(parts: tuple[str, ...], count: int, ideal: float) -> list[str]:
    """The `count` lines whose lengths differ least from `ideal`, by dynamic programming over the breaks."""

    @cache
    def least(start: int, left: int) -> tuple[float, tuple[int, ...]]:
        if left == 1:
            return (width("".join(parts[start:]).strip()) - ideal) ** 2, (len(parts),)
        found = []
        for end in range(start + 1, len(parts) - left + 2):
            cost, after = least(end, left - 1)
            found.append((cost + (width("".join(parts[start:end]).strip()) - ideal) ** 2, (end, *after)))
        return min(found)

    breaks = (0, *least(0, count)[1])
    return ["".join(parts[start:end]) for start, end in pairwise(breaks)]


def words(title: str) -> list[str]:
    """The pieces between which a line may break: known words, Latin words, single characters otherwise joined.

    Characters that are in no known word stay with what is before them, so that a name is not torn apart.
    """
    found: list[str] = []
    at = 0
    loose = False  # is the last piece made of characters that are in no known word?
    while at < len(title):
        piece, known = _next(title, at)
        glued = found and (piece[0] in _CLOSING or found[-1][-1] in _OPENING or (loose and not known))
        if glued:
            found[-1] += piece
        else:
            found.append(piece)
        loose = not known
        at += len(piece)
    return found or [title]


def _next(title: str, at: int) -> tuple[str, bool]:
    if latin := _LATIN.match(title, at):
        return latin[0], True
    for length in range(min(_longest(), len(title) - at), 1, -1):
        if title[at : at + length] in _known():
            return title[at : at + length], True
    return title[at], False


@cache
def _known() -> frozenset[str]:
    return frozenset((DATA / "templates" / "title_words.txt").read_text("utf8").split())


def _longest() -> int:
    return max(map(len, _known()))
