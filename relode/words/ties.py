"""Ties: facts about pairs (neighbours, flows, chain links, trade)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .errors import Misfit

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("origin", "target", "period", "indicator", "value", "unit", "source", "vintage")


@dataclass(frozen=True, eq=False)
class Ties:
    """Facts about pairs, one per (origin, target, period, indicator); columns of equal length.

    Raises Misfit where the columns differ in length or a pair stands twice.
    """

    origin: tuple[str, ...]
    target: tuple[str, ...]
    indicator: tuple[str, ...]
    value: NDArray[np.float64]
    period: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    vintage: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        length = len(self.origin)
        value = np.array(self.value, np.float64)
        value.flags.writeable = False
        object.__setattr__(self, "value", value)
        for name in ("period", "unit", "source", "vintage"):
            object.__setattr__(self, name, getattr(self, name) or ("",) * length)
        for name in COLUMNS:
            if len(getattr(self, name)) != length:
                raise Misfit("ties.length", name=name, wanted=length, length=len(getattr(self, name)))
        keys = list(zip(self.origin, self.target, self.period, self.indicator, strict=True))
        if len(set(keys)) < length:
            twice = next(key for key in keys if keys.count(key) > 1)
            raise Misfit("ties.twice", where="/".join(twice))

    def __len__(self) -> int:
        return len(self.origin)

    def of(self, origin: str, indicator: str = "neighbour") -> tuple[str, ...]:
        """The targets that `origin` is tied to by `indicator`."""
        triples = zip(self.origin, self.target, self.indicator, strict=True)
        return tuple(target for start, target, kind in triples if start == origin and kind == indicator)

    def frame(self) -> pd.DataFrame:
        """The ties as a frame."""
        import pandas as pd

        return pd.DataFrame({name: list(getattr(self, name)) for name in COLUMNS})

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of all columns."""
        rows = zip(*(map(str, getattr(self, name)) for name in COLUMNS), strict=True)
        return hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()
