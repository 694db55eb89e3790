"""How much of what an indicator system needs is there, and how good it is: coverage and the four marks of a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..words.indicator import Group, IndicatorSystem
from ..words.panel import Panel
from ..words.period import ordinal
from ..words.texts import say

if TYPE_CHECKING:
    import pandas as pd

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


def scorecard(
    panel: Panel, system: IndicatorSystem, findings: pd.DataFrame, *, now: str, lag: int = 1, scenario: str = "actual"
) -> pd.DataFrame:
    """Completeness, timeliness, consistency and correctness of the figures of each entity, 0 to 1; '' is everybody.

    completeness  share of the figures that the system needs which are there
    timeliness    share of the facts whose newest figure is at most `lag` periods older than `now`
    consistency   share of the figures about which no finding says that they disagree with another
    correctness   share of the figures about which no finding says that they are themselves doubtful
    A figure with several findings counts once. NaN where there is no figure to judge.
    """
    import pandas as pd

    there = available(panel, system, scenario=scenario)
    facts = ~np.isnan(panel.array(scenario))
    needed = [panel.at("indicator", code) for code in system.reads if code in panel.indicators]
    newest = _newest(facts[..., needed], panel.periods)
    fresh = newest >= ordinal(now) - lag
    counts = facts.sum(axis=(1, 2))
    doubtful = findings["finding"].isin(WRONG)
    rows = []
    for k, entity in (*enumerate(panel.entities), (None, "")):
        chosen = slice(None) if k is None else slice(k, k + 1)
        said = findings if k is None else findings[findings["entity"] == entity]
        figures = int(counts[chosen].sum())
        rows.append(
            {
                "entity": entity,
                "completeness": float(there[chosen].mean()),
                "timeliness": float(fresh[chosen].sum() / (len(system.reads) * len(fresh[chosen]))),
                "consistency": _clean(said[~doubtful.loc[said.index]], figures),
                "correctness": _clean(said[doubtful.loc[said.index]], figures),
            }
        )
    return pd.DataFrame(rows)


def marks_told(marks: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The scorecard with its headings in `lang`."""
    return marks.rename(columns={name: say(f"mark.{name}", lang) for name in MARKS})


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


def _clean(findings: pd.DataFrame, figures: int) -> float:
    if not figures:
        return float("nan")
    return 1 - len(findings.drop_duplicates(["entity", "period", "indicator"])) / figures
