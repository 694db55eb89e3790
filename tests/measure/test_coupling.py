"""Coupling: both formulas by hand, levels from rules, and every misuse refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from relode.maths import coupling as formulas
from relode.measure import coupling
from relode.measure.coupling import MISUSED
from relode.words.errors import Misfit, Refused, UnknownWord

STANDINGS = arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(2, 5)), elements=st.floats(0.01, 1))


def run(made, values, **choices):
    plan = choices.pop("plan", None) or made.plan()
    return coupling(made.panel(values), made.regions(len(values)), plan=plan, **choices)


def test_two_systems_by_hand() -> None:
    u = np.array([[0.9, 0.4]])
    np.testing.assert_allclose(formulas.original(u), 2 * np.sqrt(0.36) / 1.3)
    np.testing.assert_allclose(formulas.modified(u), np.sqrt((1 - 0.5) * 0.4 / 0.9))


def test_three_systems_by_hand() -> None:
    u = np.array([0.8, 0.6, 0.2])
    np.testing.assert_allclose(formulas.original(u), 3 * (0.8 * 0.6 * 0.2) ** (1 / 3) / 1.6)
    apart = (0.2 + 0.6 + 0.4) / 3
    np.testing.assert_allclose(formulas.modified(u), np.sqrt((1 - apart) * np.sqrt(0.75 * 0.25)))


@given(STANDINGS)
def test_degrees_stay_within_zero_and_one_and_equal_systems_reach_one(u: np.ndarray) -> None:
    for formula in (formulas.original, formulas.modified):
        assert (formula(u) <= 1 + 1e-12).all()
        assert (formula(u) >= 0).all()
        np.testing.assert_allclose(formula(np.repeat(u[:, :1], 3, axis=1)), 1)


def test_the_table_gives_both_formulas_and_the_laggard(made) -> None:
    found = run(made, made.values(12))
    table = found.frame("coupling")
    stands = found.frame("standings").pivot(index="entity", columns="node", values="standing_share")
    row = table.iloc[0]
    econ, life = stands.loc[row["entity"], ["econ", "life"]]
    assert row["coupling_original"] == pytest.approx(2 * np.sqrt(econ * life) / (econ + life))
    assert row["development"] == pytest.approx((econ + life) / 2)
    assert row["coordination"] == pytest.approx(np.sqrt(row["coupling_modified"] * row["development"]))
    assert row["node"] == ("econ" if econ < life else "life")
    assert row["coordination_level"] == f"step_{int(row['coordination'] * 10) + 1:02}"
    assert found.facts is not None
    assert set(found.facts["indicator"]) == {"coupling.small"}
    assert [one.code for one in found.answer.defines] == ["coupling.small"]


def test_the_formula_is_named_in_the_notes(made) -> None:
    for formula in ("original", "modified"):
        assert f"coupling.formula_{formula}" in [n.code for n in run(made, made.values(9), formula=formula).notes]


@pytest.mark.parametrize("formula", MISUSED)
def test_each_documented_misuse_is_refused_with_its_reason(made, formula: str) -> None:
    with pytest.raises(Refused) as fault:
        run(made, made.values(9), formula=formula)
    assert fault.value.code == f"guard.coupling_{formula}"
    assert "modified" in fault.value.told("en")


def test_the_misuses_do_what_the_refusals_say() -> None:
    """Equal systems must reach 1: without the factor they stop at 1/n, without the root three systems are pressed."""
    u = np.array([0.5, 0.5, 0.5])
    assert u.prod() ** (1 / 3) / u.sum() == pytest.approx(1 / 3)
    v = np.array([0.9, 0.5, 0.4])
    without_root = v.prod() / (v.sum() / 3) ** 3
    assert without_root == pytest.approx(formulas.original(v) ** 3)
    assert without_root < formulas.original(v)


def test_standings_beyond_zero_and_one_are_refused(made) -> None:
    with pytest.raises(Refused, match="0 to 1"):
        run(made, made.values(9), plan=made.plan(normalise={"method": "zscore", "limits": "panel", "scale": (0, 1)}))
    values = made.values(9, 2)
    values[0, 1] = 100.0
    based = made.plan(normalise={"method": "minmax", "limits": "base", "base": ["2020"]})
    with pytest.raises(Refused, match="0 to 1"):
        run(made, values, plan=based)


def test_a_yardstick_per_period_is_refused(made) -> None:
    with pytest.raises(Refused, match="do not compare"):
        run(made, made.values(9, 2), plan=made.plan(normalise={"method": "minmax", "limits": "period"}))


@pytest.mark.parametrize("weights", [(0.5,), (0.7, 0.7), (1.5, -0.5)])
def test_weights_that_do_not_sum_or_fit_are_refused(made, weights: tuple[float, ...]) -> None:
    with pytest.raises(Refused, match="sum to 1"):
        run(made, made.values(9), weights=weights)


def test_unknown_or_single_systems_are_refused(made) -> None:
    with pytest.raises(UnknownWord):
        run(made, made.values(9), systems=("econ", "nowhere"))
    with pytest.raises(Misfit):
        run(made, made.values(9), systems=("econ",))
    with pytest.raises(Misfit):
        run(made, made.values(9), systems=("econ", "econ"))


def test_equally_poor_systems_are_warned(made) -> None:
    values = made.values(9)
    values[0] = values.min(axis=0) + 0.05 * (values.max(axis=0) - values.min(axis=0))
    values[0, 0, [1, 4]] = 8.9
    assert "guard.coupling_poor" in [note.code for note in run(made, values).notes]
