"""Doubts: what an index could have been had a choice of its plan, a weight or a figure been another. 不确定性来源

Every doubt is a factor of its own, independent of the others: choices of the plan (one level per variant; choices
that cannot be combined freely make one factor), the weights, and the error of the figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product as combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relode.words.errors import Misfit, RelodeError, UnknownWord
from relode.words.note import Note, remark, warn
from relode.words.period import ordinal
from relode.words.plan import FIXED, Normalise, Plan

from .choose import choose
from .errors import Errors, errors_of
from .factors import Factor, factors_of
from .naming import in_both
from .roots import unit_of_rounding
from .score import Scores, score
from .tree import tree_of

MOST_VARIANTS = 256
UNIT_SCALE = (1.0, 100.0)
Levels = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Doubts:
    """All that one analysis varies, and the index under every combination of choices.

    `variants`  levels of the factors of choice -> the index with the plan so changed
    `periods`   the periods in question
    `standing`  (entity, period of `periods`) who has a score under the plan and in every variant
    `errors`    what is in doubt about figures, None if nothing is
    `left`      combinations that have no meaning, and are not drawn
    """

    base: Scores
    factors: tuple[Factor, ...]
    variants: Mapping[Levels, Scores]
    periods: tuple[str, ...]
    standing: NDArray[np.bool_]
    errors: Errors | None
    left: int = 0
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
    def here(self) -> NDArray[np.intp]:
        """Who has a score in one of the periods at least."""
        return np.flatnonzero(self.standing.any(axis=1))

    @cached_property
    def unit(self) -> float:
        """Differences below the twelfth digit of a score are none."""
        return unit_of_rounding(self.base.plan)

    def rows(self, scores: Scores) -> list[int]:
        """Where the periods in question stand among those of a variant."""
        return [scores.chosen.periods.index(period) for period in self.periods]

    def only(self, keep: NDArray[np.bool_]) -> Doubts:
        """The same for some of the entities. Shape (entity,)"""
        return replace(self, standing=self.standing & keep[:, None], kept={})


def doubts_of(
    base: Scores, factors: Sequence[Factor], errors: Errors | None, periods: tuple[str, ...], left: int = 0
) -> Doubts:
    """The index under every combination of the factors' levels.

    Raises   Misfit where there are too many combinations, where a choice changes who is compared, or nobody has a
             score in all of them; what the plan raises where no combination can stand
    """
    choices = [one for one in factors if one.levels]
    if int(np.prod([len(one.levels) for one in choices])) > MOST_VARIANTS:
        raise Misfit("sensitivity.many", where=base.plan.name, most=MOST_VARIANTS)
    found, faults = _variants(base, choices)
    if not found:
        raise next(iter(faults.values()))
    if faults:
        return doubts_of(base, _joined(factors, list(found), faults), errors, periods, len(faults))
    standing = np.logical_and.reduce(
        [one.scored[:, [one.chosen.periods.index(p) for p in periods]] for one in (base, *found.values())]
    )
    if not standing.any():
        raise Misfit("index.nobody", where=base.plan.name, share=base.plan.screen.entity_missing)
    return Doubts(base, tuple(factors), found, periods, standing, errors, left)


def _variants(base: Scores, choices: Sequence[Factor]) -> tuple[dict[Levels, Scores], dict[Levels, RelodeError]]:
    found: dict[Levels, Scores] = {}
    faults: dict[Levels, RelodeError] = {}
    for levels in combinations(*(range(len(one.levels)) for one in choices)):
        try:
            found[levels] = _variant(base, varied(base.plan, choices, levels))
        except UnknownWord:
            raise
        except RelodeError as fault:  # a combination without meaning, told below if none is left
            faults[levels] = fault
    return found, faults


def _variant(base: Scores, plan: Plan) -> Scores:
    """The index under another plan, from the same figures where the change does not touch them."""
    chosen = base.chosen
    if plan == base.plan:
        return base
    if _same_figures(plan, base.plan):
        return score(replace(chosen, plan=plan, tree=tree_of(plan.system, chosen.codes, plan.aggregate)))
    made = choose(chosen.panel, chosen.regions, plan)
    if made.entities != chosen.entities or set(made.periods) != set(chosen.periods):
        raise Misfit("sensitivity.axes", where=plan.name)
    return score(made)


def _same_figures(plan: Plan, other: Plan) -> bool:
    """Do two plans select, divide, screen, fill and treat alike, for yardsticks that learn alike?"""
    steps = ("select", "screen", "denominate", "impute", "treat", "hindsight")
    free = ("scale", "clip") if plan.normalise.method in FIXED else ("method", "scale", "clip")
    normalise = [{name: getattr(one.normalise, name) for name in Normalise.__dataclass_fields__ if name not in free}
                 for one in (plan, other)]  # fmt: skip
    given = (*FIXED, "dist2targ")  # under these no outlier may be transformed, and no indicator is flat
    turned = (plan.normalise.method in given) != (other.normalise.method in given)
    return not turned and normalise[0] == normalise[1] and all(getattr(plan, s) == getattr(other, s) for s in steps)


def varied(plan: Plan, choices: Sequence[Factor], levels: Levels) -> Plan:
    """The plan with each factor at its level."""
    sections: dict[str, dict[str, Any]] = {}
    for factor, level in zip(choices, levels, strict=True):
        for key, value in zip(factor.keys, factor.levels[level], strict=True):
            section, name = key.split(".", 1)
            sections.setdefault(section, {})[name] = value
    method = sections.get("normalise", {}).get("method", plan.normalise.method)
    if plan.normalise.method == "zscore" and method != "zscore":  # its scale is a mean and a spread
        sections["normalise"].setdefault("scale", UNIT_SCALE)
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


def planned(scores: Scores, last: int = 0) -> Doubts:
    """What the plan itself puts in doubt, for the `last` periods (all, if 0)."""
    chosen = scores.chosen
    periods = chosen.periods[-last:]
    whole = _in_order(scores)
    errors = errors_of(whole.chosen, len(chosen.periods) - 1)
    return doubts_of(whole, factors_of(scores.plan, (), errors), errors, periods)


def _in_order(scores: Scores) -> Scores:
    """The scores with their periods in the order of time: figures are moved alike whichever is looked at."""
    periods = scores.chosen.periods
    order = sorted(range(len(periods)), key=lambda n: ordinal(periods[n]))
    if order == list(range(len(periods))):
        return scores
    low, high = (side[order] for side in scores.limits)
    weights = tuple(part[order] for part in scores.weights)
    return Scores(scores.chosen.at(order), (low, high), weights, scores.nodes[:, order])


def notes_on_doubts(doubts: Doubts) -> Iterator[Note]:
    """Who has no score under some choice, and which combinations have no meaning."""
    rows = doubts.rows(doubts.base)
    scored = doubts.base.scored[:, rows]
    lost = np.flatnonzero((scored & ~doubts.standing).any(axis=1) & scored[:, -1])
    if len(lost):
        names = [doubts.base.chosen.entities[n] for n in lost]
        yield warn("sensitivity.lost", count=len(names), **in_both(names, doubts.base.chosen.regions.label))
    if doubts.left:
        yield remark("index.combinations", count=doubts.left)
