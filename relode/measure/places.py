"""measure.places: single places against their neighbours and their peers. 重点地区对比"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from relode.maths.numbers import Array, significant
from relode.words.choice import EntityCode
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, UnknownWord
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.plan import Plan
from relode.words.result import Answer, Chart
from relode.words.ties import Ties

from . import ranking
from .choose import choose
from .draws import Chances, chances
from .naming import in_both
from .score import Scores, score

if TYPE_CHECKING:
    import pandas as pd

NEAREST = 10
MOST = 3


@method("measure.places", reads=needs(plan="plan"))
def places(
    panel: Panel, regions: Codelist, neighbours: Ties | None, *, plan: Plan, places: tuple[EntityCode, ...]
) -> Answer:
    """How single places stand against their neighbours and their peers, by dimension and indicator.

    Neighbours come from ties of the indicator `neighbour`; without any, the other members of the same parent stand
    in. Peers share the plan's peer group; where there are context figures outside the score, the nearest ten of them.

    Shape    facts, and ties where there are any  ->  one row per place and group of comparison, last period
    Unit     scores and gaps in points on the plan's scale; gap = own - mean of the others
    Raises   UnknownWord for a place that the plan does not select; Misfit where no place is named
    """
    scores = score(choose(panel, regions, plan))
    for name in places:
        if name not in scores.chosen.entities:
            raise UnknownWord("places.unknown", name=name, expected=scores.chosen.entities)
    if not places:
        raise Misfit("choice.missing", name="places", where="measure.places")
    spread = chances(scores, last=1) if plan.uncertainty.draws else None
    groups = Groups(scores, regions, neighbours)
    against = {(place, kind): groups.of(place, kind) for place in places for kind in KINDS}
    found = {
        "places": _places(scores, against),
        "gaps": _gaps(scores, against, branches=True),
        "indicator_gaps": _gaps(scores, against, branches=False),
        "who": _who(scores, spread, against),
    }
    found["standing"] = _standing(found["indicator_gaps"])
    chart = Chart("gaps", "gaps", "measure.chart.gaps", {"value": "gap", "period": scores.chosen.periods[-1]})
    return Answer(found, charts=(chart,), notes=groups.notes(places, against) + scores.chosen.notes)


KINDS = ("neighbours", "peers")
Against = Mapping[tuple[str, str], tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Groups:
    """Who a place is held against: entities with a score in the last period, the place itself left out."""

    scores: Scores
    regions: Codelist
    ties: Ties | None

    def of(self, place: str, kind: str) -> tuple[int, ...]:
        """Where the members of a group stand on the axis of entities."""
        codes = self._neighbours(place) if kind == "neighbours" else self._peers(place)
        entities, has = self.scores.chosen.entities, self.scores.scored[:, -1]
        at = {code: n for n, code in enumerate(entities) if has[n] and code != place}
        found = [at[code] for code in codes if code in at]
        return tuple(self._nearest(place, found) if kind == "peers" else found)

    def has_ties(self, place: str) -> bool:
        """Is any neighbour known?"""
        return self.ties is not None and bool(self.ties.of(place))

    def _neighbours(self, place: str) -> tuple[str, ...]:
        if self.ties is not None and self.has_ties(place):
            return self.ties.of(place)
        parent = self.regions[place].parent if place in self.regions else ""
        return tuple(entity.code for entity in self.regions.values() if parent and entity.parent == parent)

    def _peers(self, place: str) -> tuple[str, ...]:
        entities, kinds = self.scores.chosen.entities, ranking.peer_groups(self.scores)
        kind = kinds[entities.index(place)]
        return tuple(code for code, other in zip(entities, kinds, strict=True) if kind and other == kind)

    def _nearest(self, place: str, found: list[int]) -> list[int]:
        """The ten of `found` that are nearest in the context figures, each in standard deviations of its column."""
        context = self.context
        if not context.shape[1] or len(found) <= NEAREST:
            return found
        away = context[found] - context[self.scores.chosen.entities.index(place)]
        known = (~np.isnan(away)).sum(axis=1)
        distance = np.nansum(away**2, axis=1) / np.maximum(known, 1)
        order = np.argsort(np.where(known > 0, significant(distance), np.inf), kind="stable")
        return sorted(found[n] for n in order[:NEAREST])

    @property
    def context(self) -> Array:
        """Figures of the system that say nothing of good or bad, last period, standardised. Shape (entity, k)"""
        chosen = self.scores.chosen
        block = chosen.context.array(chosen.plan.select.scenario, chosen.periods[-1])
        keep = (~np.isnan(block)).sum(axis=0) > 1
        block = block[:, keep]
        spread = np.nanstd(block, axis=0, ddof=1) if block.size else np.ones(0)
        return block[:, spread > 0] / spread[spread > 0]

    def notes(self, places: tuple[str, ...], against: Against) -> tuple[Note, ...]:
        """Who was taken for a neighbour, who for a peer, and who has none."""
        label, system = self.regions.label, self.scores.plan.system
        tied = [place for place in places if self.has_ties(place)]
        notes = [remark("places.neighbours_ties")] if tied else []
        rest = [place for place in places if place not in tied and against[place, "neighbours"]]
        notes += [remark("places.neighbours_parent", **in_both(rest, label))] if rest else []
        context = self.scores.chosen.context.indicators
        near = remark("places.peers_near", count=NEAREST, **in_both(context, system.label))
        notes.append(near if self.context.shape[1] else remark("places.peers_type"))
        for kind in KINDS:
            if alone := [place for place in places if not against[place, kind]]:
                notes.append(warn(f"places.{kind}_none", **in_both(alone, label)))
        return tuple(notes)


def _places(scores: Scores, against: Against) -> pd.DataFrame:
    import pandas as pd

    chosen, score = scores.chosen, scores.score[:, -1]
    table = ranking.ranks(scores, None)
    own = table[table["period"] == chosen.periods[-1]].set_index("entity")
    rows = []
    for (place, kind), others in against.items():
        mine = score[chosen.entities.index(place)]
        mean = _mean(score[list(others)])
        told = dict(own.loc[place, ["rank", "peer", "peer_rank"]]) if place in own.index else _NO_RANK
        row = {"place": place, "period": chosen.periods[-1], "score": mine, **told}
        rows.append({**row, "against": kind, "count": len(others), "score_of": mean, "gap": mine - mean})
    return pd.DataFrame(rows)


_NO_RANK: dict[str, Any] = {"rank": np.nan, "peer": "", "peer_rank": np.nan}


def _gaps(scores: Scores, against: Against, *, branches: bool) -> pd.DataFrame:
    """Own score, mean of the others and the gap, for each group (or each indicator, with its figures)."""
    import pandas as pd

    chosen, tree = scores.chosen, scores.chosen.tree
    top = len(tree.leaves)
    nodes = range(top, len(tree.codes) - 1) if branches else range(top)
    rows = []
    for (place, kind), others in against.items():
        who = chosen.entities.index(place)
        for n in nodes if others else ():
            own, other = scores.nodes[n, -1, who], _mean(scores.nodes[n, -1, list(others)])
            row: dict[str, Any] = {"place": place, "against": kind, "node" if branches else "indicator": tree.codes[n]}
            row |= {"own": own, "other": other, "gap": own - other}
            if not branches:
                raw = chosen.raw[:, -1, n]
                row |= {"value": raw[who], "value_of": _mean(raw[list(others)]), "unit": chosen.indicators[n].unit}
            rows.append(row)
    columns = ["place", "against", "node" if branches else "indicator", "own", "other", "gap"]
    return pd.DataFrame(rows, columns=columns if branches else [*columns, "value", "value_of", "unit"])


def _mean(x: Array) -> float:
    known = x[~np.isnan(x)]
    return float(np.mean(known)) if known.size else np.nan


def _standing(gaps: pd.DataFrame) -> pd.DataFrame:
    """The indicators by which a place stands out most from those it is held against, three of either kind."""
    import pandas as pd

    parts = []
    known = gaps.dropna(subset=["gap"])
    for kind, ascending in (("strength", False), ("weakness", True)):
        side = known[known["gap"] > 0] if kind == "strength" else known[known["gap"] < 0]
        ordered = side.sort_values("gap", ascending=ascending, kind="stable")
        best = ordered.groupby(["place", "against"], sort=False).head(MOST)
        order = best.groupby(["place", "against"], sort=False).cumcount() + 1
        parts.append(best.assign(standing=kind, place_in_order=order))
    return pd.concat(parts, ignore_index=True).sort_values(
        ["place", "against", "standing", "place_in_order"], kind="stable", ignore_index=True
    )


def _who(scores: Scores, spread: Chances | None, against: Against) -> pd.DataFrame:
    """Everyone a place is held against, with the share of draws in which the place stands above."""
    import pandas as pd

    chosen, score = scores.chosen, scores.score[:, -1]
    rank = ranking.all_ranks(scores)[:, -1]
    above = _above(scores, spread)
    rows = [
        {
            "place": place, "against": kind, "entity": chosen.entities[n], "score": score[n], "rank": rank[n],
            "p_above": above[chosen.entities.index(place), n],
        }
        for (place, kind), others in against.items()
        for n in sorted(others, key=lambda n: rank[n])
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["place", "against", "entity", "score", "rank", "p_above"])


def _above(scores: Scores, spread: Chances | None) -> Array:
    """The share of draws in which one entity (row) stands above another, last period. Shape (entity, entity)"""
    n = len(scores.chosen.entities)
    found = np.full((n, n), np.nan)
    if spread is not None:
        order = spread.order[-1]
        found[np.ix_(order, order)] = spread.above[-1]
    return found
