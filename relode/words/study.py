"""A Study holds every choice of a policy evaluation before the outcome is looked at; its fingerprint is its seal.

A study is a TOML file (`studies/<name>.toml`). Unknown keys are refused. The format carries a version and stays
readable: a later version only adds keys, whose defaults are today's behaviour.

    name = "castle"
    calendar = "castle_doctrine"            # policies/castle_doctrine.toml
    policies = ["castle_doctrine"]          # each gets its own effect and verdict

    [[outcomes]]                            # the first is the headline
    code = "log_homicide"
    formula = "homicide"                    # + - * / of facts; left out: the fact of this code
    log = true
    good = -1
    unit = "log points"
    smallest = 0.05                         # the smallest effect worth having, in the outcome's unit

    [treatment]
    rule = "full"                           # contains, half or full: how a date becomes a period; no default
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from .errors import Misfit, RelodeError, UnknownWord, raise_all
from .indicator import CODE, formula_names
from .period import ordinal
from .policy import Calendar, DateRule
from .shelf import Shelf
from .toml import read_toml

FORMAT = 1
_strict = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

Estimator = Literal[
    "twfe", "event_study", "callaway_santanna", "sun_abraham", "imputation", "stacked", "etwfe", "dcdh"
]  # fmt: skip
ROBUST: tuple[Estimator, ...] = ("callaway_santanna", "imputation", "sun_abraham", "etwfe", "stacked", "dcdh")
"""Estimators that stand under staggered timing with effects that differ, in the order of preference as headline."""


@dataclass(config=_strict, frozen=True)
class Outcome:
    """What the policy is meant to move. `good` says whither; `smallest` is the smallest effect worth having."""

    code: str
    good: Literal[-1, 1]
    formula: str = ""
    log: bool = False
    unit: str = ""
    smallest: Annotated[float | None, Field(gt=0)] = None
    zh: str = ""
    en: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """The facts that it is made of."""
        return _reads(self.code, self.formula)

    @property
    def effect_unit(self) -> str:
        """The unit of a difference of two values: percentage points where the outcome is a percentage."""
        return "percentage points" if self.unit == "%" else self.unit

    def label(self, lang: str) -> str:
        """The name in `lang`, the code where there is none."""
        return (self.zh if lang == "zh" else self.en) or self.code


@dataclass(config=_strict, frozen=True)
class Control:
    """A control. `baseline`: its value in the last period before anyone is treated, times period; `varying`: as it is.

    A varying control may itself be moved by the policy; it is tested as if it were an outcome.
    """

    code: str
    formula: str = ""
    log: bool = False
    when: Literal["baseline", "varying"] = "baseline"
    zh: str = ""
    en: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """The facts that it is made of."""
        return _reads(self.code, self.formula)

    def label(self, lang: str) -> str:
        """The name in `lang`, the code where there is none."""
        return (self.zh if lang == "zh" else self.en) or self.code


@dataclass(config=_strict, frozen=True)
class Treatment:
    """How the calendar becomes treatment. `rule` has no default: the headline may hinge on it.

    `anticipation` periods before the start in which effects are already possible (announced lists)
    `ends`         obey the ends in the calendar (treatment may switch off), or treat it as lasting
    """

    rule: DateRule
    anticipation: Annotated[int, Field(ge=0)] = 0
    ends: bool = True


@dataclass(config=_strict, frozen=True)
class Sample:
    """Who is looked at, and when. Empty = all.

    `gaps`    entities with a missing outcome: refuse the run, drop them, or keep their other periods
    `winsor`  share of the outcome that is drawn in at each end (0 = none)
    """

    level: str = ""
    entities: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    scenario: str = "actual"
    gaps: Literal["refuse", "drop", "keep"] = "refuse"
    winsor: Annotated[float, Field(ge=0, lt=0.5)] = 0.0


@dataclass(config=_strict, frozen=True)
class Inference:
    """Errors and intervals. `clusters`: entity, or an attribute of the codelist (`parent`, `type`)."""

    clusters: Literal["entity", "parent", "type", "level"] = "entity"
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    power: Annotated[float, Field(gt=0.5, lt=1)] = 0.8
    draws: Annotated[int, Field(ge=99, le=1_000_000)] = 999
    seed: int = 1


@dataclass(config=_strict, frozen=True)
class Study:
    """Every choice of an evaluation. `calendar` is the policy calendar itself (in the file: its name).

    `headline`   the estimator whose effect is the answer; TWFE cannot be it under staggered timing
    `others`     policies of the calendar that run beside and are held against it
    `subgroups`  attributes of the codelist by which effects are split; the list is fixed here
    `weights`    a fact whose value before treatment weighs entities in TWFE
    `weights_matrix` the ties by which neighbours are named, for spill-overs
    `window`     periods before and after of the stacked design
    `bins`       farthest lead and lag of the event study; beyond they are pooled
    """

    name: str
    zh: str
    en: str
    calendar: Calendar
    policies: Annotated[tuple[str, ...], Field(min_length=1)]
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1)]
    treatment: Treatment
    format: Literal[1] = 1
    version: int = 1
    source: str = ""
    sample: Sample = Sample()
    controls: tuple[Control, ...] = ()
    others: tuple[str, ...] = ()
    subgroups: tuple[Literal["type", "parent", "level"], ...] = ()
    estimators: tuple[Estimator, ...] = ("twfe", "event_study", *ROBUST)
    headline: Estimator = "callaway_santanna"
    control_group: Literal["never", "not_yet"] = "never"
    inference: Inference = Inference()
    weights: str = ""
    weights_matrix: str = ""
    window: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=0)]] = (1, 1)
    bins: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=0)]] = (6, 6)
    confirmatory: bool = True

    def __post_init__(self) -> None:
        raise_all(_faults(self), where=self.name)

    def label(self, lang: str) -> str:
        """The name in `lang`."""
        return self.zh if lang == "zh" else self.en

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The codes of all facts that outcomes, controls and weights are made of."""
        parts: tuple[Outcome | Control, ...] = (*self.outcomes, *self.controls)
        codes = [code for part in parts for code in part.reads]
        return tuple(dict.fromkeys([*codes, *((self.weights,) if self.weights else ())]))

    @cached_property
    def spec(self) -> dict[str, Any]:
        """All choices as plain data; the calendar as its fingerprint."""
        plain: dict[str, Any] = TypeAdapter(Study).dump_python(self, mode="json", exclude={"calendar"})
        return plain | {"calendar": self.calendar.fingerprint}

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of all choices and of the whole calendar."""
        return hashlib.sha256(json.dumps(self.spec, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def but(self, **sections: Any) -> Study:
        """A variant: `study.but(treatment={"rule": "full"})`; a mapping changes only the keys that it names."""
        spec: dict[str, Any] = {name: getattr(self, name) for name in Study.__dataclass_fields__}
        for name, value in sections.items():
            now: Any = spec.get(name)
            if isinstance(value, Mapping) and hasattr(now, "__dataclass_fields__"):
                value = {key: getattr(now, key) for key in type(now).__dataclass_fields__} | dict(value)
            spec[name] = value
        return Study.of(spec)

    @classmethod
    def named(cls, name: str, shelf: Shelf | None = None) -> Study:
        """The study of `studies/<name>.toml`, with its calendar found on the same shelf."""
        shelf = shelf or Shelf()
        return cls.load(shelf.path("studies", name), shelf)

    @classmethod
    def load(cls, path: Path, shelf: Shelf | None = None) -> Study:
        """Read a study file. Raises UnknownWord for unknown keys, Misfit for values that cannot be read."""
        spec = read_toml(path)
        return cls.of(spec, shelf, where=str(path))

    @classmethod
    def of(cls, spec: Mapping[str, Any], shelf: Shelf | None = None, *, where: str = "") -> Study:
        """A study from plain data, as a TOML file holds it; `calendar` may be a name or a Calendar."""
        filled = dict(spec)
        where = where or str(filled.get("name", "study"))
        if filled.get("format", FORMAT) != FORMAT:
            raise Misfit("plan.format", where=where, name=filled["format"], wanted=FORMAT)
        if isinstance(filled.get("calendar"), str):
            filled["calendar"] = Calendar.named(filled["calendar"], shelf)
        try:
            study: Study = TypeAdapter(cls).validate_python(filled)
        except ValidationError as told:
            raise_all([_fault(error, where) for error in told.errors()], where=where)
            raise
        return study


def difference(before: Mapping[str, Any], now: Mapping[str, Any], at: str = "") -> list[tuple[str, Any, Any]]:
    """What two studies (`Study.spec`) do not share: (key, before, now), in the order of the file."""
    found: list[tuple[str, Any, Any]] = []
    for key in dict.fromkeys([*before, *now]):
        old, new = before.get(key), now.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += difference(old, new, f"{at}{key}.")
        elif old != new:
            found.append((at + key, old, new))
    return found


def _reads(code: str, formula: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(formula_names(formula))) if formula else (code,)


_SECTIONS: dict[str, Any] = {
    "outcomes": Outcome, "controls": Control, "treatment": Treatment, "sample": Sample, "inference": Inference,
}  # fmt: skip


def _fault(error: Any, where: str) -> RelodeError:
    path = ".".join(str(part) for part in error["loc"])
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        section = _SECTIONS.get(str(error["loc"][0]), Study) if len(error["loc"]) > 1 else Study
        names = tuple(section.__dataclass_fields__)
        return UnknownWord("plan.unknown_key", name=str(error["loc"][-1]), where=f"{where}, {path}", expected=names)
    if error["type"] in ("missing", "missing_argument"):
        return Misfit("study.missing", name=path, where=where)
    return Misfit("plan.value", name=path, where=where, value=error.get("input"), fault=error["msg"])


def _faults(study: Study) -> list[RelodeError]:
    """What no single key can know."""
    known = [policy.code for policy in study.calendar.policies]
    faults: list[RelodeError] = [
        UnknownWord("policy.unknown", name=name, where=section, expected=known)
        for section, names in (("policies", study.policies), ("others", study.others))
        for name in names
        if name not in known
    ]
    codes = [*(outcome.code for outcome in study.outcomes), *(control.code for control in study.controls)]
    faults += [Misfit("study.twice", name=code) for code in dict.fromkeys(codes) if codes.count(code) > 1]
    names = (study.name, *study.policies, *(outcome.code for outcome in study.outcomes))
    faults += [Misfit("definition.code", name=name) for name in names if not CODE.fullmatch(name)]  # facts bear them
    if study.headline not in study.estimators:
        faults.append(Misfit("study.headline", name=study.headline, expected=study.estimators))
    if study.sample.since and study.sample.until and ordinal(study.sample.since) > ordinal(study.sample.until):
        faults.append(Misfit("study.window", name=study.sample.since, until=study.sample.until))
    return faults
