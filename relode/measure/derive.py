"""Indicators from facts: the formulas of an indicator system, evaluated on a panel of facts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from relode.words.codelist import STATUSES
from relode.words.errors import Misfit
from relode.words.indicator import Indicator, IndicatorSystem, code_of, formula_tree
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel, Values

from .naming import in_both

Status = NDArray[np.uint8]
_GRAVITY = np.array(["APEIBM".index(status) for status in STATUSES])  # how far a figure is from a normal one
_LIGHTEST_FIRST = np.argsort(_GRAVITY).astype(np.uint8)
_OPERATIONS: Mapping[type[ast.operator], Callable[[Values, Values], Values]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}


def derive(panel: Panel, system: IndicatorSystem) -> Panel:
    """The indicators of `system`, in its order and units, from a panel of facts.

    An indicator whose facts are not there is taken as it stands in the panel, or is missing everywhere.
    The status of a derived figure is the worst of its facts (normal, provisional, estimated, imputed, break,
    missing); a division by zero gives no figure.
    Raises   Misfit where not one indicator can be had
    """
    return derived(panel, system)[0]


def derived(panel: Panel, system: IndicatorSystem) -> tuple[Panel, tuple[Note, ...]]:
    """As `derive`, with notes on what could not be derived."""
    values = np.full((*panel.shape[:3], len(system.codes)), np.nan)
    status = np.full(values.shape, STATUSES.index("M"), np.uint8)
    absent: list[str] = []
    zeros: list[str] = []
    for n, indicator in enumerate(system.indicators):
        if _has_all(panel, indicator.reads):
            values[..., n], divided = evaluate(indicator, panel)
            status[..., n] = _worst(panel, indicator.reads)
            zeros += [indicator.code] if divided else []
        elif indicator.code in panel.indicators:
            k = panel.at("indicator", indicator.code)
            values[..., n], status[..., n] = panel.values[..., k], _all_statuses(panel)[..., k]
        else:
            absent.append(indicator.code)
    if len(absent) == len(system.codes):
        raise Misfit("derive.nothing", name=system.name, where=", ".join(panel.indicators[:6]), expected=system.reads)
    notes = [warn("derive.absent", count=len(absent), **in_both(absent, system.label))] if absent else []
    notes += [remark("derive.zero", count=len(zeros), **in_both(zeros, system.label))] if zeros else []
    found = Panel(
        values, panel.scenarios, panel.entities, panel.periods, system.codes,
        units=tuple(indicator.unit for indicator in system.indicators), status=status, sources=panel.sources,
    )  # fmt: skip
    return found, tuple(notes)


def evaluate(indicator: Indicator, panel: Panel, fixed: Mapping[str, Values] | None = None) -> tuple[Values, bool]:
    """The figures of an indicator, and whether a division by zero left some out.

    `fixed` stands in for facts of the panel (to ask what would be, had they not moved)
    Shape    (scenario, entity, period)
    """
    facts = {code: panel.values[..., panel.at("indicator", code)] for code in indicator.reads}
    facts |= dict(fixed or {})
    if not indicator.formula:
        return facts[indicator.code], False
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = np.broadcast_to(_value(formula_tree(indicator.formula), facts), panel.shape[:3])
    known = np.logical_and.reduce([~np.isnan(fact) for fact in facts.values()]) if facts else np.bool_(True)
    finite = np.isfinite(found)
    return np.where(finite, found, np.nan), bool((known & ~finite).any())


def denominators(indicator: Indicator) -> tuple[str, ...]:
    """The facts by which the formula divides."""
    if not indicator.formula:
        return ()
    divisors = [
        node.right
        for node in ast.walk(formula_tree(indicator.formula))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
    ]
    return tuple(code for code in indicator.reads if any(_spells(divisor, code) for divisor in divisors))


def _spells(node: ast.expr, code: str) -> bool:
    if found := code_of(node):
        return found == code
    return any(_spells(part, code) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))


def _value(node: ast.expr, facts: Mapping[str, Values]) -> Values:
    if code := code_of(node):
        return facts[code]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_value(node.left, facts), _value(node.right, facts))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, facts)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return np.float64(node.value) * np.ones(())
    raise Misfit("formula.forbidden", formula=ast.unparse(node))


def _has_all(panel: Panel, codes: tuple[str, ...]) -> bool:
    return all(code in panel.indicators for code in codes)


def _all_statuses(panel: Panel) -> Status:
    assert panel.status is not None
    return panel.status


def gravest(*statuses: Status) -> Status:
    """The gravest of the statuses of each figure. Shape all alike"""
    return np.asarray(_LIGHTEST_FIRST[np.max([_GRAVITY[status] for status in statuses], axis=0)], np.uint8)


def _worst(panel: Panel, codes: tuple[str, ...]) -> Status:
    at = [panel.at("indicator", code) for code in codes]
    if not at:
        return np.zeros(panel.shape[:3], np.uint8)
    return gravest(*(_all_statuses(panel)[..., k] for k in at))
