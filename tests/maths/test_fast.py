"""Compiled ranks and counts equal their NumPy twins; flat weights equal means of means."""

from __future__ import annotations

import numpy as np
import pytest

from relode.maths import chance, fast
from relode.maths.flat import MOST_PATTERNS, leaf_weights, product, weighted

WAYS = [False, pytest.param(True, marks=pytest.mark.skipif(not fast.has_kernels(), reason="needs numba (extra fast)"))]


@pytest.mark.parametrize("compiled", WAYS)
@pytest.mark.parametrize("n", [1, 2, 7, 120])
def test_ranks_and_counts_equal_a_plain_count(compiled: bool, n: int) -> None:
    scores = np.random.default_rng(n).integers(0, 60, (700, n)).astype(float)
    plain = 1 + (scores[:, :, None] < scores[:, None, :]).sum(axis=2)
    ranked = fast.ranks(scores, compiled=compiled)
    np.testing.assert_array_equal(ranked, plain)
    held, above = fast.counts(ranked, compiled=compiled)
    np.testing.assert_array_equal(held, [[(plain[:, i] == r).sum() for r in range(1, n + 1)] for i in range(n)])
    np.testing.assert_array_equal(above, (plain[:, :, None] < plain[:, None, :]).sum(axis=0))
    held_alone, none = fast.counts(ranked, pairs=False, compiled=compiled)
    np.testing.assert_array_equal(held_alone, held)
    assert not none.any()


def test_ties_share_the_best_rank_and_no_order_of_sorting_shows() -> None:
    scores = np.array([[3.0, 1.0, 3.0, 2.0, 1.0]])
    np.testing.assert_array_equal(chance.ranks(scores), [[1, 4, 1, 3, 4]])
    np.testing.assert_array_equal(fast.ranks(scores), [[1, 4, 1, 3, 4]])


TREE = ((0, 1), (2, 3, 4), (5, 6))  # two groups of leaves, then the root


def nested(w: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    """Means of means, entity by entity."""
    found = np.empty((len(w[0]), x.shape[1]))
    for d, i in np.ndindex(found.shape):
        nodes = list(x[:, i])
        for part, below in zip(w, TREE, strict=True):
            pairs = [(part[d, c], nodes[child]) for c, child in enumerate(below) if not np.isnan(nodes[child])]
            total = sum(p for p, _ in pairs)
            nodes.append(sum(p * v for p, v in pairs) / total if total > 0 else np.nan)
        found[d, i] = nodes[-1]
    return found


def drawn(rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.dirichlet(np.ones(len(below)), 6) for below in TREE]


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_a_flat_tree_equals_means_of_means(gaps: float) -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(5, 30))
    x[rng.random(x.shape) < gaps] = np.nan
    x[:2, 3] = np.nan  # a whole group gone
    w = drawn(rng)
    np.testing.assert_allclose(weighted(TREE, w, x), nested(w, x), rtol=1e-12)


def test_nothing_there_gives_no_score() -> None:
    x = np.full((5, 2), np.nan)
    x[:, 1] = 1.0
    found = weighted(TREE, drawn(np.random.default_rng(1)), x)
    assert found is not None
    assert np.isnan(found[:, 0]).all()
    np.testing.assert_allclose(found[:, 1], 1)


def test_leaf_weights_sum_to_one() -> None:
    have = np.array([True, False, True, True, False])
    w = leaf_weights(TREE, drawn(np.random.default_rng(2)), have)
    np.testing.assert_allclose(w.sum(axis=1), 1)
    assert (w[:, ~have] == 0).all()


def test_too_many_forms_of_gaps_are_left_to_the_general_way() -> None:
    rng = np.random.default_rng(3)
    tree = (tuple(range(12)),)
    x = rng.normal(size=(12, 400))
    x[rng.random(x.shape) < 0.5] = np.nan
    assert len(np.unique(np.isnan(x), axis=1).T) > MOST_PATTERNS
    assert weighted(tree, [np.full((1, 12), 1 / 12)], x) is None


def test_work_is_split_over_the_cores_without_loss() -> None:
    parts = fast.in_threads(list, 11)
    assert [n for part in parts for n in part] == list(range(11))
    assert fast.in_threads(list, 0) == [[]]


def test_kernels_are_asked_only_where_they_pay() -> None:
    assert not fast.pays(1000)
    assert fast.pays(10**9) == fast.has_kernels()


@pytest.mark.parametrize(("m", "k", "n"), [(1, 1, 1), (256, 30, 300), (7, 49, 1300), (100, 3, 2), (5, 900, 600)])
def test_a_product_in_tiles_is_the_product(m: int, k: int, n: int) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(m, k)), rng.normal(size=(k, n))
    np.testing.assert_allclose(product(a, b), a @ b, rtol=1e-10, atol=1e-12)
