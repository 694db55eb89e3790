"""Clean series like the real ones: a model of the real panel, from which a panel without errors is drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from relode.maths import suspicion
from relode.maths.numbers import Array, significant
from relode.words.panel import Panel

from .screens_relations import read_relation

WILDEST = 2.5  # freedom of Student's t below which a walk would run away


def regenerate(
    panel: Panel, relations: Sequence[str], rng: np.random.Generator, *, parent: Sequence[int] = (),
    parents: Sequence[str] = (), additive: Sequence[str] = (),
) -> Panel:  # fmt: skip
    """A clean panel like the real one: starts, median growth, ups and downs as there, gaps where they were.

    log x_it = log x_i,t-1 + m_t + s_i e, e of Student's t with the freedom that fits the real ups and downs, jumps that
    come back at once left out; totals are the sums of their parts, parents stand to the sum of their children and
    proxies to the official figure as they really do; written with two decimals, or without any from a million on.
    """
    block = panel.array()
    made = np.stack([walk(block[:, :, n], rng) for n in range(block.shape[2])], axis=2)
    read = [read_relation(text, panel.indicators) for text in relations]
    at = {code: n for n, code in enumerate(panel.indicators)}
    totals = [(at[left], [at[code] for code in right]) for kind, left, right in read if kind == "="]
    _totals(made, totals)
    for kind, left, right in read:
        if kind == "~":
            for code in right:
                _tied(block, made, at[left], at[code], rng)
        if kind == "/":
            _tied(block, made, at[right[0]], at[left], rng)
    for code in additive:
        _summed(panel, made, at[code], parent, parents, rng)
    made = written(made)
    _totals(made, totals)  # of the parts as they are written
    made[np.isnan(block)] = np.nan
    return Panel(made[None], ("actual",), panel.entities, panel.periods, panel.indicators, units=panel.units)


def _totals(made: Array, totals: Sequence[tuple[int, list[int]]]) -> None:
    """Totals become the sums of their parts, where the parts are there."""
    for left, right in totals:
        whole = made[:, :, right].sum(axis=2)
        made[:, :, left] = np.where(np.isnan(whole), made[:, :, left], whole)


def walk(x: Array, rng: np.random.Generator) -> Array:
    """One indicator drawn anew from its model. Shape (n, T) -> (n, T), > 0; NaN rows where nothing is known"""
    e = suspicion.expected(x)
    usual = suspicion.scale(e.growth)
    usual = np.minimum(usual, 3 * np.median(usual))
    start = np.array([row[~np.isnan(row)][0] if (~np.isnan(row)).any() else np.nan for row in e.log])
    shocks = usual * _student(suspicion.steady(e), rng, x.shape)
    shocks[:, 0] = 0.0
    middle = np.nan_to_num(suspicion.middle(np.diff(e.log, axis=1), axis=0))
    made: Array = np.exp(start[:, None] + np.concatenate([[0.0], np.cumsum(middle)]) + np.cumsum(shocks, axis=1))
    return made


def _student(z: Array, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draws with the tails of z and the usual size (1.4826 MAD) one."""
    from scipy.special import stdtrit

    free = max(suspicion.freedom(z), WILDEST)
    drawn: Array = rng.standard_t(free, shape) / (1.4826 * float(stdtrit(free, 0.75)))
    return drawn


def _tied(block: Array, made: Array, official: int, other: int, rng: np.random.Generator) -> None:
    """A proxy, or what is used of a capacity, keeps its own ups and downs around the other, as the two really do."""
    with np.errstate(invalid="ignore", divide="ignore"):
        made[:, :, other] = made[:, :, official] * walk(block[:, :, other] / block[:, :, official], rng)


def _summed(
    panel: Panel, made: Array, n: int, parent: Sequence[int], parents: Sequence[str], rng: np.random.Generator
) -> None:
    """Parents that are in the panel stand to the sum of their children as they really do."""
    block, of = panel.array()[:, :, n], np.array(parent)
    there = [k for k, name in enumerate(parents) if name in panel.entities]
    if not there:
        return
    at = [panel.entities.index(parents[k]) for k in there]
    with np.errstate(invalid="ignore", divide="ignore"):
        cover = np.log(np.stack([block[i] / block[of == k].sum(axis=0) for i, k in zip(at, there, strict=True)]))
    usual = np.maximum(suspicion.middle(cover, axis=1)[:, None], 0.0)  # the parts of a clean whole never exceed it
    spread = 1.4826 * float(suspicion.middle(np.abs(cover - suspicion.middle(cover, axis=1)[:, None]).ravel(), axis=0))
    around = np.exp(usual + spread * rng.standard_normal(cover.shape))
    for i, k, ratio in zip(at, there, around, strict=True):
        made[i, :, n] = np.where(np.isnan(ratio), made[i, :, n], made[of == k, :, n].sum(axis=0) * ratio)


def written(x: Array) -> Array:
    """As tables show figures: two decimals, none from a million on, six digits where a figure is smaller than one."""
    with np.errstate(invalid="ignore"):
        found: Array = np.where(x < 1, significant(x, 6), np.where(x < 1e6, np.round(x, 2), np.round(x)))
    return found
