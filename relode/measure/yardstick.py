"""The yardstick: limits of each indicator, found once, and figures between them. 限值与无量纲化"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from relode.maths.numbers import Array
from relode.maths.scale import (
    below,
    centred_limits,
    constant,
    fraction_limits,
    minmax_limits,
    position,
    zscore_limits,
)
from relode.words.errors import Misfit, Refused, UnknownWord
from relode.words.plan import FIXED, ORDINAL, NormaliseMethod, Plan

from .bestrange import counted, ranged
from .choose import Chosen
from .windows import limit_windows

Limits = tuple[Array, Array]
"""worst and best, each (period, indicator); for ranks the window itself, (period, indicator, rows) sorted upwards and
turned so that more is better, and the direction (period, indicator)"""

_Pair = tuple[Array, Array]
_UNBOUNDED = ("zscore", "rank", "borda")
"""normalisations whose scale has no ends"""


def find_limits(chosen: Chosen, method: NormaliseMethod) -> Limits:
    """The limits of each indicator in each period, from the window that the plan names."""
    plan, direction = chosen.plan, chosen.direction
    shape = (len(chosen.periods), len(chosen.codes))
    if method in FIXED:
        pairs = [_posts(chosen) if method == "goalposts" else _between(plan, direction)]
        return _spread(pairs, shape)
    views = limit_windows(plan, chosen.periods, chosen.values)
    if method in ORDINAL:
        windows = [np.sort((view * direction).T, axis=1) for view in views]
        whole = np.stack(_padded(windows))
        return np.broadcast_to(whole, (*shape, whole.shape[2])), np.broadcast_to(direction, shape)
    find = _finder(chosen, method)
    pairs = [find(n, view) for n, view in enumerate(views)]
    if method == "fracmax" and any((np.nan_to_num(view) < 0).any() for view in views):
        _refuse(
            chosen, np.any([(np.nan_to_num(view) < 0).any(axis=0) for view in views], axis=0), "guard.fracmax_negative"
        )
    flat = np.stack([constant(view) for view in views])
    worst, best = (np.where(flat, np.nan, np.stack(side)) for side in zip(*pairs, strict=True))
    if method in ("dist2ref", "dist2targ"):
        turned = direction * (best - worst) <= 0
        _refuse(chosen, turned.any(axis=0), "guard.goal_direction")
    return np.broadcast_to(worst, shape), np.broadcast_to(best, shape)


def _finder(chosen: Chosen, method: NormaliseMethod) -> Callable[[int, Array], _Pair]:
    """What finds the limits in one window: (its number, its rows) -> worst, best."""
    direction = chosen.direction
    if method == "zscore":
        return lambda _, view: zscore_limits(view, direction)
    if method == "fracmax":
        return lambda _, view: fraction_limits(view, direction)
    if method == "dist2targ":
        goals = _goals(chosen)
        return lambda _, view: (minmax_limits(view, direction)[0], goals)
    if method in ("dist2ref", "centred"):
        middles = _reference(chosen)
        if method == "centred":
            return lambda n, view: centred_limits(view, direction, _mean(view) if middles is None else middles[n])
        assert middles is not None
        return lambda n, view: (minmax_limits(view, direction)[0], middles[n])
    return _extremes(chosen)


def _extremes(chosen: Chosen) -> Callable[[int, Array], _Pair]:
    """The least and the greatest figure; the best of an indicator with a best range is to lie inside it: 0."""
    inside = ranged(chosen.plan, chosen.codes)

    def find(_: int, view: Array) -> _Pair:
        worst, best = minmax_limits(view, chosen.direction)
        return worst, np.where(inside & ~np.isnan(best), 0.0, best)

    return find


def _posts(chosen: Chosen) -> _Pair:
    posts = np.array([chosen.plan.normalise.goalposts[code] for code in chosen.codes], np.float64)
    inside = ranged(chosen.plan, chosen.codes)
    worst, best = counted(posts.T, chosen.plan, chosen.codes)
    turned = np.sign(best - worst) != chosen.direction
    for hit, code in ((inside & (turned | (best > 0)), "guard.goalpost_range"), (turned, "guard.goalpost_direction")):
        if hit.any():
            raise Misfit(code, name=chosen.codes[int(hit.argmax())], where="normalise.goalposts")
    return worst, best


def _between(plan: Plan, direction: Array) -> _Pair:
    worst, best = plan.normalise.between
    return np.where(direction > 0, worst, best), np.where(direction > 0, best, worst)


def _goals(chosen: Chosen) -> Array:
    goals = chosen.goals
    if goals is None:
        goals = np.array([chosen.plan.normalise.goals[code] for code in chosen.codes], np.float64)
    return counted(goals, chosen.plan, chosen.codes)


def _reference(chosen: Chosen) -> list[Array] | None:
    """The figures of the entity of reference in each window, their mean where it has several periods."""
    plan = chosen.plan
    code = plan.normalise.reference
    if not code:
        return None
    if code not in chosen.entities:
        where = f"{plan.name}, [normalise] reference"
        raise UnknownWord("panel.code", name=code, axis="entity", where=where, expected=chosen.entities)
    own = chosen.values[[chosen.entities.index(code)]]
    return [_mean(view) for view in limit_windows(plan, chosen.periods, own)]


def _mean(view: Array) -> Array:
    have = ~np.isnan(view)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Array = np.where(have, view, 0.0).sum(axis=0) / have.sum(axis=0)
    return mean


def _padded(windows: list[Array]) -> list[Array]:
    most = max(window.shape[1] for window in windows)
    return [np.pad(w, ((0, 0), (0, most - w.shape[1])), constant_values=np.nan) for w in windows]


def _spread(pairs: list[_Pair], shape: tuple[int, int]) -> Limits:
    worst, best = (np.broadcast_to(np.stack(side), shape) for side in zip(*pairs, strict=True))
    return worst, best


def _refuse(chosen: Chosen, hit: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], code: str) -> None:
    if hit.any():
        raise Refused(code, where=f"{chosen.plan.name}, [normalise]", name=chosen.codes[int(hit.argmax())])


def ends(limits: Limits, method: NormaliseMethod) -> _Pair:
    """The least and the greatest figure of the limits; z-scores: mean -/+ one deviation. Shape (period, indicator)"""
    worst, best = limits
    if method in ORDINAL:
        known = np.where(np.isnan(worst), -np.inf, worst).max(axis=2)
        first = np.where(np.isnan(worst[..., 0]), np.nan, worst[..., 0])
        worst, best = first * best, np.where(np.isinf(known), np.nan, known) * best
    elif method == "zscore":
        worst = 2 * worst - best
    return np.fmin(worst, best), np.fmax(worst, best)


def positions(values: Array, limits: Limits, plan: Plan, method: NormaliseMethod) -> Array:
    """Figures between their limits; held at the ends where the plan clips. Shape (entity, period, indicator)"""
    if method in ORDINAL:
        return _places(values, limits, method)
    found = position(values, *limits)
    return np.clip(found, 0, 1) if plan.normalise.clip and method not in _UNBOUNDED else found


def _places(values: Array, limits: Limits, method: NormaliseMethod) -> Array:
    """prank: the share of the others of the window that are surpassed; rank, borda: their number."""
    windows, direction = limits
    found = np.empty(values.shape)
    for t, k in np.ndindex(values.shape[1:]):
        found[:, t, k] = below(values[:, t, k] * direction[t, k], windows[t, k])
    if method != "prank":
        return found
    others = (~np.isnan(windows)).sum(axis=2) - 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.minimum(np.where(others > 0, found / others, np.nan), 1.0)


def scaled(found: Array, plan: Plan, method: NormaliseMethod) -> Array:
    """Positions on the plan's scale, turned for `grow`. Shape (entity, period, k) -> (period, k, entity)"""
    start, size = scale_of(plan, method)
    result: Array = np.moveaxis(start + size * found, 0, 2)
    return result


def scale_of(plan: Plan, method: NormaliseMethod | None = None) -> tuple[float, float]:
    """What turns a score back into a position: (where 0 stands, how much 1 is).

    Draws that take min-max where the plan has z-scores stand on 1 to 100: the plan's scale is a mean and a spread.
    """
    low, high = plan.normalise.scale
    method = method or plan.normalise.method
    if method in ("rank", "borda"):
        return (1.0, 1.0) if method == "rank" else (0.0, 1.0)
    if method != "zscore" and plan.normalise.method == "zscore":
        return 1.0, 99.0
    return (low, high) if method == "zscore" else (low, high - low)


def has_ends(method: NormaliseMethod) -> bool:
    """Has the scale a worst and a best end?"""
    return method not in _UNBOUNDED
