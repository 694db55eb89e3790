"""Outliers of the figures, treated as the plan says, every changed figure known. 异常值处理"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from relode.maths import treat
from relode.maths.numbers import Array
from relode.words.errors import Refused
from relode.words.plan import FIXED, Plan
from relode.words.plan import Treat as Choices

from .windows import windows

Change = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class Treated:
    """`figures` (entity, period, indicator); `how` (period, indicator): what was done, '' for nothing;
    `failing` (period, indicator): still beyond both bounds afterwards"""

    figures: Array
    how: np.ndarray[tuple[int, ...], np.dtype[np.object_]]
    failing: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


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
    for k, code in enumerate(codes):
        if how.only and code not in how.only:
            continue
        for n, view in enumerate(views):
            at = slice(None) if len(views) == 1 else slice(n, n + 1)
            name, change = _decide(view[:, k], how, code, plan)
            changed = change(values[:, at, k])
            found[:, at, k], names[at, k] = changed, name
            failing[at, k] = not treat.shape(change(view[:, k])).passes(how.skew, how.kurtosis)
    _check_one_scale(plan, codes, names)
    return Treated(found, names, failing)


def _decide(x: Array, how: Choices, code: str, plan: Plan) -> tuple[str, Change]:
    """What is to be done to a column, learned from `x`. Shape (rows,) -> a name and what does it"""
    if how.method == "mad":
        return _capped(x, treat.mad_caps(x, how.mads), "mad")
    if treat.shape(x).passes(how.skew, how.kurtosis):
        return "", _as_it_is
    if how.method == "winsorise":
        name, change = _capped(x, treat.winsor_caps(x, how.most, how.skew, how.kurtosis), "winsorise")
        if how.then == "none" or treat.shape(change(x)).passes(how.skew, how.kurtosis):
            return name, change
    return _transformed(x, how.then if how.method == "winsorise" else how.method, how, code, plan)


def _as_it_is(x: Array) -> Array:
    return x


def _capped(x: Array, caps: tuple[float, float], name: str) -> tuple[str, Change]:
    beyond = (np.nanmin(x, initial=np.inf) < caps[0]) or (np.nanmax(x, initial=-np.inf) > caps[1])
    return name if beyond else "", lambda other: np.clip(other, *caps)


def _transformed(x: Array, name: str, how: Choices, code: str, plan: Plan) -> tuple[str, Change]:
    where = f"{plan.name}, [treat] {code}"
    if plan.normalise.method in (*FIXED, "dist2targ"):
        raise Refused("guard.treat_fixed", where=where, name=code, method=name)
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    if name == "log":
        if low <= 0:
            raise Refused("guard.treat_log", where=where, name=code, low=low)
        return name, lambda other: np.log(np.maximum(other, low))
    if name == "log_ct":
        return name, lambda other: treat.log_ct(other, low, high)
    power = treat.boxcox_power(x) if how.power is None else how.power
    return name, lambda other: treat.boxcox(other, low, power)


def _check_one_scale(
    plan: Plan, codes: tuple[str, ...], names: np.ndarray[tuple[int, ...], np.dtype[np.object_]]
) -> None:
    """An indicator that is transformed in some periods only has no limits in common. Raises Refused."""
    if plan.normalise.limits == "period" or len(names) < 2 or plan.treat.window not in ("period", "rolling"):
        return
    kinds = [{name if name in ("log", "log_ct", "boxcox") else "" for name in column} for column in names.T]
    for code, kind in zip(codes, kinds, strict=True):
        if kind != {""}:
            raise Refused("guard.treat_mixed", where=f"{plan.name}, [treat] window", name=code)
