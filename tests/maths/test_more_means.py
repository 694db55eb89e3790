"""Harmonic, power, Copeland, AMPI, benefit of the doubt: by hand, against brute force, and at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from relode.maths import means
from relode.maths.benefit import benefit
from relode.maths.means import ampi, arithmetic, copeland, geometric, power
from relode.maths.scale import below, centred_limits, fraction_limits

W = np.array([0.5, 0.3, 0.2])
X = np.random.default_rng(6).uniform(1, 9, (3, 7))
ALL = np.ones_like(X)


def test_power_means_by_hand_and_their_order() -> None:
    np.testing.assert_allclose(power(X, W, ALL, -1), 1 / (W @ (1 / X)), rtol=1e-13)
    np.testing.assert_allclose(power(X, W, ALL, 0.5), (W @ np.sqrt(X)) ** 2, rtol=1e-13)
    np.testing.assert_allclose(power(X, W, ALL, 1), arithmetic(X, W, ALL), rtol=1e-13)
    np.testing.assert_allclose(power(X, W, ALL, 1e-7), geometric(X, W, ALL), rtol=1e-6)
    assert (power(X, W, ALL, -1) < geometric(X, W, ALL)).all()


def test_a_missing_child_has_no_part_and_a_zero_has_no_harmonic_mean() -> None:
    """COINr's a_genmean is NA where one child is missing, though its a_hmean is not; both are the same mean here."""
    x = np.array([[1.0], [np.nan], [2.0]])
    have = np.array([[1.0], [0.0], [1.0]])
    assert power(x, np.ones(3), have, -1)[0] == pytest.approx(4 / 3)
    assert np.isnan(power(np.array([[0.0], [1.0]]), np.ones(2), np.ones((2, 1)), -1)[0])


def test_copeland_counts_victories_less_defeats() -> None:
    x = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [1.0, 2.0, 3.0]])
    np.testing.assert_allclose(copeland(x, W, np.ones_like(x)), [1, 0, -1])
    even = np.array([[1.0, 2.0], [2.0, 1.0]])
    np.testing.assert_allclose(copeland(even, np.array([0.5, 0.5]), np.ones_like(even)), [0, 0])


def test_copeland_does_not_hang_on_the_order_where_figures_are_missing() -> None:
    """COINr fills one triangle of its matrix as 1 - the other: with gaps its scores change when rows are reversed."""
    x = np.random.default_rng(8).uniform(size=(5, 8))
    x[[0, 1, 3], [2, 5, 7]] = np.nan
    have = (~np.isnan(x)).astype(float)
    w = np.full(5, 0.2)
    forward = copeland(x, w, have)
    np.testing.assert_array_equal(copeland(x[:, ::-1], w, have[:, ::-1])[::-1], forward)
    by_hand = np.zeros(8)
    for i in range(8):
        for j in range(8):
            both = have[:, i] * have[:, j] > 0
            by_hand[i] += np.sign((x[both, i] > x[both, j]).sum() - (x[both, i] < x[both, j]).sum())
    np.testing.assert_allclose(forward, by_hand / 7)


def test_copeland_of_many_weightings_equals_one_after_the_other() -> None:
    w = np.random.default_rng(1).dirichlet(np.ones(3), (2, 4))
    together = copeland(np.stack([X, X[:, ::-1]])[:, None], w, np.ones((2, 1, 3, 7)))
    for t, d in np.ndindex(2, 4):
        one = X if t == 0 else X[:, ::-1]
        np.testing.assert_array_equal(together[t, d], copeland(one, w[t, d], ALL))


def test_unevenness_costs_under_ampi() -> None:
    x = np.array([[100.0, 120.0], [100.0, 80.0]])
    w = np.array([0.5, 0.5])
    np.testing.assert_allclose(ampi(x, w, np.ones_like(x)), [100, 100 - 20**2 / 100])
    np.testing.assert_allclose(ampi(x, w, np.ones_like(x), 1), [100, 104])


def test_benefit_of_the_doubt_by_hand() -> None:
    """Two on the frontier, and one inside: (0.5, 0.5) reaches half of the line between (1, 0.5) and (0.5, 1)."""
    x = np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5]])
    np.testing.assert_allclose(benefit(x, np.ones_like(x)), [1, 1, 2 / 3], rtol=1e-9)


def test_bounds_lower_the_benefit_and_equal_shares_leave_one_weighting() -> None:
    x = np.random.default_rng(3).uniform(0.1, 1, (3, 12))
    have = np.ones_like(x)
    free, tight = benefit(x, have), benefit(x, have, (0.2, 0.5))
    assert (tight <= free + 1e-9).all()
    assert (tight < free - 1e-6).any()
    even = (x / x.mean(axis=1, keepdims=True)).sum(axis=0)
    np.testing.assert_allclose(benefit(x, have, (1 / 3, 1 / 3)), even / even.max(), rtol=1e-8)


def test_benefit_with_nothing_and_with_gaps() -> None:
    x = np.array([[0.0, 1.0, np.nan], [0.0, 0.5, np.nan]])
    have = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    found = benefit(np.nan_to_num(x), have)
    np.testing.assert_allclose(found[:2], [0, 1])
    assert np.isnan(found[2])


def test_vikor_of_the_mountain_climber() -> None:
    """Opricovic and Tzeng (2004), section 5: risk 1, 2, 5 (less is better), height 3000, 3750, 4500; equal weights."""
    risk, height = np.array([1.0, 2, 5]), np.array([3000.0, 3750, 4500])
    x = np.stack([(5 - risk) / 4, (height - 3000) / 1500])
    np.testing.assert_allclose(means.vikor(x, np.array([0.5, 0.5]), np.ones((2, 3))), [0, 1, 0], atol=1e-12)


def test_vikor_grey_and_rank_sum_of_five_suppliers() -> None:
    """VIKOR: Q as pymcdm 1.4.0 gives it (v = 0.5), typed in; grey grades and rank sums by hand and by SciPy."""
    raw = np.array([[250.0, 16, 12, 5], [200, 16, 8, 3], [300, 32, 16, 4], [275, 32, 8, 4], [225, 16, 16, 2]]).T
    raw[0] *= -1
    x = (raw - raw.min(axis=1)[:, None]) / np.ptp(raw, axis=1)[:, None]
    w, have = np.array([0.35, 0.3, 0.2, 0.15]), np.ones((4, 5))
    q = [0.65178571, 0.71428571, 0.5, 0.28125, 0.55803571]
    np.testing.assert_allclose(1 - means.vikor(x, w, have), q, atol=5e-9)
    np.testing.assert_allclose(means.grey(x, w, have), w @ (0.5 / (1 - x + 0.5)), rtol=1e-14)
    ratio = w @ np.stack([stats.rankdata(row) for row in raw]) / 5
    np.testing.assert_allclose(means.rank_sum(x, w, have), ratio, rtol=1e-14)


def test_a_gap_leaves_the_ranks_and_weights_of_the_others() -> None:
    x = np.array([[0.2, 0.9, np.nan], [0.5, 0.4, 0.1]])
    have = (~np.isnan(x)).astype(float)
    w = np.array([0.5, 0.5])
    np.testing.assert_allclose(means.rank_sum(x, w, have), [(0.5 + 1) / 2, (1 + 2 / 3) / 2, 1 / 3])
    np.testing.assert_allclose(means.grey(x, w, have)[2], 0.5 / 1.4)
    found = means.vikor(x, w, have)
    assert np.isfinite(found).all()
    assert found[2] == 0, "all its weight lies where it is worst"
    assert np.isnan(means.vikor(np.full((2, 1), np.nan), w, np.zeros((2, 1)))).all()


def test_places_below_are_the_least_ranks() -> None:
    window = np.array([1.0, 2.0, 2.0, 5.0, np.nan])
    np.testing.assert_array_equal(below(np.array([0.0, 1.0, 2.0, 9.0, np.nan]), window), [0, 0, 1, 4, np.nan])


def test_a_fraction_of_the_greatest_is_finite_at_zero_and_falls_where_less_is_better() -> None:
    x = np.array([[0.0, 0.0], [4.0, 4.0]])
    worst, best = fraction_limits(x, np.array([1.0, -1.0]))
    np.testing.assert_array_equal((worst, best), [[0, 4], [4, 0]])


def test_the_middle_is_centred() -> None:
    x = np.array([[0.0, 0.0], [10.0, 10.0]])
    worst, best = centred_limits(x, np.array([1.0, -1.0]), np.array([4.0, 4.0]))
    np.testing.assert_array_equal((worst, best), [[-1, 9], [9, -1]])
