"""What no single key of a plan can know: names that its system lacks, windows and figures that are not given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .errors import Misfit, RelodeError, UnknownWord
from .sections import LEAVE_OUT, Limits

if TYPE_CHECKING:
    from .plan import Plan


def faults_of(plan: Plan) -> list[RelodeError]:
    """All that is wrong between the sections of a plan, and between them and its system."""
    named = [_fault_of(plan, entry) for entry in plan.uncertainty.vary if entry != LEAVE_OUT]
    named_faults = [fault for fault in named if fault is not None]
    return [
        *_unknown_nodes(plan), *_ranges(plan), *_windows_not_given(plan), *_not_given(plan), *_out_of_order(plan),
        *named_faults,
    ]  # fmt: skip


def _fault_of(plan: Plan, entry: str) -> RelodeError | None:
    try:
        plan.choice(entry)
    except RelodeError as fault:
        return fault
    return None


def _unknown_nodes(plan: Plan) -> list[RelodeError]:
    codes = set(plan.system.codes)
    nodes = {group.code for group in plan.system.root.nodes()}
    named: tuple[tuple[str, Iterable[str], set[str]], ...] = (
        ("select.drop", plan.select.drop, codes),
        ("denominate.by", plan.denominate.by, codes),
        ("denominate.log", plan.denominate.log, codes),
        ("treat.only", plan.treat.only, codes),
        ("normalise.goalposts", plan.normalise.goalposts, codes),
        ("normalise.goals", plan.normalise.goals, codes),
        ("weigh.given", plan.weigh.given, nodes | codes),
        ("weigh.importance", plan.weigh.importance, nodes | codes),
        ("weigh.judgements", plan.weigh.judgements, nodes),
        ("aggregate.at", plan.aggregate.at, nodes),
        ("red_line.floors", plan.red_line.floors, nodes | codes),
    )
    return [
        UnknownWord("plan.unknown_node", name=name, where=section, expected=sorted(words))
        for section, names, words in named
        for name in names
        if name not in words
    ]


def _ranges(plan: Plan) -> list[RelodeError]:
    """A best range stands in the indicator's own unit, and no line can be drawn inside it."""
    faults: list[RelodeError] = []
    for one in plan.system.indicators:
        if one.best is None or one.code in plan.select.drop:
            continue
        low, high = one.best
        if one.code in (*plan.denominate.by, *plan.denominate.log):
            faults.append(Misfit("plan.range_denominated", where="denominate", name=one.code))
        floor = plan.red_line.floors.get(one.code)
        if floor is not None and low <= floor <= high:
            faults.append(Misfit("plan.floor_inside", where="red_line.floors", name=one.code, low=low, high=high))
    return faults


def _windows_not_given(plan: Plan) -> list[RelodeError]:
    windows: tuple[tuple[str, Limits, tuple[str, ...]], ...] = (
        ("treat", plan.treat.window, plan.treat.base),
        ("normalise", plan.normalise.limits, plan.normalise.base),
        ("weigh", plan.weigh.fit, plan.weigh.base),
    )
    return [Misfit("plan.base", where=section) for section, limits, base in windows if (limits == "base") != bool(base)]


def _not_given(plan: Plan) -> list[RelodeError]:
    """Methods that need more than their name, and what is given to a method that does not use it."""
    normalise, weigh, faults = plan.normalise, plan.weigh, list[RelodeError]()
    judged = [c for c in plan.system.codes if c not in plan.select.drop]
    wanted = {"goalposts": normalise.goalposts, "dist2targ": normalise.goals}.get(normalise.method)
    if wanted is not None and not normalise.due:
        section = "goalposts" if normalise.method == "goalposts" else "goals"
        faults += [Misfit("plan.goalpost", name=c, where=f"normalise.{section}") for c in judged if c not in wanted]
    if normalise.due and normalise.method != "dist2targ":
        faults.append(Misfit("plan.due", where="normalise.due", name=normalise.method))
    if normalise.method == "dist2ref" and not normalise.reference:
        faults.append(Misfit("plan.reference", where="normalise.reference"))
    if ("given" in (weigh.method, *weigh.of)) != bool(weigh.given):
        faults.append(Misfit("plan.given", where="weigh"))
    if (weigh.method in ("game", "product")) != bool(weigh.of) or len(weigh.of) == 1:
        faults.append(Misfit("plan.combination", where="weigh.of"))
    if set(weigh.of) & {"game", "product"}:
        faults.append(Misfit("plan.combination", where="weigh.of"))
    if "ahp" in (weigh.method, *weigh.of) and not weigh.judgements:
        faults.append(Misfit("plan.judgements", where="weigh.judgements"))
    return faults


def _out_of_order(plan: Plan) -> list[RelodeError]:
    ends: list[tuple[str, tuple[float, float]]] = [
        ("normalise.between", plan.normalise.between),
        ("weigh.bounds", plan.weigh.bounds),
        ("aggregate.bounds", plan.aggregate.bounds),
    ]
    if plan.normalise.method != "zscore":
        ends.append(("normalise.scale", plan.normalise.scale))
    return [Misfit("plan.scale", where=where) for where, (low, high) in ends if low >= high]
