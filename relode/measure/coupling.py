"""measure.coupling: do the systems of an index advance together? 耦合协调度"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from relode.maths import coupling as formulas
from relode.maths.numbers import Array, significant
from relode.words.choice import by_name
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, Refused, UnknownWord
from relode.words.indicator import Indicator
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.plan import Plan
from relode.words.result import Answer, Chart
from relode.words.rules import Rules
from relode.words.texts import LANGUAGES, say

from .choose import choose
from .movement import is_comparable
from .naming import in_both
from .score import Scores, scale_of, score

if TYPE_CHECKING:
    import pandas as pd

RULES: Any = by_name("coupling")
Formula = Literal["original", "modified", "without_root", "without_factor", "weighted", "pairwise"]
MISUSED = ("without_root", "without_factor", "weighted", "pairwise")
"""The four errors in print that Wang et al. (2021) list: they can be named, and are refused with the reason."""


@method("measure.coupling", reads=needs(plan="plan"))
def coupling(
    panel: Panel,
    regions: Codelist,
    *,
    plan: Plan,
    systems: tuple[str, ...] = (),
    formula: Formula = "modified",
    weights: tuple[float, ...] = (),
    rules: Rules = RULES,
) -> Answer:
    """Coupling degree (original and modified side by side), development, coordination degree and its level.

    Shape    facts of the plan's periods  ->  one row per (entity, period) in `coupling`
    Unit     all degrees 0 to 1. `systems` are groups of the plan (all below the root if not given), `weights` their
             weights in the development T (equal if not given); levels are lower bounds of `rules`
    Raises   Refused for the formulas that are misprints, for standings outside 0 to 1 and for a yardstick that
             differs by period; UnknownWord, Misfit for systems or weights that do not fit
    """
    if formula in MISUSED:
        raise Refused(f"guard.coupling_{formula}", where=plan.name, expected=("original", "modified"))
    _check_plan(plan)
    scores = score(choose(panel, regions, plan))
    nodes = _systems(scores, systems)
    w = _weights(weights, len(nodes), plan)
    u = _standings(scores, nodes)
    table = _table(scores, u, nodes, w, formula, rules)
    charts = (
        Chart("bars", "coupling", "coupling.chart.coordination", {"value": "coordination"}),
        Chart("map", "coupling", "coupling.chart.coordination", {"value": "coordination"}),
    )
    found = {"coupling": table, "standings": _long(scores, u, nodes)}
    notes = (*_notes(table, nodes, scores, formula), *scores.chosen.notes)
    return Answer(found, _facts(scores, table), (_defined(plan),), charts, notes)


def level_of(degree: float, rules: Rules) -> str:
    """The code of the highest level whose lower bound the degree reaches; '' where there is none."""
    reached = [(rule.on().value, rule.code) for rule in rules.rules if degree >= rule.on().value]
    return max(reached)[1] if reached else ""


def _check_plan(plan: Plan) -> None:
    if plan.normalise.method == "zscore":
        raise Refused("guard.coupling_outside", where=f"{plan.name}, [normalise]")
    if len(plan.select.periods) != 1 and not is_comparable(plan):
        raise Refused("guard.coupling_period", where=f"{plan.name}, [normalise] limits")


def _systems(scores: Scores, systems: tuple[str, ...]) -> list[int]:
    """Where the systems stand among the nodes."""
    tree = scores.chosen.tree
    groups = {branch.code: len(tree.leaves) + n for n, branch in enumerate(tree.branches[:-1])}
    for name in systems:
        if name not in groups:
            raise UnknownWord("coupling.system", name=name, where=scores.plan.name, expected=tuple(groups))
    found = [groups[name] for name in systems] or [n for n in tree.branches[-1].children if n >= len(tree.leaves)]
    if len(set(found)) < max(len(systems), 2):
        raise Misfit("coupling.two", where=scores.plan.name, expected=tuple(groups))
    return found


def _weights(given: tuple[float, ...], count: int, plan: Plan) -> Array:
    w = np.array(given or (1 / count,) * count, np.float64)
    if len(w) != count or (w < 0).any() or abs(w.sum() - 1) > 1e-9:
        raise Refused("guard.coupling_weights", where=plan.name, count=count, total=float(w.sum()))
    return w


def _standings(scores: Scores, nodes: list[int]) -> Array:
    """The systems' scores as positions within [0, 1]. Shape (entity, period, system)"""
    start, size = scale_of(scores.plan)
    u = (np.moveaxis(scores.nodes[nodes], 0, 2).swapaxes(0, 1) - start) / size
    u = np.where(scores.scored[..., None], significant(u), np.nan)
    if (u < 0).any() or (u > 1).any():
        raise Refused("guard.coupling_outside", where=f"{scores.plan.name}, [normalise]")
    return u


def _table(scores: Scores, u: Array, nodes: list[int], w: Array, formula: Formula, rules: Rules) -> pd.DataFrame:
    import pandas as pd

    both = {"original": formulas.original(u), "modified": formulas.modified(u)}
    development, degree = formulas.coordination(both[formula], u, w)
    entity, period = np.nonzero(scores.scored & ~np.isnan(degree))
    behind = np.array([scores.chosen.tree.codes[n] for n in nodes], dtype=object)
    degree = significant(degree)
    columns: dict[str, Any] = {
        "entity": np.array(scores.chosen.entities, dtype=object)[entity],
        "period": np.array(scores.chosen.periods, dtype=object)[period],
        "coupling_original": significant(both["original"])[entity, period],
        "coupling_modified": significant(both["modified"])[entity, period],
        "development": significant(development)[entity, period],
        "coordination": degree[entity, period],
        "coordination_level": [level_of(x, rules) for x in degree[entity, period]],
        "node": behind[np.argmin(u[entity, period], axis=1)] if len(entity) else [],
        "formula": formula,
    }
    return pd.DataFrame(columns).sort_values(["period", "coordination"], ascending=[True, False], kind="stable",
                                             ignore_index=True)  # fmt: skip


def _long(scores: Scores, u: Array, nodes: list[int]) -> pd.DataFrame:
    import pandas as pd

    entity, period = np.nonzero(scores.scored)
    chosen = scores.chosen
    parts = [
        pd.DataFrame(
            {
                "entity": np.array(chosen.entities, dtype=object)[entity],
                "period": np.array(chosen.periods, dtype=object)[period],
                "node": chosen.tree.codes[node], "standing_share": u[entity, period, k],
            }
        )
        for k, node in enumerate(nodes)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _defined(plan: Plan) -> Indicator:
    """What the facts that are given back are."""
    names = {lang: say("coupling.fact", lang, name=plan.label(lang)) for lang in LANGUAGES}
    source = f"relode:measure.coupling/{plan.name}"
    return Indicator(f"coupling.{plan.name}", names["zh"], names["en"], "ratio", 1, (0, 1), source=source)


def _facts(scores: Scores, table: pd.DataFrame) -> pd.DataFrame:
    found = table[["entity", "period"]].assign(indicator=f"coupling.{scores.plan.name}", value=table["coordination"])
    return found.assign(scenario=scores.plan.select.scenario, status="E")


def _notes(table: pd.DataFrame, nodes: list[int], scores: Scores, formula: str) -> list[Note]:
    names = in_both([scores.chosen.tree.codes[n] for n in nodes], scores.chosen.label)
    notes = [remark(f"coupling.formula_{formula}", count=len(nodes), **names)]
    poor = table[(table["coupling_original"] >= 0.8) & (table["development"] < 0.4)]
    if len(poor):
        told = in_both(list(dict.fromkeys(poor["entity"])), scores.chosen.regions.label)
        notes.insert(0, warn("guard.coupling_poor", count=len(poor), **told))
    if undefined := int(scores.scored.sum()) - len(table):
        notes.append(warn("coupling.undefined", count=undefined))
    return notes
