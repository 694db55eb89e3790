"""The estimation sample: outcome, treatment and controls of a study as arrays of entities and periods."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..words.codelist import STATUSES, Codelist
from ..words.errors import Misfit, Refused
from ..words.note import Note, remark, warn
from ..words.panel import Panel
from ..words.period import ordinal
from ..words.policy import DateRule
from ..words.study import Control, Outcome, Study
from .saying import entities
from .variables import treatment, variable

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Code = TypeVar("Code")
DRIFT = 0.05  # log points by which weights may grow apart without a word


@dataclass(frozen=True, eq=False)
class Sample:
    """What one policy and one outcome are estimated on.

    `y`        (n, t) outcome, NaN where there is none
    `path`     (n, t) dose in force, 0 = untreated
    `start`    (n,)   first treated period as a position, t = never within the window
    `clusters` (n,)   whole numbers
    `varying`  (n, t, k) and `baseline` (n, l): the controls of each kind, `weights` (n,) or None
    """

    study: Study
    policy: str
    outcome: Outcome
    entities: tuple[str, ...]
    periods: tuple[str, ...]
    y: Array
    path: Array
    start: Index
    clusters: Index
    varying: Array
    baseline: Array
    weights: Array | None = None
    parents: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    regions: Codelist = field(default_factory=Codelist)
    notes: tuple[Note, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """(entities, periods)"""
        return len(self.entities), len(self.periods)

    @cached_property
    def balanced(self) -> bool:
        """Has every entity an outcome and all varying controls in every period?"""
        return not (np.isnan(self.y).any() or np.isnan(self.varying).any())

    @cached_property
    def cohorts(self) -> Index:
        """The distinct positions of first treatment within the window."""
        found: Index = np.unique(self.start[self.start < len(self.periods)])
        return found

    @property
    def staggered(self) -> bool:
        """Does the policy start at different times?"""
        return len(self.cohorts) > 1

    @cached_property
    def absorbing(self) -> bool:
        """Does treatment, once begun, last?"""
        on = self.path > 0
        return not (on[:, :-1] & ~on[:, 1:]).any()

    @property
    def ahead(self) -> int:
        """Periods before the start in which effects are already possible."""
        return self.study.treatment.anticipation

    @cached_property
    def whole(self) -> Sample:
        """The entities that have an outcome and all varying controls in every period."""
        if self.balanced:
            return self
        holes = np.isnan(self.y).any(axis=1) | np.isnan(self.varying).any(axis=(1, 2))
        return self.only(np.asarray(~holes, bool))

    @property
    def controls_of(self) -> dict[str, tuple[Control, ...]]:
        """The study's controls by kind."""
        return {kind: tuple(c for c in self.study.controls if c.when == kind) for kind in ("varying", "baseline")}

    def only(self, keep: NDArray[np.bool_]) -> Sample:
        """The entities that `keep` marks."""
        picked = np.flatnonzero(keep)
        return replace(
            self, entities=_at(self.entities, picked), y=self.y[picked], path=self.path[picked],
            start=self.start[picked],
            clusters=np.unique(self.clusters[picked], return_inverse=True)[1], varying=self.varying[picked],
            baseline=self.baseline[picked], weights=None if self.weights is None else self.weights[picked],
            parents=_at(self.parents, picked), groups=_at(self.groups, picked),
        )  # fmt: skip

    def frame(self) -> pd.DataFrame:
        """A copy of `rows`."""
        return self.rows.copy()

    @cached_property
    def rows(self) -> pd.DataFrame:
        """One row per entity and period with an outcome: unit, entity, time, period, y, d, dose, g, cluster, controls.

        `g` is the ordinal of the first treated period, 0 = never; controls are x0, x1 (varying), b0, b1 (baseline).
        """
        import pandas as pd

        n, t = self.shape
        times = np.array([ordinal(period) for period in self.periods])
        begun = np.append(times, 0)[self.start]
        columns: dict[str, Any] = {
            "unit": np.repeat(np.arange(n), t),
            "entity": np.repeat(np.array(self.entities, object), t),
            "time": np.tile(times, n),
            "period": np.tile(np.array(self.periods, object), n),
            "y": self.y.ravel(),
            "d": (self.path > 0).astype(np.int64).ravel(),
            "dose": self.path.ravel(),
            "g": np.repeat(begun, t),
            "cluster": np.repeat(self.clusters, t),
        }
        columns |= {f"x{k}": self.varying[:, :, k].ravel() for k in range(self.varying.shape[2])}
        columns |= {f"b{k}": np.repeat(self.baseline[:, k], t) for k in range(self.baseline.shape[1])}
        if self.weights is not None:
            columns["weight"] = np.repeat(self.weights, t)
        return pd.DataFrame(columns).dropna().reset_index(drop=True)


def _at(codes: tuple[Code, ...], picked: Index) -> tuple[Code, ...]:
    return tuple(codes[i] for i in picked)


def draw(
    panel: Panel, regions: Codelist, study: Study, policy: str = "", outcome: Outcome | None = None,
    rule: DateRule | None = None,
) -> Sample:  # fmt: skip
    """The sample of one policy and one outcome (the first of the study if not given).

    Raises UnknownWord for facts that the panel lacks; Misfit for missing years or outcomes that the study refuses;
    Refused where nobody is treated within the window, or everybody is from its beginning.
    """
    policy = policy or study.policies[0]
    outcome = outcome or study.outcomes[0]
    panel = _window(panel, study)
    path, start, absent = treatment(study, policy, panel.entities, panel.periods, rule)
    y = variable(panel, outcome, study.sample.scenario)
    lacking = [e for e in absent if not study.sample.entities and e not in study.sample.drop]
    notes = [warn("evaluate.absent", **entities(regions, lacking))] if lacking else []
    first = int(start[start > 0].min(initial=len(panel.periods)))
    before = max(min(first, len(panel.periods)) - 1 - study.treatment.anticipation, 0)
    weights, drift = _weights(panel, study, before, start)
    stack = [variable(panel, c, study.sample.scenario) for c in study.controls if c.when == "varying"]
    fixed = [variable(panel, c, study.sample.scenario)[:, before] for c in study.controls if c.when == "baseline"]
    n, t = y.shape
    whole = Sample(
        study, policy, outcome, panel.entities, panel.periods, y, path, start, _clusters(panel, regions, study),
        np.stack(stack, axis=2) if stack else np.empty((n, t, 0)),
        np.stack(fixed, axis=1) if fixed else np.empty((n, 0)), weights,
        tuple(regions[e].parent if e in regions else "" for e in panel.entities),
        tuple(tuple(getattr(regions[e], a) if e in regions else "" for a in study.subgroups) for e in panel.entities),
        regions,
    )  # fmt: skip
    whole = _clean_controls(whole)
    return _kept(replace(whole, notes=(*whole.notes, *notes, *drift, *_breaks(panel, outcome, study))))


def _clean_controls(sample: Sample) -> Sample:
    """Without the untreated who are under another policy that the study names: they are no picture of "without"."""
    study = sample.study
    others = [code for code in (*study.policies, *study.others) if code != sample.policy]
    untreated = sample.start >= len(sample.periods)
    touched = np.zeros(len(sample.entities), bool)
    for code in others:
        touched |= (treatment(study, code, sample.entities, sample.periods)[0] > 0).any(axis=1)
    touched &= untreated
    if not touched.any() or not (untreated & ~touched).any():
        return sample
    return replace(sample.only(~touched), notes=(remark("evaluate.clean_controls", **_named(sample, touched)),))


def _window(panel: Panel, study: Study) -> Panel:
    """The periods and entities of the study. Raises Misfit where years are missing between the first and the last."""
    cut = study.sample
    low = ordinal(cut.since) if cut.since else -(10**9)
    high = ordinal(cut.until) if cut.until else 10**9
    periods = [p for p in panel.periods if low <= ordinal(p) <= high]
    wanted = set(cut.entities or panel.entities) - set(cut.drop)
    kept = [e for e in panel.entities if e in wanted]
    if not periods or not kept:
        raise Misfit("evaluate.empty", name=study.name)
    steps = np.diff([ordinal(period) for period in periods])
    if (steps != 1).any():
        raise Misfit("evaluate.gap", where=f"{periods[int((steps != 1).argmax())]} -")
    return panel.only(periods=periods, entities=kept)


def _kept(sample: Sample) -> Sample:
    """Drop who was treated from the beginning and, if so chosen, who has gaps; draw in the tails."""
    study, t = sample.study, len(sample.periods)
    notes = list(sample.notes)
    always = sample.start <= 0
    if always.any():
        notes.append(warn("evaluate.always", **_named(sample, always)))
    blank: NDArray[np.bool_] = np.asarray(np.isnan(sample.y).all(axis=1))
    gaps = (np.isnan(sample.y).any(axis=1) | np.isnan(sample.varying).any(axis=(1, 2))) & ~always
    if study.sample.gaps != "refuse":
        gaps &= ~blank
        notes += [remark("evaluate.no_figures", **_named(sample, blank))] if blank.any() else []
    if gaps.any() and study.sample.gaps == "refuse":
        i = int(gaps.argmax())
        hole = np.isnan(sample.y[i]) | np.isnan(sample.varying[i]).any(axis=1)
        raise Misfit(
            "evaluate.gaps", name=sample.outcome.code, count=int(gaps.sum()),
            where=f"{sample.entities[i]}, {sample.periods[int(hole.argmax())]}",
        )  # fmt: skip
    if gaps.any():
        notes.append(warn(f"evaluate.gaps_{study.sample.gaps}", **_named(sample, gaps)))
    empty = blank | np.isnan(sample.baseline).any(axis=1)
    cut = sample.only(~(always | empty | (gaps if study.sample.gaps == "drop" else False)))
    if study.sample.winsor:
        cut = replace(cut, y=_winsor(cut.y, study.sample.winsor))
    if not (cut.start < t).any():
        raise Refused("evaluate.nobody", name=sample.policy)
    return replace(cut, notes=tuple(notes))


def _weights(panel: Panel, study: Study, before: int, start: Index) -> tuple[Array | None, list[Note]]:
    """The weights before anyone is treated; a warning where they grow apart between treated and untreated after it."""
    if not study.weights:
        return None, []
    held = panel.array(study.sample.scenario)[:, :, panel.at("indicator", study.weights)]
    if not (held[:, before] > 0).all():
        i = int((~(held[:, before] > 0)).argmax())
        raise Misfit("evaluate.weight", name=study.weights, where=f"{panel.entities[i]}, {panel.periods[before]}")
    growth = np.log(held[:, -1] / held[:, before])
    ever = start < len(panel.periods)
    drift = float(np.nanmean(growth[ever]) - np.nanmean(growth[~ever])) if ever.any() and not ever.all() else 0.0
    moved = [warn("evaluate.weights_drift", name=study.weights, drift=f"{drift:+.1%}")] if abs(drift) > DRIFT else []
    return held[:, before], moved


def _winsor(y: Array, share: float) -> Array:
    low, high = np.nanquantile(y, [share, 1 - share])
    drawn: Array = np.clip(y, low, high)
    return drawn


def _named(sample: Sample, mark: NDArray[np.bool_]) -> dict[str, Any]:
    return entities(sample.regions, [sample.entities[i] for i in np.flatnonzero(mark)])


def _clusters(panel: Panel, regions: Codelist, study: Study) -> Index:
    if study.inference.clusters == "entity":
        return np.arange(len(panel.entities))
    groups = [getattr(regions[e], study.inference.clusters) if e in regions else "" for e in panel.entities]
    if not all(groups):
        raise Misfit("evaluate.cluster", name=study.inference.clusters, where=panel.entities[groups.index("")])
    return np.unique(groups, return_inverse=True)[1]


def _breaks(panel: Panel, outcome: Outcome, study: Study) -> list[Note]:
    """Figures of the outcome that its source marks as a break in the series."""
    marks = panel.statuses(study.sample.scenario)[:, :, [panel.at("indicator", code) for code in outcome.reads]]
    broken = (marks == STATUSES.index("B")).any(axis=2)
    if not broken.any():
        return []
    i, j = np.argwhere(broken)[0]
    return [warn("evaluate.break", count=int(broken.sum()), where=f"{panel.entities[i]}, {panel.periods[j]}")]
