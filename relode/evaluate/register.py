"""The seal of a study: its fingerprint is logged before the outcome is first read, or the result is exploratory.

Nothing here writes. `registered` and `opened` give the Event that the corridor appends; `standing` reads the Log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..words.log import Event, Log
from ..words.note import Note, remark, warn
from ..words.study import Study, difference


@dataclass(frozen=True)
class Standing:
    """How a study stands to its registration.

    sealed        registered with this fingerprint before the outcome was first read
    late          registered, but only after the outcome had been read
    deviates      registered with other choices; `changes` lists (key, before, now)
    unregistered  not registered at all
    """

    code: str
    time: str = ""
    changes: tuple[tuple[str, Any, Any], ...] = field(default=())

    @property
    def confirmatory(self) -> bool:
        """May the result be read as a test of what was planned?"""
        return self.code == "sealed"

    @property
    def note(self) -> Note:
        """The standing as a sentence of the result."""
        say = remark if self.confirmatory else warn
        keys = ", ".join(key for key, _, _ in self.changes[:6])
        return say(f"standing.{self.code}", time=self.time[:19].replace("T", " "), count=len(self.changes), names=keys)


def registered(study: Study, *, time: str, actor: str) -> Event:
    """The event that seals a study: its fingerprint and all its choices."""
    return Event(_case(study), time, actor, "registered", {"fingerprint": study.fingerprint, "spec": study.spec})


def opened(study: Study, *, time: str, actor: str) -> Event:
    """The event that says that the outcome has been read; only the first one counts."""
    return Event(_case(study), time, actor, "opened", {"fingerprint": study.fingerprint})


def standing(study: Study, log: Log | None) -> Standing:
    """How the study stands to what the log holds of it."""
    events = log.of(_case(study)) if log else ()
    seals = [(n, event) for n, event in enumerate(events) if event.event == "registered"]
    first = next((n for n, event in enumerate(events) if event.event == "opened"), len(events))
    if not seals:
        return Standing("unregistered")
    for n, event in seals:
        if event.detail["fingerprint"] == study.fingerprint:
            return Standing("sealed" if n < first else "late", event.time)
    before = [event for n, event in seals if n < first] or [event for _, event in seals]
    return Standing("deviates", before[-1].time, tuple(difference(before[-1].detail["spec"], study.spec)))


def _case(study: Study) -> str:
    return f"study:{study.name}"
