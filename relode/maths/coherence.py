"""Coherence: do the parts of a group tell one story? 一致性检验"""

from __future__ import annotations

import numpy as np

from .numbers import Array
from .weights import correlation


def cronbach(x: Array) -> float:
    """Cronbach's alpha of the columns of x, over the rows that are complete. 克朗巴赫 α 系数

    alpha = k / (k - 1) (1 - sum_j var x_j / var sum_j x_j), variances with n - 1
    Shape    (n, k)  ->  a number, 1 at most; NaN with fewer than two columns or rows, or where the sum is constant
    Source   Cronbach (1951), Psychometrika 16(3), 297-334
    """
    whole = x[~np.isnan(x).any(axis=1)]
    k = x.shape[1]
    if k < 2 or len(whole) < 2:
        return float("nan")
    total = whole.sum(axis=1).var(ddof=1)
    return float(k / (k - 1) * (1 - whole.var(axis=0, ddof=1).sum() / total)) if total > 0 else float("nan")


def principal(x: Array) -> Array:
    """The eigenvalues of the correlation matrix of the columns, greatest first. 主成分

    Pairs of columns are correlated over the rows that have both; a matrix made so can have small negative
    eigenvalues, which are set to zero.
    Shape    (n, k) -> (k,); they sum to k where there is no gap
    """
    return np.asarray(np.maximum(np.linalg.eigvalsh(correlation(x))[::-1], 0.0))
