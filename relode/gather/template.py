"""The collection form: a workbook that asks for just the facts a system needs, and whose return needs no question.

One row per region and fact. A hidden sheet says which form it is, for which period, and what every row asks for, so
that a row that was moved is still read right and a row that was changed is refused with its cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..words.codelist import STATUSES, Codelist
from ..words.errors import Impossible, Misfit, RelodeError, UnknownWord, raise_all
from ..words.indicator import Indicator, IndicatorSystem
from ..words.panel import Panel
from ..words.texts import say
from .cells import Sheet, read_sheets
from .form import (
    ALLOWED,
    ENTITY,
    FORMAT,
    HEADS,
    INDICATOR,
    KEY,
    REMARK,
    STATUS,
    TOP,
    UNIT,
    VALUE,
    Form,
    key_sheet,
    notes_sheet,
)  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("entity", "period", "indicator", "scenario", "value", "status", "sheet", "row", "col")
_CREATED = datetime(2000, 1, 1)
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?([eE][+-]?\d+)?")


def write_template(
    system: IndicatorSystem, facts: Mapping[str, Indicator], regions: Codelist, path: Path, *, period: str,
    last: Panel | None = None, lang: str = "zh", scenario: str = "actual",
) -> None:  # fmt: skip
    """Write the form for the facts of `system` in all `regions`.

    `facts` says what a fact is called, its unit and range (a Shelf's `facts`); `last` shows the newest figure before.
    Raises UnknownWord where the system needs a fact that is not in `facts`.
    """
    from xlsxwriter import Workbook

    asked = _asked(system, facts)
    book = Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    book.set_properties({"title": system.root.label(lang), "author": "relode", "created": _CREATED, "comments": ""})
    rows = [(entity.code, code) for code in asked for entity in regions.values()]
    form = Form(book, lang, regions, facts, _before(last, period, scenario))
    form.head(system, period)
    form.body(rows)
    key_sheet(book, system, period, scenario, [(*row, facts[row[1]].unit) for row in rows])
    notes_sheet(book, lang, [facts[code] for code in asked], system.indicators)
    book.close()


def read_template(path: Path, *, facts: Mapping[str, Indicator] | None = None) -> pd.DataFrame:
    """The facts of a form that came back: entity, period, indicator, scenario, value, status, sheet, row, col.

    Blank values are no facts. With `facts`, figures outside their range are refused.
    Raises Misfit, Impossible, all faults of the file together, each with its cell; Misfit where it is no form.
    """
    import pandas as pd

    key, sheet = _open(path)
    faults: list[RelodeError] = []
    rows = [fact for fact in _facts(key, sheet, facts or {}, faults) if fact]
    raise_all(faults, where=path.name)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def is_template(path: Path) -> bool:
    """Is the file a collection form that came back?"""
    return path.suffix.lower() == ".xlsx" and any(sheet.name == KEY for sheet in read_sheets(path))


def remarks_of(path: Path) -> pd.DataFrame:
    """What was written beside the figures: entity, period, indicator, remark, row."""
    import pandas as pd

    key, sheet = _open(path)
    found = [
        (_text(cells[ENTITY]), key.period, _text(cells[INDICATOR]), _text(cells[REMARK]), number)
        for number, cells in _lines(sheet)
        if _text(cells[REMARK])
    ]
    return pd.DataFrame(found, columns=["entity", "period", "indicator", "remark", "row"])


def _asked(system: IndicatorSystem, facts: Mapping[str, Indicator]) -> tuple[str, ...]:
    faults: list[RelodeError] = [
        UnknownWord("template.fact", name=code, where=system.name, expected=tuple(facts))
        for code in system.reads
        if code not in facts
    ]
    raise_all(faults, where=system.name)
    return system.reads


def _before(last: Panel | None, period: str, scenario: str) -> dict[tuple[str, str], float]:
    """The newest figure of each region and fact before `period`."""
    if last is None:
        return {}
    found: dict[tuple[str, str], float] = {}
    block = last.array(scenario)
    for k, entity in enumerate(last.entities):
        for n, code in enumerate(last.indicators):
            column = [block[k, t, n] for t, when in enumerate(last.periods) if when < period]
            known = [float(figure) for figure in column if not np.isnan(figure)]
            if known:
                found[entity, code] = known[-1]
    return found


# -- reading -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Key:
    period: str
    scenario: str
    units: Mapping[tuple[str, str], str]


def _open(path: Path) -> tuple[_Key, Sheet]:
    sheets = read_sheets(path)
    hidden = next((sheet for sheet in sheets if sheet.name == KEY), None)
    if hidden is None or not hidden.rows or _text(hidden.rows[0][0]) != "relode form":
        raise Misfit("template.no_form", where=path.name)
    head = [_text(cell) for cell in hidden.rows[0][:6]]
    if len(head) < 6 or head[1] != str(FORMAT):
        raise Misfit("template.format", where=path.name, name=head[1] if len(head) > 1 else "", wanted=FORMAT)
    units = {(_text(row[0]), _text(row[1])): _text(row[2]) for row in hidden.rows[1:]}
    return _Key(head[4], head[5], units), next(sheet for sheet in sheets if sheet.name != KEY)


def _lines(sheet: Sheet) -> Iterator[tuple[int, tuple[Any, ...]]]:
    for number, cells in enumerate(sheet.rows[TOP + 1 :], TOP + 2):
        filled = (*cells, *("",) * len(HEADS))[: len(HEADS)]
        if any(_text(cell) for cell in filled):
            yield number, filled


def _facts(
    key: _Key, sheet: Sheet, facts: Mapping[str, Indicator], faults: list[RelodeError]
) -> Iterator[tuple[Any, ...] | None]:
    seen: set[tuple[str, str]] = set()
    for number, cells in _lines(sheet):
        asked = (_text(cells[ENTITY]), _text(cells[INDICATOR]))
        if asked not in key.units:
            faults.append(Misfit("template.row", where=sheet.at(number, 1), name=" / ".join(asked)))
        elif asked in seen:
            faults.append(Misfit("template.twice", where=sheet.at(number, 1), name=" / ".join(asked)))
        elif not _same_unit(_text(cells[UNIT]), key.units[asked]):
            faults.append(Misfit("template.unit_changed", where=sheet.at(number, UNIT + 1), name=_text(cells[UNIT])))
        else:
            seen.add(asked)
            yield _fact(key, asked, sheet, number, cells, facts.get(asked[1]), faults)


def _fact(
    key: _Key, asked: tuple[str, str], sheet: Sheet, number: int, cells: tuple[Any, ...], about: Indicator | None,
    faults: list[RelodeError],
) -> tuple[Any, ...] | None:  # fmt: skip
    where = sheet.at(number, VALUE + 1)
    status = _text(cells[STATUS]).upper() or STATUSES[0]
    if status not in ALLOWED:
        faults.append(Misfit("template.no_status", where=sheet.at(number, STATUS + 1), name=status, expected=ALLOWED))
        return None
    if not _text(cells[VALUE]):
        return None
    value = _figure(cells[VALUE])
    if value is None:
        faults.append(Misfit("template.no_number", where=where, name=_text(cells[VALUE])))
        return None
    low, high = about.range if about else (None, None)
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f"{'' if low is None else f'{low:g}'} .. {'' if high is None else f'{high:g}'}"
        faults.append(Impossible("template.range", where=where, name=asked[1], value=f"{value:g}", expected=(bounds,)))
        return None
    entity, indicator = asked
    return entity, key.period, indicator, key.scenario, value, status, sheet.name, number, VALUE + 1


def _figure(cell: Any) -> float | None:
    """A number, or text that is plainly one; None for anything else."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell) if np.isfinite(cell) else None
    text = _text(cell)
    return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else None


def _same_unit(shown: str, kept: str) -> bool:
    return shown in {kept, *(say(f"unit.{kept}", lang, default=kept) for lang in ("zh", "en"))}


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
