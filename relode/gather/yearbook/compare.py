"""Figures held against one another: twins and doubles, observed and filled in, derived columns recomputed."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...words.errors import Misfit, RelodeError
from ...words.indicator import code_of, formula_names, formula_tree
from ...words.note import Note, remark, warn
from .sheets import address

if TYPE_CHECKING:
    import pandas as pd

Numbers = NDArray[np.float64]
KEYS = ["entity", "period", "indicator", "scenario"]
ROUNDING = 1e-6  # figures that differ by less are one figure, written with fewer digits
TELLING = 0.005  # figures that differ by more are in conflict


@dataclass
class Merged:
    """The facts of a file, each once; the pairs that disagree; what has to be said."""

    facts: pd.DataFrame
    conflicts: pd.DataFrame
    faults: list[RelodeError]
    notes: list[Note]


def merge(tables: list[pd.DataFrame], names: list[str]) -> Merged:
    """The facts of several tables of one file, the largest table first; a table that only repeats is a twin."""
    import pandas as pd

    notes: list[Note] = []
    faults: list[RelodeError] = []
    conflicts: list[pd.DataFrame] = []
    kept: pd.DataFrame | None = None
    for n in sorted(range(len(tables)), key=lambda n: -len(tables[n])):
        own = _observed_first(tables[n], notes, conflicts)
        own = _once(own, faults, notes)
        if kept is not None and len(own):
            own = _beside(kept, own, names[n], notes, conflicts)
        kept = own if kept is None else pd.concat([kept, own], ignore_index=True)
    columns = [*KEYS, "value", "other", "where", "where_other", "kind"]
    clashes = pd.concat(conflicts)[columns] if conflicts else pd.DataFrame({name: [] for name in columns})
    return Merged(pd.DataFrame() if kept is None else kept, clashes, faults, notes)


def _observed_first(table: pd.DataFrame, notes: list[Note], conflicts: list[pd.DataFrame]) -> pd.DataFrame:
    """Figures that a source filled in stand only where it has no observed one; those that differ are conflicts."""
    filled = table["status"].eq("I").to_numpy()
    if not filled.any() or filled.all():
        return table
    pairs = table[filled].merge(table[~filled], on=KEYS, how="left", suffixes=("", "_seen"), indicator="side")
    both = (pairs["side"] == "both") & pairs["value_seen"].notna()
    differ = both & _differ(pairs["value"].to_numpy(), pairs["value_seen"].to_numpy(), ROUNDING)
    rows = pairs[both & _differ(pairs["value"].to_numpy(), pairs["value_seen"].to_numpy(), TELLING)]
    details = {"filled": int((~both).sum()), "rounded": int(differ.sum()) - len(rows), "conflicts": len(rows)}
    notes.append(remark("yearbook.filled", **details) if rows.empty else warn("yearbook.filled", **details))
    if len(rows):
        conflicts.append(_pairs(rows, "_seen", "filled"))
    return _concat([table[~filled], pairs[~both][[*table.columns]]])


def _concat(frames: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(frames, ignore_index=True)


def _once(table: pd.DataFrame, faults: list[RelodeError], notes: list[Note]) -> pd.DataFrame:
    """Every figure once: equal doubles are dropped and counted, unequal ones are a fault and neither is kept."""
    double = table.duplicated(KEYS, keep=False)
    if not double.any():
        return table
    unequal = []
    for _, group in table[double].groupby(KEYS, sort=False):
        seen = group[group["value"].notna()]
        if len(seen) > 1 and _differ(seen["value"].to_numpy()[1:], seen["value"].to_numpy()[:1], ROUNDING).any():
            unequal.append(group)
    for group in unequal[:20]:
        first, other = group.iloc[0], group.iloc[1]
        name = "/".join(str(first[key]) for key in KEYS)
        faults.append(Misfit("yearbook.double", name=name, where=_cell(first), other=_cell(other),
                             first=f"{first['value']:.12g}", second=f"{other['value']:.12g}"))  # fmt: skip
    bad = _concat(unequal)[KEYS].drop_duplicates() if unequal else None
    kept = table.assign(_gap=table["value"].isna()).sort_values("_gap", kind="stable").drop_duplicates(KEYS)
    kept = kept.sort_index().drop(columns="_gap")
    if bad is not None:
        marked = kept.merge(bad, on=KEYS, how="left", indicator="side")
        kept = marked[marked["side"] == "left_only"].drop(columns="side")
    shown = table[double & table["value"].notna()]
    if repeated := len(shown) - len(shown.drop_duplicates(KEYS)):
        notes.append(remark("yearbook.repeated", count=repeated))
    return kept


def _beside(
    kept: pd.DataFrame, own: pd.DataFrame, name: str, notes: list[Note], conflicts: list[pd.DataFrame]
) -> pd.DataFrame:
    """What a table adds to those before it."""
    pairs = own.merge(kept, on=KEYS, how="left", suffixes=("", "_seen"), indicator="side")
    both = (pairs["side"] == "both").to_numpy()
    if not both.any():
        return own
    known = both & pairs["value"].notna().to_numpy() & pairs["value_seen"].notna().to_numpy()
    differ = known & _differ(pairs["value"].to_numpy(), pairs["value_seen"].to_numpy(), ROUNDING)
    if both.all() and not differ.any():
        notes.append(remark("yearbook.twin", name=name, count=int(both.sum())))
    else:
        notes.append(warn("yearbook.overlap", name=name, count=int(both.sum()), conflicts=int(differ.sum())))
        conflicts.append(_pairs(pairs[differ], "_seen", "table"))
    return own[~both]


def _pairs(rows: pd.DataFrame, suffix: str, kind: str) -> pd.DataFrame:
    """Pairs of figures that disagree: the one kept first, the other second."""
    found = rows[KEYS].copy()
    found["value"], found["other"] = rows["value" + suffix], rows["value"]
    found["where"] = [address(s, int(r) - 1, int(c) - 1) for s, r, c in
                      zip(rows["sheet" + suffix], rows["row" + suffix], rows["col" + suffix], strict=True)]  # fmt: skip
    found["where_other"] = [address(s, r - 1, c - 1) for s, r, c in
                            zip(rows["sheet"], rows["row"], rows["col"], strict=True)]  # fmt: skip
    return found.assign(kind=kind)


def _cell(fact: pd.Series) -> str:
    return address(fact["sheet"], int(fact["row"]) - 1, int(fact["col"]) - 1)


def _differ(one: Numbers, other: Numbers, by: float) -> NDArray[np.bool_]:
    """Do figures differ by more than this share?"""
    found: NDArray[np.bool_] = np.abs(one - other) > by * np.maximum(np.abs(one), np.abs(other))
    return found


def recompute(formula: str, facts: Mapping[str, Numbers], published: Numbers) -> tuple[int, NDArray[np.intp]] | None:
    """How many derived figures could be recomputed, and where they differ by more than half a percent.

    None where a fact that the formula reads is not in the table.
    """
    if not set(formula_names(formula)) <= set(facts):
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = np.broadcast_to(_evaluate(formula_tree(formula), facts), published.shape)
    known = np.isfinite(wanted) & np.isfinite(published)
    if known.any() and np.median(np.abs(published[known])) > 20 * np.median(np.abs(wanted[known])):
        wanted = wanted * 100  # published in percent
    return int(known.sum()), np.flatnonzero(known & _differ(published, wanted, TELLING))


def _evaluate(node: ast.expr, facts: Mapping[str, Numbers]) -> Numbers:
    if code := code_of(node):
        return facts[code]
    if isinstance(node, ast.BinOp):
        left, right = _evaluate(node.left, facts), _evaluate(node.right, facts)
        operations = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide}
        found: Numbers = operations[type(node.op)](left, right)
        return found
    if isinstance(node, ast.UnaryOp):
        return -_evaluate(node.operand, facts)
    assert isinstance(node, ast.Constant)
    return np.array(node.value, dtype=np.float64)


def blank_zeros(facts: pd.DataFrame) -> pd.DataFrame:
    """Zeros that are probably blanks: rare for the indicator, and positive for the same entity before and after."""
    zeros = facts[facts["value"].eq(0)]
    share = zeros.groupby("indicator").size() / facts.groupby("indicator").size()
    zeros = zeros[zeros["indicator"].isin(share[share < 0.02].index)]
    if zeros.empty:
        return zeros
    same = facts[facts["value"].notna()].merge(zeros[["entity", "indicator"]].drop_duplicates())
    same = same.sort_values(["entity", "indicator", "period"], kind="stable")
    series = same.groupby(["entity", "indicator"])["value"]
    before, after = series.shift(1), series.shift(-1)
    lonely = same["value"].eq(0) & (before.isna() | before.gt(0)) & (after.isna() | after.gt(0))
    return same[lonely & (before.notna() | after.notna())]
