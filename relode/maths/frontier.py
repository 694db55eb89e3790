"""Frontiers: who does the most with the least, and how far are the others from it? 数据包络分析

Every model here is a linear program with one column per unit of the reference set and a few columns of its own
(`programs.py`). Only a handful of units ever carry the frontier, so a program starts with those that are known to,
is solved by HiGHS from the last unit's basis, and is then priced over *all* units: a unit that would still improve it
joins, until none does. What comes back is therefore optimal over the whole reference set, with a certificate per
unit - the gap between primal and dual value - and not merely over the units that happened to be in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .numbers import Array

TOLERANCE = 1e-9
MOST_JOINING = 4  # units that join at once
CHUNK = 32  # programs that are priced together
OPTIMAL, INFEASIBLE, UNBOUNDED, UNSOLVED = "optimal", "infeasible", "unbounded", "unsolved"


@dataclass(frozen=True, eq=False)
class Programs:
    """One linear program per unit: minimise cost y, own y + column lambda between `lower` and `upper`, y <= `top`.

    column  (n, rows)      what a unit of the reference set adds to each row
    own     (units, rows, f)    the coefficients of the program's own columns
    cost    (units, f); lower, upper (units, rows); bottom, top (units, f)
    barred  (units,)       the unit of the reference set that may not take part, -1 for none
    """

    column: Array
    own: Array
    cost: Array
    lower: Array
    upper: Array
    bottom: Array
    top: Array
    barred: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.own)


@dataclass(frozen=True, eq=False)
class Solved:
    """value (units,), NaN unless optimal; own (units, f); status; gap between primal and dual, of the scale of value

    peers  one (indices, lambdas) for each unit: who of the reference set it is measured against
    """

    value: Array
    own: Array
    status: tuple[str, ...]
    gap: Array
    peers: tuple[tuple[NDArray[np.intp], Array], ...]

    @property
    def carriers(self) -> NDArray[np.intp]:
        """All units of the reference set that anyone is measured against."""
        found = [who for who, _ in self.peers if len(who)]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.intp)


def solve(programs: Programs, start: NDArray[np.intp]) -> Solved:
    """Solve all programs, with `start` as the first units of the reference set that take part.

    Infeasible stays infeasible (value NaN): it is only said after all units of the reference set took part.
    """
    order = _alike(programs)
    model = _Model(programs, start, order[0])
    found: dict[int, _One] = {}
    for first in range(0, len(order), CHUNK):
        found |= model.some(order[first : first + CHUNK])
    f = programs.own.shape[2]
    own, dual = np.full((len(programs), f), np.nan), np.full((len(programs), programs.column.shape[1]), np.nan)
    nobody = np.zeros(0, np.intp), np.zeros(0)
    peers = [nobody] * len(programs)
    for unit, one in found.items():
        if one.status == OPTIMAL:
            own[unit], dual[unit] = one.x[:f], one.dual
            carrying = np.flatnonzero(np.array(one.x[f:]) > TOLERANCE)
            peers[unit] = np.array(model.inside, np.intp)[carrying], np.array(one.x)[f:][carrying]
    value = (programs.cost * own).sum(axis=1)
    gap = np.maximum(_gap(programs, value, dual), model.left)
    return Solved(value, own, tuple(found[unit].status for unit in range(len(programs))), gap, tuple(peers))


def _gap(programs: Programs, value: Array, dual: Array) -> Array:
    """The value that the dual solution proves to be the best possible, against the one that was found."""
    edge = np.where(dual > 0, programs.lower, programs.upper)
    own = programs.cost - np.einsum("ur,urf->uf", dual, programs.own)
    end = np.where(own > 0, programs.bottom, programs.top)
    with np.errstate(invalid="ignore"):
        proved = np.where(np.abs(dual) > TOLERANCE, dual * edge, 0.0).sum(axis=1)
        proved += np.where(np.abs(own) > TOLERANCE, own * end, 0.0).sum(axis=1)
    gap: Array = np.abs(value - proved) / (1 + np.abs(value))
    return gap


def _alike(programs: Programs) -> list[int]:
    """The units in an order in which the next is like the last, so that a basis serves on (halved again and again)."""
    sides = np.hstack([programs.lower, programs.upper])
    features = np.hstack([programs.own.reshape(len(programs), -1), np.where(np.isfinite(sides), sides, 0.0)])
    features = np.log(np.abs(features[:, _varying(features)]) + 1e-9)
    if not features.shape[1]:
        return list(range(len(programs)))
    features -= features.mean(axis=1, keepdims=True)  # the mix counts, the size does not
    done: list[NDArray[np.intp]] = []
    left = [np.arange(len(programs))]
    while left:
        rows = left.pop()
        if len(rows) <= 2:
            done.append(rows)
            continue
        widest = int(np.ptp(features[rows], axis=0).argmax())
        rows = rows[np.argsort(features[rows, widest], kind="stable")]
        left += [rows[len(rows) // 2 :], rows[: len(rows) // 2]]
    return [int(n) for n in np.concatenate(done)]


@dataclass(frozen=True)
class _One:
    """The program of one unit as HiGHS left it."""

    status: str
    x: list[float]
    dual: list[float]


class _Model:
    """The HiGHS model that is carried from unit to unit."""

    def __init__(self, programs: Programs, start: NDArray[np.intp], first: int):
        import highspy

        self.highs: Any = highspy
        self.programs = programs
        self.across = np.ascontiguousarray(programs.column.T)
        self.inside = [int(n) for n in start]
        self.place = {n: at for at, n in enumerate(self.inside)}
        self.at = np.nonzero((programs.own != programs.own[0]).any(axis=0))
        self.cells = [(int(i), int(j)) for i, j in zip(*self.at, strict=True)]
        self.costs = _varying(programs.cost)
        self.bounds = sorted({*_varying(programs.bottom), *_varying(programs.top)})
        self.sides = sorted({*_varying(programs.lower), *_varying(programs.upper)})
        self.left = np.full(len(programs), np.nan)  # by how much the worst of all still breaks the proof
        self.solver = self._load(first)
        self.now = first

    def _load(self, unit: int) -> Any:
        """A model with the program of `unit` and the columns of those inside."""
        programs, f = self.programs, self.programs.own.shape[2]
        highs: Any = self.highs.Highs()
        for name, value in (
            ("output_flag", False), ("threads", 1), ("solver", "simplex"), ("presolve", "off"),
            ("simplex_scale_strategy", 0), ("simplex_dual_edge_weight_strategy", 1),
            ("dual_simplex_cost_perturbation_multiplier", 0.0),
            ("primal_feasibility_tolerance", TOLERANCE), ("dual_feasibility_tolerance", TOLERANCE),
        ):  # fmt: skip
            highs.setOptionValue(name, value)
        lp = self.highs.HighsLp()
        matrix = np.hstack([programs.own[unit], programs.column[self.inside].T])
        lp.num_row_, lp.num_col_ = matrix.shape
        lp.col_cost_ = np.concatenate([programs.cost[unit], np.zeros(len(self.inside))])
        lp.col_lower_ = np.concatenate([programs.bottom[unit], np.zeros(len(self.inside))])
        free = np.where(np.array(self.inside, np.intp) == programs.barred[unit], 0.0, np.inf)
        lp.col_upper_ = np.concatenate([programs.top[unit], free])
        lp.row_lower_, lp.row_upper_ = programs.lower[unit], programs.upper[unit]
        lp.a_matrix_.format_ = self.highs.MatrixFormat.kColwise
        rows = matrix.shape[0]
        lp.a_matrix_.start_ = np.arange(0, matrix.size + 1, rows, dtype=np.int32)
        lp.a_matrix_.index_ = np.tile(np.arange(rows, dtype=np.int32), f + len(self.inside))
        lp.a_matrix_.value_ = matrix.T.ravel()
        highs.passModel(lp)
        return highs

    def _turn(self, unit: int) -> None:
        """Change what differs between the program that is loaded and that of `unit`."""
        if unit == self.now:
            return
        programs, highs, last, f = self.programs, self.solver, self.now, self.programs.own.shape[2]
        for (i, j), value in zip(self.cells, programs.own[unit][self.at].tolist(), strict=True):
            highs.changeCoeff(i, j, value)
        for j in self.costs:
            highs.changeColCost(j, float(programs.cost[unit, j]))
        for j in self.bounds:
            highs.changeColBounds(j, float(programs.bottom[unit, j]), float(programs.top[unit, j]))
        for i in self.sides:
            highs.changeRowBounds(i, float(programs.lower[unit, i]), float(programs.upper[unit, i]))
        for who, most in ((int(programs.barred[last]), np.inf), (int(programs.barred[unit]), 0.0)):
            if who in self.place:
                highs.changeColBounds(f + self.place[who], 0.0, most)
        self.now = unit

    def _join(self, who: NDArray[np.intp]) -> None:
        rows = np.arange(self.programs.column.shape[1], dtype=np.int32)
        for n in who.tolist():
            most = 0.0 if n == self.programs.barred[self.now] else np.inf
            self.solver.addCol(0.0, 0.0, most, len(rows), rows, self.programs.column[n])
            self.place[n] = len(self.inside)
            self.inside.append(n)

    def some(self, units: list[int]) -> dict[int, _One]:
        """Programs solved over the whole reference set: solved, priced together, and again where someone joined."""
        found: dict[int, _One] = {}
        left = list(units)
        while left:
            found |= {unit: self.one(unit) for unit in left}
            left = [unit for unit in left if found[unit].status == OPTIMAL]
            left = self._improvable({unit: found[unit] for unit in left}) if left else []
        return found

    def one(self, unit: int) -> _One:
        """One program, solved over those inside; an infeasible one over all that could help."""
        self._turn(unit)
        while True:
            status = self._run()
            if status != INFEASIBLE or len(self.inside) == len(self.programs.column):
                break
            self._join(self._needed())
        if status != OPTIMAL:
            return _One(status, [], [])
        solution = self.solver.getSolution()
        return _One(status, solution.col_value, solution.row_dual)

    def _needed(self) -> NDArray[np.intp]:
        """Who could make an infeasible program feasible: those who break the proof that it is not (Farkas)."""
        missing = np.setdiff1d(np.arange(len(self.programs.column)), self.inside)
        _, proof, ray = self.solver.getDualRay()
        if not proof:
            return missing
        worth = self.programs.column @ np.array(ray)
        side = 1.0 if worth[self.inside].sum() <= 0 else -1.0
        order = missing[np.argsort(-side * worth[missing], kind="stable")]
        helpful = order[side * worth[order] > TOLERANCE][:MOST_JOINING]
        return helpful if len(helpful) else missing

    def _run(self) -> str:
        model = self.highs.HighsModelStatus
        self.solver.run()
        status = self.solver.getModelStatus()
        if status == model.kOptimal:
            return OPTIMAL
        if status not in (model.kInfeasible, model.kUnbounded):
            self.solver = self._load(self.now)  # a cold start without the last basis
            self.solver.run()
            status = self.solver.getModelStatus()
        known = {model.kOptimal: OPTIMAL, model.kInfeasible: INFEASIBLE, model.kUnbounded: UNBOUNDED}
        return known.get(status, UNSOLVED)

    def _improvable(self, solved: dict[int, _One]) -> list[int]:
        """The programs that someone who was not in would still improve; for each the best of those joins."""
        units, f = list(solved), self.programs.own.shape[2]
        dual = np.array([one.dual for one in solved.values()])
        worth = np.einsum("ur,rn->un", dual, self.across)  # not BLAS: its threads wait for one another here
        barred = self.programs.barred[units]
        worth[np.flatnonzero(barred >= 0), barred[barred >= 0]] = 0.0
        size = np.abs(dual).max(axis=1)
        self.left[units] = np.maximum(worth.max(axis=1), 0.0) / (1 + size)
        rows = np.flatnonzero(worth.max(axis=1) > 10 * TOLERANCE + 1e-13 * size)
        for row in rows:  # who was in has been priced by HiGHS itself
            worth[row, self.inside[: len(solved[units[row]].x) - f]] = 0.0
        rows = rows[worth[rows].max(axis=1, initial=0.0) > 10 * TOLERANCE + 1e-13 * size[rows]]
        if len(rows):
            self._join(np.setdiff1d(worth[rows].argmax(axis=1), self.inside))
        return [units[row] for row in rows]


def _varying(x: Array) -> list[int]:
    """The columns in which units differ."""
    return [int(j) for j in np.flatnonzero((x != x[0]).any(axis=0))]
