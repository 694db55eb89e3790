"""How far an efficiency score would be from the truth: the smoothed bootstrap of frontiers. 光滑自助法

An estimated frontier lies inside the true one, so scores flatter. Scores are drawn anew from their smoothed
distribution, reflected at the frontier; every unit is moved to such a score; and all are measured against the
frontier of the moved ones. What the scores lose there, they have lost against the truth.

Two steps differ from the paper. Draws are drawn together around the frontier, the mean of the reflected scores, not
around the mean of the scores: that would move the edge itself, so that no draw came near 1 and the bias of a frontier
that is nearly right (one input, one output) was never less than that gap. And scores of 1 are not drawn: a unit is on
the estimated frontier because it carries it, and their heap at 1 would hide the bias. In simulations the intervals
then hold the truth more often, and what is left of the bias is less (tests/measure/test_productivity.py).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .frontier import OPTIMAL, solve
from .numbers import Array
from .programs import Amounts, promising, radial

BEHIND = 1 - 1e-6  # scores below are behind the frontier
FEWEST = 10  # of them, that a distribution can be drawn from


class Corrected(NamedTuple):
    """Scores less their bias, the bias, its spread over draws, and the interval of each. Shape (n,) each"""

    score: Array
    bias: Array
    spread: Array
    low: Array
    high: Array

    @property
    def noisy(self) -> Array:
        """Where taking the bias off adds more noise than it takes away: bias^2 < 3 spread^2."""
        return np.asarray(self.bias**2 < 3 * self.spread**2)


def bandwidth(theta: Array) -> float:
    """Silverman's width of the reflected scores that are not on the frontier, for the number of all. Shape (n,)"""
    behind = theta[theta < BEHIND]
    mirrored = np.concatenate([behind, 2 - behind])
    spread = min(mirrored.std(ddof=1), float(np.subtract(*np.quantile(mirrored, (0.75, 0.25)))) / 1.34)
    width = 0.9 * spread * len(mirrored) ** -0.2
    return float(width * (len(mirrored) / len(theta)) ** 0.2 * theta.std(ddof=1) / mirrored.std(ddof=1))


def smoothed(theta: Array, rng: np.random.Generator) -> Array:
    """One draw of scores from the kernel density of those behind the frontier, reflected at 1, their variance kept.

    Shape    (n,) of which some are < 1 -> (n,)
    """
    h = bandwidth(theta)
    short = 1 - theta[theta < BEHIND]
    drawn = rng.choice(np.concatenate([short, -short]), len(theta)) + h * rng.standard_normal(len(theta))
    found: Array = np.clip(1 - np.abs(drawn) / np.sqrt(1 + h**2 / float(np.mean(short**2))), 1e-3, 1.0)
    return found


def simar_wilson(units: Amounts, returns: str, draws: int, seed: int, level: float = 0.95) -> Corrected:
    """Radial input scores corrected for bias, with their intervals; NaN where a unit has no score,
    and everywhere if fewer than ten units are behind the frontier.

    theta*_b against the frontier of (x theta / theta^s_b, y);  bias = mean theta* - theta;  corrected = theta - bias
    interval: [theta - q_high, theta - q_low] of theta* - theta
    Shape    n units, draws >= 20 -> (n,) each
    Source   Simar and Wilson (1998), Management Science 44, 49-61
    """
    own = solve(radial(units, units, returns, "input"), promising(units))
    theta = own.value
    whole = np.array([one == OPTIMAL for one in own.status])
    if (theta[whole] < BEHIND).sum() < FEWEST:
        return Corrected(*np.full((5, len(units)), np.nan))
    rng = np.random.default_rng(seed)
    drawn = np.full((draws, len(units)), np.nan)
    for b in range(draws):
        moved = Amounts(units.x * (theta / _filled(theta, whole, rng))[:, None], units.y, units.b)
        there = moved.only(whole)
        drawn[b, whole] = solve(radial(units.only(whole), there, returns, "input"), promising(there)).value
    away = drawn - theta
    bias = np.where(whole, np.nanmean(np.where(whole, away, 0.0), axis=0), np.nan)
    tail = (1 - level) / 2
    lowest, highest = np.nanquantile(np.where(whole, away, 0.0), (tail, 1 - tail), axis=0)
    spread = np.where(whole, np.std(np.where(whole, away, 0.0), axis=0, ddof=1), np.nan)
    return Corrected(theta - bias, bias, spread, *(np.where(whole, theta - end, np.nan) for end in (highest, lowest)))


def _filled(theta: Array, whole: Array, rng: np.random.Generator) -> Array:
    drawn = np.ones(len(theta))
    drawn[whole] = smoothed(theta[whole], rng)
    return drawn
