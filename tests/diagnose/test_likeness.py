"""Likeness of structures and crowding: a hand-computed case, planted crowding, guards."""

from __future__ import annotations

import numpy as np
import pytest
from places import panel_of, ring

import relode
from relode.diagnose.likeness import krugman, similarity
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, Refused


def test_two_places_and_three_industries_by_hand() -> None:
    share = np.array([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]])
    assert similarity(share)[0, 1] == pytest.approx(0.5)
    assert krugman(share)[0, 1] == pytest.approx(0.5)
    assert np.allclose(np.diag(similarity(share)), 1)
    assert np.allclose(np.diag(krugman(share)), 0)


def test_neighbours_that_crowd_into_one_new_industry_are_told() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(1, 2, (40, 1, 4))
    x[10:20, 0, 3] += 20
    panel = panel_of(x, ("coal", "farms", "tourism", "batteries"))
    result = relode.diagnose.likeness(panel, Codelist(), ring(panel), industries=panel.indicators)
    row = result.frame("crowding").set_index("indicator").loc["batteries"]
    assert row["p"] < 0.01
    assert row["crowding"] > 3 * row["expected"]
    assert "likeness.crowded" in {note.code for note in result.notes}
    pairs = result.frame("pairs")
    inside = pairs[pairs["entity"].isin([f"r{n:03d}" for n in range(11, 19)])]
    assert inside["similarity"].min() > 0.9


def test_a_place_that_leads_its_neighbours_in_something_has_a_niche() -> None:
    x = np.ones((12, 1, 3))
    x[3, 0, 1] = 5
    panel = panel_of(x, ("a", "b", "c"))
    table = relode.diagnose.likeness(panel, Codelist(), ring(panel), industries=("a", "b", "c")).frame()
    assert table.set_index("entity").loc["r003", "niche"] == "b"


def test_guards_of_likeness() -> None:
    panel = panel_of(np.ones((6, 1, 2)) - 2 * np.eye(6)[:, :1, None], ("a", "b"))
    with pytest.raises(Refused, match="negative"):
        relode.diagnose.likeness(panel, Codelist(), ring(panel), industries=("a", "b"))
    with pytest.raises(Misfit, match="structure"):
        relode.diagnose.likeness(panel, Codelist(), ring(panel), industries=("a",))
