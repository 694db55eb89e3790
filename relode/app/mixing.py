"""Which facts come from more than one series: the preferred one, and another where that has none."""

from __future__ import annotations

from collections.abc import Iterable

from ..words.batch import StoredBatch
from ..words.note import Note, warn
from ..words.panel import Panel

MOST = 5  # facts of which it is said one by one


def heard(panel: Panel, batches: Iterable[StoredBatch]) -> list[Note]:
    """A warning for each indicator whose figures in the panel were published by more than one series."""
    import numpy as np

    if panel.batch is None:
        return []
    series = {one.number: one.batch.series for one in batches}
    found: list[tuple[str, str]] = []
    for n, code in enumerate(panel.indicators):
        numbers, counts = np.unique(panel.batch[..., n], return_counts=True)
        figures: dict[str, int] = {}
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            if number in series:  # -1 is a gap
                figures[series[number]] = figures.get(series[number], 0) + count
        if len(figures) > 1:
            ordered = sorted(figures.items(), key=lambda one: -one[1])
            found.append((code, " + ".join(f"{name} ({count:,})" for name, count in ordered)))
    told = [warn("place.mixed", indicator=code, series=series_told) for code, series_told in found[:MOST]]
    return [*told, *([warn("place.mixed_more", count=len(found) - MOST)] if len(found) > MOST else [])]
