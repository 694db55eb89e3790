"""The states of the US, 2000-2010, with their homicide rates: the panel of Cheng and Hoekstra (2013) that the package
`causaldata` ships (extra `evaluate`). Its `sid` counts the states and the District of Columbia by name; the District
itself is not in the panel."""

from __future__ import annotations

from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..words.batch import Batch
from ..words.codelist import Codelist
from ..words.errors import Misfit
from ..words.shelf import Shelf
from ..words.texts import say
from .embedded import ACTOR, Embedded, long, sha256_of

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {"homicide": "homicide"}
"""Columns of the panel -> indicators."""


def embedded() -> Embedded:
    """The castle panel as a place. Raises Misfit where the extra `evaluate` is not installed."""
    if find_spec("causaldata") is None:
        raise Misfit("gather.extra", name="causaldata", extra="evaluate")
    states = Shelf().regions("us_fips")
    return Embedded(
        name="castle", zh=say("place.castle", "zh"), en=say("place.castle", "en"), recipe="policy",
        asks={"study": "castle"},
        regions=states, batches=((_batch(), facts(states)),),
    )  # fmt: skip


def facts(states: Codelist) -> pd.DataFrame:
    """The figures; `row` and `col` are the cell in castle.dta, heads counted as row 1."""
    from causaldata import castle

    wide = castle.load_pandas().data
    columns = list(wide.columns)
    codes = tuple(states)
    wide = wide.assign(
        entity=[codes[int(sid) - 1] for sid in wide["sid"]],
        period=wide["year"].astype(int).astype(str),
        row=range(2, len(wide) + 2),
    )
    wide.attrs["columns"] = columns
    return long(wide, COLUMNS)


def _batch() -> Batch:
    import causaldata

    path = Path(causaldata.__file__).parent / "castle" / "castle.dta"
    name = f"causaldata {version('causaldata')}: {path.name}"
    # The package does not date its table; the paper appeared in the third quarter of 2013.
    return Batch("causaldata_castle", "causaldata_castle", date(2013, 9, 30), ACTOR, name, sha256_of(path), "embedded")
