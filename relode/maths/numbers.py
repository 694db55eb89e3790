"""Numbers that are the same on every kind of machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DIGITS = 12


def significant(x: Array, digits: int = DIGITS) -> Array:
    """x rounded to `digits` significant digits.

    `log`, `exp` and matrix products differ in the last bits between kinds of CPU; scores are rounded before
    they are ranked, fingerprinted or printed, so that all machines give the same ranks.
    Shape    any -> the same; NaN and infinities stay
    """
    x = np.asarray(x, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where((x == 0) | ~np.isfinite(x), 0.0, np.floor(np.log10(np.abs(x))))
        factor = 10.0 ** (digits - 1 - power)
        rounded = np.round(x * factor) / factor
    return np.where(np.isfinite(rounded), rounded, x)
