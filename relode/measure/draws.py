"""Draws: the index under many plans at once. 不确定性分析

One draw is one set of weights (Dirichlet around the plan's, within each group), one normalisation and one way of
aggregating. It serves all periods, so that "both years" means the same yardstick in both. Draws come in chunks of
fixed size, each with its own stream of random numbers: draw `number` follows from the plan's seed and `number`
alone, however many are taken, and memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from relode.maths import chance, fast
from relode.maths.flat import weighted
from relode.maths.numbers import DIGITS, Array
from relode.maths.weights import dirichlet, shares
from relode.words.errors import Refused
from relode.words.plan import AggregateMethod, NormaliseMethod, Plan

from .score import Scores, check_positive, find_limits, grow, methods, positions, scale_of, scaled
from .tree import Tree

CHUNK = 256


@dataclass(frozen=True, eq=False)
class Draw:
    """What one draw takes instead of the plan: weights per branch, (period, child), and two methods."""

    number: int
    normalise: NormaliseMethod
    aggregate: AggregateMethod
    weights: tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class Chances:
    """What the draws say of the periods that were asked for; `n` counts the entities with a score in a period.

    `order`    per period (n,): the entities with a score, best first by the plan
    `counts`   per period (n, n): how often each of `order` has each rank
    `above`    per period (n, n): share of draws in which one of `order` (row) stands above another (column)
    `bottom`   (entity, period) share of draws among the last `rank.bottom`; NaN without a score
    `running`  (entity, period) share of draws among the last in this and the periods before it
    """

    order: tuple[NDArray[np.intp], ...]
    counts: tuple[chance.Counts, ...]
    above: tuple[Array, ...]
    bottom: Array
    running: Array


def variants(plan: Plan) -> tuple[tuple[NormaliseMethod, AggregateMethod], ...]:
    """The pairs of normalisation and aggregation that draws may take; z-scores only have arithmetic means.

    Raises   Refused where none is left
    """
    normalise = plan.uncertainty.normalise or (plan.normalise.method,)
    aggregate = plan.uncertainty.aggregate or (plan.aggregate.method,)
    tied = set(plan.aggregate.at.values()) - {"arithmetic"}
    pairs = product(normalise, aggregate)
    found = tuple((n, a) for n, a in pairs if n != "zscore" or (a == "arithmetic" and not tied))
    if not found:
        raise Refused("guard.zscore_means", where=f"{plan.name}, [uncertainty]", name=", ".join(aggregate))
    return found


def draw(scores: Scores, number: int) -> Draw:
    """Draw `number` alone."""
    chunk, row = divmod(number, CHUNK)
    which, drawn = _chunk(scores, chunk)
    normalise, aggregate = variants(scores.plan)[which[row]]
    centred = (applied(w, d[row : row + 1])[:, 0] for w, d in zip(scores.weights, drawn, strict=True))
    return Draw(number, normalise, aggregate, tuple(centred))


def chances(scores: Scores, *, running: int = 2, bottom: int = 0, last: int = 0) -> Chances:
    """Rank counts and joint events over all draws of the plan, for the `last` periods (all, if 0).

    `running` periods in a row make the joint event of standing among the last `bottom` (the plan's, if 0)
    """
    total, places = scores.plan.uncertainty.draws, bottom or scores.plan.rank.bottom
    compiled = fast.pays(scores.score[:, -last:].size * total)
    blocks = _Blocks(scores, last)

    def count(chunks: range) -> _Tally:
        tally = _Tally(scores.score[:, -last:], running, places, compiled)
        for chunk in chunks:
            tally.add(blocks.of(chunk))
        return tally

    tallies = fast.in_threads(count, blocks.count)
    for other in tallies[1:]:
        tallies[0].join(other)
    return tallies[0].close(total)


def stream(scores: Scores, last: int = 0) -> Iterator[Array]:
    """The index of every draw in chunks, as whole numbers of its twelfth digit. Shape (period, draw, entity)"""
    blocks = _Blocks(scores, last)
    return map(blocks.of, range(blocks.count))


class _Blocks:
    """What chunks of draws need beside their random numbers, found once."""

    def __init__(self, scores: Scores, last: int):
        self.scores, self.last, self.pairs = scores, last, variants(scores.plan)
        self.total = scores.plan.uncertainty.draws
        self.leaves = _leaves(scores, self.pairs)
        self.count = -(-self.total // CHUNK)
        self.unit = unit_of_rounding(scores.plan)

    def of(self, chunk: int) -> Array:
        """The index of one chunk's draws. Shape (period, draw, entity)"""
        scores, last, pairs = self.scores, self.last, self.pairs
        which, drawn = _chunk(scores, chunk)
        size = min(CHUNK, self.total - chunk * CHUNK)
        block = np.empty((len(scores.chosen.periods[-last:]), size, len(scores.chosen.entities)))
        for n in np.unique(which[:size]):
            rows = np.flatnonzero(which[:size] == n)
            w = [applied(centre, d[rows])[-last:] for centre, d in zip(scores.weights, drawn, strict=True)]
            block[:, rows] = _index(scores, self.leaves[pairs[n][0]][-last:], w, pairs[n])
        return np.rint(block / self.unit)


def _index(scores: Scores, leaves: Array, w: list[Array], pair: tuple[NormaliseMethod, AggregateMethod]) -> Array:
    plan, tree = scores.plan, scores.chosen.tree
    return roots(tree, leaves, w, methods(tree, plan, pair[1]), scale_of(plan, pair[0]))


def roots(
    tree: Tree, leaves: Array, w: Sequence[Array], how: Sequence[AggregateMethod], scale: tuple[float, float]
) -> Array:
    """The index under many weightings; means of one kind all the way up are one weighted sum.

    Shape    (period, k, entity), per branch (period or 1, draw, child)  ->  (period, draw, entity)
    """
    if set(how) in ({"arithmetic"}, {"geometric"}):
        log = how[0] == "geometric"
        found = _sums(tree, np.log(leaves) if log else leaves, w)
        if found is not None:
            return np.exp(found) if log else found
    return grow(tree, leaves[:, None], lambda branch, _: w[branch], how, scale)[-1]


def _sums(tree: Tree, leaves: Array, w: Sequence[Array]) -> Array | None:
    """Weighted sums of all periods; periods that share their weights in one go. Shape as `roots`"""
    children = [branch.children for branch in tree.branches]
    periods, k, n = leaves.shape
    if all(len(part) == 1 for part in w):
        whole = weighted(children, [part[0] for part in w], leaves.swapaxes(0, 1).reshape(k, -1))
        return None if whole is None else whole.reshape(-1, periods, n).swapaxes(0, 1)
    found = [weighted(children, [part[min(t, len(part) - 1)] for part in w], x) for t, x in enumerate(leaves)]
    known = [one for one in found if one is not None]
    return np.stack(known) if len(known) == len(found) else None


def _leaves(scores: Scores, pairs: Sequence[tuple[NormaliseMethod, AggregateMethod]]) -> dict[NormaliseMethod, Array]:
    chosen, plan = scores.chosen, scores.plan
    found = {}
    for kind in dict.fromkeys(kind for kind, _ in pairs):
        limits = scores.limits if kind == plan.normalise.method else find_limits(chosen, kind)
        found[kind] = scaled(positions(chosen.values, limits, plan, kind), plan, kind)
        if any("geometric" in methods(chosen.tree, plan, how) for one, how in pairs if one == kind):
            check_positive(chosen, found[kind])
    return found


def _chunk(scores: Scores, chunk: int) -> tuple[NDArray[np.int64], list[Array]]:
    """Which variant each draw of a chunk takes, and per branch its weights around the mean ones, (draw, child)."""
    spread = scores.plan.uncertainty
    bits = np.random.Philox(key=spread.seed % 2**64, counter=[0, 0, 0, chunk])
    rng = np.random.Generator(bits)
    which = rng.integers(0, len(variants(scores.plan)), CHUNK)
    centres = [w.mean(axis=0) for w in scores.weights]
    if spread.concentration == 0:
        return which, [np.broadcast_to(centre, (CHUNK, len(centre))) for centre in centres]
    return which, [dirichlet(rng, centre, spread.concentration, CHUNK) for centre in centres]


def applied(w: Array, drawn: Array) -> Array:
    """The plan's weights of each period, moved as the draw moves their mean over the periods.

    Shape    (period, child), (draw, child)  ->  (period or 1, draw, child)
    """
    if (w == w[:1]).all():
        return drawn[None]
    mean = w.mean(axis=0)
    ratio = np.divide(drawn, mean, out=np.zeros_like(drawn), where=mean > 0)
    return shares(w[:, None] * ratio[None])


def unit_of_rounding(plan: Plan) -> float:
    """The twelfth digit of the greatest score of the plan's scale."""
    start, size = scale_of(plan)
    return float(10.0 ** (np.floor(np.log10(max(abs(start), abs(size)))) - (DIGITS - 1)))


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

    def close(self, draws: int) -> Chances:
        """The counts as shares."""
        known = np.zeros(self.scored.shape, bool)
        for t in range(self.running - 1, len(self.order)):
            known[:, t] = self.scored[:, t - self.running + 1 : t + 1].all(axis=1)
        return Chances(
            order=tuple(self.order),
            counts=tuple(self.counts),
            above=tuple(count / draws for count in self.above),
            bottom=np.where(self.scored, self.bottom / draws, np.nan),
            running=np.where(known, self.joint / draws, np.nan),
        )


def _order(score: Array) -> NDArray[np.intp]:
    here = np.flatnonzero(~np.isnan(score))
    return here[np.argsort(-score[here], kind="stable")]
