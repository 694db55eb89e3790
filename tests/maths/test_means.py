"""Means against published numbers and by hand; a missing child's weight goes to the others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from relode.maths.means import arithmetic, geometric, topsis, vector_scale

W = np.array([0.5, 0.3, 0.2])
X = np.array([[10.0, 40.0], [20.0, 50.0], [30.0, np.nan]])
HAVE = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])

# Tzeng and Huang (2011), Multiple Attribute Decision Making, chapter on TOPSIS; four alternatives, printed to 4 digits
MATRIX = np.array([[5, 8, 4], [7, 6, 8], [8, 8, 6], [7, 4, 6]], float)


def closeness(matrix: np.ndarray, w: np.ndarray) -> np.ndarray:
    x = vector_scale(matrix).T
    return topsis(x, w, np.ones_like(x), x.max(axis=1, keepdims=True), x.min(axis=1, keepdims=True))


def test_topsis_is_that_of_tzeng_and_huang() -> None:
    found = closeness(MATRIX, np.array([0.3, 0.4, 0.3]))
    np.testing.assert_allclose(found, [0.5037, 0.6581, 0.7482, 0.3340], atol=5e-5)


@pytest.mark.shared
def test_topsis_is_that_of_the_reference_file(shared: Path) -> None:
    case = json.loads((shared / "reference/index/weights_topsis.json").read_text("utf8"))["topsis_tzeng_huang_2011"]
    found = closeness(np.array(case["matrix"], float), np.array(case["weights"]))
    np.testing.assert_allclose(found, case["closeness"], atol=5e-5)
    assert list((-found).argsort().argsort() + 1) == case["rank"]


def test_arithmetic_gives_the_weight_of_a_missing_child_to_the_others() -> None:
    np.testing.assert_allclose(arithmetic(X, W, HAVE), [17.0, (0.5 * 40 + 0.3 * 50) / 0.8])


def test_geometric_is_the_product_of_powers() -> None:
    expected = [10**0.5 * 20**0.3 * 30**0.2, (40**0.5 * 50**0.3) ** (1 / 0.8)]
    np.testing.assert_allclose(geometric(X, W, HAVE), expected, rtol=1e-14)


@pytest.mark.parametrize("mean", [arithmetic, geometric, topsis])
def test_nothing_there_gives_nothing(mean) -> None:
    x = np.full((2, 1), np.nan)
    assert np.isnan(mean(x, np.array([0.5, 0.5]), np.zeros((2, 1)))[0])


def test_topsis_is_one_at_the_best_and_zero_at_the_worst() -> None:
    x = np.array([[1.0, 0.0, 0.5], [1.0, 0.0, 0.5]])
    np.testing.assert_allclose(topsis(x, np.array([0.7, 0.3]), np.ones_like(x)), [1, 0, 0.5])


def test_many_weightings_at_once_equal_one_after_the_other() -> None:
    rng = np.random.default_rng(5)
    x, w = rng.uniform(1, 2, (6, 1, 4, 9)), rng.dirichlet(np.ones(4), (1, 5))
    for mean in (arithmetic, geometric, topsis):
        together = mean(x, w, np.ones_like(x))
        assert together.shape == (6, 5, 9)
        for t, d in np.ndindex(6, 5):
            np.testing.assert_allclose(together[t, d], mean(x[t, 0], w[0, d], np.ones_like(x[t, 0])), rtol=1e-13)
