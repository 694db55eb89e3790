"""A Plan holds every choice of an index, from selection to aggregation and its uncertainty; it is its only input.

A plan is a TOML file (`plans/<name>.toml`). Unknown keys are refused. The format carries a version and stays
readable: a later version only adds keys, whose defaults are today's behaviour.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace as _replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from .errors import Misfit, RelodeError, UnknownWord, raise_all
from .indicator import IndicatorSystem
from .shelf import Shelf
from .toml import read_toml

FORMAT = 1
_strict = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
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


@dataclass(config=_strict, frozen=True)
class Select:
    """Which facts enter. Empty = all that the system reads and the level holds."""

    level: str = ""
    entities: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    scenario: str = "actual"
    drop: tuple[str, ...] = ()  # indicators of the system that are left out; the result lists them


@dataclass(config=_strict, frozen=True)
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


@dataclass(config=_strict, frozen=True)
class Denominate:
    """Scaling of raw figures beyond the formulas of the indicator system.

    `by`  indicator -> the fact it is divided by (people, output, area), if method = "facts"
    `log` indicators of which the natural logarithm is taken, after dividing
    """

    method: Literal["none", "facts"] = "none"
    by: Mapping[str, str] = Field(default_factory=dict)
    log: tuple[str, ...] = ()


@dataclass(config=_strict, frozen=True)
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


@dataclass(config=_strict, frozen=True)
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


@dataclass(config=_strict, frozen=True)
class Normalise:
    """How figures become comparable. `limits` says from which periods the yardstick comes, and has no default.

    `scale`     where the worst and the best stand; zscore: mean and standard deviation; rank, borda: not used
    `base`      the periods of the base window, if limits = "base"
    `span`      how many periods, up to and with the one that is scored, if limits = "rolling"; 0 = all so far
    `goalposts` indicator -> (worst, best) as figures of that indicator, if method = "goalposts"
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


@dataclass(config=_strict, frozen=True)
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


@dataclass(config=_strict, frozen=True)
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


@dataclass(config=_strict, frozen=True)
class RedLine:
    """Lines that nothing can pay for: an entity beyond one of them ranks behind all that are not. 一票否决

    `floors` indicator -> the worst figure that is allowed, in its unit; group -> the least score, on the plan's scale
    The result shows the ranks under the lines beside those without.
    """

    floors: Mapping[str, float] = Field(default_factory=dict)


@dataclass(config=_strict, frozen=True)
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


@dataclass(config=_strict, frozen=True)
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


@dataclass(config=_strict, frozen=True)
class Plan:
    """Every choice of an index. `system` is the indicator system itself (in the file: its name).

    `hindsight` false: every step that would use figures later than the period it scores is refused, so that a score
                is what could have been known then
    """

    name: str
    zh: str
    en: str
    system: IndicatorSystem
    normalise: Normalise
    format: Literal[1] = 1
    version: int = 1
    source: str = ""
    regions: str = ""
    select: Select = Select()
    screen: Screen = Screen()
    denominate: Denominate = Denominate()
    impute: Impute = Impute()
    treat: Treat = Treat()
    weigh: Weigh = Weigh()
    aggregate: Aggregate = Aggregate()
    red_line: RedLine = RedLine()
    rank: Rank = Rank()
    uncertainty: Uncertainty = Uncertainty()
    hindsight: bool = True

    def __post_init__(self) -> None:
        raise_all(_faults(self), where=self.name)

    def label(self, lang: str) -> str:
        """The name in `lang`."""
        return self.zh if lang == "zh" else self.en

    @property
    def reads(self) -> tuple[str, ...]:
        """The codes of all facts that the plan needs: those of its indicators, and what they are divided by."""
        goals = self.system.codes if self.normalise.due else ()
        return tuple(dict.fromkeys((*self.system.reads, *self.denominate.by.values(), *goals)))

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios that the plan needs: what is scored, its targets, and figures as first published."""
        targets = (self.normalise.target,) if self.normalise.due else ()
        first = (self.uncertainty.against,) if self.uncertainty.against else ()
        return tuple(dict.fromkeys((self.select.scenario, *targets, *first)))

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods that the plan needs; empty = all there are."""
        due = (self.normalise.due,) if self.normalise.due and self.select.periods else ()
        return tuple(dict.fromkeys((*self.select.periods, *due)))

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of all choices and of the system's whole content."""
        spec = TypeAdapter(Plan).dump_python(self, mode="json", exclude={"system": {"where"}})
        return hashlib.sha256(json.dumps(spec, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def choice(self, entry: str) -> tuple[str, Any, Any]:
        """What `section.key=value` names: `section.key`, the plan's own value, and the one that is named.

        Raises   UnknownWord for a section or key that a plan lacks, Misfit for a value that the key cannot have
        """
        key, equals, text = (part.strip() for part in entry.partition("="))
        section, dot, name = key.partition(".")
        if not (equals and dot and text):
            raise Misfit("plan.entry", where=f"{self.name}, [uncertainty] vary", name=entry)
        now = getattr(self, section, None) if section in VARIABLE else None
        if now is None:
            raise UnknownWord("plan.unknown_key", name=section, where=entry, expected=VARIABLE)
        spec = {one: getattr(now, one) for one in now.__dataclass_fields__} | {name: value_of(text)}
        changed = _validated(type(now), spec, where=f"{self.name}, [{section}]")
        return key, getattr(now, name), getattr(changed, name)

    def but(self, **sections: Any) -> Plan:
        """A variant of the plan: `plan.but(weigh={"method": "entropy"}, name="variant")`.

        A section given as a mapping changes only the keys that it names. Raises UnknownWord for an unknown key.
        """
        changed: dict[str, Any] = {}
        for name, value in sections.items():
            if name not in Plan.__dataclass_fields__:
                raise UnknownWord("plan.unknown_key", name=name, expected=tuple(Plan.__dataclass_fields__))
            now = getattr(self, name)
            if isinstance(value, Mapping) and hasattr(now, "__dataclass_fields__"):
                spec = {key: getattr(now, key) for key in now.__dataclass_fields__} | dict(value)
                value = _validated(type(now), spec, where=f"{self.name}, [{name}]")
            changed[name] = value
        return _replace(self, **changed)

    @classmethod
    def named(cls, name: str, shelf: Shelf | None = None) -> Plan:
        """The plan of `plans/<name>.toml`, with its system found on the same shelf."""
        shelf = shelf or Shelf()
        return cls.load(shelf.path("plans", name), shelf)

    @classmethod
    def load(cls, path: Path, shelf: Shelf | None = None) -> Plan:
        """Read a plan file. Raises UnknownWord for unknown keys, Misfit for values that cannot be read."""
        spec = read_toml(path)
        return cls.of(spec, shelf, where=str(path))

    @classmethod
    def of(cls, spec: Mapping[str, Any], shelf: Shelf | None = None, *, where: str = "") -> Plan:
        """A plan from plain data, as a TOML file holds it; `system` may be a name or an IndicatorSystem."""
        filled = dict(spec)
        if filled.get("format", FORMAT) != FORMAT:
            raise Misfit("plan.format", where=where, name=filled["format"], wanted=FORMAT)
        if isinstance(filled.get("system"), str):
            filled["system"] = (shelf or Shelf()).system(filled["system"])
        plan: Plan = _validated(cls, filled, where=where or str(filled.get("name", "plan")))
        return plan


def _validated(kind: Any, spec: Mapping[str, Any], *, where: str) -> Any:
    try:
        return TypeAdapter(kind).validate_python(dict(spec))
    except ValidationError as told:
        raise_all([_fault(kind, error, where) for error in told.errors()], where=where)


def _fault(kind: Any, error: Any, where: str) -> RelodeError:
    path = ".".join(str(part) for part in error["loc"])
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        section = kind
        for part in error["loc"][:-1]:
            section = getattr(section, "__annotations__", {}).get(part, section)
            section = globals().get(section, section) if isinstance(section, str) else section
        names = tuple(getattr(section, "__dataclass_fields__", {}))
        return UnknownWord("plan.unknown_key", name=str(error["loc"][-1]), where=f"{where}, {path}", expected=names)
    if error["type"] in ("missing", "missing_argument"):
        return Misfit("plan.missing", name=path, where=where)
    return Misfit("plan.value", name=path, where=where, value=error.get("input"), fault=error["msg"])


def _faults(plan: Plan) -> list[RelodeError]:
    """What no single key can know: names that the system lacks, windows and figures that are not given."""
    named = [_fault_of(plan, entry) for entry in plan.uncertainty.vary if entry != LEAVE_OUT]
    named_faults = [fault for fault in named if fault is not None]
    return [
        *_unknown_nodes(plan), *_windows_not_given(plan), *_not_given(plan), *_out_of_order(plan), *named_faults,
    ]  # fmt: skip


def _fault_of(plan: Plan, entry: str) -> RelodeError | None:
    try:
        plan.choice(entry)
    except RelodeError as fault:
        return fault
    return None


def value_of(text: str) -> Any:
    """A value as a plan file would hold it; what is no TOML is a text."""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text


def _unknown_nodes(plan: Plan) -> list[RelodeError]:
    codes = set(plan.system.codes)
    nodes = {group.code for group in plan.system.root.nodes()}
    named: tuple[tuple[str, Iterable[str], set[str]], ...] = (
        ("select.drop", plan.select.drop, codes),
        ("denominate.by", plan.denominate.by, codes),
        ("denominate.log", plan.denominate.log, codes),
        ("treat.only", plan.treat.only, codes),
        ("normalise.goalposts", plan.normalise.goalposts, codes),
        ("normalise.goals", plan.normalise.goals, codes),
        ("weigh.given", plan.weigh.given, nodes | codes),
        ("weigh.importance", plan.weigh.importance, nodes | codes),
        ("weigh.judgements", plan.weigh.judgements, nodes),
        ("aggregate.at", plan.aggregate.at, nodes),
        ("red_line.floors", plan.red_line.floors, nodes | codes),
    )
    return [
        UnknownWord("plan.unknown_node", name=name, where=section, expected=sorted(words))
        for section, names, words in named
        for name in names
        if name not in words
    ]


def _windows_not_given(plan: Plan) -> list[RelodeError]:
    windows: tuple[tuple[str, Limits, tuple[str, ...]], ...] = (
        ("treat", plan.treat.window, plan.treat.base),
        ("normalise", plan.normalise.limits, plan.normalise.base),
        ("weigh", plan.weigh.fit, plan.weigh.base),
    )
    return [Misfit("plan.base", where=section) for section, limits, base in windows if (limits == "base") != bool(base)]


def _not_given(plan: Plan) -> list[RelodeError]:
    """Methods that need more than their name, and what is given to a method that does not use it."""
    normalise, weigh, faults = plan.normalise, plan.weigh, list[RelodeError]()
    judged = [c for c in plan.system.codes if c not in plan.select.drop]
    wanted = {"goalposts": normalise.goalposts, "dist2targ": normalise.goals}.get(normalise.method)
    if wanted is not None and not normalise.due:
        section = "goalposts" if normalise.method == "goalposts" else "goals"
        faults += [Misfit("plan.goalpost", name=c, where=f"normalise.{section}") for c in judged if c not in wanted]
    if normalise.due and normalise.method != "dist2targ":
        faults.append(Misfit("plan.due", where="normalise.due", name=normalise.method))
    if normalise.method == "dist2ref" and not normalise.reference:
        faults.append(Misfit("plan.reference", where="normalise.reference"))
    if ("given" in (weigh.method, *weigh.of)) != bool(weigh.given):
        faults.append(Misfit("plan.given", where="weigh"))
    if (weigh.method in ("game", "product")) != bool(weigh.of) or len(weigh.of) == 1:
        faults.append(Misfit("plan.combination", where="weigh.of"))
    if set(weigh.of) & {"game", "product"}:
        faults.append(Misfit("plan.combination", where="weigh.of"))
    if "ahp" in (weigh.method, *weigh.of) and not weigh.judgements:
        faults.append(Misfit("plan.judgements", where="weigh.judgements"))
    return faults


def _out_of_order(plan: Plan) -> list[RelodeError]:
    ends: list[tuple[str, tuple[float, float]]] = [
        ("normalise.between", plan.normalise.between),
        ("weigh.bounds", plan.weigh.bounds),
        ("aggregate.bounds", plan.aggregate.bounds),
    ]
    if plan.normalise.method != "zscore":
        ends.append(("normalise.scale", plan.normalise.scale))
    return [Misfit("plan.scale", where=where) for where, (low, high) in ends if low >= high]
