"""Guards: what a careful reader would ask of an index, asked by the machine. Each finding is a note with a code.

What cannot be meant at all is refused where it happens (score.py, choose.py); here stands what may be meant, but
has to be said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from relode.maths import chance
from relode.maths.numbers import Array
from relode.maths.scale import position
from relode.words.indicator import Indicator
from relode.words.labels import doubt_named
from relode.words.note import Note, remark, warn
from relode.words.plan import FIXED, LEARNED, ORDINAL

from . import tables
from .allowed import looking_ahead
from .attribution import effective, with_parents
from .bestrange import merit
from .choose import Chosen
from .derive import denominators, evaluate
from .doubts import notes_on_doubts
from .draws import Chances
from .naming import in_both
from .panelweights import notes_on_weights
from .redline import notes_on_lines
from .restate import note_on_restatement
from .score import Scores, score
from .steps import notes_on_steps

if TYPE_CHECKING:
    import pandas as pd


def notes_on(scores: Scores, chances: Chances | None, beside: pd.DataFrame) -> tuple[Note, ...]:
    """All that is to be said about an index, warnings first."""
    notes = [
        *scores.chosen.notes, *gaps_in_data(scores), *notes_on_steps(scores.chosen),
        *yardstick(scores), *learned_weights(scores), *notes_on_weights(scores), *directions(scores),
        *shrinking(scores.chosen), *importance(scores), *outside(scores), *order_of(scores, chances),
        *compensation(scores, beside), *notes_on_lines(scores),
    ]  # fmt: skip
    return tuple(sorted(notes, key=lambda note: note.level != "warning"))


def gaps_in_data(scores: Scores) -> Iterator[Note]:
    """Who has no score; which indicators few entities have."""
    chosen, plan = scores.chosen, scores.plan
    for t, period in enumerate(chosen.periods):
        if names := [code for code, has in zip(chosen.entities, scores.scored[:, t], strict=True) if not has]:
            told = in_both(names, chosen.regions.label)
            yield warn("guard.unscored", period=period, count=len(names), share=plan.screen.entity_missing, **told)
    share = 1 - chosen.gaps.mean(axis=0)
    for t, period in enumerate(chosen.periods):
        low = share[t] < plan.screen.indicator_coverage
        if names := [code for code, hit in zip(chosen.codes, low, strict=True) if hit]:
            told = in_both(names, chosen.label)
            yield warn("guard.coverage", period=period, count=len(names), least=plan.screen.indicator_coverage, **told)


def yardstick(scores: Scores) -> Iterator[Note]:
    """Which scores can be compared over time, and what another period would do to those of the past."""
    plan, periods = scores.plan, scores.chosen.periods
    if len(periods) < 2:
        return
    fixed = plan.normalise.method in FIXED
    if plan.normalise.limits in ("period", "rolling") and not fixed:
        yield warn("guard.limits_period")
        if "topsis" in {plan.aggregate.method, *plan.aggregate.at.values()}:
            yield warn("guard.topsis_period")
    if looking_ahead(plan, periods):
        yield remark("guard.look_ahead", last=periods[-1])
        yield from note_on_restatement(scores)


def _is_learned(scores: Scores) -> bool:
    return bool({scores.plan.weigh.method, *scores.plan.weigh.of} & set(LEARNED))


def learned_weights(scores: Scores) -> Iterator[Note]:
    """What data-driven weights hang on: who is in, zeros, gaps, a shift."""
    plan, chosen = scores.plan, scores.chosen
    if plan.weigh.method == "equal" and any(i.weight != 1 for i in plan.system.indicators):
        yield remark("index.weights_unused")
    if not _is_learned(scores):
        return
    if plan.weigh.fit in ("period", "rolling") and len(chosen.periods) > 1:
        yield warn("guard.weights_period")
    elif plan.weigh.fit != "base":
        yield remark("guard.weights_refit", method=plan.weigh.method)
    if np.isnan(chosen.values[chosen.scored]).any():
        yield warn("guard.weights_missing", count=int(np.isnan(chosen.values[chosen.scored]).sum()))
    if "entropy" in (plan.weigh.method, *plan.weigh.of):
        yield from entropy_notes(scores)


def entropy_notes(scores: Scores) -> Iterator[Note]:
    """Zeros under entropy weights; and what a shift did to them."""
    plan, chosen = scores.plan, scores.chosen
    zeros = int((scores.positions == 0).sum())
    if plan.weigh.shift is None:
        if zeros:
            yield remark("guard.entropy_zeros", count=zeros)
        return
    shifted, plain, tenth = (_whole_weights(scores, shift) for shift in (plan.weigh.shift, None, plan.weigh.shift / 10))
    k = int(np.abs(shifted - plain).argmax())
    told = {"with_shift": float(shifted[k]), "without": float(plain[k]), "tenth": float(tenth[k])}
    yield warn("guard.entropy_shift", shift=plan.weigh.shift, **told, **in_both([chosen.codes[k]], chosen.label))


def _whole_weights(scores: Scores, shift: float | None) -> Array:
    """What each indicator would weigh in the whole with another shift, last period. Shape (indicator,)"""
    chosen = scores.chosen
    varied = score(replace(chosen, plan=chosen.plan.but(weigh={"shift": shift})))
    _, whole = tables.node_weights(varied)
    return whole[: len(chosen.codes), -1]


def directions(scores: Scores) -> Iterator[Note]:
    """Indicators that run against their own group once turned: a wrong direction, or a real conflict."""
    tree = scores.chosen.tree
    against = with_parents(scores)[: len(tree.leaves), -1] < 0
    if names := [code for code, hit in zip(tree.leaves, against, strict=True) if hit]:
        yield warn("guard.direction", count=len(names), **in_both(names, scores.chosen.label))


def shrinking(chosen: Chosen) -> Iterator[Note]:
    """Ratios that look better only because what they are divided by has fallen (people who left)."""
    if len(chosen.periods) < 2:
        return
    hit: dict[str, int] = {}
    for indicator in chosen.plan.system.indicators:
        if indicator.code in chosen.codes and (count := _only_smaller(chosen, indicator)):
            hit[indicator.code] = count
    if hit:
        names = sorted(hit, key=lambda code: -hit[code])
        span = {"first": chosen.periods[0], "last": chosen.periods[-1]}
        yield warn("guard.denominator", count=len(hit), most=hit[names[0]], **span, **in_both(names, chosen.label))


def _only_smaller(chosen: Chosen, indicator: Indicator) -> int:
    """How many entities improve on `indicator` from first to last period, but would not at the first denominator."""
    below = denominators(indicator)
    facts = chosen.facts
    if not below or any(code not in facts.indicators for code in indicator.reads):
        return 0
    first = {code: facts.values[..., facts.at("indicator", code)] for code in below}
    held = {code: np.repeat(values[..., :1], values.shape[-1], axis=-1) for code, values in first.items()}
    now, then = evaluate(indicator, facts)[0][0], evaluate(indicator, facts, held)[0][0]
    fallen = np.any([values[0, :, -1] < values[0, :, 0] for values in first.values()], axis=0)
    better = merit(indicator, now[:, -1]) > merit(indicator, now[:, 0])
    without = merit(indicator, then[:, -1]) > merit(indicator, now[:, 0])
    return int((fallen & better & ~without).sum())


def importance(scores: Scores) -> Iterator[Note]:
    """Nominal weights are not importance: who counts less than half, or more than twice, what the plan says."""
    tree = scores.chosen.tree
    if len(tree.leaves) < 2:
        return
    real = effective(scores, with_parents(scores))[:, -1]
    within, _ = tables.node_weights(scores)
    off = (real < within[:, -1] / 2) | (real > within[:, -1] * 2)
    if names := [code for code, hit in zip(tree.codes, off, strict=True) if hit]:
        yield remark("guard.effective", count=len(names), of=len(tree.codes) - 1, **in_both(names, scores.chosen.label))


def outside(scores: Scores) -> Iterator[Note]:
    """Figures beyond fixed limits: held at the ends, or carried over them."""
    plan = scores.plan
    if plan.normalise.method in ("zscore", *ORDINAL) or (
        plan.normalise.limits != "base" and plan.normalise.method not in (*FIXED, "dist2ref", "dist2targ")
    ):
        return
    free = position(scores.chosen.values, *scores.limits)
    if count := int(((free < -1e-12) | (free > 1 + 1e-12)).sum()):
        yield remark("guard.clipped" if plan.normalise.clip else "guard.outside", count=count)


def order_of(scores: Scores, chances: Chances | None) -> Iterator[Note]:
    """Ties, bands, and how sure the last places are."""
    plan, last = scores.plan, scores.score[:, -1]
    here = last[~np.isnan(last)]
    if tied := len(here) - len(np.unique(here)):
        yield remark(f"guard.ties_{plan.rank.ties}", count=tied)
    if chances is None:
        yield remark("index.no_draws")
        return
    names = [part for name in chances.doubts.names for part in name.split(" + ")]
    if names:
        yield remark("index.doubts", **in_both(names, doubt_named))
    yield from notes_on_doubts(chances.doubts)
    bands = int(chance.bands(chances.above[-1], plan.rank.band)[-1])
    yield remark("guard.bands", bands=bands, of=len(here), share=plan.rank.band)
    yield from _last_places(scores, chances)


def _last_places(scores: Scores, chances: Chances) -> Iterator[Note]:
    plan, chosen = scores.plan, scores.chosen
    order = chances.order[-1][-plan.rank.bottom :]
    sure: Array = chances.bottom[order, -1]
    doubtful = [chosen.entities[n] for n, p in zip(order, sure, strict=True) if p < plan.rank.band]
    if doubtful:
        told = {"bottom": plan.rank.bottom, "least": float(sure.min()), "share": plan.rank.band}
        yield warn("guard.bottom", count=len(doubtful), **told, **in_both(doubtful, chosen.regions.label))


def compensation(scores: Scores, beside: pd.DataFrame) -> Iterator[Note]:
    """How far ranks move where a weak side cannot be paid for by a strong one."""
    last = beside[(beside["period"] == scores.chosen.periods[-1]) & (beside["method"] == "geometric")]
    moved = last["rank_change"].abs()
    if len(last) and moved.max() > 0:
        n = moved.to_numpy().argmax()
        names = in_both([last["entity"].iloc[n]], scores.chosen.regions.label)
        yield remark("guard.compensation", mean=float(moved.mean()), most=int(moved.max()), **names)
