"""Do neighbours do the same? Likeness of structures, and how many crowd into the same new industry. 错位发展"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pandas as pd

from relode.maths.numbers import Array
from relode.words.choice import Period, Within
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, Refused
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.result import Answer, Chart
from relode.words.ties import Ties

from .ties import Neighbours, Weights, near


@method("diagnose.likeness", reads=needs(indicators=("industries",)))
def likeness(
    panel: Panel, regions: Codelist, ties: Ties, *, industries: tuple[str, ...], period: Period = "",
    neighbours: Neighbours = "given", k: Annotated[int, Within(1, 50)] = 5,
    draws: Annotated[int, Within(99, 99_999)] = 999, seed: int = 1,
) -> Answer:  # fmt: skip
    """How alike are the structures of neighbours, and in which industries do neighbours crowd?

    Shape    figures of industries (output, jobs, planned investment) by entity -> pairs, industries, entities
    Unit     similarity: cosine, 1 = the same shares; krugman: half the sum of gaps of shares, 0 = the same;
             quotient: local share over common share; p: chance of as much crowding if places were dealt at random
    Raises   Misfit for fewer than two industries or no neighbours; Refused for negative figures
    """
    if len(industries) < 2:
        raise Misfit("likeness.few", count=len(industries))
    block = panel.only(indicators=industries).array()[:, panel.at("period", period) if period else -1]
    if (block < 0).any():
        raise Refused("likeness.negative", count=int((block < 0).sum()))
    weights = near(neighbours, panel, regions, ties, k=k, indicator=industries[0])
    at = [panel.entities.index(code) for code in weights.entities]
    whole = ~np.isnan(block[at]).any(axis=1) & (np.nan_to_num(block[at]).sum(axis=1) > 0)
    kept = weights if whole.all() else weights.only(np.flatnonzero(whole))
    if len(kept.entities) < 3:
        raise Misfit("likeness.places", count=len(kept.entities))
    x = block[[panel.entities.index(code) for code in kept.entities]]
    share = x / x.sum(axis=1, keepdims=True)
    quotient = share / (x.sum(axis=0) / x.sum())
    tables = {"entities": _entities(kept, share, quotient, industries), "pairs": _pairs(kept, share),
              "crowding": _crowding(kept, x, quotient, industries, draws, seed)}  # fmt: skip
    notes = [*weights.notes, *_notes(tables["crowding"], len(panel.entities) - len(kept.entities))]
    charts = (Chart("map", "entities", "likeness.chart.map", {"value": "similarity"}),
              Chart("bars", "crowding", "likeness.chart", {"value": "crowding", "by": "indicator"}))  # fmt: skip
    return Answer(tables, charts=charts, notes=(*notes,))


def similarity(share: Array) -> Array:
    """The likeness of structures after UNIDO (1979): sum s_i s_j / sqrt(sum s_i^2 sum s_j^2). 产业结构相似系数

    Shape    (n, industries), rows sum to one -> (n, n)
    """
    size = np.sqrt((share**2).sum(axis=1))
    found: Array = share @ share.T / np.outer(size, size)
    return found


def krugman(share: Array) -> Array:
    """Krugman's specialisation index, halved: the part of one structure that lies elsewhere than the other's.

    Shape    (n, industries) -> (n, n), 0 = the same, 1 = nothing in common
    Source   Krugman (1991), Geography and Trade
    """
    found: Array = np.abs(share[:, None] - share[None]).sum(axis=2) / 2
    return found


def _pairs(weights: Weights, share: Array) -> pd.DataFrame:
    like, unlike = similarity(share), krugman(share)
    rows = [
        {
            "entity": weights.entities[i],
            "neighbour": weights.entities[j],
            "similarity": float(like[i, j]),
            "krugman": float(unlike[i, j]),
        }
        for i, j in zip(*np.nonzero(weights.matrix), strict=True)
        if i < j or not weights.matrix[j, i]
    ]  # each pair once
    return pd.DataFrame(rows).sort_values(["similarity", "entity"], ascending=[False, True], ignore_index=True)


def _entities(weights: Weights, share: Array, quotient: Array, industries: tuple[str, ...]) -> pd.DataFrame:
    """Each place: how alike to its neighbours, against all others, and its niche - strong here, weak around."""
    like = similarity(share)
    n = len(like)
    around = (weights.matrix * like).sum(axis=1)
    everyone = (like.sum(axis=1) - 1) / (n - 1)
    lead = np.where(quotient > 1, quotient - weights.matrix @ quotient, -np.inf)
    rows: list[dict[str, Any]] = []
    for i, code in enumerate(weights.entities):
        best = int(np.argmax(lead[i]))
        has = bool(np.isfinite(lead[i, best]) and lead[i, best] > 0)
        rows.append({"entity": code, "similarity": float(around[i]), "everyone": float(everyone[i]),
                     "closer": float(around[i] - everyone[i]), "niche": industries[best] if has else "",
                     "quotient": float(quotient[i, best]) if has else np.nan})  # fmt: skip
    return pd.DataFrame(rows).sort_values(["closer", "entity"], ascending=[False, True], ignore_index=True)


def _crowding(
    weights: Weights, x: Array, quotient: Array, industries: tuple[str, ...], draws: int, seed: int
) -> pd.DataFrame:
    """Of the neighbours of those who specialise in an industry: what share does too, against a random deal?"""
    rng, w, n = np.random.default_rng(seed), weights.matrix, len(x)
    rows = []
    for k, code in enumerate(industries):
        strong = (quotient[:, k] > 1).astype(np.float64)
        count = int(strong.sum())
        part = x[:, k] / x[:, k].sum() if x[:, k].sum() > 0 else np.full(n, np.nan)
        if 0 < count < n:
            dealt = rng.permuted(np.tile(strong, (draws, 1)), axis=1)
            seen = float(strong @ w @ strong / count)
            drawn = ((dealt @ w.T) * dealt).sum(axis=1) / count
            p, expected = float((1 + (drawn >= seen).sum()) / (draws + 1)), float((count - 1) / (n - 1))
        else:
            seen, p, expected = (1.0 if count else np.nan), np.nan, np.nan
        rows.append({"indicator": code, "cases": count, "looked": n, "crowding": seen, "expected": expected, "p": p,
                     "concentration": float((part**2).sum())})  # fmt: skip
    return pd.DataFrame(rows).sort_values(["crowding", "indicator"], ascending=[False, True], ignore_index=True)


def _notes(crowding: pd.DataFrame, left: int) -> list[Note]:
    notes = [warn("likeness.left_out", count=left)] if left else []
    dense = crowding[(crowding["p"] < 0.05) & (crowding["crowding"] > crowding["expected"])]
    if len(dense):
        notes.append(warn("likeness.crowded", count=len(dense), names=", ".join(dense["indicator"])))
    else:
        notes.append(remark("likeness.apart"))
    return notes
