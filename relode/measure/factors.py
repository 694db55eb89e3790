"""What is in doubt about an index: choices of its plan, weights, figures. 不确定性因素"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from relode.words.plan import LEAVE_OUT, Plan

from .errors import Errors


@dataclass(frozen=True)
class Factor:
    """One doubt: `keys` of the plan that it sets together, and what each of its levels sets them to."""

    name: str
    keys: tuple[str, ...] = ()
    levels: tuple[tuple[Any, ...], ...] = ()

    def told(self, level: int) -> str:
        """What a level is."""
        return ", ".join(_said(value) for value in self.levels[level])


def _said(value: Any) -> str:
    return " ".join(map(str, value)) or "-" if isinstance(value, tuple) else str(value)


def factors_of(plan: Plan, vary: tuple[str, ...], errors: Errors | None) -> tuple[Factor, ...]:
    """The factors that were asked for; without `vary` what the plan's [uncertainty] names, and data where they err.

    `vary` holds `weights`, `data`, `leave_out` and `section.key=value`: the plan's own value and all that are named
    are its levels
    Raises   UnknownWord, Misfit for an entry that is none of these
    """
    spread = plan.uncertainty
    drawn = {} if vary else dict(_planned(plan))
    named: dict[str, tuple[Any, ...]] = dict(drawn)
    for entry in vary or spread.vary:
        if entry not in ("weights", "data", LEAVE_OUT):
            key, own, value = plan.choice(entry)
            known = named.setdefault(key, (own,))
            named[key] = known if value in known else (*known, value)
    factors = [Factor(key, (key,), tuple((x,) for x in values)) for key, values in named.items()
               if len(values) > 1 or key in drawn]  # fmt: skip
    if LEAVE_OUT in (vary or spread.vary):
        factors.append(_leave_out(plan))
    if spread.concentration > 0 and (not vary or "weights" in vary):
        factors.append(Factor("weights"))
    if errors is not None and (not vary or "data" in vary):
        factors.append(Factor("data"))
    return tuple(factors)


def _planned(plan: Plan) -> Iterator[tuple[str, tuple[Any, ...]]]:
    spread = plan.uncertainty
    own = (plan.normalise.method,), (plan.aggregate.method,)
    for key, values, mine in zip(
        ("normalise.method", "aggregate.method"), (spread.normalise, spread.aggregate), own, strict=True
    ):
        if values and tuple(values) != mine:
            yield key, tuple(values)


def _leave_out(plan: Plan) -> Factor:
    """Every indicator that counts left out in turn, and none."""
    dropped = plan.select.drop
    rest = [one.code for one in plan.system.indicators if one.direction and one.code not in dropped]
    return Factor(LEAVE_OUT, ("select.drop",), ((dropped,), *(((*dropped, code),) for code in rest)))
