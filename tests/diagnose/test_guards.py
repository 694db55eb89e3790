"""Every diagnosis before a panel that it cannot judge: empty, ragged, negative, alone - a code, a message, a remedy.

`PITFALLS` says which test holds which mistake of the field (items 15 to 21 of the research notes on measuring); a test
of its own holds that each of them is there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from places import panel_of, regions_of, ring

import relode
from relode.diagnose.ties import by_economy, by_parent, weights_of
from relode.words.codelist import STATUSES, Codelist
from relode.words.errors import Misfit, Refused, RelodeError
from relode.words.panel import Panel
from relode.words.texts import has
from relode.words.ties import Ties

PITFALLS = {
    "15 wrong coupling formulas": "test_each_documented_misuse_is_refused_with_its_reason",
    "15 standings beyond 0 and 1": "test_standings_beyond_zero_and_one_are_refused",
    "15 a yardstick per period": "test_a_yardstick_per_period_is_refused",
    "15 two equally bad systems": "test_equally_poor_systems_are_warned",
    "15 original and modified side by side": "test_the_table_gives_both_formulas_and_the_laggard",
    "16 transvariation as a residual": "test_dagum_equals_the_double_loop_and_its_parts_make_the_whole",
    "16 equal means": "test_groups_with_equal_means_lie_wholly_in_transvariation",
    "16 groups of one": "test_zeros_single_groups_gaps_and_strangers_are_told",
    "16 negatives": "test_negative_figures_are_refused",
    "16 weights are another question": "test_weighting_by_people_is_another_question_and_says_so",
    "17 Galton": "test_beta_without_sigma_is_told_as_galtons_fallacy",
    "17 half-life of the yearly speed": "test_a_planted_speed_and_its_half_life_are_found",
    "17 spatial dependence in errors": "test_neighbours_bring_the_spatial_rows",
    "18 classes pooled or by period": "test_classes_of_all_periods_and_of_each_period_are_two_answers",
    "18 few moves in a cell": "test_starting_cells_with_few_moves_are_counted_and_told_and_full_ones_are_not",
    "18 LR and Q": "test_chains_equal_giddy",
    "19 row standardisation": "test_ties_become_row_standardised_weights_and_losing_a_neighbour_restandardises",
    "19 islands": "test_islands_stay_out_and_are_told",
    "19 the floor of p, many tests": "test_p_cannot_pass_many_tests_with_few_permutations",
    "19 estimated indices": "test_what_was_estimated_is_told_before_its_clusters_are_believed",
    "20 zero data": "test_guards_of_efficiency",
    "20 zero bad outputs": "test_a_zero_bad_output_has_nothing_to_save",
    "20 infeasible is never 1": "test_infeasible_stays_infeasible_and_is_never_one",
    "20 leap of super-efficiency; Ray-Desli or FGNZ":
        "test_super_efficiency_says_that_it_leaps_and_variable_returns_which_split_they_take",
    "20 unbalanced panels": "test_an_unbalanced_panel_loses_those_with_gaps_and_says_so",
    "20 too few units": "test_guards_of_efficiency",
    "21 constant columns of an index": "test_21_a_constant_column_leaves_every_period_with_a_warning",
    "21 a figure that is the same everywhere": "test_guards_of_space_and_time",
}  # fmt: skip
NONE = Ties((), (), (), np.zeros(0))
EMPTY = Panel(np.zeros((0, 0, 0, 0)), (), (), (), ())
HOLLOW = panel_of(np.full((12, 6, 2), np.nan), ("income", "other"))
CALLS: dict[str, Callable[[Panel], object]] = {
    "inequality": lambda p: relode.diagnose.inequality(p, Codelist(), indicator="income", by=""),
    "convergence": lambda p: relode.diagnose.convergence(p, Codelist(), NONE, indicator="income"),
    "gravity": lambda p: relode.diagnose.gravity(p, Codelist(), indicator="income"),
    "spacetime": lambda p: relode.diagnose.spacetime(p, Codelist(), NONE, indicator="income"),
    "transitions": lambda p: relode.diagnose.transitions(p, Codelist(), NONE, indicator="income"),
    "likeness": lambda p: relode.diagnose.likeness(p, Codelist(), NONE, industries=("income", "other")),
    "citytype": lambda p: relode.diagnose.citytype(p, Codelist()),
    "citytype_check": lambda p: relode.diagnose.citytype_check(p, Codelist(), indicators=("income",)),
    "integrity": lambda p: relode.diagnose.integrity(p, Codelist()),
    "efficiency": lambda p: relode.measure.efficiency(p, inputs=("income",), outputs=("other",)),
    "productivity": lambda p: relode.measure.productivity(p, inputs=("income",), outputs=("other",)),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_empty_panel_is_refused_with_a_code_and_a_remedy(name: str) -> None:
    with pytest.raises(RelodeError) as told:
        CALLS[name](EMPTY)
    assert has(told.value.code)


@pytest.mark.parametrize("name", CALLS)
def test_a_panel_without_any_figure_is_refused_with_a_code_and_a_remedy(name: str) -> None:
    with pytest.raises(RelodeError) as told:
        CALLS[name](HOLLOW)
    assert has(told.value.code)
    assert has(told.value.code + ".mend")


def test_a_region_without_any_figure_changes_nothing_but_a_note() -> None:
    rng = np.random.default_rng(1)
    x = np.exp(rng.normal(0, 0.3, (20, 8)))
    whole, hollow = panel_of(x), panel_of(np.vstack([x, np.full((1, 8), np.nan)]))
    one, other = (
        relode.diagnose.inequality(p, regions_of(p, ["a"] * len(p.entities)), indicator="income", draws=0).frame()
        for p in (whole, hollow)
    )
    assert other["value"].to_numpy() == pytest.approx(one["value"].to_numpy())


def test_negatives_are_refused_wherever_a_gini_or_a_logarithm_is_taken() -> None:
    x = np.exp(np.random.default_rng(1).normal(0, 0.3, (20, 8)))
    x[3, 2] = -1
    panel = panel_of(x)
    with pytest.raises(Refused, match="negative"):
        relode.diagnose.inequality(panel, regions_of(panel, ["a"] * 20), indicator="income")
    with pytest.raises(Refused, match="positive"):
        relode.diagnose.convergence(panel, Codelist(), NONE, indicator="income")
    with pytest.raises(Misfit, match="negative"):
        relode.diagnose.gravity(panel, regions_of(panel, ["a"] * 20), indicator="income")


def test_a_ragged_panel_is_told_in_every_method_that_compares_over_time() -> None:
    x = np.exp(np.random.default_rng(1).normal(0, 0.3, (20, 9)))
    x[4, 3] = np.nan
    panel = panel_of(x)
    regions = regions_of(panel, ["a", "b"] * 10)
    for result in (relode.diagnose.inequality(panel, regions, indicator="income", draws=0),
                   relode.diagnose.convergence(panel, regions, NONE, indicator="income")):  # fmt: skip
        assert "diagnose.unbalanced" in {note.code for note in result.notes}
    moves = relode.diagnose.transitions(panel, regions, ring(panel), indicator="income")
    assert "transitions.left_out" in {note.code for note in moves.notes}


def test_cities_of_one_province_are_neighbours_and_a_city_alone_in_its_province_is_an_island() -> None:
    panel = panel_of(np.exp(np.random.default_rng(2).normal(0, 0.3, (7, 5))))
    regions = regions_of(panel, ["a"] * 7, ["p", "p", "p", "q", "q", "q", "r"])
    ties = by_parent(regions, panel.entities)
    assert ties.of("r000", "siblings") == ("r001", "r002")
    kept = weights_of(ties, panel.entities, "siblings")
    assert kept.islands == ("r006",)
    result = relode.diagnose.spacetime(panel, regions, NONE, indicator="income", neighbours="siblings")
    assert "ties.islands" in {note.code for note in result.notes}
    kinds = relode.diagnose.convergence(panel, regions, NONE, indicator="income", neighbours="siblings", clubs=False)
    assert "spatial_lag" in set(kinds.frame("beta")["kind"])


def test_places_without_figures_have_no_economic_neighbours() -> None:
    x = np.exp(np.random.default_rng(2).normal(0, 0.3, (6, 5)))
    x[2] = np.nan
    panel = panel_of(x)
    ties = by_economy(panel, Codelist(), "income")
    assert "r002" not in {*ties.origin, *ties.target}
    assert len(ties) == 20


def test_what_was_estimated_is_told_before_its_clusters_are_believed() -> None:
    x = np.random.default_rng(1).normal(size=(1, 20, 1, 1))
    status = np.zeros(x.shape, np.uint8)
    names = tuple(f"r{n:03d}" for n in range(20))
    for many in (0, 7):
        status[0, :many] = STATUSES.index("E")
        panel = Panel(x, ("actual",), names, ("2000",), ("income",), status=status)
        notes = relode.diagnose.spacetime(panel, Codelist(), ring(panel), indicator="income", draws=99).notes
        told = [note.details["count"] for note in notes if note.code == "spacetime.estimated"]
        assert told == [many] * bool(many)


def test_every_pitfall_of_the_field_has_its_test() -> None:
    rooms = [Path(__file__).parents[1] / room for room in ("diagnose", "measure")]
    written = "".join(path.read_text("utf8") for room in rooms for path in sorted(room.glob("test_*.py")))
    missing = [pitfall for pitfall, name in PITFALLS.items() if f"def {name}(" not in written]
    assert not missing
