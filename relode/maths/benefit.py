"""Benefit of the doubt: every entity is weighed as suits it best, within what would suit nobody too well. 有利赋权

max_w sum_k w_k x_ik   subject to   sum_k w_k x_jk <= 1 for every j,  w >= 0
Source   Melyn and Moesen (1991); Cherchye et al. (2007), Social Indicators Research 82, 111-145
"""

from __future__ import annotations

import numpy as np

from .numbers import Array


def benefit(x: Array, have: Array, bounds: tuple[float, float] | None = None) -> Array:
    """The score of each entity under its own best weights: 1 for those that nobody surpasses.

    `bounds`  the least and the greatest share of each child in the score of the average entity,
              low sum_l w_l m_l <= w_k m_k <= high sum_l w_l m_l with m the mean (always feasible if low <= 1/k <= high)
    Shape     (k, n), all >= 0, (k, n)  ->  (n,); NaN where an entity has no child; a missing child has no weight
    """
    found = np.full(x.shape[1], np.nan)
    for pattern in np.unique(have, axis=1).T:
        rows = pattern > 0
        here = np.flatnonzero((pattern == have.T).all(axis=1))
        if rows.any():
            peers = x[:, have[rows].all(axis=0)][rows]
            found[here] = _scores(x[np.ix_(rows, here)], peers, bounds)
    return found


def _scores(x: Array, peers: Array, bounds: tuple[float, float] | None) -> Array:
    """Each column of `x` against all columns of `peers`. Shape (k, m), (k, n) -> (m,)"""
    from scipy.optimize import linprog

    rules, limits = peers.T, np.ones(peers.shape[1])
    if bounds is not None:
        m = peers.mean(axis=1)
        low, high = min(bounds[0], 1 / len(m)), max(bounds[1], 1 / len(m))
        rules = np.vstack([rules, low * m - np.diag(m), np.diag(m) - high * m])
        limits = np.concatenate([limits, np.zeros(2 * len(m))])
    found = np.empty(x.shape[1])
    for n, own in enumerate(x.T):
        if not own.any():
            found[n] = 0.0
            continue
        solved = linprog(-own, A_ub=rules, b_ub=limits, bounds=(0, None), method="highs")
        found[n] = -solved.fun if solved.success else np.nan
    return found
