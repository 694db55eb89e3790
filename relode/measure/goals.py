"""Legal targets as the best end of the yardstick: facts of their own scenario, at the period when they are due."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relode.maths.numbers import Array
from relode.words.errors import Misfit
from relode.words.panel import Panel
from relode.words.plan import Plan

from .derive import derived


def goals_of(panel: Panel, plan: Plan, facts: Panel, codes: Sequence[str]) -> Array | None:
    """The target of each indicator, one for all entities. None if the plan scores against no target facts.

    A target is written for the indicator itself, or for the facts that it is made of.
    Shape    (indicator,)
    Raises   Misfit where a target is missing, or differs between entities
    """
    how = plan.normalise
    if not how.due:
        return None
    where = f"{plan.name}, [normalise] due"
    there = panel.only(scenarios=(how.target,), entities=facts.entities, periods=(how.due,))
    made = derived(there, plan.system)[0]
    found = np.empty(len(codes))
    for n, code in enumerate(codes):
        own = there.array(how.target)[..., there.at("indicator", code)] if code in there.indicators else np.empty(0)
        figures = own[~np.isnan(own)]
        if not len(figures):
            block = made.array(how.target)[..., made.at("indicator", code)]
            figures = block[~np.isnan(block)]
        if not len(figures):
            raise Misfit("goals.none", name=code, where=where, due=how.due, scenario=how.target)
        if np.ptp(figures) > 1e-12 * np.abs(figures).max():
            raise Misfit("goals.differ", name=code, where=where, low=float(figures.min()), high=float(figures.max()))
        found[n] = figures[0]
    return found
