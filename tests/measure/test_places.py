"""Places against neighbours and peers, by hand from the tables of the index."""

from __future__ import annotations

import numpy as np
import pytest

from relode.measure import index, places
from relode.words.errors import Misfit, UnknownWord
from relode.words.ties import Ties

TIES = Ties(("r00", "r00", "r03"), ("r01", "r02", "r00"), ("neighbour",) * 3, np.ones(3))


def run(made, ties=TIES, values=None, names=("r00", "r03"), system=None, codes=None, **plan):
    values = made.values(8, 2, seed=1) if values is None else values
    panel = made.panel(values, codes or made.codes)
    return places(panel, made.regions(), ties, plan=made.plan(system, **plan), places=names)


def test_gaps_are_own_less_the_mean_of_the_others_in_the_last_period(made) -> None:
    result = run(made)
    ranks = index(made.panel(made.values(8, 2, seed=1)), made.regions(), plan=made.plan()).tables["ranks"]
    score = ranks[ranks["period"] == "2021"].set_index("entity")["score"]
    row = result.tables["places"].set_index(["place", "against"]).loc[("r00", "neighbours")]
    assert row["score"] == score["r00"]
    assert row["count"] == 2
    assert row["score_of"] == pytest.approx(score[["r01", "r02"]].mean())
    assert row["gap"] == pytest.approx(score["r00"] - score[["r01", "r02"]].mean())


def test_dimension_gaps_average_to_the_gap_of_the_index(made) -> None:
    result = run(made)
    mean = result.tables["gaps"].groupby(["place", "against"])["gap"].mean()
    whole = result.tables["places"].set_index(["place", "against"])["gap"]
    np.testing.assert_allclose(mean[whole.index], whole, rtol=1e-9)
    assert set(result.tables["gaps"]["node"]) == {"econ", "life"}


def test_indicator_gaps_hold_the_figures_too(made) -> None:
    values = made.values(8, 2, seed=1)
    table = run(made).tables["indicator_gaps"].set_index(["place", "against", "indicator"])
    row = table.loc[("r00", "neighbours", "life.smoke")]
    assert row["value"] == values[0, 1, 4]
    assert row["value_of"] == pytest.approx(values[1:3, 1, 4].mean())
    assert (row["gap"] < 0) == (row["value"] > row["value_of"]), "more smoke is worse"


def test_peers_share_the_type_and_the_place_is_not_its_own_peer(made) -> None:
    who = run(made).tables["who"].query("place == 'r00' and against == 'peers'")
    assert set(who["entity"]) == {"r03", "r06"}


def test_without_ties_the_members_of_the_parent_stand_in_and_it_is_said(made) -> None:
    result = run(made, ties=None)
    who = result.tables["who"].query("place == 'r00' and against == 'neighbours'")
    assert set(who["entity"]) == {"r02", "r04", "r06"}
    assert "places.neighbours_parent" in [note.code for note in result.notes]
    assert "places.neighbours_ties" in [note.code for note in run(made).notes]


def test_a_place_without_anyone_to_compare_is_told_and_stays_empty(made) -> None:
    result = places(
        made.panel(made.values(8)), type(made.regions())(), None, plan=made.plan(), places=("r00",)
    )  # fmt: skip
    assert {"places.neighbours_none", "places.peers_none"} <= {note.code for note in result.notes}
    assert result.tables["places"]["gap"].isna().all()
    assert not len(result.tables["standing"])


def test_the_nearest_in_figures_outside_the_score_are_the_peers(made) -> None:
    spec = {**made.spec, "indicators": {"people": {"zh": "人口", "en": "People", "unit": "1", "direction": 0}}}
    values = made.values(40, 1, k=6)
    values[:, 0, 5] = np.arange(40) ** 2
    panel = made.panel(values, (*made.codes, "people"))
    result = places(panel, made.regions(40), None, plan=made.plan(made.system(spec)), places=("r00",))
    who = result.tables["who"].query("against == 'peers'")
    assert set(who["entity"]) == {f"r{n:02}" for n in range(3, 31, 3)}, "the ten smallest of its type"
    assert "places.peers_near" in [note.code for note in result.notes]


def test_standing_names_the_best_and_worst_three(made) -> None:
    result = run(made)
    table = result.tables["standing"].query("place == 'r00' and against == 'peers'")
    gaps = result.tables["indicator_gaps"].query("place == 'r00' and against == 'peers'")["gap"]
    strong = table[table["standing"] == "strength"]["gap"].tolist()
    assert strong == sorted(gaps[gaps > 0], reverse=True)[:3]
    weak = table[table["standing"] == "weakness"]["gap"].tolist()
    assert weak == sorted(gaps[gaps < 0])[:3]


def test_the_chance_to_stand_above_another_comes_with_the_draws(made) -> None:
    values = made.values(8, 2, seed=1)
    values[0, 1] = [99, -99, 99, 99, -99]
    who = run(made, values=values, uncertainty={"draws": 60}).tables["who"].query("place == 'r00'")
    assert (who["p_above"] == 1).all()
    assert run(made).tables["who"]["p_above"].isna().all()


def test_a_place_without_a_score_is_not_compared_but_not_lost(made) -> None:
    values = made.values(8, 2, seed=1)
    values[0, 1, :2] = np.nan
    table = run(made, values=values, names=("r00",)).tables["places"]
    assert table["score"].isna().all()
    assert len(table) == 2


def test_unknown_places_and_no_places_are_errors(made) -> None:
    with pytest.raises(UnknownWord):
        run(made, names=("x",))
    with pytest.raises(Misfit):
        run(made, names=())
