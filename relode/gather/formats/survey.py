"""Stata .dta and SPSS .sav: one row per region and period, a variable per indicator, labels for people.

The label of a variable is `code: name, unit`; from it the codes come back. A figure that is not normal has its
status in a variable of its own (`..._st`), which is there only where it is needed.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...words.codelist import STATUSES, Codelist
from ...words.errors import Misfit
from ...words.indicator import Indicator
from ...words.panel import Panel
from ..heads import headings, plain
from .tidy import checked

if TYPE_CHECKING:
    import pandas as pd

MOST_NAME = 32  # characters of a Stata variable's name
MOST_LABEL = 80  # and of its label
_CREATED = datetime(2000, 1, 1)
_KEYS = ("entity", "entity_id", "period")


def write(
    panel: Panel, path: Path, kind: str, *, regions: Codelist, indicators: Mapping[str, Indicator], lang: str
) -> None:
    """Write the one scenario of a panel; `entity_id` numbers the regions and carries their names as value labels.

    Raises Misfit where there are several scenarios, a code is too long for a label, or pyreadstat is not installed.
    """
    if len(panel.scenarios) != 1:
        raise Misfit("formats.scenarios", count=len(panel.scenarios), where=path.name)
    frame, labels = _table(panel, indicators, lang, path)
    names: dict[float, str] = {n: regions.label(entity, lang) for n, entity in enumerate(panel.entities, 1)}
    if kind == "stata":
        frame.to_stata(
            path, write_index=False, version=118, variable_labels=labels, value_labels={"entity_id": names},
            time_stamp=_CREATED, convert_strl=[],
        )  # fmt: skip
    else:
        _pyreadstat().write_sav(
            frame, str(path), column_labels=list(labels.values()), variable_value_labels={"entity_id": names}
        )


def read(path: Path, kind: str) -> pd.DataFrame:
    """The figures of a file that was written so, or of any with one variable for the entity and one for the period.

    These are `entity` and `period`, else variables that are headed like them (`city`, `code`, `year`). A variable is
    the indicator that its label begins with (`code: name, unit`), else the one that it is called like.
    Raises Misfit where one of these is missing or the file cannot be read.
    """
    frame, labels = _stata(path) if kind == "stata" else _spss(path)
    found = {name: _variable_of(name, frame, path) for name in ("entity", "period")}
    renamed = frame.rename(columns={variable: name for name, variable in found.items()})
    return checked(_long(renamed, labels), path)


def _variable_of(role: str, frame: pd.DataFrame, path: Path) -> str:
    """The variable of a role. Raises Misfit where there is none, or several of which none has the role's own name."""
    names = [str(name) for name in frame.columns]
    if role in names:
        return role
    alike = [name for name in names if headings().get(plain(name)) == role]
    if len(alike) != 1:
        raise Misfit("formats.column", name=role, where=path.name, expected=tuple(alike or names))
    return alike[0]


# -- writing -------------------------------------------------------------------------------------------------


def _table(
    panel: Panel, indicators: Mapping[str, Indicator], lang: str, path: Path
) -> tuple[pd.DataFrame, dict[str, str]]:
    import pandas as pd

    count = len(panel.periods)
    columns: dict[str, Any] = {
        "entity": np.repeat(np.array(panel.entities, object), count),
        "entity_id": np.repeat(np.arange(1, len(panel.entities) + 1, dtype=np.int32), count),
        "period": np.array(panel.periods * len(panel.entities), object),
    }
    labels = {name: name for name in columns}
    block, statuses = panel.array(panel.scenarios[0]), panel.statuses(panel.scenarios[0])
    for n, code in enumerate(panel.indicators):
        name = _variable(code, columns)
        columns[name] = block[..., n].ravel()
        labels[name] = _label(code, panel.units[n], indicators, lang, path)
        status = np.where(np.isnan(columns[name]), 0, statuses[..., n].ravel())
        if status.any():
            told = _variable(f"{name[: MOST_NAME - 3]}_st", columns)
            columns[told] = np.array(list(STATUSES), object)[status]
            labels[told] = f"{code}: status"
    return pd.DataFrame(columns), labels


def _variable(code: str, taken: Mapping[str, Any]) -> str:
    """A name that Stata and SPSS take, from a code; numbered where it is there already."""
    name = re.sub(r"\W", "_", code)[:MOST_NAME]
    plain, n = name, 1
    while name in taken:
        n += 1
        name = f"{plain[: MOST_NAME - len(str(n)) - 1]}_{n}"
    return name


def _label(code: str, unit: str, indicators: Mapping[str, Indicator], lang: str, path: Path) -> str:
    label = indicators[code].label(lang) if code in indicators else ""
    if len(code) + len(unit) + 4 > MOST_LABEL:
        raise Misfit("formats.long", name=code, where=path.name, most=MOST_LABEL)
    room = MOST_LABEL - len(code) - len(unit) - 4
    return f"{code}: {label[:room].replace(', ', ' ')}, {unit}"


# -- reading -------------------------------------------------------------------------------------------------


def _stata(path: Path) -> tuple[pd.DataFrame, Mapping[str, str]]:
    import pandas as pd

    try:
        with pd.read_stata(path, iterator=True, convert_categoricals=False) as reader:
            labels = reader.variable_labels()
        return pd.read_stata(path, convert_categoricals=False), labels
    except (ValueError, OSError, KeyError, struct.error) as fault:
        raise Misfit("table.unreadable", where=path.name, fault=str(fault).splitlines()[0]) from fault


def _spss(path: Path) -> tuple[pd.DataFrame, Mapping[str, str]]:
    import pandas as pd

    from ..yearbook.guard import open_survey

    if find_spec("pyreadstat") is None:
        raise Misfit("formats.package", name="pyreadstat")
    told = open_survey(path)
    return pd.DataFrame(told["columns"]), told["labels"]


def _pyreadstat() -> Any:
    try:
        import pyreadstat  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as fault:
        raise Misfit("formats.package", name="pyreadstat") from fault
    return pyreadstat


def _long(frame: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    parts = []
    told = {name: _told(name, labels.get(name) or "") for name in map(str, frame.columns) if name not in _KEYS}
    statuses = {code: name for name, (code, what) in told.items() if what == "status"}
    for name, (code, unit) in told.items():
        if unit == "status" or not pd.api.types.is_numeric_dtype(frame[name]):
            continue
        status = frame[statuses[code]] if code in statuses else STATUSES[0]
        part = pd.DataFrame(
            {"entity": list(_texts(frame["entity"])), "period": list(_texts(frame["period"])), "indicator": code,
             "value": frame[name].astype(float), "unit": unit, "status": status}
        )  # fmt: skip
        parts.append(part[part["value"].notna()])
    if parts:
        return pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns=["entity", "period", "indicator", "value"])


def _told(name: str, label: str) -> tuple[str, str]:
    """(code, unit) from `code: name, unit`, (code, "status") from `code: status`; (variable, '') from any other."""
    code, colon, rest = label.partition(": ")
    if not colon or (", " not in rest and rest != "status"):
        return name, ""
    return code, rest if rest == "status" else rest.rpartition(", ")[2]


def _texts(column: pd.Series) -> Iterator[str]:
    for cell in column:
        yield str(int(cell)) if isinstance(cell, float | int | np.number) else str(cell)
