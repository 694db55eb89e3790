"""The programs of efficiency measurement: slacks-based, super-efficiency, directional distance, radial.

x (n, m) inputs, y (n, s) good outputs, b (n, k) bad outputs; each is first divided by its mean in the reference set,
which changes no score. Rows stand in the order: scale (slacks-based only), inputs, outputs, bads, convexity (if returns
to scale are variable). Slacks are shares of the unit's own figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frontier import Programs
from .numbers import Array

CONSTANT, VARIABLE = "constant", "variable"


@dataclass(frozen=True, eq=False)
class Amounts:
    """What units use and make: x (n, m), y (n, s), b (n, k)."""

    x: Array
    y: Array
    b: Array

    def __len__(self) -> int:
        return len(self.x)

    def only(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Amounts:
        """The amounts of some units."""
        return Amounts(self.x[rows], self.y[rows], self.b[rows])

    def over(self, other: Amounts) -> Amounts:
        """Each over the mean of `other`, so that no program mixes large and small numbers."""
        parts = zip((self.x, self.y, self.b), (other.x, other.y, other.b), strict=True)
        return Amounts(*(mine / np.where(theirs.mean(axis=0) > 0, theirs.mean(axis=0), 1.0) for mine, theirs in parts))


def slacks_based(
    units: Amounts, reference: Amounts, returns: str, side: str, barred: NDArray[np.intp] | None
) -> Programs:
    """Tone's slacks-based measure with bad outputs; with `barred` the super-efficiency of the units themselves. SBM

    rho = min (1 - 1/m sum s-_i / x_io) / (1 + 1/(s+k) (sum s+_r / y_ro + sum s-_k / b_ko))
    s.t. x_o = X l + s-, y_o = Y l - s+, b_o = B l + s-, l >= 0, after Charnes and Cooper
    super:  rho = min (1 + 1/m sum s_i / x_io) / (1 - 1/(s+k) (...)),  x_o + s >= X l, y_o - s <= Y l, b_o + s >= B l,
    the unit itself left out. `side` input keeps only the numerator's slacks, output only the denominator's.
    Source   Tone (2001), EJOR 130, 498-509; Tone (2002), EJOR 143, 32-41; Tone (2003), GRIPS I-2003-0005
    """
    units, reference = units.over(reference), reference.over(reference)
    n, m, s, k = len(units), units.x.shape[1], units.y.shape[1], units.b.shape[1]
    convex = returns == VARIABLE
    rows, f = 1 + m + s + k + convex, 1 + m + s + k
    turn = 1.0 if barred is None else -1.0
    own, figures = np.zeros((n, rows, f)), np.hstack([units.x, units.y, units.b])
    own[:, 0, 0] = 1.0
    own[:, 1 : 1 + m + s + k, 0] = -figures
    way = turn * np.concatenate([np.ones(m), -np.ones(s), np.ones(k)])
    each = np.arange(m + s + k)
    own[:, 1 + each, 1 + each] = figures * way
    if side != "input":
        own[:, 0, 1 + m :] = turn / (s + k)
    if convex:
        own[:, -1, 0] = -1.0
    cost = np.zeros((n, f))
    cost[:, 0] = 1.0
    if side != "output":
        cost[:, 1 : 1 + m] = -turn / m
    lower, upper = np.zeros((n, rows)), np.zeros((n, rows))
    lower[:, 0] = upper[:, 0] = 1.0
    top = np.full((n, f), np.inf)
    top[:, 1:][figures == 0] = 0.0  # nothing can be saved of nothing
    if barred is not None:
        lower[:, 1 : 1 + m] = lower[:, 1 + m + s : 1 + m + s + k] = -np.inf
        upper[:, 1 + m : 1 + m + s] = np.inf
        fixed = {"input": slice(1 + m, f), "output": slice(1, 1 + m)}.get(side)
        if fixed:
            top[:, fixed] = 0.0
    column = np.hstack([np.zeros((len(reference), 1)), reference.x, reference.y, reference.b])
    if convex:
        column = np.hstack([column, np.ones((len(reference), 1))])
    out = np.full(n, -1, np.intp) if barred is None else barred
    return Programs(column, own, cost, lower, upper, np.zeros((n, f)), top, out)


def directional(
    units: Amounts, reference: Amounts, returns: str, direction: tuple[float, float, float], weak: bool
) -> Programs:
    """The directional distance: how far can outputs rise while bads (and inputs) fall? The value is -beta. DDF

    max beta: X l <= x - beta g_x, Y l >= y + beta g_y, B l = b - beta g_b (<= where bads are freely disposable)
    `direction` says how much of (x, y, b) is the way of each: (0, 1, 1) is Chung's (0, y, -b). beta may be negative:
    the unit then lies beyond the frontier of the reference set.
    Source   Chung, Färe and Grosskopf (1997), J. Environmental Management 51, 229-240
    """
    units, reference = units.over(reference), reference.over(reference)
    n, m, s, k = len(units), units.x.shape[1], units.y.shape[1], units.b.shape[1]
    convex = returns == VARIABLE
    figures = np.hstack([units.x, units.y, units.b, *([np.ones((n, 1))] if convex else [])])
    own = np.zeros((n, figures.shape[1], 1))
    own[:, :m, 0], own[:, m : m + s, 0] = direction[0] * units.x, -direction[1] * units.y
    own[:, m + s : m + s + k, 0] = direction[2] * units.b
    lower, upper = figures.copy(), figures.copy()
    lower[:, :m], upper[:, m : m + s] = -np.inf, np.inf
    if not weak:
        lower[:, m + s : m + s + k] = -np.inf
    column = np.hstack([reference.x, reference.y, reference.b, *([np.ones((len(reference), 1))] if convex else [])])
    free = np.full((n, 1), np.inf)
    return Programs(column, own, np.full((n, 1), -1.0), lower, upper, -free, free, np.full(n, -1, np.intp))


def radial(units: Amounts, reference: Amounts, returns: str, side: str) -> Programs:
    """The radial measure: by how much could all inputs shrink (theta), or all outputs grow (the value is -phi)?

    input: min theta, X l <= theta x, Y l >= y;   output: max phi, X l <= x, Y l >= phi y.  Bad outputs play no part.
    Source   Charnes, Cooper and Rhodes (1978); Banker, Charnes and Cooper (1984)
    """
    units, reference = units.over(reference), reference.over(reference)
    n, m, s = len(units), units.x.shape[1], units.y.shape[1]
    convex = returns == VARIABLE
    inward = side == "input"
    own = np.zeros((n, m + s + convex, 1))
    lower, upper = np.full((n, m + s + convex), -np.inf), np.full((n, m + s + convex), np.inf)
    upper[:, :m], lower[:, m : m + s] = (0.0, units.y) if inward else (units.x, 0.0)
    if inward:
        own[:, :m, 0] = -units.x
    else:
        own[:, m : m + s, 0] = -units.y
    if convex:
        lower[:, -1] = upper[:, -1] = 1.0
    column = np.hstack([reference.x, reference.y, *([np.ones((len(reference), 1))] if convex else [])])
    cost = np.full((n, 1), 1.0 if inward else -1.0)
    free = np.full((n, 1), np.inf)
    return Programs(column, own, cost, lower, upper, np.zeros((n, 1)), free, np.full(n, -1, np.intp))


def promising(reference: Amounts, most: int = 12) -> NDArray[np.intp]:
    """Units that are likely to carry the frontier: the best in each ratio of output to input, and the extremes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = [np.argmax(np.where(x > 0, y / x, -1)) for x in reference.x.T for y in reference.y.T]
        clean = [np.argmax(np.where(b > 0, y / b, -1)) for b in reference.b.T for y in reference.y.T]
    ends = [*np.argmin(reference.x, axis=0), *np.argmax(reference.y, axis=0), *np.argmin(reference.b, axis=0)]
    return np.unique(np.array([*ratios, *clean, *ends], np.intp))[:most]
