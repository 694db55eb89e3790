"""Ranks of many draws against plain loops."""

from __future__ import annotations

import numpy as np

from relode.maths.chance import bands, mean_ranks, pairwise, rank_counts, rank_quantile, ranks, within

DRAWS = np.round(np.random.default_rng(7).normal(size=(200, 9)), 1)  # rounded, so that ties occur


def test_ranks_are_one_more_than_the_number_above() -> None:
    slow = 1 + (DRAWS[:, None, :] > DRAWS[:, :, None]).sum(axis=2)
    np.testing.assert_array_equal(ranks(DRAWS), slow)


def test_mean_ranks_share_out_ties() -> None:
    np.testing.assert_array_equal(mean_ranks(np.array([5.0, 7.0, 5.0, 1.0])), [2.5, 1, 2.5, 4])


def test_counts_quantiles_and_ends_equal_a_plain_count() -> None:
    ranked = ranks(DRAWS)
    counts = rank_counts(ranked)
    assert (counts.sum(axis=1) == 200).all()
    for n in range(9):
        assert counts[n, 2] == (ranked[:, n] == 3).sum()
        assert rank_quantile(counts, 0.25)[n] == np.sort(ranked[:, n])[49], "the 50th of 200"
        assert within(counts, 1, 3)[n] == (ranked[:, n] <= 3).mean()
        assert within(counts, 7, 9)[n] == (ranked[:, n] >= 7).mean()


def test_pairs_equal_a_plain_count() -> None:
    found = pairwise(ranks(DRAWS))
    for i, j in np.ndindex(9, 9):
        assert found[i, j] == (DRAWS[:, i] > DRAWS[:, j]).sum()
    assert pairwise(np.zeros((5, 0), np.int64)).shape == (0, 0)


def test_a_band_ends_where_one_is_surely_below_its_first() -> None:
    above = np.zeros((4, 4))
    above[0, 1:] = [0.6, 0.85, 0.95]
    above[3:, 3:] = 0
    np.testing.assert_array_equal(bands(above, 0.9), [1, 1, 1, 2])
    np.testing.assert_array_equal(bands(above, 0.8), [1, 1, 2, 2])
