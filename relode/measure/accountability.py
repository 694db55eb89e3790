"""measure.accountability: who stands last in editions running, and how sure that is. 连续居末问责名单"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array, significant
from relode.words.choice import Period, by_name
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, Refused, UnknownWord
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.period import ordinal
from relode.words.plan import Plan
from relode.words.result import Answer, Chart
from relode.words.rules import Rules
from relode.words.texts import LANGUAGES

from . import ranking
from .choose import choose
from .draws import chances
from .naming import in_both
from .score import Scores, score

if TYPE_CHECKING:
    import pandas as pd

RULES: Any = by_name("accountability")
VERDICTS = ("flag", "doubtful", "clear")


@method("measure.accountability", reads=needs(plan="plan"))
def accountability(
    panel: Panel,
    regions: Codelist,
    *,
    plan: Plan,
    rules: Rules = RULES,
    edition: Period | None = None,
) -> Answer:
    """Who is among the last in editions running, with what probability, and who may be flagged at all.

    A region that meets the rule by rank is flagged only where the draws agree at the level that the rules require;
    below it the verdict is doubtful, and a person has to judge.

    Shape    facts of the plan's periods up to `edition` (the last, if not given)  ->  one row per region
    Unit     probabilities 0 to 1; distance in points on the plan's scale
    Raises   Refused without draws; Misfit where there are too few editions
    """
    if not plan.uncertainty.draws:
        raise Refused("accountability.no_draws", where=plan.name)
    places, years = int(rules["bottom_places"].on().value), int(rules["years_running"].on().value)
    scores = _until(panel, regions, plan, edition, years)
    spread = chances(scores, running=years, bottom=places, last=years)
    table = _list(scores, spread.bottom, spread.running, places, years, rules["required_probability"].on().value)
    level = {"level": rules["required_probability"].on().value}
    charts = (Chart("bars", "list", "measure.chart.p_both", level | {"value": "p_both", "bottom": places}),)
    return Answer({"list": table}, charts=charts, notes=_notes(scores, table, rules))


def _until(panel: Panel, regions: Codelist, plan: Plan, edition: str | None, years: int) -> Scores:
    """The index of all periods up to the edition: what came later was not known."""
    periods = plan.select.periods or panel.periods
    last = edition or periods[-1]
    if last not in periods:
        raise UnknownWord("panel.code", name=last, axis="period", expected=periods)
    kept = tuple(period for period in periods if ordinal(period) <= ordinal(last))
    if len(kept) < years:
        raise Misfit("accountability.editions", where=plan.name, name=last, wanted=years, count=len(kept))
    return score(choose(panel, regions, plan.but(select={"periods": kept})))


def _list(scores: Scores, bottom: Array, running: Array, places: int, years: int, level: float) -> pd.DataFrame:
    import pandas as pd

    rank = ranking.all_ranks(scores)
    last = rank > scores.scored.sum(axis=0) - places
    meets = last[:, -years:].all(axis=1)
    here = np.flatnonzero(scores.scored[:, -1])
    verdict = np.where(meets, np.where(running[:, -1] >= level, 0, 1), np.where(running[:, -1] > 1 - level, 1, 2))
    verdict = np.where(np.isnan(running[:, -1]), np.where(last[:, -1], 1, 2), verdict)
    table = pd.DataFrame(
        {
            "entity": np.array(scores.chosen.entities, dtype=object)[here],
            "before": scores.chosen.periods[-2] if years > 1 else scores.chosen.periods[-1],
            "edition": scores.chosen.periods[-1],
            "rank_before": rank[here, -2 if years > 1 else -1], "rank": rank[here, -1],
            "p_before": bottom[here, -2 if years > 1 else -1], "p_edition": bottom[here, -1],
            "p_both": running[here, -1],
            "verdict": np.array(VERDICTS, dtype=object)[verdict[here]],
            "meets": meets[here],
            "distance": significant(_distance(scores.score[:, -1], last[:, -1])[here]),
        }
    )  # fmt: skip
    order = table.assign(verdict=verdict[here], sure=-table["p_both"].fillna(-1.0), down=-table["rank"])
    return table.loc[order.sort_values(["verdict", "sure", "down"], kind="stable").index].reset_index(drop=True)


def _distance(score: Array, last: NDArray[np.bool_]) -> Array:
    """What would turn the rank: points that one of the last lacks to leave them, or another has before joining.

    The others' scores are held. Shape (entity,) -> (entity,); NaN where all or none stand last
    """
    above = np.nanmin(np.where(last | np.isnan(score), np.inf, score), initial=np.inf)
    below = np.nanmax(np.where(last & ~np.isnan(score), score, -np.inf), initial=-np.inf)
    away = np.where(last, above - score, score - below)
    return np.where(np.isfinite(away), away, np.nan)


def _notes(scores: Scores, table: pd.DataFrame, rules: Rules) -> tuple[Note, ...]:
    places, years = rules["bottom_places"].on(), rules["years_running"].on()
    level = rules["required_probability"].on()
    told = {"places": int(places.value), "years": int(years.value), "level": level.value}
    notes = [remark("accountability.rule", **told)]
    sources = dict.fromkeys((dated.source("zh"), dated.source("en")) for dated in (places, years))
    notes += [remark("accountability.source", reference_zh=zh, reference_en=en) for zh, en in sources]
    said = {f"reference_{lang}": level.source(lang) for lang in LANGUAGES}
    notes.append(remark("accountability.level", level=level.value, **said))
    if refused := list(table.loc[table["meets"] & (table["verdict"] != "flag"), "entity"]):
        names = in_both(refused, scores.chosen.regions.label)
        notes.insert(0, warn("guard.no_flag", count=len(refused), **told, **names))
    return (*notes, *scores.chosen.notes)
