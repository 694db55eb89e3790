"""Outliers of the figures, treated as the plan says, every changed figure known. 异常值处理"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from relode.maths import treat
from relode.maths.numbers import Array
from relode.words.errors import Refused
from relode.words.plan import FIXED, Plan
from relode.words.plan import Treat as Choices

from .windows import windows

Change = Callable[[Array], Array]
Names = NDArray[np.object_]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Treated:
    """`figures` (entity, period, indicator); `how` (period, indicator): what was done, '' for nothing;
    `failing` (period, indicator): still beyond both bounds afterwards"""

    figures: Array
    how: Names
    failing: Mask


def treated(values: Array, plan: Plan, codes: tuple[str, ...], periods: tuple[str, ...]) -> Treated:
    """Outliers drawn in or transformed, by decisions taken in the plan's window.

    Shape    (entity, period, indicator), NaN where nobody is scored  ->  the same
    Raises   Refused where a transformation has no meaning or differs between periods of one yardstick
    """
    how = plan.treat
    found = values.copy()
    names = np.full(values.shape[1:], "", dtype=object)
    failing = np.zeros(values.shape[1:], bool)
    if how.method == "none":
        return Treated(found, names, failing)
    views = windows(how.window, how.base, periods, values, how.span)
    wanted = np.array([not how.only or code in how.only for code in codes])
    for n, view in enumerate(views):
        at = slice(None) if len(views) == 1 else slice(n, n + 1)
        changes, names[at], failing[at] = _decide(view, wanted, plan, codes)
        for k, change in changes.items():
            found[:, at, k] = change(values[:, at, k])
    _check_one_scale(plan, codes, names)
    return Treated(found, names, failing)


def _decide(view: Array, wanted: Mask, plan: Plan, codes: tuple[str, ...]) -> tuple[dict[int, Change], Names, Mask]:
    """What is to be done to columns, learned from `view`, by what name, and which fail even so.

    Shape    (rows, k), (k,)  ->  column -> what does it, (k,), (k,)
    """
    how = plan.treat
    passes = treat.shape(view).passes(how.skew, how.kurtosis)
    names = np.full(len(codes), "", dtype=object)
    if how.method == "mad":
        changes = _capped(wanted, treat.mad_caps(view, how.mads))
        names[list(changes)] = "mad"
        return changes, names, _still(view, wanted, changes, plan)
    lopsided, changes = wanted & ~passes, dict[int, Change]()
    if how.method == "winsorise" and lopsided.any():
        caps = np.full((2, len(codes)), np.nan)
        caps[:, lopsided] = treat.winsor_caps(view[:, lopsided], how.most, how.skew, how.kurtosis)
        changes = _capped(lopsided, (caps[0], caps[1]))
        names[list(changes)] = "winsorise"
    then = how.then if how.method == "winsorise" else how.method
    if then != "none":
        for k in np.flatnonzero(_still(view, lopsided, changes, plan)):
            names[k], changes[int(k)] = then, _transformed(view[:, k], then, how, codes[k], plan)
    return changes, names, _still(view, lopsided, changes, plan)


def _still(view: Array, among: Mask, changes: Mapping[int, Change], plan: Plan) -> Mask:
    """Which of some columns are beyond both bounds after their changes. Shape (rows, k), (k,) -> (k,)"""
    after = view[:, among].copy()
    for n, k in enumerate(np.flatnonzero(among)):
        if change := changes.get(int(k)):
            after[:, n] = change(view[:, k])
    found = np.zeros(len(among), bool)
    found[among] = ~treat.shape(after).passes(plan.treat.skew, plan.treat.kurtosis)
    return found


def _capped(among: Mask, caps: tuple[Array, Array]) -> dict[int, Change]:
    """What draws columns in to their caps, which are learned in one window and hold in every period."""
    low, high = caps
    known = np.flatnonzero(among & ~np.isnan(low))
    return {int(k): partial(np.clip, a_min=low[k], a_max=high[k]) for k in known}


def _transformed(x: Array, name: str, how: Choices, code: str, plan: Plan) -> Change:
    where = f"{plan.name}, [treat] {code}"
    if plan.normalise.method in (*FIXED, "dist2targ"):
        raise Refused("guard.treat_fixed", where=where, name=code, method=name)
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    if name == "log":
        if low <= 0:
            raise Refused("guard.treat_log", where=where, name=code, low=low)
        return lambda other: np.log(np.maximum(other, low))
    if name == "log_ct":
        return lambda other: treat.log_ct(other, low, high)
    power = treat.boxcox_power(x) if how.power is None else how.power
    return lambda other: treat.boxcox(other, low, power)


def _check_one_scale(plan: Plan, codes: tuple[str, ...], names: Names) -> None:
    """An indicator that is transformed in some periods only has no limits in common. Raises Refused."""
    if plan.normalise.limits == "period" or len(names) < 2 or plan.treat.window not in ("period", "rolling"):
        return
    kinds = [{name if name in ("log", "log_ct", "boxcox") else "" for name in column} for column in names.T]
    for code, kind in zip(codes, kinds, strict=True):
        if kind != {""}:
            raise Refused("guard.treat_mixed", where=f"{plan.name}, [treat] window", name=code)
