"""Every diagnosis before a panel that it cannot judge: empty, ragged, negative, alone - a code, a message, a remedy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from places import panel_of, regions_of, ring

import relode
from relode.diagnose.ties import by_economy, by_parent, weights_of
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, Refused, RelodeError
from relode.words.panel import Panel
from relode.words.texts import has
from relode.words.ties import Ties

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
