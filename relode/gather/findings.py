"""Findings: what a check of figures tells, as a tidy table.

finding   what was checked: parts, whole, double, conflict, jump, unit_slip, zero, unchanged, copied, range, break
entity, period, indicator
measured, expected    the figure, and what it was held against (empty where there is no such figure)
gap       how far apart, as a share of what was expected
reason    what it most likely is: row_shift, unit, boundary, blank, rounding, coverage, or unknown
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..words.panel import Panel, Values

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("finding", "entity", "period", "indicator", "measured", "expected", "gap", "reason")
FINDINGS = (
    "parts", "whole", "double", "conflict", "jump", "unit_slip", "zero", "unchanged", "copied", "range", "break",
)  # fmt: skip
REASONS = ("row_shift", "unit", "boundary", "blank", "rounding", "coverage", "unknown")
Mask = NDArray[np.bool_]


def table(
    finding: str, panel: Panel, hit: Mask, indicator: str, measured: Values, expected: Values,
    reasons: NDArray[np.str_] | str,
) -> pd.DataFrame:  # fmt: skip
    """One row per hit. Shape of all blocks: (entity, period)"""
    import pandas as pd

    rows, columns = np.nonzero(hit)
    said = np.broadcast_to(np.asarray(reasons), hit.shape)
    return pd.DataFrame(
        {
            "finding": finding,
            "entity": [panel.entities[row] for row in rows],
            "period": [panel.periods[column] for column in columns],
            "indicator": indicator,
            "measured": measured[hit],
            "expected": expected[hit],
            "gap": gap(measured, expected)[hit],
            "reason": [str(reason) for reason in said[hit]],
        }
    )


def joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All findings in one table, in the order of the checks."""
    import pandas as pd

    told = [frame for frame in frames if len(frame)]
    if told:
        return pd.concat(told, ignore_index=True)
    return pd.DataFrame({name: pd.Series(dtype=float if name in COLUMNS[4:7] else object) for name in COLUMNS})


def gap(measured: Values, expected: Values) -> Values:
    """(measured - expected) / |expected|, NaN where there is nothing to hold against."""
    with np.errstate(divide="ignore", invalid="ignore"):
        apart: Values = (measured - expected) / np.abs(expected)
    return np.where(np.isfinite(apart), apart, np.nan)


def slips(ratio: Values) -> Mask:
    """Is a ratio a power of ten between 10 and 10 000, within 15 %?"""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.log10(ratio)
    nearest = np.rint(power)
    found: Mask = (np.abs(nearest) >= 1) & (np.abs(nearest) <= 4) & (np.abs(power - nearest) < np.log10(1.15))
    return found


def slip_reason(measured: Values, expected: Values) -> NDArray[np.str_]:
    """`unit` where two figures are a power of ten apart, else `unknown`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        slip = slips(np.abs(measured / expected))
    return np.where(slip, "unit", "unknown")
