"""A Typology says by which signs a place is of a type, which steps a type walks, and which document says so.

It is a word: a file (`typologies/<name>.toml`), dated, unknown keys refused; a place may keep its own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from relode.words.errors import Misfit
from relode.words.shelf import Shelf
from relode.words.toml import read_toml


@dataclass(frozen=True)
class Sign:
    """One sign of a type: `indicator` above (`direction` 1) or below (-1) `at`; `width` is how wide the doubt reaches.

    At `at` the sign says nothing (0); one width beyond it speaks with log odds 1 times `weight`.
    """

    indicator: str
    at: float
    width: float
    direction: int
    zh: str
    en: str
    reference: str
    since: date
    weight: float = 1.0

    def __post_init__(self) -> None:
        if self.width <= 0 or self.direction not in (-1, 1) or self.weight <= 0:
            raise Misfit("typology.sign", name=self.indicator)


@dataclass(frozen=True)
class Step:
    """One step of the path that a type walks."""

    zh: str
    en: str


@dataclass(frozen=True)
class Type:
    """A type: what it is called, in which question it is an answer, its signs, and the steps of its path."""

    code: str
    group: str
    zh: str
    en: str
    signs: tuple[Sign, ...]
    steps: tuple[Step, ...] = ()

    def label(self, lang: str) -> str:
        """The name in `lang`."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Typology:
    """Types of places in one or several questions (`groups`), each of which every place answers by itself."""

    name: str
    zh: str
    en: str
    version: int
    types: tuple[Type, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The questions, in the order of the file."""
        return tuple(dict.fromkeys(kind.group for kind in self.types))

    def of(self, group: str) -> tuple[Type, ...]:
        """The types among which one question chooses."""
        return tuple(kind for kind in self.types if kind.group == group)

    @property
    def indicators(self) -> tuple[str, ...]:
        """All indicators that are a sign of something."""
        return tuple(dict.fromkeys(sign.indicator for kind in self.types for sign in kind.signs))

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of the whole content."""
        return hashlib.sha256(repr((self.name, self.version, self.types)).encode()).hexdigest()

    @classmethod
    def named(cls, name: str, shelf: Shelf | None = None) -> Typology:
        """The typology of `typologies/<name>.toml`."""
        return cls.load((shelf or Shelf()).path("typologies", name))

    @classmethod
    def load(cls, path: Path) -> Typology:
        """Read a typology. Raises Misfit for a key that is missing, unknown or of the wrong kind."""
        spec = read_toml(path)
        try:
            types = tuple(_type(code, entry) for code, entry in spec.pop("types").items())
            return cls(path.stem, spec.pop("zh"), spec.pop("en"), int(spec.pop("version")), _whole(types, spec, path))
        except (KeyError, TypeError) as fault:
            raise Misfit("typology.entry", where=str(path), fault=str(fault)) from fault
        except ValidationError as told:
            first = told.errors()[0]
            raise Misfit("typology.entry", where=f"{path}, {first['loc']}", fault=first["msg"]) from told


def _whole(types: tuple[Type, ...], left: dict[str, Any], path: Path) -> tuple[Type, ...]:
    if left:
        raise Misfit("typology.entry", where=str(path), fault=", ".join(left))
    alone = [kind.group for kind in types if sum(other.group == kind.group for other in types) == 1]
    if not types or alone:
        raise Misfit("typology.alone", where=str(path), name=", ".join(alone))
    return types


def _type(code: str, entry: dict[str, Any]) -> Type:
    signs = tuple(TypeAdapter(Sign).validate_python(sign) for sign in entry.pop("signs"))
    steps = tuple(Step(**step) for step in entry.pop("steps", ()))
    return Type(code, signs=signs, steps=steps, **entry)
