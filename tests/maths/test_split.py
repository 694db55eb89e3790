"""The split of a change is exact and is the mean over all orders."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from relode.maths.split import shapley

VALUES = {
    on: np.random.default_rng(sum(2**i * b for i, b in enumerate(on))).normal(size=3) for on in np.ndindex(2, 2, 2)
}


def value(on: tuple[bool, ...]) -> np.ndarray:
    return VALUES[tuple(int(b) for b in on)]


def test_the_split_is_the_mean_effect_over_the_six_orders() -> None:
    slow = np.zeros((3, 3))
    for order in permutations(range(3)):
        on = [False, False, False]
        for factor in order:
            before = value(tuple(on))
            on[factor] = True
            slow[factor] += (value(tuple(on)) - before) / 6
    np.testing.assert_allclose(shapley(value, 3), slow, atol=1e-15)


def test_the_parts_sum_to_the_change() -> None:
    np.testing.assert_allclose(shapley(value, 3).sum(axis=0), value((True,) * 3) - value((False,) * 3), atol=1e-15)


def test_a_factor_without_effect_gets_nothing() -> None:
    found = shapley(lambda on: np.array([2.0 * on[0] + 3.0 * on[1]]), 3)
    np.testing.assert_allclose(found[:, 0], [2, 3, 0])
