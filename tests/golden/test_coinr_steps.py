"""Every step of COINr 1.1.14 on its ASEM example, one after the other, from the raw data (see README)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from relode.maths.treat import shape
from relode.words.errors import Refused

pytestmark = pytest.mark.shared


def same(asem, found: np.ndarray, step: str, entities: tuple[str, ...]) -> None:
    theirs = asem.theirs(step).loc[list(entities), list(asem.system.codes)].to_numpy()
    np.testing.assert_allclose(found, theirs, rtol=1e-9, atol=1e-9, equal_nan=True)


def test_denomination(asem) -> None:
    chosen = asem.chosen(impute={}, treat={}, screen={"entity_missing": 1.0})
    same(asem, chosen.raw[:, 0], "default_denominated", chosen.entities)


def test_coinr_divides_a_figure_per_inhabitant_by_inhabitants_once_more_and_we_refuse(asem) -> None:
    with pytest.raises(Refused) as told:
        asem.chosen(system=asem.as_published)
    assert told.value.code == "guard.denominate_ratio"
    assert told.value.details["name"] == "ngos"


def test_imputation_and_screening(asem) -> None:
    chosen = asem.chosen(treat={})
    same(asem, chosen.raw[:, 0], "default_imputed", chosen.entities)
    same(asem, chosen.values[:, 0], "default_screened", chosen.entities)
    assert (chosen.status[chosen.gaps] == 2).all(), "what was filled is marked I"
    assert chosen.gaps.sum() == 65


def test_treatment_and_the_table_of_what_was_treated(asem) -> None:
    chosen = asem.chosen()
    same(asem, chosen.values[:, 0], "default_treated", chosen.entities)
    table = pd.read_csv(asem.where / "coinr" / "default_treat_table.csv").set_index("iCode")
    before, after = shape(chosen.raw[:, 0]), shape(chosen.values[:, 0])
    for k, code in enumerate(chosen.codes):
        theirs = table.rename(index=str.lower).loc[code]
        assert before.skewness[k] == pytest.approx(theirs["check_SkewKurt0.Skew"], rel=1e-9)
        assert before.kurtosis[k] == pytest.approx(theirs["check_SkewKurt0.Kurt"], rel=1e-9)
        assert (chosen.raw[:, 0, k] != chosen.values[:, 0, k]).sum() == np.nan_to_num(theirs["winsorise.nwin"])
        if not theirs["check_SkewKurt0.Pass"]:
            assert after.skewness[k] == pytest.approx(theirs["check_SkewKurt1.Skew"], rel=1e-9)
            assert after.kurtosis[k] == pytest.approx(theirs["check_SkewKurt1.Kurt"], rel=1e-9)


def test_normalisation_and_aggregation_of_every_node(asem) -> None:
    scores = asem.scores()
    theirs = asem.theirs("default_aggregated").loc[list(scores.chosen.entities), list(scores.chosen.tree.codes)]
    np.testing.assert_allclose(scores.nodes[:, 0].T, theirs.to_numpy(), rtol=0, atol=1e-9)
    same(asem, scores.nodes[:49, 0].T, "default_normalised", scores.chosen.entities)
