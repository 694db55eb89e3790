"""Evaluations: the plan is sealed before the outcome is read, and what others need to repeat a result is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..words.errors import Misfit
from ..words.study import Study

if TYPE_CHECKING:
    from ..words.result import Result
    from .place import Place

DESIGN = "evaluate.design"
"""The one method of a study that does not look at outcomes after the policy."""
STATA = (".dta", ".do")
"""Endings of the files with which a result is repeated in Stata: the estimation sample, and the commands."""


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


def replicate(place: Place, results: Iterable[Result], path: Path) -> Path:
    """Write the estimation sample of the first evaluation among the results (.dta), or its Stata commands (.do).

    The do-file reads a .dta of its own name beside it.
    Raises Misfit where no result is of a study, or where the facts are no longer those that the result was made from.
    """
    from ..evaluate.sample import draw
    from ..evaluate.stata import do_file, write_dta
    from ..words.batch import AsOf
    from ..words.method import needs
    from ..words.panel import Panel

    result = next((one for one in results if one.labels.studies), None)
    if result is None:
        raise Misfit("study.no_result", where=str(path), name=path.suffix)
    study, chosen = result.labels.studies[0], result.choices
    need = needs(study="study").need({"study": study})
    with place.store(read_only=True) as store:
        panel = place.read(store, Panel, need, AsOf())
    if panel.fingerprint != result.inputs["panel"]:
        raise Misfit("study.facts_moved", where=str(path), name=study.name)
    wanted = next((outcome for outcome in study.outcomes if outcome.code == chosen.get("outcome")), None)
    sample = draw(panel, place.regions, study, str(chosen.get("policy") or ""), wanted)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".dta":
        return write_dta(sample, path)
    path.write_text(do_file(sample, path.with_suffix(".dta").name), encoding="utf8")
    return path
