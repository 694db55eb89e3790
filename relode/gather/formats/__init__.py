"""Figures in and out in the formats that others read: one door for each way, one module for each format.

tidy      CSV, Parquet or Excel with one figure a row                       keeps everything
sdmx      SDMX-CSV 2.0                                                      keeps everything
wide      CSV as the World Bank publishes it, one column a year             one scenario, no status, no unit
stata     .dta, one row per region and period, labels on the variables      one scenario
spss      .sav likewise; needs the package pyreadstat                       one scenario
coinr     two CSVs, iData and iMeta, for the R package COINr: see coinr.py  one scenario, no status

A frame read has the columns of `Panel.frame()`: scenario, entity, period, indicator, value, unit, status.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from ...words.codelist import Codelist
from ...words.errors import Misfit, UnknownWord
from ...words.indicator import Indicator
from ...words.panel import Panel
from . import sdmx, survey, tidy, wide

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["tidy", "sdmx", "wide", "stata", "spss"]
FORMATS: tuple[Format, ...] = get_args(Format)


def write_panel(
    panel: Panel, path: Path, format: Format, *, regions: Codelist | None = None,
    indicators: Mapping[str, Indicator] | None = None, lang: str = "en", flags: bool = True,
) -> None:  # fmt: skip
    """Write a panel; `regions` and `indicators` give labels where the format has room for them.

    `flags=False` lets a format without room for status (wide) drop it.
    Raises UnknownWord for an unknown format, Misfit where the format would lose something that the panel has.
    """
    regions, indicators = regions or Codelist(), indicators or {}
    if format == "tidy":
        tidy.write(panel, path)
    elif format == "sdmx":
        sdmx.write(panel, path)
    elif format == "wide":
        wide.write(panel, path, regions=regions, indicators=indicators, lang=lang, flags=flags)
    elif format in ("stata", "spss"):
        survey.write(panel, path, format, regions=regions, indicators=indicators, lang=lang)
    else:
        raise UnknownWord("formats.unknown", name=format, expected=FORMATS)


def read_frame(path: Path, format: Format) -> pd.DataFrame:
    """The figures of a file as `Panel.frame()` gives them. Raises UnknownWord, Misfit."""
    if not path.is_file():
        raise Misfit("formats.file", where=str(path))
    if format == "tidy":
        return tidy.read(path)
    if format == "sdmx":
        return sdmx.read(path)
    if format == "wide":
        return wide.read(path)
    if format in ("stata", "spss"):
        return survey.read(path, format)
    raise UnknownWord("formats.unknown", name=format, expected=FORMATS)
