"""What enters an index: the plan's selection and screening, before any figure is scaled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array
from relode.maths.scale import constant
from relode.words.codelist import Codelist
from relode.words.errors import Misfit
from relode.words.indicator import Indicator
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.plan import Plan

from .derive import derived
from .naming import in_both
from .tree import Tree, tree_of


@dataclass(frozen=True, eq=False)
class Chosen:
    """The figures of an index: entities x periods x indicators, and who may have a score.

    `raw`      (entity, period, indicator) as derived     `values`  the same, NaN where an entity gets no score
    `missing`  (entity, period) share of the indicators   `scored`  whose share is small enough
    `facts`    the panel they came from, for guards that look behind the formulas
    """

    plan: Plan
    regions: Codelist
    facts: Panel
    tree: Tree
    entities: tuple[str, ...]
    periods: tuple[str, ...]
    raw: Array
    status: NDArray[np.uint8]
    missing: Array
    scored: NDArray[np.bool_]
    context: Panel
    notes: tuple[Note, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The indicators that count."""
        return self.tree.leaves

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """What they are."""
        return tuple(i for i in self.plan.system.indicators if i.code in self.tree.leaves)

    @property
    def values(self) -> Array:
        """The figures of those who get a score."""
        return np.where(self.scored[..., None], self.raw, np.nan)

    @property
    def direction(self) -> Array:
        """1 where more is better, -1 where less is. Shape (indicator,)"""
        return np.array([self.tree.direction[code] for code in self.codes], np.float64)

    def label(self, code: str, lang: str) -> str:
        """The name of a node of the system."""
        return self.plan.system.label(code, lang)


def choose(panel: Panel, regions: Codelist, plan: Plan) -> Chosen:
    """Select and screen as the plan says. Raises Misfit where nobody and nothing is left."""
    facts = _selected(panel, regions, plan)
    derivation, notes = derived(facts, plan.system)
    judged = [i.code for i in plan.system.indicators if i.direction and i.code not in plan.select.drop]
    context = [i.code for i in plan.system.indicators if not i.direction]
    raw = derivation.only(indicators=judged)
    missing = np.isnan(raw.array(plan.select.scenario)).mean(axis=2)
    scored = missing <= plan.screen.entity_missing + 1e-12
    kept, dropped = _telling(raw.array(plan.select.scenario), scored, judged, plan, facts.periods)
    if not scored.any() or not kept:
        raise Misfit("index.nobody", where=plan.name, share=plan.screen.entity_missing)
    raw = raw.only(indicators=kept)
    notes += _left_out(plan, context) + dropped
    return Chosen(
        plan=plan, regions=regions, facts=facts, tree=tree_of(plan.system, kept),
        entities=facts.entities, periods=facts.periods,
        raw=raw.array(plan.select.scenario), status=raw.statuses(plan.select.scenario),
        missing=missing, scored=scored, context=derivation.only(indicators=context), notes=notes,
    )  # fmt: skip


def _selected(panel: Panel, regions: Codelist, plan: Plan) -> Panel:
    select = plan.select
    entities = select.entities or panel.entities
    if select.level:
        level = set(regions.at(select.level))
        entities = tuple(code for code in entities if code in level)
    if not entities:
        raise Misfit("index.no_entities", where=plan.name, name=select.level, expected=_levels(regions))
    return panel.only(scenarios=(select.scenario,), entities=entities, periods=select.periods or panel.periods)


def _levels(regions: Codelist) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entity.level for entity in regions.values() if entity.level))


def _telling(
    raw: Array, scored: NDArray[np.bool_], codes: list[str], plan: Plan, periods: tuple[str, ...]
) -> tuple[list[str], tuple[Note, ...]]:
    """The indicators that tell entities apart in every window of the limits; the others leave every period."""
    values = np.where(scored[..., None], raw, np.nan)
    limits = "panel" if plan.normalise.method == "goalposts" else plan.normalise.limits
    views = windows(limits, plan.normalise.base, periods, values)
    empty = np.logical_and.reduce([np.isnan(view).all(axis=0) for view in views])
    flat = np.logical_or.reduce([constant(view) for view in views]) & ~empty
    flat &= plan.normalise.method != "goalposts"
    notes: list[Note] = []
    for code, mask in (("guard.empty", empty), ("guard.constant", flat)):
        if names := [name for name, hit in zip(codes, mask, strict=True) if hit]:
            notes.append(warn(code, count=len(names), **in_both(names, plan.system.label)))
    return [code for code, out in zip(codes, empty | flat, strict=True) if not out], tuple(notes)


def windows(limits: str, base: tuple[str, ...], periods: tuple[str, ...], values: Array) -> list[Array]:
    """The rows from which limits or weights are learned: of all periods, of each alone, or of the base window.

    Shape    (entity, period, k)  ->  a list of (rows, k): one, or one per period
    Raises   Misfit where a base period is not among the periods
    """
    k = values.shape[2]
    if limits == "period":
        return [values[:, t] for t in range(len(periods))]
    if limits == "panel":
        return [values.reshape(-1, k)]
    for period in base:
        if period not in periods:
            raise Misfit("index.base", name=period, expected=periods)
    return [values[:, [periods.index(period) for period in base]].reshape(-1, k)]


def _left_out(plan: Plan, context: list[str]) -> tuple[Note, ...]:
    notes = []
    if plan.select.drop:
        notes.append(remark("index.dropped", **in_both(plan.select.drop, plan.system.label)))
    if context:
        notes.append(remark("index.context", **in_both(context, plan.system.label)))
    return tuple(notes)
