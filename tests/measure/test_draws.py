"""Draws: each can be computed alone, as a plan of its own; counts equal those of a plain loop; memory is bounded."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from relode.measure import index
from relode.measure.choose import choose
from relode.measure.designs import ROWS
from relode.measure.doubts import planned
from relode.measure.draws import chances, draw, stream
from relode.measure.score import score

SPREAD = {
    "draws": 1200,
    "seed": 11,
    "normalise": ["minmax", "zscore"],
    "aggregate": ["arithmetic", "geometric", "topsis"],
}


def scored(made, values, **plan):
    filled = {"normalise": {"scale": (1, 100)}, "uncertainty": SPREAD, **plan}
    return score(choose(made.panel(values), made.regions(len(values)), made.plan(**filled)))


def loop(made, values, one, **plan):
    """Draw `one` by plain loops over entities, periods and indicators: (entity, period) scores."""
    n, periods, k = values.shape
    place = np.empty((n, periods, k))
    for j in range(k):
        column = values[..., j]
        if one.plan.normalise.method == "minmax":
            place[..., j] = 1 + 99 * (column - np.nanmin(column)) / (np.nanmax(column) - np.nanmin(column))
            place[..., j] = 101 - place[..., j] if j in (1, 4) else place[..., j]
        else:
            z = (column - np.nanmean(column)) / np.nanstd(column, ddof=1)
            place[..., j] = 1 + 100 * (-z if j in (1, 4) else z)
    found = np.empty((n, periods))
    for i, t in np.ndindex(n, periods):
        groups = []
        for w, columns in zip(one.weights[:2], ((0, 1), (2, 3, 4)), strict=True):
            pairs = [(w[min(t, len(w) - 1), c], place[i, t, j]) for c, j in enumerate(columns)]
            groups.append(mean([pair for pair in pairs if not np.isnan(pair[1])], one.plan.aggregate.method))
        top = one.weights[2]
        found[i, t] = mean(list(zip(top[min(t, len(top) - 1)], groups, strict=True)), one.plan.aggregate.method)
    return found


def mean(pairs, how: str) -> float:
    total = sum(w for w, _ in pairs)
    if how == "geometric":
        return float(np.prod([x ** (w / total) for w, x in pairs]))
    if how == "topsis":
        up = sum((w * ((x - 1) / 99 - 1)) ** 2 for w, x in pairs) ** 0.5
        down = sum((w * (x - 1) / 99) ** 2 for w, x in pairs) ** 0.5
        return 1 + 99 * down / (up + down)
    return sum(w * x for w, x in pairs) / total


def holed(made) -> np.ndarray:
    values = made.values(9, 3, seed=4)
    values[2, 1, 3] = values[5, 0, 0] = np.nan
    return values


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 599, ROWS - 1, ROWS, 1199])
def test_a_draw_computed_alone_by_plain_loops_gives_the_same_scores(made, number: int) -> None:
    values = holed(made)
    scores = scored(made, values)
    one = draw(scores, number)
    block = list(stream(scores))[number // ROWS][:, number % ROWS]
    unit = 1e-10  # the twelfth digit of a score up to 99
    np.testing.assert_allclose(block.T * unit, loop(made, values, one), rtol=1e-9, atol=1e-9)


def test_a_draw_is_a_plan_of_its_own(made) -> None:
    """The same draw as a plan with given weights, one normalisation and one mean, through the front door."""
    values = made.values(9, 2, seed=4)
    scores = scored(made, values)
    tree = scores.chosen.tree
    for number in range(12):
        one = draw(scores, number)
        given = {
            tree.codes[child]: float(one.weights[b][0, c])
            for b, branch in enumerate(tree.branches)
            for c, child in enumerate(branch.children)
        }

        plan = made.plan(
            normalise={"method": one.plan.normalise.method, "scale": (1, 100)},
            weigh={"method": "given", "given": given},
            aggregate={"method": one.plan.aggregate.method},
        )
        alone = score(choose(made.panel(values), made.regions(9), plan)).score
        block = next(iter(stream(scores)))[:, number]
        np.testing.assert_allclose(block.T * 1e-10, alone, rtol=1e-9, atol=1e-9)


def test_all_variants_are_drawn_and_no_meaningless_one(made) -> None:
    scores = scored(made, made.values())
    doubts = planned(scores)
    pairs = {(one.plan.normalise.method, one.plan.aggregate.method) for one in doubts.variants.values()}
    assert doubts.left == 2
    assert pairs == {
        ("minmax", "arithmetic"),
        ("minmax", "geometric"),
        ("minmax", "topsis"),
        ("zscore", "arithmetic"),
    }
    plans = [draw(scores, n).plan for n in range(60)]
    assert {(plan.normalise.method, plan.aggregate.method) for plan in plans} == pairs


def test_draws_do_not_depend_on_how_many_are_taken(made) -> None:
    few = scored(made, made.values(), uncertainty={**SPREAD, "draws": 300})
    np.testing.assert_array_equal(
        np.concatenate(list(stream(few)), axis=1),
        np.concatenate(list(stream(scored(made, made.values()))), axis=1)[:, :300],
    )


def test_another_seed_draws_otherwise(made) -> None:
    one, other = (scored(made, made.values(), uncertainty={**SPREAD, "seed": seed}) for seed in (1, -1))
    assert not np.array_equal(next(iter(stream(one))), next(iter(stream(other))))


def test_counts_bottoms_and_joint_events_equal_a_plain_count(made) -> None:
    scores = scored(made, made.values(9, 3, seed=4))
    told = chances(scores, running=2, bottom=3)
    block = np.concatenate(list(stream(scores)), axis=1)
    ranks = 1 + (block[:, :, None, :] > block[:, :, :, None]).sum(axis=3)
    last = ranks > 6
    np.testing.assert_allclose(told.bottom, last.mean(axis=1).T)
    np.testing.assert_allclose(told.running[:, 1], (last[0] & last[1]).mean(axis=0))
    assert np.isnan(told.running[:, 0]).all()
    for t in range(3):
        order = told.order[t]
        assert (told.counts[t][:, 0] == (ranks[t][:, order] == 1).sum(axis=0)).all()
        above = (block[t][:, order][:, :, None] > block[t][:, order][:, None, :]).mean(axis=0)
        np.testing.assert_allclose(told.above[t], above)


def test_asking_for_the_last_periods_gives_the_same_draws(made) -> None:
    scores = scored(made, made.values(9, 3, seed=4), weigh={"method": "entropy", "fit": "period"})
    whole, last = chances(scores), chances(scores, last=2)
    np.testing.assert_array_equal(whole.bottom[:, 1:], last.bottom)
    np.testing.assert_array_equal(whole.running[:, 2], last.running[:, 1])


def test_both_years_under_one_yardstick_are_surer_than_two_independent_draws(made) -> None:
    """The same figures in both years: last in one means last in both, so P(both) = P(one), not its square."""
    values = np.repeat(made.values(9, 1, seed=4), 2, axis=1)
    told = chances(scored(made, values))
    np.testing.assert_array_equal(told.running[:, 1], told.bottom[:, 1])


def test_weights_that_differ_by_period_are_moved_in_the_same_proportion(made) -> None:
    scores = scored(made, made.values(9, 3, seed=4), weigh={"method": "entropy", "fit": "period"})
    one = draw(scores, 3)
    for b, w in enumerate(scores.weights):
        ratio = one.weights[b] / w
        np.testing.assert_allclose(one.weights[b].sum(axis=1), 1)
        np.testing.assert_allclose(ratio / ratio[:, :1], np.broadcast_to(ratio[:1] / ratio[:1, :1], ratio.shape))


def test_no_concentration_varies_no_weights(made) -> None:
    scores = scored(made, made.values(), uncertainty={"draws": 20, "concentration": 0})
    np.testing.assert_allclose(draw(scores, 5).weights[1], 1 / 3)
    assert (next(iter(stream(scores))) == next(iter(stream(scores)))[:, :1]).all()


def test_intervals_hold_the_drawn_ranks(made) -> None:
    values = made.values(12, 1, seed=8)
    plan = made.plan(normalise={"scale": (1, 100)}, uncertainty=SPREAD)
    ranks = index(made.panel(values), made.regions(12), plan=plan).tables["ranks"].set_index("entity")
    scores = scored(made, values)
    block = np.concatenate(list(stream(scores)), axis=1)[0]
    drawn = 1 + (block[:, None, :] > block[:, :, None]).sum(axis=2)
    for n, entity in enumerate(scores.chosen.entities):
        column = np.sort(drawn[:, n])
        assert ranks.loc[entity, "rank_low"] == column[59], "5 % of 1,200 draws"
        assert ranks.loc[entity, "rank_high"] == column[1139], "95 % of 1,200 draws"
        assert ranks.loc[entity, "p_top"] == pytest.approx((drawn[:, n] <= 10).mean())
        assert ranks.loc[entity, "p_bottom"] == pytest.approx((drawn[:, n] > 9).mean())


def test_memory_does_not_grow_with_the_number_of_draws(made) -> None:
    values = made.values(83, 1)
    peaks = []
    for draws in (2000, 10_000):  # too few for the compiled way, whose loading is not what is measured
        scores = scored(made, values, uncertainty={**SPREAD, "draws": draws})
        tracemalloc.start()
        chances(scores)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 3 * peaks[0], "a block of draws per core, five times the draws or not"
    assert peaks[1] < 100e6
