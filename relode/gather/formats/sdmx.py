"""SDMX-CSV 2.0: what statistical offices exchange. The status codes are those of SDMX (CL_OBS_STATUS).

A half-year is written 2024-S1, a quarter 2024-Q3, as SDMX says time periods.
Source   SDMX-CSV field guide, version 2.0.0; SDMX content-oriented guidelines, observation status
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ...words.codelist import STATUSES
from ...words.errors import Misfit
from ...words.panel import Panel
from ...words.period import frequency
from .text import column, figure, read_csv, write_csv
from .tidy import COLUMNS, checked

if TYPE_CHECKING:
    import pandas as pd

STRUCTURE = "RELODE:FACTS(1.0)"
HEADS = (
    "STRUCTURE", "STRUCTURE_ID", "ACTION",
    "FREQ", "REF_AREA", "INDICATOR", "SCENARIO", "TIME_PERIOD", "OBS_VALUE", "UNIT_MEASURE", "OBS_STATUS",
)  # fmt: skip
_FREQUENCIES = {"year": "A", "half": "S", "quarter": "Q", "month": "M"}
_FIELDS = {"scenario": "SCENARIO", "unit": "UNIT_MEASURE", "status": "OBS_STATUS"}


def write(panel: Panel, path: Path) -> None:
    """Write all figures of a panel as observations of one dataflow."""
    frame = panel.frame()
    codes = {period: (_FREQUENCIES[frequency(period)], _out(period)) for period in panel.periods}
    rows = (
        (
            "dataflow",
            STRUCTURE,
            "I",
            codes[period][0],
            entity,
            indicator,
            scenario,
            codes[period][1],
            value,
            unit,
            status,
        )
        for scenario, entity, period, indicator, value, unit, status in zip(
            *(frame[name].tolist() for name in COLUMNS), strict=True
        )
    )
    write_csv(path, HEADS, rows, mark=False)


def read(path: Path) -> pd.DataFrame:
    """The observations of an SDMX-CSV; columns that are not ours are left out.

    Raises Misfit where a column is missing, or where the file deletes (ACTION D) instead of telling.
    """
    import pandas as pd

    heads, *rows = read_csv(path)
    heads = [re.sub(r"\[.\]$", "", head) for head in heads]  # the separator of sub-fields may stand in brackets
    at = {"entity": column(heads, "REF_AREA", path), "indicator": column(heads, "INDICATOR", path)}
    at |= {name: heads.index(head) for name, head in _FIELDS.items() if head in heads}
    period, value = column(heads, "TIME_PERIOD", path), column(heads, "OBS_VALUE", path)
    if "ACTION" in heads and any(row[heads.index("ACTION")] == "D" for row in rows):
        raise Misfit("formats.deletes", where=path.name)
    found = {name: [row[n] for row in rows] for name, n in at.items()}
    if "status" in found:
        found["status"] = [status or STATUSES[0] for status in found["status"]]
    if "scenario" in found:
        found["scenario"] = [scenario or "actual" for scenario in found["scenario"]]
    figures = [figure(row[value], f"{path.name}, {number}") for number, row in enumerate(rows, 2)]
    return checked(pd.DataFrame({**found, "period": [_in(row[period]) for row in rows], "value": figures}), path)


def _out(period: str) -> str:
    return period.replace("H", "-S").replace("Q", "-Q")


def _in(period: str) -> str:
    return period.replace("-S", "H").replace("-Q", "Q")
