"""Who is next to whom: neighbours by border, nearness, distance or likeness of economy, always kept as Ties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Literal

import numpy as np

from relode.maths.geometry import distances
from relode.maths.numbers import Array
from relode.words.codelist import Codelist
from relode.words.errors import Misfit
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.ties import Ties

from .figures import figure, places

Neighbours = Literal["given", "siblings", "nearest", "distance", "economic"]


@dataclass(frozen=True, eq=False)
class Weights:
    """Row-standardised weights among entities; `islands` are entities without any neighbour, who have no row."""

    entities: tuple[str, ...]
    matrix: Array  # (n, n), rows sum to one
    islands: tuple[str, ...]
    notes: tuple[Note, ...] = ()

    def only(self, keep: Iterable[int]) -> Weights:
        """Among fewer entities, standardised anew; who loses every neighbour becomes an island and goes too."""
        kept = list(keep)
        return _without_islands(tuple(self.entities[n] for n in kept), self.matrix[np.ix_(kept, kept)])


def pysal(module: str) -> Any:
    """A module of the PySAL family. Raises Misfit where the extra `space` is not installed."""
    try:
        return import_module(module)
    except ImportError as fault:
        raise Misfit("spacetime.extra", name=module) from fault


def weights_of(ties: Ties, entities: tuple[str, ...], indicator: str = "neighbour") -> Weights:
    """The weights that ties of one indicator make among `entities`; of several periods the last one counts.

    Raises Misfit where no tie joins two of the entities, or a weight is negative.
    """
    at = {code: n for n, code in enumerate(entities)}
    matrix = np.zeros((len(entities), len(entities)))
    order = np.argsort(np.array(ties.period, dtype=object), kind="stable")
    for n in order:
        i, j = at.get(ties.origin[n]), at.get(ties.target[n])
        if ties.indicator[n] == indicator and i is not None and j is not None and i != j:
            matrix[i, j] = ties.value[n]
    if (matrix < 0).any() or np.isnan(matrix).any():
        raise Misfit("ties.negative", name=indicator)
    if not matrix.any():
        raise Misfit("ties.none", name=indicator, count=len(entities))
    return _without_islands(entities, matrix)


def _without_islands(entities: tuple[str, ...], matrix: Array) -> Weights:
    lonely = matrix.sum(axis=1) == 0
    dropped = []
    while lonely.any():
        dropped += [entities[n] for n in np.flatnonzero(lonely)]
        entities = tuple(entities[n] for n in np.flatnonzero(~lonely))
        matrix = matrix[np.ix_(~lonely, ~lonely)]
        lonely = matrix.sum(axis=1) == 0
    notes = (warn("ties.islands", count=len(dropped), names=", ".join(dropped[:5])),) if dropped else ()
    rows = matrix / matrix.sum(axis=1, keepdims=True) if len(entities) else matrix
    return Weights(entities, rows, tuple(dropped), notes)


def near(kind: Neighbours, panel: Panel, regions: Codelist, ties: Ties, *, k: int, indicator: str) -> Weights:
    """Weights of the kind that a method was asked for; what stands in for borders is told.

    Raises   Misfit as the builders do
    """
    count = (~np.isnan(figure(panel, indicator))).sum(axis=1)  # who has no figure at all is nobody's neighbour
    entities = tuple(code for code, periods in zip(panel.entities, count, strict=True) if periods)
    if kind == "given":
        return weights_of(ties, entities)
    made = {
        "siblings": lambda: by_parent(regions, entities),
        "nearest": lambda: nearest(regions, entities, k),
        "distance": lambda: by_distance(regions, entities),
        "economic": lambda: by_economy(panel, regions, indicator),
    }[kind]()
    weights = weights_of(made, entities, kind)
    return replace(weights, notes=(remark(f"ties.instead.{kind}", count=k), *weights.notes))


def by_border(outlines: Mapping[str, Any], *, corners: bool = True, source: str = "") -> Ties:
    """Neighbours by a common border from outlines (shapely polygons): 1 for each pair. 邻接权重

    `corners` lets a single common point count (queen), else a line is needed (rook).
    """
    geopandas, contiguity = pysal("geopandas"), pysal("libpysal.weights")
    frame = geopandas.GeoDataFrame({"code": list(outlines)}, geometry=list(outlines.values())).set_index("code")
    build = contiguity.Queen if corners else contiguity.Rook
    w = build.from_dataframe(frame, use_index=True, silence_warnings=True)
    pairs = [(str(i), str(j), 1.0) for i, row in w.neighbors.items() for j in row]
    return _ties(pairs, "neighbour", "", source)


def by_parent(regions: Codelist, entities: tuple[str, ...]) -> Ties:
    """Everyone of the same parent (cities of one province): 1 for each pair. 同省权重

    For places whose borders and positions are not at hand; who is alone under a parent is an island.
    """
    parent = [regions[code].parent if code in regions else "" for code in entities]
    pairs = [
        (one, other, 1.0)
        for one, of in zip(entities, parent, strict=True)
        for other, its in zip(entities, parent, strict=True)
        if of and of == its and one != other
    ]
    return _ties(pairs, "siblings", "", "")


def nearest(regions: Codelist, entities: tuple[str, ...], k: int = 5) -> Ties:
    """The k nearest by great-circle distance: 1 for each; places without a position have none. K 近邻权重"""
    away, placed = _away(regions, entities)
    if k >= len(placed):
        raise Misfit("ties.too_many", count=k, most=len(placed) - 1)
    pairs = []
    for i in placed:
        order = [int(j) for j in np.argsort(away[i], kind="stable") if j != i and j in placed]
        pairs += [(entities[i], entities[j], 1.0) for j in order[:k]]
    return _ties(pairs, "nearest", "", "")


def by_distance(regions: Codelist, entities: tuple[str, ...], within: float = 0.0) -> Ties:
    """1 / distance between places up to `within` km apart; 0 = as far as the loneliest needs for one. 反距离权重"""
    away, placed = _away(regions, entities)
    some = sorted(placed)
    block = away[np.ix_(some, some)] + np.diag(np.full(len(some), np.inf))
    reach = within or float(block.min(axis=1).max())
    pairs = [
        (entities[some[i]], entities[some[j]], 1 / max(float(block[i, j]), 1e-3))
        for i, j in zip(*np.nonzero(block <= reach), strict=True)
    ]
    return _ties(pairs, "distance", "1/km", "")


def by_economy(panel: Panel, regions: Codelist, indicator: str) -> Ties:
    """1 / (gap of the mean figure), times 1 / distance where positions are known. 经济距离权重

    Source   economic-geographic nesting as used in Chinese spatial econometrics, e.g. 林光平等 (2005)
    """
    x = figure(panel, indicator)
    there = ~np.isnan(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, x, 0.0).sum(axis=1) / there.sum(axis=1)
    gap = np.abs(mean[:, None] - mean)
    least = np.nanmin(gap[gap > 0]) if (gap > 0).any() else 1.0
    lon, lat = places(regions, panel.entities)
    near_by = 1 / np.maximum(distances(lon, lat), 1.0) if not np.isnan(lon).any() else np.ones_like(gap)
    value = near_by / np.maximum(gap, least)
    pairs = [
        (panel.entities[i], panel.entities[j], float(value[i, j]))
        for i, j in zip(*np.nonzero(~np.isnan(value)), strict=True)
        if i != j
    ]
    return _ties(pairs, "economic", "", "")


def _away(regions: Codelist, entities: tuple[str, ...]) -> tuple[Array, set[int]]:
    lon, lat = places(regions, entities)
    placed = {int(n) for n in np.flatnonzero(~np.isnan(lon) & ~np.isnan(lat))}
    if len(placed) < 2:
        raise Misfit("ties.places", count=len(placed))
    return distances(lon, lat), placed


def _ties(pairs: list[tuple[str, str, float]], indicator: str, unit: str, source: str) -> Ties:
    n = len(pairs)
    origin, target, value = zip(*pairs, strict=True) if pairs else ((), (), ())
    return Ties(origin, target, (indicator,) * n, np.array(value), unit=(unit,) * n, source=(source,) * n)
