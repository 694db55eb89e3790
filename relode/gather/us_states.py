"""The 48 contiguous United States, 1929-2009: what `libpysal` and `linearmodels` ship as examples (extra `space`).

Income per head and outlines come from libpysal's `us_income` (Bureau of Economic Analysis), gross state product,
capital, employment and unemployment 1970-1986 from linearmodels' `munnell` (Munnell 1990). Munnell's names are cut to
eleven letters (`WEST_VIRGIN`, `MASSACHUSET`) and one is misspelt (`TENNESSE`), so the two are joined by postal code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..words.batch import Batch
from ..words.codelist import Codelist, Entity
from ..words.errors import Misfit
from ..words.shelf import Shelf
from ..words.texts import say
from ..words.ties import Ties
from .embedded import ACTOR, Embedded, long, marked, sha256_of

if TYPE_CHECKING:
    import geopandas
    import pandas as pd

NEEDS = ("libpysal", "linearmodels", "geopandas")
MUNNELL = {name: f"munnell.{name.lower()}" for name in ("P_CAP", "HWY", "WATER", "UTIL", "PC", "GSP", "EMP", "UNEMP")}
"""Columns of the Munnell panel -> indicators."""

VINTAGES = {"libpysal_us_income": date(2010, 12, 31), "munnell_1990": date(1990, 12, 31)}
"""Munnell's paper is of 1990. libpysal does not date its table: its last year is 2009, so 2010 is the earliest."""


def embedded() -> Embedded:
    """The 48 states as a place. Raises Misfit where the extra `space` is not installed."""
    if lacking := [name for name in NEEDS if find_spec(name) is None]:
        raise Misfit("gather.extra", name=", ".join(lacking), extra="space")
    states = States()
    return Embedded(
        name="us-states",
        zh=say("place.us-states", "zh"),
        en=say("place.us-states", "en"),
        recipe="annual_us",
        regions=states.codelist,
        batches=((states.income_batch, states.income), (states.munnell_batch, states.munnell)),
        ties=(states.border_batch, states.neighbours),
        maps={"us48": states.outlines},
    )


@dataclass(frozen=True)
class States:
    """The installed examples, read once."""

    @cached_property
    def shapes(self) -> geopandas.GeoDataFrame:
        """The attribute table and outlines: STATE_NAME, STATE_FIPS, SUB_REGION, STATE_ABBR, geometry."""
        import geopandas

        return geopandas.read_file(example("us48.shp")).sort_values("STATE_FIPS", ignore_index=True)

    @cached_property
    def codelist(self) -> Codelist:
        """The states by FIPS code (two digits, text), grouped by the Census divisions of the shapefile."""
        rows = zip(*(self.shapes[name] for name in ("STATE_FIPS", "STATE_NAME", "SUB_REGION")), strict=True)
        entities = (Entity(code, name, level="state", type=division) for code, name, division in rows)
        return marked(entities, Shelf().regions("us_resource"))

    @cached_property
    def fips(self) -> dict[str, str]:
        """Postal code -> FIPS code."""
        return dict(zip(self.shapes["STATE_ABBR"], self.shapes["STATE_FIPS"], strict=True))

    @cached_property
    def income(self) -> pd.DataFrame:
        """Income per head 1929-2009; `row` and `col` are the cell in usjoin.csv."""
        import pandas as pd

        wide = pd.read_csv(example("usjoin.csv"), dtype={"STATE_FIPS": str})
        position = {name: n for n, name in enumerate(wide.columns, 1)}
        wide = wide.assign(entity=wide["STATE_FIPS"].str.zfill(2), row=wide.index + 2)
        facts = wide.melt(["entity", "row"], [name for name in position if name.isdigit()], "period", "value")
        return facts.assign(indicator="bea.income_per_head", status="A", col=facts["period"].map(position))

    @cached_property
    def munnell(self) -> pd.DataFrame:
        """Product, capital and work 1970-1986; `row` and `col` are the cell in munnell.csv."""
        from linearmodels.datasets import munnell

        wide = munnell.load()
        columns = list(wide.columns)
        wide = wide.assign(entity=wide["ST_ABB"].map(self.fips), period=wide["YR"].astype(str), row=wide.index + 2)
        if lost := sorted(set(wide.loc[wide["entity"].isna(), "ST_ABB"])):
            raise Misfit("gather.join", name=", ".join(lost), where="munnell.csv", expected=sorted(self.fips))
        wide.attrs["columns"] = columns
        return long(wide, MUNNELL)

    @cached_property
    def neighbours(self) -> Ties:
        """States that share a border, both ways, from the contiguity file (its ids count the rows of usjoin.csv)."""
        pairs = [(one, other) for one, others in contiguity(example("states48.gal")).items() for other in others]
        order = sorted(self.codelist)  # usjoin.csv goes by FIPS code
        return Ties(
            origin=tuple(order[one] for one, _ in pairs),
            target=tuple(order[other] for _, other in pairs),
            indicator=("neighbour",) * len(pairs),
            value=np.ones(len(pairs)),
            source=("libpysal_us_income",) * len(pairs),
        )

    @cached_property
    def outlines(self) -> str:
        """The states as GeoJSON, longitude and latitude to three decimals; `code` and `name` are their properties;
        the member `relode` says whose outlines they are, as in a map that is brought in."""
        kept = self.shapes.set_geometry(self.shapes.geometry.set_precision(0.001))
        kept = kept.rename(columns={"STATE_FIPS": "code", "STATE_NAME": "name"})[["code", "name", "geometry"]]
        source = f"US Census Bureau; libpysal {version('libpysal')}, us_income/us48.shp"
        told = {"source": source, "approval": "", "lines": []}
        return json.dumps({**json.loads(kept.to_json(drop_id=True)), "relode": told})

    @property
    def income_batch(self) -> Batch:
        """What the load of usjoin.csv says of itself."""
        return _batch("libpysal_us_income", "libpysal", example("usjoin.csv"))

    @property
    def border_batch(self) -> Batch:
        """What the load of the contiguity file says of itself."""
        borders = _batch("libpysal_us_income", "libpysal", example("states48.gal"))
        return replace(borders, series="neighbours")

    @property
    def munnell_batch(self) -> Batch:
        """What the load of the Munnell panel says of itself."""
        from linearmodels.datasets import munnell

        return _batch("munnell_1990", "linearmodels", Path(munnell.__file__).parent / "munnell.csv.bz2")


def example(name: str) -> Path:
    """A file of libpysal's `us_income`, which its wheel carries."""
    import libpysal

    return Path(libpysal.__file__).parent / "examples" / "us_income" / name


def contiguity(path: Path) -> Mapping[int, tuple[int, ...]]:
    """Who borders whom in a GAL file: a line `id count`, then a line of that many ids."""
    count, *lines = path.read_text("utf8").split("\n")
    pairs = zip(lines[0::2], lines[1::2], strict=False)
    found = {int(head.split()[0]): tuple(map(int, below.split())) for head, below in pairs if head.strip()}
    if len(found) != int(count):
        raise Misfit("gather.gal", where=str(path), wanted=int(count), found=len(found))
    return found


def _batch(source: str, package: str, path: Path) -> Batch:
    return Batch(
        source=source,
        series=source,
        vintage=VINTAGES[source],
        actor=ACTOR,
        file=f"{package} {version(package)}: {path.name}",
        file_hash=sha256_of(path),
        recipe="embedded:us-states",
    )
