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
from .planting import PLANTS, Cell, plant, regenerate
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
    power: dict[str, list[int]] = {kind: [0, 0, 0] for kind in PLANTS}
    false = dict.fromkeys(ORDER, 0)
    facts = wrong = 0
    for _ in range(rounds):
        clean = regenerate(panel, relations, rng)
        found = _screened(clean, regions, rules, relations, additive)
        facts += int((~np.isnan(clean.values)).sum())
        wrong += len({(one.entity, one.period, one.indicator) for one in found if one.period})
        for one in found:
            false[one.screen] += 1
        parent, _ = parents_of(clean, regions)
        for kind in PLANTS:
            made, cells = plant(clean, kind, count, rng, parent)
            hit = _screened(made, regions, rules, relations, additive)
            for n, value in enumerate(_hits(made, hit, cells, kind)):
                power[kind][n] += value
    raw = _screened(panel, regions, rules, relations, additive)
    rows = [{"screen": kind, "planted": all_, "power": hit / all_ if all_ else np.nan,
             "named": named / all_ if all_ else np.nan} for kind, (all_, hit, named) in power.items()]  # fmt: skip
    rates = _rates(false, facts, raw, int((~np.isnan(panel.values)).sum()))
    notes: list[Note] = [remark("integrity.power", rounds=rounds, rate=1000 * wrong / facts)]
    if 1000 * wrong / facts > ALLOWED:
        notes.append(warn("integrity.too_many", rate=1000 * wrong / facts, allowed=ALLOWED))
    chart = Chart("bars", "power", "integrity.chart.power", {"value": "power", "by": "screen"})
    return Answer({"power": pd.DataFrame(rows), "rates": rates}, charts=(chart,), notes=(*notes,))


def _screened(
    panel: Panel, regions: Codelist, rules: Rules, relations: tuple[str, ...], additive: tuple[str, ...]
) -> list[Suspect]:
    return look(Looked.at(panel, rules), regions, relations, additive, [])


def _hits(panel: Panel, found: list[Suspect], cells: list[Cell], kind: str) -> tuple[int, int, int]:
    """Planted, found by any screen, found by the screen of that kind."""
    alarms: dict[tuple[str, str, str], set[str]] = {}
    for one in found:
        alarms.setdefault((one.entity, one.period, one.indicator), set()).add(one.screen)
    hit = named = 0
    for i, t, n in cells:
        screens = alarms.get((panel.entities[i], panel.periods[t] if t >= 0 else "", panel.indicators[n]), set())
        hit += bool(screens)
        named += kind in screens
    return len(cells), hit, named


def _rates(false: dict[str, int], facts: int, raw: list[Suspect], of: int) -> pd.DataFrame:
    counts: dict[str, Any] = {}
    for one in raw:
        counts[one.screen] = counts.get(one.screen, 0) + 1
    return pd.DataFrame(
        {"screen": screen, "false": false[screen], "false_per_1000": 1000 * false[screen] / facts,
         "raw": counts.get(screen, 0), "raw_per_1000": 1000 * counts.get(screen, 0) / of}
        for screen in ORDER
    )  # fmt: skip
