"""Efficiency and productivity against deaR, DataEnvelopmentAnalysis.jl and a linear program written from the papers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import relode
from relode.maths import programs
from relode.maths.frontier import INFEASIBLE, solve
from relode.maths.programs import Amounts
from relode.maths.resample import simar_wilson, smoothed
from relode.words.errors import Misfit, Refused
from relode.words.panel import Panel


def amounts(x: object, y: object, b: object = None) -> Amounts:
    """Amounts from nested lists."""
    parts = [np.array(part, float).reshape(len(x), -1) for part in (x, y)]
    return Amounts(*parts, np.zeros((len(x), 0)) if b is None else np.array(b, float).reshape(len(x), -1))


def panel_of(**blocks: np.ndarray) -> Panel:
    """A panel from (entity, period) blocks by indicator."""
    values = np.stack(list(blocks.values()), axis=2)
    names = tuple(f"u{n:03d}" for n in range(len(values)))
    return Panel(values[None], ("actual",), names, tuple(str(2000 + t) for t in range(values.shape[1])), tuple(blocks))


def firms(n: int, years: int = 1, seed: int = 0) -> dict[str, np.ndarray]:
    """Two inputs, one output, one bad output, made by one technology with waste."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(1, 10, (2, n, years))
    waste = rng.uniform(0.5, 1, (n, years))
    return {"labour": x[0], "capital": x[1], "gdp": (x[0] * x[1]) ** 0.4 * waste * np.linspace(1, 1.3, years),
            "co2": x.sum(axis=0) * rng.uniform(0.5, 1.5, (n, years))}  # fmt: skip


def paper_sbm(units: Amounts, o: int, variable: bool, excluded: bool) -> float:
    """Tone's program with bad outputs after Charnes and Cooper, straight from the equations, by scipy's solver."""
    n, m, s, k = len(units), units.x.shape[1], units.y.shape[1], units.b.shape[1]
    turn = -1.0 if excluded else 1.0
    use = [j for j in range(n) if not (excluded and j == o)]
    figures, size = np.hstack([units.x, units.y, units.b]), len(use) + m + s + k + 1
    cost = np.zeros(size)
    cost[-1] = 1
    cost[len(use) : len(use) + m] = -turn / (m * units.x[o])
    norm = np.zeros(size)
    norm[-1] = 1
    norm[len(use) + m : -1] = turn / ((s + k) * figures[o, m:])
    rows = np.zeros((m + s + k, size))
    for i in range(m + s + k):
        rows[i, : len(use)] = figures[use, i]
        rows[i, len(use) + i] = turn * (-1.0 if m <= i < m + s else 1.0)
        rows[i, -1] = -figures[o, i]
    convex = np.concatenate([np.ones(len(use)), np.zeros(m + s + k), [-1.0]])
    equal = [norm, *([convex] if variable else [])]
    right = [1.0, *([0.0] if variable else [])]
    if excluded:
        sign = np.array([-1.0 if m <= i < m + s else 1.0 for i in range(m + s + k)])
        found = linprog(cost, rows * sign[:, None], np.zeros(len(rows)), np.array(equal), right, method="highs")
    else:
        found = linprog(cost, None, None, np.vstack([*equal, rows]), right + [0.0] * len(rows), method="highs")
    return float(found.fun) if found.status == 0 else float("nan")


def paper_distance(units: Amounts, o: int, reference: Amounts, weak: bool, variable: bool) -> float:
    """Chung's directional distance with (0, y, -b), straight from the equations; NaN where there is none."""
    n = len(reference)
    cost = np.append(np.zeros(n), -1.0)
    upper = [np.append(reference.x.T[i], 0.0) for i in range(units.x.shape[1])]
    limit = list(units.x[o])
    upper += [np.append(-reference.y.T[r], units.y[o, r]) for r in range(units.y.shape[1])]
    limit += list(-units.y[o])
    bad = [np.append(reference.b.T[k], units.b[o, k]) for k in range(units.b.shape[1])]
    equal, right = ([*bad], list(units.b[o])) if weak else ([], [])
    if not weak:
        upper, limit = upper + bad, limit + list(units.b[o])
    if variable:
        equal, right = [*equal, np.append(np.ones(n), 0.0)], [*right, 1.0]
    found = linprog(cost, np.array(upper), limit, np.array(equal) if equal else None, right or None,
                    bounds=[(0, None)] * n + [(None, None)], method="highs")  # fmt: skip
    return -float(found.fun) if found.status == 0 else float("nan")


def sbm(units: Amounts, returns: str = "constant", side: str = "both", excluded: bool = False) -> np.ndarray:
    barred = np.arange(len(units)) if excluded else None
    found = solve(programs.slacks_based(units, units, returns, side, barred), programs.promising(units))
    assert np.nanmax(found.gap) < 1e-9
    return found.value


def test_tone_2001_and_2002_equal_dear(shared: Path) -> None:
    folder = shared / "reference/dea"
    wanted = json.loads((folder / "expected_part.json").read_text())
    one = pd.read_csv(folder / "tone2001_data.csv").to_numpy()
    units = amounts(one[:, 1:3], one[:, 3:5])
    assert sbm(units) == pytest.approx(list(wanted["tone2001_sbm"]["no_crs"].values()), abs=1e-6)
    assert sbm(units, side="input") == pytest.approx(list(wanted["tone2001_sbm"]["io_crs"].values()), abs=1e-6)
    two = pd.read_csv(folder / "tone2002_power_plants_data.csv").to_numpy()
    units = amounts(two[:, 1:5], two[:, 5:7])
    assert sbm(units, excluded=True) == pytest.approx(list(wanted["tone2002_super_sbm"]["no_crs"].values()), abs=1e-6)


def test_bad_outputs_equal_dear(shared: Path) -> None:
    folder = shared / "reference/dea"
    wanted = json.loads((folder / "expected_part.json").read_text())["hua_bian_2007_sbm_undesirable"]
    table = pd.read_csv(folder / "hua_bian_2007_data.csv").to_numpy()
    units = amounts(table[:, 1:3], table[:, 3:5], table[:, 5:6])
    for name, returns in (("no_crs", "constant"), ("no_vrs", "variable")):
        assert sbm(units, returns) == pytest.approx(list(wanted[name].values()), abs=1e-6)


def test_the_enhanced_russell_measure_is_the_slacks_based_one(shared: Path) -> None:
    case = json.loads((shared / "reference/dea/malmquist_luenberger.json").read_text())["enhanced_russell_equals_sbm"]
    units = amounts(case["X"], case["Y"])
    assert sbm(units) == pytest.approx(case["crs"], abs=1e-9)
    assert sbm(units, "variable") == pytest.approx(case["vrs"], abs=1e-9)


@pytest.mark.parametrize(
    ("case", "index"), [("malmquist_crs", "malmquist"), ("malmquist_luenberger_crs", "luenberger")]
)
def test_indices_of_five_units_equal_the_published_ones(shared: Path, case: str, index: str) -> None:
    wanted = json.loads((shared / "reference/dea/malmquist_luenberger.json").read_text())[case]
    blocks = {"x": np.array(wanted["X"]).T.astype(float), "y": np.array(wanted["Y"]).T.astype(float)}
    bads = ("b",) if "B" in wanted else ()
    if bads:
        blocks["b"] = np.array(wanted["B"]).T.astype(float)
    table = relode.measure.productivity(
        panel_of(**blocks), inputs=("x",), outputs=("y",), bads=bads, index=index, draws=0
    ).frame()
    for column, name in (("change", "ML" if bads else "M"), ("catching_up", "EC"), ("frontier_shift", "TC")):
        found = table.pivot(index="period", columns="entity", values=column).to_numpy()
        assert found == pytest.approx(np.array(wanted[name]), abs=6e-6)  # printed with five or six digits


def test_malmquist_of_31_provinces_equals_dear(shared: Path) -> None:
    folder = shared / "reference/dea"
    wanted = json.loads((folder / "expected_part.json").read_text())["malmquist_wang_lan_2011_first_variant"]
    table = pd.read_csv(folder / "wang_lan_2011_economy_wide.csv")
    blocks = {name: table[[f"{name}{year}" for year in range(2005, 2010)]].to_numpy(float)
              for name in ("Capital", "Labor", "GIOV")}  # fmt: skip
    found = relode.measure.productivity(panel_of(**blocks), inputs=("Capital", "Labor"), outputs=("GIOV",),
                                        index="malmquist", draws=0).frame()  # fmt: skip
    for column, name in (("change", "mi"), ("catching_up", "ec"), ("frontier_shift", "tc")):
        ours = found.pivot(index="entity", columns="period", values=column).to_numpy()
        theirs = [row for key, row in wanted["io_crs_cont_fgnz"][name].items() if key != "_row"]
        assert ours == pytest.approx(np.array(theirs), abs=1e-6)


@given(st.integers(0, 10**6), st.integers(6, 40), st.booleans(), st.booleans())
@settings(max_examples=25, deadline=None)
def test_scores_equal_the_program_of_the_paper(seed: int, n: int, variable: bool, excluded: bool) -> None:
    made = firms(n, seed=seed)
    units = amounts(np.hstack([made["labour"], made["capital"]]), made["gdp"], made["co2"])
    found = sbm(units, "variable" if variable else "constant", excluded=excluded)
    for o in range(0, n, 5):
        wanted = paper_sbm(units, o, variable, excluded)
        assert found[o] == pytest.approx(wanted, abs=1e-8, nan_ok=True)


@given(st.integers(0, 10**6), st.integers(5, 40), st.booleans(), st.booleans())
@settings(max_examples=25, deadline=None)
def test_distances_equal_the_program_of_the_paper(seed: int, n: int, weak: bool, variable: bool) -> None:
    made = firms(n, 2, seed)
    first, last = (amounts(np.column_stack([made["labour"][:, t], made["capital"][:, t]]), made["gdp"][:, t],
                           made["co2"][:, t]) for t in (0, 1))  # fmt: skip
    returns = "variable" if variable else "constant"
    for units, reference in ((last, last), (last, first), (first, last)):
        found = solve(
            programs.directional(units, reference, returns, (0.0, 1.0, 1.0), weak), programs.promising(reference)
        )
        for o in range(0, n, 4):
            wanted = paper_distance(units, o, reference, weak, variable)
            assert -found.value[o] == pytest.approx(wanted, abs=1e-8, nan_ok=True)


def test_the_global_index_is_transitive_and_splits_exactly_and_equals_the_second_route() -> None:
    made = firms(40, 4)
    panel = panel_of(**made)
    names = {"inputs": ("labour", "capital"), "outputs": ("gdp",), "bads": ("co2",)}
    result = relode.measure.productivity(panel, **names, draws=0)
    table = result.frame()
    assert (table["change"] - table["catching_up"] * table["frontier_shift"]).abs().max() < 1e-12
    ends = relode.measure.productivity(panel.only(periods=("2000", "2003")), **names, draws=0).frame()
    path = result.frame("paths").query("period == '2003'")["change"].to_numpy()
    stack = lambda t: np.column_stack([made["labour"][:, t], made["capital"][:, t]])  # noqa: E731
    years = [amounts(stack(t), made["gdp"][:, t], made["co2"][:, t]) for t in range(4)]
    pooled = amounts(np.concatenate([u.x for u in years]), np.concatenate([u.y for u in years]),
                     np.concatenate([u.b for u in years]))  # fmt: skip
    for o in (0, 7, 21):
        far = [1 + paper_distance(years[t], o, pooled, False, False) for t in (0, 3)]
        assert path[o] == pytest.approx(far[0] / far[1], abs=1e-8)
    assert len(ends) == 40


def test_slacks_lead_to_a_target_on_the_frontier() -> None:
    made = firms(30, seed=4)
    names = {"inputs": ("labour", "capital"), "outputs": ("gdp",), "bads": ("co2",)}
    result = relode.measure.efficiency(panel_of(**made), **names)
    scores, slacks = result.frame(), result.frame("slacks")
    behind = scores[~scores["efficient"]]["entity"].iloc[0]
    target = slacks.query("entity == @behind").set_index("indicator")["target"]
    moved = {name: block.copy() for name, block in made.items()}
    for name in moved:
        moved[name][int(behind[1:]), 0] = target[name]
    again = relode.measure.efficiency(panel_of(**moved), **names).frame().set_index("entity")
    assert again.loc[behind, "score"] == pytest.approx(1, abs=1e-7)
    peers = result.frame("peers").query("entity == @behind")
    assert peers["weight"].sum() == pytest.approx(1, abs=1e-7)  # variable returns


def test_units_of_measurement_change_no_score() -> None:
    made = firms(25, seed=6)
    names = {"inputs": ("labour", "capital"), "outputs": ("gdp",), "bads": ("co2",), "model": "super"}
    one = relode.measure.efficiency(panel_of(**made), **names).frame()["score"]
    scaled = {name: block * factor for (name, block), factor in zip(made.items(), (1e4, 1e-3, 7, 1e6), strict=True)}
    other = relode.measure.efficiency(panel_of(**scaled), **names).frame()["score"]
    assert other.to_numpy() == pytest.approx(one.to_numpy(), abs=1e-8)


def test_infeasible_stays_infeasible_and_is_never_one() -> None:
    made = {"x": np.array([[1.0], [5], [6], [7]]), "y": np.array([[1.0], [2], [3], [9]])}
    result = relode.measure.efficiency(panel_of(**made), inputs=("x",), outputs=("y",), model="super", side="input")
    lost = result.frame().set_index("entity").loc["u003"]
    assert lost["status"] == INFEASIBLE
    assert np.isnan(lost["score"])
    assert not lost["efficient"]
    assert "efficiency.no_score" in {note.code for note in result.notes}


def test_super_efficiency_says_that_it_leaps_and_variable_returns_which_split_they_take() -> None:
    panel, names = panel_of(**firms(20, 2)), {"inputs": ("labour", "capital"), "outputs": ("gdp",)}
    scores = {model: {note.code for note in relode.measure.efficiency(panel, **names, model=model).notes}
              for model in ("super", "slacks")}  # fmt: skip
    assert "efficiency.leap" in scores["super"] - scores["slacks"]
    split = {returns: relode.measure.productivity(panel, **names, index="malmquist", returns=returns, draws=0)
             for returns in ("variable", "constant")}  # fmt: skip
    codes = {returns: {note.code for note in result.notes} for returns, result in split.items()}
    assert "productivity.variable" in codes["variable"] - codes["constant"]
    table = split["variable"].frame()
    lost = table["change"].isna()
    assert (table["change"] - table["catching_up"] * table["frontier_shift"])[~lost].abs().max() < 1e-12


def test_a_zero_bad_output_has_nothing_to_save() -> None:
    made = firms(20, seed=2)
    made["co2"][3, 0] = 0
    result = relode.measure.efficiency(panel_of(**made), inputs=("labour", "capital"), outputs=("gdp",), bads=("co2",))
    slack = result.frame("slacks").query("entity == 'u003' and indicator == 'co2'")["slack"].iloc[0]
    assert slack == 0
    assert "productivity.zeros" in {note.code for note in result.notes}


def test_guards_of_efficiency() -> None:
    made = firms(20, 2)
    panel = panel_of(**made)
    with pytest.raises(Misfit, match="inputs"):
        relode.measure.efficiency(panel, inputs=(), outputs=("gdp",))
    with pytest.raises(Misfit, match="twice"):
        relode.measure.efficiency(panel, inputs=("gdp",), outputs=("gdp",))
    with pytest.raises(Misfit, match="zero"):
        relode.measure.efficiency(panel_of(**(made | {"gdp": made["gdp"] * 0})), inputs=("labour",), outputs=("gdp",))
    with pytest.raises(Misfit, match="negative"):
        relode.measure.efficiency(panel_of(**(made | {"co2": -made["co2"]})), inputs=("labour",), outputs=("gdp",),
                                  bads=("co2",))  # fmt: skip
    with pytest.raises(Refused, match="Malmquist"):
        relode.measure.productivity(panel, inputs=("labour",), outputs=("gdp",), bads=("co2",), index="malmquist")
    few = relode.measure.efficiency(panel_of(**firms(6)), inputs=("labour", "capital"), outputs=("gdp",), bads=("co2",))
    assert "productivity.few" in {note.code for note in few.notes}


def test_an_unbalanced_panel_loses_those_with_gaps_and_says_so() -> None:
    made = firms(20, 3)
    made["gdp"][4, 1] = np.nan
    result = relode.measure.productivity(panel_of(**made), inputs=("labour",), outputs=("gdp",), bads=("co2",), draws=0)
    assert "u004" not in set(result.frame()["entity"])
    assert "productivity.left_out" in {note.code for note in result.notes}
    gone = {
        name: block + np.where(np.arange(20)[:, None] % 3 == np.arange(3), np.nan, 0) for name, block in made.items()
    }
    with pytest.raises(Refused, match="balanced"):
        relode.measure.productivity(panel_of(**gone), inputs=("labour",), outputs=("gdp",), bads=("co2",))


def drawn(rng: np.random.Generator, n: int, m: int, returns: str = "constant") -> tuple[Amounts, np.ndarray]:
    """Firms behind a known frontier - the geometric mean of `m` inputs, to the power 0.6 if variable - and how far."""
    x, true = rng.uniform(1, 10, (n, m)), np.exp(-np.abs(rng.normal(0, 0.3, n)))
    y = np.exp(np.log(x).mean(axis=1) * (1.0 if returns == "constant" else 0.6))
    return amounts(x / true[:, None], y), true


def test_scores_corrected_for_bias_are_nearer_to_the_truth() -> None:
    firms, true = drawn(np.random.default_rng(0), 80, 2)
    blocks = {"a": firms.x[:, :1], "b": firms.x[:, 1:], "y": firms.y}
    panel, names = panel_of(**blocks), {"inputs": ("a", "b"), "outputs": ("y",), "returns": "constant"}
    result = relode.measure.efficiency_corrected(panel, **names, draws=60)
    found = result.frame("corrected")
    assert (found["corrected"] <= found["score"] + 1e-9).all()
    assert np.abs(found["corrected"] - true).mean() < 0.7 * np.abs(found["score"] - true).mean()
    plain = relode.measure.efficiency(panel, **names, model="radial", side="input").frame("scores")
    assert found["score"].to_numpy() == pytest.approx(plain["score"].to_numpy(), abs=1e-9)


def test_draws_keep_the_edge_of_the_frontier_and_the_spread_of_the_scores() -> None:
    theta = np.exp(-np.abs(np.random.default_rng(1).normal(0, 0.3, 400)))
    theta[:20] = 1.0
    many = np.concatenate([smoothed(theta, np.random.default_rng(n)) for n in range(200)])
    assert 1 - many.max() < 1e-4
    assert (many < 1).mean() > 0.999  # no heap at the frontier
    assert np.mean((1 - many) ** 2) == pytest.approx(np.mean((1 - theta[20:]) ** 2), rel=0.03)


def test_one_input_and_one_output_have_the_bias_of_a_largest_value() -> None:
    """All scores are then measured against the best ratio: its expected shortfall is 1 / (n f(1)) - at 60, 0.0063."""
    found = [simar_wilson(drawn(np.random.default_rng(n), 60, 1)[0], "constant", 40, n).bias.mean() for n in range(12)]
    scores = np.exp(-0.3 * np.sqrt(2 / np.pi))
    assert np.mean(found) == pytest.approx(scores / (60 * np.sqrt(2 / np.pi) / 0.3), rel=0.35)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m", "least"), [(30, 1, 0.8), (30, 2, 0.8)])
def test_intervals_hold_the_truth_about_as_often_as_the_card_says(n: int, m: int, least: float) -> None:
    held = []
    for seed in range(60):
        firms, true = drawn(np.random.default_rng(90_000 + seed), n, m)
        found = simar_wilson(firms, "constant", 60, seed)
        held.append(np.mean((found.low <= true) & (true <= found.high)))
    assert least <= np.mean(held) <= 0.97


def test_too_few_units_behind_the_frontier_are_not_corrected_and_small_biases_are_told() -> None:
    names = {"inputs": ("labour", "capital"), "outputs": ("gdp",), "draws": 30}
    with pytest.raises(Misfit, match="behind the frontier"):
        relode.measure.efficiency_corrected(panel_of(**firms(8)), **names)
    some, _ = drawn(np.random.default_rng(3), 40, 1)
    one = relode.measure.efficiency_corrected(panel_of(labour=some.x, capital=some.x, gdp=some.y), **names)
    assert "efficiency.noisy" in {note.code for note in one.notes}
