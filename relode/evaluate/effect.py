"""One shape for every estimator's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Point:
    """The effect at one event time (periods since the start)."""

    event: int
    estimate: float
    se: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Effect:
    """One estimator's answer. `estimand` is a code with a sentence (`estimand.*`); `points` its event study.

    `controls` says whether the study's controls entered; `raw` is the library's own result, for what builds on it.
    """

    estimator: str
    estimand: str
    estimate: float
    se: float
    low: float
    high: float
    p: float
    rows: int
    clusters: int
    controls: bool = False
    points: tuple[Point, ...] = ()
    pretest_p: float = np.nan
    raw: Any = None
