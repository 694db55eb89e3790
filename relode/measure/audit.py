"""measure.audit: the ten steps of the OECD/JRC handbook on one plan, each with what it found. 指标体系十步审计"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from relode.maths.numbers import Array, significant
from relode.maths.weights import correlation
from relode.words.choice import Period, by_name
from relode.words.codelist import Codelist
from relode.words.indicator import Group
from relode.words.method import method, needs
from relode.words.note import Note
from relode.words.panel import Panel
from relode.words.plan import Plan
from relode.words.result import Answer, Chart
from relode.words.rules import Rules

from . import tables
from .alternatives import alternatives
from .choose import choose
from .coherence import coherence, period_at
from .score import Scores, score
from .sensitivity import sensitivity

if TYPE_CHECKING:
    import pandas as pd

RULES: Any = by_name("coherence")
ERRORS: Any = by_name("data_error")
STEPS = (
    "framework", "selection", "data", "coherence", "normalisation", "weighting", "aggregation", "robustness", "links",
    "presentation",
)  # fmt: skip


@method("measure.audit", reads=needs(plan="plan"))
def audit(
    panel: Panel,
    regions: Codelist,
    *,
    plan: Plan,
    against: Plan | None = None,
    period: Period | None = None,
    rules: Rules = RULES,
    errors: Rules = ERRORS,
) -> Answer:
    """Framework, selection, data, coherence, normalisation, weights, means, robustness, links, presentation.

    Shape    facts of the plan's periods  ->  `steps`, one row per finding; a table or more for each step
    Unit     as the methods that it calls; `period` is the one looked at, the last if not given
    Raises   what the plan itself raises; Refused without draws
    """
    scores = score(choose(panel, regions, plan))
    t = period_at(scores, period)
    close = coherence.function(panel, regions, plan=plan, against=against, period=period, rules=rules)
    doubt = sensitivity.function(panel, regions, plan=plan, period=period, rules=errors)
    found = {
        "framework": _framework(scores, t),
        "distribution": _distribution(scores, t),
        "limits": _of(tables.limits(scores), scores, t),
        "alternatives": _shifts(scores, t),
        "links": _links(scores, t),
        "obstacles": _of(tables.obstacle_table(scores), scores, t),
        **close.tables,
        **doubt.tables,
        "owners": _owners(doubt.tables["sobol"]),
    }
    found = {"steps": _steps(scores, t, found, rules), **found}
    charts = (*_charts(), *close.charts, *doubt.charts)
    return Answer(found, charts=charts, notes=_once((*close.notes, *doubt.notes)))


def _charts() -> tuple[Chart, ...]:
    return (
        Chart("bars", "owners", "audit.chart.owners", {"value": "total_order", "by": "doubt"}),
        Chart("obstacles", "obstacles", "measure.chart.obstacles", {"value": "obstacle"}),
    )


def _once(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """Each remark once, warnings first."""
    kept = {(note.code, repr(note.details)): note for note in notes}
    return tuple(sorted(kept.values(), key=lambda note: note.level != "warning"))


# -- tables of single steps ------------------------------------------------------------------------


def _framework(scores: Scores, t: int) -> pd.DataFrame:
    """The tree as it counts: every node with its parent, depth, unit, what is good, and weights."""
    import pandas as pd

    system, tree = scores.plan.system, scores.chosen.tree
    within, whole = tables.node_weights(scores)
    at = {code: n for n, code in enumerate(tree.codes)}
    leaves = {indicator.code: indicator for indicator in system.indicators}
    rows = []
    for code, parent, depth in _walk(system.root, "", 0):
        n, leaf = at.get(code), leaves.get(code)
        unit, good = (leaf.unit, leaf.good) if leaf else ("", "")
        weights = (within[n, t], whole[n, t]) if n is not None else (np.nan, np.nan)
        rows.append((code, parent, depth, unit, good, *weights))
    names = ["node", "parent", "depth", "unit", "good", "weight", "weight_total"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(**{c: significant(table[c].to_numpy(np.float64)) for c in ("weight", "weight_total")})


def _walk(group: Group, parent: str, depth: int) -> Iterator[tuple[str, str, int]]:
    yield group.code, parent, depth
    for below in group.groups:
        yield from _walk(below, group.code, depth + 1)
    for leaf in group.indicators:
        yield leaf.code, group.code, depth + 1


def _distribution(scores: Scores, t: int) -> pd.DataFrame:
    """How the figures of each indicator lie: coverage, ends, skewness, kurtosis, the farthest region."""
    import pandas as pd

    chosen, rows = scores.chosen, []
    for k, indicator in enumerate(chosen.indicators):
        x = np.where(chosen.scored[:, t], chosen.raw[:, t, k], np.nan)
        known = x[~np.isnan(x)]
        skew, kurt = _moments(known)
        far = int(np.nanargmax(np.abs(x - np.median(known)))) if len(known) else 0
        share = len(known) / max(int(chosen.scored[:, t].sum()), 1)
        ends = (known.min(), float(np.median(known)), known.max()) if len(known) else (np.nan,) * 3
        outlying = abs(skew) > 2 and kurt > 3.5
        rows.append((indicator.code, indicator.unit, share, *ends, skew, kurt, bool(outlying), chosen.entities[far]))
    names = ["indicator", "unit", "share", "low", "middle", "high", "skewness", "kurtosis", "outlying", "entity"]
    table = pd.DataFrame(rows, columns=names)
    figures = ("share", "low", "middle", "high", "skewness", "kurtosis")
    return table.assign(**{c: significant(table[c].to_numpy(np.float64)) for c in figures})


def _moments(x: Array) -> tuple[float, float]:
    """Sample skewness and excess kurtosis (G1, G2); NaN with fewer than four figures or no spread."""
    n = len(x)
    if n < 4 or x.std() == 0:
        return float("nan"), float("nan")
    z = (x - x.mean()) / x.std()
    skew = float((z**3).mean() * np.sqrt(n * (n - 1)) / (n - 2))
    kurt = float((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * ((z**4).mean() - 3) + 6))
    return skew, kurt


def _shifts(scores: Scores, t: int) -> pd.DataFrame:
    """How far ranks move under other ways of combining, and who moves most."""
    import pandas as pd

    beside = _of(alternatives(scores), scores, t)
    rows = []
    for how, part in beside.groupby("method", sort=False):
        shift = part["rank_change"].abs().to_numpy(np.float64)
        if not np.isnan(shift).all():
            far = part["entity"].iloc[int(np.nanargmax(shift))]
            rows.append((how, float(np.nanmean(shift)), float(np.nanmax(shift)), far))
    return pd.DataFrame(rows, columns=["method", "mean_shift", "greatest_shift", "entity"])


def _links(scores: Scores, t: int) -> pd.DataFrame:
    """Correlations of the index with figures outside it: those of the system that are not scored."""
    import pandas as pd

    chosen, rows = scores.chosen, []
    values = chosen.context.array(scores.plan.select.scenario)[:, t]
    for k, code in enumerate(chosen.context.indicators):
        pair = np.stack([scores.score[:, t], values[:, k]], axis=1)
        both = int((~np.isnan(pair)).all(axis=1).sum())
        if both > 2:
            rows.append((code, float(significant(correlation(pair))[0, 1]), both))
    return pd.DataFrame(rows, columns=["node", "correlation", "known_count"])


def _owners(sobol: pd.DataFrame) -> pd.DataFrame:
    """The mean over all regions of what each doubt brings about."""
    mean = sobol.groupby("doubt", sort=False)[["first_order", "total_order"]].mean()
    return mean.sort_values("total_order", ascending=False).reset_index()


def _of(table: pd.DataFrame, scores: Scores, t: int) -> pd.DataFrame:
    return table[table["period"] == scores.chosen.periods[t]].reset_index(drop=True)


# -- findings --------------------------------------------------------------------------------------


def _steps(scores: Scores, t: int, found: dict[str, Any], rules: Rules) -> pd.DataFrame:
    """One row per finding: what was counted, of how many, and whether it asks for a look."""
    import pandas as pd

    rows = [
        (STEPS.index(step) + 1, step, finding, float(value), looked)
        for step, finding, value, looked in (*_before(scores, t, found, rules), *_after(scores, t, found))
    ]
    table = pd.DataFrame(rows, columns=["step_number", "audit_step", "finding", "found", "look"])
    return table.assign(found=significant(table["found"].to_numpy(np.float64)))


def _before(scores: Scores, t: int, found: dict[str, Any], rules: Rules) -> Iterator[tuple[str, str, float, bool]]:
    """Findings on framework, selection, data and coherence."""
    chosen, tree = scores.chosen, scores.chosen.tree
    asked = [i for i in scores.plan.system.indicators if i.direction]
    yield "framework", "groups", len(tree.branches), False
    yield "framework", "indicators", len(tree.leaves), len(tree.leaves) > 60
    yield "framework", "unbalanced", _most_children(tree), _most_children(tree) > 12
    yield "selection", "left_out", len(asked) - len(tree.leaves), len(asked) > len(tree.leaves)
    low = found["distribution"]["share"] < scores.plan.screen.indicator_coverage
    yield "selection", "low_coverage", int(low.sum()), bool(low.any())
    unscored = int((~chosen.scored[:, t]).sum())
    yield "data", "unscored", unscored, unscored > 0
    gaps = float(chosen.gaps[:, t][chosen.scored[:, t]].mean())
    yield "data", "gaps", gaps, gaps > 0.05
    out = int(found["distribution"]["outlying"].sum())
    yield "data", "outlying", out, out > 0
    pairs, groups = found["pairs"], found["groups"]
    for flag in ("negative", "too_high"):
        count = int((pairs["flag"] == flag).sum())
        yield "coherence", f"pairs_{flag}", count, count > 0
    poor = int(groups["poor"].sum())
    yield "coherence", "poor_alpha", poor, poor > 0
    yield "coherence", "doubles", len(found["doubles"]), len(found["doubles"]) > 0


def _most_children(tree: Any) -> int:
    return max(len(branch.children) for branch in tree.branches)


def _after(scores: Scores, t: int, found: dict[str, Any]) -> Iterator[tuple[str, str, float, bool]]:
    """Findings on normalisation, weights, means, robustness, links and presentation."""
    plan, ranks = scores.plan, found["ranks"]
    moving = plan.normalise.limits == "period" and len(scores.chosen.periods) > 1
    yield "normalisation", "limits_per_period", float(moving), moving
    parts = found["importance"]
    off = (parts["effective"] < parts["weight"] / 2) | (parts["effective"] > 2 * parts["weight"])
    yield "weighting", "unlike_effective", int(off.sum()), bool(off.any())
    shifts = found["alternatives"]
    mean = float(shifts["mean_shift"].max()) if len(shifts) else 0.0
    yield "aggregation", "mean_shift", mean, mean > 0.05 * len(ranks)
    wide = float((ranks["rank_high"] - ranks["rank_low"]).mean())
    yield "robustness", "interval", wide, wide > 0.2 * len(ranks)
    last = ranks.nlargest(plan.rank.bottom, "rank")["p_bottom"]
    yield "robustness", "sure_bottom", float(last.min()), bool(last.min() < plan.rank.band)
    most = found["owners"]["total_order"].max()
    yield "robustness", "greatest_doubt", float(most), False
    yield "links", "outside", len(found["links"]), len(found["links"]) == 0
    yield "presentation", "left_out_shift", float(found["left_out"]["greatest_shift"].max()), False
