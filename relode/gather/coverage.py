"""How much of what an indicator system needs is there, and how good it is: coverage and the four marks of a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..words.codelist import Codelist
from ..words.indicator import Group, IndicatorSystem
from ..words.panel import Panel
from ..words.period import ordinal

if TYPE_CHECKING:
    import pandas as pd

Mask = NDArray[np.bool_]
MARKS = ("completeness", "timeliness", "consistency", "correctness")
WRONG = ("range", "zero", "unit_slip", "jump")
"""Findings that speak against the figure itself; the others say that figures do not agree with one another."""


def available(panel: Panel, system: IndicatorSystem, *, scenario: str = "actual") -> NDArray[np.bool_]:
    """Can the indicator be had: all facts of its formula are there, or it stands in the panel itself.

    Shape    (entity, period, indicator of the system)
    """
    block = ~np.isnan(panel.array(scenario))
    found = np.zeros((*block.shape[:2], len(system.codes)), bool)
    for n, indicator in enumerate(system.indicators):
        if all(code in panel.indicators for code in indicator.reads):
            found[..., n] = block[..., [panel.at("indicator", code) for code in indicator.reads]].all(axis=-1)
        elif indicator.code in panel.indicators:
            found[..., n] = block[..., panel.at("indicator", indicator.code)]
    return found


def missing(panel: Panel, system: IndicatorSystem, *, scenario: str = "actual") -> pd.DataFrame:
    """The coverage table: of the figures that a system needs, how many are there.

    Shape     node, entity, period, available, of, share; '' stands for all. The whole system first, then every group
              and indicator, over all and by period, then every entity, over all and by period.
    """
    import pandas as pd

    there = available(panel, system, scenario=scenario)
    rows: list[tuple[str, str, str, int, int]] = []
    for node, columns in _nodes(system):
        part = there[..., columns]
        rows.append((node, "", "", int(part.sum()), part.size))
        for n, period in enumerate(panel.periods):
            rows.append((node, "", period, int(part[:, n].sum()), part[:, n].size))
    for k, entity in enumerate(panel.entities):
        rows.append((system.name, entity, "", int(there[k].sum()), there[k].size))
        for n, period in enumerate(panel.periods):
            rows.append((system.name, entity, period, int(there[k, n].sum()), there[k, n].size))
    frame = pd.DataFrame(rows, columns=["node", "entity", "period", "available", "of"])
    frame["share"] = frame["available"] / frame["of"].where(frame["of"] > 0)
    return frame


def lacking_facts(panel: Panel, system: IndicatorSystem) -> tuple[str, ...]:
    """The facts that no figure of the panel gives at all: what must be gathered before the system can be used."""
    return tuple(
        code
        for code in system.reads
        if code not in panel.indicators or np.isnan(panel.values[..., panel.at("indicator", code)]).all()
    )


@dataclass(frozen=True)
class Marked:
    """What the marks are counted from; all blocks are (entity, period, ...).

    `asked`, `there`   of the system's indicators: should it be there, is it
    `facts`            of the panel's indicators: is there a figure
    `apart`, `doubted` does a finding say that it disagrees with another, or that it is itself doubtful
    `fresh`, `alive`   (entity, fact): is the newest figure in time; (entity,): is the unit still there
    """

    asked: Mask
    there: Mask
    facts: Mask
    apart: Mask
    doubted: Mask
    fresh: Mask
    alive: Mask

    def row(self, entities: Any, columns: list[int], facts: list[int]) -> dict[str, float]:
        """The four marks of some entities, for some indicators of the system and the facts that they read."""
        asked, known = self.asked[entities][..., columns], self.facts[entities][..., facts]
        fresh = self.fresh[entities][:, facts][self.alive[entities]]
        return {
            "completeness": _share((self.there[entities][..., columns] & asked).sum(), asked.sum()),
            "timeliness": _share(fresh.sum(), fresh.size),
            "consistency": 1 - _share((self.apart[entities][..., facts] & known).sum(), known.sum()),
            "correctness": 1 - _share((self.doubted[entities][..., facts] & known).sum(), known.sum()),
            "figures": float(known.sum()),
        }


def marked(
    panel: Panel, system: IndicatorSystem, regions: Codelist, findings: pd.DataFrame, *, now: str, lag: int = 1,
    scenario: str = "actual",
) -> Marked:  # fmt: skip
    """Completeness, timeliness, consistency and correctness, to be counted for any part of the figures.

    completeness  share of the figures that are asked for which are there. An indicator is asked for from the first to
                  the last period in which anybody has it (in all periods if nobody has), of units while they exist
    timeliness    share of the facts whose newest figure is at most `lag` periods older than `now`
    consistency   share of the figures about which no finding says that they disagree with another
    correctness   share of the figures about which no finding says that they are themselves doubtful; a jump where the
                  territory changed is explained
    A figure with several findings counts once. NaN where there is no figure to judge.
    """
    there = available(panel, system, scenario=scenario)
    facts = ~np.isnan(panel.array(scenario))
    due = np.array([[exists(regions, code, period) for period in panel.periods] for code in panel.entities])
    due |= facts.any(axis=2)
    known = findings[findings["entity"].isin(panel.entities)]
    doubtful = known["finding"].isin(WRONG) & (known["reason"] != "boundary")
    wrong = known["finding"].isin(WRONG)
    return Marked(
        _span(there)[None] & due[..., None], there, facts, _at(panel, known[~wrong]), _at(panel, known[doubtful]),
        _newest(facts, panel.periods) >= ordinal(now) - lag, due[:, -1],
    )  # fmt: skip


def scorecard(marks: Marked, panel: Panel, system: IndicatorSystem) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The marks of the system, its groups and indicators (`node`), and those of every entity; 0 to 1."""
    import pandas as pd

    every = slice(None)
    nodes = [
        {"node": node, **marks.row(every, columns, _facts_of(panel, system, columns))}
        for node, columns in _nodes(system)
    ]
    columns = list(range(len(system.codes)))
    read = _facts_of(panel, system, columns)
    places = [
        {"entity": entity, **marks.row(slice(k, k + 1), columns, read)} for k, entity in enumerate(panel.entities)
    ]
    return pd.DataFrame(nodes), pd.DataFrame(places)


def exists(regions: Codelist, code: str, period: str) -> bool:
    """Is there such a unit in the period? Not before it was set up, nor after it ended; an unknown one is."""
    if code not in regions:
        return True
    entity, year = regions[code], period[:4]
    return (not entity.until or year < entity.until) and (not entity.since or entity.since <= year)


def _facts_of(panel: Panel, system: IndicatorSystem, columns: list[int]) -> list[int]:
    """Where the facts stand in the panel that some indicators read (or the indicators themselves)."""
    codes = [code for n in columns for code in (*system.indicators[n].reads, system.indicators[n].code)]
    return [panel.indicators.index(code) for code in dict.fromkeys(codes) if code in panel.indicators]


def _span(there: Mask) -> Mask:
    """From the first to the last period in which anybody has the indicator; all where nobody has it."""
    known = there.any(axis=0)
    began = np.maximum.accumulate(known, axis=0)
    goes_on = np.flip(np.maximum.accumulate(np.flip(known, axis=0), axis=0), axis=0)
    span: Mask = (began & goes_on) | ~known.any(axis=0)
    return span


def _at(panel: Panel, findings: pd.DataFrame) -> Mask:
    """Which figures a finding is about. Shape (entity, period, indicator)"""
    found = np.zeros(panel.shape[1:], bool)
    places = []
    for axis in ("entity", "period", "indicator"):
        at = {code: n for n, code in enumerate(panel.axes[axis])}
        places.append(np.array([at[code] for code in findings[axis]], int))
    found[tuple(places)] = True
    return found


def _share(part: float, of: float) -> float:
    return float(part) / float(of) if of else float("nan")


def _nodes(system: IndicatorSystem) -> list[tuple[str, list[int]]]:
    """The system, its groups and its indicators, each with the columns below it."""
    at = {code: n for n, code in enumerate(system.codes)}

    def below(group: Group) -> list[int]:
        return [at[indicator.code] for indicator in group.leaves()]

    groups = [group for group in system.root.nodes() if group.code != system.root.code]
    return [(system.name, below(system.root)), *((group.code, below(group)) for group in groups),
            *((code, [n]) for code, n in at.items())]  # fmt: skip


def _newest(facts: NDArray[np.bool_], periods: tuple[str, ...]) -> NDArray[np.float64]:
    """The ordinal of the newest period with a figure, -inf where there is none. Shape (entity, fact)"""
    order = np.array([ordinal(period) for period in periods], float)
    newest: NDArray[np.float64] = np.where(facts, order[None, :, None], -np.inf).max(axis=1)
    return newest
