"""Facts about pairs: what is wrong with them on the way in, and one tie per pair on the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..words.codelist import Codelist
from ..words.errors import Impossible, Misfit, Refused, RelodeError, UnknownWord
from ..words.ties import COLUMNS, Ties


def faults_of(ties: Ties, regions: Codelist | None, within: tuple[str, ...] | None, where: str) -> list[RelodeError]:
    """Ends that no codelist knows, ties that begin outside the scope, infinite values."""
    found: list[RelodeError] = []
    for code in sorted({*ties.origin, *ties.target}):
        if regions is not None and code not in regions:
            count = ties.origin.count(code) + ties.target.count(code)
            found.append(UnknownWord("store.entity", name=code, count=count, where=where, expected=tuple(regions)))
    if within is not None:
        foreign = sorted(set(ties.origin) - set(within))
        found += [Refused("store.foreign", name=code, where=where) for code in foreign]
    for row in np.flatnonzero(np.isinf(ties.value)):
        place = f"{ties.origin[row]} - {ties.target[row]}, {ties.indicator[row]}"
        found.append(Impossible("store.number", value=str(ties.value[row]), where=place))
    return found


def ties_of(rows: Sequence[dict[str, Any]], *, withdrawn: bool = False) -> Ties:
    """One tie per pair; `withdrawn` keeps those without a value. Raises Misfit where two series differ."""
    settled: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        key = (row["origin"], row["target"], row["period"], row["indicator"])
        held = settled.setdefault(key, row)
        if held["value"] != row["value"]:
            told = f"{held['series']} {held['value']} ≠ {row['series']} {row['value']}"
            raise Misfit("store.ties_differ", where=" - ".join(key), told=told)
    kept = [row for row in settled.values() if withdrawn or row["value"] is not None]
    columns = {name: tuple(row[name] for row in kept) for name in COLUMNS if name != "value"}
    return Ties(
        value=np.array([np.nan if row["value"] is None else row["value"] for row in kept], np.float64), **columns
    )
