"""The recipe of the US states runs from the embedded figures to a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from relode.app.demo import furnish


@pytest.mark.slow
def test_the_states_are_diagnosed_in_one_command(tmp_path: Path) -> None:
    pytest.importorskip("libpysal")
    place, _ = furnish("us-states", tmp_path / "place")
    results = place.cook("diagnosis_us")
    assert list(results) == ["inequality", "convergence", "space", "moves", "efficiency", "productivity", "integrity"]
    assert results["space"].frame().query("period == '1929' and statistic == 'moran'")["p"].iloc[0] < 0.01
    assert results["convergence"].frame().iloc[0]["half_life"] < 60
    for lang in ("zh", "en"):
        page = place.publish(results, tmp_path / f"diagnosis.{lang}.html", lang=lang, recipe="diagnosis_us")
        assert page.stat().st_size > 20_000
