"""Screens of figures against other figures: totals and parts, levels, proxies, drivers, capacity and its use.

A relation is one line: `gdp = va1 + va2 + va3`; `co2 ~ co2.other` (two that should move together); `share < a + b`
(the share should not jump unless one of these moves); `use / capacity` (how far what is installed is used).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from relode.maths import suspicion
from relode.maths.numbers import Array
from relode.words.errors import Misfit, UnknownWord

from .suspects import Looked, Suspect, cells

KINDS = "=~</"


def read_relation(text: str, known: tuple[str, ...]) -> tuple[str, str, list[str]]:
    """Kind, left side and right sides of a relation. Raises Misfit, UnknownWord for a code that is not in the panel."""
    parts = re.split(r"\s([=~</])\s", f" {text.strip()} ")
    if len(parts) != 3:
        raise Misfit("integrity.relation", name=text, expected=("a = b + c", "a ~ b", "a < b + c", "a / b"))
    left, kind, right = parts[0].strip(), parts[1], [part.strip() for part in parts[2].split("+")]
    for code in (left, *right):
        if code not in known:
            raise UnknownWord("integrity.code", name=code, where=text, expected=known)
    return kind, left, right


def screen_relation(looked: Looked, text: str) -> list[Suspect]:
    """All suspects of one relation."""
    kind, left, right = read_relation(text, looked.panel.indicators)
    screens: dict[str, Callable[[Looked, str, list[str]], list[Suspect]]] = {
        "=": identity, "~": proxy, "<": repackaging, "/": idle,
    }  # fmt: skip
    return screens[kind](looked, left, right)


def identity(looked: Looked, total: str, parts: list[str]) -> list[Suspect]:
    """Totals that are not the sum of their parts; the member that fits its own series worst is named."""
    whole, each = looked.figures[total], [looked.figures[code] for code in parts]
    gap = sum(each) - whole
    limit = looked.limit("identity.least")
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.abs(gap) / whole
    found = []
    for i, t in cells(np.nan_to_num(share) > limit):
        code, likely = _culprit(looked, total, parts, float(gap[i, t]), i, t)
        found.append(looked.suspect("identity", (i, t), code, float(share[i, t]), limit, likely=likely, against=total))
    return found


def _culprit(looked: Looked, total: str, parts: list[str], gap: float, i: int, t: int) -> tuple[str, float]:
    """Which member to change, and to what: the one that moves nearest to its expectation when it closes the gap."""
    best, gain = (total, float(looked.figures[total][i, t] + gap)), 0.0
    for code, turn in ((total, 1.0), *((code, -1.0) for code in parts)):
        e, value = looked.expectations[code], float(looked.figures[code][i, t])
        changed = value + turn * gap
        if changed <= 0 or np.isnan(e.expected[i, t]):
            continue
        before, after = (abs(np.log(v) - e.expected[i, t]) for v in (value, changed))
        if before - after > gain:
            best, gain = (code, changed), before - after
    return best


def proxy(looked: Looked, official: str, others: list[str]) -> list[Suspect]:
    """Figures that part from an independent second source, for once or for good, beyond what the two usually do."""
    found = []
    for other in others:
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = looked.figures[official] / looked.figures[other]
        e, least = suspicion.expected(ratio), looked.limit("proxy.least")
        moves = e.growth / suspicion.scale(e.growth)
        limit = looked.far("proxy", suspicion.steady(e))
        for z, taken in ((e.z, suspicion.spikes), (moves, suspicion.steps)):
            for i, t in cells(taken(e, limit, least)):
                code, against, likely = _left(looked, official, other, i, t, stays=z is moves)
                found.append(
                    looked.suspect("proxy", (i, t), code, float(z[i, t]), limit, likely=likely, against=against)
                )
    return found


def _left(looked: Looked, official: str, other: str, i: int, t: int, *, stays: bool) -> tuple[str, str, float]:
    """Which of two sources left its own course, against whom, and what it would be had it not."""
    courses = {}
    for code in (official, other):
        e = looked.expectations[code]
        courses[code] = abs(np.nan_to_num(e.growth[i, t] / suspicion.scale(e.growth)[i, 0] if stays else e.z[i, t]))
    code, against = (official, other) if courses[official] >= courses[other] else (other, official)
    e = looked.expectations[code]
    likely = np.exp(e.log[i, t] - e.growth[i, t]) if stays else np.exp(e.expected[i, t])
    return code, against, float(likely)


def repackaging(looked: Looked, share: str, drivers: list[str]) -> list[Suspect]:
    """A share that jumps upwards and stays while none of what should stand behind it moves with it."""
    e = looked.expectations[share]
    z = e.growth / suspicion.scale(e.growth)
    limit = looked.far("repack", suspicion.steady(e))
    behind = np.stack([np.nan_to_num(looked.expectations[code].growth, nan=-np.inf) for code in drivers]).max(axis=0)
    later = np.column_stack([e.growth[:, 1:], np.zeros(len(z))])
    with np.errstate(invalid="ignore"):
        stays = ~(later < -0.5 * e.growth)
        alone = np.isfinite(behind) & (behind < looked.limit("repack.behind") * e.growth)
        away = (z > limit) & (e.growth > looked.limit("repack.least")) & stays & alone
    return [
        looked.suspect("repackaging", at, share, float(z[at]), limit, against=", ".join(drivers)) for at in cells(away)
    ]


def idle(looked: Looked, use: str, capacity: list[str]) -> list[Suspect]:
    """What is installed is used far less than elsewhere in the same period, or fell out of use at once."""
    found = []
    for code in capacity:
        with np.errstate(invalid="ignore", divide="ignore"):
            e = suspicion.expected(looked.figures[use] / looked.figures[code])
        around = suspicion.middle(e.log, axis=0)
        z = np.column_stack([suspicion.robust(column) for column in e.log.T])
        limit, fell = looked.far("idle", z), looked.far("idle", suspicion.steady(e))
        least = looked.limit("idle.least")
        away = np.maximum(
            suspicion.spikes(e, fell, least) * (e.off < 0), suspicion.steps(e, fell, least) * (e.growth < 0)
        )
        with np.errstate(invalid="ignore"):
            seen = (z < -limit) | ((away > 0) & (e.log < around - least))
        for i, t in cells(seen):
            far_off = bool(z[i, t] < -limit)
            likely = float(np.exp(around[t]) * looked.figures[code][i, t])
            evidence = z[i, t] if far_off else e.growth[i, t] / suspicion.scale(e.growth)[i, 0]
            found.append(looked.suspect("idle", (i, t), use, float(evidence), limit if far_off else fell, likely=likely,
                                        against=code))  # fmt: skip
    return found


def sums(looked: Looked, indicator: str, parent: list[int], count: int) -> Array:
    """What the children of each parent come to; NaN where one is missing. (parent, period)"""
    x = looked.figures[indicator]
    found = np.full((count, x.shape[1]), np.nan)
    for n in range(count):
        rows = np.flatnonzero(np.array(parent) == n)
        if len(rows):
            found[n] = x[rows].sum(axis=0)
    return found
