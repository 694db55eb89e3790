"""Weights against published numbers, against arithmetic by hand, and at their edges."""

from __future__ import annotations

import json
from math import log
from pathlib import Path

import numpy as np
import pytest

from relode.maths.weights import correlation, critic, dirichlet, entropy, equal, shares

# Diakoulaki, Mavrotas and Papayannakis (1995), Computers & Operations Research 22(7), 763-770: eight firms
FIRMS = np.array(
    [
        [61, 1.08, 4.33], [20.7, 0.26, 4.34], [16.3, 1.98, 2.53], [9, 3.29, 1.65],
        [5.4, 2.77, 2.33], [4, 4.12, 1.21], [-6.1, 3.52, 2.10], [-34.6, 3.31, 0.98],
    ]
)  # fmt: skip


def test_critic_is_that_of_diakoulaki() -> None:
    np.testing.assert_allclose(critic(FIRMS), [0.20222554, 0.48090173, 0.31687273], atol=5e-9)


@pytest.mark.shared
def test_critic_is_that_of_the_reference_file(shared: Path) -> None:
    case = json.loads((shared / "reference/index/weights_topsis.json").read_text("utf8"))["critic_diakoulaki_1995"]
    np.testing.assert_allclose(critic(np.array(case["matrix"], float)), case["weights"], atol=5e-9)


def test_entropy_by_hand_with_a_zero() -> None:
    x = np.array([[0.0, 1.0], [1.0, 1.0], [3.0, 2.0]])
    first = 1 + (0.25 * log(0.25) + 0.75 * log(0.75)) / log(3)  # 0 ln 0 = 0
    second = 1 + (2 * 0.25 * log(0.25) + 0.5 * log(0.5)) / log(3)
    np.testing.assert_allclose(entropy(x), [first / (first + second), second / (first + second)], rtol=1e-14)


def test_entropy_counts_only_the_figures_there_are() -> None:
    x = np.array([[0.2, 0.5], [0.8, 0.1], [np.nan, 0.4]])
    e = -(0.2 * log(0.2) + 0.8 * log(0.8)) / log(2)
    f = -(0.5 * log(0.5) + 0.1 * log(0.1) + 0.4 * log(0.4)) / log(3)
    np.testing.assert_allclose(entropy(x), [(1 - e) / (2 - e - f), (1 - f) / (2 - e - f)], rtol=1e-14)


def test_entropy_refuses_negative_figures_instead_of_their_absolute_values() -> None:
    with pytest.raises(ValueError, match="x >= 0"):
        entropy(np.array([[-1.0, 1.0], [2.0, 1.0]]))


def test_entropy_gives_a_column_that_tells_nobody_apart_no_weight() -> None:
    np.testing.assert_allclose(entropy(np.array([[1.0, 1.0], [1.0, 3.0]])), [0, 1], atol=1e-15)
    np.testing.assert_allclose(entropy(np.ones((3, 2))), [0.5, 0.5])


def test_entropy_hangs_on_where_zero_is() -> None:
    """The same column + 100 nearly loses its weight: which is why a shift is never made silently."""
    x = np.array([[0.1, 0.4], [0.9, 0.5], [0.3, 0.6]])
    shifted = x + np.array([100.0, 0.0])
    assert entropy(x)[0] > 0.8
    assert entropy(shifted)[0] < 1e-3


def test_correlation_is_that_of_numpy_and_takes_pairs_where_figures_are_missing() -> None:
    x = np.random.default_rng(1).normal(size=(20, 4)) + 1e6
    np.testing.assert_allclose(correlation(x), np.corrcoef(x.T), atol=1e-9)
    holed = x.copy()
    holed[:5, 0] = np.nan
    assert correlation(holed)[0, 1] == pytest.approx(np.corrcoef(x[5:, :2].T)[0, 1], abs=1e-9)


def test_correlation_with_a_constant_is_none() -> None:
    assert correlation(np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 5.0]]))[0, 1] == 0


def test_shares_of_nothing_are_equal() -> None:
    np.testing.assert_array_equal(shares(np.zeros(4)), equal(4))
    np.testing.assert_allclose(shares(np.array([1.0, 3.0])), [0.25, 0.75])


def test_dirichlet_keeps_its_centre_and_its_zeros() -> None:
    centre = np.array([0.5, 0.3, 0.2, 0.0])
    drawn = dirichlet(np.random.default_rng(3), centre, 20.0, 20_000)
    np.testing.assert_allclose(drawn.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(drawn.mean(axis=0), centre, atol=4 * 0.11 / np.sqrt(20_000))
    assert (drawn[:, 3] == 0).all()
    np.testing.assert_allclose(drawn[:, 0].var(), 0.5 * 0.5 / 21, rtol=0.05)


def test_dirichlet_that_underflows_is_its_centre() -> None:
    drawn = dirichlet(np.random.default_rng(3), np.array([0.5, 0.5]), 1e-9, 50)
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
