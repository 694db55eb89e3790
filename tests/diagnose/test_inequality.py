"""Inequality against published numbers, brute force and PySAL; its laws; its guards."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import panel_of, regions_of

import relode
from relode.maths import inequality as m
from relode.words.errors import Misfit, Refused, UnknownWord

figures = st.lists(st.floats(0, 1e6, allow_subnormal=False).map(lambda v: round(v, 3)), min_size=3, max_size=40)


def brute(x: np.ndarray, group: np.ndarray) -> dict[str, float]:
    """Dagum (1997) by the double loop of his definitions."""
    n, mu, found = len(x), x.mean(), {"gw": 0.0, "gnb": 0.0, "gt": 0.0}
    kinds = sorted(set(group.tolist()))
    for j in kinds:
        for h in kinds:
            a, b = x[group == j], x[group == h]
            if a.mean() + b.mean() == 0:
                continue
            gaps = [(p - q) for p in a for q in b]
            delta = sum(map(abs, gaps)) / len(gaps)
            gini = delta / (a.mean() + b.mean())
            weight = len(a) / n * (len(b) * b.mean() / (n * mu))
            if j == h:
                found["gw"] += gini * weight
                continue
            up = sum(max(g, 0) for g in gaps) / len(gaps)
            down = sum(max(-g, 0) for g in gaps) / len(gaps)
            near = abs(up - down) / (up + down) if up + down > 0 else 0.0
            found["gnb"] += gini * weight * near
            found["gt"] += gini * weight * (1 - near)
    found["g"] = sum(abs(p - q) for p in x for q in x) / (2 * n * n * mu)
    return found


def test_dagum_gives_the_published_example_of_2011(shared: Path) -> None:
    wanted = json.loads((shared / "reference/index/dagum_expected_2011.json").read_text())["2011"]
    rows = [r for r in csv.DictReader((shared / "reference/index/dagum_example.csv").open()) if r["year"] == "2011"]
    x = np.array([float(r["value"]) for r in rows])
    found = m.dagum(x, np.array([int(r["group"]) - 1 for r in rows]), 3)
    assert [found.total, found.within, found.between, found.transvariation] == pytest.approx(
        [wanted["G"], wanted["Gw"], wanted["Gnb"], wanted["Gt"]], abs=1e-13
    )
    assert [found.gini[n, n] for n in range(3)] == pytest.approx(list(wanted["within"].values()), abs=1e-13)
    for name, value in wanted["between"].items():
        j, h = (int(part) - 1 for part in name.split("-"))
        assert found.gini[j, h] == pytest.approx(value, abs=1e-13)
        assert found.distance[j, h] == pytest.approx(wanted["D"][name], abs=1e-12)


@given(figures, st.integers(1, 4), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_dagum_equals_the_double_loop_and_its_parts_make_the_whole(values: list[float], k: int, seed: int) -> None:
    x, group = np.array(values), np.random.default_rng(seed).integers(0, k, len(values))
    if x.sum() <= 0:
        return
    found, wanted = m.dagum(x, group, k), brute(x, group)
    assert found.total == pytest.approx(wanted["g"], abs=1e-12)
    assert found.within == pytest.approx(wanted["gw"], abs=1e-12)
    assert found.between == pytest.approx(wanted["gnb"], abs=1e-12)
    assert found.transvariation == pytest.approx(wanted["gt"], abs=1e-12)
    assert found.within + found.between + found.transvariation == pytest.approx(found.total, abs=1e-12)


@given(figures, st.integers(0, 2**31), st.floats(0.01, 1000))
@settings(max_examples=40, deadline=None)
def test_order_and_unit_change_no_measure_of_inequality(values: list[float], seed: int, factor: float) -> None:
    x, rng = np.array(values) + 1, np.random.default_rng(seed)
    group, order = rng.integers(0, 3, len(x)), rng.permutation(len(x))
    here, there = m.dagum(x, group, 3), m.dagum(x[order] * factor, group[order], 3)
    assert here.between == pytest.approx(there.between, abs=1e-10)
    assert here.transvariation == pytest.approx(there.transvariation, abs=1e-10)
    for one, other in ((m.theil_t(x, group, 3), m.theil_t(x[order] * factor, group[order], 3)),
                       (m.theil_l(x, group, 3), m.theil_l(x[order] * factor, group[order], 3))):  # fmt: skip
        assert one.total == pytest.approx(other.total, abs=1e-9)
        assert one.within + one.between == pytest.approx(one.total, abs=1e-9)
    assert m.atkinson(x, 1.0) == pytest.approx(1 - np.exp(-m.theil_l(x, group * 0, 1).total), abs=1e-9)


def test_counting_a_figure_twice_is_the_same_as_having_it_twice() -> None:
    rng = np.random.default_rng(3)
    x, group = rng.lognormal(0, 1, 30), rng.integers(0, 3, 30)
    times = rng.integers(1, 4, 30)
    once = m.dagum(x, group, 3, times.astype(float))
    long = m.dagum(np.repeat(x, times), np.repeat(group, times), 3)
    assert once.transvariation == pytest.approx(float(long.transvariation), abs=1e-13)
    assert once.total == pytest.approx(m.gini(x, times.astype(float)), abs=1e-13)


def test_draws_keep_the_size_of_each_group_and_many_draws_equal_single_ones() -> None:
    rng = np.random.default_rng(5)
    x, group = rng.lognormal(0, 1, 50), rng.integers(0, 4, 50)
    times = m.resampled(np.random.default_rng(1), group, 130)
    for code in range(4):
        assert (times[:, group == code].sum(axis=1) == (group == code).sum()).all()
    many = m.dagum_draws(x, group, 4, times)
    for n in (0, 64, 129):
        assert many.between[n] == pytest.approx(float(m.dagum(x, group, 4, times[n]).between), abs=1e-14)


@pytest.mark.slow
def test_gini_and_theil_equal_pysal(shared: Path) -> None:
    inequality = pytest.importorskip("inequality")
    table = list(csv.DictReader((shared / "reference/index/mexico.csv").open()))
    group = np.array([int(float(row["group"])) - 1 for row in table])
    for year in ("pcgdp1940", "pcgdp2000"):
        x = np.array([float(row[year]) for row in table])
        assert m.gini(x) == pytest.approx(inequality.gini.Gini(x).g, abs=1e-8)
        ours, theirs = m.theil_t(x, group, group.max() + 1), inequality.theil.TheilD(x, group)
        assert ours.total == pytest.approx(float(theirs.T), abs=1e-8)
        assert [ours.between, ours.within] == pytest.approx([float(theirs.bg[0]), float(theirs.wg[0])], abs=1e-8)


def test_the_method_says_where_inequality_comes_from() -> None:
    rng = np.random.default_rng(1)
    apart = np.vstack([rng.uniform(1, 2, (10, 3)), rng.uniform(10, 12, (10, 3))])
    panel = panel_of(apart)
    result = relode.diagnose.inequality(panel, regions_of(panel, ["a"] * 10 + ["b"] * 10), indicator="income", draws=50)
    parts = result.frame("dagum").query("period == '2002'").set_index("part")
    assert parts["share"].sum() == pytest.approx(1)
    assert parts.loc["between", "share"] > 0.8
    assert parts.loc["transvariation", "value"] == 0
    assert (parts["low"] <= parts["share"] + 1e-9).all()
    assert result.frame("pairs")["distance"].eq(1).all()
    assert set(result.frame("theil")["measure"]) == {"theil_t", "theil_l"}


def test_groups_with_equal_means_lie_wholly_in_transvariation() -> None:
    panel = panel_of(np.array([[1.0], [3.0], [1.5], [2.5]]))
    result = relode.diagnose.inequality(panel, regions_of(panel, ["a", "a", "b", "b"]), indicator="income", draws=0)
    parts = result.frame("dagum").set_index("part")["value"]
    assert parts["between"] == 0
    assert parts["transvariation"] > 0


def test_negative_figures_are_refused() -> None:
    panel = panel_of(np.array([[1.0], [-0.1], [2.0]]))
    with pytest.raises(Refused, match="negative"):
        relode.diagnose.inequality(panel, regions_of(panel, ["a", "a", "b"]), indicator="income")


def test_zeros_single_groups_gaps_and_strangers_are_told() -> None:
    block = np.array([[0.0, 1], [2, 3], [4, np.nan], [5, 6], [7, 8]])
    panel = panel_of(block)
    regions = regions_of(panel, ["a", "a", "b", "b", "c"])
    result = relode.diagnose.inequality(panel, regions, indicator="income", draws=20, aversion=1.0)
    codes = {note.code for note in result.notes}
    assert {"inequality.single", "inequality.zeros", "diagnose.unbalanced"} <= codes
    first = result.frame("measures").query("period == '2000'").set_index("measure")["value"]
    assert np.isnan(first["theil_l"])
    assert np.isnan(first["atkinson"])
    some = regions_of(panel, ["a", "a", "b", "b", ""])
    assert "diagnose.ungrouped" in {n.code for n in relode.diagnose.inequality(panel, some, indicator="income").notes}


def test_an_unknown_grouping_is_told_with_what_there_is() -> None:
    panel = panel_of(np.ones((3, 1)))
    with pytest.raises(UnknownWord, match="attribute"):
        relode.diagnose.inequality(panel, regions_of(panel, ["a"] * 3), indicator="income", by="colour")
    with pytest.raises(Misfit, match="grouping"):
        relode.diagnose.inequality(panel, regions_of(panel, [""] * 3), indicator="income")


def test_weighting_by_people_is_another_question_and_says_so() -> None:
    block = np.dstack([np.array([[1.0], [9.0]]), np.array([[90.0], [10.0]])])
    panel = panel_of(block, ("income", "people"))
    regions = regions_of(panel, ["a", "a"])
    plain = relode.diagnose.inequality(panel, regions, indicator="income", draws=0)
    people = relode.diagnose.inequality(panel, regions, indicator="income", weight="people", draws=0)
    get = [r.frame("measures").set_index("measure")["value"]["gini"] for r in (plain, people)]
    assert get == pytest.approx([0.4, 0.4], abs=1e-12)  # by chance equal: 0.9 x 0.1 x 8 / 1.8 and 0.25 x 8 / 5
    assert {n.code for n in people.notes} & {"inequality.weighted"}
