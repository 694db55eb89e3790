"""What a plan may not ask for: combinations without meaning, and looking ahead where that is forbidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from relode.maths.numbers import Array
from relode.words.errors import Misfit, Refused
from relode.words.period import ordinal
from relode.words.plan import FIXED, LEARNED, AggregateMethod, Plan

from .impute import AHEAD

if TYPE_CHECKING:
    from .choose import Chosen

POSITIVE: tuple[AggregateMethod, ...] = ("geometric", "harmonic", "power", "ampi")
"""Means that need positive figures."""
ENDS: tuple[AggregateMethod, ...] = ("topsis", "benefit", "benefit_bounded", "vikor", "grey")
"""Ways of aggregating that need a scale with a worst and a best end."""
_REACHES_ZERO = ("fracmax", "scaled", "rank")
"""Normalisations where the start of the scale is no figure that somebody must have."""


def used(plan: Plan) -> set[AggregateMethod]:
    """The ways of aggregating that the plan names for its nodes."""
    return {plan.aggregate.method, *plan.aggregate.at.values()}


def check_plan(plan: Plan) -> None:
    """Refuse what cannot be meant. Raises Refused, Misfit."""
    _check_means(plan)
    _check_weights(plan)


def _check_means(plan: Plan) -> None:
    how, means = plan.normalise.method, used(plan)
    drawn = means | set(plan.uncertainty.aggregate)
    if how == "zscore" and (without := means - {"arithmetic", "copeland", "rsr"}):
        raise Refused("guard.zscore_means", where=f"{plan.name}, [aggregate]", name=", ".join(sorted(without)))
    if how in ("rank", "borda") and (without := means & set(ENDS)):
        raise Refused("guard.rank_means", where=f"{plan.name}, [aggregate]", name=", ".join(sorted(without)))
    low = 0.0 if how == "borda" else plan.normalise.scale[0]
    if drawn & set(POSITIVE) and how not in ("zscore", *_REACHES_ZERO) and low <= 0:
        raise Refused("guard.geometric_zero", where=f"{plan.name}, [normalise] scale", low=low)
    if "power" in drawn and plan.aggregate.exponent == 0:
        raise Misfit("index.exponent", where=f"{plan.name}, [aggregate] exponent")
    _check_benefit(plan, drawn)


def _check_benefit(plan: Plan, drawn: set[AggregateMethod]) -> None:
    """A linear programme for every entity in every draw is not to be waited for, save where no draw touches it."""
    best = {"benefit", "benefit_bounded"}
    above = {group.code for group in plan.system.root.nodes() if group.groups}
    if not plan.uncertainty.draws or not drawn & best:
        return
    general = plan.aggregate.method in best and bool(above - set(plan.aggregate.at))
    single = any(code in above and how in best for code, how in plan.aggregate.at.items())
    if general or single or set(plan.uncertainty.aggregate) & best:
        raise Refused("guard.benefit_draws", where=f"{plan.name}, [uncertainty]")


def _check_weights(plan: Plan) -> None:
    asked = {plan.weigh.method, *plan.weigh.of}
    where = f"{plan.name}, [weigh]"
    if plan.normalise.method == "zscore" and (bad := asked & {"entropy", "cv", "merec"}):
        code = "guard.entropy_zscore" if "entropy" in bad else "guard.weights_zscore"
        raise Refused(code, where=where, name=", ".join(sorted(bad)))
    groups = {group.code for group in plan.system.root.nodes()}
    if plan.weigh.across == "leaves" and (named := groups & set(plan.weigh.given)):
        raise Misfit("index.given_group", where=f"{plan.name}, [weigh.given]", name=sorted(named)[0])
    if plan.weigh.shift is not None and "entropy" not in asked:
        raise Misfit("index.shift_unused", where=f"{plan.name}, [weigh] shift")


def check_positive(chosen: Chosen, leaves: Array) -> None:
    """Refuse geometric means, and their like, of figures that are not positive. Raises Refused, naming the indicator.

    Shape    (period, indicator, entity)
    """
    below = (leaves <= 0).any(axis=(0, 2))
    if below.any():
        raise Refused("guard.geometric_below", where=chosen.plan.name, name=chosen.codes[int(np.argmax(below))])


def check_hindsight(plan: Plan, periods: tuple[str, ...]) -> None:
    """Without hindsight no step may use figures of a later period than the one it scores. Raises Refused, naming it."""
    if not plan.hindsight and (steps := looking_ahead(plan, periods)):
        raise Refused("guard.hindsight", where=f"{plan.name}, {steps[0]}", name=steps[0])


def looking_ahead(plan: Plan, periods: tuple[str, ...]) -> list[str]:
    """The steps of a plan that use figures of a later period than the one they serve."""
    if len(periods) < 2:
        return []
    learned = bool({plan.weigh.method, *plan.weigh.of} & set(LEARNED))
    steps = (
        ("[impute] method", "panel" if plan.impute.method in AHEAD else "", ()),
        ("[treat] window", plan.treat.window if plan.treat.method != "none" else "", plan.treat.base),
        ("[normalise] limits", "" if plan.normalise.method in FIXED else plan.normalise.limits, plan.normalise.base),
        ("[weigh] fit", plan.weigh.fit if learned else "", plan.weigh.base),
    )
    first = ordinal(periods[0])
    return [
        step
        for step, window, base in steps
        if window == "panel" or (window == "base" and any(ordinal(period) > first for period in base))
    ]
