"""iData and iMeta, the two tables of the R package COINr: the figures, and the tree of the index.

Source   Becker et al. (2022), COINr: an R package for developing composite indicators, JOSS 7(78), 4567
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...maths.scale import outside
from ...words.codelist import Codelist, Entity
from ...words.errors import Misfit
from ...words.indicator import Group, IndicatorSystem, system_of
from ...words.panel import Panel
from .text import column, figure, read_csv, write_csv

if TYPE_CHECKING:
    import pandas as pd

META = ("Level", "iCode", "iName", "Direction", "Weight", "Unit", "Parent", "Type")


@dataclass(frozen=True)
class Coin:
    """What the two tables hold: figures as `Panel.frame()` has them, the system, and the units with their names."""

    frame: pd.DataFrame
    system: IndicatorSystem
    regions: Codelist


def write(
    panel: Panel, system: IndicatorSystem, regions: Codelist, idata: Path, imeta: Path, *, lang: str = "en"
) -> None:
    """Write the indicators of `system` (a panel of them, not of facts) and its tree.

    Level 1 are the indicators; a group stands one level above its highest child. Formulas and ranges are lost;
    COINr knows no best range, so figures of such an indicator are written as their distance from it.
    Raises Misfit where there are several scenarios, UnknownWord where the panel lacks an indicator.
    """
    if len(panel.scenarios) != 1:
        raise Misfit("formats.scenarios", count=len(panel.scenarios), where=idata.name)
    block = panel.only(indicators=system.codes).array(panel.scenarios[0]).copy()
    for n, one in enumerate(system.indicators):
        block[..., n] = outside(block[..., n], *one.best) if one.best else block[..., n]
    rows = (
        (regions.label(entity, lang), entity, period, *("NA" if v != v else v for v in block[k, t].tolist()))
        for t, period in enumerate(panel.periods)
        for k, entity in enumerate(panel.entities)
    )
    write_csv(idata, ("uName", "uCode", "Time", *system.codes), rows, mark=False)
    write_csv(imeta, META, [*_meta(system.root, "NA", lang)], mark=False)


def read(idata: Path, imeta: Path, *, name: str, period: str = "") -> Coin:
    """Read both tables; `name` is what the system shall be called, `period` what is meant where there is no Time.

    Codes become lower case with underscores.
    Denominators and groups of units are not taken. Raises Misfit where a column or a parent is missing.
    """
    meta = _rows(imeta, ("iCode", "Parent", "Type"))
    system, codes = _system(meta, name, imeta)
    heads, *rows = read_csv(idata)
    unit = column(heads, "uCode", idata)
    label = heads.index("uName") if "uName" in heads else unit
    time = heads.index("Time") if "Time" in heads else None
    found = [
        (
            row[unit],
            row[time] if time is not None else period,
            code,
            figure(row[heads.index(spelt)], f"{idata.name}, {n}"),
        )
        for n, row in enumerate(rows, 2)
        for spelt, code in codes.items()
        if spelt in heads
    ]
    names = dict.fromkeys((row[unit], row[label]) for row in rows)
    regions = Codelist(tuple(Entity(code, said) for code, said in names), str(idata))
    return Coin(_frame(found, system), system, regions)


def _meta(node: Group, parent: str, lang: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for child in node.indicators:
        rows.append((1, child.code, child.label(lang), child.direction or 1, child.weight, child.unit, node.code,
                     "Indicator" if child.direction else "Other"))  # fmt: skip
    for group in node.groups:
        rows += _meta(group, node.code, lang)
    kind = "Aggregate"
    return [*rows, (_level(node), node.code, node.label(lang), 1, node.weight, "", parent, kind)]


def _level(node: Group) -> int:
    return 1 + max((_level(group) for group in node.groups), default=1)


def _rows(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    heads, *rows = read_csv(path)
    for name in needed:
        column(heads, name, path)
    return [dict(zip(heads, row, strict=False)) for row in rows]


def _system(meta: Sequence[Mapping[str, str]], name: str, path: Path) -> tuple[IndicatorSystem, dict[str, str]]:
    """The tree as a system, and for every heading of iData the code that it has in the system."""
    by_parent: dict[str, list[Mapping[str, str]]] = {}
    known = {row["iCode"] for row in meta}
    for row in meta:
        if row["Type"] not in ("Indicator", "Aggregate", "Other"):
            continue
        parent = "" if row["Parent"] in ("", "NA") else row["Parent"]
        if parent and parent not in known:
            raise Misfit("formats.parent", name=parent, where=f"{path.name}, {row['iCode']}")
        by_parent.setdefault(parent, []).append(row)
    top = [row for row in by_parent.get("", []) if row["Type"] == "Aggregate"]
    root = top[0] if len(top) == 1 else {"iCode": "", "iName": name}
    codes: dict[str, str] = {}
    spec = _branch(root["iCode"], by_parent, "", codes)
    said = root.get("iName") or name
    return system_of({"name": name, "version": 1, "zh": said, "en": said, **spec}, str(path)), codes


def _branch(
    parent: str, by_parent: Mapping[str, Sequence[Mapping[str, str]]], prefix: str, codes: dict[str, str]
) -> dict[str, Any]:
    groups: dict[str, Any] = {}
    indicators: dict[str, Any] = {}
    for row in by_parent.get(parent, ()):
        spelt = row["iCode"]
        own = _code(spelt.removeprefix(parent + "."))
        said = {"zh": row.get("iName") or spelt, "en": row.get("iName") or spelt, "weight": _weight(row)}
        if row["Type"] == "Aggregate":
            if spelt != parent:
                groups[own] = {**said, **_branch(spelt, by_parent, f"{prefix}{own}.", codes)}
            continue
        codes[spelt] = prefix + own
        direction = 0 if row["Type"] == "Other" else int(float(row.get("Direction") or 1))
        indicators[own] = {**said, "unit": row.get("Unit") or "", "direction": direction}
    return {"groups": groups, "indicators": indicators}


def _weight(row: Mapping[str, str]) -> float:
    return float(row["Weight"]) if row.get("Weight") not in (None, "", "NA") else 1.0


def _code(spelt: str) -> str:
    code = re.sub(r"[^a-z0-9_]+", "_", spelt.lower()).strip("_")
    return code if code[:1].isalpha() else f"x{code}"


def _frame(found: Sequence[tuple[str, str, str, float]], system: IndicatorSystem) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(found, columns=["entity", "period", "indicator", "value"])
    frame.insert(0, "scenario", "actual")
    frame["unit"] = [getattr(system[code], "unit", "") for code in frame["indicator"]]
    frame["status"] = "A"
    return frame[frame["value"].notna()].reset_index(drop=True)
