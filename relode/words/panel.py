"""The Panel: facts about entities, dense and read-only inside, with pandas at its doors.

    values   float64  (scenario, entity, period, indicator), NaN where there is no figure
    status   uint8    same shape, index into STATUSES (A E I P M B); M exactly where a value is NaN
    batch    int32    same shape, the store's batch of each figure, -1 = none; may be left out

The axes are tuples of codes; a unit belongs to each indicator; all periods have one frequency.
Facts meet in the store before they become a Panel: a method neither joins nor looks up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .codelist import STATUSES
from .errors import Impossible, Misfit, UnknownWord
from .period import one_frequency, ordinal

if TYPE_CHECKING:
    import pandas as pd

MOST_CELLS = 50_000_000
AXES = ("scenario", "entity", "period", "indicator")
Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Panel:
    """Facts about entities: `values[scenario, entity, period, indicator]` and their status.

    Raises Misfit where axes, shapes, units or frequencies do not agree, where a code stands twice or
    where the block would exceed 50 million cells; Impossible where a value is infinite.
    """

    values: Values
    scenarios: tuple[str, ...]
    entities: tuple[str, ...]
    periods: tuple[str, ...]
    indicators: tuple[str, ...]
    units: tuple[str, ...] = ()
    status: NDArray[np.uint8] | None = None
    batch: NDArray[np.int32] | None = None
    sources: tuple[str, ...] = field(default=())  # codes of the sources that the figures come from

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        _check_axes(self, values)
        status = np.zeros(values.shape, np.uint8) if self.status is None else np.array(self.status, np.uint8)
        if status.shape != values.shape:
            raise Misfit("panel.shape", name="status", shape=status.shape, wanted=values.shape)
        status[np.isnan(values)] = STATUSES.index("M")
        values.flags.writeable = status.flags.writeable = False
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "status", status)
        object.__setattr__(self, "units", self.units or ("",) * len(self.indicators))
        if self.batch is not None:
            batch = np.array(self.batch, np.int32)
            batch.flags.writeable = False
            object.__setattr__(self, "batch", batch)

    # -- doors -------------------------------------------------------------------------------------

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        *,
        units: Mapping[str, str] | None = None,
        sources: Sequence[str] = (),
    ) -> Panel:
        """A panel from a long frame: entity, period, indicator, value, and if given scenario and status.

        Entities, indicators and scenarios keep the order in which they first stand; periods are sorted.
        Raises Misfit where a column is missing or a figure stands twice.
        """
        import pandas as pd

        for name in ("entity", "period", "indicator", "value"):
            if name not in frame.columns:
                raise Misfit("panel.column", name=name, expected=tuple(map(str, frame.columns)))
        long = frame if "scenario" in frame.columns else frame.assign(scenario="actual")
        codes, axes = [], []
        for axis in AXES:
            code, levels = pd.factorize(long[axis].astype(str), sort=axis == "period")
            codes.append(code)
            axes.append(tuple(map(str, levels)))
        shape = tuple(len(axis) for axis in axes)
        _check_size(shape)
        at = np.ravel_multi_index(codes, shape) if len(long) else np.zeros(0, int)
        _check_unique(at, shape, axes)
        values = np.full(int(np.prod(shape)), np.nan)
        values[at] = pd.to_numeric(long["value"]).to_numpy(np.float64, na_value=np.nan)
        status = np.full(values.shape, STATUSES.index("M"), np.uint8)
        status[at] = [STATUSES.index(s) for s in long["status"]] if "status" in long.columns else 0
        scenarios, entities, periods, indicators = axes
        kept_units = tuple((units or {}).get(code, "") for code in indicators)
        return cls(
            values.reshape(shape), scenarios, entities, periods, indicators,
            units=kept_units, status=status.reshape(shape), sources=tuple(sources),
        )  # fmt: skip

    def frame(self, *, missing: bool = False) -> pd.DataFrame:
        """The panel as a long frame: scenario, entity, period, indicator, value, unit, status."""
        import pandas as pd

        assert self.status is not None
        keep = np.flatnonzero(np.ones(self.values.size, bool) if missing else ~np.isnan(self.values).ravel())
        index = np.unravel_index(keep, self.values.shape)
        columns: dict[str, Any] = {
            name: np.array(axis, dtype=object)[index[n]] for n, (name, axis) in enumerate(self.axes.items())
        }
        columns["value"] = self.values.ravel()[keep]
        columns["unit"] = np.array(self.units, dtype=object)[index[3]]
        columns["status"] = np.array(list(STATUSES), dtype=object)[self.status.ravel()[keep]]
        return pd.DataFrame(columns)

    def wide(self, *, scenario: str = "actual") -> pd.DataFrame:
        """One row per entity and period, one column per indicator."""
        import pandas as pd

        index = pd.MultiIndex.from_product([self.entities, self.periods], names=["entity", "period"])
        block = self.array(scenario).reshape(len(index), len(self.indicators))
        return pd.DataFrame(block, index=index, columns=list(self.indicators))

    # -- windows -----------------------------------------------------------------------------------

    @property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """The four axes by name."""
        return dict(zip(AXES, (self.scenarios, self.entities, self.periods, self.indicators), strict=True))

    @property
    def shape(self) -> tuple[int, ...]:
        """(scenarios, entities, periods, indicators)"""
        return self.values.shape

    def at(self, axis: str, code: str) -> int:
        """Where `code` stands on `axis`. Raises UnknownWord."""
        codes = self.axes[axis]
        if code not in codes:
            raise UnknownWord("panel.code", name=code, axis=axis, expected=codes)
        return codes.index(code)

    def _places(self, axis: str, codes: tuple[str, ...]) -> list[int]:
        """Where many codes stand on `axis`, in one pass over it. Raises UnknownWord."""
        known = {code: n for n, code in enumerate(self.axes[axis])}
        return [known[code] if code in known else self.at(axis, code) for code in codes]

    def array(self, scenario: str = "actual", period: str | None = None) -> Values:
        """(entity, period, indicator) of one scenario, or (entity, indicator) of one of its periods."""
        block: Values = self.values[self.at("scenario", scenario)]
        return block if period is None else block[:, self.at("period", period)]

    def statuses(self, scenario: str = "actual", period: str | None = None) -> NDArray[np.uint8]:
        """As `array`, the status codes (index into STATUSES)."""
        assert self.status is not None
        block: NDArray[np.uint8] = self.status[self.at("scenario", scenario)]
        return block if period is None else block[:, self.at("period", period)]

    def only(
        self,
        *,
        scenarios: Iterable[str] | None = None,
        entities: Iterable[str] | None = None,
        periods: Iterable[str] | None = None,
        indicators: Iterable[str] | None = None,
    ) -> Panel:
        """The part of the panel with these codes, in this order. Raises UnknownWord."""
        wanted = zip(AXES, (scenarios, entities, periods, indicators), strict=True)
        axes = [self.axes[axis] if codes is None else tuple(codes) for axis, codes in wanted]
        grid = np.ix_(*(self._places(axis, codes) for axis, codes in zip(AXES, axes, strict=True)))
        assert self.status is not None
        batch = None if self.batch is None else self.batch[grid]
        return Panel(
            self.values[grid], axes[0], axes[1], axes[2], axes[3],
            units=tuple(self.units[n] for n in grid[3].ravel()),
            status=self.status[grid], batch=batch, sources=self.sources,
        )  # fmt: skip

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of axes, units, values and status."""
        assert self.status is not None
        digest = hashlib.sha256(repr((self.axes, self.units)).encode())
        digest.update(np.where(np.isnan(self.values), np.nan, self.values + 0.0).tobytes())
        digest.update(self.status.tobytes())
        return digest.hexdigest()

    def __repr__(self) -> str:
        filled = 1 - float(np.isnan(self.values).mean()) if self.values.size else 0.0
        counts = " x ".join(f"{len(codes)} {axis}" for axis, codes in self.axes.items())
        return f"Panel({counts}, {filled:.0%} filled)"


def _check_size(shape: tuple[int, ...]) -> None:
    if np.prod(shape, dtype=float) > MOST_CELLS:
        raise Misfit("panel.size", cells=int(np.prod(shape, dtype=float)), most=MOST_CELLS)


def _check_axes(panel: Panel, values: Values) -> None:
    shape = tuple(len(axis) for axis in panel.axes.values())
    _check_size(shape)
    if values.shape != shape:
        raise Misfit("panel.shape", name="values", shape=values.shape, wanted=shape)
    for axis, codes in panel.axes.items():
        if len(set(codes)) < len(codes):
            raise Misfit("panel.twice", axis=axis, name=next(c for c in codes if codes.count(c) > 1))
    if panel.units and len(panel.units) != len(panel.indicators):
        raise Misfit("panel.shape", name="units", shape=len(panel.units), wanted=len(panel.indicators))
    one_frequency(panel.periods)
    if list(panel.periods) != sorted(panel.periods, key=ordinal):
        raise Misfit("panel.order", expected=sorted(panel.periods, key=ordinal))
    if np.isinf(values).any():
        n = np.unravel_index(int(np.isinf(values).argmax()), values.shape)
        raise Impossible("panel.infinite", where="/".join(c[k] for c, k in zip(panel.axes.values(), n, strict=True)))


def _check_unique(at: NDArray[np.intp], shape: tuple[int, ...], axes: list[tuple[str, ...]]) -> None:
    counts = np.bincount(at, minlength=1)
    if counts.max(initial=0) > 1:
        n = np.unravel_index(int(counts.argmax()), shape)
        where = "/".join(codes[k] for codes, k in zip(axes, n, strict=True))
        raise Misfit("panel.double", where=where, count=int(counts.max()))
