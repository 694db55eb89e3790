"""Everything that can go wrong, in one small tree.

    RelodeError            (never raised itself)
    ├── UnknownWord        a name that is in no codelist, file or signature
    ├── Misfit             facts that do not fit what was asked of them
    ├── Impossible         a value that cannot be
    ├── Refused            a classic mistake that the method does not make for you
    ├── Held               another process owns the store
    ├── Unwritable         the disk is full or read-only; what was there is still there
    └── Several            many faults of one file, reported together

An error says what, where, what was expected and how to mend it, in at most four lines. The sentences
are data (`data/texts/*.toml`), keyed by the error's code, in Chinese and English.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar

from .texts import say


class RelodeError(Exception):
    """What went wrong, with the code of its sentences and what fills them."""

    exit_code: ClassVar[int] = 3

    def __init__(self, code: str, /, *, where: str = "", expected: Iterable[str] = (), **details: Any):
        self.code = code
        self.where = where
        self.expected = tuple(expected)
        self.details = details
        super().__init__(code)

    def told(self, lang: str | None = None) -> str:
        """The error in at most four lines, in `lang` or the reader's language."""
        lines = [f"{type(self).__name__}: " + say(self.code, lang, **self.details)]
        if self.where:
            lines.append("  " + say("error.where", lang, where=self.where))
        if self.expected:
            lines.append("  " + say("error.expected", lang, expected=self._near()))
        if mend := say(self.code + ".mend", lang, default="", **self.details):
            lines.append("  " + say("error.mend", lang, mend=mend))
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.told()

    def _near(self, most: int = 6) -> str:
        name = str(self.details.get("name", ""))
        near = get_close_matches(name, self.expected, n=most, cutoff=0.5) or list(self.expected[:most])
        return ", ".join(near) + (" …" if len(self.expected) > len(near) else "")


class UnknownWord(RelodeError):
    """A name that is in no codelist, file or signature."""


class Misfit(RelodeError):
    """Facts that do not fit what was asked of them."""


class Impossible(RelodeError):
    """A value that cannot be."""


class Refused(RelodeError):
    """A classic mistake that the method does not make for you."""


class Held(RelodeError):
    """Another process owns the store."""

    exit_code = 4


class Unwritable(RelodeError):
    """The disk is full or read-only; what was there is still there."""

    exit_code = 5


class Several(RelodeError):
    """Many faults of one file, reported together."""

    def __init__(self, faults: Sequence[RelodeError], *, where: str = ""):
        self.faults = tuple(faults)
        super().__init__("error.several", where=where, count=len(self.faults))

    def told(self, lang: str | None = None, most: int = 20) -> str:
        """All faults, the first `most` in full."""
        told = [super().told(lang), *(fault.told(lang) for fault in self.faults[:most])]
        if len(self.faults) > most:
            told.append(say("error.more", lang, count=len(self.faults) - most))
        return "\n".join(told)


def raise_all(faults: Sequence[RelodeError], *, where: str = "") -> None:
    """Raise nothing, the one fault, or all of them together."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Several(faults, where=where)
