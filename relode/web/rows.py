"""Tables of pages: cells as reports write them, each with the link that says where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..app.showing import heading, is_figure, is_nothing
from ..words.texts import say
from .state import State

Row = Mapping[str, Any]
CLASSES = 5
_FROM_INDEX = ("score", "rank", "contribution", "weight", "normalised", "obstacle", "gap", "rank_change", "missing")


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, whether it is a figure, and where a click leads."""

    text: str
    figure: bool = False
    link: str = ""
    mark: str = ""  # the status of a figure that is not normal


@dataclass(frozen=True)
class Grid:
    """A table: its anchor, title, headings (text, is a figure), rows, and where to have it as a file."""

    name: str
    title: str
    headings: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    file: str = ""


def grid(
    state: State, table: str, rows: Sequence[Row], columns: Sequence[str], *, name: str = "", title: str = "",
    file: str = "",
) -> Grid:  # fmt: skip
    """Some columns of some rows of a table of the view; entities, indicators and figures are links."""
    cells = tuple(tuple(cell(state, table, column, row) for column in columns) for row in rows)
    said = title or say(f"title.{table}", state.lang, default=table)
    headings = tuple((heading(column, state.lang), is_figure(column)) for column in columns)
    return Grid(name or table, said, headings, cells, file or state.url(f"/download/{table}.csv"))


def cell(state: State, table: str, column: str, row: Row) -> Cell:
    """One cell of a row of the view."""
    value = row.get(column)
    text = state.shown.cell(table, column, value)
    return Cell(text, is_figure(column), _link(state, column, row), _mark(state, column, row))


def _link(state: State, column: str, row: Row) -> str:
    """Where a cell leads: a place and an indicator to their pages, a figure to where it comes from."""
    if is_nothing(row.get(column)):
        return ""
    if column == "entity":
        return state.url(f"/region/{row['entity']}")
    if column in ("indicator", "node") and str(row[column]) in state.plan.system.codes:
        return state.url(f"/indicator/{row[column]}")
    if column == "value" and "indicator" in row and "entity" in row:
        return state.url(f"/where/{row['entity']}/{row['indicator']}", period=row.get("period", state.view.period))
    if column in _FROM_INDEX and "entity" in row and row.get("period", state.view.period) == state.view.period:
        return state.url(f"/why/{row['entity']}")
    return ""


def _mark(state: State, column: str, row: Row) -> str:
    """E, I, P, B or M beside a figure that is not a normal one."""
    status = str(row.get("status", "A"))
    return status if column == "value" and status not in ("A", "nan") else ""


def classes(state: State, table: str, column: str, values: Sequence[float]) -> list[tuple[float, float, str]]:
    """Five classes of equal count: from, to, and what the key says."""
    known = np.array([x for x in values if not is_nothing(x)], np.float64)
    if not len(known):
        return []
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, CLASSES + 1)))
    ends = list(pairwise(cuts)) or [(cuts[0], cuts[0])]

    def told(x: float) -> str:
        return state.shown.cell(table, column, float(x))

    return [(float(low), float(high), state.say("key.class", low=told(low), high=told(high))) for low, high in ends]


@dataclass(frozen=True)
class Ranked:
    """A line of the ranking: cells, and the interval as shares of the way from the first to the last rank."""

    code: str
    name: str
    link: str
    why: str
    cells: dict[str, str]
    low: float
    high: float
    at: float
    shaded: bool
    change: int
    told: str


def ranking(state: State, only: str = "") -> list[Ranked]:
    """The ranking of the view, best first, every second tie band shaded; of one region if it is named."""
    last = max(len(state.rows.all("ranks")), 2)
    written = state.observatory.ranks(state.view, state.lang)
    found = []
    for row in state.rows.of("ranks", only) if only else state.rows.all("ranks"):
        cells = written[str(row["entity"])]
        sure = not is_nothing(row["rank_low"])
        low, high = (row["rank_low"], row["rank_high"]) if sure else (row["rank"], row["rank"])
        ends = [100 * (float(x) - 1) / (last - 1) for x in (low, high, row["rank"])]
        change = 0 if is_nothing(row["rank_change"]) else int(np.sign(row["rank_change"]))
        told = (
            state.say("rank.told", rank=cells["rank"], low=cells["rank_low"], high=cells["rank_high"]) if sure else ""
        )
        code = str(row["entity"])
        found.append(Ranked(
            code, cells["entity"], state.url(f"/region/{code}"), state.url(f"/why/{code}"), cells,
            ends[0], ends[1], ends[2], sure and int(row["band"]) % 2 == 1, change, told,
        ))  # fmt: skip
    return found
