"""Weights: how much each column counts. They never are negative and sum to one. 赋权"""

from __future__ import annotations

import numpy as np

from .numbers import Array
from .scale import minmax_limits, position


def equal(k: int) -> Array:
    """The same weight for each of k columns. 等权"""
    return np.full(k, 1 / k)


def shares(x: Array) -> Array:
    """x / sum x along the last axis; equal shares where everything is zero."""
    total = x.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        part: Array = np.where(total > 0, x / total, 1 / x.shape[-1])
    return part


def entropy(x: Array) -> Array:
    """Entropy weights of the columns of a score matrix. 熵权法

    p = x / sum x,  e_j = -sum_i p_ij ln p_ij / ln n_j,  w_j = (1 - e_j) / sum(1 - e);  0 ln 0 = 0
    Shape    (n, k), all >= 0, NaN = missing (n_j counts the figures there are)  ->  (k,), sums to 1
    Raises   ValueError where a figure is negative
    Source   Shannon (1948)
    """
    if (x < 0).any():
        raise ValueError("entropy weights need x >= 0")
    have = ~np.isnan(x)
    filled = np.where(have, x, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = filled / filled.sum(axis=0)
        e = -np.where(p > 0, p * np.log(p), 0.0).sum(axis=0) / np.log(have.sum(axis=0))
    return shares(np.where(np.isfinite(e), np.maximum(1 - e, 0.0), 0.0))


def critic(x: Array) -> Array:
    """CRITIC weights: contrast within a column times conflict with the others. CRITIC 法

    z = min-max of x,  c_j = sd(z_j) sum_k (1 - r_jk),  w_j = c_j / sum c;  sd with n - 1
    Shape    (n, k), more is better, NaN = missing (r from the pairs there are)  ->  (k,), sums to 1
    Source   Diakoulaki, Mavrotas and Papayannakis (1995), Computers & Operations Research 22(7), 763-770
    """
    z = position(x, *minmax_limits(x, np.ones(x.shape[1])))
    have = ~np.isnan(z)
    count = have.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(have, z, 0.0).sum(axis=0) / count
        sd = np.sqrt((np.where(have, z - mean, 0.0) ** 2).sum(axis=0) / (count - 1))
    contrast = np.where(np.isfinite(sd), sd, 0.0)
    return shares(contrast * (1 - correlation(z)).sum(axis=1))


def correlation(x: Array) -> Array:
    """Pearson correlation between columns, each pair over the rows that have both; 0 where there is none.

    Shape    (n, k) -> (k, k), ones on the diagonal
    """
    have = (~np.isnan(x)).astype(np.float64)
    filled = np.where(np.isnan(x), 0.0, x)
    filled = filled - filled.sum(axis=0) / np.maximum(have.sum(axis=0), 1)  # nearer to zero: no digits are lost
    filled = filled * have
    n = np.einsum("ij,ik->jk", have, have)
    with np.errstate(divide="ignore", invalid="ignore"):
        sum_j = np.einsum("ij,ik->jk", filled, have)
        cross = np.einsum("ij,ik->jk", filled, filled) - sum_j * sum_j.T / n
        square = np.einsum("ij,ik->jk", filled**2, have) - sum_j**2 / n
        r = cross / np.sqrt(square * square.T)
    r = np.where(np.isfinite(r) & (square > 0) & (square.T > 0), np.clip(r, -1, 1), 0.0)
    np.fill_diagonal(r, 1.0)
    return r


def dirichlet(rng: np.random.Generator, centre: Array, concentration: float, size: int) -> Array:
    """`size` draws from the Dirichlet distribution around `centre`: alpha = concentration x centre.

    The mean of the draws is `centre`; a weight of zero stays zero; a draw that underflows is `centre` itself.
    Shape    (k,), sums to 1  ->  (size, k), each row sums to 1
    """
    drawn = rng.standard_gamma(np.broadcast_to(concentration * centre, (size, len(centre))))
    total = drawn.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, drawn / total, centre)
