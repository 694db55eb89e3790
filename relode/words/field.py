"""A Field is a raster, kept in its own file; what is computed per region from it becomes facts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .errors import Misfit


@dataclass(frozen=True)
class Field:
    """One band of a raster file, with what its cells mean.

    Raises Misfit where the file is not there.
    """

    path: Path
    indicator: str
    unit: str
    period: str
    band: int = 1
    source: str = ""

    def __post_init__(self) -> None:
        if not self.path.is_file():
            raise Misfit("field.file", where=str(self.path))

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of the file's bytes and of what its cells mean."""
        digest = hashlib.sha256(repr((self.indicator, self.unit, self.period, self.band, self.source)).encode())
        with self.path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        return digest.hexdigest()
