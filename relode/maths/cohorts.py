"""Effects of staggered adoption as differences of cohort means, on balanced panels without covariates.

ATT(g, t) = mean_g(y_t - y_base) - mean_never(y_t - y_base), base = g - 1 - anticipation (Callaway and Sant'Anna
2021, never-treated controls). Everything is linear in cohort means, so that a thousand permutations of the adoption
dates cost as much as one library call.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]


def cohort_means(y: Array, start: Index, cohorts: Index) -> Array:
    """Mean outcome of every cohort in every period.

    Shape    y (n, t), start (n,), cohorts (c,) distinct starts  ->  (c, t); NaN for a cohort without units
    """
    member = (start[None, :] == cohorts[:, None]).astype(float)
    with np.errstate(invalid="ignore"):
        means: Array = (member @ y) / member.sum(axis=1, keepdims=True)
    return means


def group_time(y: Array, start: Index, anticipation: int = 0) -> tuple[Index, Array]:
    """ATT(g, t) of all cohorts and periods against the never-treated, base period g - 1 - anticipation.

    Shape    y (n, t), start (n,) first treated period, t = never  ->  cohorts (c,), effects (c, t)
    Raises   ValueError where nobody is never treated, or a cohort has no period before
    """
    t = y.shape[1]
    cohorts = np.unique(start[start < t])
    if not (start >= t).any():
        raise ValueError("nobody is never treated")
    if (cohorts - 1 - anticipation < 0).any():
        raise ValueError("a cohort has no period before")
    means = cohort_means(y, np.minimum(start, t), np.append(cohorts, t))
    gap = means[:-1] - means[-1]
    return cohorts, gap - gap[np.arange(len(cohorts)), cohorts - 1 - anticipation][:, None]


def simple_effect(y: Array, start: Index, anticipation: int = 0) -> float:
    """The mean of ATT(g, t) over all treated cells, cohorts weighted by their size.

    Shape    y (n, t), start (n,)  ->  a number in the unit of y
    """
    cohorts, effects = group_time(y, start, anticipation)
    size = (start[None, :] == cohorts[:, None]).sum(axis=1)
    after = np.arange(y.shape[1])[None, :] >= cohorts[:, None]
    weight = size[:, None] * after
    return float((effects * weight).sum() / weight.sum())


def permuted_effects(
    y: Array, start: Index, draws: int, seed: int, strata: Index | None = None, anticipation: int = 0
) -> Array:
    """The simple effect with the adoption paths dealt anew among units, `draws` times.

    Shape    y (n, t), start (n,), strata (n,): dealt only within these groups  ->  (draws,)
    Source   Fisher (1935); whole paths are dealt, so that timing and size of cohorts stay
    """
    random = np.random.default_rng(seed)
    groups = [np.arange(len(y))] if strata is None else [np.flatnonzero(strata == s) for s in np.unique(strata)]
    out = np.empty(draws)
    for draw in range(draws):
        dealt = start.copy()
        for group in groups:
            dealt[group] = random.permutation(start[group])
        out[draw] = simple_effect(y, dealt, anticipation)
    return out


def permutation_p(observed: float, dealt: Array) -> float:
    """Share of draws at least as far from zero, the observed one counted: (1 + #) / (1 + draws), never 0."""
    return float((1 + (np.abs(dealt) >= abs(observed) - 1e-12).sum()) / (1 + len(dealt)))


def left_out(y: Array, start: Index, clusters: Index, anticipation: int = 0) -> Array:
    """The simple effect without each cluster in turn; NaN where it cannot be told then.

    Shape    y (n, t), start (n,), clusters (n,)  ->  (distinct clusters,), in their order
    """
    out = np.full(len(np.unique(clusters)), np.nan)
    for at, cluster in enumerate(np.unique(clusters)):
        keep = clusters != cluster
        if (start[keep] < y.shape[1]).any() and (start[keep] >= y.shape[1]).any():
            out[at] = simple_effect(y[keep], start[keep], anticipation)
    return out


def simple_influence(y: Array, start: Index, anticipation: int = 0) -> Array:
    """How each unit moves the simple effect: its standard error is the root of the sum of squares.

    psi_i = share of i's cells (effect on i - effect) + own change less its cohort's, the never-treated likewise;
    effects and sizes of cohorts are both counted as drawn.
    Shape    y (n, t), start (n,)  ->  (n,), sums to zero
    Source   Callaway and Sant'Anna (2021), theorem 2 and corollary 2
    """
    n, t = y.shape
    begun = np.minimum(start, t)
    cohorts, effects = group_time(y, begun, anticipation)
    after = np.arange(t)[None, :] >= cohorts[:, None]
    size = (begun[None, :] == cohorts[:, None]).sum(axis=1)
    cells = float((size * after.sum(axis=1)).sum())
    theta = float(((effects * after).sum(axis=1) * size).sum() / cells)
    never = begun >= t
    psi = np.zeros(n)
    for c, cohort in enumerate(cohorts):
        path = (y[:, after[c]] - y[:, [cohort - 1 - anticipation]]).sum(axis=1)  # the sum over the treated periods
        mine = begun == cohort
        psi[mine] += (path[mine] - path[mine].mean()) / cells
        psi[mine] += ((effects[c] * after[c]).sum() - theta * after[c].sum()) / cells
        psi[never] -= size[c] / cells * (path[never] - path[never].mean()) / never.sum()
    return psi
