"""Wide tables of firms (10^6 to 10^8 rows) stay Parquet files; only what is asked of them is computed, in one scan.

An indicator over such a table is written like a formula: `sum(output) / sum(workers)`, `count()`, `median(wage)`.
It is read as a tree and written anew as SQL, so that nothing a user types reaches the database as text. Sums are of
DECIMAL with six places: the same in every run, whatever the number of threads.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..words.errors import Misfit, RelodeError, UnknownWord, raise_all
from ..words.indicator import formula_tree
from .query import Query

if TYPE_CHECKING:
    import pandas as pd

    from .reading import Reading

AGGREGATES = {
    "count": "count({})",
    "sum": "cast(sum(cast({} as decimal(38, 6))) as double)",
    "median": "cast(median({}) as double)",
    "min": "cast(min({}) as double)",
    "max": "cast(max({}) as double)",
}
SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@dataclass(frozen=True)
class Micro:
    """A wide table: where its files are, which columns say whose and when a row is, and which columns there are."""

    name: str
    files: str
    entity: str
    period: str
    columns: tuple[str, ...]


def looked_at(store: Reading, name: str, pattern: str, entity: str, period: str) -> Micro:
    """The table with its columns. Raises Misfit where no file can be read, UnknownWord for its two columns."""
    import duckdb

    files = str(store.path.parent / Path(pattern))  # an absolute pattern stays as it is
    try:
        columns = tuple(row["column_name"] for row in store.read(Query("describe from read_parquet(?)", (files,))))
    except (duckdb.Error, RelodeError) as fault:
        raise Misfit("store.micro_files", name=name, where=files) from fault
    lost = [column for column in (entity, period) if column not in columns]
    raise_all([UnknownWord("store.micro_column", name=column, where=files, expected=columns) for column in lost])
    return Micro(name, files, entity, period, columns)


def aggregated(
    store: Reading,
    table: Micro,
    indicators: Mapping[str, str],
    *,
    entities: Sequence[str] = (),
    periods: Sequence[str] = (),
) -> pd.DataFrame:
    """Facts of a wide table: entity, period, indicator, value, in the order of their codes.

    Raises Misfit for what is no such formula or for values that are no number, UnknownWord for unknown columns.
    """
    import duckdb

    try:
        wide = store.frame(question(table, indicators, entities=entities or store.within, periods=periods))
    except duckdb.Error as fault:
        told = str(fault).splitlines()[0]
        raise Misfit("store.micro_value", name=table.name, fault=told, where=table.files) from fault
    wide.columns = ["entity", "period", *indicators]
    long = wide.melt(["entity", "period"], var_name="indicator", value_name="value")
    return long.astype({"value": float}).sort_values(["entity", "period", "indicator"], ignore_index=True)


def question(
    table: Micro, indicators: Mapping[str, str], *, entities: Sequence[str] | None, periods: Sequence[str]
) -> Query:
    """One scan that computes the indicators asked for, and no others."""
    faults: list[RelodeError] = []
    parts = []
    for code, formula in indicators.items():
        try:
            parts.append(_sql(formula_tree(formula), table))
        except RelodeError as fault:
            fault.where = f"{table.name}, {code}"
            faults.append(fault)
    raise_all(faults, where=table.name)
    entity, period = (f"{_quoted(column)}::text" for column in (table.entity, table.period))
    wheres, values = ["true"], [table.files]
    for column, codes in ((entity, entities), (period, periods)):
        if codes:
            wheres.append(f"{column} in (select unnest(?::text[]))")
            values.append(list(codes))  # type: ignore[arg-type]
    named = ", ".join([f"{entity} as c0", f"{period} as c1", *(f"{sql} as c{n}" for n, sql in enumerate(parts, 2))])
    return Query(
        f"select {named} from read_parquet(?) where {' and '.join(wheres)} group by 1, 2 order by 1, 2", tuple(values)
    )


def _sql(node: ast.expr, table: Micro) -> str:
    """A formula of aggregates as SQL. Raises Misfit for anything else, UnknownWord for columns and names."""
    if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
        left, right = _sql(node.left, table), _sql(node.right, table)
        right = f"nullif({right}, 0)" if isinstance(node.op, ast.Div) else right
        return f"({left} {SIGNS[type(node.op)]} {right})"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"(- {_sql(node.operand, table)})"
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return f"cast({node.value!r} as double)"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _aggregate(node.func.id, node.args, table)
    raise Misfit("formula.forbidden", formula=ast.unparse(node))


def _aggregate(name: str, over: list[ast.expr], table: Micro) -> str:
    if name not in AGGREGATES:
        raise UnknownWord("store.micro_aggregate", name=name, expected=tuple(AGGREGATES))
    if name == "count" and not over:
        return "count(*)"
    if len(over) != 1 or not isinstance(over[0], ast.Name):
        raise Misfit("formula.forbidden", formula=f"{name}({', '.join(map(ast.unparse, over))})")
    if over[0].id not in table.columns:
        raise UnknownWord("store.micro_column", name=over[0].id, expected=table.columns)
    return AGGREGATES[name].format(_quoted(over[0].id))


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
