"""A Plan holds every choice of an index, from selection to aggregation and its uncertainty; it is its only input.

A plan is a TOML file (`plans/<name>.toml`). Unknown keys are refused. The format carries a version and stays
readable: a later version only adds keys, whose defaults are today's behaviour.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace as _replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from .errors import Misfit, RelodeError, UnknownWord, raise_all
from .indicator import IndicatorSystem
from .shelf import Shelf

FORMAT = 1
_strict = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
Share = Annotated[float, Field(ge=0, le=1)]

NormaliseMethod = Literal["minmax", "zscore", "goalposts"]
Limits = Literal["panel", "period", "base"]
WeighMethod = Literal["equal", "given", "entropy", "critic"]
AggregateMethod = Literal["arithmetic", "geometric", "topsis"]


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
    """Who gets a score: a larger missing share of an entity refuses it, a lower coverage of an indicator warns."""

    entity_missing: Share = 0.20
    indicator_coverage: Share = 0.65


@dataclass(config=_strict, frozen=True)
class Denominate:
    """Scaling of raw figures beyond the formulas of the indicator system."""

    method: Literal["none"] = "none"


@dataclass(config=_strict, frozen=True)
class Impute:
    """Filling of gaps before normalising. `none`: a missing indicator's weight goes to its siblings."""

    method: Literal["none"] = "none"


@dataclass(config=_strict, frozen=True)
class Treat:
    """Treatment of outliers before normalising."""

    method: Literal["none"] = "none"


@dataclass(config=_strict, frozen=True)
class Normalise:
    """How figures become comparable. `limits` says from which periods the yardstick comes, and has no default.

    `scale`     minmax, goalposts: where the worst and the best stand; zscore: mean and standard deviation
    `base`      the periods of the base window, if limits = "base"
    `goalposts` indicator -> (worst, best) as figures of that indicator, if method = "goalposts"
    """

    method: NormaliseMethod
    limits: Limits
    scale: tuple[float, float] = (0.0, 100.0)
    base: tuple[str, ...] = ()
    goalposts: Mapping[str, tuple[float, float]] = Field(default_factory=dict)
    clip: bool = False  # hold figures outside the limits at the ends of the scale


@dataclass(config=_strict, frozen=True)
class Weigh:
    """How much each child counts within its group.

    `across` siblings: weights are found among the children of each group; leaves: among all indicators at once,
             a group then weighs what its indicators weigh together
    `fit`    from which periods data-driven weights are learned (as for limits)
    `shift`  added before entropy weights; forbidden unless given, for it changes the answer
    """

    method: WeighMethod = "equal"
    across: Literal["siblings", "leaves"] = "siblings"
    fit: Limits = "panel"
    base: tuple[str, ...] = ()
    given: Mapping[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    shift: float | None = None


@dataclass(config=_strict, frozen=True)
class Aggregate:
    """How children become their parent; `at` names a different method for single nodes."""

    method: AggregateMethod = "arithmetic"
    at: Mapping[str, AggregateMethod] = Field(default_factory=dict)


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
    """

    draws: Annotated[int, Field(ge=0, le=1_000_000)] = 10_000
    seed: int = 1
    concentration: Annotated[float, Field(ge=0)] = 20.0
    normalise: tuple[Literal["minmax", "zscore"], ...] = ()
    aggregate: tuple[AggregateMethod, ...] = ()
    interval: tuple[Share, Share] = (0.05, 0.95)


@dataclass(config=_strict, frozen=True)
class Plan:
    """Every choice of an index. `system` is the indicator system itself (in the file: its name)."""

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
    rank: Rank = Rank()
    uncertainty: Uncertainty = Uncertainty()

    def __post_init__(self) -> None:
        raise_all(_faults(self), where=self.name)

    def label(self, lang: str) -> str:
        """The name in `lang`."""
        return self.zh if lang == "zh" else self.en

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of all choices and of the system's whole content."""
        spec = TypeAdapter(Plan).dump_python(self, mode="json", exclude={"system": {"where"}})
        return hashlib.sha256(json.dumps(spec, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

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
        try:
            spec = tomllib.loads(path.read_text("utf8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise Misfit("definition.unreadable", where=str(path), fault=str(fault)) from fault
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
    """What no single key can know: names that the system lacks, windows and goalposts that are not given."""
    faults: list[RelodeError] = []
    nodes = {group.code for group in plan.system.root.nodes()}
    known = nodes | set(plan.system.codes)
    for section, names, words in (
        ("select.drop", plan.select.drop, set(plan.system.codes)),
        ("normalise.goalposts", plan.normalise.goalposts, set(plan.system.codes)),
        ("weigh.given", plan.weigh.given, known),
        ("aggregate.at", plan.aggregate.at, nodes),
    ):
        for name in names:
            if name not in words:
                faults.append(UnknownWord("plan.unknown_node", name=name, where=section, expected=sorted(words)))
    for section, limits, base in (
        ("normalise", plan.normalise.limits, plan.normalise.base),
        ("weigh", plan.weigh.fit, plan.weigh.base),
    ):
        if (limits == "base") != bool(base):
            faults.append(Misfit("plan.base", where=section))
    if plan.normalise.method == "goalposts":
        dropped = set(plan.select.drop)
        lacking = [c for c in plan.system.codes if c not in plan.normalise.goalposts and c not in dropped]
        faults += [Misfit("plan.goalpost", name=code, where="normalise.goalposts") for code in lacking]
    if (plan.weigh.method == "given") != bool(plan.weigh.given):
        faults.append(Misfit("plan.given", where="weigh"))
    if plan.normalise.scale[0] >= plan.normalise.scale[1] and plan.normalise.method != "zscore":
        faults.append(Misfit("plan.scale", where="normalise.scale"))
    return faults
