"""Data that cannot be true: screens with reasons, evidence and the likely right value. A screen is not a verdict."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from relode.maths.suspicion import middle
from relode.words.choice import by_name
from relode.words.codelist import Codelist
from relode.words.errors import Misfit
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.result import Answer, Chart
from relode.words.rules import Rules

from . import screens_series as series
from .screens_relations import screen_relation, sums
from .suspects import Looked, Suspect

STANDARD: Rules = by_name("integrity")
ORDER = ("level", "unit", "swap", "row_shift", "identity", "copy", "repeat", "copied_growth", "proxy", "spike", "break",
         "revision", "children", "repackaging", "idle", "smooth", "heaping", "benford")  # fmt: skip


@method("diagnose.integrity", reads=needs(indicators=("indicators",)))
def integrity(
    panel: Panel, regions: Codelist, *, indicators: tuple[str, ...] = (), relations: tuple[str, ...] = (),
    additive: tuple[str, ...] = (), rules: Rules = STANDARD,
) -> Answer:  # fmt: skip
    """Which figures and series can hardly be true, why, and what would be likely instead?

    Shape    any panel of yearly facts -> one row per suspected fact (score, reasons, likely value); one per alarm
    Unit     score 0-1 of the screens together: 0.5 at a threshold; likely in the unit of the indicator. A screen says
             where to look first; it accuses nobody
    Raises   Misfit for fewer than four periods or ten entities; UnknownWord for a code in a relation
    """
    if len(panel.periods) < 4 or len(panel.entities) < 10:
        raise Misfit("integrity.few", periods=len(panel.periods), count=len(panel.entities))
    if np.isnan(panel.values).all():
        raise Misfit("diagnose.empty", name=", ".join(indicators or panel.indicators[:5]))
    looked = Looked.at(panel, rules)
    notes: list[Note] = []
    found = look(looked, regions, relations, additive or (), notes)
    alarms = _alarms(found)
    facts = _facts(alarms)
    tables = {"facts": facts, "alarms": alarms, "rates": _rates(alarms, looked)}
    notes = [remark("integrity.screening"), *_summary(facts, looked), *notes]
    charts = (Chart("bars", "rates", "integrity.chart", {"value": "per_1000", "by": "screen"}),)
    return Answer(tables, charts=charts, notes=(*notes,))


def look(
    looked: Looked, regions: Codelist, relations: Iterable[str], additive: Iterable[str], notes: list[Note]
) -> list[Suspect]:
    """All suspects of all screens; a fact that several kinds of spike explain keeps the most telling one."""
    found: list[Suspect] = []
    parent, parents = parents_of(looked.panel, regions)
    skipped = []
    for code in looked.panel.indicators:
        slipped = series.slips(looked, code)
        traded = series.swaps(looked, code, slipped)
        found += slipped + traded + series.jumps(looked, code, [*slipped, *traded])
        for screen in (series.breaks, series.repeats, series.copied_growth, series.smoothness, series.heaping):
            found += screen(looked, code)
        first, seen = series.first_digits(looked, code)
        found += first
        skipped += [] if seen else [code]
        if code in additive and parents:
            found += series.levels(looked, code, parent, sums(looked, code, parent, len(parents)))
            found += _children(looked, code, parent, parents)
    for text in relations:
        found += screen_relation(looked, text)
    if skipped:
        notes.append(remark("integrity.no_benford", names=", ".join(skipped)))
    return _most_telling(found)


def parents_of(panel: Panel, regions: Codelist) -> tuple[list[int], list[str]]:
    """For each entity the place of its parent among the parents (-1 = none), and the parents."""
    of = [regions[code].parent if code in regions else "" for code in panel.entities]
    parents = sorted({code for code in of if code})
    return [parents.index(code) if code else -1 for code in of], parents


def _children(looked: Looked, code: str, parent: list[int], parents: list[str]) -> list[Suspect]:
    """Parents whose own figure is not what their children come to (where both are in the panel).

    Children that always cover a part only (some are not in the panel) are held against that part.
    """
    found, limit = [], looked.limit("levels.least")
    whole = sums(looked, code, parent, len(parents))
    for n, name in enumerate(parents):
        if name not in looked.panel.entities:
            continue
        at = looked.panel.entities.index(name)
        with np.errstate(invalid="ignore", divide="ignore"):
            cover = whole[n] / looked.figures[code][at]
        usual = min(1.0, float(middle(cover, axis=0)))
        for t in np.flatnonzero(np.nan_to_num(np.abs(cover / usual - 1)) > limit):
            found.append(looked.suspect("children", (at, int(t)), code, float(cover[t] / usual - 1), limit,
                                        likely=float(whole[n, t] / usual)))  # fmt: skip
    return found


def _most_telling(found: list[Suspect]) -> list[Suspect]:
    spikes = ("level", "unit", "swap", "row_shift", "spike")
    best: dict[tuple[str, str, str], Suspect] = {}
    rest = []
    for one in found:
        key = (one.entity, one.period, one.indicator)
        if one.screen not in spikes:
            rest.append(one)
        elif key not in best or ORDER.index(one.screen) < ORDER.index(best[key].screen):
            best[key] = one
    return [*best.values(), *rest]


COLUMNS = ["screen", "entity", "period", "indicator", "value", "likely", "score", "evidence", "against"]


def _alarms(found: list[Suspect]) -> pd.DataFrame:
    rows = [{name: getattr(one, name) for name in COLUMNS} for one in found]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values(["score", "entity", "period"], ascending=[False, True, True], ignore_index=True)


def _facts(alarms: pd.DataFrame) -> pd.DataFrame:
    """One row per suspected fact: 1 - product of (1 - score) over its reasons, and the value held likely."""
    rows = []
    single = alarms[alarms["period"] != ""]
    for (entity, period, indicator), group in single.groupby(["entity", "period", "indicator"], sort=False):
        first = group.iloc[int(np.argmin([ORDER.index(screen) for screen in group["screen"]]))]
        rows.append({"entity": entity, "period": period, "indicator": indicator, "value": float(first["value"]),
                     "likely": float(first["likely"]), "score": float(1 - np.prod(1 - group["score"])),
                     "screen": first["screen"], "cases": len(set(group["screen"])),
                     "against": first["against"]})  # fmt: skip
    columns = ["entity", "period", "indicator", "value", "likely", "score", "screen", "cases", "against"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["score", "entity", "period"], ascending=[False, True, True], ignore_index=True)


def _rates(alarms: pd.DataFrame, looked: Looked) -> pd.DataFrame:
    """How many alarms each screen gives, per 1,000 facts that were looked at."""
    facts = int(sum((~np.isnan(x)).sum() for x in looked.figures.values()))
    counts = alarms["screen"].value_counts()
    rows = [{"screen": screen, "cases": int(counts.get(screen, 0)), "looked": facts,
             "per_1000": 1000 * int(counts.get(screen, 0)) / facts} for screen in ORDER]  # fmt: skip
    return pd.DataFrame(rows)


def _summary(facts: pd.DataFrame, looked: Looked) -> list[Note]:
    count = int(sum((~np.isnan(x)).sum() for x in looked.figures.values()))
    if not len(facts):
        return [remark("integrity.clean", of=count)]
    return [warn("integrity.found", count=len(facts), of=count, rate=1000 * len(facts) / count)]
