"""Rows of a design: the index under the doubts of each row, many rows at once.

Row `number` of one of two independent samples (0 and 1) follows from the plan's seed and `number` alone. Errors of
figures come as a pool of sets of figures, each an imputation of the whole panel: a row takes one of them, so that
treatment, limits and learned weights are found once per set and not once per row.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relode.maths.flat import leaf_weights, product
from relode.maths.numbers import Array
from relode.maths.weights import dirichlet, shares
from relode.words.plan import LEARNED, AggregateMethod

from .choose import Chosen
from .doubts import Doubts, Levels
from .errors import figures, pools_for
from .roots import roots
from .score import Scores, leaves_of, methods, scale_of, score

ROWS = 1024  # of a chunk: its weights are drawn together
FEW = 32  # rows up to which one product serves all periods
STREAMS = {"choices": 1, "weights": 2, "data": 3, "figures": 4, "fillings": 5}


@dataclass(frozen=True)
class Rows:
    """Some rows of a sample; `swapped` is the factor that is taken from the other sample.

    `memo` and `flat` keep the weights that the rows of one chunk share
    """

    chunk: int
    sample: int
    swapped: str = ""
    memo: dict[Any, list[Array]] = field(default_factory=dict, compare=False)
    flat: dict[Any, Array] = field(default_factory=dict, compare=False)

    def side(self, factor: str) -> int:
        """From which sample a factor is taken."""
        return 1 - self.sample if factor == self.swapped else self.sample


def levels_of(doubts: Doubts, rows: Rows) -> NDArray[np.int64]:
    """The level of each factor of choice in each row of a chunk. Shape (ROWS, choice)"""
    columns = [
        _random(doubts, "choices", rows.side(one.name), rows.chunk, n).integers(0, len(one.levels), ROWS)
        for n, one in enumerate(doubts.choices)
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((ROWS, 0), np.int64)


def sets_of(doubts: Doubts, rows: Rows) -> NDArray[np.int64]:
    """Which set of figures each row of a chunk takes; 0 where data are not in doubt. Shape (ROWS,)"""
    if doubts.errors is None or "data" not in doubts.names:
        return np.zeros(ROWS, np.int64)
    return _random(doubts, "data", rows.side("data"), rows.chunk, 0).integers(0, doubts.errors.sets, ROWS)


def index_of(doubts: Doubts, rows: Rows, size: int = ROWS) -> Array:
    """The index of the first `size` rows of a chunk, in whole units, NaN without a score.

    Shape    (period, row, entity of `here`)
    """
    sets, found = sets_of(doubts, rows)[:size], np.empty((len(doubts.periods), size, len(doubts.here)))
    kinds, which = np.unique(levels_of(doubts, rows)[:size], axis=0, return_inverse=True)
    for kind, here in zip(kinds.tolist(), _groups(which.ravel()), strict=True):
        levels = tuple(kind)
        for rows_here in _groups(sets[here]):
            at = here[rows_here]
            found[:, at] = _index(doubts, levels, int(sets[at[0]]), rows, at)
    return np.rint(found / doubts.unit)


def _groups(labels: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    """Where each label stands, in the order of the labels."""
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def moved(doubts: Doubts, levels: Levels, number: int) -> Scores:
    """A variant's index with a set of figures, all steps anew; the variant itself where data are not in doubt."""
    variant = doubts.variants[levels]
    chosen = moved_figures(doubts, variant, number)
    return variant if chosen is variant.chosen else score(chosen)


def moved_figures(doubts: Doubts, variant: Scores, number: int) -> Chosen:
    """What enters a variant with a set of figures, outliers treated anew; as it is where data are not in doubt."""
    chosen, plan = variant.chosen, variant.plan
    if doubts.errors is None or "data" not in doubts.names:
        return chosen
    key = (number, repr((plan.select, plan.treat, plan.impute, plan.screen, plan.denominate)))
    if key not in doubts.kept:
        doubts.kept[key] = chosen.with_figures(figures_of(doubts, variant, number))
    done = doubts.kept[key]  # variants that treat figures alike share them
    return replace(chosen, raw=done.raw, treated=done.treated)


@dataclass(frozen=True, eq=False)
class _Ready:
    """What rows need of an index with one set of figures, worked out once.

    `leaves`   (period, k, entity) of the periods in question; logarithms where all means are geometric
    `how`      the means, none where they are one weighted sum of the leaves (of their logarithms, if `log`)
    `weights`  its own weights, None where they are those of the variant
    """

    leaves: Array
    how: tuple[AggregateMethod, ...]
    log: bool
    weights: tuple[Array, ...] | None


def _ready(doubts: Doubts, levels: Levels, number: int) -> _Ready:
    if (levels, number) not in doubts.kept:
        doubts.kept[levels, number] = _made_ready(doubts, doubts.variants[levels], levels, number)
    found: _Ready = doubts.kept[levels, number]
    return found


def _made_ready(doubts: Doubts, variant: Scores, levels: Levels, number: int) -> _Ready:
    plan, tree = variant.plan, variant.chosen.tree
    how = methods(tree, plan)
    if {plan.weigh.method, *plan.weigh.of} & set(LEARNED):
        scores = moved(doubts, levels, number)
        whole, weights = np.moveaxis(scores.nodes[: len(tree.leaves)], 0, 1), scores.weights
    else:
        whole, weights = leaves_of(moved_figures(doubts, variant, number)), variant.weights
    leaves = whole[doubts.rows(variant)]
    leaves = np.ascontiguousarray(leaves[:, :, doubts.here] if set(how) <= _BY_ENTITY else leaves)
    alike = all(np.array_equal(a, b) for a, b in zip(weights, variant.weights, strict=True))
    flat = alike and set(how) in ({"arithmetic"}, {"geometric"}) and not np.isnan(leaves).any()
    flat = flat and all(len(_once(part)) == 1 for part in weights)
    log = flat and how[0] == "geometric"
    return _Ready(np.log(leaves) if log else leaves, () if flat else how, log, None if alike else weights)


def _index(doubts: Doubts, levels: Levels, number: int, rows: Rows, here: NDArray[np.intp]) -> Array:
    """The index of the rows `here`, which share their levels and their set of figures."""
    ready = _ready(doubts, levels, number)
    if not ready.how:
        w = _flat(doubts, levels, rows)[here]
        found = w @ ready.leaves if len(here) <= FEW else np.stack([product(w, x) for x in ready.leaves])
        return np.exp(found) if ready.log else found
    variant = doubts.variants[levels]
    drawn = [part[:, here] for part in weights_of(doubts, variant, rows)]
    parts = drawn if ready.weights is None else _shifted(ready.weights, drawn, variant.weights)
    parts = [_at(part, doubts.rows(variant)) for part in parts]
    found = roots(variant.chosen.tree, ready.leaves, parts, ready.how, scale_of(variant.plan))
    return found if set(ready.how) <= _BY_ENTITY else found[..., doubts.here]


def _flat(doubts: Doubts, levels: Levels, rows: Rows) -> Array:
    """What each leaf weighs in each row of a chunk. Shape (ROWS, k)"""
    key = (rows.side("weights"), levels)
    if key not in rows.memo:
        tree = doubts.variants[levels].chosen.tree
        w = [part[0] for part in weights_of(doubts, doubts.variants[levels], rows)]
        same = (rows.side("weights"), tree.leaves, b"".join(part.tobytes() for part in doubts.variants[levels].weights))
        if same not in rows.flat:
            children = [branch.children for branch in tree.branches]
            rows.flat[same] = leaf_weights(children, w, np.ones(len(tree.leaves), bool))
        rows.memo[key] = [rows.flat[same]]
    return rows.memo[key][0]


def _shifted(own: tuple[Array, ...], drawn: list[Array], centre: tuple[Array, ...]) -> list[Array]:
    """Weights learned from a set of figures, moved as the draw moves those of the variant."""
    parts = zip(own, drawn, centre, strict=True)
    return [shares(mine[:, None] * _ratio(one, middle[:, None])) for mine, one, middle in parts]


_BY_ENTITY = {"arithmetic", "geometric", "harmonic", "power", "topsis", "grey"}
"""Means that need no other entity than the one they are of."""


def figures_of(doubts: Doubts, variant: Scores, number: int) -> Array:
    """A set of figures, moved by the same random numbers in every variant. Shape (entity, period, indicator)"""
    assert doubts.errors is not None
    chosen, plan = variant.chosen, variant.plan
    key = ("pools", repr((plan.select, plan.impute, plan.screen, plan.denominate)))
    if key not in doubts.kept:
        doubts.kept[key] = pools_for(chosen, doubts.errors)
    rngs = tuple(_random(doubts, what, 0, number, 0) for what in ("figures", "fillings"))
    return figures(chosen, doubts.errors, doubts.base.chosen.codes, doubts.kept[key], rngs)


def weights_of(doubts: Doubts, variant: Scores, rows: Rows) -> list[Array]:
    """The weights of a chunk's rows per branch. Shape (period or 1, ROWS, child)"""
    side, concentration = rows.side("weights"), doubts.base.plan.uncertainty.concentration
    if "weights" not in doubts.names:
        return [np.repeat(_once(part)[:, None], ROWS, axis=1) for part in variant.weights]
    centres = [part.mean(axis=0) for part in variant.weights]
    key = (side, b"".join(centre.tobytes() for centre in centres))
    if key not in rows.memo:
        rng = _random(doubts, "weights", side, rows.chunk, 0)
        rows.memo[key] = [dirichlet(rng, centre, concentration, ROWS) for centre in centres]
    return [
        one[None] if len(_once(own)) == 1 else shares(own[:, None] * _ratio(one[None], centre))
        for own, one, centre in zip(variant.weights, rows.memo[key], centres, strict=True)
    ]


def _once(part: Array) -> Array:
    """Weights that are the same in all periods, once. Shape (period, child) -> (period or 1, child)"""
    return part[:1] if (part == part[:1]).all() else part


def _ratio(drawn: Array, centre: Array) -> Array:
    return np.divide(drawn, centre, out=np.zeros(np.broadcast_shapes(drawn.shape, centre.shape)), where=centre > 0)


def _at(part: Array, periods: list[int]) -> Array:
    return part if len(part) == 1 else part[periods]


def _random(doubts: Doubts, what: str, side: int, chunk: int, within: int) -> np.random.Generator:
    """The stream of random numbers of one factor in one sample and chunk."""
    seed = doubts.base.plan.uncertainty.seed % 2**64
    counter = [0, within, 2 * STREAMS[what] + side, chunk]
    return np.random.Generator(np.random.Philox(key=seed, counter=counter))
