"""measure.index: the composite index of a plan, with what its ranks are worth. 综合评价指数"""

from __future__ import annotations

from relode.words.codelist import Codelist
from relode.words.method import method, needs
from relode.words.panel import Panel
from relode.words.plan import Plan
from relode.words.result import Answer, Chart

from . import ranking, steps, tables
from .alternatives import alternatives
from .choose import choose
from .draws import Chances, chances
from .guards import notes_on
from .redline import red_line_table
from .restate import restated
from .score import Scores, score


@method("measure.index", reads=needs(plan="plan"))
def index(panel: Panel, regions: Codelist, *, plan: Plan) -> Answer:
    """Rank entities by a composite index, with rank intervals, tie bands, dimensions and obstacles.

    Shape    facts or indicators of the plan's system  ->  one row per (period, entity) in `ranks`
    Unit     scores on the plan's scale; shares and probabilities 0 to 1
    Raises   Refused where the plan makes a classic mistake; Misfit where nobody can be scored
    """
    scores = score(choose(panel, regions, plan))
    spread = chances(scores) if plan.uncertainty.draws else None
    beside = alternatives(scores)
    found = {
        "ranks": ranking.ranks(scores, spread),
        "dimensions": tables.dimensions(scores),
        "parts": tables.parts(scores),
        "indicators": tables.indicators(scores),
        "obstacles": tables.obstacle_table(scores),
        "weights": tables.weights(scores),
        "limits": tables.limits(scores),
        "coverage": tables.coverage(scores),
        "unscored": tables.unscored(scores),
        "treated": steps.treated_table(scores.chosen),
        "restated": restated(scores),
        "red_line": red_line_table(scores),
        "alternatives": beside,
    }
    return Answer(
        found, tables.facts(scores), tables.defined(scores), charts_of(scores, spread), notes_on(scores, spread, beside)
    )


def charts_of(scores: Scores, spread: Chances | None) -> tuple[Chart, ...]:
    """The pictures of an index, described; ranks and dimensions show the last period, lines all."""
    plan, periods = scores.plan, scores.chosen.periods
    here = {"period": periods[-1], "top": plan.rank.top, "bottom": plan.rank.bottom}
    ends = {"value": "rank", "low": "rank_low", "high": "rank_high"} if spread else {"value": "score"}
    charts = [
        Chart("intervals" if spread else "bars", "ranks", "measure.chart.ranks", here | ends),
        Chart("map", "ranks", "measure.chart.map", here | {"value": "score"}),
        Chart("heat", "dimensions", "measure.chart.dimensions", here | {"value": "score", "node": "node"}),
        Chart("stack", "parts", "measure.chart.parts", here | {"value": "contribution", "node": "node"}),
        Chart("obstacles", "obstacles", "measure.chart.obstacles", here | {"value": "obstacle"}),
    ]
    if len(periods) > 1:
        charts.append(Chart("lines", "ranks", "measure.chart.lines", {"value": "rank"}))
    return tuple(charts)
