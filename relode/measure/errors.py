"""How far figures are from the truth, and what else could have stood there: sets of figures. 数据误差"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from relode.maths.numbers import Array
from relode.words.codelist import STATUSES
from relode.words.rules import Rules

from .choose import Chosen, choose
from .impute import Pools, pools_of, refilled


@dataclass(frozen=True, eq=False)
class Errors:
    """What is in doubt about figures.

    `size`   (entity, period, indicator) relative standard error of each figure
    `refill` gaps that the plan fills are filled anew in each set
    `sets`   how many sets of figures there are
    """

    size: Array
    refill: bool
    sets: int


def errors_of(chosen: Chosen, t: int, rules: Rules | None = None, against: str = "") -> Errors | None:
    """The errors of figures by the plan, by `rules` where it names none, and by revisions of `against`.

    Shape    figures of `chosen`; `t` is the period whose figures are not yet revised
    Returns  None where no figure is in doubt
    Raises   UnknownWord where the scenario of first figures is not there
    """
    spread = chosen.plan.uncertainty
    if not spread.figures:
        return None
    by_status: dict[str, float] = {str(status): size for status, size in spread.errors.items()}
    if not by_status and rules is not None:
        by_status = {status: rules[f"status_{status}"].on().value for status in STATUSES if status != "M"}
    size = np.array([by_status.get(status, 0.0) for status in STATUSES])[chosen.status]
    first = against or spread.against
    if first:
        earlier = choose(chosen.panel, chosen.regions, chosen.plan.but(select={"scenario": first}))
        size = np.hypot(size, _revised(chosen, earlier, t))
    refill = bool((chosen.gaps & ~np.isnan(chosen.raw))[chosen.scored].any())
    size = np.where(chosen.gaps, 0.0, size)
    return Errors(size, refill, spread.figures) if refill or (size > 0).any() else None


def _revised(chosen: Chosen, first: Chosen, t: int) -> Array:
    """Root mean square of past revisions of each indicator, for figures of period `t` that were not yet revised."""
    found = np.zeros(chosen.raw.shape)
    for k, code in enumerate(chosen.codes):
        if code not in first.codes:
            continue
        then, now = first.raw[..., first.codes.index(code)], chosen.raw[..., k]
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = (now / then - 1)[:, :t]
        known = moved[np.isfinite(moved)]
        size = float(np.sqrt((known**2).mean())) if len(known) else 0.0
        found[:, t, k] = np.where(then[:, t] == now[:, t], size, 0.0)
    return found


def figures(
    chosen: Chosen, errors: Errors, codes: tuple[str, ...], pools: Pools | None, rngs: tuple[np.random.Generator, ...]
) -> Array:
    """A set of figures: each moved by its error times a normal number within its range, what was filled filled anew.

    `codes`  the indicators of `errors`; others do not err
    `rngs`   two streams: of errors, of fillings
    Shape    (entity, period, indicator of `chosen`)
    """
    raw = refilled(chosen, pools, rngs[1]) if pools is not None else chosen.raw.copy()
    noise = errors.size * rngs[0].standard_normal(errors.size.shape)
    for k, indicator in enumerate(chosen.indicators):
        if indicator.code in codes and (size := noise[..., codes.index(indicator.code)]).any():
            low, high = indicator.range
            moved = np.clip(raw[..., k] + size * np.abs(raw[..., k]), low, high)
            raw[..., k] = np.where(size == 0, raw[..., k], moved)
    return raw


def pools_for(chosen: Chosen, errors: Errors) -> Pools | None:
    """The errors that fillings may take. None where nothing is filled anew."""
    return pools_of(chosen) if errors.refill and chosen.plan.impute.method != "none" else None
