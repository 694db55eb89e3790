"""What was done to the figures before they were scaled: every change listed, and said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from relode.maths.numbers import significant
from relode.words.note import Note, remark, warn

from .choose import Chosen
from .naming import in_both

if TYPE_CHECKING:
    import pandas as pd


def treated_table(chosen: Chosen) -> pd.DataFrame:
    """Every figure that treatment of outliers changed: what it was, what it counts as, and by which method.

    Where there is a best range, `value` is the figure as published and `counted` its treated distance.
    """
    import pandas as pd

    columns = ["entity", "period", "indicator", "value", "counted", "how"]
    if chosen.treated is None:
        return pd.DataFrame(columns=columns)
    after = chosen.values
    changed = ~np.isnan(after) & (after != chosen.counted)
    k, t, e = np.nonzero(changed.transpose(2, 1, 0))
    names = (np.array(axis, dtype=object) for axis in (chosen.entities, chosen.periods, chosen.codes))
    entities, periods, codes = names
    return pd.DataFrame(
        {
            "entity": entities[e], "period": periods[t], "indicator": codes[k],
            "value": significant(chosen.raw[e, t, k]), "counted": significant(after[e, t, k]),
            "how": chosen.treated.how[t, k],
        }
    )  # fmt: skip


def notes_on_steps(chosen: Chosen) -> Iterator[Note]:
    """What was filled, what was treated, and what treatment could not mend."""
    yield from _filled(chosen)
    if chosen.treated is None:
        return
    changed = ~np.isnan(chosen.values) & (chosen.values != chosen.counted)
    if names := [code for code, hit in zip(chosen.codes, changed.any(axis=(0, 1)), strict=True) if hit]:
        told = {"cells": int(changed.sum()), "count": len(names)}
        yield warn("treat.changed", method=chosen.plan.treat.method, **told, **in_both(names, chosen.label))
    failing = np.atleast_1d(chosen.treated.failing.any(axis=0))
    if names := [code for code, hit in zip(chosen.codes, failing, strict=True) if hit]:
        yield warn("treat.failing", count=len(names), **in_both(names, chosen.label))


def _filled(chosen: Chosen) -> Iterator[Note]:
    how = chosen.plan.impute.method
    if how == "none":
        return
    gaps = chosen.gaps & chosen.scored[..., None]
    left = gaps & np.isnan(chosen.raw)
    done = gaps & ~left
    if done.any():
        names = [chosen.codes[k] for k in np.argsort(-done.sum(axis=(0, 1)), kind="stable") if done[..., k].any()]
        told = {"cells": int(done.sum()), "share": float(done.sum() / chosen.scored.sum() / len(chosen.codes))}
        yield warn("impute.filled", method=how, count=len(names), **told, **in_both(names, chosen.label))
    if left.any():
        yield remark("impute.left", cells=int(left.sum()))
