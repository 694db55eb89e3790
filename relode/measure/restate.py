"""What the newest period did to the scores of the past: the restatement that belongs to every published series."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from relode.maths.numbers import significant
from relode.words.note import Note, warn

from . import ranking
from .score import Scores

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["entity", "period", "score_before", "score", "change", "rank_before", "rank"]


def restated(scores: Scores) -> pd.DataFrame:
    """Scores and ranks of all earlier periods, as they stood before the last period was added and as they stand now.

    Only rows that moved; empty where no step uses later figures.
    """
    import pandas as pd

    before = scores.before_last
    if before is None:
        return pd.DataFrame(columns=COLUMNS)
    now, then = scores.score[:, :-1], before.score
    ranks, old = ranking.all_ranks(scores)[:, :-1], ranking.all_ranks(before)
    both = ~np.isnan(now) & ~np.isnan(then) & ((now != then) | (ranks != old))
    t, e = np.nonzero(both.T)
    entities, periods = (np.array(axis, dtype=object) for axis in (scores.chosen.entities, scores.chosen.periods))
    columns = {"score_before": then, "score": now, "change": significant(now - then), "rank_before": old, "rank": ranks}
    found = {"entity": entities[e], "period": periods[t]} | {name: x[e, t] for name, x in columns.items()}
    return pd.DataFrame(found, columns=COLUMNS)


def note_on_restatement(scores: Scores) -> Iterator[Note]:
    """How far the last period moved what was said of the one before it."""
    before = scores.before_last
    if before is None:
        return
    moved = np.abs(scores.score[:, -2] - before.score[:, -1])
    ranked = ranking.all_ranks(scores)[:, -2] != ranking.all_ranks(before)[:, -1]
    both = ~np.isnan(moved)
    if both.any() and moved[both].max() > 0:
        told = {"last": scores.chosen.periods[-1], "period": scores.chosen.periods[-2], "of": int(both.sum())}
        yield warn("guard.restated", most=float(moved[both].max()), ranks=int(ranked[both].sum()), **told)
