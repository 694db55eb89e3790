"""Errors planted into clean series: what do the screens find?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from relode.maths import suspicion
from relode.maths.numbers import Array
from relode.words.panel import Panel

from .regenerated import written
from .screens_relations import read_relation


@dataclass(frozen=True)
class Cell:
    """Where an error was planted. `period` -1: the whole series.

    `among`  indicators of which any may be named: a total that is not its parts has no single culprit
    `also`   another entity that may be named in its stead: of two that are alike, either is the copy
    """

    entity: int
    period: int
    indicator: int
    among: tuple[int, ...] = ()
    also: int = -1


@dataclass(frozen=True, eq=False)
class Ground:
    """What errors are planted into: the figures (entity, period, indicator), who belongs to whom, what goes together.

    `children`   entity -> its children, where both are in the panel
    `relations`  kind (one of `= ~ < /`) -> (left, rights), as places of indicators
    `additive`   indicators that add up over entities
    """

    block: Array
    parent: Sequence[int]
    relations: dict[str, list[tuple[int, list[int]]]]
    children: dict[int, list[int]]
    additive: tuple[int, ...]
    rng: np.random.Generator

    def one_of(self, kind: str) -> tuple[int, list[int]]:
        """A relation of this kind."""
        return self.relations[kind][int(self.rng.integers(len(self.relations[kind])))]

    def by(self, low: float, high: float) -> float:
        """A factor up or down."""
        return float(np.exp(self.rng.choice([-1, 1]) * self.rng.uniform(low, high)))

    def change(self, at: Any, figures: Array | float) -> None:
        """Write figures as tables show them."""
        self.block[at] = written(np.asarray(figures))


def plant(
    panel: Panel, kind: str, count: int, rng: np.random.Generator, *, parent: Sequence[int] = (),
    parents: Sequence[str] = (), relations: Sequence[str] = (), additive: Sequence[str] = (),
) -> tuple[Panel, list[Cell]]:  # fmt: skip
    """A copy of the panel with about `count` errors of one kind, never two near one another, and where they are."""
    ground = _ground(panel, rng, parent or [-1] * len(panel.entities), parents, relations, additive)
    hit: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    for _ in range(count * 20 if _fits(ground, kind) else 0):
        if len(hit) >= count * (REVISED if kind == "revision" else 1):
            break
        i, t, n = _somewhere(ground, kind)
        rows = slice(i, i + 1) if kind in ALONE else slice(i - 4, i + 5)
        near = ground.block[rows, t - 3 : t + 4, n]
        if (i, n) in taken or not near.size or np.isnan(near).any() or (near <= 0).any():
            continue
        cells = PLANTS[kind](ground, i, t, n)
        hit += cells
        reach = {"revision": len(ground.block), "children": 0}.get(kind, 8)
        taken |= {(j, n) for j in range(i - reach, i + reach + 1)} if cells else set()
    block = ground.block[None]
    return Panel(block, ("actual",), panel.entities, panel.periods, panel.indicators, units=panel.units), hit


def _ground(
    panel: Panel, rng: np.random.Generator, parent: Sequence[int], parents: Sequence[str], relations: Sequence[str],
    additive: Sequence[str],
) -> Ground:  # fmt: skip
    read = [read_relation(text, panel.indicators) for text in relations]
    kinds: dict[str, list[tuple[int, list[int]]]] = {}
    for kind, left, right in read:
        places = [panel.at("indicator", code) for code in right]
        kinds.setdefault(kind, []).append((panel.at("indicator", left), places))
    children = {panel.entities.index(name): [j for j, of in enumerate(parent) if of == k]
                for k, name in enumerate(parents) if name in panel.entities}  # fmt: skip
    sums = tuple(panel.at("indicator", code) for code in additive)
    return Ground(panel.array().copy(), parent, kinds, children, sums, rng)


def _fits(ground: Ground, kind: str) -> bool:
    """Is there anything that an error of this kind can break?"""
    if kind in RELATED:
        return RELATED[kind] in ground.relations
    return kind not in ("children", "level") or bool(ground.additive and (ground.children or kind == "level"))


def _somewhere(ground: Ground, kind: str) -> tuple[int, int, int]:
    rng, (n, periods, k) = ground.rng, ground.block.shape
    i, t, at = (int(rng.integers(low, high)) for low, high in ((4, n - 4), (3, periods - 3), (0, k)))
    if kind == "children":
        i = int(rng.choice(list(ground.children)))
    if kind in ("children", "level"):
        at = int(rng.choice(ground.additive))
    if kind in RELATED:
        at = ground.one_of(RELATED[kind])[0]
    return i, t, at


def _unit(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    ground.block[i, t, n] *= float(ground.rng.choice([0.1, 10.0, 100.0]))
    return [Cell(i, t, n)]


def _spike(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    ground.change((i, t, n), ground.block[i, t, n] * ground.by(0.3, 1.0))
    return [Cell(i, t, n)]


def _swap(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    if abs(np.log(ground.block[i, t, n] / ground.block[i + 1, t, n])) < 0.3:
        return []
    ground.block[[i, i + 1], t, n] = ground.block[[i + 1, i], t, n]
    return [Cell(i, t, n), Cell(i + 1, t, n)]


def _row_shift(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    """Three to nine rows slip by one to three; counted is who now holds a figure that is not near his own."""
    reach = int(ground.rng.integers(1, 5))
    rows = list(range(i - reach, i + reach + 1))
    before = ground.block[rows, t, n].copy()
    ground.block[rows, t, n] = np.roll(before, int(ground.rng.integers(1, min(3, reach) + 1)))
    return [
        Cell(j, t, n) for j, was in zip(rows, before, strict=True) if abs(np.log(ground.block[j, t, n] / was)) > 0.3
    ]


def _level(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    family = [j for j, of in enumerate(ground.parent) if of == ground.parent[i] and of >= 0]
    whole = float(ground.block[family, t, n].sum()) if len(family) > 2 else np.nan
    if not whole > 1.5 * ground.block[i, t, n]:
        return []
    ground.change((i, t, n), whole)
    return [Cell(i, t, n)]


def _repeat(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    ground.block[i, t, n] = ground.block[i, t - 1, n]
    return [Cell(i, t, n)]


def _copy(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    other = int(ground.rng.integers(0, len(ground.block)))
    if not ground.block[other, t, n] > 0 or abs(other - i) < 5:
        return []
    ground.block[i, t, n] = ground.block[other, t, n]
    return [Cell(i, t, n, also=other)]


def _copied_growth(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    for step in (0, 1):
        growth = ground.block[i - 3, t + step, n] / ground.block[i - 3, t + step - 1, n]
        ground.block[i, t + step, n] = ground.block[i, t + step - 1, n] * growth
    return [Cell(i, t + 1, n, also=i - 3)]


def _break(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    ground.change((i, slice(t, None), n), ground.block[i, t:, n] * ground.by(0.4, 1.0))
    return [Cell(i, t, n)]


def _revision(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    """A census: a third of all places are put up in the same period."""
    moved = np.flatnonzero((ground.rng.random(len(ground.block)) < 0.33) & (ground.block[:, t, n] > 0))
    factor = np.exp(ground.rng.uniform(0.4, 0.8, len(moved)))[:, None]
    ground.change((moved, slice(t, None), n), ground.block[moved, t:, n] * factor)
    return [Cell(int(j), t, n) for j in moved]


def _smooth(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    x = ground.block[:, :, n]
    if np.isnan(x[i]).any():
        return []
    usual = np.exp(suspicion.middle(np.diff(suspicion.expected(x).log, axis=1), axis=0))
    ground.block[i, 1:, n] = x[i, 0] * np.cumprod(usual * np.exp(ground.rng.normal(0, 1e-4, len(usual))))
    return [Cell(i, -1, n)]


def _heaping(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    """Figures that are made up end in 0 and 5: the last of three written digits is rounded to them."""
    size = 10.0 ** (np.floor(np.log10(np.abs(ground.block[i, :, n]))) - 2)
    ground.block[i, :, n] = np.round(np.round(ground.block[i, :, n] / size / 5) * 5 * size, 6)
    return [Cell(i, -1, n)]


def _identity(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    """One member of a total is off by 5 to 30 per cent of the total."""
    parts = next(right for left, right in ground.relations["="] if left == n)
    member = int(ground.rng.choice([n, *parts]))
    changed = (
        ground.block[i, t, member] + ground.rng.choice([-1, 1]) * ground.rng.uniform(0.05, 0.3) * ground.block[i, t, n]
    )
    if not changed > 0:
        return []
    ground.change((i, t, member), changed)
    return [Cell(i, t, member, among=(n, *parts))]


def _proxy(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    """The official figure leaves its course for one period, or for good, while the other source stays on it."""
    others = next(right for left, right in ground.relations["~"] if left == n)
    if np.isnan(ground.block[i, t - 3 : t + 4, others]).any():
        return []
    until = t + 1 if ground.rng.random() < 0.5 else None
    ground.change((i, slice(t, until), n), ground.block[i, t:until, n] * ground.by(0.3, 0.8))
    return [Cell(i, t, n, among=(n, *others))]


def _repackaging(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    """A share is put up by a quarter to a doubling and stays, while nothing behind it moves."""
    ground.change((i, slice(t, None), n), ground.block[i, t:, n] * np.exp(ground.rng.uniform(0.25, 0.7)))
    return [Cell(i, t, n)]


def _idle(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    """For three periods a twentieth to a third of what is installed is run."""
    ground.change((i, slice(t, t + 3), n), ground.block[i, t : t + 3, n] * ground.rng.uniform(0.05, 0.33))
    return [Cell(i, t, n)]


def _children(ground: Ground, i: int, t: int, n: int) -> list[Cell]:
    """A parent's figure is a fifth to a half above what its children come to."""
    if np.isnan(ground.block[ground.children[i], t, n]).any():
        return []
    ground.change((i, t, n), ground.block[i, t, n] * ground.rng.uniform(1.2, 1.5))
    return [Cell(i, t, n)]


REVISED = 10  # times as many facts as other errors: a revision moves a third of an indicator at once
RELATED = {"identity": "=", "proxy": "~", "repackaging": "<", "idle": "/"}
"""Errors that need a relation of this kind."""
ALONE = {*RELATED, "children", "break", "spike", "unit", "repeat", "copy"}
"""Errors for which the rows around need not be there."""
PLANTS: dict[str, Callable[[Ground, int, int, int], list[Cell]]] = {
    "unit": _unit, "spike": _spike, "swap": _swap, "row_shift": _row_shift, "level": _level, "repeat": _repeat,
    "copy": _copy, "copied_growth": _copied_growth, "break": _break, "revision": _revision, "smooth": _smooth,
    "heaping": _heaping, "identity": _identity, "proxy": _proxy, "repackaging": _repackaging, "idle": _idle,
    "children": _children,
}  # fmt: skip
