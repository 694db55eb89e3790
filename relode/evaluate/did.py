"""What did the policy do? Every estimator of the study side by side, the headline first, and what it leans on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..words.codelist import Codelist
from ..words.errors import RelodeError
from ..words.log import Log
from ..words.method import method, needs
from ..words.note import Note, remark, warn
from ..words.panel import Panel
from ..words.result import Answer, Chart
from ..words.study import Outcome, Study
from ..words.texts import say
from ..words.ties import Ties
from .audit import audit, forbid, warnings_of
from .design import audit_table, once, standing_table
from .effect import Effect
from .estimators import BY_ENTITY, estimate
from .family import Test, adjusted, adjustment_note
from .found import frame_of, rows_of
from .register import standing
from .sample import Sample, draw
from .saying import both, coded, listed, measured, told
from .sensitivity import Trends, bacon, by_date_rule, mean_effect, negative_weights, treated_at, trends

if TYPE_CHECKING:
    import pandas as pd

EFFECT = ["estimator", "estimand", "estimate", "se", "low", "high", "p", "rows", "clusters", "controls", "headline"]


@method("evaluate.did", reads=needs(study="study"))
def did(
    panel: Panel, regions: Codelist, log: Log | None = None, neighbours: Ties | None = None, *, study: Study,
    policy: str = "", outcome: str = "",
) -> Answer:  # fmt: skip
    """What did one policy do to one outcome (the first of the study if not named)?

    Shape    facts of one scenario  ->  one row per estimator; event study, weights, trends, date rules, subgroups
    Unit     estimates in the outcome's unit
    Raises   Refused for the mistakes that the auditor does not make for you; UnknownWord, Misfit for facts
    """
    sample = draw(panel, regions, study, policy, outcome_of(study, outcome))
    findings = audit(sample, neighbours)
    forbid(findings)
    effects, failed = estimates(sample)
    headline = next((e for e in effects if e.estimator == study.headline), None)
    if headline is None:
        raise next(fault for name, fault in failed if name == study.headline)
    lean = trends(headline, sample)
    rules = by_date_rule(panel, regions, study, sample.policy, sample.outcome)
    stand = standing(study, log)
    groups, by_group = subgroups(sample)
    tables = {
        "effects": effect_table(effects, headline),
        "event_study": points_table(effects, sample),
        "means": cohort_means_table(sample),
        "comparisons": comparisons_table(sample),
        "trends": trends_table(lean, study.headline),
        "dates": rules,
        "subgroups": groups,
        "audit": audit_table([(sample.policy, finding) for finding in findings]),
        "standing": standing_table(stand),
    }
    notes = (
        stand.note, _headline_note(headline, sample), *sample.notes, *warnings_of(findings),
        *_trend_notes(lean), *_date_notes(rules), *_failed_notes(failed), *_twfe_notes(effects, sample),
        *_cluster_notes(effects, sample), *by_group,
    )  # fmt: skip
    values = {"effect": headline.estimate, "low": headline.low, "high": headline.high}
    rows, defines = rows_of(sample, study, sample.policy, sample.outcome, values)
    return Answer(tables, frame_of(rows), tuple(defines), _charts(sample), once(notes))


def outcome_of(study: Study, code: str) -> Outcome:
    """The outcome of this code, the first if it is empty. Raises UnknownWord."""
    from ..words.errors import UnknownWord

    for outcome in study.outcomes:
        if code in ("", outcome.code):
            return outcome
    raise UnknownWord("evaluate.outcome", name=code, where=study.name, expected=[o.code for o in study.outcomes])


def estimates(sample: Sample) -> tuple[list[Effect], list[tuple[str, RelodeError]]]:
    """All estimators of the study that can be run, the headline first, and why the others could not."""
    order = dict.fromkeys([sample.study.headline, *sample.study.estimators])
    found: list[Effect] = []
    failed: list[tuple[str, RelodeError]] = []
    for name in order:
        try:
            found.append(estimate(sample, name))
        except RelodeError as fault:
            failed.append((name, fault))
    return found, failed


def effect_table(effects: list[Effect], headline: Effect) -> pd.DataFrame:
    """One row per estimator, and one for the mean over event times where the headline has it."""
    import pandas as pd

    mean = mean_effect(headline)
    rows = [*effects, *([mean] if mean else [])]
    return pd.DataFrame([_row(effect, effect is headline) for effect in rows], columns=EFFECT)


def _row(effect: Effect, headline: bool) -> tuple[Any, ...]:
    return (effect.estimator, effect.estimand, effect.estimate, effect.se, effect.low, effect.high, effect.p,
            effect.rows, effect.clusters, effect.controls, headline)  # fmt: skip


def points_table(effects: list[Effect], sample: Sample) -> pd.DataFrame:
    """Event studies: estimator, event, estimate, se, low, high, p, treated (entities seen at that event time)."""
    import pandas as pd

    rows = [
        (e.estimator, q.event, q.estimate, q.se, q.low, q.high, q.p, int(treated_at(sample, [q.event])[0]))
        for e in effects
        for q in e.points
    ]
    return pd.DataFrame(rows, columns=["estimator", "event", "estimate", "se", "low", "high", "p", "treated"])


def cohort_means_table(sample: Sample) -> pd.DataFrame:
    """The raw means: cohort (empty = never treated), period, mean, entities."""
    import pandas as pd

    t = len(sample.periods)
    rows = []
    for c in [*sample.cohorts, t]:
        mine = sample.y[sample.start == c]
        for j in range(t) if len(mine) else ():
            here = mine[:, j][~np.isnan(mine[:, j])]
            if len(here):
                rows.append((sample.periods[c] if c < t else "", sample.periods[j], float(here.mean()), len(here)))
    return pd.DataFrame(rows, columns=["cohort", "period", "mean", "entities"])


def comparisons_table(sample: Sample) -> pd.DataFrame:
    """What TWFE compares: comparison (never, not_yet, forbidden, negative), weight, estimate, cells.

    Empty where the panel is unbalanced; `cells` counts those of negative weight, and only those.
    """
    import pandas as pd

    names = ["comparison", "weight", "estimate", "cells"]
    if not (sample.balanced and sample.absorbing):
        return pd.DataFrame(columns=names)
    count, total = negative_weights(sample)
    table = bacon(sample).assign(cells=float("nan"))
    table.loc[len(table)] = ("negative", total, float("nan"), float(count))
    return table


def trends_table(lean: Trends | None, estimator: str) -> pd.DataFrame:
    """Joint test of the leads, its power, HonestDiD: one row, none where there are no leads."""
    import pandas as pd

    names = ["joint_p", "leads", "mdv", "slope", "power", "breakdown", "low", "high"]
    rows = [(estimator, *(getattr(lean, name) for name in names))] if lean else []
    return pd.DataFrame(rows, columns=["estimator", *names])


def subgroups(sample: Sample) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """The headline in each group of the study's attributes: attribute, group, entities, effect, p adjusted."""
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    tests: list[Test] = []
    for k, attribute in enumerate(sample.study.subgroups):
        names = np.array([group[k] for group in sample.groups])
        for name in sorted(set(names) - {""}):
            part = sample.only(names == name)
            try:
                found = estimate(part, sample.study.headline)
                rows.append((attribute, name, len(part.entities), *_row(found, False)[2:7]))
                tests.append((part, found))
            except RelodeError:
                rows.append((attribute, name, len(part.entities), *(float("nan"),) * 5))
                tests.append((part, None))
    table = pd.DataFrame(rows, columns=["attribute", "group", "entities", "estimate", "se", "low", "high", "p"])
    p, how = adjusted(tests)
    return table.assign(p_adjusted=p), adjustment_note(how, len(tests))


# -- notes -------------------------------------------------------------------------------------------------------


def _headline_note(headline: Effect, sample: Sample) -> Note:
    return remark(
        "evaluate.headline", **both("policy", sample.study.calendar[sample.policy].label),
        **both("outcome", sample.outcome.label), **coded("estimator", headline.estimator),
        **both("estimate", lambda lang: measured(headline.estimate, sample.outcome, lang)),
        low=f"{headline.low:.4g}", high=f"{headline.high:.4g}", level=f"{sample.study.inference.level:.0%}",
    )  # fmt: skip


def _trend_notes(lean: Trends | None) -> tuple[Note, ...]:
    if lean is None:
        return (warn("evaluate.no_leads"),)
    notes = []
    if lean.violated:
        notes.append(warn("evaluate.pretrend_violated", p=f"{lean.joint_p:.2g}"))
    if lean.weak:
        notes.append(warn("evaluate.pretrend_weak", power=f"{lean.power:.0%}", mdv=f"{lean.mdv:.3g}"))
    return tuple(notes)


def _date_notes(rules: pd.DataFrame) -> tuple[Note, ...]:
    """How far the estimate moves with the date rule."""
    known = rules[rules["estimate"].notna()]
    if not known["moved"].any():
        return ()
    pairs = list(zip(known["rule"], known["estimate"], strict=True))
    listed = both("listed", lambda lang: "; ".join(f"{say(f'code.rule.{r}', lang)} {v:.4g}" for r, v in pairs))
    return (warn("evaluate.date_rule", **listed),)


def _failed_notes(failed: list[tuple[str, RelodeError]]) -> tuple[Note, ...]:
    return tuple(
        warn("evaluate.not_run", **coded("estimator", name), **both("fault", partial(told, fault=fault)))
        for name, fault in failed
    )


def _cluster_notes(effects: list[Effect], sample: Sample) -> tuple[Note, ...]:
    """Estimators whose library clusters by entity, where the study wants other clusters."""
    own = [e.estimator for e in effects if e.estimator in BY_ENTITY]
    if not own or sample.study.inference.clusters == "entity":
        return ()
    return (warn("evaluate.own_clusters", **listed(partial(_estimator, name) for name in own)),)


def _estimator(name: str, lang: str) -> str:
    return say(f"code.estimator.{name}", lang)


def _twfe_notes(effects: list[Effect], sample: Sample) -> tuple[Note, ...]:
    """TWFE beside the headline, when timing is staggered."""
    twfe = next((e for e in effects if e.estimator == "twfe"), None)
    if twfe is None or not sample.staggered:
        return ()
    return (remark("evaluate.twfe", twfe=f"{twfe.estimate:.4g}", headline=f"{effects[0].estimate:.4g}"),)


def _charts(sample: Sample) -> tuple[Chart, ...]:
    about = {"policy": sample.policy, "outcome": sample.outcome.code}
    effects = about | {"unit": sample.outcome.effect_unit}
    return (
        Chart("event_study", "event_study", "chart.event_study", effects | {"estimator": sample.study.headline}),
        Chart("estimators", "effects", "chart.estimators", effects),
        Chart("cohort_means", "means", "chart.cohort_means", about | {"unit": sample.outcome.unit}),
    )
