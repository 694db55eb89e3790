"""What kind of place is it, how sure is that, what is it nearest to besides, and what would change the answer?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pandas as pd

from relode.maths.numbers import Array, significant
from relode.words.choice import Period, Within, by_name
from relode.words.codelist import Codelist
from relode.words.errors import Misfit
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.result import Answer, Chart

from .typology import Type, Typology

STANDARD: Typology = by_name("citytypes")
LOUDEST = 4.0  # log odds at which a single sign stops growing, so that one outlier does not decide alone


@method("diagnose.citytype", reads=needs())
def citytype(
    panel: Panel, regions: Codelist, *, typology: Typology = STANDARD, period: Period = "",
    least: Annotated[float, Within(0, 1)] = 0.5, sharpness: Annotated[float, Within(0.1, 10)] = 1.5,
) -> Answer:  # fmt: skip
    """Of what type is each place: as shares of membership, with reasons, the next type, and what would change it?

    Shape    the indicators of the typology by entity, one period -> one row per entity and question
    Unit     probability: membership of the type among those of its question, sums to one; `known` the share of the
             signs' weight whose figures are there; below `least` no type is named
    Raises   Misfit where no indicator of the typology is in the panel
    """
    at = panel.at("period", period) if period else len(panel.periods) - 1
    known = [code for code in typology.indicators if code in panel.indicators]
    if not known or not panel.values.size:
        raise Misfit("citytype.nothing", name=typology.name, expected=typology.indicators)
    figures = {code: panel.array()[:, at, panel.at("indicator", code)] for code in known}
    rows: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    signs: list[dict[str, Any]] = []
    for n, entity in enumerate(panel.entities):
        here = {code: float(x[n]) for code, x in figures.items() if not np.isnan(x[n])}
        for group in typology.groups:
            judged = _Judged(entity, panel.periods[at], group, typology.of(group), here, sharpness)
            rows.append(judged.row(least))
            members += judged.members()
            signs += judged.reasons()
    tables = {"types": pd.DataFrame(rows), "membership": pd.DataFrame(members), "signs": pd.DataFrame(signs)}
    notes = _notes(tables["types"], typology, panel)
    chart = Chart("heat", "membership", "citytype.chart", {"value": "probability", "node": "type", "by": "entity"})
    return Answer({name: table for name, table in tables.items() if len(table)}, charts=(chart,), notes=(*notes,))


class _Judged:
    """One place before one question: how loud each type's signs speak."""

    def __init__(
        self, entity: str, period: str, group: str, types: tuple[Type, ...], here: dict[str, float], sharpness: float
    ):
        self.entity, self.period, self.group, self.types, self.here = entity, period, group, types, here
        self.scores = np.array([_score(kind, here) for kind in types])
        self.known = np.array([_known(kind, here) for kind in types])
        heard = np.where(self.known > 0, self.scores, 0.0)
        odds = np.exp(sharpness * (heard - heard.max()))
        self.share: Array = significant(odds / odds.sum())
        self.order = np.argsort(-self.share, kind="stable")

    def row(self, least: float) -> dict[str, Any]:
        """The answer, its reason, the next type, and the smallest change that would make it that."""
        first, second = (self.types[n] for n in self.order[:2])
        known = float(self.known.mean())
        change = self._change(first, second)
        reason = self._loudest(first)
        enough = known >= least and bool(self.known[self.order[0]] > 0)
        return {
            "entity": self.entity, "period": self.period, "group": self.group, "type": first.code if enough else "",
            "probability": float(self.share[self.order[0]]), "known": known, "reason": reason,
            "next_type": second.code, "next_probability": float(self.share[self.order[1]]), **change,
        }  # fmt: skip

    def members(self) -> list[dict[str, Any]]:
        """The share of each type."""
        return [{"entity": self.entity, "period": self.period, "group": self.group, "type": kind.code,
                 "probability": float(self.share[n]), "known": float(self.known[n])}
                for n, kind in enumerate(self.types)]  # fmt: skip

    def reasons(self) -> list[dict[str, Any]]:
        """What each sign says, and which document it stands on."""
        return [
            {"entity": self.entity, "group": self.group, "type": kind.code, "indicator": sign.indicator,
             "value": self.here.get(sign.indicator, np.nan), "at": sign.at, "direction": sign.direction,
             "log_odds": _speaks(sign, self.here), "since": sign.since.isoformat(), "reference": sign.reference}
            for kind in self.types for sign in kind.signs
        ]  # fmt: skip

    def _loudest(self, kind: Type) -> str:
        heard = [(abs(_speaks(sign, self.here)), sign.indicator) for sign in kind.signs if sign.indicator in self.here]
        return max(heard)[1] if heard else ""

    def _change(self, first: Type, second: Type) -> dict[str, Any]:
        """The one figure that, moved by the fewest widths, makes the two types equal; found by halving."""
        best: tuple[float, str, float] = (np.inf, "", np.nan)
        widths = {sign.indicator: sign.width for kind in (first, second) for sign in kind.signs}
        for code in sorted(widths.keys() & self.here.keys()):
            value = self._tie(first, second, code, widths[code])
            if value is not None and abs(value - self.here[code]) / widths[code] < best[0]:
                best = (abs(value - self.here[code]) / widths[code], code, value)
        return {"change_indicator": best[1], "change_from": self.here.get(best[1], np.nan), "change_to": best[2]}

    def _tie(self, first: Type, second: Type, code: str, width: float) -> float | None:
        def lead(value: float) -> float:
            moved = self.here | {code: value}
            return _score(first, moved) - _score(second, moved)

        start = self.here[code]
        for way in (-1.0, 1.0):
            for steps in (0.5, 1, 2, 4, 8, 16, 32):
                end = start + way * steps * width
                if lead(end) <= 0:
                    return _halved(lead, start, end)
        return None


def _halved(lead: Any, start: float, end: float) -> float:
    for _ in range(60):
        middle = (start + end) / 2
        start, end = (middle, end) if lead(middle) > 0 else (start, middle)
    return float(significant(np.array(end), 6))


def _speaks(sign: Any, here: dict[str, float]) -> float:
    if sign.indicator not in here:
        return float("nan")
    return float(np.clip(sign.direction * (here[sign.indicator] - sign.at) / sign.width, -LOUDEST, LOUDEST))


def _score(kind: Type, here: dict[str, float]) -> float:
    """The weighted mean of what the signs with a figure say."""
    heard = [(sign.weight, _speaks(sign, here)) for sign in kind.signs if sign.indicator in here]
    weight = sum(w for w, _ in heard)
    return sum(w * said for w, said in heard) / weight if weight else 0.0


def _known(kind: Type, here: dict[str, float]) -> float:
    whole = sum(sign.weight for sign in kind.signs)
    return sum(sign.weight for sign in kind.signs if sign.indicator in here) / whole


def _notes(types: pd.DataFrame, typology: Typology, panel: Panel) -> list[Note]:
    notes = []
    lacking = [code for code in typology.indicators if code not in panel.indicators]
    if lacking:
        notes.append(warn("citytype.lacking", count=len(lacking), names=", ".join(lacking)))
    unnamed = int((types["type"] == "").sum())
    if unnamed:
        notes.append(warn("citytype.unnamed", count=unnamed, of=len(types)))
    close = types[(types["type"] != "") & (types["probability"] - types["next_probability"] < 0.2)]
    if len(close):
        notes.append(remark("citytype.close", count=len(close), names=", ".join(close["entity"].unique()[:5])))
    notes.append(remark("citytype.working"))
    return notes


@method("diagnose.citytype_check", reads=needs(indicators=("indicators",)))
def citytype_check(panel: Panel, regions: Codelist, *, indicators: tuple[str, ...], period: Period = "") -> Answer:
    """Could the labels that are known be told from these figures, in a province that was never seen?

    Shape    labels are the codelist's `type`, provinces its `parent`; each province is left out once, the nearest mean
             of the other provinces' types is the guess -> one row per labelled entity; accuracy with its exact interval
    Unit     shares 0-1; the interval is Clopper and Pearson's, 95 %
    Raises   Misfit for fewer than two labels, provinces or whole rows
    """
    if not panel.values.size or not indicators:
        raise Misfit("citytype.few_labels", count=0)
    at = panel.at("period", period) if period else len(panel.periods) - 1
    block = panel.only(indicators=indicators).array()[:, at]
    labels = [regions[code].type if code in regions else "" for code in panel.entities]
    parents = [regions[code].parent if code in regions else "" for code in panel.entities]
    use = [n for n, label in enumerate(labels) if label and parents[n] and not np.isnan(block[n]).any()]
    if len({labels[n] for n in use}) < 2 or len({parents[n] for n in use}) < 2:
        raise Misfit("citytype.few_labels", count=len(use))
    rows = []
    for n in use:
        seen = [m for m in use if parents[m] != parents[n]]
        rows.append({"entity": panel.entities[n], "parent": parents[n], "type": labels[n],
                     "guess": _nearest(block, labels, seen, n) if seen else ""})  # fmt: skip
    frame = pd.DataFrame(rows)
    right = int((frame["type"] == frame["guess"]).sum())
    low, high = exact_interval(right, len(frame))
    usual = float(frame["type"].value_counts(normalize=True).iloc[0])
    score = pd.DataFrame([{"cases": len(frame), "right": right, "share": right / len(frame), "low": low, "high": high,
                           "usual": usual}])  # fmt: skip
    note = warn if high - low > 0.2 else remark
    notes = [note("citytype.decides_nothing" if high - low > 0.2 else "citytype.decides", count=len(frame), low=low,
                  high=high, usual=usual)]  # fmt: skip
    if low <= usual:
        notes.append(warn("citytype.no_better", share=right / len(frame), usual=usual))
    return Answer({"accuracy": score, "guesses": frame}, notes=(*notes,))


def _nearest(block: Array, labels: list[str], seen: list[int], n: int) -> str:
    spread = block[seen].std(axis=0)
    scaled = (block - block[seen].mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    kinds = sorted({labels[m] for m in seen})
    gaps = [((scaled[[m for m in seen if labels[m] == kind]].mean(axis=0) - scaled[n]) ** 2).sum() for kind in kinds]
    return kinds[int(np.argmin(gaps))]


def exact_interval(right: int, count: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share. Source: Clopper and Pearson (1934), Biometrika 26, 404-413"""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(right, count - right + 1, tail)) if right else 0.0
    high = float(betaincinv(right + 1, count - right, 1 - tail)) if right < count else 1.0
    return low, high
