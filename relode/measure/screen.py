"""Who may have a score: enough figures, not too many zeros, and exceptions made on purpose. 筛选"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array
from relode.words.note import Note, remark
from relode.words.plan import Plan

TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False)
class Screened:
    """`figures` (entity, period, indicator); `missing`, `zeros` (entity, period) shares; `scored` who stays;
    `reasons` (entity, period) why not: too_many_missing, too_many_zeros, excluded; '' for those who stay"""

    figures: Array
    missing: Array
    zeros: Array
    scored: NDArray[np.bool_]
    reasons: NDArray[np.object_]
    notes: tuple[Note, ...]


def screened(figures: Array, plan: Plan, entities: tuple[str, ...]) -> Screened:
    """Who stays under the plan's thresholds. As COINr's Screen: zeros are a share of the figures that are known.

    Shape    (entity, period, indicator)
    """
    screen, gone = plan.screen, np.isnan(figures)
    missing = gone.mean(axis=2)
    with np.errstate(invalid="ignore"):
        zeros = np.nan_to_num((figures == 0).sum(axis=2) / (~gone).sum(axis=2))
    reasons = np.full(missing.shape, "", dtype=object)
    reasons[zeros > screen.entity_zeros + TOLERANCE] = "too_many_zeros"
    reasons[missing > screen.entity_missing + TOLERANCE] = "too_many_missing"
    named = {code: np.array([entity in codes for entity in entities])
             for code, codes in (("include", screen.include), ("exclude", screen.exclude))}  # fmt: skip
    forced = named["include"] & (reasons != "").any(axis=1)
    reasons[named["include"]] = ""
    reasons[named["exclude"]] = "excluded"
    reasons[gone.all(axis=2)] = "too_many_missing"
    count = int(forced.sum())
    notes = (remark("screen.forced", count=count, names=", ".join(np.array(entities)[forced])),) if count else ()
    return Screened(figures, missing, zeros, np.asarray(reasons == ""), reasons, notes)
