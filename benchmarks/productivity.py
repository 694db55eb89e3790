"""Slacks-based efficiency with a bad output against one scipy-HiGHS call per unit: processor time.

    python benchmarks/productivity.py [units per year] [years]

Promises, at 300 units x 24 years: the yearly frontiers at least 20 times one scipy-HiGHS call per unit, the global
frontier with the global Malmquist-Luenberger index at least 100 times. The scipy side is timed on a sample of units.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from scipy.optimize import linprog

from relode.maths import programs
from relode.maths.frontier import Programs, solve
from relode.maths.programs import Amounts
from relode.measure.productivity import productivity
from relode.words.panel import Panel

SAMPLE = 12


def data(n: int, years: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three inputs, two outputs, one bad, (unit, year, amount)."""
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 10, (n, years, 3))
    waste = rng.uniform(0.4, 1, (n, years, 1)) * np.linspace(1, 1.4, years)[None, :, None]
    y = np.concatenate([x.prod(axis=2, keepdims=True) ** 0.3, x.sum(axis=2, keepdims=True)], axis=2) * waste
    return x, y, x.sum(axis=2, keepdims=True) * rng.uniform(0.5, 1.5, (n, years, 1))


def by_scipy(made: Programs, units: list[int]) -> tuple[float, list[float]]:
    """Seconds of processor time per unit, and values, each unit a program of its own over the whole reference set."""
    values, start = [], time.process_time()
    for o in units:
        matrix = np.hstack([made.own[o], made.column.T])
        cost = np.concatenate([made.cost[o], np.zeros(len(made.column))])
        bounds = [*zip(made.bottom[o], made.top[o], strict=True), *[(0, None)] * len(made.column)]
        low, high = made.lower[o], made.upper[o]
        same = low == high
        less = np.vstack([matrix[~same & np.isfinite(high)], -matrix[~same & np.isfinite(low)]])
        limit = np.concatenate([high[~same & np.isfinite(high)], -low[~same & np.isfinite(low)]])
        equal, right = (matrix[same], high[same]) if same.any() else (None, None)
        found = linprog(cost, less if len(less) else None, limit if len(less) else None, equal, right, bounds=bounds,
                        method="highs")  # fmt: skip
        values.append(float(found.fun))
    return (time.process_time() - start) / len(units), values


def main(n: int = 300, years: int = 24) -> None:
    """Both sides, and how far apart their values are."""
    x, y, b = data(n, years)
    yearly = [Amounts(x[:, t], y[:, t], b[:, t]) for t in range(years)]
    pooled = Amounts(*(np.concatenate([getattr(part, name) for part in yearly]) for name in ("x", "y", "b")))
    sample = list(np.random.default_rng(1).integers(0, n, SAMPLE))

    made = [programs.slacks_based(units, units, "variable", "both", None) for units in yearly]
    solve(made[0], programs.promising(yearly[0]))
    start = time.process_time()
    found = [solve(one, programs.promising(units)) for one, units in zip(made, yearly, strict=True)]
    ours = (time.process_time() - start) / (n * years)
    theirs, values = by_scipy(made[0], sample)
    apart = max(abs(found[0].value[o] - v) for o, v in zip(sample, values, strict=True))
    gap = max(float(np.nanmax(one.gap)) for one in found)
    print(f"yearly frontiers, {n} x {years} units: {ours * 1e3:.3f} ms a unit; scipy-HiGHS {theirs * 1e3:.2f} ms: "
          f"{theirs / ours:.0f} x; largest gap {gap:.0e}, apart {apart:.0e}")  # fmt: skip

    start = time.process_time()
    best = np.concatenate([t * n + one.carriers for t, one in enumerate(found)])
    first = solve(
        programs.slacks_based(pooled.only(best), pooled, "variable", "both", None), programs.promising(pooled)
    )
    whole = programs.slacks_based(pooled, pooled, "variable", "both", None)
    everyone = solve(whole, first.carriers)
    sbm = time.process_time() - start
    panel = Panel(np.concatenate([x, y, b], axis=2)[None], ("actual",), tuple(f"u{i}" for i in range(n)),
                  tuple(str(2000 + t) for t in range(years)), ("x1", "x2", "x3", "y1", "y2", "b1"))  # fmt: skip
    start = time.process_time()
    productivity(panel, inputs=("x1", "x2", "x3"), outputs=("y1", "y2"), bads=("b1",), draws=0)
    gml = time.process_time() - start
    slow, values = by_scipy(whole, sample)
    distance = programs.directional(pooled, pooled, "constant", (0.0, 1.0, 1.0), False)
    slow_distance, _ = by_scipy(distance, sample[:6])
    near = [programs.directional(units, units, "constant", (0.0, 1.0, 1.0), False) for units in yearly[:1]]
    slow_near, _ = by_scipy(near[0], sample)
    theirs = n * years * (slow + slow_distance + slow_near)
    apart = max(abs(everyone.value[o] - value) for o, value in zip(sample, values, strict=True))
    print(f"global frontier {sbm:.1f} s and GML {gml:.1f} s over {n * years} columns; scipy-HiGHS, from a sample, "
          f"{theirs:,.0f} s: {theirs / (sbm + gml):.0f} x; largest gap {np.nanmax(everyone.gap):.0e}, "
          f"apart {apart:.0e}, {len(everyone.carriers)} carry it")  # fmt: skip


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
