"""Another currency: figures of each year at that year's published rate. A year without a rate stays as it is. 折算"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from relode.words.choice import IndicatorCode
from relode.words.codelist import STATUSES
from relode.words.errors import Misfit, Refused
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel, Values
from relode.words.result import Answer

from .made import defined, facts_of, joined, named, redone

if TYPE_CHECKING:
    import pandas as pd


@method("measure.currency", reads=needs(indicators=("figures", "rate"), periods=("periods",)))
def currency(
    panel: Panel, *, figures: tuple[str, ...], rate: IndicatorCode = "exchange_rate.usd", periods: tuple[str, ...] = ()
) -> Answer:
    """What are figures in one currency worth in another, at each year's own rate?

    Shape    facts and a rate of the same years -> one row per figure, before and after; `refused`: no rate
    Unit     a rate in `yuan per USD` makes `million yuan` of `million USD`; facts have the code `<code>@yuan`, status E
    Choices  `periods` that must be converted: all of them, or it is refused. Without it, years that have no rate keep
             their currency and are listed
    Raises   Refused for a period asked for that has no rate: none is carried forward or back; Misfit for a figure that
             is not in the currency of the rate
    """
    to, of = _sides(panel, rate)
    columns = [panel.at("indicator", code) for code in figures]
    units = [_unit(panel.units[n], code, of, to) for n, code in zip(columns, figures, strict=True)]
    rates = _rates(panel, rate)
    _every(rates, panel, periods)
    values = panel.values[..., columns] * rates[..., None]
    status = np.full(values.shape, STATUSES.index("E"), np.uint8)
    made = redone(panel, values, status, [f"{code}@{to.lower()}" for code in figures], columns, units)
    if np.isnan(made.values).all():
        raise Refused("currency.no_rate", name=", ".join(panel.periods), rate=rate)
    published = panel.only(indicators=figures)
    tables = {"figures": joined(published, made, "converted"), "refused": _refused(published, rates)}
    meant = defined(made, figures, "currency.defined", to=to)
    return Answer(tables, facts_of(made), meant, notes=(*_notes(tables["refused"], rate),))


def _sides(panel: Panel, rate: str) -> tuple[str, str]:
    """`yuan per USD` -> (yuan, USD). Raises Misfit for a unit that is no price of a currency."""
    unit = panel.units[panel.at("indicator", rate)]
    to, per, of = unit.partition(" per ")
    if not per:
        raise Misfit("currency.rate", name=rate, unit=unit)
    return to.strip(), of.strip()


def _unit(unit: str, code: str, of: str, to: str) -> str:
    if of not in unit.split():
        raise Misfit("currency.unit", name=code, unit=unit, wanted=of)
    return " ".join(to if word == of else word for word in unit.split())


def _rates(panel: Panel, rate: str) -> Values:
    """The rate of each entity and period: its own, else that of the one entity which has rates (the nation).

    Shape    (scenario, entity, period)
    """
    own: Values = panel.values[..., panel.at("indicator", rate)]
    have = np.flatnonzero(~np.isnan(own).all(axis=(0, 2)))
    if len(have) == 1:
        return np.where(np.isnan(own), own[:, have], own)
    return own


def _every(rates: Values, panel: Panel, periods: Sequence[str]) -> None:
    """Raise Refused where a period that was asked for has no rate."""
    lacking = [period for period in periods if np.isnan(rates[:, :, panel.at("period", period)]).all()]
    if lacking:
        raise Refused("currency.no_rate", name=", ".join(lacking), rate="")


def _refused(published: Panel, rates: Values) -> pd.DataFrame:
    """Figures that keep their currency, counted by period: those whose year has no rate."""
    import pandas as pd

    left = ~np.isnan(published.values) & np.isnan(rates)[..., None]
    rows = [
        {"period": period, "indicator": code, "figures": int(left[:, :, t, n].sum()), "unit": published.units[n]}
        for t, period in enumerate(published.periods)
        for n, code in enumerate(published.indicators)
        if left[:, :, t, n].any()
    ]
    return pd.DataFrame(rows, columns=["period", "indicator", "figures", "unit"])


def _notes(refused: pd.DataFrame, rate: str) -> list[Note]:
    notes = [remark("currency.mean", **named([rate], "name"))]
    if len(refused):
        periods = list(dict.fromkeys(refused["period"]))
        span = periods[0] if len(periods) == 1 else f"{periods[0]}-{periods[-1]}"
        notes.insert(0, warn("currency.kept", count=int(refused["figures"].sum()), periods=span))
    return notes
