"""p values of a family of tests: no more false finds than stated, and fewer true ones lost than by Holm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from relode.evaluate import did, verdict
from relode.evaluate.estimators import estimate
from relode.evaluate.sample import draw
from relode.maths.cohorts import simple_influence
from relode.maths.multiple import holm, romano_wolf

Plant = Callable[..., Any]


def outcomes(alike: float, seed: int) -> dict[str, np.ndarray]:
    """Four more outcomes without an effect, as alike as their shared part is large."""
    random = np.random.default_rng(seed)
    shared = random.normal(size=(60, 10))
    return {f"z{k}": alike * shared + (1 - alike) * random.normal(size=(60, 10)) for k in range(4)}


def five(plant: Plant, effect: float = 0.0, alike: float = 0.9, **options: Any) -> Any:
    """One outcome with the effect, four without."""
    names = [{"code": "y", "good": 1, "smallest": 0.2}, *({"code": f"z{k}", "good": 1} for k in range(4))]
    return plant(effect, more=outcomes(alike, 7), spec={"outcomes": names} | options)


def test_the_root_of_squared_influences_is_the_librarys_standard_error(plant: Plant) -> None:
    for options in ({}, {"n": 200, "starts": (3, 5, 8), "growing": 0.3, "share": 0.7}):
        sample = draw(*plant(1.0, **options))
        told = estimate(sample, "callaway_santanna")
        psi = simple_influence(sample.y, sample.start)
        assert np.sqrt(np.square(psi).sum()) == pytest.approx(told.se, rel=1e-10)  # diff-diff, analytic


def test_the_family_is_wrong_no_more_often_than_stated_and_holm_is_never_bolder() -> None:
    """1,000 families of five null tests, correlated 0.8: false finds within the 99.9 % Monte-Carlo band of 5 %."""
    random = np.random.default_rng(1)
    found = {"romano_wolf": 0, "holm": 0}
    for _ in range(1000):
        shared = random.normal(size=(60, 1))
        scores = np.sqrt(0.8) * shared + np.sqrt(0.2) * random.normal(size=(60, 5))
        t = scores.sum(axis=0) / np.sqrt(np.square(scores).sum(axis=0))
        from scipy.stats import norm

        found["holm"] += bool((holm(2 * norm.sf(np.abs(t))) < 0.05).any())
        found["romano_wolf"] += bool((romano_wolf(t, scores, draws=499, seed=1) < 0.05).any())
    band = 3.29 * np.sqrt(0.05 * 0.95 / 1000)
    assert abs(found["romano_wolf"] / 1000 - 0.05) < band
    assert found["holm"] < found["romano_wolf"]  # Holm does not know that the tests move together


def test_outcomes_that_move_together_cost_less_than_by_holm(plant: Plant) -> None:
    panel, regions, study = five(plant, 0.45)
    result = verdict(panel, regions, study=study)
    table = result.frame()
    by_holm = holm(table["p"].to_numpy())
    assert "evaluate.adjusted_romano_wolf" in [note.code for note in result.notes]
    assert (table["p_adjusted"] >= table["p"]).all()
    others = table["outcome"] != "y"
    assert (table.loc[others, "p_adjusted"] < by_holm[others]).all()


@pytest.mark.parametrize(
    "spec",
    [
        {"headline": "imputation", "estimators": ["imputation"]},
        {"control_group": "not_yet"},
        {"controls": [{"code": "size"}]},
    ],
)
def test_where_the_joint_distribution_is_not_known_holm_stands_in(plant: Plant, spec: dict[str, Any]) -> None:
    names = [{"code": "y", "good": 1}, {"code": "z0", "good": 1}]
    more = outcomes(0.5, 3) | {"size": np.random.default_rng(1).normal(size=(60, 10))}
    panel, regions, study = plant(1.0, more=more, spec={"outcomes": names} | spec)
    result = verdict(panel, regions, study=study)
    assert "evaluate.adjusted_holm" in [note.code for note in result.notes]
    table = result.frame()
    np.testing.assert_allclose(table["p_adjusted"], holm(table["p"].to_numpy()))


def test_clusters_of_the_study_are_drawn_as_wholes(plant: Plant) -> None:
    plain = five(plant, 0.3)
    parents = five(plant, 0.3, inference={"clusters": "parent"})
    first, second = (verdict(*case[:2], study=case[2]).frame() for case in (plain, parents))
    assert not np.allclose(first["p_adjusted"], second["p_adjusted"])


def test_groups_are_adjusted_together_and_one_test_is_not_said_to_be_many(plant: Plant) -> None:
    panel, regions, study = plant(1.0, spec={"subgroups": ["type"]})
    result = did(panel, regions, study=study)
    assert (result.frame("subgroups")["p_adjusted"] >= result.frame("subgroups")["p"]).all()
    assert "evaluate.adjusted_romano_wolf" in [note.code for note in result.notes]
    single = plant(1.0)
    codes = [note.code for note in verdict(*single[:2], study=single[2]).notes]
    assert not any(code.startswith("evaluate.adjusted") for code in codes)
