"""What holds for any panel: order, unit, levels and common shocks change nothing but what they must."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relode.maths.cohorts import permutation_p, simple_effect, simple_influence
from relode.maths.multiple import holm, romano_wolf
from relode.maths.panelfit import cohort_fit, cohort_paths, twoway
from relode.maths.synthetic import simplex_weights

SEEDS = st.integers(0, 10_000)


def panel(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    n, t = int(random.integers(8, 20)), int(random.integers(5, 9))
    start = random.choice([2, 3, t], n)
    start[:3] = (2, 3, t)
    return random.normal(size=(n, t)), start


def fit(y: np.ndarray, start: np.ndarray) -> tuple[float, float]:
    cohorts, at = np.unique(start, return_inverse=True)
    found = cohort_fit(y, at, cohort_paths(cohorts, y.shape[1]))
    return float(found.coefficients[0]), float(found.errors[0])


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_the_order_of_regions_does_not_matter(seed: int) -> None:
    y, start = panel(seed)
    order = np.random.default_rng(seed).permutation(len(y))
    assert fit(y[order], start[order]) == pytest.approx(fit(y, start), abs=1e-9)
    assert simple_effect(y[order], start[order]) == pytest.approx(simple_effect(y, start), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.001, 1000))
def test_a_change_of_unit_changes_the_effect_by_as_much(seed: int, factor: float) -> None:
    y, start = panel(seed)
    b, se = fit(y, start)
    assert fit(factor * y, start) == pytest.approx((factor * b, factor * se), rel=1e-7, abs=1e-9 * factor)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_levels_of_regions_and_common_shocks_change_nothing(seed: int) -> None:
    y, start = panel(seed)
    random = np.random.default_rng(seed + 1)
    shifted = y + 100 * random.normal(size=(len(y), 1)) + 100 * random.normal(size=(1, y.shape[1]))
    assert fit(shifted, start) == pytest.approx(fit(y, start), abs=1e-6)
    assert simple_effect(shifted, start) == pytest.approx(simple_effect(y, start), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(-5, 5))
def test_a_constant_effect_is_added_to_every_estimate(seed: int, effect: float) -> None:
    y, start = panel(seed)
    on = np.arange(y.shape[1])[None, :] >= start[:, None]
    assert fit(y + effect * on, start)[0] == pytest.approx(fit(y, start)[0] + effect, abs=1e-8)
    assert simple_effect(y + effect * on, start) == pytest.approx(simple_effect(y, start) + effect, abs=1e-8)
    d = on.astype(float)[:, :, None]
    assert twoway(y + effect * on, d).errors[0] == pytest.approx(fit(y, start)[1], rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_p_values_are_larger_keep_their_order_and_stay_below_one(p: list[float]) -> None:
    adjusted = holm(np.array(p))
    assert (adjusted >= np.array(p) - 1e-12).all()
    assert adjusted.max() <= 1
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= -1e-12).all()


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_weights_of_donors_are_shares_and_find_a_donor_that_is_the_target(seed: int) -> None:
    random = np.random.default_rng(seed)
    donors = random.normal(size=(6, 9))
    w = simplex_weights(random.normal(size=6), donors)
    assert (w >= 0).all()
    assert w.sum() == pytest.approx(1)
    assert donors @ simplex_weights(donors[:, 4], donors) == pytest.approx(donors[:, 4], abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(1, 50))
def test_a_permutation_p_is_never_zero_and_never_above_one(seed: int, draws: int) -> None:
    dealt = np.random.default_rng(seed).normal(size=draws)
    assert 1 / (draws + 1) <= permutation_p(float(dealt[0]) * 2, dealt) <= 1


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_how_units_move_the_effect_sums_to_zero_and_follows_the_unit_of_the_outcome(seed: int) -> None:
    y, start = panel(seed)
    psi = simple_influence(y, start)
    assert psi.sum() == pytest.approx(0, abs=1e-9)
    assert simple_influence(3 * y + 7, start) == pytest.approx(3 * psi, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(1, 6))
def test_stepped_down_p_values_keep_their_order_and_one_test_alone_needs_no_correction(seed: int, k: int) -> None:
    random = np.random.default_rng(seed)
    scores, t = random.normal(size=(40, k)), random.normal(size=k) * 2
    p = romano_wolf(t, scores, draws=499, seed=seed)
    assert ((p > 0) & (p <= 1)).all()
    assert (np.diff(p[np.argsort(-np.abs(t))]) >= 0).all()
    copied = romano_wolf(np.repeat(t[:1], 3), np.repeat(scores[:, :1], 3, axis=1), draws=499, seed=seed)
    alone = romano_wolf(t[:1], scores[:, :1], draws=499, seed=seed)
    assert copied == pytest.approx(np.repeat(alone, 3))  # three times the same test is one test
