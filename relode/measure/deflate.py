"""Constant prices: money figures at the prices of one year, by the growth index that is published beside them. 平减

Real product is the nominal one of the base year carried on by the index (previous year = 100); the deflator is
nominal over real. Other money figures are divided by the same deflator, which assumes that their prices move as those
of the product do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from relode.words.choice import IndicatorCode, Period
from relode.words.codelist import STATUSES
from relode.words.errors import Misfit
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel, Values
from relode.words.result import Answer

from .made import defined, facts_of, joined, named, redone


@method("measure.deflate", reads=needs(indicators=("figures", "product", "index")))
def deflate(
    panel: Panel, *, figures: tuple[str, ...], base: Period, product: IndicatorCode = "gdp",
    index: IndicatorCode = "gdp.index",
) -> Answer:  # fmt: skip
    """What are money figures worth at the prices of one year?

    Shape    facts of single years one after another  ->  one row per figure: as published, at constant prices, deflator
    Unit     that of the figure, at prices of `base`; facts have the code `<code>@prices<base>` and status E
    Raises   UnknownWord for a code or period that the panel lacks, Misfit where the periods are not single years or
             nothing can be deflated
    """
    real = at_prices(panel, figures=figures, product=product, index=index, base=base)
    if np.isnan(real.values).all():
        raise Misfit("deflate.nothing", base=base, name=", ".join(figures))
    table = joined(panel.only(indicators=figures), real, "real")
    table["deflator"] = table["value"] / table["real"]
    made = defined(real, figures, "deflate.defined", base=base)
    return Answer({"figures": table}, facts_of(real), made, notes=(*_notes(panel, real, figures, product, base),))


def at_prices(
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
    with np.errstate(divide="ignore", invalid="ignore"):
        deflator = nominal / (nominal[..., [at]] * chained(growth, at))
        values = panel.values[..., [panel.at("indicator", code) for code in figures]] / deflator[..., None]
    columns = [panel.at("indicator", code) for code in figures]
    status = np.full(values.shape, STATUSES.index("E"), np.uint8)
    assert panel.status is not None
    status[:, :, at] = panel.status[:, :, at][..., columns]
    return redone(panel, values, status, [f"{code}@prices{base}" for code in figures], columns)


def chained(growth: Values, at: int) -> NDArray[np.float64]:
    """Level relative to the period `at` from the growth factors of each period over the one before.

    Shape    (..., period)  ->  the same; 1 at `at`
    """
    level = np.ones_like(growth)
    level[..., at + 1 :] = np.cumprod(growth[..., at + 1 :], axis=-1)
    backwards = np.flip(growth[..., 1 : at + 1], axis=-1)
    level[..., :at] = np.flip(1 / np.cumprod(backwards, axis=-1), axis=-1)
    return level


def _notes(panel: Panel, real: Panel, figures: Sequence[str], product: str, base: str) -> list[Note]:
    notes = [remark("deflate.chain", base=base)]
    if others := [code for code in figures if code != product]:
        notes.append(warn("deflate.others", **named(others), **named([product], "name")))
    published = panel.values[..., [panel.at("indicator", code) for code in figures]]
    if lost := int((~np.isnan(published) & np.isnan(real.values)).sum()):
        notes.append(warn("deflate.cut", count=lost, of=int((~np.isnan(published)).sum())))
    return notes
