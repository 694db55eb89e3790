"""Constant prices: money figures at the prices of one year, by the growth index that is published beside them.

Real product is the nominal one of the base year carried on by the index (previous year = 100); the deflator is
nominal over real. Other money figures are divided by the same deflator, which assumes that their prices move as those
of the product do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from relode.words.codelist import STATUSES
from relode.words.errors import Misfit
from relode.words.panel import Panel, Values


def deflate(
    panel: Panel, *, figures: Sequence[str], product: str = "gdp", index: str = "gdp.index", base: str
) -> Panel:
    """`figures` (the product among them or not) at prices of `base`, under the codes `<code>@prices<base>`.

    real_t = nominal_base x prod index / 100,  deflator_t = nominal_t / real_t,  figure_t / deflator_t
    Where the index or the product is missing in a year, the chain is cut: nothing beyond it (as seen from the base)
    is deflated. Derived figures have status E; in the base year they are the figures themselves.
    Raises    UnknownWord for a code or period that the panel lacks, Misfit where the periods are not single years
    """
    at = panel.at("period", base)
    if [int(period) for period in panel.periods] != list(range(int(panel.periods[0]), int(panel.periods[-1]) + 1)):
        raise Misfit("deflate.years", where=", ".join(panel.periods[:6]))
    nominal = panel.values[..., panel.at("indicator", product)]
    growth = panel.values[..., panel.at("indicator", index)] / 100
    deflator = nominal / (nominal[..., [at]] * chained(growth, at))
    columns = [panel.at("indicator", code) for code in figures]
    values = panel.values[..., columns] / deflator[..., None]
    status = np.full(values.shape, STATUSES.index("E"), np.uint8)
    assert panel.status is not None
    status[:, :, at] = panel.status[:, :, at][..., columns]
    return Panel(
        np.where(np.isfinite(values), values, np.nan), panel.scenarios, panel.entities, panel.periods,
        tuple(f"{code}@prices{base}" for code in figures), units=tuple(panel.units[n] for n in columns),
        status=status, sources=panel.sources,
    )  # fmt: skip


def chained(growth: Values, at: int) -> NDArray[np.float64]:
    """Level relative to the period `at` from the growth factors of each period over the one before.

    Shape    (..., period)  ->  the same; 1 at `at`
    """
    level = np.ones_like(growth)
    level[..., at + 1 :] = np.cumprod(growth[..., at + 1 :], axis=-1)
    backwards = np.flip(growth[..., 1 : at + 1], axis=-1)
    level[..., :at] = np.flip(1 / np.cumprod(backwards, axis=-1), axis=-1)
    return level
