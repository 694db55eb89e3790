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
    known = np.isfinite(e) & (have.sum(axis=0) > 1)  # one figure, or none, tells nobody apart
    return shares(np.where(known, np.maximum(1 - e, 0.0), 0.0))


def critic(x: Array) -> Array:
    """CRITIC weights: contrast within a column times conflict with the others. CRITIC 法

    z = min-max of x,  c_j = sd(z_j) sum_k (1 - r_jk),  w_j = c_j / sum c;  sd with n - 1
    Shape    (n, k), more is better, NaN = missing (r from the pairs there are)  ->  (k,), sums to 1
    Source   Diakoulaki, Mavrotas and Papayannakis (1995), Computers & Operations Research 22(7), 763-770
    """
    z = position(x, *minmax_limits(x, np.ones(x.shape[1])))
    return shares(_mean_and_deviation(z)[1] * (1 - correlation(z)).sum(axis=1))


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


def deviation(x: Array) -> Array:
    """Weights by the sample standard deviation of each column. 标准差法

    Shape    (n, k), NaN = missing  ->  (k,), sums to 1
    """
    return shares(_mean_and_deviation(x)[1])


def variation(x: Array) -> Array:
    """Weights by the coefficient of variation, sd / mean. 变异系数法

    Shape    (n, k), NaN = missing  ->  (k,), sums to 1
    Raises   ValueError where a column's mean is not positive: it has no variation relative to it
    """
    mean, sd = _mean_and_deviation(x)
    known = ~np.isnan(x).all(axis=0)
    if (mean[known] <= 0).any():
        raise ValueError("coefficients of variation need positive means")
    return shares(np.divide(sd, mean, out=np.zeros_like(sd), where=known))


def merec(x: Array, direction: Array) -> Array:
    """Weights by what the performance of all would lose without a column. MEREC

    n = min x / x (x / max x where less is better),  S_i = ln(1 + sum_j |ln n_ij| / k),
    S'_ij the same without column j but still / k,  w_j ~ sum_i |S'_ij - S_i|
    Shape    (n, k), all > 0, NaN = missing (no part in its row)  ->  (k,), sums to 1
    Raises   ValueError where a figure is not positive
    Source   Keshavarz-Ghorabaee et al. (2021), Symmetry 13(4), 525
    """
    if (x <= 0).any():
        raise ValueError("MEREC needs x > 0")
    known = ~np.isnan(x).all(axis=0)
    n = np.full(x.shape, np.nan)
    up, down = known & (direction > 0), known & (direction <= 0)
    n[:, up] = np.nanmin(x[:, up], axis=0, initial=np.inf) / x[:, up]
    n[:, down] = x[:, down] / np.nanmax(x[:, down], axis=0, initial=0)
    part = np.nan_to_num(np.abs(np.log(n))) / x.shape[1]
    whole = part.sum(axis=1, keepdims=True)
    return shares(np.abs(np.log1p(whole - part) - np.log1p(whole)).sum(axis=0))


def principal(x: Array) -> tuple[Array, Array, float]:
    """Squared loadings of the first principal component of the standardised columns. 主成分法

    R v = lambda v, lambda the greatest,  w_j = v_j^2 (they sum to one and do not hang on the sign of v)
    Shape    (n, k), NaN = missing (pairwise correlations)  ->  weights (k,), loadings v (k,) of positive sum,
             share of variance lambda / k
    Source   Nicoletti, Scarpetta and Boylaud (2000), OECD Economics Department Working Papers 226
    """
    values, vectors = np.linalg.eigh(correlation(x))
    v = vectors[:, -1] * (1.0 if vectors[:, -1].sum() >= 0 else -1.0)
    return shares(v**2), v, float(values[-1] / len(v))


def combined_product(parts: Array) -> Array:
    """Root of the product of several weightings, one of the two things called game-theory combination. 乘法合成

    w_j ~ (prod_l w_lj)^(1/L);  a column that one of them gives nothing gets nothing
    Shape    (L, k), rows sum to 1  ->  (k,), sums to 1
    """
    return shares(np.prod(parts, axis=0) ** (1 / len(parts)))


def combined_game(parts: Array) -> tuple[Array, Array]:
    """The mixture of several weightings that is nearest to all of them, the other of the two. 博弈论组合赋权

    sum_m alpha_m w_l w_m' = w_l w_l' for every l,  w = sum_l alpha_l w_l with alpha scaled to sum to one
    Shape    (L, k), rows sum to 1  ->  weights (k,), alpha (L,); an alpha may be negative, which the caller must judge
    Weightings that are alike share alpha equally. R's mathmodels has both variants under one name.
    """
    products = np.einsum("lk,mk->lm", parts, parts)
    alpha = np.linalg.lstsq(products, np.diag(products), rcond=None)[0]
    alpha = alpha / alpha.sum()
    return np.einsum("l,lk->k", alpha, parts), alpha


def deviations(x: Array) -> Array:
    """The sample standard deviation of each column, 0 where there are fewer than two figures. Shape (n, k) -> (k,)"""
    return _mean_and_deviation(x)[1]


def standardised(x: Array) -> Array:
    """(x - mean) / sd of each column, sd with n - 1; 0 where a figure is missing or all are alike. Shape (n, k)"""
    mean, sd = _mean_and_deviation(x)
    return np.where(np.isnan(x), 0.0, x - mean) / np.where(sd > 0, sd, 1.0)


def _mean_and_deviation(x: Array) -> tuple[Array, Array]:
    have = ~np.isnan(x)
    count = have.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(have, x, 0.0).sum(axis=0) / count
        sd = np.sqrt((np.where(have, x - mean, 0.0) ** 2).sum(axis=0) / (count - 1))
    return np.nan_to_num(mean), np.where(np.isfinite(sd), sd, 0.0)
