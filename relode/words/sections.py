"""The sections of a plan: selection, screening, filling, treatment, scaling, weights, means, ranks, uncertainty.

Each is a frozen dataclass whose defaults are what a plan means that says nothing; unknown keys are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
Share = Annotated[float, Field(ge=0, le=1)]

NormaliseMethod = Literal[
    "minmax", "zscore", "goalposts", "scaled", "dist2max", "dist2ref", "dist2targ", "fracmax", "prank", "rank", "borda",
    "centred",
]  # fmt: skip
Limits = Literal["panel", "period", "base", "rolling"]
WeighMethod = Literal[
    "equal", "given", "entropy", "critic", "cv", "sd", "merec", "pca", "scatter", "optimised", "ahp",
    "game", "product",
]  # fmt: skip
AggregateMethod = Literal[
    "arithmetic", "geometric", "topsis", "harmonic", "power", "copeland", "benefit", "benefit_bounded", "ampi", "vikor",
    "grey", "rsr",
]  # fmt: skip
ImputeMethod = Literal[
    "none", "mean", "median", "group_mean", "group_median", "forward", "linear", "constant"
]  # fmt: skip
TreatMethod = Literal["none", "winsorise", "mad", "log", "log_ct", "boxcox"]
LEARNED: tuple[WeighMethod, ...] = (
    "entropy", "critic", "cv", "sd", "merec", "pca", "scatter", "optimised", "game", "product",
)  # fmt: skip
"""Weights that come from the data, so that adding a region or a year changes them."""
ORDINAL: tuple[NormaliseMethod, ...] = ("prank", "rank", "borda")
FIXED: tuple[NormaliseMethod, ...] = ("goalposts", "scaled")
"""Normalisations whose limits no window of the data moves."""
VARIABLE = ("select", "screen", "denominate", "impute", "treat", "normalise", "weigh", "aggregate", "red_line")
"""Sections whose choices can be in doubt."""
LEAVE_OUT = "leave_out"
"""Among the doubts: each indicator left out in turn."""


@dataclass(config=STRICT, frozen=True)
class Select:
    """Which facts enter. Empty = all that the system reads and the level holds."""

    level: str = ""
    entities: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    scenario: str = "actual"
    drop: tuple[str, ...] = ()  # indicators of the system that are left out; the result lists them


@dataclass(config=STRICT, frozen=True)
class Screen:
    """Who gets a score: a larger missing share of an entity refuses it, a lower coverage of an indicator warns.

    `entity_zeros` a larger share of zeros among the figures that are known refuses it too
    `when`         shares are counted before gaps are filled (raw), or after (imputed)
    `include`, `exclude` exceptions that are made on purpose; the result lists them
    """

    entity_missing: Share = 0.20
    indicator_coverage: Share = 0.65
    entity_zeros: Share = 1.0
    when: Literal["raw", "imputed"] = "raw"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(config=STRICT, frozen=True)
class Denominate:
    """Scaling of raw figures beyond the formulas of the indicator system.

    `by`  indicator -> the fact it is divided by (people, output, area), if method = "facts"
    `log` indicators of which the natural logarithm is taken, after dividing
    """

    method: Literal["none", "facts"] = "none"
    by: Mapping[str, str] = Field(default_factory=dict)
    log: tuple[str, ...] = ()


@dataclass(config=STRICT, frozen=True)
class Impute:
    """Filling of gaps before normalising. `none`: a missing indicator's weight goes to its siblings.

    mean, median, group_mean, group_median: of the same period, over all entities or those of the same `group`
    (an attribute of the codelist); forward: the last figure known before; linear: on the line between the figures
    before and after; constant: the last figure known, or the first to come. Filled figures have status I.
    `most` periods in a row that are filled along time; 0 = any number
    """

    method: ImputeMethod = "none"
    group: str = "type"
    most: Annotated[int, Field(ge=0)] = 0


@dataclass(config=STRICT, frozen=True)
class Treat:
    """Treatment of outliers before normalising; every changed figure is listed.

    winsorise, log, log_ct, boxcox treat indicators whose |skewness| and kurtosis both exceed `skew` and `kurtosis`:
    winsorise  draws in at most `most` figures until they do not; `then` is done where that is not enough
    log        ln x;  log_ct  ln(x - min + 0.01 (max - min));  boxcox  of x - min + 1, by `power` or the likeliest
    mad        draws every figure in to median -/+ `mads` x 1.4826 x median absolute deviation
    `only`     the indicators looked at; empty = all
    `window`   from which periods the decision and the caps come (as for limits)
    """

    method: TreatMethod = "none"
    then: Literal["none", "log", "log_ct", "boxcox"] = "none"
    only: tuple[str, ...] = ()
    most: Annotated[int, Field(ge=1)] = 5
    skew: Annotated[float, Field(gt=0)] = 2.0
    kurtosis: Annotated[float, Field(gt=0)] = 3.5
    power: float | None = None
    mads: Annotated[float, Field(gt=0)] = 3.0
    window: Limits = "panel"
    base: tuple[str, ...] = ()
    span: Annotated[int, Field(ge=0)] = 0


@dataclass(config=STRICT, frozen=True)
class Normalise:
    """How figures become comparable. `limits` says from which periods the yardstick comes, and has no default.

    `scale`     where the worst and the best stand; zscore: mean and standard deviation; rank, borda: not used
    `base`      the periods of the base window, if limits = "base"
    `span`      how many periods, up to and with the one that is scored, if limits = "rolling"; 0 = all so far
    `goalposts` indicator -> (worst, best) as figures of that indicator, if method = "goalposts"; with a best range
                the worst lies outside it, the best inside
    `between`   (worst, best) of all indicators where more is better, turned where less is, if method = "scaled"
    `reference` the entity whose figure is the best, if method = "dist2ref"; the middle, if method = "centred"
    `goals`     indicator -> the figure that is the best, if method = "dist2targ"; or
    `due`       the period whose facts of scenario `target` (legal targets) are
    """

    method: NormaliseMethod
    limits: Limits
    scale: tuple[float, float] = (0.0, 100.0)
    base: tuple[str, ...] = ()
    goalposts: Mapping[str, tuple[float, float]] = Field(default_factory=dict)
    clip: bool = False  # hold figures outside the limits at the ends of the scale
    span: Annotated[int, Field(ge=0)] = 0
    between: tuple[float, float] = (0.0, 100.0)
    reference: str = ""
    goals: Mapping[str, float] = Field(default_factory=dict)
    due: str = ""
    target: str = "target"


@dataclass(config=STRICT, frozen=True)
class Weigh:
    """How much each child counts within its group.

    `across` siblings: weights are found among the children of each group; leaves: among all indicators at once,
             a group then weighs what its indicators weigh together
    `fit`    from which periods data-driven weights are learned (as for limits)
    `shift`  added before entropy weights; forbidden unless given, for it changes the answer
    `importance` node -> what it shall count for in its group, if method = "optimised" (the rest counts alike)
    `bounds`     the least and the greatest weight that may then be taken
    `judgements` group -> pairwise judgements of its children in the order of the file, if method = "ahp"
    `repair`     draw inconsistent judgements (CR >= 0.1) together as little as is needed, instead of refusing them
    `of`         what is combined: "game" by the linear system of the equilibrium, "product" by root of the product
    """

    method: WeighMethod = "equal"
    across: Literal["siblings", "leaves"] = "siblings"
    fit: Limits = "panel"
    base: tuple[str, ...] = ()
    given: Mapping[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    shift: float | None = None
    span: Annotated[int, Field(ge=0)] = 0
    importance: Mapping[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    bounds: tuple[Share, Share] = (0.0, 1.0)
    judgements: Mapping[str, tuple[tuple[Annotated[float, Field(gt=0)], ...], ...]] = Field(default_factory=dict)
    repair: bool = False
    of: tuple[WeighMethod, ...] = ()


@dataclass(config=STRICT, frozen=True)
class Aggregate:
    """How children become their parent; `at` names a different method for single nodes.

    `exponent` of the power mean;  `penalty` of ampi: -1 where a high score is good, 1 where it is bad
    `bounds`   the least and the greatest share of a child in the average entity's score, if "benefit_bounded"
    """

    method: AggregateMethod = "arithmetic"
    at: Mapping[str, AggregateMethod] = Field(default_factory=dict)
    exponent: float = 0.5
    bounds: tuple[Share, Share] = (0.1, 0.6)
    penalty: Literal[-1, 1] = -1


@dataclass(config=STRICT, frozen=True)
class RedLine:
    """Lines that nothing can pay for: an entity beyond one of them ranks behind all that are not. 一票否决

    `floors` indicator -> the worst figure that is allowed, in its unit; group -> the least score, on the plan's scale
    (of an indicator with a best range the line is the upper one above it, the lower one below)
    The result shows the ranks under the lines beside those without.
    """

    floors: Mapping[str, float] = Field(default_factory=dict)


@dataclass(config=STRICT, frozen=True)
class Rank:
    """How scores become ranks. 1 is best; equal scores share the best rank (`min`) or the mean one (`average`).

    `peers` the attribute of the codelist that makes peer groups; `band` regions whose order is less certain
    than this share one band; `top`, `bottom` the ends whose probability is reported
    """

    ties: Literal["min", "average"] = "min"
    peers: str = "type"
    top: Annotated[int, Field(ge=1)] = 10
    bottom: Annotated[int, Field(ge=1)] = 3
    band: Annotated[float, Field(gt=0.5, lt=1)] = 0.9


@dataclass(config=STRICT, frozen=True)
class Uncertainty:
    """What is varied, and how often. Empty tuples: only what the plan itself says.

    `concentration` of the Dirichlet draws around the plan's weights within each group: small = wide; 0 = not varied
    `vary`    any other choice of the plan as `section.key=value`, an entry for each further value of a key;
              `leave_out` = each indicator in turn
    `figures` how many sets of figures stand for what the true ones could be; 0 = figures are taken as they are
    `errors`  status -> relative standard error of such figures; gaps that the plan fills are filled anew in each set
    `against` the scenario that holds figures as first published: past revisions are errors of what is not yet revised
    """

    draws: Annotated[int, Field(ge=0, le=1_000_000)] = 10_000
    seed: int = 1
    concentration: Annotated[float, Field(ge=0)] = 20.0
    normalise: tuple[Literal["minmax", "zscore", "dist2max", "fracmax", "prank", "centred"], ...] = ()
    aggregate: tuple[AggregateMethod, ...] = ()
    interval: tuple[Share, Share] = (0.05, 0.95)
    vary: tuple[str, ...] = ()
    figures: Annotated[int, Field(ge=0, le=1000)] = 100
    errors: Mapping[Literal["A", "E", "I", "P", "B"], Share] = Field(default_factory=dict)
    against: str = ""
