"""Closed forms on balanced panels agree with dummies written out, and with one another."""

from __future__ import annotations

import numpy as np
import pytest

from relode.maths.cohorts import left_out, permutation_p, permuted_effects, simple_effect
from relode.maths.panelfit import cohort_fit, cohort_paths, event_paths, twoway
from relode.maths.power import design_error, serial
from relode.maths.wildboot import wild_p


def panel(n: int = 40, t: int = 9, seed: int = 3, effect: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    start = random.choice([3, 5, 6, t], n)
    y = random.normal(size=(n, 1)) + random.normal(size=(1, t)) + random.normal(size=(n, t))
    return y + effect * (np.arange(t) >= start[:, None]), start


def by_dummies(y: np.ndarray, x: np.ndarray, clusters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least squares with all dummies written out; the variance with K = regressors + periods (units nest)."""
    n, t = y.shape
    dummies = np.hstack([np.kron(np.eye(n), np.ones((t, 1))), np.kron(np.ones((n, 1)), np.eye(t))[:, 1:]])
    full = np.hstack([x.reshape(n * t, -1), dummies])
    b = np.linalg.lstsq(full, y.ravel(), rcond=None)[0]
    residual = y.ravel() - full @ b
    inverse = np.linalg.pinv(full.T @ full)
    meat = np.zeros((full.shape[1],) * 2)
    rows = np.repeat(clusters, t)
    for cluster in np.unique(clusters):
        score = full[rows == cluster].T @ residual[rows == cluster]
        meat += np.outer(score, score)
    k, g = x.shape[2], len(np.unique(clusters))
    factor = g / (g - 1) * (n * t - 1) / (n * t - k - t)
    return b[:k], np.sqrt(np.diag(factor * inverse @ meat @ inverse))[:k]


@pytest.mark.parametrize("groups", [40, 8])
def test_two_way_effects_equal_dummies_written_out(groups: int) -> None:
    y, start = panel()
    x = np.stack([np.arange(9) >= start[:, None], np.random.default_rng(1).normal(size=y.shape)], axis=2)
    clusters = np.arange(40) % groups
    fit = twoway(y, x.astype(float), clusters)
    b, se = by_dummies(y, x.astype(float), clusters)
    np.testing.assert_allclose(fit.coefficients, b, atol=1e-10)
    np.testing.assert_allclose(fit.errors, se, atol=1e-10)


def test_cohort_sums_give_what_rows_give() -> None:
    y, start = panel()
    cohorts, at = np.unique(start, return_inverse=True)
    for paths in (cohort_paths(cohorts, 9), event_paths(cohorts, 9, 3, 4)[0]):
        short, long = cohort_fit(y, at, paths), twoway(y, paths[at])
        np.testing.assert_allclose(short.coefficients, long.coefficients, atol=1e-12)
        np.testing.assert_allclose(short.covariance, long.covariance, atol=1e-12)
        assert short.r2_within == pytest.approx(long.r2_within, abs=1e-12)


def test_collinear_regressors_are_not_solved_silently() -> None:
    y, start = panel()
    d = (np.arange(9) >= start[:, None]).astype(float)
    with pytest.raises(ValueError, match="collinear"):
        twoway(y, np.stack([d, 2 * d], axis=2))
    with pytest.raises(ValueError, match="collinear"):
        twoway(y, np.ones((40, 9, 1)))


def test_the_simple_effect_is_the_planted_one_without_noise() -> None:
    n, t = 30, 8
    start = np.array([3, 5, t] * 10)
    y = np.arange(n)[:, None] + np.sin(np.arange(t))[None, :] + 1.5 * (np.arange(t) >= start[:, None])
    assert simple_effect(y, start) == pytest.approx(1.5, abs=1e-12)
    np.testing.assert_allclose(left_out(y, start, np.arange(n)), 1.5)


def test_dealing_the_paths_anew_finds_nothing_where_nothing_was_planted() -> None:
    p = []
    for seed in range(60):
        y, start = panel(seed=seed)
        p.append(permutation_p(simple_effect(y, start), permuted_effects(y, start, 99, seed)))
    assert np.mean(np.array(p) <= 0.1) < 0.25  # 0.1 + 3.3 standard errors
    y, start = panel(effect=3.0)
    assert permutation_p(simple_effect(y, start), permuted_effects(y, start, 99, 1)) == 0.01


def test_dealing_within_strata_keeps_each_stratum_whole() -> None:
    _, start = panel()
    strata = (start < 9).astype(int)
    same = permuted_effects(np.where(strata[:, None], 1.0, 0.0) * np.arange(9), start, 5, 1, strata)
    assert np.ptp(same) < 1e-9


def test_the_wild_bootstrap_keeps_its_size_with_few_clusters_and_finds_a_large_effect() -> None:
    random = np.random.default_rng(5)
    t, clusters = 6, np.repeat(np.arange(10), 4)
    d = ((np.arange(t) >= 3) & (clusters < 5)[:, None]).astype(float)
    draw = lambda effect: (  # noqa: E731
        random.normal(size=(10, t))[clusters] + random.normal(size=(40, t)) + effect * d
    )
    p = np.array([wild_p(draw(0.0), d, clusters, draws=199, seed=s) for s in range(150)])
    assert np.mean(p <= 0.1) < 0.1 + 3.3 * np.sqrt(0.09 / 150)
    assert wild_p(draw(5.0), d, clusters, draws=199, seed=1) < 0.05


def test_the_design_error_is_the_spread_of_estimates() -> None:
    random = np.random.default_rng(2)
    _, start = panel()
    d = (np.arange(9) >= start[:, None]).astype(float)
    noise = random.normal(size=(400, 40, 9))
    for step in range(1, 9):
        noise[:, :, step] = 0.6 * noise[:, :, step - 1] + 0.8 * noise[:, :, step]
    spread = np.std([twoway(y, d[:, :, None]).coefficients[0] for y in noise])
    assert design_error(d, 1.0, 0.6) == pytest.approx(spread, rel=0.12)  # 3.3 Monte-Carlo errors of a spread over 400
    assert design_error(np.ones((4, 4)), 1.0, 0.0) == np.inf


def test_variance_and_autocorrelation_are_recovered_from_short_panels() -> None:
    random = np.random.default_rng(4)
    noise = random.normal(size=(4000, 8))
    for step in range(1, 8):
        noise[:, step] = 0.5 * noise[:, step - 1] + np.sqrt(0.75) * noise[:, step]
    variance, autocorrelation = serial(noise + random.normal(size=(4000, 1)))
    assert autocorrelation == pytest.approx(0.5, abs=0.06)
    assert variance == pytest.approx(1.0, abs=0.1)
    assert serial(random.normal(size=(4000, 8)))[1] == pytest.approx(0.0, abs=0.03)
    assert serial(random.normal(size=(50, 2)))[1] == 0.0
