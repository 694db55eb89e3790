"""SDMX-CSV 2.0: facts as statistical offices exchange them. Dimensions in capitals, one observation per line."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from .showing import harmless

if TYPE_CHECKING:
    import pandas as pd

MEDIA = "application/vnd.sdmx.data+csv; version=2.0.0"
STRUCTURE = "RELODE:FACTS(1.0.0)"
DIMENSIONS = ("REF_AREA", "INDICATOR", "SCENARIO", "TIME_PERIOD")
# CL_OBS_STATUS of SDMX: A normal, E estimated, I imputed, P provisional, M missing, B break: the same letters as ours.


def sdmx_csv(frame: pd.DataFrame) -> str:
    """Facts (entity, period, indicator, scenario, value, unit, status) as SDMX-CSV 2.0."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow(("STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, "OBS_VALUE", "UNIT_MEASURE", "OBS_STATUS"))
    for row in frame.itertuples(index=False):
        cells = (row.entity, row.indicator, row.scenario, _period(str(row.period)), row.value, row.unit, row.status)
        writer.writerow(("dataflow", STRUCTURE, "I", *map(harmless, cells)))
    return page.getvalue()


def _period(period: str) -> str:
    """2024, 2024-S1, 2024-Q3, 2024-07, as SDMX writes them."""
    return period.replace("H", "-S").replace("Q", "-Q")
