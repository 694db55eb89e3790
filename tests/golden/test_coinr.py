"""The index equals COINr 1.1.14 on its ASEM example under eleven configurations, from the raw data (see README)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from relode.words.indicator import Group, Indicator, IndicatorSystem

pytestmark = pytest.mark.shared
CASES: dict[str, dict[str, Any]] = {
    "default_minmax0_100_amean": {},
    "minmax1_100_gmean": {"normalise": {"scale": (1, 100)}, "aggregate": {"method": "geometric"}},
    "n_zscore_0_1_amean": {"normalise": {"method": "zscore", "scale": (0, 1)}},
}


def system_from(meta: pd.DataFrame) -> IndicatorSystem:
    """COINr's table of metadata as a system: its codes in lower case."""

    def group(code: str, weight: float) -> Group:
        rows = list(meta[meta["Parent"] == code].itertuples())
        below = tuple(group(r.iCode, r.Weight) for r in rows if r.Type == "Aggregate")
        leaves = tuple(
            Indicator(r.iCode.lower(), r.iName, r.iName, r.Unit, int(r.Direction), weight=r.Weight)
            for r in rows
            if r.Type == "Indicator"
        )
        return Group(code.lower(), code, code, weight, below, leaves)

    return IndicatorSystem("asem", 1, group("Index", 1.0))


@pytest.mark.parametrize("case", CASES)
def test_the_index_equals_coinr(asem, case: str) -> None:
    scores = asem.scores(**CASES[case])
    theirs = pd.read_csv(asem.where / "coinr" / "config_scores.csv").set_index("uCode")[case]
    theirs = theirs.loc[list(scores.chosen.entities)]
    assert len(theirs) == 51
    np.testing.assert_allclose(scores.score[:, 0], theirs, atol=1e-9, rtol=0)
    ranks = pd.Series(scores.score[:, 0]).rank(ascending=False, method="min")
    assert (ranks.to_numpy() == theirs.round(9).rank(ascending=False, method="min").to_numpy()).all()
