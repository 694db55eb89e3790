"""From which periods limits, weights and caps are learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relode.maths.numbers import Array
from relode.words.errors import Misfit
from relode.words.period import ordinal

if TYPE_CHECKING:
    from relode.words.plan import Plan


def windows(limits: str, base: tuple[str, ...], periods: tuple[str, ...], values: Array, span: int = 0) -> list[Array]:
    """The rows that are learned from: of all periods, of each alone, of the base window, or of the last `span`.

    Shape    (entity, period, k)  ->  a list of (rows, k): one, or one per period
    Raises   Misfit where a base period is not among the periods
    """
    k = values.shape[2]
    if limits == "period":
        return [values[:, t] for t in range(len(periods))]
    if limits == "rolling":
        return [values[:, rows].reshape(-1, k) for rows in _so_far(periods, span)]
    if limits == "panel":
        return [values.reshape(-1, k)]
    for period in base:
        if period not in periods:
            raise Misfit("index.base", name=period, expected=periods)
    return [values[:, [periods.index(period) for period in base]].reshape(-1, k)]


def limit_windows(plan: Plan, periods: tuple[str, ...], values: Array) -> list[Array]:
    """The rows from which the plan takes its limits. Shape as `windows`"""
    how = plan.normalise
    return windows(how.limits, how.base, periods, values, how.span)


def _so_far(periods: tuple[str, ...], span: int) -> list[list[int]]:
    """For each period, where it and those before it stand, at most `span` periods back (0 = all)."""
    at = [ordinal(period) for period in periods]
    return [[n for n, other in enumerate(at) if other <= now and (not span or other > now - span)] for now in at]
