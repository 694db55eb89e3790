"""A result's tables as rows, parted by entity once: the page of one region touches its own rows only."""

from __future__ import annotations

from typing import Any

from ..words.result import Result
from .showing import records

Rows = list[dict[str, Any]]


class Parted:
    """The rows of a result's tables, all or of one entity, in the order of the table."""

    def __init__(self, result: Result):
        self._tables = result.tables
        self._all: dict[str, Rows] = {}
        self._by: dict[str, dict[str, Rows]] = {}

    def all(self, table: str) -> Rows:
        """Every row of a table."""
        if table not in self._all:
            self._all[table] = records(self._tables[table])
        return self._all[table]

    def of(self, table: str, entity: str) -> Rows:
        """The rows of one entity; none where it does not stand in the table."""
        if table not in self._by:
            found: dict[str, Rows] = {}
            for row in self.all(table):
                found.setdefault(str(row["entity"]), []).append(row)
            self._by[table] = found
        return self._by[table].get(entity, [])

    def __contains__(self, table: str) -> bool:
        return table in self._tables
