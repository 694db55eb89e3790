"""Wide CSV as the World Bank publishes it: a row per region and indicator, a column per year."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...words.codelist import STATUSES, Codelist
from ...words.errors import Misfit
from ...words.indicator import Indicator
from ...words.panel import Panel
from .text import figure, read_csv, write_csv
from .tidy import checked

if TYPE_CHECKING:
    import pandas as pd

HEADS = ("Country Name", "Country Code", "Indicator Name", "Indicator Code")
_PERIOD = re.compile(r"\d{4}(H[12]|Q[1-4]|-\d{2})?")
_PREFACE = 10  # rows in which the heads are looked for; the World Bank's own files have four before them


def write(
    panel: Panel, path: Path, *, regions: Codelist, indicators: Mapping[str, Indicator], lang: str, flags: bool = True
) -> None:
    """Write the one scenario of a panel. Units go into the names; status is lost.

    Raises Misfit where there are several scenarios, or a status other than normal and `flags` is not given up.
    """
    if len(panel.scenarios) != 1:
        raise Misfit("formats.scenarios", count=len(panel.scenarios), where=path.name)
    normal = (panel.statuses(panel.scenarios[0]) == 0) | np.isnan(panel.array(panel.scenarios[0]))
    if flags and not normal.all():
        raise Misfit("formats.flags", count=int((~normal).sum()), where=path.name)
    block = panel.array(panel.scenarios[0])
    rows = (
        (regions.label(entity, lang), entity, _name(code, unit, indicators, lang), code, *block[k, :, n].tolist())
        for k, entity in enumerate(panel.entities)
        for n, (code, unit) in enumerate(zip(panel.indicators, panel.units, strict=True))
    )
    write_csv(path, (*HEADS, *panel.periods), rows)


def read(path: Path) -> pd.DataFrame:
    """The figures of such a file, all normal, of scenario `actual`, without units. Raises Misfit."""
    import pandas as pd

    rows = list(read_csv(path))
    head = next((n for n, row in enumerate(rows[:_PREFACE]) if {HEADS[1], HEADS[3]} <= set(row)), None)
    if head is None:
        raise Misfit("formats.column", name=HEADS[1], where=path.name, expected=HEADS)
    heads = rows[head]
    entity, indicator = heads.index(HEADS[1]), heads.index(HEADS[3])
    periods = [(n, text) for n, text in enumerate(heads) if _PERIOD.fullmatch(text)]
    found = [
        (row[entity], period, row[indicator], value)
        for number, row in enumerate(rows[head + 1 :], head + 2)
        if any(row)
        for n, period in periods
        if not np.isnan(value := figure(row[n] if n < len(row) else "", f"{path.name}, {number}"))
    ]
    frame = pd.DataFrame(found, columns=["entity", "period", "indicator", "value"])
    return checked(frame.assign(status=STATUSES[0]), path)


def _name(code: str, unit: str, indicators: Mapping[str, Indicator], lang: str) -> str:
    label = indicators[code].label(lang) if code in indicators else code
    return f"{label} ({unit})" if unit else label
