"""What holds for any figures: properties of the index, its weights, its ranks and its split."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from relode.maths.chance import bands, rank_counts, rank_quantile, ranks
from relode.maths.numbers import significant
from relode.maths.scale import minmax_limits, outside, position
from relode.maths.weights import critic, dirichlet, entropy
from relode.measure import index, movement
from relode.measure.choose import choose
from relode.measure.draws import draw, stream
from relode.measure.roots import unit_of_rounding
from relode.measure.score import Scores, score
from relode.words.codelist import Codelist
from relode.words.indicator import system_of
from relode.words.panel import Panel
from relode.words.plan import Plan

K = 4
CODES = ("a.x", "a.y", "b.u", "b.v")
SYSTEM = system_of(
    {
        "name": "laws", "version": 1, "zh": "律", "en": "Laws",
        "groups": {
            name: {"zh": name, "en": name, "indicators": {
                code: {"zh": code, "en": code, "unit": "1", "direction": way} for code, way in inner.items()}}
            for name, inner in {"a": {"x": 1, "y": -1}, "b": {"u": 1, "v": 1}}.items()
        },
    }
)  # fmt: skip

FIGURES = st.integers(-1000, 1000).map(lambda n: n / 8)  # exact in binary: scaling loses nothing
BLOCKS = st.integers(3, 9).flatmap(lambda n: hnp.arrays(np.float64, (n, 2, K), elements=FIGURES, unique=True))
METHODS = st.sampled_from(
    [
        {},
        {"normalise": {"limits": "period"}},
        {"weigh": {"method": "entropy"}},
        {"weigh": {"method": "critic", "across": "leaves", "fit": "period"}},
        {"normalise": {"scale": (1.0, 100.0)}, "aggregate": {"method": "geometric"}},
        {"aggregate": {"method": "topsis"}},
        {"normalise": {"method": "zscore", "scale": (50.0, 10.0)}},
    ]
)
few = settings(max_examples=40, deadline=None)


def plan_of(**sections: Any) -> Plan:
    spec: dict[str, Any] = {"name": "laws", "zh": "律", "en": "Laws", "system": SYSTEM, "uncertainty": {"draws": 0}}
    normalise = {"method": "minmax", "limits": "panel"} | sections.pop("normalise", {})
    return Plan.of(spec | {"normalise": normalise} | sections)


def panel_of(values: np.ndarray, names: list[int] | None = None) -> Panel:
    names = names or list(range(len(values)))
    return Panel(values[None], ("actual",), tuple(f"r{n}" for n in names), ("2020", "2021"), CODES)


def scores_of(values: np.ndarray, names: list[int] | None = None, **sections: Any) -> Scores:
    return score(choose(panel_of(values, names), Codelist(), plan_of(**sections)))


@few
@given(BLOCKS, METHODS, st.randoms(use_true_random=False))
def test_the_order_of_regions_does_not_matter(values: np.ndarray, plan: dict, random: Any) -> None:
    names = list(range(len(values)))
    random.shuffle(names)
    plain, mixed = scores_of(values, **plan).score, scores_of(values[names], names, **plan).score
    np.testing.assert_allclose(mixed, plain[names], rtol=1e-9, atol=1e-9)


@few
@given(BLOCKS, METHODS, st.sampled_from([0.001, 0.5, 3.0, 1000.0]), st.integers(0, K - 1))
def test_changing_a_unit_changes_nothing(values: np.ndarray, plan: dict, factor: float, which: int) -> None:
    other = values.copy()
    other[..., which] *= factor
    np.testing.assert_allclose(scores_of(other, **plan).score, scores_of(values, **plan).score, rtol=1e-8, atol=1e-8)


@few
@given(BLOCKS, st.sampled_from(["arithmetic", "geometric", "topsis"]), st.data())
def test_raising_a_benefit_indicator_never_lowers_the_score(values: np.ndarray, how: str, data: st.DataObject) -> None:
    posts = {code: ((-200.0, 200.0) if code != "a.y" else (200.0, -200.0)) for code in CODES}
    plan = {
        "normalise": {"method": "goalposts", "goalposts": posts, "scale": (1.0, 100.0), "clip": True},
        "aggregate": {"method": how},
    }
    n, k = data.draw(st.integers(0, len(values) - 1)), data.draw(st.sampled_from([0, 2, 3]))
    better = values.copy()
    better[n, 1, k] += data.draw(st.floats(0, 100))
    worse = values.copy()
    worse[n, 1, 1] += data.draw(st.floats(0, 100))
    before = scores_of(values, **plan).score
    assert scores_of(better, **plan).score[n, 1] >= before[n, 1] - 1e-9
    assert scores_of(worse, **plan).score[n, 1] <= before[n, 1] + 1e-9
    others = np.delete(scores_of(better, **plan).score, n, axis=0)
    np.testing.assert_array_equal(others, np.delete(before, n, axis=0))


@few
@given(BLOCKS, METHODS)
def test_weights_sum_to_one_in_every_group_and_period(values: np.ndarray, plan: dict) -> None:
    for w in scores_of(values, **plan).weights:
        np.testing.assert_allclose(w.sum(axis=1), 1, rtol=1e-12)
        assert (w >= 0).all()


@few
@given(BLOCKS, st.sampled_from(["arithmetic", "geometric", "topsis"]), st.sampled_from(["panel", "period"]))
def test_scores_stay_within_the_scale(values: np.ndarray, how: str, limits: str) -> None:
    plan = {"normalise": {"limits": limits, "scale": (1.0, 100.0)}, "aggregate": {"method": how}}
    found = scores_of(values, **plan).score
    assert found.min() >= 1 - 1e-9
    assert found.max() <= 100 + 1e-9


@few
@given(BLOCKS, METHODS)
def test_better_in_everything_is_never_ranked_below(values: np.ndarray, plan: dict) -> None:
    values = values.copy()
    values[0, :, [0, 2, 3]] = values[..., [0, 2, 3]].max() + 1
    values[0, :, 1] = values[..., 1].min() - 1
    found = scores_of(values, **plan).score
    assert (found[0] >= found.max(axis=0) - 1e-9).all()


@few
@given(BLOCKS, METHODS)
def test_ranks_are_a_permutation_but_for_ties(values: np.ndarray, plan: dict) -> None:
    table = index(panel_of(values), Codelist(), plan=plan_of(**plan)).tables["ranks"]
    for _, rows in table.groupby("period"):
        above = (rows["score"].to_numpy()[None, :] > rows["score"].to_numpy()[:, None]).sum(axis=1)
        assert (rows["rank"] == above + 1).all()
        if rows["score"].is_unique:
            assert sorted(rows["rank"]) == list(range(1, len(values) + 1))


@few
@given(BLOCKS, METHODS, st.integers(0, 30))
def test_a_change_splits_exactly(values: np.ndarray, plan: dict, holes: int) -> None:
    values = values.copy()
    values[holes % len(values), holes % 2, holes % K] = np.nan
    lenient = plan | {"screen": {"entity_missing": 0.5}}
    result = movement(panel_of(values), Codelist(), plan=plan_of(**lenient), base="2020", now="2021")
    table = result.tables["movement"]
    parts = table[["from_data", "from_limits", "from_weights"]].sum(axis=1)
    assert (table["change"] - parts).abs().max() < 1e-12
    by = result.tables["by_indicator"].groupby("entity")["change"].sum()
    np.testing.assert_allclose(by[table["entity"]], table["from_data"], rtol=0, atol=1e-12)


@few
@given(BLOCKS, METHODS)
def test_contributions_sum_to_the_score_and_obstacles_to_one(values: np.ndarray, plan: dict) -> None:
    result = index(panel_of(values), Codelist(), plan=plan_of(**plan))
    keys = ["entity", "period"]
    scores = result.tables["ranks"].set_index(keys)["score"]
    parts = result.tables["indicators"].groupby(keys)["contribution"].sum()
    np.testing.assert_allclose(parts[scores.index], scores, rtol=1e-8, atol=1e-8)
    obstacles = result.tables["obstacles"].groupby(keys)["obstacle"].sum()
    np.testing.assert_allclose(obstacles, 1, rtol=1e-8)


@few
@given(hnp.arrays(np.float64, (7, 3), elements=st.integers(0, 50).map(float)))
def test_learned_weights_are_shares_whatever_the_figures(x: np.ndarray) -> None:
    for w in (entropy(x), critic(x)):
        assert (w >= 0).all()
        assert abs(w.sum() - 1) < 1e-12


@few
@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.floats(0.01, 500), st.integers(0, 2**32))
def test_drawn_weights_are_shares(parts: list[int], concentration: float, seed: int) -> None:
    centre = np.array(parts, float) / sum(parts) if sum(parts) else np.full(len(parts), 1 / len(parts))
    drawn = dirichlet(np.random.default_rng(seed), centre, concentration, 20)
    np.testing.assert_allclose(drawn.sum(axis=1), 1, rtol=1e-12)
    assert (drawn[:, centre == 0] == 0).all()


@few
@given(hnp.arrays(np.float64, (30, 6), elements=st.integers(0, 9).map(float)))
def test_rank_quantiles_are_in_order_and_bands_do_not_go_back(scores: np.ndarray) -> None:
    counts = rank_counts(ranks(scores))
    assert (rank_quantile(counts, 0.05) <= rank_quantile(counts, 0.95)).all()
    assert (counts.sum(axis=1) == 30).all()
    above = np.random.default_rng(int(scores.sum())).uniform(size=(6, 6))
    steps = np.diff(bands(above, 0.9))
    assert set(steps) <= {0, 1}


@few
@given(hnp.arrays(np.float64, 10, elements=st.floats(-1e9, 1e9).filter(lambda x: abs(x) > 1e-9)))
def test_rounding_to_twelve_digits_changes_at_most_the_thirteenth(x: np.ndarray) -> None:
    np.testing.assert_allclose(significant(x), x, rtol=5.1e-12)
    np.testing.assert_array_equal(significant(significant(x)), significant(x))


VARY = st.lists(
    st.sampled_from(
        ["weigh.method=critic", "weigh.method=sd", "normalise.method=prank", "normalise.limits=period",
         "treat.method=mad", "aggregate.method=grey", "impute.method=median", "leave_out"]
    ),
    max_size=3, unique=True,
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(BLOCKS, VARY, st.integers(0, 299), st.integers(0, 2**32))
def test_a_draw_alone_has_the_score_it_had_among_all(
    values: np.ndarray, vary: list[str], number: int, seed: int
) -> None:
    """Whatever is in doubt - choices, an indicator left out, a gap filled anew, errors of figures, weights."""
    values = values.copy()
    values[0, 0, 0] = np.nan
    spread = {"draws": 300, "seed": seed, "vary": vary, "figures": 5, "errors": {"A": 0.02}}
    scores = scores_of(values, uncertainty=spread, impute={"method": "mean"}, screen={"entity_missing": 0.6})
    block = next(iter(stream(scores)))[:, number] * unit_of_rounding(scores.plan)
    alone = draw(scores, number).scores.score.T
    np.testing.assert_allclose(np.where(np.isnan(block), np.nan, alone), block, rtol=1e-9, atol=1e-9)


@few
@given(hnp.arrays(np.float64, st.integers(2, 30), elements=FIGURES), FIGURES, st.integers(0, 800).map(lambda n: n / 8))
def test_min_max_of_the_distance_from_a_best_range_is_the_textbook_formula(
    x: np.ndarray, a: float, wide: float
) -> None:
    """y = 1 - max(a - x, x - b) / max(a - min x, max x - b), 1 inside. Guo Yajun (2007)"""
    b = a + wide
    x = np.append(x, a)  # somebody is inside, so that the least distance is 0
    worst, best = minmax_limits(outside(x, a, b)[:, None], np.array([-1.0]))
    if worst == best:  # nobody is outside
        return
    textbook = 1 - np.maximum(a - x, x - b) / max(a - x.min(), x.max() - b)
    found = position(outside(x, a, b), worst, best)
    np.testing.assert_allclose(found, np.where((x >= a) & (x <= b), 1.0, textbook), atol=1e-12)
