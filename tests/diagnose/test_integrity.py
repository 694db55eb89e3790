"""Screens: each finds what was planted and names it, clean series stay clean, the real panel's errors are found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from places import SHARED, panel_of, regions_of

import relode
from relode.maths import suspicion
from relode.words.codelist import Codelist, Entity
from relode.words.errors import Misfit, UnknownWord
from relode.words.panel import Panel


def clean(n: int = 60, years: int = 20, seed: int = 1) -> np.ndarray:
    """Calm series of different size, two decimals."""
    rng = np.random.default_rng(seed)
    logs = rng.normal(6, 1, (n, 1)) + np.cumsum(rng.normal(0.08, 0.02, (n, years)), axis=1)
    return np.round(np.exp(logs), 2)


def screened(x: np.ndarray, indicators: tuple[str, ...] = ("gdp",), **choices: object) -> pd.DataFrame:
    """The alarms on a panel."""
    panel = panel_of(x, indicators)
    regions = regions_of(panel, ["a"] * len(x), [f"p{n // 10}" for n in range(len(x))])
    return relode.diagnose.integrity(panel, regions, **choices).frame("alarms")


def named(alarms: pd.DataFrame, screen: str) -> set[tuple[str, str]]:
    """The (entity, period) that a screen names."""
    rows = alarms[alarms["screen"] == screen]
    return set(zip(rows["entity"], rows["period"], strict=True))


def test_clean_series_give_no_alarm() -> None:
    assert not len(screened(clean()))


def test_a_misplaced_decimal_point_is_named_with_the_right_value() -> None:
    x = clean()
    right = x[7, 9]
    x[7, 9] *= 10
    alarms = screened(x)
    assert named(alarms, "unit") == {("r007", "2009")}
    assert alarms["likely"][0] == pytest.approx(right, rel=1e-9)


def test_two_rows_that_changed_places_are_named_both() -> None:
    x = clean()
    x[21] *= 3 * x[20].mean() / x[21].mean()
    x[[20, 21], 5] = x[[21, 20], 5]
    alarms = screened(np.round(x, 2))
    assert named(alarms, "swap") == {("r020", "2005"), ("r021", "2005")}
    assert alarms.set_index("entity").loc["r020", "likely"] == pytest.approx(x[21, 5], abs=0.01)


def test_rows_that_slipped_by_one_are_named_with_the_value_that_slipped_away() -> None:
    x = clean()
    x[30:35] = np.round(np.sort(clean(seed=3)[30:35] * np.array([[1], [2], [5], [12], [30]]), axis=0), 2)
    truth = x[30:35, 8].copy()
    x[30:35, 8] = np.roll(truth, 1)
    alarms = screened(x)
    found = alarms[alarms["screen"].isin(["row_shift", "swap"])].set_index("entity")
    assert len(found) >= 4
    for n, value in enumerate(truth):
        if f"r{30 + n:03d}" in found.index:
            assert found.loc[f"r{30 + n:03d}", "likely"] == pytest.approx(value, rel=0.1)


def test_a_provinces_figure_in_a_citys_row_is_named() -> None:
    x = clean()
    x[14, 10] = x[10:20, 10].sum()
    assert named(screened(x, additive=("gdp",)), "level") == {("r014", "2010")}


def test_a_step_is_a_break_where_one_takes_it_and_a_revision_where_all_do() -> None:
    x = clean()
    x[5, 11:] *= 1.8
    assert named(screened(x), "break") == {("r005", "2011")}
    many = clean()
    many[:25, 11:] *= 1.8
    alarms = screened(many)
    assert len(named(alarms, "revision")) > 15
    assert not named(alarms, "break")


def test_a_total_that_is_not_its_parts_names_the_part_that_broke() -> None:
    parts = np.stack([clean(seed=n) for n in (1, 2, 3)], axis=2)
    block = np.concatenate([parts.sum(axis=2, keepdims=True), parts], axis=2)
    block[9, :, 0] += 2 * block[9, :, 2]
    block[9, :, 2] *= 3  # a part that matters
    right = block[9, 7, 2]
    block[9, 7, 2] *= 1.5
    alarms = screened(block, ("gdp", "a", "b", "c"), relations=("gdp = a + b + c",))
    row = alarms[alarms["screen"] == "identity"].iloc[0]
    assert (row["entity"], row["indicator"]) == ("r009", "b")
    assert row["likely"] == pytest.approx(right, rel=1e-6)


def test_repeated_copied_smooth_and_rounded_series_are_named() -> None:
    x = clean()
    x[3, 6] = x[3, 5]
    x[40, 12] = x[50, 12]
    x[45, 1:] = x[45, 0] * np.cumprod(np.full(19, 1.0833))
    x[55] = np.round(x[55] / 50) * 50
    alarms = screened(x)
    assert ("r003", "2006") in named(alarms, "repeat")
    assert named(alarms, "copy") & {("r040", "2012"), ("r050", "2012")}
    assert ("r045", "") in named(alarms, "smooth")


def test_growth_that_is_the_same_to_the_last_digit_is_named() -> None:
    x = clean(seed=9) * 1000
    for t in (8, 9):
        x[33, t] = x[33, t - 1] * x[12, t] / x[12, t - 1]
    assert named(screened(x), "copied_growth") & {("r033", "2009"), ("r012", "2009")}


def test_parting_from_an_independent_source_names_the_series_that_left_its_own_course() -> None:
    x = clean()
    other = np.round(x * np.exp(np.random.default_rng(4).normal(0, 0.02, x.shape)), 2)
    x[22, 13] *= 1.6
    alarms = screened(np.dstack([x, other]), ("co2", "co2.satellite"), relations=("co2 ~ co2.satellite",))
    row = alarms[alarms["screen"] == "proxy"].iloc[0]
    assert (row["entity"], row["period"], row["indicator"]) == ("r022", "2013", "co2")


def test_an_emerging_share_that_jumps_with_nothing_behind_it_is_named_and_one_with_power_is_not() -> None:
    share, power = clean(seed=1) / 1e4, clean(seed=2)
    share[5, 10:] *= 1.5
    share[6, 10:] *= 1.5
    power[6, 10:] *= 1.4
    alarms = screened(np.dstack([share, power]), ("emerging", "power"), relations=("emerging < power",))
    assert ("r005", "2010") in named(alarms, "repackaging")
    assert ("r006", "2010") not in named(alarms, "repackaging")


def test_a_plant_that_is_installed_but_not_run_is_named() -> None:
    capacity = clean(seed=1)
    removed = capacity * np.random.default_rng(2).normal(0.8, 0.03, capacity.shape)
    removed[17, 4:9] *= 0.2
    alarms = screened(np.dstack([removed, capacity]), ("removed", "capacity"), relations=("removed / capacity",))
    assert named(alarms, "idle") == {("r017", str(year)) for year in range(2004, 2009)}


def test_benford_is_only_asked_where_figures_span_three_powers_of_ten() -> None:
    narrow = np.random.default_rng(0).uniform(300, 900, (60, 20))
    panel = panel_of(np.round(narrow, 2))
    result = relode.diagnose.integrity(panel, Codelist())
    assert "integrity.no_benford" in {note.code for note in result.notes}
    assert suspicion.benford(narrow)[1] < 1e-50  # it would have accused honest figures
    wide = 10 ** np.random.default_rng(0).uniform(0, 6, 3000)
    assert suspicion.benford(wide)[1] > 1e-4


def test_no_sentence_says_fraud() -> None:
    from relode.words.texts import catalogue

    for code, said in catalogue().items():
        if code.startswith(("integrity", "code.screen")):
            assert "fraud" not in said["en"].lower()
            assert not {"造假", "欺诈", "舞弊"} & {word for word in ("造假", "欺诈", "舞弊") if word in said["zh"]}


def test_guards_of_integrity() -> None:
    with pytest.raises(Misfit, match="odd from usual"):
        screened(clean(5))
    with pytest.raises(Misfit, match="cannot be read"):
        screened(clean(), relations=("gdp is fine",))
    with pytest.raises(UnknownWord, match="not in the panel"):
        screened(clean(), relations=("gdp = x + y",))


def city_panel() -> tuple[Panel, Codelist, dict[str, str]]:
    """The Chinese city panel with its real errors; skips where it is missing."""
    path = SHARED / "cn_city_panel_2000_2021.csv"
    if not path.is_file():
        pytest.skip("the reference data are not beside this checkout (../shared/data)")
    table = pd.read_csv(path)
    codes = {"gdp_100m_yuan": "gdp", "va1_100m_yuan": "va1", "va2_100m_yuan": "va2", "va3_100m_yuan": "va3",
             "pop_10k": "people", "co2_edgar_t": "co2.edgar", "co2_ceads_mt": "co2.ceads", "loans_10k_yuan": "loans",
             "deposits_10k_yuan": "deposits", "gdp_nominal_alt_100m_yuan": "gdp.other", "fdi_musd": "fdi"}  # fmt: skip
    long = table[["city_code", "year", *codes]].rename(columns={**codes, "city_code": "entity", "year": "period"})
    panel = Panel.of(long.melt(id_vars=["entity", "period"], var_name="indicator").dropna().astype({"period": str}))
    names = dict(zip(table["city_code"].astype(str), table["city"], strict=True))
    parent = dict(zip(table["city_code"].astype(str), table["province"], strict=True))
    return panel, Codelist(tuple(Entity(code, names[code], parent=parent[code]) for code in panel.entities)), names


RELATIONS = ("gdp = va1 + va2 + va3", "co2.edgar ~ co2.ceads", "gdp ~ gdp.other")


def test_the_real_panels_errors_are_found_with_the_likely_right_value() -> None:
    panel, regions, names = city_panel()
    facts = relode.diagnose.integrity(panel, regions, relations=RELATIONS, additive=("gdp",)).frame()
    found = {(names[row["entity"]], row["period"], row["indicator"]): row for row in facts.to_dict("records")}
    for city in ("七台河市", "牡丹江市", "黑河市", "佳木斯市"):  # the rows of 2011 slipped by one
        assert (city, "2011", "gdp") in found
    assert found["七台河市", "2011", "gdp"]["screen"] in ("swap", "row_shift")
    assert found["淮安市", "2010", "loans"]["screen"] == "unit"
    assert found["淮安市", "2010", "loans"]["likely"] == pytest.approx(8426343.4)
    assert found["玉林市", "2005", "va1"]["likely"] == pytest.approx(104.26, abs=0.01)
    assert ("肇庆市", "2014", "gdp") in found  # the parts give 1844.88, as published elsewhere


@pytest.mark.slow
def test_planted_errors_are_found_and_clean_facts_left_alone() -> None:
    panel, regions, _ = city_panel()
    result = relode.diagnose.integrity_power(panel, regions, relations=RELATIONS, additive=("gdp",), count=40)
    power = result.frame("power").set_index("screen")["power"]
    for kind, least in (("unit", 0.95), ("swap", 0.85), ("level", 0.9), ("smooth", 0.9), ("heaping", 0.8),
                        ("row_shift", 0.75), ("spike", 0.6), ("repeat", 0.5), ("copied_growth", 0.5)):  # fmt: skip
        assert power[kind] >= least, kind
    assert "integrity.too_many" not in {note.code for note in result.notes}
