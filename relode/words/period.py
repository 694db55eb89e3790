"""Periods are text: `2024`, `2024H1`, `2024Q3`, `2024-07`. A panel holds one frequency."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .errors import Misfit

FREQUENCIES = {"year": r"\d{4}", "half": r"\d{4}H[12]", "quarter": r"\d{4}Q[1-4]", "month": r"\d{4}-(0[1-9]|1[0-2])"}
_STEPS = {"year": 1, "half": 2, "quarter": 4, "month": 12}


def frequency(period: str) -> str:
    """`year`, `half`, `quarter` or `month`. Raises Misfit where the text is none of them."""
    for name, pattern in FREQUENCIES.items():
        if re.fullmatch(pattern, period):
            return name
    raise Misfit("period.unreadable", period=period, expected=("2024", "2024H1", "2024Q3", "2024-07"))


def one_frequency(periods: Iterable[str]) -> str:
    """The frequency that all `periods` share. Raises Misfit where they differ."""
    kinds = {frequency(period): period for period in periods}
    if len(kinds) > 1:
        raise Misfit("period.mixed", expected=tuple(kinds.values()))
    return next(iter(kinds), "year")


def ordinal(period: str) -> int:
    """A whole number that grows by one with each period of the same frequency."""
    kind = frequency(period)
    within = int(re.sub(r"\D", "", period[4:]) or 1)
    return int(period[:4]) * _STEPS[kind] + within - 1
