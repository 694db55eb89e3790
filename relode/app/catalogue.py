"""Which methods there are: entry points, one per method, so that help can name them without importing any."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ..words.card import Card
from ..words.errors import Misfit, RelodeError, UnknownWord
from ..words.method import Method

GROUP = "relode.methods"


def method_names() -> dict[str, EntryPoint]:
    """All methods of relode and of its guests: name -> entry point, sorted."""
    return {point.name: point for point in _points()}


@cache
def _points() -> tuple[EntryPoint, ...]:
    """The entry points; looked for once, because all packages of the machine are asked."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda point: point.name))


def find_method(name: str) -> Method[Any]:
    """The method of this name. Raises UnknownWord, or Misfit where a guest's package cannot be imported."""
    points = method_names()
    if name not in points:
        raise UnknownWord("method.unknown", name=name, expected=tuple(points))
    try:
        found = points[name].load()
    except (ImportError, AttributeError) as fault:
        raise Misfit("method.import", name=name, where=points[name].value, fault=str(fault)) from fault
    if not isinstance(found, Method):
        raise Misfit("method.kind", name=name, where=points[name].value)
    return found


def card_of(name: str) -> Card:
    """The card of a method; a guest's card is read from its own method. Raises UnknownWord, Misfit."""
    if name in method_names() and Card.there(name):
        return Card.named(name)
    return find_method(name).card


def cards() -> dict[str, Card | RelodeError]:
    """The cards of all methods; a guest that cannot be loaded is named with its fault and stops nobody else."""
    found: dict[str, Card | RelodeError] = {}
    for name in method_names():
        try:
            found[name] = card_of(name)
        except RelodeError as fault:
            found[name] = fault
    return found
