"""Sensitivity: draws re-run alone, probabilities by plain counts, Sobol indices that find what is planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from relode.measure import index, sensitivity
from relode.measure.choose import choose
from relode.measure.designs import ROWS, Rows, index_of
from relode.measure.errors import errors_of
from relode.measure.replay import drawn, plan_of
from relode.measure.score import score
from relode.measure.sensitivity import _doubts
from relode.words.errors import Misfit, Refused, UnknownWord
from relode.words.panel import Panel
from relode.words.rules import Rules

SPREAD = {"draws": 1200, "seed": 5, "normalise": ["minmax", "zscore"], "aggregate": ["arithmetic", "geometric"]}
FREE = {"draws": 1200, "seed": 5, "aggregate": ["arithmetic", "geometric", "topsis"]}


def planned(made, **sections):
    return made.plan(**{"normalise": {"scale": (1, 100)}, "uncertainty": FREE, **sections})


def run(made, values, status=None, **choices):
    plan = choices.pop("plan", None) or planned(made)
    panel = made.panel(values)
    if status is not None:
        panel = Panel(panel.values, panel.scenarios, panel.entities, panel.periods, panel.indicators, status=status)
    return sensitivity(panel, made.regions(len(values)), plan=plan, **choices)


def doubted(made, values, plan, vary=(), status=None):
    panel, regions = made.panel(values), made.regions(len(values))
    if status is not None:
        panel = Panel(panel.values, panel.scenarios, panel.entities, panel.periods, panel.indicators, status=status)
    return _doubts(score(choose(panel, regions, plan)), None, vary, Rules.named("data_error"), "")


@pytest.mark.parametrize("number", [0, 1, 7, ROWS, ROWS + 55])
def test_a_draw_alone_has_the_score_it_had_among_all(made, number: int) -> None:
    doubts = doubted(made, made.values(9, 2), planned(made))
    chunk, row = divmod(number, ROWS)
    block = index_of(doubts, Rows(chunk, 0))[-1, row] * doubts.unit
    scores = drawn(doubts, number).scores
    np.testing.assert_allclose(block, scores.score[doubts.here, -1], rtol=1e-10)


@pytest.mark.parametrize("number", [0, 3, 300])
def test_a_draw_is_a_plan_that_gives_the_same_through_the_front_door(made, number: int) -> None:
    values = made.values(9, 2)
    doubts = doubted(made, values, planned(made))
    ranks = index(made.panel(values), made.regions(9), plan=plan_of(doubts, number)).frame("ranks")
    mine = run(made, values, draw=number).frame("ranks").set_index("entity")["score"]
    theirs = ranks[ranks["period"] == "2021"].set_index("entity")["score"]
    np.testing.assert_allclose(mine.sort_index(), theirs.sort_index(), rtol=1e-10)


def test_a_draw_with_moved_figures_alone_has_the_score_it_had_among_all(made) -> None:
    values = made.values(9, 2)
    status = np.full((1, *values.shape), 3, np.uint8)  # all provisional
    plan = planned(made, weigh={"method": "entropy"})
    doubts = doubted(made, values, plan, status=status)
    assert "data" in doubts.names
    block = index_of(doubts, Rows(0, 0), 6)[-1] * doubts.unit
    for row in range(6):
        np.testing.assert_allclose(block[row], drawn(doubts, row).scores.score[doubts.here, -1], rtol=1e-10)


def test_ranks_and_probabilities_equal_plain_counts_over_the_draws(made) -> None:
    values = made.values(9, 2)
    plan = planned(made)
    doubts = doubted(made, values, plan)
    blocks = [index_of(doubts, Rows(chunk, 0), min(ROWS, 1200 - chunk * ROWS)) for chunk in range(2)]
    block = np.concatenate(blocks, axis=1)
    ranks = 1 + (block[:, :, None, :] > block[:, :, :, None]).sum(axis=3)
    found = run(made, values, plan=plan, pairs=("r01>r02",))
    table = found.frame("ranks").set_index("entity").sort_index()
    np.testing.assert_allclose(table["p_bottom"], (ranks[-1] > 6).mean(axis=0))
    np.testing.assert_allclose(table["p_both"], (ranks > 6).all(axis=0).mean(axis=0))
    np.testing.assert_array_equal(table["rank_low"], np.sort(ranks[-1], axis=0)[59])
    np.testing.assert_array_equal(table["rank_high"], np.sort(ranks[-1], axis=0)[1139])
    assert found.frame("beats")["p_above"].iloc[0] == pytest.approx((block[-1][:, 1] > block[-1][:, 2]).mean())
    held = found.frame("acceptability")
    np.testing.assert_allclose(held.groupby("entity")["rank_share"].sum(), 1)


def test_a_single_doubt_owns_all_the_variance(made) -> None:
    table = run(made, made.values(9), vary=("weights",), width=2).frame("sobol").dropna()
    assert set(table["doubt"]) == {"weights"}
    np.testing.assert_allclose(table["total_order"], 1, atol=0.15)


def test_the_doubt_that_moves_ranks_is_found(made) -> None:
    """Weights that hardly move (a great concentration), and means that differ greatly: aggregation owns the ranks."""
    rng = np.random.default_rng(2)
    values = rng.uniform(1, 9, (12, 1, 5))
    values[::2, :, 0] = rng.uniform(1, 1.2, (6, 1))  # poor in one, good in the others: geometric means punish it
    values[::2, :, 2:4] = rng.uniform(7, 9, (6, 1, 2))
    plan = planned(made, uncertainty={**FREE, "concentration": 20_000.0, "aggregate": ["arithmetic", "geometric"]})
    table = run(made, values, plan=plan).frame("sobol").dropna()
    total = table.groupby("doubt")["total_order"].mean()
    assert total["aggregate.method"] > 0.8
    assert total["weights"] < 0.3


def test_choices_that_cannot_be_combined_freely_make_one_factor(made) -> None:
    found = run(made, made.values(9), plan=planned(made, uncertainty=SPREAD))
    names = set(found.frame("sobol")["doubt"])
    assert names == {"normalise.method + aggregate.method", "weights"}
    levels = found.frame("doubts").set_index("doubt").loc["normalise.method + aggregate.method", "level_taken"]
    assert set(levels) == {"minmax, arithmetic", "minmax, geometric", "zscore, arithmetic"}


def test_any_choice_of_the_plan_can_be_in_doubt(made) -> None:
    vary = (
        "weights",
        "weigh.method=critic",
        "weigh.method=entropy",
        "normalise.limits=period",
        "screen.entity_missing=0.5",
    )
    found = run(made, made.values(9, 2), vary=vary, width=2)
    assert set(found.frame("sobol")["doubt"]) == {
        "weights",
        "weigh.method",
        "normalise.limits",
        "screen.entity_missing",
    }
    assert len(found.frame("doubts").query("doubt == 'weigh.method'")) == 3


@pytest.mark.parametrize(
    ("vary", "fault"),
    [
        (("normalse.method=zscore",), UnknownWord),
        (("normalise.methd=zscore",), UnknownWord),
        (("normalise.method=log",), Misfit),
        (("normalise.method",), Misfit),
        (("noise",), Misfit),
    ],
)
def test_what_is_no_choice_of_a_plan_is_refused(made, vary: tuple[str, ...], fault: type) -> None:
    with pytest.raises(fault):
        run(made, made.values(9), vary=vary)


def test_nothing_in_doubt_is_refused(made) -> None:
    with pytest.raises(Misfit, match="nothing is in doubt"):
        run(made, made.values(9), plan=planned(made, uncertainty={"draws": 100, "concentration": 0}))
    with pytest.raises(Refused):
        run(made, made.values(9), plan=planned(made, uncertainty={"draws": 0}))


def test_unknown_pairs_and_draws_are_refused(made) -> None:
    with pytest.raises(UnknownWord):
        run(made, made.values(9), pairs=("r01>nobody",))
    with pytest.raises(Misfit):
        run(made, made.values(9), pairs=("r01",))
    with pytest.raises(Misfit):
        run(made, made.values(9), draw=1200)


def test_errors_follow_status_and_past_revisions(made) -> None:
    values = made.values(9, 3)
    panel = made.panel(values)
    first = values.copy()
    first[:, :2, 0] *= 1.10  # income was revised down by a tenth in both earlier periods
    both = Panel(
        np.stack([values, first]), ("actual", "first"), panel.entities, panel.periods, panel.indicators,
    )  # fmt: skip
    plan, regions = planned(made), made.regions(9)
    chosen = choose(both, regions, plan)
    errors = errors_of(chosen, 2, Rules.named("data_error"), "first")
    assert errors is not None
    error = errors.size
    np.testing.assert_allclose(error[:, 2, 0], 1 - 1 / 1.1)
    assert not error[:, :2].any()
    assert not error[..., 1:].any()


def test_provisional_figures_put_data_in_doubt_and_final_ones_do_not(made) -> None:
    values = made.values(8)
    status = np.zeros((1, *values.shape), np.uint8)
    plan = planned(made, uncertainty={"draws": 64, "seed": 1})
    assert set(run(made, values, plan=plan, width=2).frame("sobol")["doubt"]) == {"weights"}
    status[..., 0] = 3
    assert set(run(made, values, status, plan=plan, width=2).frame("sobol")["doubt"]) == {"weights", "data"}


def test_rows_stop_when_intervals_are_narrow(made) -> None:
    plan = planned(made, uncertainty={**FREE, "draws": 9000})
    early, late = (run(made, made.values(9), plan=plan, width=w) for w in (1.5, 0.001))
    rows = [next(n for n in one.notes if n.code == "sensitivity.rows").details["rows"] for one in (early, late)]
    assert rows[0] < rows[1] == 9000
    assert "sensitivity.wide" in [note.code for note in late.notes]
    pd.testing.assert_frame_equal(early.frame("ranks"), late.frame("ranks"))


def test_the_same_seed_gives_the_same_tables(made) -> None:
    one, two = (run(made, made.values(9)) for _ in range(2))
    for name in one.tables:
        pd.testing.assert_frame_equal(one.frame(name), two.frame(name))
