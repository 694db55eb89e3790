"""From rows of integer codes to a dense Panel: axes are chosen, series are settled, cells are filled.

DuckDB has selected; from here on it is arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..words.codelist import STATUSES
from ..words.errors import Misfit
from ..words.panel import AXES, MOST_CELLS, Panel

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """What `Reader.newest` selects: one row per key and series, ids on the axes."""

    axes: Mapping[str, Ints]  # scenario, entity, period, indicator -> ids
    series: Ints
    rank: Ints
    value: NDArray[np.float64]
    status: NDArray[np.uint8]
    batch: NDArray[np.int32]

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> Rows:
        """The rows from what `fetchnumpy` gives; a value that is NULL is NaN."""
        whole = {name: np.ma.getdata(column).astype(np.int64) for name, column in columns.items() if name != "value"}
        return cls(
            {axis: whole[axis] for axis in AXES}, whole["series"], whole["rank"],
            np.ma.filled(columns["value"].astype(np.float64), np.nan),
            whole["status"].astype(np.uint8), whole["batch"].astype(np.int32),
        )  # fmt: skip


@dataclass(frozen=True)
class Axis:
    """The codes of one axis in order, and the store's id of each (-1 where the store has none)."""

    codes: tuple[str, ...]
    ids: tuple[int, ...]

    def at(self, ids: Ints) -> Ints:
        """Where each id stands on the axis; all of them do."""
        table = np.zeros(max([*self.ids, 0]) + 1, np.int64)
        for place, number in enumerate(self.ids):
            if number >= 0:
                table[number] = place
        return table[ids]


def chosen(rows: Rows, cell: Ints) -> tuple[NDArray[np.intp], bool]:
    """Which row serves each cell: the best preferred series that has the key, withdrawn or not.

    Returns the rows, and whether series that nobody prefers disagree somewhere.
    """
    order = np.lexsort((rows.series, rows.rank, cell))
    ordered = cell[order]
    first = np.append(True, ordered[1:] != ordered[:-1]) if len(order) else np.zeros(0, bool)
    if first.all():
        return order, False
    best = order[first][np.cumsum(first) - 1]  # for every row the one that serves its cell
    level = rows.rank[order] == rows.rank[best]  # a preferred series has a rank of its own
    a, b = rows.value[order], rows.value[best]
    differ = level & (a != b) & ~(np.isnan(a) & np.isnan(b))
    return order[first], bool(differ.any())


def cells_of(rows: Rows, axes: Mapping[str, Axis]) -> Ints:
    """The flat cell of each row. Raises Misfit above 50 million cells."""
    shape = tuple(len(axes[axis].codes) for axis in AXES)
    if np.prod(shape, dtype=float) > MOST_CELLS:
        raise Misfit("panel.size", cells=int(np.prod(shape, dtype=float)), most=MOST_CELLS)
    cell = np.zeros(len(rows.value), np.int64)
    for axis, length in zip(AXES, shape, strict=True):
        cell = cell * length + axes[axis].at(rows.axes[axis])
    return cell


def fill(
    rows: Rows,
    serving: NDArray[np.intp],
    cell: Ints,
    axes: Mapping[str, Axis],
    units: tuple[str, ...],
    sources: tuple[str, ...],
) -> Panel:
    """The Panel of the rows that serve; what no row serves is NaN, status M, batch -1."""
    shape = tuple(len(axes[axis].codes) for axis in AXES)
    size = int(np.prod(shape))
    value = np.full(size, np.nan)
    status = np.full(size, STATUSES.index("M"), np.uint8)
    batch = np.full(size, -1, np.int32)
    at = cell[serving]
    value[at], status[at], batch[at] = rows.value[serving], rows.status[serving], rows.batch[serving]
    scenarios, entities, periods, indicators = (axes[axis].codes for axis in AXES)
    return Panel(
        value.reshape(shape), scenarios, entities, periods, indicators,
        units=units, status=status.reshape(shape), batch=batch.reshape(shape), sources=sources,
    )  # fmt: skip
