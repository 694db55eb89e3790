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


def test_a_result_is_written_for_latex_and_stata_and_not_from_other_facts(tmp_path: Path) -> None:
    import pandas as pd

    from relode.words.errors import Misfit

    place, _ = furnish("castle", tmp_path / "place")
    result = place.run("evaluate.did", study="castle")
    made = {suffix: place.publish([result], tmp_path / f"r{suffix}", lang="zh") for suffix in (".tex", ".dta", ".do")}
    assert "0.0194" in made[".tex"].read_text("utf8")
    sample = pd.read_stata(made[".dta"])
    assert len(sample) == 550
    assert sorted(sample["g"].unique()) == [0, 2006, 2007, 2008, 2009, 2010]
    assert 'use "r.dta", clear' in made[".do"].read_text("utf8")
    assert "csdid log_homicide, ivar(unit) time(time) gvar(g)" in made[".do"].read_text("utf8")
    place.undo(1)
    with pytest.raises(Misfit):
        place.publish([result], tmp_path / "late.dta")


def test_the_study_on_the_munnell_panel_cannot_tell_and_says_why(tmp_path: Path) -> None:
    pytest.importorskip("linearmodels")
    pytest.importorskip("libpysal")
    place, _ = furnish("us-states", tmp_path / "place")
    found = place.run("evaluate.verdict", study="energy_shock").frame()
    assert set(found["verdict"]) == {"unknown"}
    assert set(found["reason"]) == {"few_treated"}
    codes = {note.code for note in place.run("evaluate.design", study="energy_shock").notes}
    assert {"audit.no_stars", "audit.spillover", "evaluate.underpowered"} <= codes
