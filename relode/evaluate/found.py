"""What an evaluation found, as facts that later rooms read: of the treated entities, dated by the last period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..words.indicator import Indicator
from ..words.study import Outcome, Study
from ..words.texts import say
from .sample import Sample

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("entity", "period", "indicator", "value", "status")


def rows_of(
    sample: Sample, study: Study, policy: str, outcome: Outcome, values: Mapping[str, float]
) -> tuple[list[tuple[Any, ...]], list[Indicator]]:
    """Rows of COLUMNS with the codes `evaluate.<study>.<policy>.<outcome>.<name>`, status E, and what the codes are."""
    stem = f"evaluate.{study.name}.{policy}.{outcome.code.replace('.', '_').replace('@', '_')}"
    treated = [e for e, s in zip(sample.entities, sample.start, strict=True) if s < len(sample.periods)]
    rows: list[tuple[Any, ...]] = []
    defines = []
    for name, value in values.items():
        zh, en = (
            say(f"fact.{name}", lang, policy=study.calendar[policy].label(lang), outcome=outcome.label(lang))
            for lang in ("zh", "en")
        )
        units = {"verdict": "", "p_worked": "share"}
        defines.append(Indicator(f"{stem}.{name}", zh, en, units.get(name, outcome.effect_unit)))
        rows += [(entity, sample.periods[-1], f"{stem}.{name}", value, "E") for entity in treated]
    return rows, defines


def frame_of(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """The rows as facts."""
    import pandas as pd

    return pd.DataFrame(rows, columns=list(COLUMNS))
