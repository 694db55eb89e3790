"""Weights under which columns count for what they shall, with a proof that none come nearer. 目标重要性赋权"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .numbers import Array


@dataclass(frozen=True, eq=False)
class Optimum:
    """`weights` (k,); `importance` (k,) what they make each column count for; `miss` the greatest distance to the
    target; `gap` between this and the least that is possible at all, from the dual: 0 proves the optimum"""

    weights: Array
    importance: Array
    miss: float
    gap: float


def optimised(covariance: Array, target: Array, low: float = 0.0, high: float = 1.0) -> Optimum | None:
    """Weights whose importances come nearest to the target, in the greatest distance. None where nothing is feasible.

    Importance is the share in the correlations with the weighted sum: r_k = (S w)_k / s_k up to a common factor,
    importance_k = r_k / sum r. With u = w / sum r this is linear,
        min e  subject to  |C u - t| <= e,  sum C u = 1,  low sum u <= u <= high sum u,  C = S_kj / s_k
    so one linear programme finds the optimum over the bounded simplex, and its dual proves it.
    Shape    (k, k), (k,) that sums to 1  ->  Optimum
    """
    from scipy.optimize import linprog

    k = len(target)
    c = covariance / np.sqrt(np.diag(covariance))[:, None]
    ones, edge = np.ones((k, 1)), np.zeros((k, 1))
    rules = np.block(
        [
            [c, -ones],
            [-c, -ones],
            [low * np.ones((k, k)) - np.eye(k), edge],
            [np.eye(k) - high * np.ones((k, k)), edge],
        ]
    )
    limits = np.concatenate([target, -target, np.zeros(2 * k)])
    whole = np.append(c.sum(axis=0), 0.0)[None]
    aim = np.append(np.zeros(k), 1.0)
    solved = linprog(aim, A_ub=rules, b_ub=limits, A_eq=whole, b_eq=[1.0], bounds=(0, None), method="highs")
    if not solved.success:
        return None
    dual = float(limits @ solved.ineqlin.marginals + solved.eqlin.marginals[0])
    u = solved.x[:-1]
    return Optimum(u / u.sum(), c @ u, float(np.abs(c @ u - target).max()), abs(float(solved.fun) - dual))
