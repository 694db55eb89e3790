"""Conflicts: where two series give different figures for the same thing. None is right by itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .errors import Misfit

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("entity", "period", "indicator", "scenario", "series_a", "value_a", "series_b", "value_b")


@dataclass(frozen=True, eq=False)
class Conflicts:
    """One row for every two series that differ on a figure, and the series that are preferred, best first.

    Raises Misfit where a column is missing.
    """

    frame: pd.DataFrame
    prefer: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in COLUMNS:
            if name not in self.frame.columns:
                raise Misfit("panel.column", name=name, expected=tuple(map(str, self.frame.columns)))

    def __len__(self) -> int:
        return len(self.frame)

    def believed(self, one: str, other: str) -> str:
        """Which of two series is preferred; '' where the place does not say."""
        named = [series for series in self.prefer if series in (one, other)]
        return named[0] if named else ""

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of all rows and of the preference."""
        text = self.frame[list(COLUMNS)].to_csv(index=False)
        return hashlib.sha256(f"{self.prefer}\n{text}".encode()).hexdigest()
