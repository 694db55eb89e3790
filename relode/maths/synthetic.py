"""Synthetic control on outcomes before: a weighted mean of donors that runs with the treated one until the start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def simplex_weights(target: Array, donors: Array) -> Array:
    """The weights w >= 0, sum w = 1, that bring donors nearest to the target: min |target - donors w|^2.

    Non-negative least squares with the sum as a row that weighs a million times the largest figure.
    Shape    target (t,), donors (t, n)  ->  (n,)
    Source   Abadie, Diamond and Hainmueller (2010), outcomes as predictors, V = 1
    """
    from scipy.optimize import nnls

    scale = float(np.abs(donors).max()) or 1.0
    heavy = 1e6
    rows = np.vstack([donors / scale, np.full((1, donors.shape[1]), heavy)])
    w, _ = nnls(rows, np.append(target / scale, heavy), maxiter=50 * donors.shape[1])
    return np.asarray(w / w.sum(), np.float64)


def gaps(y: Array, begin: int) -> Array:
    """For each row in turn: its path less its synthetic twin made of the other rows.

    Shape    y (n, t), begin periods before the start  ->  (n, t)
    """
    out = np.empty_like(y)
    for i in range(len(y)):
        others = np.delete(np.arange(len(y)), i)
        out[i] = y[i] - simplex_weights(y[i, :begin], y[others, :begin].T) @ y[others]
    return out


def rmspe_ratio(gap: Array, begin: int) -> Array:
    """How much larger gaps are after the start than before: sqrt(mean after^2 / mean before^2), (n, t) -> (n,)."""
    before, after = np.square(gap[:, :begin]).mean(axis=1), np.square(gap[:, begin:]).mean(axis=1)
    return np.asarray(np.sqrt(after / np.maximum(before, 1e-300)), np.float64)
