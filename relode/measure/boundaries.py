"""Fixed boundaries: what to do with regions that were merged or split while the panel runs; a choice. 区划调整"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from relode.words.codelist import STATUSES, Codelist
from relode.words.errors import Misfit
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.result import Answer

from .made import defined, facts_of, named

if TYPE_CHECKING:
    import pandas as pd

How = Literal["sum", "drop", "as published"]
_GRAVITY = np.array(["APEIBM".index(status) for status in STATUSES])
_LIGHTEST_FIRST = np.argsort(_GRAVITY).astype(np.uint8)


@method("measure.boundaries", reads=needs(indicators=("figures",)))
def boundaries(
    panel: Panel, regions: Codelist, *, figures: tuple[str, ...], how: How, adds: tuple[str, ...] = (),
    moved: tuple[str, ...] = (),
) -> Answer:  # fmt: skip
    """What are the figures of regions that mean the same territory in every period?

    Shape    any facts -> one row per region that ended, was joined or left out (`regions`), and how many of its figures
             were added, given up or left out; facts under `<code>@fixed`
    Unit     that of the figures
    Choices  `how` sum, drop or as published; `adds` the totals among `figures` that may be added (people, product),
             `moved` regions to leave out, with those that took them: parts changed hands, or they were split
    Raises   Misfit for `sum` where a region was split among several, or its heir is not there
    """
    chosen = panel.only(indicators=figures)
    if unknown := [code for code in adds if code not in figures]:
        raise Misfit("boundaries.adds", name=", ".join(unknown), expected=figures)
    kept = fixed(chosen, regions, how=how, adds=adds, moved=moved)
    table = _regions(chosen, kept, regions, moved)
    renamed = Panel(
        kept.values, kept.scenarios, kept.entities, kept.periods, tuple(f"{code}@fixed" for code in figures),
        units=kept.units, status=kept.status, sources=kept.sources,
    )  # fmt: skip
    meant = defined(renamed, figures, "boundaries.defined")
    return Answer({"regions": table}, facts_of(renamed), meant, notes=(*_notes(table, how, figures, adds),))


def fixed(panel: Panel, regions: Codelist, *, how: How, adds: Sequence[str] = (), moved: Collection[str] = ()) -> Panel:
    """A panel whose regions mean the same territory in every period.

    as published  the panel as it is
    drop          without regions that ended, those that took them, and those of `moved` (parts changed hands)
    sum           an ended region is added to the one that took it, in all periods: indicators of `adds` (totals such
                  as product or people) are added, for all others the figures of the region that grew are given up
                  and so are the regions of `moved`, with those that took them
    The status of a sum is the graver of the two.
    Raises    Misfit for `sum` where a region was split among several: its figures cannot be divided
    """
    if how == "as published":
        return panel
    ended = [code for code in panel.entities if code in regions and regions[code].into]
    if how == "drop":
        return _without({*ended, *moved}, panel, regions)
    panel = _without(moved, panel, regions)
    ended = [code for code in ended if code in panel.entities]
    split = [code for code in ended if len(regions[code].into.split()) > 1]
    if split:
        raise Misfit("boundaries.split", name=", ".join(split), count=len(split))
    return _summed(panel, regions, ended, [panel.at("indicator", code) for code in adds])


def _without(gone: Collection[str], panel: Panel, regions: Codelist) -> Panel:
    """The panel without some regions and those that took them."""
    heirs = {heir for code in gone if code in regions for heir in regions[code].into.split()}
    return panel.only(entities=[code for code in panel.entities if code not in gone and code not in heirs])


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


def _regions(before: Panel, after: Panel, regions: Codelist, moved: Collection[str]) -> pd.DataFrame:
    """Which regions were touched: what became of them, when, for whom, and how many of their figures changed."""
    import pandas as pd

    ended = [code for code in before.entities if code in regions and regions[code].into]
    pairs = [(code, heir) for code in ended for heir in regions[code].into.split()]
    rows = [("ended", code, heir, regions[code].until) for code, heir in pairs]
    rows += [("took", heir, code, regions[code].until) for code, heir in pairs if heir in before.entities]
    told = {code for _, code, _, _ in rows}
    rows += [("moved", code, "", "") for code in moved if code in before.entities and code not in told]
    found: list[dict[str, Any]] = [
        {"entity": code, "what": what, "since": year, "peer_entity": other, **_counted(before, after, code)}
        for what, code, other, year in rows
    ]
    columns = ["entity", "what", "since", "peer_entity", "figures", "left", "changed"]
    return pd.DataFrame(found, columns=columns)


def _counted(before: Panel, after: Panel, code: str) -> dict[str, int]:
    """Figures that a region had, has, and has with another value."""
    own = before.values[:, before.entities.index(code)]
    had = int((~np.isnan(own)).sum())
    if code not in after.entities:
        return {"figures": had, "left": 0, "changed": 0}
    now = after.values[:, after.entities.index(code)]
    both = ~np.isnan(own) & ~np.isnan(now)
    return {"figures": had, "left": int((~np.isnan(now)).sum()), "changed": int((own[both] != now[both]).sum())}


def _notes(table: pd.DataFrame, how: How, figures: Sequence[str], adds: Sequence[str]) -> list[Note]:
    notes = [remark(f"boundaries.how_{how.replace(' ', '_')}")]
    given_up = [code for code in figures if code not in adds]
    if how == "sum" and given_up and len(table):
        notes.append(warn("boundaries.given_up", **named(given_up)))
    if how == "as published" and len(table):
        notes.append(warn("boundaries.unlike", count=len(table)))
    return notes
