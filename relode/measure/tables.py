"""The tables of an index: codes in cells, one row per fact, fixed columns (docs/design.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array, significant
from relode.words.codelist import STATUSES
from relode.words.indicator import Indicator
from relode.words.texts import LANGUAGES

from .attribution import contributions, effective, obstacles, with_parents
from .ranking import ranks_of
from .score import Scores
from .tree import leaves_of
from .yardstick import ends

if TYPE_CHECKING:
    import pandas as pd

OBSTACLES = 5


def dimensions(scores: Scores) -> pd.DataFrame:
    """The score and rank of every entity in every group (the root is the index itself, and not repeated)."""
    import pandas as pd

    chosen, tree, parts = scores.chosen, scores.chosen.tree, []
    gone = chosen.gaps
    for n, branch in enumerate(tree.branches[:-1]):
        node = significant(np.where(scores.scored, scores.nodes[len(tree.leaves) + n].T, np.nan))
        rank = np.stack([ranks_of(node[:, t], scores.plan.rank.ties) for t in range(node.shape[1])], axis=1)
        missing = gone[..., list(branch.leaves)].mean(axis=2)
        parts.append(
            _long(scores, scores.scored, {"node": branch.code, "score": node, "rank": rank, "missing": missing})
        )
    columns = ["entity", "period", "node", "score", "rank", "missing"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def parts(scores: Scores) -> pd.DataFrame:
    """What the score is made of: the parts of the root's children, which sum to it."""
    import pandas as pd

    tree, found = scores.chosen.tree, []
    part, _ = contributions(scores)
    for child in tree.branches[-1].children:
        below = list(leaves_of(tree, child))
        whole = significant(np.nansum(part[..., below], axis=2))
        found.append(_long(scores, scores.scored, {"node": tree.codes[child], "contribution": whole}))
    return pd.concat(found, ignore_index=True)


def indicators(scores: Scores) -> pd.DataFrame:
    """Every figure: as published or derived, on the scale, with its weight and its part of the score."""
    import pandas as pd

    chosen, parts = scores.chosen, []
    part, weight = contributions(scores)
    names = np.array(list(STATUSES), dtype=object)
    for k, indicator in enumerate(chosen.indicators):
        columns = {
            "indicator": indicator.code,
            "value": significant(chosen.raw[..., k]),
            "unit": indicator.unit,
            "status": names[chosen.status[..., k]],
            "normalised": significant(scores.nodes[k].T),
            "weight": significant(weight[..., k]),
            "contribution": significant(part[..., k]),
        }
        parts.append(_long(scores, np.ones_like(chosen.scored), columns))
    return pd.concat(parts, ignore_index=True)


def _long(scores: Scores, keep: NDArray[np.bool_], columns: dict[str, Any]) -> pd.DataFrame:
    """One row per entity and period that is kept; arrays of (entity, period) become columns."""
    import pandas as pd

    chosen = scores.chosen
    entity, period = np.nonzero(keep)
    found: dict[str, Any] = {
        "entity": np.array(chosen.entities, dtype=object)[entity],
        "period": np.array(chosen.periods, dtype=object)[period],
    }
    found |= {name: x[entity, period] if isinstance(x, np.ndarray) else x for name, x in columns.items()}
    return pd.DataFrame(found)


def obstacle_table(scores: Scores, most: int = OBSTACLES) -> pd.DataFrame:
    """The indicators that hold each entity back most, greatest obstacle first."""
    import pandas as pd

    gap, degree = obstacles(scores)
    kept = min(most, degree.shape[2])
    order = np.argsort(-np.where(np.isnan(degree), -1.0, significant(degree)), axis=2, kind="stable")[..., :kept]
    names, parts = np.array(scores.chosen.codes, dtype=object), []
    for place in range(kept):
        at = order[..., place, None]
        share = significant(np.take_along_axis(degree, at, 2)[..., 0])
        values = {"place_in_order": place + 1, "indicator": names[at[..., 0]]}
        values["gap"] = significant(np.take_along_axis(gap, at, 2)[..., 0])
        parts.append(_long(scores, scores.scored & (share > 0), values | {"obstacle": share}))
    table = pd.concat(parts, ignore_index=True)
    return _sorted(table, scores, ["period", "entity", "place_in_order"])


def _sorted(table: pd.DataFrame, scores: Scores, by: list[str]) -> pd.DataFrame:
    """Rows in the order of the axes, not of the alphabet."""
    axes: dict[str, Sequence[str]] = {"entity": scores.chosen.entities, "period": scores.chosen.periods}

    def place(column: pd.Series[Any]) -> pd.Series[Any]:
        codes = axes.get(str(column.name))
        return column.map({code: n for n, code in enumerate(codes)}) if codes else column

    return table.sort_values(by, key=place, kind="stable", ignore_index=True)


def weights(scores: Scores) -> pd.DataFrame:
    """What each node weighs in its group, in the whole, and how much it really counts."""
    import pandas as pd

    tree, periods = scores.chosen.tree, scores.chosen.periods
    correlations = with_parents(scores)
    real = effective(scores, correlations)
    within, whole = node_weights(scores)
    rows = [
        {
            "period": period, "node": code, "parent": tree.branches[above].code, "weight": within[n, t],
            "effective": real[n, t], "weight_total": whole[n, t], "correlation": correlations[n, t],
        }
        for t, period in enumerate(periods)
        for n, (code, above) in enumerate(zip(tree.codes, tree.parents, strict=True))
        if above >= 0
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    for name in ("weight", "effective", "weight_total", "correlation"):
        table[name] = significant(table[name].to_numpy())
    return table


def node_weights(scores: Scores) -> tuple[Array, Array]:
    """The weight of each node in its group, and in the whole. Shape two of (node, period)"""
    tree = scores.chosen.tree
    within = np.ones((len(tree.codes), len(scores.chosen.periods)))
    whole = np.ones_like(within)
    for n in range(len(tree.branches) - 1, -1, -1):
        children = list(tree.branches[n].children)
        within[children] = scores.weights[n].T
        whole[children] = within[children] * whole[len(tree.leaves) + n]
    return within, whole


def limits(scores: Scores) -> pd.DataFrame:
    """The yardstick: the least and the greatest figure of each indicator's window; z-scores: mean -/+ one deviation."""
    import pandas as pd

    low, high = (significant(side) for side in ends(scores.limits, scores.plan.normalise.method))
    rows = [
        (period, code, low[t, k], high[t, k], scores.plan.normalise.method, scores.plan.normalise.limits)
        for t, period in enumerate(scores.chosen.periods)
        for k, code in enumerate(scores.chosen.codes)
    ]
    return pd.DataFrame(rows, columns=["period", "indicator", "low", "high", "how", "window"])


def coverage(scores: Scores) -> pd.DataFrame:
    """How many of the entities have each indicator."""
    import pandas as pd

    chosen = scores.chosen
    available = (~chosen.gaps).sum(axis=0)
    of = len(chosen.entities)
    rows = [
        (period, code, int(available[t, k]), of, available[t, k] / of)
        for t, period in enumerate(chosen.periods)
        for k, code in enumerate(chosen.codes)
    ]
    return pd.DataFrame(rows, columns=["period", "indicator", "available", "of", "share"])


def unscored(scores: Scores) -> pd.DataFrame:
    """Who has no score, when and why."""
    chosen = scores.chosen
    why = np.full(chosen.scored.shape, "too_many_missing", object) if chosen.reasons is None else chosen.reasons
    reason = np.where(chosen.scored, "no_weight", why).astype(object)
    return _long(scores, ~scores.scored, {"missing": chosen.missing, "reason": reason})


def fact_codes(scores: Scores) -> tuple[str, ...]:
    """What the index and its groups are called in the store, groups first."""
    root = f"index.{scores.plan.name}"
    branches = scores.chosen.tree.branches
    return (*(f"{root}.{branch.code}" for branch in branches[:-1]), root)


def facts(scores: Scores) -> pd.DataFrame:
    """The index and its groups as facts for the store: estimated, one indicator code each."""
    import pandas as pd

    top, parts = len(scores.chosen.tree.leaves), []
    for n, code in enumerate(fact_codes(scores)):
        node = significant(scores.nodes[top + n].T)
        parts.append(_long(scores, scores.scored & ~np.isnan(node), {"indicator": code, "value": node}))
    return pd.concat(parts, ignore_index=True).assign(scenario=scores.plan.select.scenario, status="E")


def defined(scores: Scores) -> tuple[Indicator, ...]:
    """What these facts are."""
    plan, tree = scores.plan, scores.chosen.tree
    names = [
        {lang: f"{plan.label(lang)}: {scores.chosen.label(b.code, lang)}" for lang in LANGUAGES} for b in tree.branches
    ]
    names[-1] = {lang: plan.label(lang) for lang in LANGUAGES}
    source = f"relode:measure.index/{plan.name}"
    return tuple(
        Indicator(code, name["zh"], name["en"], "points", 1, source=source)
        for code, name in zip(fact_codes(scores), names, strict=True)
    )
