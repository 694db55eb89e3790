"""Efficiency less what an estimated frontier flatters: radial input scores with their bias and interval."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd

from relode.maths.resample import FEWEST, simar_wilson
from relode.words.choice import Within
from relode.words.errors import Misfit
from relode.words.method import method, needs
from relode.words.note import remark, warn
from relode.words.panel import Panel
from relode.words.result import Answer, Chart

from .productivity_amounts import measured


@method("measure.efficiency_corrected", reads=needs(indicators=("inputs", "outputs")))
def efficiency_corrected(
    panel: Panel, *, inputs: tuple[str, ...], outputs: tuple[str, ...],
    returns: Literal["constant", "variable"] = "variable", draws: Annotated[int, Within(20, 5000)] = 500,
    seed: int = 1,
) -> Answer:  # fmt: skip
    """How efficient is each place, once it is allowed for that the frontier is an estimate?

    Shape    amounts by entity and period -> one row per entity and period, each against its own period
    Unit     score: radial input efficiency, 1 on the estimated frontier; corrected, low and high on the same scale
    Raises   Misfit for amounts that are negative, missing throughout, or zero outputs; where no period has units
             enough behind the frontier
    Source   Simar and Wilson (1998), Management Science 44, 49-61, with two changes that the card names
    """
    amounts = measured(panel, inputs, outputs, ())
    rows: list[dict[str, Any]] = []
    thin, noisy = [], 0
    for t, period in enumerate(amounts.periods):
        who = [code for code, there in zip(amounts.entities, amounts.have[:, t], strict=True) if there]
        found = simar_wilson(amounts.at(t), returns, draws, seed) if who else None
        if found is None or np.isnan(found.score).all():
            thin.append(period)
            continue
        noisy += int(found.noisy.sum())
        rows += [{"entity": code, "period": period, "score": float(found.score[n] + found.bias[n]),
                  "corrected": float(found.score[n]), "bias": float(found.bias[n]), "low": float(found.low[n]),
                  "high": float(found.high[n])} for n, code in enumerate(who)]  # fmt: skip
    if not rows:
        raise Misfit("efficiency.all_thin", least=FEWEST, periods=", ".join(thin[:5]))
    notes = [*amounts.notes, remark("efficiency.corrected", count=draws)]
    if noisy:
        notes.append(warn("efficiency.noisy", count=noisy, of=len(rows)))
    if thin:
        notes.append(warn("efficiency.thin", least=FEWEST, periods=", ".join(thin[:5])))
    charts = (Chart("bars", "corrected", "efficiency.chart.corrected", {"value": "corrected"}),)
    return Answer({"corrected": pd.DataFrame(rows)}, charts=charts, notes=tuple(notes))
