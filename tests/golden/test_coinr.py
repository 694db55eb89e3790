"""The index equals COINr 1.1.14 on its ASEM example: 51 countries, 49 indicators, four levels (see README)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relode.measure import index
from relode.words.codelist import Codelist
from relode.words.indicator import Group, Indicator, IndicatorSystem
from relode.words.panel import Panel
from relode.words.plan import Plan

CASES: dict[str, dict[str, Any]] = {
    "default_minmax0_100_amean": {"normalise": {"method": "minmax", "limits": "panel"}},
    "minmax1_100_gmean": {
        "normalise": {"method": "minmax", "limits": "panel", "scale": (1, 100)},
        "aggregate": {"method": "geometric"},
    },
    "n_zscore_0_1_amean": {"normalise": {"method": "zscore", "limits": "panel", "scale": (0, 1)}},
}


@pytest.fixture
def asem(shared: Path) -> Path:
    return shared / "reference" / "asem"


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


@pytest.mark.shared
@pytest.mark.parametrize("case", CASES)
def test_the_index_equals_coinr(asem: Path, case: str) -> None:
    system = system_from(pd.read_csv(asem / "asem_imeta.csv"))
    treated = pd.read_csv(asem / "coinr" / "default_treated.csv").rename(columns=str.lower)
    long = treated.melt("ucode", list(system.codes), "indicator").rename(columns={"ucode": "entity"})
    plan = Plan.of({"name": "asem", "zh": "a", "en": "a", "system": system, "uncertainty": {"draws": 0}, **CASES[case]})
    ranks = index(Panel.of(long.assign(period="2018")), Codelist(), plan=plan).tables["ranks"].set_index("entity")
    theirs = pd.read_csv(asem / "coinr" / "config_scores.csv").set_index("uCode")[case]
    assert len(ranks) == len(theirs) == 51
    np.testing.assert_allclose(ranks.loc[theirs.index, "score"], theirs, atol=1e-9, rtol=0)
    assert (ranks.loc[theirs.index, "rank"] == theirs.rank(ascending=False)).all()
