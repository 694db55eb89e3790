"""Sobol indices: functions whose indices are known; shifts do not matter; intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import qmc

from relode.maths.sobol import Sums, analyse

# Ishigami and Homma (1990), a = 7, b = 0.1: the indices in closed form
A, B = 7.0, 0.1
V1 = 0.5 * (1 + B * np.pi**4 / 5) ** 2
V2 = A**2 / 8
V13 = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
V = V1 + V2 + V13
FIRST = np.array([V1, V2, 0.0]) / V
TOTAL = np.array([V1 + V13, V2, V13]) / V


def ishigami(x: np.ndarray) -> np.ndarray:
    x1, x2, x3 = (np.pi * (2 * x - 1)).T
    return (np.sin(x1) + A * np.sin(x2) ** 2 + B * x3**4 * np.sin(x1))[:, None]


def samples(k: int, log2: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    points = qmc.Sobol(2 * k, seed=seed).random_base2(log2)
    return points[:, :k], points[:, k:]


@pytest.mark.parametrize("seed", range(5))
def test_ishigami_within_two_hundredths_at_2_to_13(seed: int) -> None:
    first, total = analyse(ishigami, *samples(3, 13, seed)).indices()
    np.testing.assert_allclose(first[:, 0], FIRST, atol=0.02)
    np.testing.assert_allclose(total[:, 0], TOTAL, atol=0.02)


def test_a_shift_of_the_outcome_changes_nothing() -> None:
    a, b = samples(3, 10)
    plain = analyse(ishigami, a, b).indices()
    moved = analyse(lambda x: ishigami(x) + 1000.0, a, b).indices()
    np.testing.assert_allclose(plain, moved, atol=1e-8)


def test_choices_among_few_levels_have_their_exact_indices() -> None:
    """y = level of x1 (0 or 1) + level of x2 (0, 1, 2): variances 1/4 and 2/3, no interaction."""
    a, b = samples(2, 13)
    first, total = analyse(lambda x: np.floor(2 * x[:, :1]) + np.floor(3 * x[:, 1:]), a, b).indices()
    shares = np.array([1 / 4, 2 / 3]) / (1 / 4 + 2 / 3)
    np.testing.assert_allclose(first[:, 0], shares, atol=0.01)
    np.testing.assert_allclose(total[:, 0], shares, atol=0.01)


def test_what_never_varies_has_no_indices() -> None:
    first, total = analyse(lambda x: np.full((len(x), 1), 3.0), *samples(2, 6)).indices()
    assert np.isnan(first).all()
    assert np.isnan(total).all()


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        sums = analyse(ishigami, rng.random((1024, 3)), rng.random((1024, 3)))
        low, high = sums.interval(0.9, seed)[1]
        held.append((low[:, 0] <= TOTAL) & (high[:, 0] >= TOTAL))
    share = np.mean(held)
    assert 0.82 <= share <= 0.97, share


def test_blocks_that_come_one_by_one_give_the_same_sums() -> None:
    rng = np.random.default_rng(1)
    a, b, mixed = rng.random((64, 2)), rng.random((64, 2)), rng.random((3, 64, 2))
    whole, parts = Sums(), Sums()
    whole.add(a, b, list(mixed))
    for start in (0, 32):
        part = slice(start, start + 32)
        parts.add(a[part], b[part], [one[part] for one in mixed])
    np.testing.assert_allclose(whole.indices(), parts.indices())
    assert whole.count == parts.count == 64


def test_intervals_narrow_with_more_rows() -> None:
    wide, narrow = (np.ptp(analyse(ishigami, *samples(3, n)).interval(0.9, 1)[1], axis=0).max() for n in (8, 12))
    assert narrow < wide / 2
