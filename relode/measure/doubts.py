"""Doubts: what an index could have been had a choice of its plan, a weight or a figure been another. 不确定性来源

Every doubt is a factor of its own, independent of the others: choices of the plan (one level per variant; choices
that cannot be combined freely make one factor), the weights, and the error of the figures. Row `number` of one of
two independent samples (0 and 1) follows from the plan's seed and `number` alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product as combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relode.maths.flat import leaf_weights, product
from relode.maths.numbers import Array
from relode.maths.weights import dirichlet, shares
from relode.words.errors import Misfit, RelodeError, UnknownWord
from relode.words.plan import Plan

from .choose import Chosen
from .draws import roots, unit_of_rounding
from .score import Scores, methods, scale_of, score

ROWS = 1024  # of a chunk: its weights are drawn together
MOST_VARIANTS = 96
STREAMS = {"choices": 1, "weights": 2, "data": 3}
Levels = tuple[int, ...]


@dataclass(frozen=True)
class Factor:
    """One doubt: `keys` of the plan that it sets together, and what each of its levels sets them to."""

    name: str
    keys: tuple[str, ...] = ()
    levels: tuple[tuple[Any, ...], ...] = ()

    def told(self, level: int) -> str:
        """What a level is."""
        return ", ".join(str(value) for value in self.levels[level])


@dataclass(frozen=True, eq=False)
class Doubts:
    """All that one analysis varies, and the index under every combination of choices.

    `variants`  levels of the factors of choice -> the index with the plan so changed
    `here`      entities that have a score at `periods` in every variant
    `error`     (entity, period, indicator) relative standard error of each figure, None if data are not in doubt
    """

    base: Scores
    factors: tuple[Factor, ...]
    variants: Mapping[Levels, Scores]
    periods: tuple[int, ...]
    here: NDArray[np.intp]
    error: Array | None

    @cached_property
    def choices(self) -> tuple[Factor, ...]:
        """The factors that are choices of the plan."""
        return tuple(one for one in self.factors if one.levels)

    @property
    def names(self) -> tuple[str, ...]:
        """All factors."""
        return tuple(one.name for one in self.factors)

    @cached_property
    def unit(self) -> float:
        """Differences below the twelfth digit of a score are none."""
        return unit_of_rounding(self.base.plan)


@dataclass(frozen=True)
class Rows:
    """Some rows of a sample; `swapped` is the factor that is taken from the other sample.

    `memo` keeps the weights that the rows of one chunk share
    """

    chunk: int
    sample: int
    swapped: str = ""
    memo: dict[Any, list[Array]] = field(default_factory=dict, compare=False)

    def side(self, factor: str) -> int:
        """From which sample a factor is taken."""
        return 1 - self.sample if factor == self.swapped else self.sample


def doubts_of(chosen: Chosen, factors: Sequence[Factor], chosen_of: Any, error: Array | None, t: int) -> Doubts:
    """The index under every combination of the factors' levels. `chosen_of` makes the figures of a plan.

    Raises   Misfit where there are too many combinations, or nobody has a score in all of them; what the plan raises
             where no combination can stand
    """
    base = score(chosen)
    choices = [one for one in factors if one.levels]
    if int(np.prod([len(one.levels) for one in choices])) > MOST_VARIANTS:
        raise Misfit("sensitivity.many", where=chosen.plan.name, most=MOST_VARIANTS)
    found, faults = _variants(chosen, choices, chosen_of)
    if not found:
        raise next(iter(faults.values()))
    if faults:
        return doubts_of(chosen, _joined(factors, list(found), faults), chosen_of, error, t)
    periods = (t - 1, t) if t else (t,)
    scored = np.logical_and.reduce([one.scored[:, list(periods)].all(axis=1) for one in (base, *found.values())])
    if not scored.any():
        raise Misfit("index.nobody", where=chosen.plan.name, share=chosen.plan.screen.entity_missing)
    return Doubts(base, tuple(factors), found, periods, np.flatnonzero(scored), error)


def _variants(
    chosen: Chosen, choices: Sequence[Factor], chosen_of: Any
) -> tuple[dict[Levels, Scores], dict[Levels, RelodeError]]:
    found: dict[Levels, Scores] = {}
    faults: dict[Levels, RelodeError] = {}
    for levels in combinations(*(range(len(one.levels)) for one in choices)):
        try:
            plan = varied(chosen.plan, choices, levels)
            found[levels] = score(chosen if plan == chosen.plan else chosen_of(plan))
        except UnknownWord:
            raise
        except RelodeError as fault:  # a combination without meaning, told below if none is left
            faults[levels] = fault
    return found, faults


def varied(plan: Plan, choices: Sequence[Factor], levels: Levels) -> Plan:
    """The plan with each factor at its level."""
    sections: dict[str, dict[str, Any]] = {}
    for factor, level in zip(choices, levels, strict=True):
        for key, value in zip(factor.keys, factor.levels[level], strict=True):
            section, name = key.split(".", 1)
            sections.setdefault(section, {})[name] = value
    return plan.but(**sections)


def _joined(factors: Sequence[Factor], found: Sequence[Levels], faults: Mapping[Levels, Any]) -> tuple[Factor, ...]:
    """Choices that cannot be combined freely become one factor, whose levels are the combinations that stand."""
    choices = [one for one in factors if one.levels]
    standing = set(found)
    tied = [
        n
        for n, one in enumerate(choices)
        if any(
            (*levels[:n], other, *levels[n + 1 :]) in standing for levels in faults for other in range(len(one.levels))
        )
    ]
    tied = tied if len(tied) > 1 else list(range(len(choices)))
    together = list(dict.fromkeys(tuple(levels[n] for n in tied) for levels in found))
    joined = Factor(
        " + ".join(choices[n].name for n in tied),
        tuple(key for n in tied for key in choices[n].keys),
        tuple(
            tuple(value for n, level in zip(tied, levels, strict=True) for value in choices[n].levels[level])
            for levels in together
        ),
    )
    free = [one for n, one in enumerate(choices) if n not in tied]
    return (joined, *free, *(one for one in factors if not one.levels))


# -- one row, many rows ----------------------------------------------------------------------------


def levels_of(doubts: Doubts, rows: Rows) -> NDArray[np.int64]:
    """The level of each factor of choice in each row of a chunk. Shape (ROWS, choice)"""
    columns = [
        _random(doubts, "choices", rows.side(one.name), rows.chunk, n).integers(0, len(one.levels), ROWS)
        for n, one in enumerate(doubts.choices)
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((ROWS, 0), np.int64)


def index_of(doubts: Doubts, rows: Rows, size: int = ROWS) -> Array:
    """The index of the first `size` rows of a chunk, in whole units. Shape (period, row, entity of `here`)"""
    levels = levels_of(doubts, rows)[:size]
    found = np.empty((len(doubts.periods), size, len(doubts.here)))
    for combination in dict.fromkeys(map(tuple, levels.tolist())):
        here = np.flatnonzero((levels == combination).all(axis=1))
        if doubts.error is None:
            found[:, here] = _plain(doubts, doubts.variants[combination], rows, here)
        else:
            for row in here:
                found[:, [row]] = _noisy(doubts, doubts.variants[combination], rows, int(row))
    return np.rint(found / doubts.unit)


def _plain(doubts: Doubts, variant: Scores, rows: Rows, here: NDArray[np.intp]) -> Array:
    tree, plan = variant.chosen.tree, variant.plan
    at, how = list(doubts.periods), methods(tree, plan)
    leaves = variant.nodes[: len(tree.leaves), at].swapaxes(0, 1)
    if set(how) <= _BY_ENTITY:
        leaves = leaves[:, :, doubts.here]
    if set(how) in ({"arithmetic"}, {"geometric"}) and not np.isnan(leaves).any():
        found = _flat(doubts, variant, rows, here, np.log(leaves) if how[0] == "geometric" else leaves)
        if found is not None:
            return np.exp(found) if how[0] == "geometric" else found
    w = [_at(part, at)[:, here] for part in weights_of(doubts, variant, rows)]
    found = roots(tree, leaves, w, how, scale_of(plan))
    return found if set(how) <= _BY_ENTITY else found[..., doubts.here]


_BY_ENTITY = {"arithmetic", "geometric", "harmonic", "power", "topsis"}
"""Means that need no other entity than the one they are of."""


def _flat(doubts: Doubts, variant: Scores, rows: Rows, here: NDArray[np.intp], leaves: Array) -> Array | None:
    """The index as one weighted sum, where weights are the same in all periods. Shape (period, row, entity)"""
    key = (rows.side("weights"), "flat", *(part.tobytes() for part in variant.weights))
    if key not in rows.memo:
        w = weights_of(doubts, variant, rows)
        if any(len(part) > 1 for part in w):
            return None
        children = [branch.children for branch in variant.chosen.tree.branches]
        rows.memo[key] = [leaf_weights(children, [part[0] for part in w], np.ones(leaves.shape[1], bool))]
    flat = rows.memo[key][0]
    return np.stack([product(flat if len(here) == ROWS else flat[here], x) for x in leaves])


def _noisy(doubts: Doubts, variant: Scores, rows: Rows, row: int) -> Array:
    """A row whose figures are moved by their errors: the index is built anew, limits and learned weights with it."""
    moved = score(variant.chosen.with_figures(figures_of(doubts, variant, rows, row)))
    drawn = [part[:, [row]] for part in weights_of(doubts, variant, rows)]
    w = [
        shares(own[:, None] * _ratio(one, centre[:, None]))
        for own, one, centre in zip(moved.weights, drawn, variant.weights, strict=True)
    ]
    at, tree = list(doubts.periods), moved.chosen.tree
    leaves = moved.nodes[: len(tree.leaves), at].swapaxes(0, 1)
    found = roots(tree, leaves, [_at(part, at) for part in w], methods(tree, moved.plan), scale_of(moved.plan))
    return found[..., doubts.here]


def figures_of(doubts: Doubts, variant: Scores, rows: Rows, row: int) -> Array:
    """The figures of a row: each moved by its error times a normal number that is the same in every variant."""
    assert doubts.error is not None
    rng = _random(doubts, "data", rows.side("data"), rows.chunk, row)
    names = doubts.base.chosen.codes
    z = dict(zip(names, np.moveaxis(rng.standard_normal(doubts.error.shape), 2, 0), strict=True))
    size = dict(zip(names, np.moveaxis(doubts.error, 2, 0), strict=True))
    raw = variant.chosen.raw.copy()
    for k, code in enumerate(variant.chosen.codes):
        if code in z:
            raw[..., k] += z[code] * size[code] * np.abs(raw[..., k])
    return raw


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


# -- what is in doubt ------------------------------------------------------------------------------


def factors_of(plan: Plan, vary: tuple[str, ...], error: Array | None) -> tuple[Factor, ...]:
    """The factors that were asked for; without `vary` what the plan's [uncertainty] names, and data where they err.

    `vary` holds `weights`, `data` and `section.key=value`: the plan's own value and all that are named are its levels
    Raises   Misfit for an entry that is none of these, or where nothing is in doubt
    """
    named = _named(plan, vary) if vary else dict(_planned(plan))
    factors = [Factor(key, (key,), tuple((value,) for value in values)) for key, values in named.items()]
    if plan.uncertainty.concentration > 0 and (not vary or "weights" in vary):
        factors.append(Factor("weights"))
    if error is not None and (not vary or "data" in vary):
        factors.append(Factor("data"))
    if not factors:
        raise Misfit("sensitivity.nothing", where=plan.name)
    return tuple(factors)


def _planned(plan: Plan) -> Iterator[tuple[str, tuple[Any, ...]]]:
    spread = plan.uncertainty
    for key, values in (("normalise.method", spread.normalise), ("aggregate.method", spread.aggregate)):
        if len(values) > 1:
            yield key, tuple(values)


def _named(plan: Plan, vary: tuple[str, ...]) -> dict[str, tuple[Any, ...]]:
    named: dict[str, tuple[Any, ...]] = {}
    for entry in vary:
        if entry in ("weights", "data"):
            continue
        key, equals, text = entry.partition("=")
        section, dot, name = key.strip().partition(".")
        if not (equals and dot and text.strip()):
            raise Misfit("sensitivity.entry", where=plan.name, name=entry)
        changed = getattr(plan.but(**{section: {name: _value(text.strip())}}), section)
        own = getattr(getattr(plan, section), name)
        known = named.setdefault(key.strip(), (own,))
        value = getattr(changed, name)
        named[key.strip()] = known if value in known else (*known, value)
    return {key: values for key, values in named.items() if len(values) > 1}


def _value(text: str) -> Any:
    """A value as a plan file would hold it."""
    import tomllib

    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text
