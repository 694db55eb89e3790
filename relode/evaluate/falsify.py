"""Try to break the result: the robustness pack. One line per attempt: estimate, interval, verdict word, reason."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from ..maths.cohorts import permuted_effects, simple_effect
from ..words.choice import Within
from ..words.codelist import Codelist
from ..words.log import Log
from ..words.method import method, needs
from ..words.note import remark, warn
from ..words.panel import Panel
from ..words.result import Answer, Chart
from ..words.study import Study
from ..words.ties import Ties
from .attempts import ATTEMPTS, Ground, even_enough, safely
from .audit import audit, forbid, warnings_of
from .design import once, standing_table
from .did import estimates, outcome_of
from .register import standing
from .sample import draw
from .saying import coded


@method("evaluate.falsify", reads=needs(study="study"))
def falsify(
    panel: Panel, regions: Codelist, log: Log | None = None, neighbours: Ties | None = None, *, study: Study,
    policy: str = "", outcome: str = "", permutations: Annotated[int, Within(99, 100_000)] = 1000,
) -> Answer:  # fmt: skip
    """Does the headline survive other estimators, placebos, samples, outcomes and errors?

    Shape    facts of one scenario  ->  one row per attempt; the draws of the permutation placebo
    Unit     estimates in the outcome's unit
    Raises   Refused for the mistakes that the auditor does not make for you; UnknownWord, Misfit for facts
    """
    import pandas as pd

    sample = draw(panel, regions, study, policy, outcome_of(study, outcome))
    findings = audit(sample, neighbours)
    forbid(findings)
    effects, failed = estimates(sample)
    if not effects or effects[0].estimator != study.headline:
        raise next(fault for name, fault in failed if name == study.headline)
    even = sample.whole
    dealt = (
        permuted_effects(even.y, even.start, permutations, study.inference.seed, anticipation=even.ahead)
        if even_enough(sample)
        else None
    )
    ground = Ground(sample, tuple(effects), panel, regions, neighbours, dealt)
    lines = [line for attempt in ATTEMPTS for line in safely(attempt, ground)]
    table = pd.DataFrame([vars(line) for line in lines])
    told = standing(study, log)
    counts = table["verdict"].value_counts()
    note = remark(
        "falsify.count", holds=int(counts.get("holds", 0)), weaker=int(counts.get("weaker", 0)),
        overturned=int(counts.get("overturned", 0)), skipped=int(counts.get("not_run", 0)),
    )  # fmt: skip
    broken = tuple(
        warn("falsify.overturned", **coded("check", line.check)) for line in lines if line.verdict == "overturned"
    )
    details = {"policy": sample.policy, "outcome": sample.outcome.code, "unit": sample.outcome.effect_unit}
    observed = simple_effect(even.y, even.start, even.ahead) if dealt is not None else np.nan
    tables = {
        "pack": table[["check", "subject", "estimate", "low", "high", "p", "verdict", "reason"]],
        "placebo": pd.DataFrame({"draw": range(len(dealt)), "estimate": dealt} if dealt is not None else
                                {"draw": [], "estimate": []}),
        "standing": standing_table(told),
    }  # fmt: skip
    charts = (
        Chart("pack", "pack", "chart.pack", details),
        Chart("placebo_density", "placebo", "chart.placebo_density", details | {"observed": observed}),
    )
    part = () if sample.balanced or dealt is None else (
        remark("falsify.even", count=len(even.entities), whole=len(sample.entities)),
    )  # fmt: skip
    notes = (told.note, note, *broken, *part, *sample.notes, *warnings_of(findings))
    return Answer(tables=tables, charts=charts, notes=once(notes))
