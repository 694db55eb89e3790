"""measure.lens: places seen through a framework: what its systems give, what they hold back, and how its links stand.

新质生产力等理论框架作为透镜
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from relode.maths.numbers import Array, significant
from relode.maths.weights import correlation
from relode.words.codelist import Codelist
from relode.words.errors import Refused
from relode.words.indicator import Direction, Indicator, Link
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.plan import Plan
from relode.words.result import Answer, Chart
from relode.words.texts import LANGUAGES, say

from . import tables
from .attribution import contributions, obstacles
from .choose import choose
from .naming import in_both
from .ranking import ranks_of
from .score import Scores, score
from .tree import leaves_of

if TYPE_CHECKING:
    import pandas as pd


@method("measure.lens", reads=needs(plan="plan"))
def lens(panel: Panel, regions: Codelist, *, plan: Plan) -> Answer:
    """Contribution and obstacle of each system of a framework, and both ends of each link that it claims.

    A link is the framework's claim that one group is to bring about another; the lens shows how both stand and how
    they go together over entities, which is no proof of the claim.

    Shape    facts of the plan's periods  ->  one row per (entity, period, system) in `systems`; `links`, `steps`
    Unit     scores and contributions in points of the plan's scale; obstacles and coverage as shares
    Raises   Refused where the plan's system claims no links; what the plan itself raises
    """
    if not plan.system.links:
        raise Refused("lens.no_links", where=plan.system.name)
    scores = score(choose(panel, regions, plan))
    found = {
        "systems": _systems(scores),
        "links": _links(scores),
        "steps": _steps(scores),
        "indicators": tables.indicators(scores),
        "coverage": tables.coverage(scores),
    }
    charts = (
        Chart("heat", "systems", "lens.chart.scores", {"value": "score", "node": "node"}),
        Chart("stack", "systems", "lens.chart.obstacles", {"value": "obstacle", "node": "node"}),
    )
    return Answer(found, _facts(scores, found), _defined(scores), charts, _notes(scores, found["links"]))


def _nodes(scores: Scores) -> dict[str, int]:
    """The systems: groups below the root, and every group at an end of a link; code -> node."""
    tree = scores.chosen.tree
    at = {code: n for n, code in enumerate(tree.codes)}
    ends = [code for link in scores.plan.system.links for code in (link.origin, link.target)]
    first = [tree.codes[n] for n in tree.branches[-1].children if n >= len(tree.leaves)]
    return {code: at[code] for code in dict.fromkeys([*first, *ends]) if code in at}


def _systems(scores: Scores) -> pd.DataFrame:
    import pandas as pd

    chosen, parts = scores.chosen, []
    part, _ = contributions(scores)
    _, degree = obstacles(scores)
    entity, period = np.nonzero(scores.scored)
    for code, node in _nodes(scores).items():
        below = list(leaves_of(chosen.tree, node))
        stand = _standing(scores, node)
        rank = np.stack([ranks_of(stand[:, t], scores.plan.rank.ties) for t in range(stand.shape[1])], axis=1)
        columns: dict[str, Any] = {
            "entity": np.array(chosen.entities, dtype=object)[entity],
            "period": np.array(chosen.periods, dtype=object)[period],
            "node": code,
            "score": stand[entity, period], "rank": rank[entity, period],
            "contribution": significant(np.nansum(part[..., below], axis=2))[entity, period],
            "obstacle": significant(np.nansum(degree[..., below], axis=2))[entity, period],
            "share": (1 - chosen.gaps[..., below].mean(axis=2))[entity, period],
        }  # fmt: skip
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _standing(scores: Scores, node: int) -> Array:
    """The score of a node. Shape (entity, period)"""
    return significant(np.where(scores.scored, scores.nodes[node].T, np.nan))


def _measured(scores: Scores) -> list[tuple[Link, int, int]]:
    """The links of which both ends have figures, with their nodes."""
    nodes = _nodes(scores)
    links = scores.plan.system.links
    return [(k, nodes[k.origin], nodes[k.target]) for k in links if k.origin in nodes and k.target in nodes]


def _links(scores: Scores) -> pd.DataFrame:
    """Each link in each period: how its ends go together over entities, and how many have both."""
    import pandas as pd

    measured = {(link.origin, link.target): (a, b) for link, a, b in _measured(scores)}
    rows = []
    for link in scores.plan.system.links:
        ends = measured.get((link.origin, link.target))
        for t, period in enumerate(scores.chosen.periods):
            if ends is None:
                rows.append((link.origin, link.target, period, False, np.nan, np.nan, 0))
                continue
            pair = np.stack([_standing(scores, n)[:, t] for n in ends], axis=1)
            both = ~np.isnan(pair).any(axis=1)
            r = float(significant(correlation(pair[both]))[0, 1]) if both.sum() > 2 else np.nan
            ahead = float((pair[both, 0] > pair[both, 1]).mean()) if both.any() else np.nan
            rows.append((link.origin, link.target, period, True, r, ahead, int(both.sum())))
    names = ["link_origin", "link_target", "period", "measured", "correlation", "origin_ahead", "known_count"]
    return pd.DataFrame(rows, columns=names)


def _steps(scores: Scores) -> pd.DataFrame:
    """Both ends of each link in each entity: a fall from origin to target says that the link does not carry there."""
    import pandas as pd

    chosen, parts = scores.chosen, []
    for link, first, second in _measured(scores):
        a, b = _standing(scores, first), _standing(scores, second)
        entity, period = np.nonzero(~np.isnan(a) & ~np.isnan(b))
        columns: dict[str, Any] = {
            "entity": np.array(chosen.entities, dtype=object)[entity],
            "period": np.array(chosen.periods, dtype=object)[period],
            "link_origin": link.origin, "link_target": link.target,
            "score_origin": a[entity, period], "score_target": b[entity, period],
            "link_step": significant(b - a)[entity, period],
        }  # fmt: skip
        parts.append(pd.DataFrame(columns))
    names = ["entity", "period", "link_origin", "link_target", "score_origin", "score_target", "link_step"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)


# -- facts -----------------------------------------------------------------------------------------


def _code(scores: Scores, *parts: str) -> str:
    return ".".join(("lens", scores.plan.name, *parts))


def _facts(scores: Scores, found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Contribution and obstacle of each system, and the step along each link, as facts for the store."""
    import pandas as pd

    rows, steps = found["systems"], found["steps"]
    parts = [
        rows[["entity", "period"]].assign(
            indicator=[_code(scores, node, kind) for node in rows["node"]], value=rows[kind]
        )
        for kind in ("contribution", "obstacle")
    ]
    links = [_code(scores, *ends) for ends in zip(steps["link_origin"], steps["link_target"], strict=True)]
    parts.append(steps[["entity", "period"]].assign(indicator=links, value=steps["link_step"]))
    long = pd.concat(parts, ignore_index=True).dropna(subset=["value"])
    return long.assign(scenario=scores.plan.select.scenario, status="E")


def _defined(scores: Scores) -> tuple[Indicator, ...]:
    """What these facts are; those of a link carry the framework's own sentence."""
    plan, source = scores.plan, f"relode:measure.lens/{scores.plan.name}"
    found = []
    kinds: tuple[tuple[str, str, Direction], ...] = (("contribution", "points", 1), ("obstacle", "ratio", -1))
    for kind, unit, good in kinds:
        for code in _nodes(scores):
            names = {lang: say(f"lens.fact_{kind}", lang, name=scores.chosen.label(code, lang)) for lang in LANGUAGES}
            found.append(Indicator(_code(scores, code, kind), names["zh"], names["en"], unit, good, source=source))
    for link, _, _ in _measured(scores):
        names = {lang: say("lens.fact_step", lang, name=link.label(lang)) for lang in LANGUAGES}
        code = _code(scores, link.origin, link.target)
        found.append(Indicator(code, names["zh"], names["en"], "points", 0, source=plan.system.source or source))
    return tuple(found)


def _notes(scores: Scores, links: pd.DataFrame) -> tuple[Note, ...]:
    chosen, last = scores.chosen, links[links["period"] == scores.chosen.periods[-1]]
    notes: list[Note] = []
    asked = [group.code for group in scores.plan.system.root.nodes()]
    if empty := [code for code in asked if code not in chosen.tree.codes]:
        notes.append(warn("lens.empty", count=len(empty), **in_both(empty, chosen.label)))
    judged = [i.code for i in scores.plan.system.indicators if i.direction]
    told = {"available": len(chosen.codes), "of": len(judged), "scored": int(scores.scored[:, -1].sum())}
    notes.append(remark("lens.coverage", **told, entities=len(chosen.entities), period=chosen.periods[-1]))
    for link, row in zip(scores.plan.system.links, last.itertuples(), strict=True):
        claim = {"claim_zh": link.zh, "claim_en": link.en}
        if not row.measured:
            notes.append(warn("lens.unmeasured", **claim))
        elif not np.isnan(float(str(row.correlation))):
            ahead = float(str(row.origin_ahead))
            notes.append(
                remark("lens.link", r=float(str(row.correlation)), ahead=ahead, count=row.known_count, **claim)
            )
    return (*notes, *chosen.notes)
