"""The seal of an evaluation: its plan is written into the log before the outcome is read for the first time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..words.study import Study

if TYPE_CHECKING:
    from .place import Place

DESIGN = "evaluate.design"
"""The one method of a study that does not look at outcomes after the policy."""


def seal(place: Place, method: str, choices: Mapping[str, Any]) -> None:
    """Log the study of a call, if it has one: as registered while nobody has seen the outcome, then as opened.

    Who changes the plan later is told so by the result: the fingerprint is no longer the one that was registered.
    """
    from ..evaluate import register

    study = next((value for value in choices.values() if isinstance(value, Study)), None)
    if study is None:
        return
    with place.store() as store:
        events = store.log(f"study:{study.name}").events
        if any(event.event == "opened" for event in events):
            return
        now = datetime.now(UTC).isoformat(timespec="seconds")
        known = {event.detail.get("fingerprint") for event in events}
        if study.fingerprint not in known:
            store.append([register.registered(study, time=now, actor=place.actor)])
        if method != DESIGN:
            store.append([register.opened(study, time=now, actor=place.actor)])
