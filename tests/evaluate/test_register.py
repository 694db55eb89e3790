"""The seal: registered before the outcome was read, or exploratory; deviations are listed key by key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from relode.evaluate import design, did
from relode.evaluate.register import opened, registered, standing
from relode.words.log import Log

NOW = "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("story", "code"),
    [
        ((), "unregistered"),
        (("seal",), "sealed"),
        (("seal", "open"), "sealed"),
        (("open", "seal"), "late"),
        (("other", "open"), "deviates"),
        (("other", "open", "seal"), "late"),
        (("other", "seal", "open"), "sealed"),
    ],
)
def test_a_study_is_sealed_only_if_it_was_registered_before_it_was_opened(
    plant: Callable[..., Any], story: tuple[str, ...], code: str
) -> None:
    study = plant()[2]
    events = {
        "seal": registered(study, time=NOW, actor="a"),
        "open": opened(study, time=NOW, actor="a"),
        "other": registered(study.but(treatment={"rule": "half"}), time=NOW, actor="a"),
    }
    found = standing(study, Log(tuple(events[step] for step in story)))
    assert found.code == code
    assert found.confirmatory == (code == "sealed")


def test_deviations_are_listed_with_what_was_registered_and_what_is_now(plant: Callable[..., Any]) -> None:
    panel, regions, study = plant()
    log = Log((registered(study, time=NOW, actor="a"), opened(study, time=NOW, actor="a")))
    changed = study.but(treatment={"rule": "half"}, inference={"level": 0.9})
    table = design(panel, regions, log, study=changed).frame("standing").set_index("key")
    assert table.loc["treatment.rule", "registered"] == "full"
    assert table.loc["treatment.rule", "now"] == "half"
    assert set(table.index) == {"treatment.rule", "inference.level"}
    result = did(panel, regions, log, study=changed)
    assert "treatment.rule" in next(n for n in result.notes if n.code == "standing.deviates").told("en")


def test_a_sealed_study_says_so_and_another_study_is_none_of_its_business(plant: Callable[..., Any]) -> None:
    panel, regions, study = plant()
    log = Log((registered(study, time=NOW, actor="a"),))
    assert did(panel, regions, log, study=study).notes[0].code == "standing.sealed"
    assert standing(study.but(name="elsewhere"), log).code == "unregistered"
