"""Filling of gaps, each filled figure marked; and what else could have stood there. 缺失值填补"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array
from relode.words.codelist import Codelist, Entity
from relode.words.errors import Misfit, UnknownWord
from relode.words.period import ordinal
from relode.words.plan import Impute

if TYPE_CHECKING:
    from .choose import Chosen

ACROSS = ("mean", "median", "group_mean", "group_median")
"""Fillings from the other entities of the same period: they never look ahead."""
AHEAD = ("linear", "constant")
"""Fillings that use figures of later periods."""


def filled(values: Array, how: Impute, groups: Sequence[str], at: Sequence[int]) -> Array:
    """The figures with gaps filled as the plan says; a gap with nothing to fill it from stays.

    Shape    (entity, period, indicator), the group of each entity, when each period is  ->  the same
    """
    if how.method == "none":
        return values
    if how.method in ACROSS:
        return _across(values, how.method, groups)
    found = _forward(values) if how.method == "forward" else _along(values, how.method, at)
    return np.where(_gap_lengths(values) <= how.most, found, values) if how.most else found


def groups_of(regions: Codelist, entities: Sequence[str], attribute: str) -> list[str]:
    """The group of each entity: what the codelist says of it. Raises UnknownWord, Misfit where it says nothing."""
    known = [f.name for f in fields(Entity) if f.name not in ("tags", "lon", "lat")]
    if attribute not in known:
        raise UnknownWord("index.peers", name=attribute, where="[impute] group", expected=known)
    found = [str(getattr(regions.get(code), attribute, "") or "") for code in entities]
    if not any(found):
        raise Misfit("impute.no_groups", name=attribute, where="[impute] group")
    return found


@dataclass(frozen=True, eq=False)
class Pools:
    """What filled figures could have been: where they stand, and by how much the filling missed known figures.

    `cells`         entities, periods, indicators of the figures that were filled
    `missed`        errors of filling, one indicator after the other; those of a cell are `count` from `start` on
    `low`, `high`   what is possible there
    """

    cells: tuple[NDArray[np.intp], ...]
    missed: Array
    start: NDArray[np.intp]
    count: NDArray[np.intp]
    low: Array
    high: Array


def pools_of(chosen: Chosen) -> Pools:
    """How wrong the plan's filling is where figures are known: each is taken out and filled again."""
    how = chosen.plan.impute
    groups = groups_of(chosen.regions, chosen.entities, how.group) if how.method.startswith("group") else []
    at = [ordinal(period) for period in chosen.periods]
    errors = _errors(np.where(chosen.gaps, np.nan, chosen.raw), how, groups, at)
    pools = [column[~np.isnan(column)] for column in np.moveaxis(errors, 2, 0)]
    pools = [pool if len(pool) else np.zeros(1) for pool in pools]  # nothing known of it: it stays as it was filled
    sizes = np.array([len(pool) for pool in pools], np.intp)
    cells = np.nonzero(chosen.gaps & ~np.isnan(chosen.raw))
    ends = np.array([[(-np.inf, np.inf)[n] if x is None else x for n, x in enumerate(i.range)]
                     for i in chosen.indicators])  # fmt: skip
    start, k = np.cumsum(sizes) - sizes, cells[2]
    return Pools(cells, np.concatenate(pools), start[k], sizes[k], ends[k, 0], ends[k, 1])


def refilled(chosen: Chosen, pools: Pools, rng: np.random.Generator) -> Array:
    """One draw of a multiple imputation: what was filled takes a past error of its indicator, drawn at random.

    It stays within the possible range; figures that are known, and gaps that could not be filled, stay.
    Shape    (entity, period, indicator)
    Source   Rubin (1987), Multiple Imputation for Nonresponse in Surveys; errors resampled as in hot-deck
    """
    found = chosen.raw.copy()
    picked = pools.start + (rng.random(len(pools.start)) * pools.count).astype(np.intp)
    found[pools.cells] = np.clip(found[pools.cells] + pools.missed[picked], pools.low, pools.high)
    return found


def _errors(known: Array, how: Impute, groups: Sequence[str], at: Sequence[int]) -> Array:
    """Known figure - what would have been filled in its place. Shape (entity, period, indicator)"""
    if how.method in ACROSS:
        rows = [_without(known, n, how, groups, at) for n in range(len(known))]
        return known - np.stack(rows)
    columns = []
    for t in range(known.shape[1]):
        holed = known.copy()
        holed[:, t] = np.nan
        columns.append(filled(holed, replace(how, most=0), groups, at)[:, t])
    return known - np.stack(columns, axis=1)


def _without(known: Array, n: int, how: Impute, groups: Sequence[str], at: Sequence[int]) -> Array:
    holed = known.copy()
    holed[n] = np.nan
    result: Array = filled(holed, how, groups, at)[n]
    return result


def _across(values: Array, method: str, groups: Sequence[str]) -> Array:
    middle = _mean if method.endswith("mean") else _median
    names = groups if method.startswith("group") else [""] * len(values)
    found = values.copy()
    for name in dict.fromkeys(names):
        inside = np.array([other == name for other in names])
        block = values[inside]
        found[inside] = np.where(np.isnan(block), middle(block), block)
    return found


def _mean(block: Array) -> Array:
    have = ~np.isnan(block)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Array = np.where(have, block, 0.0).sum(axis=0) / have.sum(axis=0)
    return mean


def _median(block: Array) -> Array:
    found = np.full(block.shape[1:], np.nan)
    known = ~np.isnan(block).all(axis=0)
    found[known] = np.nanmedian(block[:, known], axis=0)
    return found


def _forward(values: Array) -> Array:
    at = np.where(np.isnan(values), -1, np.arange(values.shape[1])[None, :, None])
    last = np.maximum.accumulate(at, axis=1)
    return np.where(last >= 0, np.take_along_axis(values, np.maximum(last, 0), axis=1), np.nan)


def _along(values: Array, method: str, at: Sequence[int]) -> Array:
    """linear: on the line between neighbours in time, only inside; constant: last known, else the first to come."""
    before, after = _forward(values), _forward(values[:, ::-1])[:, ::-1]
    if method == "constant":
        return np.where(np.isnan(before), after, before)
    have = ~np.isnan(values)
    when = np.where(have, np.array(at, np.float64)[None, :, None], np.nan)
    since, until = _forward(when), _forward(when[:, ::-1])[:, ::-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        line = before + (after - before) * (np.array(at)[None, :, None] - since) / (until - since)
    return np.where(have, values, line)


def _gap_lengths(values: Array) -> Array:
    """How many gaps in a row there are up to and with each cell. Shape (entity, period, indicator)"""
    steps = np.arange(values.shape[1])[None, :, None]
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, steps), axis=1)
    result: Array = (steps - last).astype(np.float64)
    return result
