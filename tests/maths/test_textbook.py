"""Entropy-TOPSIS in one pass: compiled equals plain, plain equals the two textbook formulas."""

from __future__ import annotations

import numpy as np
import pytest

from relode.maths import fast
from relode.maths.textbook import entropy_topsis

WAYS = [False, pytest.param(True, marks=pytest.mark.skipif(not fast.has_kernels(), reason="needs numba (extra fast)"))]


@pytest.mark.parametrize("compiled", WAYS)
def test_it_is_the_formula_written_out(compiled: bool) -> None:
    x = np.random.default_rng(4).lognormal(size=(60, 5))
    x[3, 2] = 0.0
    direction = np.array([1, -1, 1, 1, -1.0])
    p = x / x.sum(axis=0)
    e = -np.array([sum(q * np.log(q) for q in column if q > 0) for column in p.T]) / np.log(60)
    w = (1 - e) / (1 - e).sum()
    v = w * x / np.sqrt((x**2).sum(axis=0))
    best = np.where(direction > 0, v.max(axis=0), v.min(axis=0))
    worst = np.where(direction > 0, v.min(axis=0), v.max(axis=0))
    up, down = (np.sqrt(((v - ideal) ** 2).sum(axis=1)) for ideal in (best, worst))
    found = entropy_topsis(x, direction, compiled=compiled)
    np.testing.assert_allclose(found[0], w, rtol=1e-12)
    np.testing.assert_allclose(found[1], down / (up + down), rtol=1e-12)


@pytest.mark.parametrize("compiled", WAYS)
def test_a_column_that_tells_nobody_apart_has_no_weight(compiled: bool) -> None:
    x = np.random.default_rng(4).lognormal(size=(60, 3))
    x[:, 1] = 7.0
    w, close = entropy_topsis(x, np.ones(3), compiled=compiled)
    assert w[1] == pytest.approx(0, abs=1e-12)
    assert np.isfinite(close).all()


@pytest.mark.parametrize("wrong", [-1.0, np.nan])
def test_negative_and_missing_figures_are_refused(wrong: float) -> None:
    x = np.ones((4, 2))
    x[1, 1] = wrong
    with pytest.raises(ValueError, match="figures"):
        entropy_topsis(x, np.ones(2))
