"""A Note is a warning or a remark that travels with a Result into every report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from .texts import say

Level = Literal["info", "warning"]


@dataclass(frozen=True)
class Note:
    """One remark: the code of its sentence (`data/texts`), how grave it is, and what fills it."""

    code: str
    level: Level = "info"
    details: dict[str, Any] = field(default_factory=dict)

    def told(self, lang: str | None = None) -> str:
        """The remark with its remedy, if it has one, in `lang` or the reader's language."""
        sentence = say(self.code, lang, **self.details)
        mend = say(self.code + ".mend", lang, default="", **self.details)
        return f"{sentence} {mend}".strip()

    def __str__(self) -> str:
        return self.told()


def remark(code: str, /, **details: Any) -> Note:
    """A note for information."""
    return Note(code, "info", details)


def warn(code: str, /, **details: Any) -> Note:
    """A note that the reader must not miss."""
    return Note(code, "warning", details)
