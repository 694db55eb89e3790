"""Coherence: planted faults of an index are found, and a sound one is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from relode.maths.coherence import cronbach, principal
from relode.measure import coherence
from relode.words.errors import UnknownWord


def like(made, noise: float, n: int = 40) -> np.ndarray:
    """One common factor in all indicators, costs turned: everything should correlate with everything."""
    rng = np.random.default_rng(3)
    factor = rng.normal(size=(n, 1, 1))
    x = factor + noise * rng.normal(size=(n, 1, 5))
    x[..., [1, 4]] *= -1
    return x + 20


def run(made, values, **choices):
    return coherence(made.panel(values), made.regions(len(values)), plan=made.plan(), **choices)


def test_a_sound_index_has_no_flags(made) -> None:
    found = run(made, like(made, 0.6))
    assert set(found.frame("pairs")["flag"]) == {"fits"}
    assert not found.frame("groups")["poor"].any()
    assert not len(found.frame("doubles"))
    assert not [note for note in found.notes if note.level == "warning"]


def test_a_near_copy_is_found_as_a_double_anywhere_in_the_tree(made) -> None:
    values = like(made, 0.6)
    values[..., 3] = values[..., 0] + 0.01 * np.random.default_rng(1).normal(size=values.shape[:2])
    found = run(made, values)
    assert list(found.frame("doubles")[["node", "node_other"]].iloc[0]) == ["econ.income", "life.schools"]
    assert found.frame("doubles")["weight_total"].iloc[0] == pytest.approx(1 / 4 + 1 / 6)
    assert "coherence.doubles" in [note.code for note in found.notes]


def test_a_turned_indicator_is_flagged_negative(made) -> None:
    values = like(made, 0.6)
    values[..., 3] = 40 - values[..., 3]
    pairs = run(made, values).frame("pairs")
    flagged = pairs[pairs["flag"] == "negative"]
    assert set(flagged["node"]) | set(flagged["node_other"]) >= {"life.schools"}
    assert "life.schools" in set(flagged["node"]) | set(flagged["node_other"])
    assert not ((pairs["flag"] == "negative") & (pairs["parent"] == "econ")).any()


def test_alpha_equals_the_textbook_formula_and_components_sum_to_one(made) -> None:
    x = np.random.default_rng(2).normal(size=(30, 4)) + np.random.default_rng(3).normal(size=(30, 1))
    c = np.cov(x.T)
    assert cronbach(x) == pytest.approx(4 / 3 * (1 - np.trace(c) / c.sum()))
    np.testing.assert_allclose(principal(x), np.linalg.eigvalsh(np.corrcoef(x.T))[::-1])
    table = run(made, made.values(20)).frame("components")
    np.testing.assert_allclose(table.groupby("node")["explained"].sum(), 1)


def test_leaving_an_indicator_out_equals_a_plan_that_drops_it(made) -> None:
    from relode.measure import index

    values = made.values(20)
    table = run(made, values).frame("left_out").set_index("indicator")
    panel, regions = made.panel(values), made.regions(20)
    rank, without = (
        index(panel, regions, plan=plan).frame("ranks").set_index("entity")["rank"].sort_index()
        for plan in (made.plan(), made.plan(select={"drop": ("life.smoke",)}))
    )
    assert len(table) == 5
    assert table.loc["life.smoke", "mean_shift"] == pytest.approx((rank - without).abs().mean())
    assert table.loc["life.smoke", "greatest_shift"] == (rank - without).abs().max()


def test_strengths_are_where_an_entity_ranks_best(made) -> None:
    values = made.values(20)
    values[3, 0, 2], values[3, 0, 4] = 99.0, 99.0  # best in doctors, worst in smoke (a cost)
    table = run(made, values).frame("strengths")
    mine = table[table["entity"] == "r03"]
    assert mine.loc[mine["side"] == "strength", "indicator"].iloc[0] == "life.doctors"
    assert mine.loc[mine["side"] == "weakness", "indicator"].iloc[0] == "life.smoke"


def test_two_versions_of_a_plan_stand_side_by_side(made) -> None:
    other = made.plan(weigh={"method": "given", "given": {"econ": 3, "life": 1}})
    table = run(made, made.values(20), against=other).frame("versions")
    assert (table["rank_change"] == table["rank"] - table["rank_other"]).all()
    assert table["rank_change"].abs().is_monotonic_decreasing
    assert (table["rank_change"] != 0).any()


def test_a_period_that_is_not_there_is_refused(made) -> None:
    with pytest.raises(UnknownWord):
        run(made, made.values(8), period="1999")


def test_fewer_regions_than_indicators_is_warned(made) -> None:
    assert "coherence.few" in [note.code for note in run(made, made.values(4)).notes]
