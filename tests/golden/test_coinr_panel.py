"""COINr's panel example: five years, limits over all of them; per-year limits by an independent NumPy route."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.shared
PANEL: dict[str, Any] = {
    "denominate": {"method": "none", "by": {}},
    "impute": {"method": "none"},
    "screen": {"entity_missing": 0.10, "when": "raw"},
    "treat": {"window": "period"},
}


def test_limits_over_all_years_equal_coinr_for_the_46_that_pass_the_screen(asem) -> None:
    scores = asem.scores(of="asem_idata_panel", **PANEL)
    theirs = pd.read_csv(asem.where / "coinr" / "panel_global_minmax_aggregated.csv").rename(columns=str.lower)
    chosen = scores.chosen
    assert chosen.scored.sum(axis=0).tolist() == [46] * 5
    out = {code for code, kept in zip(chosen.entities, chosen.scored[:, 0], strict=True) if not kept}
    assert out == {"BGD", "BRN", "KHM", "LAO", "MMR"}
    for t, period in enumerate(chosen.periods):
        here = theirs[theirs["time"] == int(period)].set_index("ucode")
        at = [chosen.entities.index(code) for code in here.index]
        ours = scores.nodes[:, t][:, at].T
        np.testing.assert_allclose(ours, here[list(chosen.tree.codes)], atol=1e-9, rtol=0, equal_nan=True)


def test_limits_of_each_year_equal_an_independent_route(asem) -> None:
    plan = {**PANEL, "treat": {"method": "none"}, "normalise": {"limits": "period"}}
    scores = asem.scores(of="asem_idata_panel", **plan)
    wide = pd.read_csv(asem.where / "asem_idata_panel.csv")
    meta = asem.meta.set_index("iCode")
    leaves = [code for code in meta.index if meta.loc[code, "Type"] == "Indicator"]
    for t, year in enumerate(scores.chosen.periods):
        here = wide[wide["Time"] == int(year)].set_index("uCode")
        here = here[here[leaves].isna().mean(axis=1) <= 0.1]
        nodes = {code: by_hand(here[code].to_numpy(float), meta.loc[code, "Direction"]) for code in leaves}
        for code in meta.index[meta["Type"] == "Aggregate"]:  # pillars, then sub-indices, then the index
            nodes[code] = np.nanmean([nodes[child] for child in meta.index[meta["Parent"] == code]], axis=0)
        ours = pd.Series(scores.score[:, t], scores.chosen.entities)[here.index]
        np.testing.assert_allclose(ours, nodes["Index"], rtol=1e-11)


def by_hand(x: np.ndarray, direction: float) -> np.ndarray:
    low, high = np.nanmin(x), np.nanmax(x)
    return 100 * (x - low) / (high - low) if direction > 0 else 100 * (high - x) / (high - low)
