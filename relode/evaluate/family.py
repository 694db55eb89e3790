"""Several policies, outcomes or groups at once: p values that hold for the family of tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..maths.cohorts import simple_influence
from ..maths.multiple import holm, romano_wolf
from ..words.note import Note, remark
from .effect import Effect
from .sample import Sample

Array = NDArray[np.float64]
Adjustment = Literal["romano_wolf", "holm"]
Test = tuple[Sample | None, Effect | None]


def adjusted(tests: Sequence[Test]) -> tuple[Array, Adjustment]:
    """p of every test, adjusted for their number, and how: (k,), NaN where nothing was estimated.

    Romano-Wolf where how each cluster moves each effect is known in closed form, so that tests which move together
    cost little; Holm, which holds whatever joins them, elsewhere.
    """
    p = np.array([effect.p if effect else np.nan for _, effect in tests])
    known = [(sample, effect) for sample, effect in tests if sample is not None and effect is not None]
    if len(known) < 2 or not all(_closed(sample, effect) for sample, effect in known):
        return holm(p), "holm"
    t = np.array([effect.estimate / effect.se if effect else np.nan for _, effect in tests])
    scores = _scores([sample if effect else None for sample, effect in tests])
    study = known[0][0].study.inference
    stepped = romano_wolf(t, scores, draws=study.draws, seed=study.seed)
    return np.fmax(stepped, p), "romano_wolf"  # a bootstrap of one test may fall a little below its own p


def adjustment_note(how: Adjustment, count: int) -> tuple[Note, ...]:
    """How p was adjusted, where there was more than one test."""
    return (remark(f"evaluate.adjusted_{how}", count=count),) if count > 1 else ()


def _closed(sample: Sample, effect: Effect) -> bool:
    """Is the effect the plain mean of differences of cohort means?"""
    study = sample.study
    plain = sample.balanced and sample.absorbing and not study.controls and study.control_group == "never"
    base = sample.cohorts.min() - 1 - study.treatment.anticipation >= 0
    never = bool((sample.start >= len(sample.periods)).any())
    return effect.estimator == "callaway_santanna" and plain and bool(base) and never and effect.se > 0


def _scores(samples: Sequence[Sample | None]) -> Array:
    """How each cluster moves each effect: (all clusters, k); zero where a cluster is not in a sample."""
    labels = [_clusters(sample) if sample else [] for sample in samples]
    row = {label: n for n, label in enumerate(dict.fromkeys(label for part in labels for label in part))}
    scores = np.zeros((len(row), len(samples)))
    for k, (sample, part) in enumerate(zip(samples, labels, strict=True)):
        if sample:
            psi = simple_influence(sample.y, sample.start, sample.study.treatment.anticipation)
            np.add.at(scores[:, k], [row[label] for label in part], psi)
    return scores


def _clusters(sample: Sample) -> list[str]:
    """The cluster of every entity by a name that all samples share."""
    attribute = sample.study.inference.clusters
    if attribute == "entity":
        return list(sample.entities)
    return [str(getattr(sample.regions[entity], attribute)) for entity in sample.entities]
