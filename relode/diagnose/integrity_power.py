"""How good are the screens? Power on planted errors, false alarms on clean series, the raw alarm rate beside them."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pandas as pd

from relode.words.choice import Within
from relode.words.codelist import Codelist
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.result import Answer, Chart
from relode.words.rules import Rules

from .integrity import ORDER, STANDARD, look, parents_of
from .planting import PLANTS, Cell, plant
from .regenerated import regenerate
from .suspects import Looked, Suspect

ALLOWED = 1.0  # false alarms per 1,000 clean facts


@method("diagnose.integrity_power", reads=needs(indicators=("indicators",)))
def integrity_power(
    panel: Panel, regions: Codelist, *, indicators: tuple[str, ...] = (), relations: tuple[str, ...] = (),
    additive: tuple[str, ...] = (), rules: Rules = STANDARD, rounds: Annotated[int, Within(1, 50)] = 1,
    count: Annotated[int, Within(5, 500)] = 60, seed: int = 1,
) -> Answer:  # fmt: skip
    """How often do the screens find an error that was planted, and how often do they cry at a clean figure?

    Shape    a real panel -> per kind of planted error its power; per screen its false alarms and its raw alarms
    Unit     power and named: shares of the planted facts (named: by the screen of that kind); per_1000: alarms per
             1,000 facts, on series regenerated from a model of the real ones, and on the real panel itself
    """
    rng = np.random.default_rng(seed)
    parent, parents = parents_of(panel, regions)
    known: Any = {"parent": parent, "parents": parents, "additive": additive}
    tried: list[dict[str, Any]] = []
    false = dict.fromkeys(ORDER, 0)
    facts = wrong = 0
    for _ in range(rounds):
        clean = regenerate(panel, relations, rng, **known)
        found = _screened(clean, regions, rules, relations, additive)
        facts += int((~np.isnan(clean.values)).sum())
        wrong += len({(one.entity, one.period, one.indicator) for one in found if one.period})
        for one in found:
            false[one.screen] += 1
        for kind in PLANTS:
            made, cells = plant(clean, kind, count, rng, relations=relations, **known)
            hit = _screened(made, regions, rules, relations, additive) if cells else []
            tried += _hits(made, hit, cells, kind)
    raw = _screened(panel, regions, rules, relations, additive)
    rates = _rates(false, facts, raw, int((~np.isnan(panel.values)).sum()))
    notes: list[Note] = [remark("integrity.power", rounds=rounds, rate=1000 * wrong / facts)]
    if 1000 * wrong / facts > ALLOWED:
        notes.append(warn("integrity.too_many", rate=1000 * wrong / facts, allowed=ALLOWED))
    chart = Chart("bars", "power", "integrity.chart.power", {"value": "power", "by": "screen"})
    tables = {
        "power": _power(tried, ["screen"]),
        "rates": rates,
        "by_indicator": _power(tried, ["screen", "indicator"]),
    }
    return Answer(tables, charts=(chart,), notes=(*notes,))


def _power(tried: list[dict[str, Any]], by: list[str]) -> pd.DataFrame:
    """Of the planted errors of each kind, what share was found by any screen, and by the screen of that kind."""
    frame = pd.DataFrame(tried, columns=["screen", "indicator", "hit", "named"])
    found = frame.groupby(by, sort=False).agg(planted=("hit", "size"), power=("hit", "mean"), named=("named", "mean"))
    whole = found.reset_index()
    if by == ["screen"]:  # an error that finds no place is told with nothing planted
        whole = whole.set_index("screen").reindex(list(PLANTS)).rename_axis("screen").reset_index()
        whole["planted"] = whole["planted"].fillna(0).astype(int)
    return whole


def _screened(
    panel: Panel, regions: Codelist, rules: Rules, relations: tuple[str, ...], additive: tuple[str, ...]
) -> list[Suspect]:
    return look(Looked.at(panel, rules), regions, relations, additive, [])


def _hits(panel: Panel, found: list[Suspect], cells: list[Cell], kind: str) -> list[dict[str, Any]]:
    """For each planted error: was it found by any screen, and by the screen of that kind?"""
    alarms: dict[tuple[str, str, str], set[str]] = {}
    for one in found:
        alarms.setdefault((one.entity, one.period, one.indicator), set()).add(one.screen)
    rows = []
    for cell in cells:
        screens = set[str]().union(*(alarms.get(key, set()) for key in _keys(panel, cell)))
        rows.append({"screen": kind, "indicator": panel.indicators[cell.indicator], "hit": bool(screens),
                     "named": kind in screens})  # fmt: skip
    return rows


def _keys(panel: Panel, cell: Cell) -> list[tuple[str, str, str]]:
    """Where an alarm counts as having found the error."""
    period = panel.periods[cell.period] if cell.period >= 0 else ""
    who = (cell.entity, cell.also) if cell.also >= 0 else (cell.entity,)
    what = {cell.indicator, *cell.among}
    return [(panel.entities[i], period, panel.indicators[n]) for i in who for n in what]


def _rates(false: dict[str, int], facts: int, raw: list[Suspect], of: int) -> pd.DataFrame:
    counts: dict[str, Any] = {}
    for one in raw:
        counts[one.screen] = counts.get(one.screen, 0) + 1
    return pd.DataFrame(
        {"screen": screen, "false": false[screen], "false_per_1000": 1000 * false[screen] / facts,
         "raw": counts.get(screen, 0), "raw_per_1000": 1000 * counts.get(screen, 0) / of}
        for screen in ORDER
    )  # fmt: skip
