"""Choices: how a method's keyword arguments are read, bounded and offered, from wherever they come.

A choice is bool, int, float, str, Literal, date, a tuple of one of these, or None; or a *word* (a Plan,
Rules ...), which is given by name. No unions of kinds, no dicts, no nesting: what is nested is a word.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from .errors import Misfit, UnknownWord


@dataclass(frozen=True)
class Within:
    """Bounds of a number, both ends included."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Of:
    """The choice is a code of this list of the place: `period`, `entity`, `indicator`, `type`."""

    codelist: str


@dataclass(frozen=True)
class ByName:
    """A word that is looked up by its name when the method is called."""

    name: str


Period = Annotated[str, Of("period")]
EntityCode = Annotated[str, Of("entity")]
IndicatorCode = Annotated[str, Of("indicator")]


def by_name(name: str) -> Any:
    """The default of a choice that is a word: the one of this name."""
    return ByName(name)


@dataclass(frozen=True)
class Choice:
    """One keyword-only argument of a method."""

    name: str
    annotation: Any
    default: Any

    @property
    def must(self) -> bool:
        """Has it no default?"""
        return self.default is inspect.Parameter.empty

    @property
    def kind(self) -> Any:
        """The bare type, without bounds and codelists."""
        return get_args(self.annotation)[0] if get_origin(self.annotation) is Annotated else self.annotation

    @property
    def word(self) -> type | None:
        """The class of the word that is wanted, if it is one."""
        bare = _without_none(self.kind)
        return bare if isinstance(bare, type) and hasattr(bare, "named") else None

    @property
    def of(self) -> str | None:
        """The codelist from which values are offered."""
        return next((m.codelist for m in _metadata(self.annotation) if isinstance(m, Of)), None)

    def read(self, raw: Any, *, method: str = "") -> Any:
        """`raw` (Python, TOML or text) as a value of this choice. Raises Misfit with what was expected."""
        from pydantic import ValidationError

        if self.word is not None:
            return raw
        if isinstance(raw, str) and _is_tuple(self.kind):
            raw = tuple(part.strip() for part in raw.split(",") if part.strip())
        try:
            return _adapter(self.annotation).validate_python(raw)
        except ValidationError as fault:
            told = fault.errors()[0]["msg"]
            raise Misfit(
                "choice.value", where=f"{method}, {self.name}", name=self.name, value=raw, fault=told
            ) from fault


def choices_of(function: Callable[..., Any]) -> tuple[Choice, ...]:
    """The keyword-only arguments of a function, in order."""
    hints = get_type_hints(function, include_extras=True)
    parameters = inspect.signature(function).parameters.values()
    return tuple(Choice(p.name, hints[p.name], p.default) for p in parameters if p.kind is p.KEYWORD_ONLY)


def inputs_of(function: Callable[..., Any]) -> dict[str, type]:
    """The positional arguments of a function: name -> the shape or word that it reads."""
    hints = get_type_hints(function)
    parameters = inspect.signature(function).parameters.values()
    return {p.name: _without_none(hints[p.name]) for p in parameters if p.kind is not p.KEYWORD_ONLY}


def read_choices(
    choices: tuple[Choice, ...], given: Mapping[str, Any], *, method: str, words: Callable[[type, str], Any]
) -> dict[str, Any]:
    """All choices of a call, with defaults, words found by name, unknown names refused."""
    known = {choice.name: choice for choice in choices}
    for name in given:
        if name not in known:
            raise UnknownWord("choice.unknown", name=name, where=method, expected=tuple(known))
    taken: dict[str, Any] = {}
    for choice in choices:
        if choice.must and choice.name not in given:
            raise Misfit("choice.missing", name=choice.name, where=method)
        raw = given.get(choice.name, choice.default)
        name = raw.name if isinstance(raw, ByName) else raw
        if choice.word is not None and isinstance(name, str):
            taken[choice.name] = words(choice.word, name)
        elif choice.word is not None and name is not None and not isinstance(name, choice.word):
            raise Misfit("choice.word", name=choice.name, where=method, kind=choice.word.__name__)
        else:
            taken[choice.name] = choice.read(raw, method=method)
    return taken


def plain(value: Any) -> Any:
    """A choice as JSON can hold it: a word is its fingerprint."""
    if hasattr(value, "fingerprint"):
        return {"name": getattr(value, "name", ""), "fingerprint": value.fingerprint}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value if isinstance(value, bool | int | float | str | type(None)) else str(value)


def _adapter(annotation: Any) -> Any:
    from pydantic import Field, TypeAdapter

    bounds = [m for m in _metadata(annotation) if isinstance(m, Within)]
    bare = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    for bound in bounds:
        bare = Annotated[bare, Field(ge=bound.low, le=bound.high)]
    return TypeAdapter(bare)


def _metadata(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()


def _is_tuple(kind: Any) -> bool:
    return get_origin(_without_none(kind)) is tuple


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        rest = [part for part in get_args(kind) if part is not type(None)]
        return rest[0] if len(rest) == 1 else kind
    return kind
