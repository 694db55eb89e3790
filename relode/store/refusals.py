"""What cannot be kept, fault by fault with its place: unreadable cells, unknown words, doubles, impossible values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..words.codelist import STATUSES
from ..words.errors import Impossible, Misfit, Refused, RelodeError, UnknownWord
from ..words.indicator import Indicator
from ..words.period import frequency

if TYPE_CHECKING:
    import pandas as pd

    from .incoming import Coded, Incoming

PERIODS = ("2024", "2024H1", "2024Q3", "2024-07")
MOST = 100  # faults of one kind that are told one by one; the rest are counted


def faults_of(
    incoming: Incoming,
    indicators: Mapping[str, Indicator],
    *,
    known: Callable[[str], bool] | None,
    entities: Iterable[str] = (),
    within: tuple[str, ...] | None,
) -> list[RelodeError]:
    """All that is wrong with facts that could be read: words, scope, doubles, ranges."""
    found: list[RelodeError] = []
    found += _unknown(incoming, "entity", known or (lambda code: True), tuple(entities))
    found += _unknown(incoming, "indicator", indicators.__contains__, tuple(indicators))
    foreign = [] if within is None else sorted(set(incoming.entity.levels) - set(within))
    found += [Refused("store.foreign", name=code, where=incoming.file) for code in foreign]
    found += _twice(incoming)
    found += _out_of_range(incoming, indicators)
    return found


def _each(
    rows: NDArray[np.intp], fault: Callable[[int], RelodeError], place: Callable[[int], str]
) -> list[RelodeError]:
    """One fault per row, up to MOST; the rest as one line."""
    told = []
    for row in rows[:MOST]:
        told.append(fault(int(row)))
        told[-1].where = place(int(row))
    if len(rows) > MOST:
        told.append(Impossible("store.more", code=told[0].code, count=len(rows) - MOST))
    return told


def unreadable(incoming: Incoming, facts: pd.DataFrame, coded: Coded, status: NDArray[np.int8]) -> list[RelodeError]:
    """Rows without a code, values that are no number, states that are none or contradict the value."""
    found: list[RelodeError] = []
    for name in ("entity", "period", "indicator"):
        rows = np.flatnonzero(getattr(incoming, name).codes < 0)
        found += _each(rows, lambda row, name=name: Misfit("store.blank", name=name), incoming.place)  # type: ignore[misc]
    rows = np.flatnonzero(np.isinf(incoming.value))
    raw = facts["value"]
    found += _each(rows, lambda row: Impossible("store.number", value=str(raw.iloc[row])), incoming.place)
    rows = np.flatnonzero(status < 0)
    found += _each(
        rows, lambda row: Impossible("store.status", name=coded.text(row), expected=STATUSES), incoming.place
    )
    rows = np.flatnonzero((status == STATUSES.index("M")) & np.isfinite(incoming.value))
    found += _each(
        rows,
        lambda row: Impossible("store.missing_value", value=str(raw.iloc[row]), name=incoming.key_text(row)),
        incoming.place,
    )
    for code, level in enumerate(incoming.period.levels):
        if not _readable(level):
            place = incoming.place(int((incoming.period.codes == code).argmax()))
            found.append(Misfit("period.unreadable", period=level, where=place, expected=PERIODS))
    return found


def _readable(period: str) -> bool:
    try:
        frequency(period)
    except Misfit:
        return False
    return True


def _unknown(
    incoming: Incoming, axis: str, known: Callable[[str], bool], expected: tuple[str, ...]
) -> list[RelodeError]:
    column: Coded = getattr(incoming, axis)
    found: list[RelodeError] = []
    for code, level in enumerate(column.levels):
        if not known(level):
            rows = np.flatnonzero(column.codes == code)
            place = incoming.place(int(rows[0]))
            name = "store.entity" if axis == "entity" else "store.indicator"
            found.append(UnknownWord(name, name=level, count=len(rows), where=place, expected=expected))
    return found


def _twice(incoming: Incoming) -> list[RelodeError]:
    key = incoming.key[incoming.order]
    rows = incoming.order[1:][key[1:] == key[:-1]]
    return _each(rows, lambda row: Misfit("store.twice", name=incoming.key_text(row)), incoming.place)


def _out_of_range(incoming: Incoming, indicators: Mapping[str, Indicator]) -> list[RelodeError]:
    levels = incoming.indicator.levels
    ranges = [indicators[code].range if code in indicators else (None, None) for code in levels]
    low = np.array([-np.inf if pair[0] is None else pair[0] for pair in ranges])[incoming.indicator.codes]
    high = np.array([np.inf if pair[1] is None else pair[1] for pair in ranges])[incoming.indicator.codes]
    rows = np.flatnonzero((incoming.value < low) | (incoming.value > high))

    def fault(row: int) -> RelodeError:
        return Impossible(
            "store.range", name=incoming.key_text(row), value=float(incoming.value[row]), low=low[row], high=high[row]
        )

    return _each(rows, fault, incoming.place)
