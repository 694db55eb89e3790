"""Fixed boundaries: what to do with regions that were merged or split while the panel runs. A stated choice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import numpy as np

from relode.words.codelist import STATUSES, Codelist
from relode.words.errors import Misfit
from relode.words.panel import Panel

How = Literal["sum", "drop", "as published"]
_GRAVITY = np.array(["APEIBM".index(status) for status in STATUSES])
_LIGHTEST_FIRST = np.argsort(_GRAVITY).astype(np.uint8)


def boundaries(
    panel: Panel, regions: Codelist, *, how: How, adds: Sequence[str] = (), moved: Collection[str] = ()
) -> Panel:
    """A panel whose regions mean the same territory in every period.

    as published  the panel as it is
    drop          without regions that ended, those that took them, and those of `moved` (parts changed hands)
    sum           an ended region is added to the one that took it, in all periods: indicators of `adds` (totals such
                  as product or people) are added, for all others the figures of the region that grew are given up
    The status of a sum is the graver of the two.
    Raises    Misfit for `sum` where a region was split among several: its figures cannot be divided
    """
    if how == "as published":
        return panel
    ended = [code for code in panel.entities if code in regions and regions[code].into]
    if how == "drop":
        gone = {*ended, *(heir for code in ended for heir in regions[code].into.split()), *moved}
        return panel.only(entities=[code for code in panel.entities if code not in gone])
    split = [code for code in ended if len(regions[code].into.split()) > 1]
    if split:
        raise Misfit("boundaries.split", name=", ".join(split), count=len(split))
    return _summed(panel, regions, ended, [panel.at("indicator", code) for code in adds])


def _summed(panel: Panel, regions: Codelist, ended: Sequence[str], adds: Sequence[int]) -> Panel:
    assert panel.status is not None
    values, status = panel.values.copy(), panel.status.copy()
    others = [n for n in range(len(panel.indicators)) if n not in adds]
    for code in ended:
        heir = regions[code].into
        if heir not in panel.entities:
            raise Misfit("boundaries.heir", name=code, heir=heir)
        own, taken = panel.entities.index(heir), panel.entities.index(code)
        before = np.array([period[:4] < regions[code].until for period in panel.periods])
        for n in adds:
            values[:, own, before, n] += values[:, taken, before, n]
            graver = np.maximum(_GRAVITY[status[:, own, before, n]], _GRAVITY[status[:, taken, before, n]])
            status[:, own, before, n] = _LIGHTEST_FIRST[graver]
        for n in others:
            values[:, own, before, n] = np.nan
    kept = [k for k, code in enumerate(panel.entities) if code not in ended]
    return Panel(
        values[:, kept], panel.scenarios, tuple(panel.entities[k] for k in kept), panel.periods, panel.indicators,
        units=panel.units, status=status[:, kept], sources=panel.sources,
    )  # fmt: skip
