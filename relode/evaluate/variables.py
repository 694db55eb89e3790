"""From facts and a calendar to arrays: outcomes and controls by their formulas, treatment by the stated date rule."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..words.errors import Misfit
from ..words.indicator import code_of, formula_tree
from ..words.panel import Panel
from ..words.period import frequency, ordinal
from ..words.policy import DateRule, first_period
from ..words.study import Control, Outcome, Study

Array = NDArray[np.float64]
Index = NDArray[np.intp]


def variable(panel: Panel, what: Outcome | Control, scenario: str = "actual") -> Array:
    """An outcome or control as (n, t): its formula over facts, in logs if so chosen. Raises Misfit for log of <= 0."""
    block = panel.array(scenario)
    tree = formula_tree(what.formula or what.code)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.array(_value(tree, lambda code: block[:, :, panel.at("indicator", code)]), float)
    values = np.where(np.isfinite(values), values, np.nan)
    if not what.log:
        return values
    if (values <= 0).any():
        at = np.argwhere(values <= 0)[0]
        raise Misfit("evaluate.log", name=what.code, where=f"{panel.entities[at[0]]}, {panel.periods[at[1]]}")
    logged: Array = np.log(values)
    return logged


def treatment(
    study: Study, policy: str, entities: tuple[str, ...], periods: tuple[str, ...], rule: DateRule | None = None
) -> tuple[Array, Index, list[str]]:
    """The dose path (n, t), the position of the start (n,), and the calendar's entities that are not among ours."""
    n, t = len(entities), len(periods)
    kind, origin = frequency(periods[0]), ordinal(periods[0])
    at = {entity: i for i, entity in enumerate(entities)}
    path, start, absent = np.zeros((n, t)), np.full(n, t), []
    for row in sorted(study.calendar.of(policy), key=lambda row: row.start):
        if row.entity not in at:
            absent.append(row.entity)
            continue
        begin = first_period(row.start, rule or study.treatment.rule, kind) - origin
        end = t if row.end is None or not study.treatment.ends else first_period(row.end, "contains", kind) - origin + 1
        path[at[row.entity], max(begin, 0) : max(end, 0)] = row.dose
        start[at[row.entity]] = min(start[at[row.entity]], begin)
    return path, start, absent


def _value(node: ast.expr, of: Any) -> Any:
    """The value of a formula tree whose names `formula_names` has checked."""
    if code := code_of(node):
        return of(code)
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, of)
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, of), _value(node.right, of)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        return left * right if isinstance(node.op, ast.Mult) else left / right
    assert isinstance(node, ast.Constant)
    return node.value
