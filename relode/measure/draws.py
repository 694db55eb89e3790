"""Draws: the index under many plans at once. 不确定性分析

One draw takes a level of every choice that the plan puts in doubt, a set of weights (Dirichlet around the plan's,
within each group) and, where figures are in doubt, a set of figures. It serves all periods, so that "both years" means
the same yardstick in both. Draws come in chunks of fixed size, each with its own streams of random numbers: draw
`number` follows from the plan's seed and `number` alone, however many are taken, and memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relode.maths import chance, fast
from relode.maths.numbers import Array

from .designs import ROWS, Rows, index_of
from .doubts import Doubts, planned
from .replay import Draw, drawn
from .score import Scores


@dataclass(frozen=True, eq=False)
class Chances:
    """What the draws say of the periods that were asked for; `n` counts the entities with a score in all draws.

    `order`    per period (n,): the entities with a score in all draws, best first by the plan
    `counts`   per period (n, n): how often each of `order` has each rank
    `above`    per period (n, n): share of draws in which one of `order` (row) stands above another (column)
    `bottom`   (entity, period) share of draws among the last `rank.bottom`; NaN without a score
    `running`  (entity, period) share of draws among the last in this and the periods before it
    `doubts`   what was varied
    """

    order: tuple[NDArray[np.intp], ...]
    counts: tuple[chance.Counts, ...]
    above: tuple[Array, ...]
    bottom: Array
    running: Array
    doubts: Doubts


def draw(scores: Scores, number: int) -> Draw:
    """Draw `number` alone."""
    return drawn(planned(scores), number)


def chances(scores: Scores, *, running: int = 2, bottom: int = 0, last: int = 0) -> Chances:
    """Rank counts and joint events over all draws of the plan, for the `last` periods (all, if 0).

    `running` periods in a row make the joint event of standing among the last `bottom` (the plan's, if 0)
    """
    doubts, places = planned(scores, last), bottom or scores.plan.rank.bottom
    total = scores.plan.uncertainty.draws
    score = np.where(doubts.standing, scores.score[:, -last:], np.nan)[doubts.here]
    compiled = fast.pays(score.size * total)

    def count(chunks: range) -> _Tally:
        tally = _Tally(score, running, places, compiled)
        for chunk in chunks:
            tally.add(_block(doubts, chunk, total))
        return tally

    tallies = fast.in_threads(count, -(-total // ROWS))
    for other in tallies[1:]:
        tallies[0].join(other)
    return tallies[0].close(total, doubts)


def stream(scores: Scores, last: int = 0) -> Iterator[Array]:
    """The index of every draw in chunks, as whole numbers of its twelfth digit. Shape (period, draw, entity)

    Entities without a score in some draw have none in all.
    """
    doubts, total = planned(scores, last), scores.plan.uncertainty.draws
    for chunk in range(-(-total // ROWS)):
        found = np.full((len(doubts.periods), min(ROWS, total - chunk * ROWS), len(doubts.standing)), np.nan)
        found[..., doubts.here] = _block(doubts, chunk, total)
        yield np.where(doubts.standing.T[:, None], found, np.nan)


def _block(doubts: Doubts, chunk: int, total: int) -> Array:
    return index_of(doubts, Rows(chunk, 0), min(ROWS, total - chunk * ROWS))


class _Tally:
    """Counts that grow with every chunk; the scores themselves are forgotten."""

    def __init__(self, score: Array, running: int, bottom: int, compiled: bool = False):
        self.compiled = compiled
        self.scored, self.running, self.last = ~np.isnan(score), running, bottom
        self.order = [_order(column) for column in score.T]
        self.counts = [np.zeros((len(order), len(order)), np.int32) for order in self.order]
        self.above = [np.zeros_like(count) for count in self.counts]
        self.bottom = np.zeros(self.scored.shape, np.int64)
        self.joint = np.zeros(self.scored.shape, np.int64)

    def add(self, block: Array) -> None:
        """Count one chunk. Shape (period, draw, entity)"""
        among = np.zeros(block.shape, bool)
        for t, order in enumerate(self.order):
            ranked = fast.ranks(block[t][:, order], compiled=self.compiled)
            held, above = fast.counts(ranked, compiled=self.compiled)
            self.counts[t] += held
            self.above[t] += above
            among[t][:, order] = ranked > len(order) - self.last
        self.bottom += among.sum(axis=1).T
        for t in range(self.running - 1, len(self.order)):
            self.joint[:, t] += among[t - self.running + 1 : t + 1].all(axis=0).sum(axis=0)

    def join(self, other: _Tally) -> None:
        """Take in the counts of other draws."""
        for mine, theirs in ((self.counts, other.counts), (self.above, other.above)):
            for t, found in enumerate(theirs):
                mine[t] += found
        self.bottom += other.bottom
        self.joint += other.joint

    def close(self, draws: int, doubts: Doubts) -> Chances:
        """The counts as shares, for all entities."""
        known = np.zeros(self.scored.shape, bool)
        for t in range(self.running - 1, len(self.order)):
            known[:, t] = self.scored[:, t - self.running + 1 : t + 1].all(axis=1)
        return Chances(
            order=tuple(doubts.here[order] for order in self.order),
            counts=tuple(self.counts),
            above=tuple(count / draws for count in self.above),
            bottom=_spread(np.where(self.scored, self.bottom / draws, np.nan), doubts),
            running=_spread(np.where(known, self.joint / draws, np.nan), doubts),
            doubts=doubts,
        )


def _spread(x: Array, doubts: Doubts) -> Array:
    """Figures of those in question among all entities. Shape (here, period) -> (entity, period)"""
    found = np.full(doubts.standing.shape, np.nan)
    found[doubts.here] = x
    return found


def _order(score: Array) -> NDArray[np.intp]:
    here = np.flatnonzero(~np.isnan(score))
    return here[np.argsort(-score[here], kind="stable")]
