"""Design first: who is compared with whom, what the calendar leaves to compare, how small an effect could be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..maths.power import design_error, serial
from ..words.codelist import Codelist
from ..words.log import Log
from ..words.method import method, needs
from ..words.note import Note, warn
from ..words.panel import Panel
from ..words.policy import DATE_RULES
from ..words.result import Answer, Chart
from ..words.study import Outcome, Study
from ..words.ties import Ties
from .audit import Finding, audit, warnings_of
from .register import Standing, standing
from .sample import Sample, draw
from .saying import both, measured
from .variables import treatment

if TYPE_CHECKING:
    import pandas as pd


@method("evaluate.design", reads=needs(study="study"))
def design(
    panel: Panel, regions: Codelist, log: Log | None = None, neighbours: Ties | None = None, *, study: Study
) -> Answer:
    """What can this study tell, before the outcome after the start is looked at?

    Shape    facts of one scenario  ->  one row per policy and cohort; power per policy and outcome
    Unit     mde, sd and smallest in the outcome's unit; shares 0-1
    Raises   UnknownWord, Misfit for facts that do not fit; Refused where nobody is treated within the window
    """
    import pandas as pd

    samples = [draw(panel, regions, study, policy) for policy in study.policies]
    findings = [(sample.policy, finding) for sample in samples for finding in audit(sample, neighbours)]
    told = standing(study, log)
    powers = pd.DataFrame(
        [power(draw(panel, regions, study, p, o)) for p in study.policies for o in study.outcomes], columns=POWER
    )
    tables = {
        "cohorts": pd.concat([cohorts(sample) for sample in samples], ignore_index=True),
        "power": powers,
        "overlap": overlaps(samples[0]),
        "dates": dates(samples[0]),
        "audit": audit_table(findings),
        "standing": standing_table(told),
    }
    refusals = tuple(warn(f"audit.{f.guard}", **f.details) for _, f in findings if f.level == "refused")
    notes = (told.note, *(n for s in samples for n in s.notes), *refusals)
    notes += tuple(n for _, f in findings for n in warnings_of([f])) + _too_weak(powers, study)
    charts = (Chart("timing", "cohorts", "chart.timing", {"study": study.name}),)
    return Answer(tables=tables, charts=charts, notes=once(notes))


def cohorts(sample: Sample) -> pd.DataFrame:
    """One row per cohort, the never-treated last: policy, cohort, entities, periods_before, periods_after, portion."""
    import pandas as pd

    n, t = sample.shape
    rows = []
    for c in [*sample.cohorts, t]:
        size = int((sample.start == c).sum())
        if size:
            rows.append((sample.policy, sample.periods[c] if c < t else "", size, min(int(c), t), t - int(c), size / n))
    return pd.DataFrame(rows, columns=["policy", "cohort", "entities", "periods_before", "periods_after", "portion"])


POWER = [
    "policy", "outcome", "treated", "untreated", "periods_before", "periods_after", "sd", "autocorrelation", "se",
    "mde", "smallest", "power", "unit",
]  # fmt: skip


def power(sample: Sample) -> tuple[object, ...]:
    """The smallest effect that the design would find, from the outcome before anyone is treated (row of `POWER`).

    mde = (t_{1-a/2} + t_{power}) se, se from the design and an AR(1) of the residuals before.
    """
    from scipy.stats import t as student

    study, outcome = sample.study.inference, sample.outcome
    begin = int(sample.cohorts.min()) - sample.study.treatment.anticipation
    clean = sample.y[:, : max(begin, 1)]
    clean = clean[~np.isnan(clean).any(axis=1)]
    variance, autocorrelation = serial(clean)
    se = design_error((sample.path > 0).astype(float), variance, autocorrelation)
    df = len(np.unique(sample.clusters)) - 1
    critical = float(student.ppf(0.5 + study.level / 2, df))
    mde = (critical + float(student.ppf(study.power, df))) * se
    reach = float(student.cdf(outcome.smallest / se - critical, df)) if outcome.smallest else float("nan")
    ever = sample.start < len(sample.periods)
    return (
        sample.policy, outcome.code, int(ever.sum()), int((~ever).sum()), begin, sample.shape[1] - begin,
        float(np.sqrt(variance)), autocorrelation, se, mde, outcome.smallest or float("nan"), reach,
        outcome.effect_unit,
    )  # fmt: skip


def overlaps(sample: Sample) -> pd.DataFrame:
    """Every pair of policies of the calendar: policy, other_policy, cells, shared, portion, clean.

    `cells`  entity-periods under the policy     `shared`  those of them under the other too, `portion` of `cells`
    `clean`  share of the treated cells that have, in the same period, an entity not under the policy whose other
             policies are the same
    """
    import pandas as pd

    codes = [policy.code for policy in sample.study.calendar.policies]
    on = {code: treatment(sample.study, code, sample.entities, sample.periods)[0] > 0 for code in codes}
    rows = []
    for code in codes:
        others = np.stack([on[other] for other in codes if other != code] or [np.zeros(sample.shape, bool)], axis=2)
        clean = _clean(on[code], others)
        for other in codes:
            if other != code or len(codes) == 1:
                shared = int((on[code] & on[other]).sum()) if other != code else 0
                cells = int(on[code].sum())
                rows.append(
                    (code, other if other != code else "", cells, shared, shared / cells if cells else 0, clean)
                )
    return pd.DataFrame(rows, columns=["policy", "other_policy", "cells", "shared", "portion", "clean"])


def _clean(mine: np.typing.NDArray[np.bool_], others: np.typing.NDArray[np.bool_]) -> float:
    """Share of treated cells with an untreated cell of the same period under the same other policies."""
    key = others @ (1 << np.arange(others.shape[2]))
    found = 0
    for period in range(mine.shape[1]):
        free = np.unique(key[~mine[:, period], period])
        found += int(np.isin(key[mine[:, period], period], free).sum())
    return found / int(mine.sum()) if mine.any() else float("nan")


def dates(sample: Sample) -> pd.DataFrame:
    """What each date rule makes of the calendar: rule, chosen, cohorts, first, last, moved."""
    import pandas as pd

    t = len(sample.periods)
    rows = []
    for rule in DATE_RULES:
        start = treatment(sample.study, sample.policy, sample.entities, sample.periods, rule)[1]
        inside = start[(start > 0) & (start < t)]
        chosen = rule == sample.study.treatment.rule
        ends = (sample.periods[inside.min()], sample.periods[inside.max()]) if len(inside) else ("", "")
        rows.append((rule, chosen, len(np.unique(inside)), *ends, int((start != sample.start).sum())))
    return pd.DataFrame(rows, columns=["rule", "chosen", "cohorts", "first", "last", "moved"])


def audit_table(findings: list[tuple[str, Finding]]) -> pd.DataFrame:
    """What every guard found: policy, guard, level, where."""
    import pandas as pd

    rows = [(policy, f.guard, f.level, f.where) for policy, f in findings]
    return pd.DataFrame(rows, columns=["policy", "guard", "level", "where"])


def standing_table(told: Standing) -> pd.DataFrame:
    """How the study stands to its registration, one row per deviation: seal, time, key, registered, now."""
    import pandas as pd

    changes = told.changes or (("", "", ""),)
    rows = [(told.code, told.time, key, _short(before), _short(now)) for key, before, now in changes]
    return pd.DataFrame(rows, columns=["seal", "time", "key", "registered", "now"])


def _short(value: object, most: int = 200) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= most else text[: most - 1] + "…"


def _too_weak(powers: pd.DataFrame, study: Study) -> tuple[Note, ...]:
    """A note for each outcome whose smallest effect worth having is smaller than what could be seen."""
    weak = powers[powers["mde"] > powers["smallest"]]
    named = {outcome.code: outcome for outcome in study.outcomes}
    return tuple(
        _underpowered(named[o], *row) for o, *row in zip(weak["outcome"], weak["mde"], weak["smallest"], strict=True)
    )


def _underpowered(outcome: Outcome, mde: float, smallest: float) -> Note:
    return warn(
        "evaluate.underpowered", **both("name", outcome.label),
        **both("mde", lambda lang: measured(mde, outcome, lang, 3)),
        **both("smallest", lambda lang: measured(smallest, outcome, lang, 3)),
    )  # fmt: skip


def once(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """Each note once, in the order in which they first stand."""
    found: list[Note] = []
    for note in notes:
        if note not in found:
            found.append(note)
    return tuple(found)
