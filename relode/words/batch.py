"""A Batch is one load of one series from one source; every fact belongs to one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from .errors import UnknownWord
from .toml import read_toml


@dataclass(frozen=True)
class Batch:
    """What a load says of itself, before the store numbers and dates it.

    `source`  code of who published it          `series`   family that is never mixed with another by "latest wins"
    `vintage` when it was published             `file`     name of the file, and `file_hash` its sha256
    `recipe`  how the file was read             `actor`    who loaded it
    """

    source: str
    series: str
    vintage: date
    actor: str
    file: str = ""
    file_hash: str = ""
    recipe: str = ""


@dataclass(frozen=True)
class StoredBatch:
    """A batch as the store keeps it: numbered, dated, perhaps undone."""

    number: int
    batch: Batch
    loaded: datetime
    facts: int
    undone: datetime | None = None
    undone_by: str = ""


@dataclass(frozen=True)
class Source:
    """Who published figures, under which terms, and what relode changed in them."""

    code: str
    zh: str
    en: str
    credit_zh: str
    credit_en: str
    licence: str
    url: str = ""
    changes_zh: str = ""
    changes_en: str = ""

    def credit(self, lang: str) -> str:
        """The line that every report and page carries."""
        parts = (self.credit_zh, self.changes_zh) if lang == "zh" else (self.credit_en, self.changes_en)
        return " ".join(part for part in parts if part)


def read_sources(path: Path) -> Iterable[Source]:
    """The sources of a TOML file (one table each). Raises UnknownWord for an unknown key."""
    known = set(Source.__dataclass_fields__) - {"code"}
    for code, entry in read_toml(path).items():
        for name in entry:
            if name not in known:
                raise UnknownWord("definition.key", name=name, where=f"{path}, {code}", expected=sorted(known))
        yield Source(code=code, **entry)


@dataclass(frozen=True)
class AsOf:
    """Both clocks: what had been published by `vintage`, as far as we knew at `known`. None = now."""

    vintage: date | None = None
    known: datetime | None = None


@dataclass(frozen=True)
class Scope:
    """Which entities an actor may read and write: these codes and all below them. Empty = everything."""

    entities: tuple[str, ...] = ()
