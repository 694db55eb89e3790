"""Figures divided by another fact: per head, per unit of output, per square kilometre. 相对化"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array
from relode.words.errors import Misfit, Refused, UnknownWord
from relode.words.indicator import Indicator
from relode.words.note import Note, remark
from relode.words.panel import Panel
from relode.words.plan import Plan
from relode.words.texts import LANGUAGES, say

from .derive import denominators, gravest
from .naming import in_both


@cache
def _ratio() -> re.Pattern[str]:
    """What units of figures that are relative already look like, in both languages."""
    return re.compile("|".join(say("denominate.relative", lang) for lang in LANGUAGES), re.IGNORECASE)


def denominated(
    panel: Panel, plan: Plan, indicators: Sequence[Indicator], values: Array, status: NDArray[np.uint8]
) -> tuple[Array, NDArray[np.uint8], tuple[Note, ...]]:
    """The figures divided and logged as the plan says, with the graver of the two statuses, and what was lost by it.

    Shape    facts, (entity, period, indicator)  ->  the same
    Raises   Refused where a share is divided once more; UnknownWord, Misfit where the denominator is not there
    """
    if plan.denominate.method == "none":
        if plan.denominate.by or plan.denominate.log:
            raise Misfit("denominate.unused", where=f"{plan.name}, [denominate]")
        return values, status, ()
    values, status, lost = values.copy(), status.copy(), list[str]()
    for k, indicator in enumerate(indicators):
        before = ~np.isnan(values[..., k])
        if by := plan.denominate.by.get(indicator.code):
            _check(panel, plan, indicator, by)
            below, theirs = _fact(panel, plan, by)
            with np.errstate(divide="ignore", invalid="ignore"):
                values[..., k] = _finite(values[..., k] / below)
            status[..., k] = gravest(status[..., k], theirs)
        if indicator.code in plan.denominate.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                values[..., k] = _finite(np.log(values[..., k]))
        lost += [indicator.code] if (before & np.isnan(values[..., k])).any() else []
    notes = (remark("denominate.lost", count=len(lost), **in_both(lost, plan.system.label)),) if lost else ()
    return values, status, notes


def unit_of(plan: Plan, panel: Panel, indicator: Indicator) -> str:
    """The unit of a figure once it is divided and logged."""
    unit, by = indicator.unit, plan.denominate.by.get(indicator.code)
    if plan.denominate.method == "none":
        return unit
    if by and by in panel.indicators:
        unit = f"{unit} / {panel.units[panel.at('indicator', by)] or by}"
    return f"ln({unit})" if indicator.code in plan.denominate.log else unit


def _check(panel: Panel, plan: Plan, indicator: Indicator, by: str) -> None:
    where = f"{plan.name}, [denominate.by] {indicator.code}"
    if by not in panel.indicators:
        raise UnknownWord("denominate.absent", name=by, where=where, expected=panel.indicators)
    if _ratio().search(indicator.unit):
        raise Refused("guard.denominate_ratio", where=where, name=indicator.code, unit=indicator.unit)
    unit = panel.units[panel.at("indicator", by)]
    if _ratio().search(unit):
        raise Refused("guard.denominate_ratio", where=where, name=by, unit=unit)
    if by in denominators(indicator):
        raise Refused("guard.denominate_twice", where=where, name=indicator.code, by=by)


def _fact(panel: Panel, plan: Plan, code: str) -> tuple[Array, NDArray[np.uint8]]:
    k = panel.at("indicator", code)
    return panel.array(plan.select.scenario)[..., k], panel.statuses(plan.select.scenario)[..., k]


def _finite(x: Array) -> Array:
    return np.where(np.isfinite(x), x, np.nan)
