"""The attempts to break a result, one function each; `falsify` runs them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..maths.cohorts import left_out, permutation_p, simple_effect, simple_influence
from ..maths.wildboot import wild_p
from ..words.codelist import Codelist
from ..words.errors import Refused, RelodeError
from ..words.panel import Panel
from ..words.ties import Ties
from .audit import overlap_share, touched_controls
from .effect import Effect
from .estimators import estimate
from .sample import Sample, draw
from .sensitivity import bacon, trends
from .synthetic import LEAST_BEFORE, synthetic_did
from .variables import treatment

SIGNIFICANT = 0.05
TWIN_PLACEBOS = 50


@dataclass(frozen=True)
class Line:
    """One attempt, on `subject` (a policy, an outcome) if it has one.

    `verdict` is holds, weaker, overturned or not_run; `reason` a code (`code.reason.*`)
    """

    check: str
    verdict: str
    reason: str
    estimate: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p: float = np.nan
    subject: str = ""


@dataclass(frozen=True)
class Ground:
    """What all attempts start from."""

    sample: Sample
    effects: tuple[Effect, ...]
    panel: Panel
    regions: Codelist
    neighbours: Ties | None
    dealt: np.typing.NDArray[np.float64] | None  # effects of dealt calendars; None where the closed form does not apply

    @property
    def even(self) -> Sample:
        """The part without gaps, for checks in closed form. Raises Refused where too little of the sample is left."""
        part = self.sample.whole
        if not even_enough(self.sample):
            raise Refused("falsify.unbalanced")
        return part

    @property
    def headline(self) -> Effect:
        """The result that is to be broken."""
        return self.effects[0]


def even_enough(sample: Sample) -> bool:
    """Are at least half of the entities without gaps, treated once and for all, some of them never?"""
    part, t = sample.whole, len(sample.periods)
    never = part.start >= t
    if part.cohorts.size and part.cohorts.min() - 1 - part.ahead < 0:
        return False
    return sample.absorbing and 2 * len(part.entities) >= len(sample.entities) and bool(never.any() and (~never).any())


def compare(check: str, other: Effect, headline: Effect, subject: str = "") -> Line:
    """Does another estimate say what the headline says?

    holds       the same sign and as sure; where the headline is not sure, its estimate lies within the interval
    weaker      the same sign but no longer sure, or another sign without being sure
    overturned  sure of the other sign, or sure where the headline is not and far from it
    """
    same = np.sign(other.estimate) == np.sign(headline.estimate)
    sure, was = other.p < SIGNIFICANT, headline.p < SIGNIFICANT
    if was:
        word = "holds" if same and sure else "overturned" if sure else "weaker"
    else:
        word = "holds" if other.low <= headline.estimate <= other.high and not sure else "weaker"
        word = "overturned" if sure and not other.low <= headline.estimate <= other.high else word
    return Line(check, word, word, other.estimate, other.low, other.high, other.p, subject)


# -- attempts ----------------------------------------------------------------------------------------------------


def other_estimators(ground: Ground) -> Iterator[Line]:
    """Every other estimator of the study."""
    for effect in ground.effects[1:]:
        yield compare(effect.estimator, effect, ground.headline)


def raw_means(ground: Ground) -> Iterator[Line]:
    """Treated less never-treated, after less before, without any model: the difference that the raw means show."""
    from scipy.stats import norm

    sample = ground.even
    raw = simple_effect(sample.y, sample.start, sample.ahead)
    moved = np.bincount(sample.clusters, weights=simple_influence(sample.y, sample.start, sample.ahead))
    reach = float(norm.ppf(0.5 + sample.study.inference.level / 2)) * float(np.sqrt(np.square(moved).sum()))
    word = "holds" if np.sign(raw) == np.sign(ground.headline.estimate) else "weaker"
    yield Line("means", word, f"means_{word}", raw, raw - reach, raw + reach)


def permutation(ground: Ground) -> Iterator[Line]:
    """The share of calendars dealt anew whose effect lies at least as far from zero."""
    part = ground.even
    assert ground.dealt is not None
    observed = simple_effect(part.y, part.start, part.ahead)
    p = permutation_p(observed, ground.dealt)
    word = "holds" if (p < SIGNIFICANT) == (ground.headline.p < SIGNIFICANT) else "weaker"
    yield Line("permutation", word, f"permutation_{word}", observed, p=p)


def forbidden_share(ground: Ground) -> Iterator[Line]:
    """The share of TWFE that compares with the already treated."""
    table = bacon(ground.even).set_index("comparison")["weight"]
    share = float(table["forbidden"])
    yield Line("forbidden", "holds" if share < 0.1 else "weaker", "forbidden", share)


def parallel_trends(ground: Ground) -> Iterator[Line]:
    """Joint test of the leads with its power; HonestDiD at one times the largest violation before."""
    lean = trends(ground.headline, ground.sample)
    if lean is None:
        raise Refused("falsify.no_leads")
    word = "overturned" if lean.violated else "weaker" if lean.weak else "holds"
    reason = {"overturned": "pretrend", "weaker": "pretrend_power", "holds": "holds"}[word]
    yield Line("pretrend", word, reason, p=lean.joint_p)
    if np.isfinite(lean.low):
        stands = lean.low > 0 or lean.high < 0 or ground.headline.p >= SIGNIFICANT
        word = "holds" if stands else "weaker"
        yield Line("honest", word, f"honest_{word}", low=lean.low, high=lean.high)


def in_time(ground: Ground) -> Iterator[Line]:
    """Pretend that the policy began halfway through the periods before anyone was treated."""
    sample = ground.sample
    first = int(sample.cohorts.min()) - sample.study.treatment.anticipation
    if first < 4:
        raise Refused("falsify.short_before", count=first)
    ever = sample.start < len(sample.periods)
    fake = first // 2
    path = np.where(ever[:, None] & (np.arange(first) >= fake)[None, :], 1.0, 0.0)
    placebo = replace(
        sample, periods=sample.periods[:first], y=sample.y[:, :first], path=path, varying=sample.varying[:, :first],
        start=np.where(ever, fake, first),
    )  # fmt: skip
    found = estimate(placebo, sample.study.headline)
    word = "overturned" if found.p < SIGNIFICANT else "holds"
    yield Line("in_time", word, f"placebo_{word}", found.estimate, found.low, found.high, found.p)


def leave_out(ground: Ground) -> Iterator[Line]:
    """The range of the estimate without each cluster, and without each cohort, in turn (no controls)."""
    sample = ground.even
    t = len(sample.periods)
    whole = simple_effect(sample.y, sample.start, sample.ahead)
    cohorts = [simple_effect(sample.y[keep], sample.start[keep], sample.ahead) for c in sample.cohorts
               if (sample.start[keep := sample.start != c] < t).any()]  # fmt: skip
    for check, found in (("leave_cluster", left_out(sample.y, sample.start, sample.clusters, sample.ahead)),
                         ("leave_cohort", np.array(cohorts))):  # fmt: skip
        known = found[np.isfinite(found)]
        if len(known):
            word = "holds" if (np.sign(known) == np.sign(whole)).all() else "weaker"
            yield Line(check, word, f"leave_{word}", whole, float(known.min()), float(known.max()))


def wild_bootstrap(ground: Ground) -> Iterator[Line]:
    """TWFE's p by the wild cluster bootstrap, set against its cluster-robust p."""
    sample = ground.even
    twfe = next((e for e in ground.effects if e.estimator == "twfe"), None)
    if twfe is None:
        raise Refused("falsify.no_twfe")
    study = sample.study.inference
    p = wild_p(sample.y, (sample.path > 0).astype(float), sample.clusters, draws=study.draws, seed=study.seed)
    word = "holds" if (p < SIGNIFICANT) == (twfe.p < SIGNIFICANT) else "weaker"
    yield Line("wild", word, f"wild_{word}", twfe.estimate, p=p)


def other_policies(ground: Ground) -> Iterator[Line]:
    """Without the entities under another policy of the calendar at the same time."""
    sample = ground.sample
    codes = [p.code for p in sample.study.calendar.policies if p.code != sample.policy]
    for code in codes:
        if overlap_share(sample, code) > 0:
            path = treatment(sample.study, code, sample.entities, sample.periods)[0]
            clean = sample.only(np.asarray(~((path > 0) & (sample.path > 0)).any(axis=1), bool))
            if not (clean.start < len(clean.periods)).any():
                raise Refused("falsify.all_overlap", name=code)
            yield compare("without_policy", estimate(clean, sample.study.headline), ground.headline, code)


def neighbours_out(ground: Ground) -> Iterator[Line]:
    """Without the untreated neighbours of treated entities."""
    if ground.neighbours is None or not len(ground.neighbours):
        raise Refused("falsify.no_neighbours")
    touched = touched_controls(ground.sample, ground.neighbours)
    if touched.any():
        yield compare("neighbours", estimate(ground.sample.only(~touched), ground.sample.study.headline),
                      ground.headline)  # fmt: skip


def variants(ground: Ground) -> Iterator[Line]:
    """Tails drawn in at 1 %, without controls, without the first and last period."""
    sample, name = ground.sample, ground.sample.study.headline
    low, high = np.nanquantile(sample.y, [0.01, 0.99])
    yield compare("winsor", estimate(replace(sample, y=np.clip(sample.y, low, high)), name), ground.headline)
    if sample.study.controls:
        n, t = sample.shape
        bare = replace(sample, study=sample.study.but(controls=()), varying=np.empty((n, t, 0)),
                       baseline=np.empty((n, 0)))  # fmt: skip
        yield compare("no_controls", estimate(bare, name), ground.headline)
    if sample.study.inference.clusters == "entity" and len(set(sample.parents) - {""}) > 2:
        coarse = replace(sample, study=sample.study.but(inference={"clusters": "parent"}),
                         clusters=np.unique(sample.parents, return_inverse=True)[1])  # fmt: skip
        yield compare("parent_clusters", estimate(coarse, name), ground.headline)


def synthetic_twin(ground: Ground) -> Iterator[Line]:
    """Synthetic difference in differences of the largest cohort against the never-treated."""
    sample = ground.even
    sizes = {int(c): int((sample.start == c).sum()) for c in sample.cohorts}
    cohort = max(sizes, key=lambda c: (sizes[c], -c))
    never = sample.start >= len(sample.periods)
    if cohort < LEAST_BEFORE or never.sum() <= sizes[cohort]:
        raise Refused("falsify.no_twin", least=LEAST_BEFORE)
    treated = np.flatnonzero(sample.start == cohort)
    told = synthetic_did(sample, treated, np.flatnonzero(never), cohort, TWIN_PLACEBOS)
    twin = replace(ground.headline, estimate=told["estimate"], se=told["se"], low=told["low"], high=told["high"],
                   p=told["p"])  # fmt: skip
    yield compare("synthetic_did", twin, ground.headline)


def other_outcomes(ground: Ground) -> Iterator[Line]:
    """The other outcomes of the study, in their own units."""
    sample = ground.sample
    for outcome in sample.study.outcomes:
        if outcome.code != sample.outcome.code:
            other = draw(ground.panel, ground.regions, sample.study, sample.policy, outcome)
            found = estimate(other, sample.study.headline)
            turned = replace(found, estimate=found.estimate * outcome.good * sample.outcome.good)
            word = compare("", turned, ground.headline).verdict if ground.headline.p < SIGNIFICANT else "holds"
            told = (found.estimate, found.low, found.high, found.p)
            yield Line("outcome", word, word, *told, subject=outcome.code)


ATTEMPTS: tuple[Callable[[Ground], Iterator[Line]], ...] = (
    raw_means, other_estimators, forbidden_share, parallel_trends, permutation, in_time, leave_out, wild_bootstrap,
    other_policies, neighbours_out, variants, synthetic_twin, other_outcomes,
)  # fmt: skip


def safely(attempt: Callable[[Ground], Iterator[Line]], ground: Ground) -> list[Line]:
    """The lines of an attempt; one line that says why where it cannot be made."""
    lines: list[Line] = []
    try:
        lines.extend(attempt(ground))
    except RelodeError as fault:
        lines.append(Line(attempt.__name__, "not_run", fault.code.rpartition(".")[2]))
    return lines
