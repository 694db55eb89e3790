"""The Log: what was done, appended and never rewritten. The spine of the loop lives here.

A case is one thing of the spine (`goal:...`, `policy:...`, `task:...`); its kinds, the links between them and the
events of each are data (`data/codelists/spine.toml`).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from .errors import Misfit, UnknownWord
from .texts import DATA


@dataclass(frozen=True)
class Event:
    """One line of the log. `case` is `kind:name`; `time` is ISO 8601 in UTC; `detail` is plain data."""

    case: str
    time: str
    actor: str
    event: str
    detail: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kind, colon, name = self.case.partition(":")
        if not (colon and name):
            raise Misfit("log.case", name=self.case)
        if kind not in spine():
            raise UnknownWord("log.kind", name=kind, expected=tuple(spine()))
        if self.event not in spine()[kind]["events"]:
            raise UnknownWord("log.event", name=self.event, kind=kind, expected=tuple(spine()[kind]["events"]))


@dataclass(frozen=True)
class Log:
    """Events in the order in which they were appended."""

    events: tuple[Event, ...] = ()

    def of(self, case: str) -> tuple[Event, ...]:
        """The events of one case."""
        return tuple(event for event in self.events if event.case == case)

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of all events."""
        lines = [[e.case, e.time, e.actor, e.event, e.detail] for e in self.events]
        return hashlib.sha256(json.dumps(lines, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@cache
def spine() -> dict[str, dict[str, Any]]:
    """The kinds of case: code -> zh, en, the kinds it points to (`links`), its events (code -> zh, en)."""
    kinds: dict[str, dict[str, Any]] = tomllib.loads((DATA / "codelists" / "spine.toml").read_text("utf8"))
    return kinds
