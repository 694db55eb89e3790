"""The auditor: the classic mistakes of the field, looked for before anything is estimated.

Each guard gives a Finding: `ok`, `warning` or `refused`. A refusal names the remedy; `forbid` raises all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..words.errors import Refused, raise_all
from ..words.note import Note, warn
from ..words.texts import say
from ..words.ties import Ties
from .estimators import estimate
from .sample import Sample
from .saying import both, coded, listed
from .variables import treatment

FEW_CLUSTERS, FEW_TREATED, STARS_TREATED, BIG_CLUSTER, SMALL_COHORT, MANY_TESTS = 30, 8, 4, 0.2, 5, 3
SIGNIFICANT = 0.05
UNEVEN = 0.1  # difference of the shares with gaps by which treated and untreated may differ without a word


@dataclass(frozen=True)
class Finding:
    """What one guard found: its code (text `audit.<guard>`), how grave, where, and what fills the sentence."""

    guard: str
    level: str  # ok, warning, refused
    where: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def note(self) -> Note:
        """The finding as a note of a result."""
        return warn(f"audit.{self.guard}", **self.details)


def audit(sample: Sample, neighbours: Ties | None = None) -> list[Finding]:
    """All guards, in the order of `GUARDS`; the one on spill-overs if the neighbours are given."""
    found = [guard(sample) for guard in GUARDS]
    return [*found, spillover(sample, neighbours)] if neighbours is not None and len(neighbours) else found


def forbid(findings: Iterable[Finding]) -> None:
    """Raise the refusals among the findings, all together."""
    refused = [f for f in findings if f.level == "refused"]
    raise_all([Refused(f"audit.{f.guard}", where=f.where, **f.details) for f in refused])


def warnings_of(findings: Iterable[Finding]) -> tuple[Note, ...]:
    """The warnings among the findings, as notes."""
    return tuple(f.note for f in findings if f.level == "warning")


# -- guards ------------------------------------------------------------------------------------------------------


def staggered_headline(sample: Sample) -> Finding:
    """TWFE weighs some cells negatively when timing is staggered: it is never the headline then."""
    headline = sample.study.headline
    wrong = sample.staggered and headline in ("twfe", "event_study")
    return _say("staggered_headline", "refused" if wrong else "ok", "headline", **coded("estimator", headline),
                cohorts=len(sample.cohorts))  # fmt: skip


def switches(sample: Sample) -> Finding:
    """Treatment that switches back: only estimators for switchers stand."""
    if sample.absorbing:
        return Finding("switches", "ok")
    on = sample.path > 0
    i, j = np.argwhere(on[:, :-1] & ~on[:, 1:])[0]
    level = "warning" if sample.study.headline == "dcdh" else "refused"
    where = f"{sample.entities[i]}, {sample.periods[j + 1]}"
    return _say("switches", level, where, **both("name", sample.study.calendar[sample.policy].label))


def never_treated(sample: Sample) -> Finding:
    """Without anyone never treated, comparisons with the never-treated have no footing."""
    some = (sample.start >= len(sample.periods)).any()
    needs = sample.study.control_group == "never" and sample.study.headline == "callaway_santanna"
    return _say("never_treated", "ok" if some else "refused" if needs else "warning", "control_group")


def tiny_cohorts(sample: Sample) -> Finding:
    """Cohorts of fewer than five rest on chance."""
    sizes = {c: int((sample.start == c).sum()) for c in sample.cohorts}
    small = [sample.periods[c] for c, size in sizes.items() if size < SMALL_COHORT]
    return _say("tiny_cohorts", "warning" if small else "ok", ", ".join(small), count=len(small), most=SMALL_COHORT,
                names=", ".join(small))  # fmt: skip


def one_before(sample: Sample) -> Finding:
    """A cohort with a single period before has no pre-trend to look at."""
    short = [sample.periods[c] for c in sample.cohorts if c - sample.study.treatment.anticipation < 2]
    return _say("one_before", "warning" if short else "ok", ", ".join(short), names=", ".join(short))


def few_clusters(sample: Sample) -> Finding:
    """Cluster-robust errors are too small with few clusters, few treated ones, or one big one."""
    count, treated, share = cluster_counts(sample)
    few = count < FEW_CLUSTERS or treated < FEW_TREATED or share > BIG_CLUSTER
    return _say("few_clusters", "warning" if few else "ok", "inference.clusters", count=count, treated=treated,
                share=f"{share:.0%}")  # fmt: skip


def no_stars(sample: Sample) -> Finding:
    """With fewer than four treated clusters no star may be drawn from cluster-robust errors."""
    treated = cluster_counts(sample)[1]
    return _say("no_stars", "warning" if treated < STARS_TREATED else "ok", "inference.clusters", treated=treated)


def cluster_level(sample: Sample) -> Finding:
    """Errors clustered below the level at which treatment was assigned are too small."""
    if sample.study.inference.clusters != "entity" or not any(sample.parents):
        return Finding("cluster_level", "ok")
    parents, at = np.unique(np.array(sample.parents), return_inverse=True)
    same = all(len(np.unique(sample.start[at == p])) == 1 for p in range(len(parents)))
    higher = same and 2 < len(parents) < len(sample.entities)
    return _say("cluster_level", "warning" if higher else "ok", "inference.clusters", count=len(parents))


def doses(sample: Sample) -> Finding:
    """More than two levels of dose are no yes or no."""
    levels = np.unique(sample.path[sample.path > 0])
    return _say("doses", "warning" if len(levels) > 1 else "ok", sample.policy, count=len(levels))


def shared_columns(sample: Sample) -> Finding:
    """An outcome that shares a raw figure with a control moves with it by arithmetic, not by policy."""
    mine = set(sample.outcome.reads)
    shared = [(c.code, sorted(mine & set(c.reads))) for c in sample.study.controls if mine & set(c.reads)]
    level = "refused" if shared and sample.study.confirmatory else "warning" if shared else "ok"
    return _say("shared_columns", level, "controls", **both("outcome", sample.outcome.label),
                names="; ".join(f"{code}: {', '.join(raw)}" for code, raw in shared))  # fmt: skip


def uneven_bins(sample: Sample) -> Finding:
    """Event times that only some cohorts reach compare different cohorts with one another."""
    t = len(sample.periods)
    if not sample.staggered:
        return Finding("uneven_bins", "ok")
    last = t - 1 - sample.cohorts
    common = int(last.min())
    return _say("uneven_bins", "warning" if common < last.max() else "ok", f"e > {common}", common=common)


def attrition(sample: Sample) -> Finding:
    """Figures that are missing more often in one group than in the other may be missing because of the policy."""
    holes = np.asarray(np.isnan(sample.y).any(axis=1))
    ever = sample.start < len(sample.periods)
    shares = [float(holes[group].mean()) if group.any() else 0.0 for group in (ever, ~ever)]
    apart = bool(holes.any()) and abs(shares[0] - shares[1]) > UNEVEN
    return _say("attrition", "warning" if apart else "ok", "sample.gaps", treated=f"{shares[0]:.0%}",
                untreated=f"{shares[1]:.0%}")  # fmt: skip


def many_tests(sample: Sample) -> Finding:
    """Many outcomes and subgroups find something by chance."""
    count = len(sample.study.outcomes) * len(sample.study.policies) + len(sample.study.subgroups)
    return _say("many_tests", "warning" if count > MANY_TESTS else "ok", "outcomes", count=count)


# -- guards that look beyond the sample ----------------------------------------------------------------------------


def overlap(sample: Sample) -> Finding:
    """Other policies of the calendar in force in the sample, which the study does not name."""
    named = (*sample.study.policies, *sample.study.others)
    unnamed = [p.code for p in sample.study.calendar.policies if p.code not in named]
    found = {code: treatment(sample.study, code, sample.entities, sample.periods)[0] > 0 for code in unnamed}
    touching = {code: int(on.sum()) for code, on in found.items() if on.any()}
    told = listed(_counted(sample.study.calendar[code].label, f"{count:,}") for code, count in touching.items())
    return _say("overlap", "warning" if touching else "ok", "others", **told)


def overlap_share(sample: Sample, other: str) -> float:
    """Share of the treated cells in which another policy is in force too."""
    path = treatment(sample.study, other, sample.entities, sample.periods)[0]
    mine = sample.path > 0
    return float(((path > 0) & mine).sum() / mine.sum())


def bad_controls(sample: Sample) -> Finding:
    """Varying controls that the policy itself moves: the same comparison, run on each control."""
    moved = []
    study = sample.study.but(controls=())
    for k, control in enumerate(sample.controls_of["varying"]):
        n, t = sample.shape
        alone = replace(
            sample, study=study, y=sample.varying[:, :, k], varying=np.empty((n, t, 0)), baseline=np.empty((n, 0))
        )
        name = "callaway_santanna" if sample.absorbing else "dcdh"
        try:
            p = estimate(alone, name).p
        except Refused:
            p = estimate(alone, "twfe").p
        if p < SIGNIFICANT:
            moved.append(_counted(control.label, f"p = {p:.3f}"))
    level = "refused" if moved and sample.study.confirmatory else "warning" if moved else "ok"
    return _say("bad_controls", level, "controls", **listed(moved))


def spillover(sample: Sample, neighbours: Ties) -> Finding:
    """Untreated neighbours of treated entities may feel the policy too."""
    touched = touched_controls(sample, neighbours)
    untreated = int((sample.start >= len(sample.periods)).sum())
    share = int(touched.sum()) / untreated if untreated else 0.0
    return _say("spillover", "warning" if touched.any() else "ok", "weights_matrix", share=f"{share:.0%}",
                count=int(touched.sum()))  # fmt: skip


def touched_controls(sample: Sample, neighbours: Ties) -> NDArray[np.bool_]:
    """Never-treated entities with a neighbour that is treated within the window: (n,) of bool."""
    treated = {e for e, s in zip(sample.entities, sample.start, strict=True) if s < len(sample.periods)}
    near = {o for o, d in zip(neighbours.origin, neighbours.target, strict=True) if d in treated}
    near |= {d for o, d in zip(neighbours.origin, neighbours.target, strict=True) if o in treated}
    return np.array([e in near and e not in treated for e in sample.entities])


def cluster_counts(sample: Sample) -> tuple[int, int, float]:
    """How many clusters, how many with a treated entity, and the share of entities in the largest."""
    sizes = np.bincount(sample.clusters)
    treated = np.unique(sample.clusters[sample.start < len(sample.periods)])
    return int((sizes > 0).sum()), len(treated), float(sizes.max() / sizes.sum())


def _counted(label: Callable[[str], str], figure: str) -> Callable[[str], str]:
    """A name with a figure in brackets."""
    return lambda lang: say("evaluate.counted", lang, name=label(lang), figure=figure)


def _say(guard: str, level: str, where: str, **details: Any) -> Finding:
    return Finding(guard, level, where if level != "ok" else "", details)


GUARDS: tuple[Callable[[Sample], Finding], ...] = (
    staggered_headline, switches, never_treated, tiny_cohorts, one_before, few_clusters, no_stars, cluster_level,
    doses, shared_columns, uneven_bins, attrition, many_tests, overlap, bad_controls,
)  # fmt: skip
