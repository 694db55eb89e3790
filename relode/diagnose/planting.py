"""Series regenerated from a model of the real ones, and errors planted into them: what do the screens find?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from relode.maths.numbers import Array
from relode.maths.suspicion import expected, scale
from relode.words.panel import Panel

from .screens_relations import read_relation

Cell = tuple[int, int, int]  # entity, period, indicator


def regenerate(panel: Panel, relations: Sequence[str], rng: np.random.Generator) -> Panel:
    """A clean panel like the real one: starts, median growth, ups and downs as there, gaps where they were.

    log x_it = log x_i,t-1 + m_t + s_i e, e of Student's t with the freedom that fits the real ups and downs; totals are
    the sums of their parts; figures are written with two decimals, or without any from a million on.
    """
    block = panel.array()
    made = np.stack([_series(block[:, :, n], rng) for n in range(block.shape[2])], axis=2)
    for text in relations:
        kind, left, right = read_relation(text, panel.indicators)
        if kind == "=":
            made[:, :, panel.at("indicator", left)] = sum(made[:, :, panel.at("indicator", code)] for code in right)
        if kind == "~":
            _tied(panel, made, left, right, rng)
    made[np.isnan(block)] = np.nan
    return Panel(made[None], ("actual",), panel.entities, panel.periods, panel.indicators, units=panel.units)


def _series(x: Array, rng: np.random.Generator) -> Array:
    e = expected(x)
    usual = np.minimum(scale(e.growth), 3 * np.median(scale(e.growth)))
    start = np.array([row[~np.isnan(row)][0] if (~np.isnan(row)).any() else np.nan for row in e.log])
    with np.errstate(invalid="ignore"):
        middle = np.nan_to_num(np.nanmedian(np.diff(e.log, axis=1), axis=0))
    shocks = usual * _student(e.growth / usual, rng, x.shape)
    shocks[:, 0] = 0.0
    made = np.exp(start[:, None] + np.concatenate([[0.0], np.cumsum(middle)]) + np.cumsum(shocks, axis=1))
    return _written(made)


def _student(z: Array, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draws whose 98th to 75th percentile stand as the real ones' do, with the usual size (1.4826 MAD) one."""
    from scipy.stats import t as student

    have = np.abs(z[~np.isnan(z)])
    want = float(np.quantile(have, 0.96) / max(float(np.quantile(have, 0.5)), 1e-9)) if len(have) else 3.0
    frees = np.array([2.5, 3.0, 4.0, 5.0, 8.0, 15.0, 50.0])
    ratio = student.ppf(0.98, frees) / student.ppf(0.75, frees)
    free = float(frees[np.abs(ratio - want).argmin()])
    drawn: Array = rng.standard_t(free, shape) / (1.4826 * float(student.ppf(0.75, free)))
    return drawn


def _tied(panel: Panel, made: Array, left: str, right: list[str], rng: np.random.Generator) -> None:
    """A proxy keeps its own start and ups and downs around the official series, as the two really do."""
    block, at = panel.array(), panel.at("indicator", left)
    for code in right:
        other = panel.at("indicator", code)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = block[:, :, other] / block[:, :, at]
        made[:, :, other] = _written(made[:, :, at] * _series(ratio, rng))


def _written(x: Array) -> Array:
    return np.where(x < 1e6, np.round(x, 2), np.round(x))


def plant(panel: Panel, kind: str, count: int, rng: np.random.Generator, parent: list[int]) -> tuple[Panel, list[Cell]]:
    """A copy of the panel with `count` errors of one kind, never two near one another, and where they are."""
    block = panel.array().copy()
    hit: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    for _ in range(count * 20):
        if len(hit) >= count:
            break
        i, t, n = (int(rng.integers(low, high)) for low, high in
                   ((4, block.shape[0] - 4), (3, block.shape[1] - 3), (0, block.shape[2])))  # fmt: skip
        near = block[i - 4 : i + 5, t - 3 : t + 4, n]
        if (i, n) in taken or np.isnan(near).any() or (near <= 0).any():
            continue
        cells = PLANTS[kind](block, i, t, n, rng, parent)
        hit += cells
        taken |= {(j, n) for j in range(i - 8, i + 9)} if cells else set()
    made = Panel(block[None], ("actual",), panel.entities, panel.periods, panel.indicators, units=panel.units)
    return made, hit


def _unit(block: Array, i: int, t: int, n: int, rng: np.random.Generator, parent: list[int]) -> list[Cell]:
    block[i, t, n] *= float(rng.choice([0.1, 10.0, 100.0]))
    return [(i, t, n)]


def _spike(block: Array, i: int, t: int, n: int, rng: np.random.Generator, parent: list[int]) -> list[Cell]:
    block[i, t, n] = np.round(block[i, t, n] * np.exp(rng.choice([-1, 1]) * rng.uniform(0.3, 1.0)), 2)
    return [(i, t, n)]


def _swap(block: Array, i: int, t: int, n: int, rng: np.random.Generator, parent: list[int]) -> list[Cell]:
    if abs(np.log(block[i, t, n] / block[i + 1, t, n])) < 0.3:
        return []
    block[[i, i + 1], t, n] = block[[i + 1, i], t, n]
    return [(i, t, n), (i + 1, t, n)]


def _row_shift(block: Array, i: int, t: int, n: int, rng: np.random.Generator, parent: list[int]) -> list[Cell]:
    rows = list(range(i - 2, i + 3))
    before = block[rows, t, n].copy()
    block[rows, t, n] = np.roll(before, 1)
    return [(j, t, n) for j, was in zip(rows, before, strict=True) if abs(np.log(block[j, t, n] / was)) > 0.3]


def _level(block: Array, i: int, t: int, n: int, rng: np.random.Generator, parent: list[int]) -> list[Cell]:
    family = [j for j, of in enumerate(parent) if of == parent[i] and of >= 0]
    whole = float(block[family, t, n].sum()) if len(family) > 2 else np.nan
    if not whole > 1.5 * block[i, t, n]:
        return []
    block[i, t, n] = np.round(whole, 2)
    return [(i, t, n)]


def _repeat(block: Array, i: int, t: int, n: int, rng: np.random.Generator, parent: list[int]) -> list[Cell]:
    block[i, t, n] = block[i, t - 1, n]
    return [(i, t, n)]


def _copied_growth(block: Array, i: int, t: int, n: int, rng: np.random.Generator, parent: list[int]) -> list[Cell]:
    for step in (0, 1):
        block[i, t + step, n] = block[i, t + step - 1, n] * block[i - 3, t + step, n] / block[i - 3, t + step - 1, n]
    return [(i, t + 1, n)]


def _break(block: Array, i: int, t: int, n: int, rng: np.random.Generator, parent: list[int]) -> list[Cell]:
    block[i, t:, n] = np.round(block[i, t:, n] * np.exp(rng.choice([-1, 1]) * rng.uniform(0.4, 1.0)), 2)
    return [(i, t, n)]


def _smooth(block: Array, i: int, t: int, n: int, rng: np.random.Generator, parent: list[int]) -> list[Cell]:
    if np.isnan(block[i, :, n]).any():
        return []
    usual = np.exp(np.nanmedian(np.diff(np.log(np.where(block[:, :, n] > 0, block[:, :, n], np.nan)), axis=1), axis=0))
    block[i, 1:, n] = block[i, 0, n] * np.cumprod(usual * np.exp(rng.normal(0, 1e-4, len(usual))))
    return [(i, -1, n)]


def _heaping(block: Array, i: int, t: int, n: int, rng: np.random.Generator, parent: list[int]) -> list[Cell]:
    """Figures that are made up end in 0 and 5: the last of three written digits is rounded to them."""
    size = 10.0 ** (np.floor(np.log10(np.abs(block[i, :, n]))) - 2)
    block[i, :, n] = np.round(np.round(block[i, :, n] / size / 5) * 5 * size, 6)
    return [(i, -1, n)]


PLANTS: dict[str, Callable[[Array, int, int, int, np.random.Generator, list[int]], list[Cell]]] = {
    "unit": _unit, "spike": _spike, "swap": _swap, "row_shift": _row_shift, "level": _level, "repeat": _repeat,
    "copied_growth": _copied_growth, "break": _break, "smooth": _smooth, "heaping": _heaping,
}  # fmt: skip
