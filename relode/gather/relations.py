"""What figures must agree with, from `codelists/relations.toml`: totals and parts, what adds up over regions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from ..words.texts import DATA
from ..words.toml import read_toml


@dataclass(frozen=True)
class Relations:
    """`sums`: total -> its parts; `adds`: what adds up over regions."""

    sums: tuple[tuple[str, tuple[str, ...]], ...]
    adds: tuple[str, ...]

    def among(self, codes: Iterable[str]) -> Relations:
        """Those of which every figure is among `codes`."""
        known = set(codes)
        sums = tuple((total, parts) for total, parts in self.sums if known >= {total, *parts})
        return Relations(sums, tuple(code for code in self.adds if code in known))


@cache
def known_relations() -> Relations:
    """All relations that the file tells."""
    spec = read_toml(DATA / "codelists" / "relations.toml")
    sums = tuple((total, tuple(parts)) for total, parts in spec["sums"].items())
    return Relations(sums, tuple(spec["regions"]["adds"]))
