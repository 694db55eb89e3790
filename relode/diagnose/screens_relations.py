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
    """Figures that part from an independent second source, beyond what the two usually do."""
    found = []
    for other in others:
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = looked.figures[official] / looked.figures[other]
        e = suspicion.expected(ratio)
        away = suspicion.spikes(e, looked.limit("proxy.z"), looked.limit("proxy.least"))
        for i, t in cells(away):
            own, theirs = (abs(np.nan_to_num(looked.expectations[code].z[i, t])) for code in (official, other))
            code, against = (official, other) if own >= theirs else (other, official)
            likely = np.exp(looked.expectations[code].expected[i, t])
            found.append(looked.suspect("proxy", (i, t), code, float(e.z[i, t]), looked.limit("proxy.z"),
                                        likely=float(likely), against=against))  # fmt: skip
    return found


def repackaging(looked: Looked, share: str, drivers: list[str]) -> list[Suspect]:
    """A share that jumps upwards and stays while none of what should stand behind it moves."""
    e, limit = looked.expectations[share], looked.limit("repack.z")
    z = e.growth / suspicion.scale(e.growth)
    behind = np.stack([_moves(looked, code) for code in drivers])
    still = np.nan_to_num(np.nanmax(np.where(np.isnan(behind), -np.inf, behind), axis=0), neginf=np.inf)
    later = np.column_stack([e.growth[:, 1:], np.zeros(len(z))])
    with np.errstate(invalid="ignore"):
        stays = ~(later < -0.5 * e.growth)
        away = (z > limit) & (e.growth > 0.1) & stays & (still < looked.limit("repack.behind"))
    return [
        looked.suspect("repackaging", at, share, float(z[at]), limit, against=", ".join(drivers)) for at in cells(away)
    ]


def _moves(looked: Looked, code: str) -> Array:
    growth = looked.expectations[code].growth
    moved: Array = growth / suspicion.scale(growth)
    return moved


def idle(looked: Looked, use: str, capacity: list[str]) -> list[Suspect]:
    """What is installed is used far less than elsewhere in the same period."""
    found = []
    limit = looked.limit("idle.z")
    for code in capacity:
        with np.errstate(invalid="ignore", divide="ignore"):
            log = np.log(looked.figures[use] / looked.figures[code])
        log[~np.isfinite(log)] = np.nan
        z = np.column_stack([suspicion.robust(column) for column in log.T])
        middle = np.exp(np.nanmedian(log, axis=0)) if np.isfinite(log).any() else np.zeros(log.shape[1])
        for i, t in cells(np.nan_to_num(z) < -limit):
            likely = float(middle[t] * looked.figures[code][i, t])
            found.append(looked.suspect("idle", (i, t), use, float(z[i, t]), limit, likely=likely, against=code))
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
