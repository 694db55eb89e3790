"""Many tests at once: p values that hold for the whole family."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def holm(p: Array) -> Array:
    """p values adjusted for their number, whatever joins the tests: step down with p_(j) (k - j + 1).

    Shape    (k,)  ->  (k,), NaN stays NaN
    Source   Holm (1979)
    """
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted = np.full(len(p), np.nan)
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else steps
    return adjusted


def romano_wolf(t: Array, scores: Array, *, draws: int, seed: int) -> Array:
    """p values adjusted for their number, given how the tests move together: step down over the largest |t*|.

    t*_b = sum_c w_cb s_c / root(sum_c s_c^2), one Rademacher weight per cluster for all tests;
    p_(j) = (1 + #{max_{l >= j} |t*_(l)| >= |t_(j)|}) / (1 + draws), never falling.
    Shape    t (k,), scores (clusters, k): how each cluster moves each estimate  ->  (k,); NaN stays NaN
    Source   Romano and Wolf (2005, 2016), by a multiplier bootstrap of clusters
    """
    known = np.flatnonzero(np.isfinite(t))
    order = known[np.argsort(-np.abs(t[known]), kind="stable")]
    adjusted = np.full(len(t), np.nan)
    if not len(order):
        return adjusted
    unit = scores[:, order] / np.sqrt(np.square(scores[:, order]).sum(axis=0))
    weights = np.random.default_rng(seed).choice([-1.0, 1.0], (draws, len(scores)))
    drawn = np.abs(weights @ unit)
    largest = np.maximum.accumulate(drawn[:, ::-1], axis=1)[:, ::-1]  # over this test and all that come after it
    beyond = (largest >= np.abs(t[order]) - 1e-12).sum(axis=0)
    adjusted[order] = np.maximum.accumulate((1 + beyond) / (1 + draws))
    return adjusted
