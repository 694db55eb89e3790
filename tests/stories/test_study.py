"""An evaluation is sealed before its outcome is read, and says so when the plan was changed afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from relode.app.demo import furnish

pytest.importorskip("causaldata")
pytest.importorskip("diff_diff")


def test_a_plan_is_sealed_before_the_outcome_is_read_and_a_later_change_is_told(tmp_path: Path) -> None:
    place, _ = furnish("castle", tmp_path / "place")
    first = place.run("evaluate.design", study="castle")
    assert any(note.code == "standing.sealed" for note in first.notes)
    with place.store(read_only=True) as store:
        assert [event.event for event in store.log("study:castle").events] == ["registered"]
    found = place.run("evaluate.baseline", study="castle")
    assert any(note.code == "standing.sealed" for note in found.notes)
    with place.store(read_only=True) as store:
        assert [event.event for event in store.log("study:castle").events] == ["registered", "opened"]

    source = Path(__file__).resolve().parents[2] / "relode" / "data" / "studies" / "castle.toml"
    changed = source.read_text("utf8").replace('rule = "full"', 'rule = "contains"')
    (tmp_path / "place" / "studies" / "castle.toml").write_text(changed, encoding="utf8")
    again = place.run("evaluate.baseline", study="castle")
    assert any(note.code == "standing.deviates" for note in again.notes)
    assert any("rule" in str(note.details) for note in again.notes if note.code == "standing.deviates")
