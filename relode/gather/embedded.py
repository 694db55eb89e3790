"""The embedded real defaults: places whose figures come with an installed package; a first run needs no file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ..words.batch import Batch
from ..words.codelist import Codelist, Entity
from ..words.ties import Ties

if TYPE_CHECKING:
    import pandas as pd

ACTOR = "relode demo"


@dataclass(frozen=True)
class Embedded:
    """Everything that makes a place: who is in it, what is known of them, who neighbours whom, and their outlines.

    `batches` facts per load: entity, period, indicator, value, status, row, col (the cell in the package's own table)
    `maps`    name -> GeoJSON text; properties.code is the entity
    `recipe`  the evaluation that fits the place, and what it `asks` for
    """

    name: str
    zh: str
    en: str
    recipe: str
    regions: Codelist
    batches: tuple[tuple[Batch, pd.DataFrame], ...]
    ties: tuple[Batch, Ties] | None = None
    maps: Mapping[str, str] = field(default_factory=dict)
    asks: Mapping[str, str] = field(default_factory=dict)


def _late(module: str) -> Callable[[], Embedded]:
    def read() -> Embedded:
        made: Embedded = import_module(f"{__package__}.{module}").embedded()
        return made

    return read


EMBEDDED: dict[str, Callable[[], Embedded]] = {
    "castle": _late("castle"),
    "morocco": _late("morocco"),
    "us-states": _late("us_states"),
}
"""Name -> what reads it; nothing is imported before it is called."""


def sha256_of(path: Path) -> str:
    """sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def marked(entities: Iterable[Entity], marks: Codelist) -> Codelist:
    """The entities, with the tags and their source that a list of marks gives to some of them."""
    return Codelist.of(
        replace(entity, tags=marks[entity.code].tags, source=marks[entity.code].source)
        if entity.code in marks
        else entity
        for entity in entities
    )


def long(wide: pd.DataFrame, codes: Mapping[str, str]) -> pd.DataFrame:
    """Facts from a table with one row per entity and period and one column per heading; a blank is no fact.

    `wide` has entity, period, row; `codes` maps its columns to indicators. The position of a column is its place
    among all columns of the published table, kept in `wide.attrs["columns"]`; both count from one.
    """
    import pandas as pd

    facts = wide.melt(["entity", "period", "row"], list(codes), "column", "value").dropna(subset=["value"])
    position = {name: n for n, name in enumerate(wide.attrs["columns"], 1)}
    return pd.DataFrame(
        {
            "entity": facts["entity"].astype(str),
            "period": facts["period"].astype(str),
            "indicator": facts["column"].map(codes),
            "value": facts["value"].astype(float),
            "status": "A",
            "row": facts["row"].astype(int),
            "col": facts["column"].map(position).astype(int),
        }
    ).reset_index(drop=True)
