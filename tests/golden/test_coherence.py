"""Weights down the tree and correlations with the index equal COINr 1.1.14 on ASEM; coupling equals its paper."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relode.maths.coupling import invert_pair, modified, original
from relode.measure import coherence
from relode.words.codelist import Codelist
from relode.words.panel import Panel
from relode.words.plan import Plan

_spec = importlib.util.spec_from_file_location("golden_coinr", Path(__file__).with_name("test_coinr.py"))
_coinr = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_coinr)
system_from = _coinr.system_from


@pytest.fixture(scope="module")
def found():
    asem = Path(__file__).resolve().parents[3] / "shared" / "data" / "reference" / "asem"
    if not asem.is_dir():
        pytest.skip("the reference data are not beside this checkout (../shared/data)")
    system = system_from(pd.read_csv(asem / "asem_imeta.csv"))
    treated = pd.read_csv(asem / "coinr" / "default_treated.csv").rename(columns=str.lower)
    long = treated.melt("ucode", list(system.codes), "indicator").rename(columns={"ucode": "entity"})
    plan = Plan.of(
        {
            "name": "asem", "zh": "a", "en": "a", "system": system, "uncertainty": {"draws": 0},
            "normalise": {"method": "minmax", "limits": "panel"},
        }
    )  # fmt: skip
    return coherence(Panel.of(long.assign(period="2018")), Codelist(), plan=plan), asem / "coinr"


@pytest.mark.shared
def test_weights_in_the_whole_equal_coinr(found) -> None:
    result, coinr = found
    theirs = pd.read_csv(coinr / "eff_weights.csv").assign(node=lambda t: t["iCode"].str.lower()).set_index("node")
    ours = result.frame("importance").set_index("node")["weight_total"]
    assert set(theirs.index) - {"index"} == set(ours.index)
    np.testing.assert_allclose(ours, theirs.loc[ours.index, "EffWeight"], atol=1e-9, rtol=0)


@pytest.mark.shared
def test_correlations_with_the_index_equal_coinr(found) -> None:
    result, coinr = found
    theirs = pd.read_csv(coinr / "corr_l1_l4.csv").assign(node=lambda t: t["Var2"].str.lower()).set_index("node")
    table = result.frame("ancestors")
    ours = table[table["parent"] == "index"].set_index("node")["correlation"]
    assert len(theirs) == 49
    np.testing.assert_allclose(ours.loc[theirs.index], theirs["Correlation"], atol=1e-9, rtol=0)


@pytest.mark.shared
def test_64_of_65_printed_pairs_invert_and_are_given_back(shared: Path) -> None:
    printed = json.loads((shared / "reference" / "index" / "coupling_wang2021_table8.json").read_text("utf8"))
    first, second = (np.array(list(printed[kind].values())) for kind in ("original", "modified"))
    assert first.size == 65
    low, high = invert_pair(first, second)
    inverts = (low >= 0) & (high <= 1)
    assert inverts.sum() == 64
    assert first[~inverts] == [1.0], "printed as 1.0000: no ratio is left to invert"
    pair = np.stack([low[inverts], high[inverts]], axis=-1)
    np.testing.assert_allclose(original(pair), first[inverts], atol=5e-5)
    np.testing.assert_allclose(modified(pair), second[inverts], atol=5e-5)


@pytest.mark.shared
def test_skewness_and_kurtosis_equal_coinr(shared: Path) -> None:
    from relode.measure.audit import _moments

    coinr = shared / "reference" / "asem" / "coinr"
    imputed = pd.read_csv(coinr / "default_screened.csv").set_index("uCode")
    theirs = pd.read_csv(coinr / "default_treat_table.csv").set_index("iCode")
    for code, row in theirs.iterrows():
        x = imputed[code].dropna().to_numpy(np.float64)
        skew, kurt = _moments(x)
        assert skew == pytest.approx(row["check_SkewKurt0.Skew"], abs=1e-9), code
        assert kurt == pytest.approx(row["check_SkewKurt0.Kurt"], abs=1e-9), code
