"""Outliers: moments against SciPy, caps against COINr's own examples and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from relode.maths.treat import boxcox, boxcox_power, log_ct, mad_caps, shape, winsor_caps

X = np.random.default_rng(2).lognormal(size=40)
# COINr 1.1.14, tests/testthat/test-treat.R: one outlier takes the value of the next figure
ONE = np.array([*range(1, 11), 100], float)


def caps(x: np.ndarray, most: int) -> tuple[float, float]:
    """The caps of a single column."""
    low, high = winsor_caps(x[:, None], most, 2, 3.5)
    return float(low[0]), float(high[0])


def test_moments_are_those_of_scipy_without_bias() -> None:
    found = shape(np.column_stack([X, -(X**2)]))
    for k, x in enumerate((X, -(X**2))):
        assert found.skewness[k] == pytest.approx(stats.skew(x, bias=False), rel=1e-12)
        assert found.kurtosis[k] == pytest.approx(stats.kurtosis(x, bias=False), rel=1e-12)
    holed = shape(np.append(X, np.nan)[:, None])
    assert holed.skewness[0] == pytest.approx(found.skewness[0], rel=1e-14)


def test_columns_together_are_drawn_in_as_each_alone() -> None:
    rng = np.random.default_rng(3)
    x = rng.lognormal(sigma=1.5, size=(30, 12)) * rng.choice([-1, 1], 12)
    x[rng.random(x.shape) < 0.1] = np.nan
    x[:, 5] = np.nan
    x[:, 6] = 4.0
    low, high = winsor_caps(x, 5, 2, 3.5)
    for k in range(12):
        np.testing.assert_array_equal([low[k], high[k]], by_loop(x[:, k]))


def by_loop(x: np.ndarray, most: int = 5) -> tuple[float, float]:
    """One column, one figure after the other, moments by SciPy."""
    x = x[~np.isnan(x)].copy()
    if not len(x):
        return np.nan, np.nan
    drawn = {"max": 0, "min": 0}
    while np.ptp(x) and abs(stats.skew(x, bias=False)) >= 2 and stats.kurtosis(x, bias=False) >= 3.5:
        if sum(drawn.values()) >= most:
            break
        side = "max" if stats.skew(x) >= 0 else "min"
        end = x == getattr(x, side)()
        x[end] = getattr(x[~end], side)()
        drawn[side] = int(end.sum())
    return float(x.min()), float(x.max())


def test_few_or_equal_figures_have_no_shape_and_pass() -> None:
    for x in ([], [1.0], [1.0, 2.0], [3.0] * 9):
        assert shape(np.array(x)[:, None]).passes(2, 3.5).all()


def test_one_outlier_takes_the_value_of_the_next() -> None:
    assert not shape(ONE[:, None]).passes(2, 3.5)[0]
    assert caps(ONE, 5) == (1, 10)
    assert caps(-ONE, 5) == (-10, -1)


def test_no_more_than_allowed_are_drawn_in() -> None:
    x = np.array([*range(1, 21), 100, 200], float)
    assert caps(x, 1) == (1, 100)
    assert not shape(np.clip(x, 1, 100)[:, None]).passes(2, 3.5)[0]
    assert caps(x, 5) == (1, 20)


def test_tied_outliers_go_together() -> None:
    x = np.array([*range(1, 21), 300, 300], float)
    assert caps(x, 1) == (1, 20)


def test_mad_caps_by_hand_and_where_most_are_alike() -> None:
    x = np.array([1.0, 2, 3, 4, 100, np.nan])  # median 3, deviations 2 1 0 1 97: their median 1
    assert tuple(np.ravel(mad_caps(x[:, None], 3))) == pytest.approx((3 - 3 * 1.4826, 3 + 3 * 1.4826))
    assert tuple(np.ravel(mad_caps(np.array([[5.0], [5], [5], [9]]), 3))) == (5, 9)
    assert np.isnan(mad_caps(np.array([[np.nan]]), 3)).all()


def test_logarithm_of_the_coin_tool() -> None:
    x = np.array([2.0, 5.0, 12.0])
    np.testing.assert_allclose(log_ct(x, 2, 12), np.log(x - 2 + 0.1))
    assert log_ct(np.array([-9.0]), 2, 12)[0] == np.log(0.1), "below the window counts as its least"


def test_box_cox_is_that_of_scipy_and_finds_its_power() -> None:
    y = X - X.min() + 1
    np.testing.assert_allclose(boxcox(X, X.min(), 0.3), stats.boxcox(y, 0.3), rtol=1e-12)
    np.testing.assert_allclose(boxcox(X, X.min(), 0), np.log(y), rtol=1e-12)
    assert boxcox_power(X) == pytest.approx(stats.boxcox_normmax(y, method="mle"), abs=1e-4)
