"""Ranks: overall, among peers, and what the draws say of them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from relode.maths import chance
from relode.maths.numbers import Array
from relode.words.codelist import Entity
from relode.words.errors import UnknownWord

from .score import Scores

if TYPE_CHECKING:
    import pandas as pd

    from .draws import Chances


def ranks_of(score: Array, ties: str) -> Array:
    """The rank of each score, 1 = best, NaN without one. Shape (entity,) -> (entity,)"""
    here = ~np.isnan(score)
    found = np.full(score.shape, np.nan)
    if here.any():
        found[here] = chance.mean_ranks(score[here]) if ties == "average" else chance.ranks(score[here])
    return found


def all_ranks(scores: Scores) -> Array:
    """The ranks in all periods. Shape (entity, period)"""
    ties, score = scores.plan.rank.ties, scores.score
    return np.stack([ranks_of(score[:, t], ties) for t in range(score.shape[1])], axis=1)


def peer_groups(scores: Scores) -> list[str]:
    """The peer group of each entity: what the plan's attribute says of it in the codelist, '' if nothing.

    Raises   UnknownWord where the codelist has no such attribute
    """
    chosen, attribute = scores.chosen, scores.plan.rank.peers
    if not attribute:
        return [""] * len(chosen.entities)
    if attribute not in (known := [f.name for f in fields(Entity) if f.name not in ("tags", "lon", "lat")]):
        raise UnknownWord("index.peers", name=attribute, where=f"{scores.plan.name}, [rank] peers", expected=known)
    return [str(getattr(chosen.regions.get(code), attribute, "") or "") for code in chosen.entities]


def ranks(scores: Scores, chances: Chances | None) -> pd.DataFrame:
    """One row per entity with a score and period: the answer, best first."""
    import pandas as pd

    ranked, groups = all_ranks(scores), np.array(peer_groups(scores), dtype=object)
    parts = [_ranks_at(t, scores, chances, ranked, groups) for t in range(len(scores.chosen.periods))]
    return pd.concat(parts, ignore_index=True)


def _ranks_at(
    t: int, scores: Scores, chances: Chances | None, ranked: Array, groups: NDArray[np.object_]
) -> pd.DataFrame:
    import pandas as pd

    chosen, rank = scores.chosen, ranked[:, t]
    here = np.flatnonzero(~np.isnan(rank))
    order = here[np.argsort(rank[here], kind="stable")]
    sure = _uncertain(scores, chances, t, order)
    peer_rank, peer_count = _among_peers(scores.score[:, t], groups, scores.plan.rank.ties)
    before = ranked[:, t - 1] if t else np.full(rank.shape, np.nan)
    columns: dict[str, Any] = {
        "entity": [chosen.entities[n] for n in order],
        "period": chosen.periods[t],
        "score": scores.score[order, t],
        "rank": rank[order] if scores.plan.rank.ties == "average" else rank[order].astype(int),
        **{name: sure[name] for name in ("rank_low", "rank_high", "band")},
        "peer": groups[order],
        "peer_rank": peer_rank[order],
        "peer_count": peer_count[order],
        "missing": chosen.missing[order, t],
        **{name: sure[name] for name in ("p_top", "p_bottom")},
        "rank_before": before[order],
        "rank_change": (before - rank)[order],
    }
    return pd.DataFrame(columns)


def _among_peers(score: Array, groups: NDArray[np.object_], ties: str) -> tuple[Array, Array]:
    rank, count = np.full(score.shape, np.nan), np.full(score.shape, np.nan)
    for group in sorted(set(groups) - {""}):
        inside = (groups == group) & ~np.isnan(score)
        rank[inside] = ranks_of(score[inside], ties)
        count[inside] = inside.sum()
    return rank, count


def _uncertain(scores: Scores, chances: Chances | None, t: int, order: NDArray[np.intp]) -> dict[str, Array]:
    """What the draws say of the entities in `order`; nothing of those without a score in some draw."""
    names = ("rank_low", "rank_high", "band", "p_top", "p_bottom")
    if chances is None:
        return dict.fromkeys(names, np.full(len(order), np.nan))
    low, high = scores.plan.uncertainty.interval
    counts, drawn = chances.counts[t], chances.order[t]
    found = (
        chance.rank_quantile(counts, low), chance.rank_quantile(counts, high),
        chance.bands(chances.above[t], scores.plan.rank.band), chance.within(counts, 1, scores.plan.rank.top),
        chances.bottom[drawn, t],
    )  # fmt: skip
    every = np.full((len(names), len(scores.chosen.entities)), np.nan)
    every[:, drawn] = np.stack([np.asarray(x, np.float64) for x in found])
    return dict(zip(names, every[:, order], strict=True))
