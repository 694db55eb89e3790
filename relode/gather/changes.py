"""Known changes of territory: what explains a jump that no economy makes."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from ..words.codelist import Codelist
from ..words.errors import UnknownWord
from ..words.texts import DATA

Changes = Mapping[tuple[str, str], str]


def changes_of(
    path: Path = DATA / "regions" / "changes" / "china.csv", regions: Codelist | None = None
) -> dict[tuple[str, str], str]:
    """Known changes of territory: (entity, year) -> what moved. Both sides of a move are listed.

    With `regions`, units that were merged into others or split count as well, on the side of those that took them.
    Raises UnknownWord where the file lacks a column.
    """
    found: dict[tuple[str, str], str] = {}
    for entity in (regions or Codelist()).values():
        for heir in entity.into.split():
            began = regions[heir].since if regions and heir in regions else ""
            if began != entity.until:  # else the same territory went on under another code
                found[heir, entity.until] = entity.name
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for name in ("year", "name", "from", "into"):
            if name not in (reader.fieldnames or ()):
                raise UnknownWord("consistency.column", name=name, where=str(path), expected=reader.fieldnames or ())
        for row in reader:
            for code in (*row["from"].split(), *row["into"].split()):
                found[code, row["year"]] = row["name"]
    return found
