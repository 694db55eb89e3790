"""What enters an index: the plan's selection, screening, filling and treatment, before any figure is scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array
from relode.maths.scale import constant
from relode.words.codelist import STATUSES, Codelist
from relode.words.errors import Misfit, UnknownWord
from relode.words.indicator import Indicator
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.period import ordinal
from relode.words.plan import FIXED, Plan

from .allowed import check_hindsight
from .bestrange import counted, named
from .denominate import denominated, unit_of
from .derive import derived
from .goals import goals_of
from .impute import filled, groups_of
from .naming import in_both
from .screen import Screened, screened
from .treat import Treated, treated
from .tree import Tree, tree_of
from .windows import limit_windows, windows

__all__ = ["Chosen", "choose", "windows"]


@dataclass(frozen=True, eq=False)
class Chosen:
    """The figures of an index: entities x periods x indicators, and who may have a score.

    `raw`      (entity, period, indicator) derived, divided, gaps filled, before outliers are treated
    `values`   the same as they count: treated, NaN where an entity gets no score
    `gaps`     (entity, period, indicator) no figure was known there; what was filled has status I
    `missing`  (entity, period) share of the indicators   `scored`  whose share is small enough
    `treated`  what was done to outliers; None if the plan leaves them
    `goals`    (indicator,) the legal target of each indicator, if the plan scores against it
    `facts`    the part of `panel` they came from, for guards that look behind the formulas
    """

    plan: Plan
    regions: Codelist
    facts: Panel
    panel: Panel
    tree: Tree
    entities: tuple[str, ...]
    periods: tuple[str, ...]
    raw: Array
    status: NDArray[np.uint8]
    missing: Array
    scored: NDArray[np.bool_]
    context: Panel
    gaps: NDArray[np.bool_]
    treated: Treated | None = None
    reasons: NDArray[np.object_] | None = None
    goals: Array | None = None
    notes: tuple[Note, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The indicators that count."""
        return self.tree.leaves

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """What they are, in the unit in which they are scored."""
        found = (i for i in self.plan.system.indicators if i.code in self.tree.leaves)
        if self.plan.denominate.method == "none":
            return tuple(found)
        return tuple(replace(i, unit=unit_of(self.plan, self.facts, i)) for i in found)

    @cached_property
    def counted(self) -> Array:
        """The figures as they count before outliers are treated: distances from a best range. Shape as `raw`"""
        return counted(self.raw, self.plan, self.codes)

    @property
    def values(self) -> Array:
        """The figures of those who get a score, as they count."""
        figures = self.counted if self.treated is None else self.treated.figures
        return np.where(self.scored[..., None], figures, np.nan)

    @property
    def direction(self) -> Array:
        """1 where more is better, -1 where less is. Shape (indicator,)"""
        return np.array([self.tree.direction[code] for code in self.codes], np.float64)

    def label(self, code: str, lang: str) -> str:
        """The name of a node of the system."""
        return self.plan.system.label(code, lang)

    def at(self, rows: Sequence[int]) -> Chosen:
        """Some of the periods, in this order, with all that was found for them."""
        rows = list(rows)
        done = self.treated and Treated(
            self.treated.figures[:, rows], self.treated.how[rows], self.treated.failing[rows]
        )
        return replace(
            self, periods=tuple(self.periods[n] for n in rows), raw=self.raw[:, rows], status=self.status[:, rows],
            missing=self.missing[:, rows], scored=self.scored[:, rows], gaps=self.gaps[:, rows], treated=done,
            reasons=None if self.reasons is None else self.reasons[:, rows],
        )  # fmt: skip

    def with_figures(self, raw: Array) -> Chosen:
        """The same entities and indicators with other figures, outliers treated anew. Shape as `raw`"""
        return replace(self, raw=raw, treated=_treat(raw, self.scored, self.plan, self.codes, self.periods))


def choose(panel: Panel, regions: Codelist, plan: Plan) -> Chosen:
    """Select, divide, screen, fill and treat as the plan says. Raises Misfit where nobody and nothing is left."""
    facts = _selected(panel, regions, plan)
    check_hindsight(plan, facts.periods)
    derivation, notes = derived(facts, plan.system)
    judged = [i for i in plan.system.indicators if i.direction and i.code not in plan.select.drop]
    context = [i.code for i in plan.system.indicators if not i.direction]
    figures = _figures(derivation.only(indicators=[i.code for i in judged]), plan)
    known, status, lost = denominated(facts, plan, judged, *figures)
    screen = _screen(known, regions, facts, plan)
    found = counted(screen.figures, plan, [i.code for i in judged])
    kept, dropped = _telling(np.where(screen.scored[..., None], found, np.nan), judged, plan, facts.periods)
    if not screen.scored.any() or not kept:
        raise Misfit("index.nobody", where=plan.name, share=plan.screen.entity_missing)
    at = [n for n, i in enumerate(judged) if i.code in kept]
    raw, gaps = screen.figures[..., at], np.isnan(known[..., at])
    done = _treat(raw, screen.scored, plan, tuple(kept), facts.periods)
    return Chosen(
        plan=plan, regions=regions, facts=facts, panel=panel, tree=tree_of(plan.system, kept, plan.aggregate),
        entities=facts.entities, periods=facts.periods, raw=raw, status=_marked(status[..., at], gaps, raw),
        missing=screen.missing, scored=screen.scored, context=derivation.only(indicators=context),
        gaps=gaps, treated=done, reasons=screen.reasons, goals=goals_of(panel, plan, facts, kept),
        notes=(*notes, *lost, *screen.notes, *_left_out(plan, context), *dropped),
    )  # fmt: skip


def _figures(panel: Panel, plan: Plan) -> tuple[Array, NDArray[np.uint8]]:
    return panel.array(plan.select.scenario), panel.statuses(plan.select.scenario)


def _screen(known: Array, regions: Codelist, facts: Panel, plan: Plan) -> Screened:
    """Screened on what is known, then filled from those who stay; or the other way round, if the plan says so."""
    groups = groups_of(regions, facts.entities, plan.impute.group) if plan.impute.method.startswith("group") else []
    at = [ordinal(period) for period in facts.periods]
    if plan.screen.when == "imputed":
        return screened(filled(known, plan.impute, groups, at), plan, facts.entities)
    found = screened(known, plan, facts.entities)
    inside = np.where(found.scored[..., None], known, np.nan)
    figures = filled(inside, plan.impute, groups, at)
    return replace(found, figures=np.where(found.scored[..., None], figures, known))


def _treat(
    raw: Array, scored: NDArray[np.bool_], plan: Plan, codes: tuple[str, ...], periods: tuple[str, ...]
) -> Treated | None:
    if plan.treat.method == "none":
        return None
    return treated(np.where(scored[..., None], counted(raw, plan, codes), np.nan), plan, codes, periods)


def _marked(status: NDArray[np.uint8], gaps: NDArray[np.bool_], raw: Array) -> NDArray[np.uint8]:
    """I where a gap was filled, M where it was not."""
    after = np.where(np.isnan(raw), STATUSES.index("M"), STATUSES.index("I")).astype(np.uint8)
    return np.where(gaps, after, status)


def _selected(panel: Panel, regions: Codelist, plan: Plan) -> Panel:
    select = plan.select
    entities = select.entities or panel.entities
    if select.level:
        level = set(regions.at(select.level))
        entities = tuple(code for code in entities if code in level)
    if not entities:
        raise Misfit("index.no_entities", where=plan.name, name=select.level, expected=_levels(regions))
    for code in (*plan.screen.include, *plan.screen.exclude):
        if code not in entities:
            raise UnknownWord("panel.code", name=code, axis="entity", where=f"{plan.name}, [screen]", expected=entities)
    found = panel.only(scenarios=(select.scenario,), entities=entities, periods=select.periods or panel.periods)
    if plan.normalise.due and not select.periods:  # a target's period is no period of the scores
        known = np.atleast_1d(~np.isnan(found.values).all(axis=(0, 1, 3)))
        found = found.only(periods=[code for code, has in zip(found.periods, known, strict=True) if has])
    return found


def _levels(regions: Codelist) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entity.level for entity in regions.values() if entity.level))


def _telling(
    values: Array, judged: Sequence[Indicator], plan: Plan, periods: tuple[str, ...]
) -> tuple[list[str], tuple[Note, ...]]:
    """The indicators that tell entities apart in every window of the limits; the others leave every period.

    Without hindsight only those leave that never tell anybody apart: what a later period holds must not matter.
    """
    fixed = plan.normalise.method in FIXED
    views = [values.reshape(-1, values.shape[2])] if fixed else limit_windows(plan, periods, values)
    empty = np.logical_and.reduce([np.isnan(view).all(axis=0) for view in views])
    every = np.logical_or if plan.hindsight else np.logical_and
    flat = every.reduce([constant(view) | np.isnan(view).all(axis=0) & (not plan.hindsight) for view in views]) & ~empty
    flat &= not fixed
    notes: list[Note] = []
    for code, mask in (("guard.empty", empty), ("guard.constant", flat)):
        if names := [i.code for i, hit in zip(judged, mask, strict=True) if hit]:
            notes.append(warn(code, count=len(names), **in_both(names, plan.system.label)))
    kept = np.asarray(~(empty | flat))
    return [i.code for i, stays in zip(judged, kept, strict=True) if stays], tuple(notes)


def _left_out(plan: Plan, context: list[str]) -> tuple[Note, ...]:
    notes = []
    if plan.select.drop:
        notes.append(remark("index.dropped", **in_both(plan.select.drop, plan.system.label)))
    if ranged := [i for i in plan.system.indicators if i.best and i.code not in plan.select.drop]:
        notes.append(remark("index.best_range", **named(ranged)))
    if context:
        notes.append(remark("index.context", **in_both(context, plan.system.label)))
    return tuple(notes)
