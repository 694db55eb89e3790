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
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from .errors import Misfit, RelodeError, UnknownWord, raise_all
from .indicator import IndicatorSystem
from .planfaults import faults_of
from .sections import (
    FIXED,
    LEARNED,
    LEAVE_OUT,
    ORDINAL,
    STRICT,
    VARIABLE,
    Aggregate,
    AggregateMethod,
    Denominate,
    Impute,
    ImputeMethod,
    Limits,
    Normalise,
    NormaliseMethod,
    Rank,
    RedLine,
    Screen,
    Select,
    Share,
    Treat,
    TreatMethod,
    Uncertainty,
    Weigh,
    WeighMethod,
)
from .shelf import Shelf
from .toml import read_toml

__all__ = [
    "FIXED", "FORMAT", "LEARNED", "LEAVE_OUT", "ORDINAL", "VARIABLE", "Aggregate", "AggregateMethod", "Denominate",
    "Impute", "ImputeMethod", "Limits", "Normalise", "NormaliseMethod", "Plan", "Rank", "RedLine", "Screen", "Select",
    "Share", "Treat", "TreatMethod", "Uncertainty", "Weigh", "WeighMethod", "value_of",
]  # fmt: skip

FORMAT = 1


@dataclass(config=STRICT, frozen=True)
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
        raise_all(faults_of(self), where=self.name)

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


def value_of(text: str) -> Any:
    """A value as a plan file would hold it; what is no TOML is a text."""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text
