"""Facts on their way in: a frame becomes columns of integer codes, with one key and one hash over all rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..words.codelist import STATUSES
from ..words.errors import Misfit, raise_all
from .refusals import unreadable

if TYPE_CHECKING:
    import pandas as pd

KEY = ("entity", "period", "indicator", "scenario")
MUST = ("entity", "period", "indicator", "value")
MISSING = STATUSES.index("M")
LOOK = 10_000  # rows that tell whether a column comes in runs


@dataclass(frozen=True, eq=False)
class Coded:
    """A column as whole numbers into its sorted, distinct texts; -1 where there is none."""

    codes: NDArray[np.int32]
    levels: tuple[str, ...]

    @classmethod
    def of(cls, column: pd.Series[Any]) -> Coded:
        """Code a column of any kind; numbers are written as text."""
        codes, found = _factorized(column)
        texts = np.array([str(text) for text in found], dtype=object)
        levels, into = np.unique(texts, return_inverse=True) if len(texts) else (texts, np.zeros(0, int))
        blank = int(len(levels) > 0 and levels[0] == "")  # an empty text is none; sorted, it stands first
        into = np.append(into - blank, -1).astype(np.int32)  # the last one serves code -1
        return cls(np.asarray(into[codes], np.int32), tuple(map(str, levels[blank:])))

    def text(self, row: int) -> str:
        """What stands in a row."""
        code = self.codes[row]
        return self.levels[code] if code >= 0 else ""


@dataclass(frozen=True, eq=False)
class Incoming:
    """Facts in columns of equal length. `status` is M exactly where `value` is NaN."""

    entity: Coded
    period: Coded
    indicator: Coded
    scenario: Coded
    value: NDArray[np.float64]
    status: NDArray[np.uint8]
    sheet: Coded
    row: NDArray[np.int32]  # counted from 1, as a spreadsheet does; 0 = not known
    col: NDArray[np.int32]
    file: str = ""

    def __len__(self) -> int:
        return len(self.value)

    @cached_property
    def key(self) -> NDArray[np.int64]:
        """One whole number per row that stands for entity, period, indicator and scenario, in their order."""
        key = np.zeros(len(self), np.int64)
        for name in KEY:
            column: Coded = getattr(self, name)
            key *= len(column.levels)
            key += column.codes
        return key

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """The rows in the order of their keys."""
        return np.argsort(self.key, kind="stable")

    @cached_property
    def rows_hash(self) -> str:
        """sha256 over the sorted rows: key, value, status and cell. The same in every store and every order."""
        digest = hashlib.sha256()
        for column in (self.entity, self.period, self.indicator, self.scenario, self.sheet):
            digest.update("\n".join((*column.levels, "\0")).encode())
            digest.update(column.codes[self.order].astype("<i4").tobytes())
        value = self.value[self.order] + 0.0  # -0.0 and 0.0 are one figure
        digest.update(np.where(np.isnan(value), np.nan, value).astype("<f8").tobytes())
        digest.update(self.status[self.order].tobytes())
        digest.update(self.row[self.order].astype("<i4").tobytes())
        digest.update(self.col[self.order].astype("<i4").tobytes())
        return digest.hexdigest()

    def place(self, row: int) -> str:
        """Where a row comes from: file, sheet and cell as far as they are known, else its number in the frame."""
        cell = self.sheet.text(row) + ("!" if self.sheet.text(row) else "") + cell_of(self.row[row], self.col[row])
        return ", ".join(part for part in (self.file, cell or f"#{row + 1}") if part)

    def key_text(self, row: int) -> str:
        """The key of a row in plain codes."""
        return "/".join(getattr(self, name).text(row) for name in KEY)


def read_frame(facts: pd.DataFrame, *, file: str = "") -> Incoming:
    """A frame as facts: entity, period, indicator, value; if need be scenario, status, sheet, row, col.

    Raises Misfit for a missing column, Impossible for values, states or cells that are none; all together.
    """
    there = tuple(map(str, facts.columns))
    raise_all([Misfit("store.column", name=name, where=file, expected=there) for name in MUST if name not in there])
    if not len(facts):
        raise Misfit("store.empty", where=file)
    value = _numbers(facts["value"])
    coded = _column(facts, "status", "")
    status = _statuses(coded, value)
    incoming = Incoming(
        entity=Coded.of(facts["entity"]), period=Coded.of(facts["period"]), indicator=Coded.of(facts["indicator"]),
        scenario=_column(facts, "scenario", "actual"), value=value, status=np.maximum(status, 0).astype(np.uint8),
        sheet=_column(facts, "sheet", ""), row=_counts(facts, "row"), col=_counts(facts, "col"), file=file,
    )  # fmt: skip
    raise_all(unreadable(incoming, facts, coded, status), where=file)
    return incoming


def cell_of(row: int, col: int) -> str:
    """A cell's address as a spreadsheet writes it: (4, 2) -> B4; what is 0 is left out."""
    letters, rest = "", int(col)
    while rest > 0:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(65 + letter) + letters
    return letters + (str(int(row)) if row else "")


# -- reading -----------------------------------------------------------------------------------------


def _factorized(column: pd.Series[Any]) -> tuple[NDArray[np.intp], Any]:
    """Codes and distinct values, -1 where there is none.

    Sorted tables repeat a code in long runs, and comparing neighbours is ten times cheaper than hashing every text:
    where the first rows come in runs, only the heads of the runs are hashed.
    """
    import pandas as pd

    if column.dtype.kind != "O":
        return pd.factorize(column)
    texts = column.to_numpy(object)
    if len(_heads(texts[:LOOK])) * 4 > min(len(texts), LOOK):
        return pd.factorize(texts)
    heads = _heads(texts)
    codes, found = pd.factorize(texts[heads])
    return np.repeat(codes, np.diff(heads, append=len(texts))), found


def _heads(texts: NDArray[Any]) -> NDArray[np.intp]:
    """The rows that differ from the one before."""
    try:
        return np.flatnonzero(np.append(True, texts[1:] != texts[:-1]))
    except TypeError:  # pandas' NA has no opinion
        return np.arange(len(texts))


def _numbers(column: pd.Series[Any]) -> NDArray[np.float64]:
    """The values; what is no number becomes infinite, so that it is refused with its place."""
    import pandas as pd

    if column.dtype.kind in "fiu":
        return column.to_numpy(np.float64, na_value=np.nan)
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isnan(numbers) & column.notna().to_numpy(), np.inf, numbers)


def _statuses(coded: Coded, value: NDArray[np.float64]) -> NDArray[np.int8]:
    """Index into STATUSES, -1 where the letter is none; A where none is given, M wherever there is no value."""
    table = np.array([*map(_status, coded.levels), 0], np.int8)  # the last one serves code -1
    return np.where(np.isnan(value), MISSING, table[coded.codes]).astype(np.int8)


def _status(letter: str) -> int:
    return STATUSES.find(letter) if len(letter) == 1 else -1


def _column(facts: pd.DataFrame, name: str, otherwise: str) -> Coded:
    if name in facts.columns:
        return Coded.of(facts[name].fillna(otherwise) if otherwise else facts[name])
    return Coded(np.full(len(facts), 0 if otherwise else -1, np.int32), (otherwise,) if otherwise else ())


def _counts(facts: pd.DataFrame, name: str) -> NDArray[np.int32]:
    import pandas as pd

    if name not in facts.columns:
        return np.zeros(len(facts), np.int32)
    return pd.to_numeric(facts[name]).fillna(0).to_numpy(np.int32)
