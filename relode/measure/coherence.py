"""measure.coherence: do indicators and groups tell one story, and does each count as much as it should? 一致性检验"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from relode.maths.coherence import cronbach, principal
from relode.maths.numbers import Array, significant
from relode.maths.weights import correlation
from relode.words.choice import Period, by_name
from relode.words.codelist import Codelist
from relode.words.errors import RelodeError, UnknownWord
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.plan import Plan
from relode.words.result import Answer, Chart
from relode.words.rules import Rules

from . import tables
from .attribution import effective, with_parents
from .choose import choose
from .naming import in_both
from .ranking import ranks_of
from .score import Scores, score

if TYPE_CHECKING:
    import pandas as pd

RULES: Any = by_name("coherence")
NAMED = 3  # strengths and weaknesses that are told of each entity


@method("measure.coherence", reads=needs(plan="plan"))
def coherence(
    panel: Panel,
    regions: Codelist,
    *,
    plan: Plan,
    against: Plan | None = None,
    period: Period | None = None,
    rules: Rules = RULES,
) -> Answer:
    """Correlations by level with flags, alpha, principal components, effective weights, leave-one-out, doubles.

    Shape    facts of the plan's periods  ->  one row per pair of siblings in `pairs`; `groups`, `ancestors`,
             `importance`, `components`, `left_out`, `doubles`, `strengths`; `versions` where `against` is given
    Unit     correlations -1 to 1; shares 0 to 1; `period` is the one looked at, the last if not given
    Raises   UnknownWord for a period that is not there; what the plan itself raises
    """
    scores = score(choose(panel, regions, plan))
    t = period_at(scores, period)
    found = {
        "pairs": _pairs(scores, t, rules),
        "groups": _groups(scores, t, rules),
        "ancestors": _ancestors(scores, t, rules),
        "importance": _importance(scores, t),
        "components": _components(scores, t),
        "left_out": _left_out(scores, panel, t),
        "doubles": _doubles(scores, t, rules),
        "strengths": _strengths(scores, t),
    }
    if against is not None:
        found["versions"] = _versions(scores, score(choose(panel, regions, against)), t)
    charts = (
        Chart("bars", "left_out", "coherence.chart.left_out", {"value": "mean_shift", "by": "indicator"}),
        Chart("bars", "importance", "coherence.chart.importance", {"value": "effective", "by": "node"}),
    )
    return Answer(found, charts=charts, notes=(*_notes(scores, found, rules), *scores.chosen.notes))


def period_at(scores: Scores, period: str | None) -> int:
    """Where the period stands, the last if None. Raises UnknownWord."""
    periods = scores.chosen.periods
    if period is not None and period not in periods:
        raise UnknownWord("panel.code", name=period, axis="period", expected=periods)
    return len(periods) - 1 if period is None else periods.index(period)


def flag_of(r: float, rules: Rules) -> str:
    """What a correlation says of two parts of one whole: `negative`, `weak`, `fits` or `too_high`."""
    if r < rules["negative"].on().value:
        return "negative"
    if r < rules["weak"].on().value:
        return "weak"
    return "too_high" if r > rules["too_high"].on().value else "fits"


def _at(scores: Scores, t: int) -> Array:
    """All nodes of one period, of those who have a score. Shape (entity, node)"""
    return scores.nodes[:, t][:, scores.scored[:, t]].T


def _pairs(scores: Scores, t: int, rules: Rules) -> pd.DataFrame:
    import pandas as pd

    tree, block, rows = scores.chosen.tree, _at(scores, t), []
    for branch in tree.branches:
        r = significant(correlation(block[:, list(branch.children)]))
        for i, j in zip(*np.triu_indices(len(branch.children), 1), strict=True):
            first, second = (tree.codes[branch.children[k]] for k in (i, j))
            rows.append((branch.code, first, second, r[i, j], flag_of(r[i, j], rules)))
    return pd.DataFrame(rows, columns=["parent", "node", "node_other", "correlation", "flag"])


def _groups(scores: Scores, t: int, rules: Rules) -> pd.DataFrame:
    import pandas as pd

    tree, block, rows = scores.chosen.tree, _at(scores, t), []
    for branch in tree.branches:
        x = block[:, list(branch.children)]
        k = x.shape[1]
        off = correlation(x)[np.triu_indices(k, 1)]
        ends = (float(off.mean()), float(off.min())) if k > 1 else (np.nan, np.nan)
        alpha = cronbach(x)
        poor = bool(alpha < rules["alpha"].on().value)
        rows.append((branch.code, k, alpha, poor, principal(x)[0] / k, *ends))
    names = ["node", "children", "alpha", "poor", "first_share", "mean_correlation", "least_correlation"]
    return _rounded(pd.DataFrame(rows, columns=names))


def _ancestors(scores: Scores, t: int, rules: Rules) -> pd.DataFrame:
    """The correlation of every node with every group above it."""
    import pandas as pd

    tree, rows = scores.chosen.tree, []
    r = significant(correlation(_at(scores, t)))
    for n, code in enumerate(tree.codes):
        above, distance = tree.parents[n], 1
        while above >= 0:
            node = len(tree.leaves) + above
            rows.append((code, tree.codes[node], distance, r[n, node], flag_of(r[n, node], rules)))
            above, distance = tree.parents[node], distance + 1
    return pd.DataFrame(rows, columns=["node", "parent", "steps_up", "correlation", "flag"])


def _importance(scores: Scores, t: int) -> pd.DataFrame:
    """Weight in the group and in the whole, and how much each node really counts in its group."""
    import pandas as pd

    tree = scores.chosen.tree
    within, whole = tables.node_weights(scores)
    r = with_parents(scores)
    real = effective(scores, r)
    rows = [
        (code, tree.branches[above].code, within[n, t], whole[n, t], r[n, t], real[n, t], real[n, t] - within[n, t])
        for n, (code, above) in enumerate(zip(tree.codes, tree.parents, strict=True))
        if above >= 0
    ]
    names = ["node", "parent", "weight", "weight_total", "correlation", "effective", "excess"]
    return _rounded(pd.DataFrame(rows, columns=names))


def _components(scores: Scores, t: int) -> pd.DataFrame:
    import pandas as pd

    tree, block, rows = scores.chosen.tree, _at(scores, t), []
    for branch in tree.branches:
        values = principal(block[:, list(branch.children)])
        share = values / values.sum()
        for n, (value, part, sum_) in enumerate(zip(values, share, np.cumsum(share), strict=True), 1):
            rows.append((branch.code, n, value, part, sum_))
    return _rounded(pd.DataFrame(rows, columns=["node", "component", "eigenvalue", "explained", "explained_sum"]))


def _left_out(scores: Scores, panel: Panel, t: int) -> pd.DataFrame:
    """How far ranks move where one indicator is left out, its weight going to its siblings. 逐一剔除"""
    import pandas as pd

    chosen, rows = scores.chosen, []
    own = ranks_of(scores.score[:, t], scores.plan.rank.ties)
    for code in chosen.codes:
        try:
            plan = scores.plan.but(**_without(scores.plan, code))
            rank = ranks_of(score(choose(panel, chosen.regions, plan)).score[:, t], plan.rank.ties)
        except RelodeError:  # the plan cannot stand without it, or with it alone
            continue
        shift = np.abs(rank - own)
        far = int(np.nanargmax(shift))
        moved = int((shift > 0).sum())
        rows.append(
            (code, float(np.nanmean(shift)), float(shift[far]), chosen.entities[far], own[far], rank[far], moved)
        )
    names = ["indicator", "mean_shift", "greatest_shift", "entity", "rank", "rank_without", "moved_count"]
    found = _rounded(pd.DataFrame(rows, columns=names))
    return found.sort_values("mean_shift", ascending=False, kind="stable", ignore_index=True)


def _without(plan: Plan, code: str) -> dict[str, Any]:
    """The sections of a plan that must change where an indicator is dropped."""
    sections: dict[str, Any] = {"select": {"drop": (*plan.select.drop, code)}}
    if code in plan.weigh.given:
        sections["weigh"] = {"given": {name: w for name, w in plan.weigh.given.items() if name != code}}
    return sections


def _doubles(scores: Scores, t: int, rules: Rules) -> pd.DataFrame:
    """Pairs of indicators anywhere in the tree that say nearly the same: together they count twice."""
    import pandas as pd

    tree = scores.chosen.tree
    k = len(tree.leaves)
    r = significant(correlation(_at(scores, t)[:, :k]))
    _, whole = tables.node_weights(scores)
    rows = [
        (tree.leaves[i], tree.leaves[j], r[i, j], whole[i, t] + whole[j, t])
        for i, j in zip(*np.triu_indices(k, 1), strict=True)
        if abs(r[i, j]) > rules["too_high"].on().value
    ]
    found = _rounded(pd.DataFrame(rows, columns=["node", "node_other", "correlation", "weight_total"]))
    return found.sort_values("correlation", ascending=False, kind="stable", ignore_index=True)


def _strengths(scores: Scores, t: int) -> pd.DataFrame:
    """The indicators in which each entity ranks best and worst; ties go to the greater weight."""
    import pandas as pd

    tree, rows = scores.chosen.tree, []
    k = len(tree.leaves)
    x = np.where(scores.scored[:, t], scores.nodes[:k, t], np.nan)
    rank = np.stack([ranks_of(significant(row), "min") for row in x])
    known = (~np.isnan(rank)).sum(axis=1)
    share = (rank - 1) / np.maximum(known - 1, 1)[:, None]  # 0 best, 1 worst: ranks among unlike many entities
    _, whole = tables.node_weights(scores)
    for n in np.flatnonzero(scores.scored[:, t]):
        here = np.flatnonzero(~np.isnan(rank[:, n]))
        up = here[np.lexsort((-whole[here, t], share[here, n]))]
        down = here[np.lexsort((-whole[here, t], -share[here, n]))]
        most = min(NAMED, len(here) // 2)
        for side, order in (("strength", up), ("weakness", down)):
            for place, j in enumerate(order[:most], 1):
                at = scores.chosen.raw[n, t, j]
                rows.append((scores.chosen.entities[n], side, place, tree.leaves[j], at, rank[j, n], known[j]))
    names = ["entity", "side", "place_in_order", "indicator", "value", "rank", "known_count"]
    return _rounded(pd.DataFrame(rows, columns=names))


def _versions(scores: Scores, other: Scores, t: int) -> pd.DataFrame:
    """The ranks of two versions of a plan side by side, the greatest shift first."""
    import pandas as pd

    chosen = scores.chosen
    late = period_at(other, chosen.periods[t])
    theirs = dict(zip(other.chosen.entities, other.score[:, late], strict=True))
    score_other = np.array([theirs.get(code, np.nan) for code in chosen.entities])
    rank, rank_other = (ranks_of(x, scores.plan.rank.ties) for x in (scores.score[:, t], score_other))
    table = pd.DataFrame(
        {
            "entity": chosen.entities, "score": scores.score[:, t], "score_other": score_other,
            "rank": rank, "rank_other": rank_other, "rank_change": rank - rank_other,
        }
    )  # fmt: skip
    order = (-table["rank_change"].abs()).fillna(-np.inf).sort_values(kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{c: significant(table[c].to_numpy()) for c in table.select_dtypes("float").columns})


def _notes(scores: Scores, found: dict[str, pd.DataFrame], rules: Rules) -> list[Note]:
    label, notes = scores.chosen.label, []
    pairs, groups, doubles = found["pairs"], found["groups"], found["doubles"]
    if count := int((pairs["flag"] == "negative").sum()):
        names = list(dict.fromkeys(pairs.loc[pairs["flag"] == "negative", "parent"]))
        notes.append(warn("coherence.negative", count=count, **in_both(names, label)))
    if len(doubles):
        names = list(dict.fromkeys([*doubles["node"], *doubles["node_other"]]))
        notes.append(
            warn("coherence.doubles", count=len(doubles), **in_both(names, label), **_limit("too_high", rules))
        )
    if poor := list(groups.loc[groups["poor"], "node"]):
        notes.append(remark("coherence.alpha", count=len(poor), **in_both(poor, label), **_limit("alpha", rules)))
    entities, leaves = int(scores.scored[:, -1].sum()), len(scores.chosen.codes)
    if entities <= leaves:
        notes.append(warn("coherence.few", count=entities, of=leaves))
    return notes


def _limit(code: str, rules: Rules) -> dict[str, float]:
    return {"level": rules[code].on().value}
