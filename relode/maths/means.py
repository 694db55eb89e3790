"""Means: how children become their parent, for many weightings at once.

x      (..., k, n)   k children of n entities
w      (..., k)      weights; the leading axes broadcast against those of x
have   (..., k, n)   1 where a child is there, else 0; a missing child's weight goes to the others
->     (..., n)      NaN where no child with a weight is there
"""

from __future__ import annotations

import numpy as np

from .chance import ranks
from .numbers import Array

TIE = 1e-12
"""two sums of weights that differ by less are equal"""


def arithmetic(x: Array, w: Array, have: Array) -> Array:
    """sum w x / sum w over the children that are there. 加权算术平均"""
    return _mean(np.where(have > 0, x, 0.0), w, have)


def geometric(x: Array, w: Array, have: Array) -> Array:
    """exp(sum w ln x / sum w) over the children that are there; NaN where one is not positive. 加权几何平均"""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(have > 0, x, 1.0))
    result: Array = np.exp(_mean(logs, w, have))
    return result


def power(x: Array, w: Array, have: Array, exponent: float) -> Array:
    """(sum w x^p / sum w)^(1/p) over the children that are there; p = -1 is the harmonic mean. 幂平均

    NaN where a child is negative, or zero under p < 0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        raised = np.where(have > 0, x, 1.0) ** exponent
        raised = np.where(np.isfinite(raised), raised, np.nan)
        result: Array = _mean(np.where(have > 0, raised, 0.0), w, have) ** (1 / exponent)
    return result


def copeland(x: Array, w: Array, have: Array) -> Array:
    """Victories less defeats in all pairs, as a share of the pairs: -1 to 1. 科普兰法

    One stands above another where the weights of the children on which it is better outweigh those on which it is
    worse; only children that both have count, so that the order of the entities does not matter.
    C = sum_j sign(sum_k w_k sign(x_ki - x_kj)) / (n - 1)
    Source   Copeland (1951); Munda and Nardo (2009), Applied Economics 41(12), 1513-1523
    """
    filled = np.where(have > 0, x, 0.0)
    better = np.zeros((*np.broadcast_shapes(x.shape[:-2], w.shape[:-1]), x.shape[-1], x.shape[-1]))
    for k in range(x.shape[-2]):
        both = have[..., k, :, None] * have[..., k, None, :]
        sign = np.sign(filled[..., k, :, None] - filled[..., k, None, :]) * both
        better = better + w[..., k, None, None] * sign
    wins = np.sign(np.where(np.abs(better) > TIE, better, 0.0)).sum(axis=-1)
    there = have.any(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share: Array = wins / (there.sum(axis=-1, keepdims=True) - 1)
    return np.where(there, share, np.nan)


def ampi(x: Array, w: Array, have: Array, penalty: int = -1) -> Array:
    """M + penalty S^2 / M, with M the mean and S the deviation among the children: unevenness costs. AMPI

    penalty -1 where a high score is good, 1 where it is bad; S with n, as in the source
    Source   Mazziotta and Pareto (2016), Social Indicators Research 127, 983-1003
    """
    mean = arithmetic(x, w, have)
    spread = _mean(np.where(have > 0, (x - mean[..., None, :]) ** 2, 0.0), w, have)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Array = mean + penalty * spread / mean
    return result


def topsis(x: Array, w: Array, have: Array, best: Array | float = 1.0, worst: Array | float = 0.0) -> Array:
    """Closeness to the ideal: 0 at the worst point, 1 at the best. 逼近理想解排序法

    d+ = sqrt(sum (w (x - best))^2),  d- = sqrt(sum (w (x - worst))^2),  C = d- / (d+ + d-)
    best, worst broadcast against x, (..., k, n)
    Source   Hwang and Yoon (1981); example in Tzeng and Huang (2011)
    """
    square = w**2
    to_best = np.sqrt(_sum(np.where(have > 0, (x - best) ** 2, 0.0), square))
    to_worst = np.sqrt(_sum(np.where(have > 0, (x - worst) ** 2, 0.0), square))
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Array = to_worst / (to_best + to_worst)
    return result


def vikor(x: Array, w: Array, have: Array, group: float = 0.5) -> Array:
    """1 - Q, the compromise between the regret of all and the worst regret. 折衷妥协法

    d = 1 - x,  S = sum w d,  R = max w d,  Q = v (S - min S)/(max S - min S) + (1 - v)(R - min R)/(max R - min R)
    v = `group` is the weight of the majority; least and greatest are those of all entities, so a score hangs on them.
    x between 0, the worst, and 1, the best
    Source   Opricovic and Tzeng (2004), European Journal of Operational Research 156(2), 445-455
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        share = w[..., None] * have / _sum(have, w)[..., None, :]
    regret = np.where(have > 0, share * (1 - x), 0.0)
    there = (share > 0).any(axis=-2)
    parts = [np.where(there, one, np.nan) for one in (regret.sum(axis=-2), regret.max(axis=-2))]
    whole, worst = (_between(part) for part in parts)
    result: Array = 1 - group * whole - (1 - group) * worst
    return result


def _between(x: Array) -> Array:
    """(x - min) / (max - min) along the last axis, 0 where all are alike; NaN stays."""
    low = np.where(np.isnan(x), np.inf, x).min(axis=-1, keepdims=True)
    high = np.where(np.isnan(x), -np.inf, x).max(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.where(high > low, (x - low) / np.where(high > low, high - low, 1.0), np.where(np.isnan(x), x, 0.0))


def grey(x: Array, w: Array, have: Array, distinguishing: float = 0.5) -> Array:
    """The grey relational grade with the ideal: sum w rho / (1 - x + rho), rho = `distinguishing`. 灰色关联度

    Deng's coefficient (min D + rho max D) / (D + rho max D) with D = 1 - x, min D = 0 and max D = 1: the ends of the
    scale, which under min-max limits are somebody's figures. x between 0, the worst, and 1, the best
    Source   Deng Julong (1989), The Journal of Grey System 1(1), 1-24
    """
    filled = np.where(have > 0, x, 0.0)
    return _mean(np.where(have > 0, distinguishing / (1 - filled + distinguishing), 0.0), w, have)


def rank_sum(x: Array, w: Array, have: Array) -> Array:
    """The rank-sum ratio: sum w R / n, R the rank among the n entities that have the child, 1 the worst. 秩和比法

    Equal figures share the mean of their ranks; only the order of figures counts.
    Source   Tian Fengtiao (1988), Chinese Journal of Preventive Medicine 22(1), 51-54
    """
    filled = np.where(have > 0, x, np.inf)  # a gap stands above all and moves nobody's rank from below
    first, last = ranks(-filled), x.shape[-1] + 1 - ranks(filled)
    count = np.maximum(have.sum(axis=-1, keepdims=True), 1)
    return _mean(np.where(have > 0, (first + last) / 2 / count, 0.0), w, have)


def vector_scale(x: Array) -> Array:
    """x / sqrt(sum x^2) down each column, the scale of the textbook TOPSIS. Shape (n, k) -> the same."""
    result: Array = x / np.sqrt((x**2).sum(axis=0))
    return result


def _sum(x: Array, w: Array) -> Array:
    total: Array = np.einsum("...kn,...k->...n", x, w)
    return total


def _mean(x: Array, w: Array, have: Array) -> Array:
    total = _sum(x, w)
    if have.all():
        whole: Array = total / w.sum(axis=-1)[..., None]
        return whole
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Array = total / _sum(have, w)
    return mean
