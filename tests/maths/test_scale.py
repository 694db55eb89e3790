"""Limits are found, then applied; what cannot be scaled is NaN, not a number made up."""

from __future__ import annotations

import numpy as np

from relode.maths.scale import constant, minmax_limits, position, zscore_limits

NAN = np.nan
X = np.array([[1.0, 5.0, NAN], [3.0, 5.0, NAN], [NAN, 5.0, NAN]])
UP = np.ones(3)


def test_minmax_takes_the_ends_by_direction() -> None:
    worst, best = minmax_limits(X, np.array([1.0, -1.0, 1.0]))
    np.testing.assert_array_equal(worst, [1, 5, NAN])
    np.testing.assert_array_equal(best, [3, 5, NAN])
    np.testing.assert_array_equal(minmax_limits(X, -UP)[0][:1], [3])


def test_zscore_limits_are_the_mean_and_one_sample_deviation() -> None:
    x = np.array([[2.0], [4.0], [4.0], [4.0], [5.0], [5.0], [7.0], [9.0]])
    mean, above = zscore_limits(x, np.ones(1))
    assert mean[0] == 5
    assert above[0] - mean[0] == np.sqrt(32 / 7)
    assert zscore_limits(x, -np.ones(1))[1][0] == 5 - np.sqrt(32 / 7)


def test_one_figure_has_no_deviation() -> None:
    assert np.isnan(zscore_limits(np.array([[1.0], [NAN]]), np.ones(1))[1][0])


def test_position_runs_from_worst_to_best_and_beyond() -> None:
    found = position(np.array([10.0, 20.0, 0.0, 25.0, NAN]), np.array(20.0), np.array(10.0))
    np.testing.assert_array_equal(found, [1, 0, 2, -0.5, NAN])


def test_equal_limits_give_no_position() -> None:
    assert np.isnan(position(np.array([5.0]), np.array([5.0]), np.array([5.0]))[0])


def test_a_constant_column_is_told_from_an_empty_one() -> None:
    np.testing.assert_array_equal(constant(X), [False, True, False])
    assert constant(np.array([[0.1 + 0.2], [0.3]]))[0], "rounding is no difference"
