"""Files in a format that says itself what it holds: told by their ending and heads, read into facts of the place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ...words.codelist import Codelist
from ...words.errors import Misfit, RelodeError, UnknownWord, raise_all
from ...words.indicator import Indicator
from ...words.texts import LANGUAGES, say
from ..harmonise import Matcher, china_matcher, entity_called
from ..heads import Names, as_period, plain
from ..units import ratio_of
from . import Format, read_frame
from .text import read_csv
from .wide import HEADS as WIDE

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("entity", "period", "indicator", "scenario", "value", "status")
_ENDINGS: Mapping[str, Format] = {".dta": "stata", ".sav": "spss", ".zsav": "spss", ".parquet": "tidy"}
_SDMX = {"REF_AREA", "TIME_PERIOD", "OBS_VALUE"}
_PREFACE = 10


def format_of(path: Path) -> Format | None:
    """The format of a file, None where it is a table or workbook that has to be looked at."""
    if (ending := path.suffix.lower()) in _ENDINGS:
        return _ENDINGS[ending]
    if ending != ".csv":
        return None
    try:
        rows = [row for row, _ in zip(read_csv(path), range(_PREFACE), strict=False)]
    except Misfit:
        return None  # reported where the file is read as a table
    if rows and {head.partition("[")[0] for head in rows[0]} >= _SDMX:
        return "sdmx"
    return "wide" if any({WIDE[1], WIDE[3]} <= set(row) for row in rows) else None


def read_facts(
    path: Path, format: Format, *, regions: Codelist, indicators: Mapping[str, Indicator], scenario: str = "actual",
    left_out: list[str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The facts of a file: entity, period, indicator, scenario, value, status; in the units of the place.

    Entities and indicators are found by code or name, a unit that is not the indicator's is converted.
    `left_out` takes the names that are no indicator, whose figures are then left out; without it they are faults.
    Raises UnknownWord, Misfit, all faults of the file together, and what the format itself raises.
    """
    frame = read_frame(path, format)
    faults: list[RelodeError] = []
    matcher = china_matcher(regions) if len(regions) else None
    entities = {code: _entity(str(code), matcher, path, faults) for code in frame["entity"].unique()}
    periods = {text: _period(str(text), path, faults) for text in frame["period"].unique()}
    known = Names(indicators)
    strange = [str(name) for name in frame["indicator"].unique() if not known.has(str(name))]
    if strange and left_out is None:
        faults.append(_strangers(strange, indicators, path))
    elif left_out is not None:
        left_out += strange
    frame = frame[~frame["indicator"].isin(strange)]
    codes = {name: _indicator(str(name), known, path, faults) for name in frame["indicator"].unique()}
    pairs = frame[["indicator", "unit"]].drop_duplicates().itertuples(index=False)
    factors = {(i, u): _factor(str(u), codes[i], indicators, path, faults) for i, u in pairs}
    raise_all(faults, where=path.name)
    made = frame.assign(
        value=frame["value"] * [factors[pair] for pair in zip(frame["indicator"], frame["unit"], strict=True)],
        entity=frame["entity"].map(entities), period=frame["period"].map(periods),
        indicator=frame["indicator"].map(codes), scenario=frame["scenario"].replace("actual", scenario),
    )  # fmt: skip
    return _once(made[list(COLUMNS)], path)


def _entity(text: str, matcher: Matcher | None, path: Path, faults: list[RelodeError]) -> str:
    if matcher is None:
        return text
    try:
        return entity_called(text, matcher, where=path.name)
    except RelodeError as fault:
        faults.append(fault)
        return ""


def _period(text: str, path: Path, faults: list[RelodeError]) -> str:
    if not (period := as_period(text)):
        faults.append(Misfit("table.period", name=text, where=path.name))
    return period


def _strangers(names: list[str], indicators: Mapping[str, Indicator], path: Path) -> UnknownWord:
    """One fault for all names that are no indicator; of a single one the near ones are told."""
    near = tuple(indicators) if len(names) == 1 else ()
    return UnknownWord(
        "formats.strangers", where=path.name, name=names[0], names=", ".join(names), count=len(names), expected=near
    )


def _indicator(name: str, known: Names, path: Path, faults: list[RelodeError]) -> str:
    try:
        return known.find(name, path.name)
    except RelodeError as fault:
        faults.append(fault)
        return ""


def _factor(unit: str, code: str, indicators: Mapping[str, Indicator], path: Path, faults: list[RelodeError]) -> float:
    """By what a figure in `unit` is multiplied to be in the indicator's; 1 where the file names no unit."""
    if not code or not unit:
        return 1.0
    ours = indicators[code].unit
    if plain(unit) in {plain(ours), *(plain(say(f"unit.{ours}", lang, default="")) for lang in LANGUAGES)}:
        return 1.0
    try:
        return float(ratio_of(unit, ours))
    except RelodeError:
        faults.append(Misfit("table.unit", name=unit, indicator=code, where=path.name, expected=(ours,)))
        return math.nan


def _once(facts: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The facts without rows that say nothing. Raises Misfit where none is left or a figure stands twice."""
    told = facts[facts["value"].notna() | (facts["status"] == "M")].reset_index(drop=True)
    keys = ["entity", "period", "indicator", "scenario"]
    if not len(told):
        raise Misfit("formats.nothing", where=path.name)
    again = told[told.duplicated(keys)]
    if len(again):
        first = "/".join(map(str, again.iloc[0][keys]))
        raise Misfit("formats.double", name=first, count=len(again), where=path.name)
    return told
