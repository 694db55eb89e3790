"""A verdict per policy: worked, did not, or cannot be told; why; what it cost; what should be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from ..words.choice import Within
from ..words.codelist import Codelist
from ..words.errors import RelodeError
from ..words.indicator import Indicator
from ..words.log import Log
from ..words.method import method, needs
from ..words.note import Note, warn
from ..words.panel import Panel
from ..words.result import Answer, Chart
from ..words.study import ROBUST, Outcome, Study
from ..words.ties import Ties
from .audit import STARS_TREATED, audit, cluster_counts
from .costs import Case, costs_table, negative_list
from .design import once, standing_table
from .did import estimates
from .effect import Effect
from .family import Array, adjusted, adjustment_note
from .found import frame_of, rows_of
from .register import standing
from .sample import Sample, draw
from .saying import both, listed
from .sensitivity import Trends, by_date_rule, trends

if TYPE_CHECKING:
    import pandas as pd

CODES = {"worked": 1.0, "unknown": 0.0, "did_not": -1.0}
ADVICE = {"worked": "keep", "unknown": "learn", "did_not": "stop"}
COLUMNS = [
    "policy", "outcome", "verdict", "reason", "advice", "estimate", "se", "low", "high", "p", "p_adjusted", "p_worked",
    "p_worthwhile", "smallest", "unit", "evidence_for", "evidence_against",
]  # fmt: skip


@method("evaluate.verdict", reads=needs(study="study"))
def verdict(
    panel: Panel, regions: Codelist, log: Log | None = None, neighbours: Ties | None = None, *, study: Study,
    heavy: Annotated[float, Within(0, 1)] = 0.5,
) -> Answer:  # fmt: skip
    """Which policies worked, which did not, which cannot be told, and which cost much and gave little?

    `heavy` is the quantile of the policies' costs from which an input counts as large.
    Shape    facts of one scenario, the calendar with costs and evidence  ->  one row per policy and outcome
    Unit     estimates in the outcome's unit; costs in the policy's; probabilities 0-1
    Raises   UnknownWord, Misfit for facts; a policy that cannot be estimated is `unknown`, with the reason
    """
    import pandas as pd

    cases = [_case(panel, regions, study, p, o, neighbours) for p in study.policies for o in study.outcomes]
    told = standing(study, log)
    p, how = adjusted([(case.sample, case.effect) for case in cases])
    table = verdicts(cases, study, p)
    costs = costs_table(cases, study)
    tables = {
        "verdicts": table,
        "why": pd.DataFrame(
            [(case.policy, case.outcome.code, reason) for case in cases for reason in case.reasons],
            columns=["policy", "outcome", "reason"],
        ),
        "costs": costs,
        "negative_list": negative_list(cases, costs, heavy),
        "evidence": evidence_table(study),
        "standing": standing_table(told),
    }
    notes = [told.note, *(n for c in cases if c.sample for n in c.sample.notes), *_notes(cases, study, costs),
             *adjustment_note(how, len(cases))]  # fmt: skip
    facts, defines = facts_of(cases, study)
    charts = (
        Chart("verdicts", "verdicts", "chart.verdicts", {"study": study.name}),
        Chart("negative_list", "negative_list", "chart.negative_list", {"study": study.name}),
    )
    return Answer(tables=tables, facts=facts, defines=defines, charts=charts, notes=once(tuple(notes)))


def judge(outcome: Outcome, effect: Effect, doubts: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Worked, did not, or unknown, and why: from the interval, the smallest effect worth having, and the doubts.

    doubts (trends, dates, estimators, clusters)           -> unknown
    the interval lies on the good side                      -> worked; did_not if it stays below the smallest
    it lies on the bad side, or below the smallest          -> did_not
    else                                                    -> unknown (imprecise)
    """
    low, high = sorted((outcome.good * effect.low, outcome.good * effect.high))
    if doubts:
        return "unknown", doubts
    if high < 0:
        return "did_not", ("harmful",)
    if outcome.smallest is not None and high < outcome.smallest:
        return "did_not", ("too_small" if low > 0 else "nothing_worthwhile",)
    if low > 0:
        return "worked", ("clear" if outcome.smallest is None or low >= outcome.smallest else "positive",)
    return "unknown", ("imprecise",)


def doubts_of(effects: list[Effect], lean: Trends | None, rules: pd.DataFrame, sample: Sample) -> tuple[str, ...]:
    """What makes an effect no answer, whatever its interval says."""
    found = []
    headline = effects[0]
    if lean is not None and lean.violated:
        found.append("pretrend")
    if cluster_counts(sample)[1] < STARS_TREATED:
        found.append("few_treated")
    sure = rules[(rules["p"] < 0.05) & rules["estimate"].notna()]
    if (headline.p < 0.05 and len(sure) < rules["estimate"].notna().sum()) or (headline.p >= 0.05 and len(sure)):
        found.append("date_rule")
    others = [e for e in effects[1:] if e.estimator in ROBUST and e.p < 0.05]
    if any(np.sign(e.estimate) != np.sign(headline.estimate) for e in others):
        found.append("estimators")
    return tuple(found)


def verdicts(cases: list[Case], study: Study, adjusted: Array) -> pd.DataFrame:
    """One row per policy and outcome (columns: COLUMNS); `reason` is the first of `why`."""
    import pandas as pd

    rows = []
    for case, p_adjusted in zip(cases, adjusted, strict=True):
        e, o = case.effect, case.outcome
        numbers = (e.estimate, e.se, e.low, e.high, e.p) if e else (np.nan,) * 5
        says = [found.says for found in study.calendar.evidence if found.policy == case.policy]
        rows.append((
            case.policy, o.code, case.verdict, case.reasons[0], ADVICE[case.verdict], *numbers, p_adjusted,
            case.chance(0.0), case.chance(o.smallest) if o.smallest else np.nan, o.smallest or np.nan, o.effect_unit,
            says.count("worked"), says.count("failed"),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def evidence_table(study: Study) -> pd.DataFrame:
    """What people saw, beside what the figures say: policy, says, date, zh, en, source."""
    import pandas as pd

    rows = [(e.policy, e.says, e.date, e.zh, e.en, e.source) for e in study.calendar.evidence
            if e.policy in study.policies]  # fmt: skip
    return pd.DataFrame(rows, columns=["policy", "says", "date", "zh", "en", "source"])


def facts_of(cases: list[Case], study: Study) -> tuple[pd.DataFrame, tuple[Indicator, ...]]:
    """Verdict, effect and probability as facts of the treated entities, and what these indicators are."""
    rows: list[tuple[Any, ...]] = []
    defines: list[Indicator] = []
    for case in cases:
        if case.sample is None or case.effect is None:
            continue
        values = {"verdict": CODES[case.verdict], "effect": case.effect.estimate, "p_worked": case.chance(0.0)}
        more, meant = rows_of(case.sample, study, case.policy, case.outcome, values)
        rows, defines = rows + more, defines + meant
    return frame_of(rows), tuple(defines)


def _case(
    panel: Panel, regions: Codelist, study: Study, policy: str, outcome: Outcome, neighbours: Ties | None
) -> Case:
    """Judge one policy and outcome; whatever is refused makes it unknown, with the guard as the reason."""
    try:
        sample = draw(panel, regions, study, policy, outcome)
    except RelodeError as fault:
        return Case(policy, outcome, "unknown", (fault.code.rpartition(".")[2],))
    refused = tuple(f.guard for f in audit(sample, neighbours) if f.level == "refused")
    effects, failed = estimates(sample)
    if refused or not effects or effects[0].estimator != study.headline:
        first = refused or tuple(fault.code.rpartition(".")[2] for name, fault in failed if name == study.headline)
        return Case(policy, outcome, "unknown", first, None, sample)
    rules = by_date_rule(panel, regions, study, policy, outcome)
    doubts = doubts_of(effects, trends(effects[0], sample), rules, sample)
    return Case(policy, outcome, *judge(outcome, effects[0], doubts), effects[0], sample)


def _notes(cases: list[Case], study: Study, costs: pd.DataFrame) -> list[Note]:
    """Notes on what was left unsaid: no smallest effect, no costs, evidence that speaks against the figures."""
    notes = []
    silent = [o.label for o in study.outcomes if o.smallest is None]
    if silent:
        notes.append(warn("verdict.no_smallest", **listed(silent)))
    unpriced = dict.fromkeys(costs["policy"][costs["cost"].isna()])
    if unpriced:
        notes.append(warn("verdict.no_cost", **listed(study.calendar[code].label for code in unpriced)))
    for case in cases:
        says = [e.says for e in study.calendar.evidence if e.policy == case.policy]
        against = {"worked": "failed", "did_not": "worked"}.get(case.verdict, "")
        if against and says.count(against) * 2 > len(says):
            notes.append(
                warn(
                    "verdict.conflict",
                    **both("policy", study.calendar[case.policy].label),
                    **both("outcome", case.outcome.label),
                )
            )
    return notes
