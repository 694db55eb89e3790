"""Diagnosis for the screen: what the place's recipes ask of `diagnose.*`, run once, and looked at place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..words.errors import RelodeError
from ..words.recipe import Recipe, Step
from ..words.result import Result
from .catalogue import find_method

if TYPE_CHECKING:
    from .observatory import Observatory

STANDARD = Step(id="citytype", run="diagnose.citytype")
"""Asked wherever the figures of the standard typology are there, without a recipe."""
MOST = 12  # rows of one table for one place


@dataclass(frozen=True)
class Finding:
    """What one diagnosis says of one place: the rows of a table, of its last period, and those they were cut from."""

    result: Result
    table: str
    rows: list[dict[str, Any]]
    count: int


def recipes(observatory: Observatory, plan: str) -> dict[str, Recipe]:
    """The recipes whose every step this place can follow, by name; those that ask for a plan are given `plan`."""
    found = {}
    for name in observatory.place.shelf.names("recipes"):
        try:
            asks = observatory.place.recipe(name).asks
            recipe = observatory.place.recipe(name, given(asks, plan))
        except RelodeError:
            continue  # `relode check` says what is wrong with it, and some ask for more than a plan
        if all(fits(observatory, step) for step in recipe.step):
            found[name] = recipe
    return found


def given(asks: Mapping[str, str], plan: str) -> dict[str, str]:
    """What a page can answer of what a recipe asks for: the plan that is looked at."""
    return {"plan": plan} if "plan" in asks else {}


def fits(observatory: Observatory, step: Step) -> bool:
    """Has the place what the step reads, and does the step say all that its method must be told?"""
    try:
        method = find_method(step.run)
        choices = method.read(step.choices, observatory.place.shelf)
        wanted = method.reads.need(choices).indicators
    except RelodeError:
        return False
    plan, typology = choices.get("plan"), choices.get("typology")
    if plan is not None:
        return plan.name in {one.name for one in observatory.plans}
    if typology is not None and not wanted:
        return any(_there(observatory, code) for code in typology.indicators)
    return all(_there(observatory, code) for code in wanted)


def _there(observatory: Observatory, code: str) -> bool:
    """Is it a fact that the store has held, or an indicator made of such facts?"""
    indicator = observatory.place.indicators.get(code)
    return code in observatory.held or (indicator is not None and set(indicator.reads) <= observatory.held)


def steps(observatory: Observatory) -> tuple[Step, ...]:
    """The diagnoses that the place asks for, each once."""
    fit = recipes(observatory, observatory.plan().name).values()
    asked = [step for recipe in fit for step in recipe.step if step.run.startswith("diagnose.")]
    known: dict[str, Step] = {}
    for step in [*asked, STANDARD]:
        if step is not STANDARD or not any(one.run == STANDARD.run for one in asked):
            known.setdefault(repr((step.run, sorted(step.choices.items()), sorted(step.only.items()))), step)
    return tuple(step for step in known.values() if fits(observatory, step))


def findings(observatory: Observatory, entity: str, asof: Any) -> Iterator[Finding | RelodeError]:
    """What every diagnosis says of a place, or why it could not be run; those that speak of no place are left out."""
    for step in observatory.diagnoses:
        try:
            result = observatory.run(step.run, asof, only=step.only, **step.choices)
        except RelodeError as fault:
            yield fault
            continue
        table = next((name for name, frame in result.tables.items() if "entity" in frame.columns), None)
        if table is None:
            continue
        rows = observatory.parted(result).of(table, entity)
        last = max((str(row["period"]) for row in rows if "period" in row), default="")
        here = [row for row in rows if "period" not in row or str(row["period"]) == last]
        yield Finding(result, table, here[:MOST], len(here))
