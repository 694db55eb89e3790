"""Wild cluster bootstrap of one two-way coefficient on a balanced panel, at the level of cluster scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .panelfit import demean

Array = NDArray[np.float64]
Index = NDArray[np.intp]
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])


def wild_p(y: Array, d: Array, clusters: Index, *, draws: int, seed: int) -> float:
    """p of "no effect" of d on y by the wild cluster bootstrap-t, the null imposed.

    Rademacher weights, Webb's six points below 12 clusters. With the null imposed the residual is the demeaned y; a
    draw multiplies the residuals of a cluster by one weight, so only cluster sums of d y and d d are needed.
    Shape    y, d (n, t), clusters (n,) with every unit in one cluster  ->  p in (0, 1]
    Source   Cameron, Gelbach and Miller (2008); Roodman, MacKinnon, Nielsen and Webb (2019)
    """
    _, group = np.unique(clusters, return_inverse=True)
    count = int(group.max()) + 1
    dd, yd = demean(d), demean(y)
    norm = float(np.vdot(dd, dd))
    crossed = _cross(dd, yd, group, count)
    own = np.bincount(group, weights=np.einsum("it,it->i", dd, dd), minlength=count)
    random = np.random.default_rng(seed)
    points = WEBB if count < 12 else np.array([-1.0, 1.0])
    weights = np.vstack([np.ones(count), random.choice(points, (draws, count))])
    b = weights @ crossed.sum(axis=1) / norm
    scores = weights @ crossed.T - b[:, None] * own  # d'u of each cluster after the fit of the draw
    t = np.abs(b) / np.sqrt(np.square(scores).sum(axis=1))
    return float((1 + (t[1:] >= t[0] - 1e-12).sum()) / (1 + draws))


def _cross(dd: Array, yd: Array, group: Index, count: int) -> Array:
    """A[g, h] = sum of d (demeaned) in cluster g times the residuals that come from cluster h.

    Demeaning a weighted residual again mixes clusters through the period means only:
    dd_g' M(w u) = w_g dd_g'u_g - (1/n) dd_g' 1 sum_h w_h u_h(t).
    """
    n = len(dd)
    sums_d = np.stack([np.bincount(group, weights=column, minlength=count) for column in dd.T], axis=1)
    sums_y = np.stack([np.bincount(group, weights=column, minlength=count) for column in yd.T], axis=1)
    own = np.bincount(group, weights=np.einsum("it,it->i", dd, yd), minlength=count)
    crossed: Array = np.diag(own) - sums_d @ sums_y.T / n
    return crossed
