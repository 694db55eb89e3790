"""Doubts: what an index could have been had a choice of its plan, a weight or a figure been another. 不确定性来源

Every doubt is a factor of its own, independent of the others: choices of the plan (one level per variant; choices
that cannot be combined freely make one factor), the weights, and the error of the figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product as combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array
from relode.words.errors import Misfit, RelodeError, UnknownWord
from relode.words.plan import Plan

from .choose import Chosen
from .draws import unit_of_rounding
from .score import Scores, score

MOST_VARIANTS = 96
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
    kept: dict[Any, Any] = field(default_factory=dict)  # what designs.py works out once

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
