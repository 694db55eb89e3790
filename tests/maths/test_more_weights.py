"""MEREC, scatter degree, target importance, AHP and combinations: published numbers, independent routes, edges."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from relode.maths import ahp
from relode.maths.importance import optimised
from relode.maths.scatter import scatter, total
from relode.maths.weights import (
    combined_game,
    combined_product,
    correlation,
    deviation,
    merec,
    principal,
    variation,
)

# Keshavarz-Ghorabaee et al. (2021), Symmetry 13(4), 525: five alternatives, the last two columns costs
MATRIX = np.array(
    [[450, 8000, 54, 145], [10, 9100, 2, 160], [100, 8200, 31, 153], [220, 9300, 1, 162], [5, 8400, 23, 158]], float
)
UP = np.array([1.0, 1.0, -1.0, -1.0])
RNG = np.random.default_rng(4)


def test_merec_is_that_of_keshavarz() -> None:
    np.testing.assert_allclose(merec(MATRIX, UP), [0.5752, 0.0141, 0.4016, 0.0091], atol=5e-5)


@pytest.mark.shared
def test_merec_is_that_of_the_reference_file(shared: Path) -> None:
    case = json.loads((shared / "reference/index/weights_topsis.json").read_text("utf8"))["merec_keshavarz_2021"]
    direction = np.array([1.0 if sense == "max" else -1.0 for sense in case["sense"]])
    np.testing.assert_allclose(merec(np.array(case["matrix"], float), direction), case["weights"], atol=5e-5)


def test_merec_refuses_what_has_no_logarithm_and_ignores_what_is_missing() -> None:
    with pytest.raises(ValueError, match="x > 0"):
        merec(np.array([[0.0, 1.0], [2.0, 1.0]]), np.ones(2))
    holed = MATRIX.copy()
    holed[:, 1] = np.nan
    assert merec(holed, UP)[1] == 0


def test_deviation_and_variation_by_hand() -> None:
    x = np.array([[1.0, 10.0], [3.0, 14.0], [np.nan, 18.0]])
    sd = np.array([np.sqrt(2), 4.0])
    np.testing.assert_allclose(deviation(x), sd / sd.sum())
    relative = sd / [2, 14]
    np.testing.assert_allclose(variation(x), relative / relative.sum())
    with pytest.raises(ValueError, match="positive means"):
        variation(-x)


def test_principal_weights_are_squared_loadings_whatever_the_sign() -> None:
    x = RNG.normal(size=(50, 4)) + RNG.normal(size=(50, 1)) * [1, 2, 1, -1]
    w, loadings, share = principal(x)
    values, vectors = np.linalg.eigh(np.corrcoef(x.T))
    np.testing.assert_allclose(w, vectors[:, -1] ** 2, atol=1e-10)
    assert loadings.sum() > 0
    assert (loadings < 0).sum() == 1, "the column that runs against the others"
    assert share == pytest.approx(values[-1] / 4)


# -- scatter degree -----------------------------------------------------------------------------------


def by_supports(h: np.ndarray) -> float:
    """The greatest w'Hw over |w| = 1, w >= 0, by looking at every support: there w is an eigenvector."""
    best = 0.0
    for size in range(1, len(h) + 1):
        for rows in combinations(range(len(h)), size):
            values, vectors = np.linalg.eigh(h[np.ix_(rows, rows)])
            for value, v in zip(values, vectors.T, strict=True):
                if (v * np.sign(v.sum() or 1) >= -1e-12).all():
                    best = max(best, value)
    return best


def test_scatter_is_the_eigenvector_where_that_has_one_sign() -> None:
    blocks = [RNG.uniform(1, 2, (20, 4)) for _ in range(3)]
    h = total(blocks)
    w, miss = scatter(h)
    v = np.abs(np.linalg.eigh(h)[1][:, -1])
    np.testing.assert_allclose(w, v / v.sum(), atol=1e-12)
    assert miss < 1e-10


@pytest.mark.parametrize("seed", range(12))
def test_scatter_without_negative_weights_is_the_best_of_all_supports(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(30, 6))
    x[:, 1] -= 2 * x[:, 0]
    h = correlation(x)
    w, miss = scatter(h)
    unit = w / np.linalg.norm(w)
    assert (w >= 0).all()
    assert miss < 1e-6
    assert unit @ h @ unit == pytest.approx(by_supports(h), rel=1e-9)


def test_scatter_sums_over_periods() -> None:
    a, b = RNG.normal(size=(5, 3)), RNG.normal(size=(7, 3))
    np.testing.assert_allclose(total([a, b]), a.T @ a + b.T @ b, rtol=1e-12)


# -- target importance --------------------------------------------------------------------------------


def importances(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    index = x @ w
    r = np.array([np.corrcoef(column, index)[0, 1] for column in x.T])
    return r / r.sum()


def test_optimised_weights_reach_the_target_where_it_can_be_reached() -> None:
    x = RNG.normal(size=(80, 4)) * [1, 5, 2, 1] + RNG.normal(size=(80, 1))
    wanted = np.array([0.4, 0.1, 0.2, 0.3])
    target = importances(x, wanted)
    found = optimised(np.cov(x.T), target)
    np.testing.assert_allclose(found.weights, wanted, atol=1e-8)
    np.testing.assert_allclose(found.importance, target, atol=1e-8)
    assert found.miss < 1e-8
    assert found.gap < 1e-8


def test_bounds_keep_weights_in_and_nothing_on_a_grid_comes_nearer() -> None:
    x = RNG.normal(size=(60, 3)) + RNG.normal(size=(60, 1)) * [2, -1, 1]
    target = np.full(3, 1 / 3)
    found = optimised(np.cov(x.T), target, 0.2, 0.5)
    assert (found.weights >= 0.2 - 1e-9).all()
    assert (found.weights <= 0.5 + 1e-9).all()
    assert found.gap < 1e-9
    assert np.abs(importances(x, found.weights) - target).max() == pytest.approx(found.miss, abs=1e-9)
    grid = np.linspace(0.2, 0.5, 31)
    others = [np.array([a, b, 1 - a - b]) for a in grid for b in grid if 0.2 <= 1 - a - b <= 0.5]
    totals = [w for w in others if (np.cov(x.T) / x.std(axis=0)[:, None] @ w).sum() > 0]
    assert min(np.abs(importances(x, w) - target).max() for w in totals) >= found.miss - 1e-9


def test_the_peer_gives_a_negative_weight_where_ours_stays_on_the_simplex() -> None:
    """Free weights that reach the target exactly are S^-1 D t: here one is negative, as COINr's -0.20 for ASEM."""
    x = RNG.normal(size=(60, 3))
    x[:, 2] = x[:, 0] + x[:, 1] + 0.1 * x[:, 2]
    s = np.cov(x.T)
    free = np.linalg.solve(s, np.sqrt(np.diag(s)) / 3)
    assert (free / free.sum()).min() < -0.1
    found = optimised(s, np.full(3, 1 / 3))
    assert (found.weights >= 0).all()
    assert found.gap < 1e-9


# -- AHP ----------------------------------------------------------------------------------------------

JUDGED = np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
TWISTED = np.array([[1, 9, 1 / 7], [1 / 9, 1, 8], [7, 1 / 8, 1]])


def test_priorities_and_consistency_of_the_textbook_matrix() -> None:
    """(1, 3, 5; 1, 3; 1): weights 0.637, 0.258, 0.105 and lambda 3.0385, as printed in many textbooks of AHP."""
    np.testing.assert_allclose(ahp.priorities(JUDGED), [0.637, 0.258, 0.105], atol=5e-4)
    assert ahp.consistency(JUDGED) == pytest.approx((3.0385 - 3) / 2 / 0.58, abs=1e-4)


def test_consistent_judgements_give_back_their_weights() -> None:
    w = np.array([0.5, 0.3, 0.15, 0.05])
    np.testing.assert_allclose(ahp.priorities(w[:, None] / w), w, atol=1e-12)
    assert ahp.consistency(w[:, None] / w) == pytest.approx(0, abs=1e-9)


def test_repair_draws_judgements_together_just_enough() -> None:
    fixed = ahp.repaired(TWISTED)
    assert ahp.consistency(TWISTED) > 1
    assert 0.099 < ahp.consistency(fixed) < 0.1
    assert ahp.is_reciprocal(fixed, 1e-9)
    assert ahp.repaired(JUDGED) is JUDGED


def test_the_worst_judgement_is_the_planted_one() -> None:
    w = np.array([0.4, 0.3, 0.2, 0.1])
    a = w[:, None] / w
    a[0, 3], a[3, 0] = 1 / 5, 5
    i, j, ratio = ahp.worst_pair(a)
    assert (i, j) == (0, 3)
    assert ratio > 3 * a[0, 3], "the others imply far more than was judged"


def test_reciprocity_is_looked_at_and_groups_keep_it() -> None:
    assert ahp.is_reciprocal(JUDGED)
    assert not ahp.is_reciprocal(np.array([[1, 3], [3, 1.0]]))
    both = ahp.together(np.stack([JUDGED, TWISTED]))
    assert ahp.is_reciprocal(both, 1e-12)
    np.testing.assert_allclose(ahp.together(np.stack([JUDGED, JUDGED])), JUDGED, rtol=1e-14)


def test_random_indices_are_those_of_random_matrices_but_at_order_3_and_12() -> None:
    """By simulation: judgements 1/9 to 9 at random. The printed table lies above it at 3 and below it at 12."""
    rng, found = np.random.default_rng(0), {}
    scale = np.array([1 / k for k in range(9, 1, -1)] + list(range(1, 10)))
    for n in (3, 5, 8, 12):
        a, (i, j) = np.ones((2000, n, n)), np.triu_indices(n, 1)
        drawn = rng.choice(scale, (2000, len(i)))
        a[:, i, j], a[:, j, i] = drawn, 1 / drawn
        found[n] = ((np.linalg.eigvals(a).real.max(axis=1) - n) / (n - 1)).mean()
    assert found[5] == pytest.approx(ahp.RANDOM_INDEX[4], abs=0.04)
    assert found[8] == pytest.approx(ahp.RANDOM_INDEX[7], abs=0.03)
    assert found[3] == pytest.approx(0.52, abs=0.04)
    assert ahp.RANDOM_INDEX[2] == 0.58
    assert found[12] == pytest.approx(1.54, abs=0.02)
    assert ahp.RANDOM_INDEX[11] == 1.48


def test_no_random_index_beyond_fifteen() -> None:
    with pytest.raises(ValueError, match="15"):
        ahp.consistency(np.ones((16, 16)))


# -- combinations -------------------------------------------------------------------------------------


def test_the_two_combinations_differ() -> None:
    parts = np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]])
    product = np.sqrt(parts.prod(axis=0))
    np.testing.assert_allclose(combined_product(parts), product / product.sum())
    w, alpha = combined_game(parts)
    np.testing.assert_allclose(alpha, [0.5, 0.5], rtol=1e-12)
    np.testing.assert_allclose(w, [0.35, 0.3, 0.35], rtol=1e-12)
    assert not np.allclose(w, combined_product(parts))


def test_the_game_solves_its_linear_system_and_equal_weightings_share() -> None:
    parts = np.array([[0.45, 0.35, 0.2], [0.3, 0.3, 0.4]])
    _, alpha = combined_game(parts)
    products = parts @ parts.T
    free = np.linalg.solve(products, np.diag(products))
    np.testing.assert_allclose(alpha, free / free.sum(), rtol=1e-10)
    np.testing.assert_allclose(combined_game(np.stack([parts[0], parts[0]]))[0], parts[0], rtol=1e-12)
