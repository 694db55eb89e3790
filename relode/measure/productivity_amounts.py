"""What efficiency is measured from: inputs, good and bad outputs, checked for what no program can mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from relode.maths.frontier import OPTIMAL, Solved
from relode.maths.numbers import Array
from relode.maths.programs import Amounts
from relode.words.errors import Misfit, Refused
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel

GAP = 1e-7


@dataclass(frozen=True, eq=False)
class Measured:
    """Amounts by entity and period: x (entity, period, m), y, b; `have[entity, period]` where all are there."""

    entities: tuple[str, ...]
    periods: tuple[str, ...]
    x: Array
    y: Array
    b: Array
    notes: tuple[Note, ...]

    @property
    def have(self) -> Array:
        """Who has every amount, by period."""
        whole = np.concatenate([self.x, self.y, self.b], axis=2)
        return np.asarray(~np.isnan(whole).any(axis=2))

    def at(self, t: int) -> Amounts:
        """The amounts of those who have all of them in one period."""
        here = self.have[:, t]
        return Amounts(self.x[here, t], self.y[here, t], self.b[here, t])

    @property
    def pooled(self) -> Amounts:
        """All periods under one another, period by period."""
        parts = [self.at(t) for t in range(len(self.periods))]
        return Amounts(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "y", "b")))


def measured(
    panel: Panel, inputs: Sequence[str], outputs: Sequence[str], bads: Sequence[str], *, balanced: bool = False
) -> Measured:
    """The amounts that the codes name. Raises Misfit and Refused as the methods say."""
    if not inputs or not outputs:
        raise Misfit("productivity.nothing")
    codes = (*inputs, *outputs, *bads)
    if len(set(codes)) < len(codes):
        raise Misfit("productivity.twice", name=next(code for code in codes if codes.count(code) > 1))
    x, y, b = (panel.only(indicators=names).array() if names else np.zeros((*panel.shape[1:3], 0))
               for names in (inputs, outputs, bads))  # fmt: skip
    notes: list[Note] = []
    _check_amounts(panel, codes, np.concatenate([x, y, b], axis=2), len(inputs), len(outputs), notes)
    whole = ~np.isnan(np.concatenate([x, y, b], axis=2)).any(axis=2)
    _check_count(whole, len(codes), panel, notes)
    kept = whole.all(axis=1) if balanced else whole.any(axis=1)
    if balanced and not kept.all():
        gone = [code for code, there in zip(panel.entities, kept, strict=True) if not there]
        if kept.sum() < 2:
            raise Refused("productivity.unbalanced", count=len(gone))
        notes.append(warn("productivity.left_out", count=len(gone), names=", ".join(gone[:5])))
    if balanced and len(panel.periods) < 2:
        raise Misfit("productivity.one_period")
    entities = tuple(code for code, there in zip(panel.entities, kept, strict=True) if there)
    return Measured(entities, panel.periods, x[kept], y[kept], b[kept], (*notes,))


def _check_amounts(panel: Panel, codes: tuple[str, ...], block: Array, m: int, s: int, notes: list[Note]) -> None:
    if (block < 0).any():
        entity, period, n = np.argwhere(block < 0)[0]
        raise Misfit("productivity.negative", name=codes[n], where=f"{panel.entities[entity]}/{panel.periods[period]}")
    nothing = block[:, :, m : m + s] == 0
    if nothing.any():
        entity, period, n = np.argwhere(nothing)[0]
        where = f"{panel.entities[entity]}/{panel.periods[period]}"
        raise Misfit("productivity.zero_output", name=codes[m + n], where=where, count=int(nothing.sum()))
    if (zero := (block == 0).sum(axis=(0, 1))).any():
        names = ", ".join(code for code, count in zip(codes, zero, strict=True) if count)
        notes.append(warn("productivity.zeros", name=names, count=int(zero.sum())))


def _check_count(whole: Array, codes: int, panel: Panel, notes: list[Note]) -> None:
    counts = whole.sum(axis=0)
    if not counts.max():
        raise Misfit("productivity.empty")
    thin = [period for period, count in zip(panel.periods, counts, strict=True) if count < 3 * codes]
    if thin:
        notes.append(warn("productivity.few", count=int(counts.min()), wanted=3 * codes, periods=", ".join(thin[:5])))


def certified(solved: Sequence[Solved]) -> list[Note]:
    """What the certificates say: how many programs were solved, the largest gap, how many had no solution."""
    status = [one for found in solved for one in found.status]
    gaps = np.concatenate([found.gap for found in solved])
    worst = float(np.nanmax(gaps)) if (~np.isnan(gaps)).any() else 0.0
    notes = [remark("productivity.certified", count=len(status), gap=f"{worst:.0e}")]
    if worst > GAP:
        notes.append(warn("productivity.gap", count=int((gaps > GAP).sum()), gap=f"{worst:.0e}"))
    lost = sum(one != OPTIMAL for one in status)
    if lost:
        notes.append(warn("productivity.no_solution", count=lost, of=len(status)))
    return notes
