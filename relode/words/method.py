"""A Method is a pure function with a card: facts and words in, choices by keyword, an Answer out, signed as a Result.

    @method("measure.index", reads=needs(plan="plan"))
    def index(panel: Panel, regions: Codelist, *, plan: Plan) -> Answer: ...

Positional arguments are what it reads; keyword-only arguments are choices. Command line, recipe, form and page are
derived from the signature and the card. Types must be importable at run time (no TYPE_CHECKING imports here).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, ParamSpec

from .card import Card
from .choice import Choice, choices_of, inputs_of, plain, read_choices
from .codelist import Codelist
from .errors import Misfit
from .indicator import IndicatorSystem
from .labels import Labels
from .plan import Plan
from .result import Answer, Result, fingerprint_of
from .shelf import Shelf
from .study import Study

P = ParamSpec("P")


@dataclass(frozen=True)
class Need:
    """What a method asks of the store: nothing else is read. Empty = all there is."""

    indicators: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ("actual",)
    periods: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    level: str = ""
    any_series: bool = False


@dataclass(frozen=True)
class Reads:
    """How a Need follows from the choices: from a plan or a study, or from named choices and fixed codes.

    `any_series`  a figure may come from any series where they differ: what is asked is whether it is there
    """

    plan: str = ""
    indicators: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ("actual",)
    periods: tuple[str, ...] = ()
    study: str = ""
    any_series: bool = False

    def need(self, choices: Mapping[str, Any]) -> Need:
        """The Need of one call; a name that is a choice stands for its value, or for each of its values."""

        def filled(codes: tuple[str, ...]) -> tuple[str, ...]:
            values = [choices.get(code, code) for code in codes]
            found = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
            return tuple(dict.fromkeys(str(part) for part in found if part not in (None, "")))

        if self.study:
            study: Study = choices[self.study]
            return Need(study.reads, (study.sample.scenario,), (), study.sample.entities, study.sample.level)
        if not self.plan:
            read = filled(self.indicators), filled(self.scenarios), filled(self.periods)
            return Need(*read, any_series=self.any_series)
        return self._of_plans([value for value in choices.values() if isinstance(value, Plan)], filled(self.scenarios))

    def _of_plans(self, plans: Sequence[Plan], scenarios: tuple[str, ...]) -> Need:
        """What all plans of one call need together; empty = all there is, if one of them needs that."""

        def union(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
            found = list(parts)
            return () if not all(found) else tuple(dict.fromkeys(code for part in found for code in part))

        levels = {plan.select.level for plan in plans}
        scenarios = tuple(dict.fromkeys((*union(plan.scenarios for plan in plans), *scenarios)))
        return Need(
            union(plan.reads for plan in plans), scenarios, union(plan.periods for plan in plans),
            union(plan.select.entities for plan in plans), levels.pop() if len(levels) == 1 else "",
        )  # fmt: skip


def needs(
    *,
    plan: str = "",
    indicators: tuple[str, ...] = (),
    scenarios: tuple[str, ...] | None = None,
    periods: tuple[str, ...] = (),
    study: str = "",
    any_series: bool = False,
) -> Reads:
    """What a card says a method reads; `scenarios` beside those of its plans, or else `actual`."""
    scenarios = scenarios if scenarios is not None else () if plan else ("actual",)
    return Reads(plan, indicators, scenarios, periods, study, any_series)


class Method(Generic[P]):
    """A function with a card. Calling it gives a signed Result; a direct call and a project call give the same."""

    def __init__(self, name: str, function: Callable[P, Answer], reads: Reads, card: Path | None = None):
        self.name = name
        self.function = function
        self.reads = reads
        self._card = card
        update_wrapper(self, function)

    @cached_property
    def card(self) -> Card:
        """The method's page."""
        return Card.load(self._card) if self._card else Card.named(self.name)

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """The keyword-only arguments."""
        return choices_of(self.function)

    @cached_property
    def inputs(self) -> dict[str, type]:
        """The positional arguments: name -> Panel, Ties, Log, Codelist ..."""
        return inputs_of(self.function)

    def read(self, given: Mapping[str, Any], shelf: Shelf | None = None) -> dict[str, Any]:
        """The choices of a call: defaults filled, values checked, words found by name on the shelf."""
        shelf = shelf or Shelf()
        return read_choices(self.choices, given, method=self.name, words=lambda word, name: _word(word, name, shelf))

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Result:
        """Run the method and sign its Answer. Raises UnknownWord or Misfit for choices that do not fit."""
        inputs = list(self.inputs)
        named = {name: kwargs[name] for name in kwargs if name in inputs}
        choices = self.read({name: kwargs[name] for name in kwargs if name not in inputs})
        try:
            bound = inspect.signature(self.function).bind(*args, **named, **choices)
        except TypeError as fault:
            raise Misfit("method.inputs", name=self.name, expected=inputs, fault=str(fault)) from fault
        bound.apply_defaults()
        read = {name: bound.arguments[name] for name in inputs}
        answer = self.function(*bound.args, **bound.kwargs)
        return self._sign(answer, read, choices)

    def _sign(self, answer: Answer, read: Mapping[str, Any], choices: Mapping[str, Any]) -> Result:
        inputs = {name: _fingerprint(value) for name, value in read.items()}
        chosen = {name: plain(value) for name, value in choices.items()}
        systems = tuple(
            value.system if isinstance(value, Plan) else value
            for value in choices.values()
            if isinstance(value, Plan | IndicatorSystem)
        )
        studies = tuple(value for value in choices.values() if isinstance(value, Study))
        regions = next((value for value in read.values() if isinstance(value, Codelist)), Codelist())
        sources = dict.fromkeys(code for value in read.values() for code in getattr(value, "sources", ()))
        return Result(
            card=self.card, choices=chosen, inputs=inputs,
            fingerprint=fingerprint_of(self.name, self.card.version, chosen, inputs),
            software=f"relode {version('relode')}", answer=answer,
            labels=Labels(regions, systems, studies), sources=tuple(sources),
        )  # fmt: skip

    def __reduce__(self) -> tuple[Any, ...]:
        return _method_at, (self.function.__module__, self.function.__name__)

    def __repr__(self) -> str:
        return f"<method {self.name}>"


def method(name: str, *, reads: Reads, card: Path | None = None) -> Callable[[Callable[P, Answer]], Method[P]]:
    """Make a function a Method. A method from outside relode names the file of its card."""
    return lambda function: Method(name, function, reads, card)


def _method_at(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


def _word(kind: Any, name: str, shelf: Shelf) -> Any:
    return kind.named(name, shelf)


def _fingerprint(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Codelist):
        return fingerprint_of([list(map(str, vars(entity).values())) for entity in value.entities])
    fingerprint: str = value.fingerprint
    return fingerprint
