"""Space and time: equal to PySAL, islands, planted clusters, guards."""

from __future__ import annotations

import numpy as np
import pytest
from places import panel_of, regions_of, ring, us_states

import relode
from relode.diagnose.ties import weights_of
from relode.maths import markov, moran
from relode.words.codelist import Codelist
from relode.words.errors import Misfit
from relode.words.texts import has
from relode.words.ties import Ties


def test_a_planted_cluster_is_found() -> None:
    x = np.random.default_rng(5).normal(0, 1, (60, 1))
    x[20:30] += 6
    panel = panel_of(x)
    result = relode.diagnose.spacetime(panel, Codelist(), ring(panel, 3), indicator="income", draws=1999)
    assert result.frame().set_index("statistic").loc["moran", "p"] < 0.01
    named = set(result.frame("local").query("cluster == 'HH'")["entity"])
    assert named <= {f"r{n:03d}" for n in range(17, 33)}
    assert len(named) >= 6


def test_noise_is_called_tied_no_more_often_than_alpha() -> None:
    panel = panel_of(np.random.default_rng(11).normal(size=(40, 120)), first=1800)
    weights = ring(panel, 2)
    result = relode.diagnose.spacetime(panel, Codelist(), weights, indicator="income", draws=199)
    p = result.frame().query("statistic == 'moran'")["p"]
    assert 0 <= (p < 0.05).mean() <= 0.11  # 120 draws of a share of 0.05
    local = result.frame("local")
    assert (local["cluster"] != "").groupby(local["period"]).any().mean() <= 0.2


def test_islands_stay_out_and_are_told() -> None:
    panel = panel_of(np.arange(8.0)[:, None])
    whole = ring(panel)
    keep = [n for n in range(len(whole)) if "r007" not in (whole.origin[n], whole.target[n])]
    some = Ties(*(tuple(getattr(whole, name)[n] for n in keep) for name in ("origin", "target", "indicator")),
                whole.value[keep])  # fmt: skip
    result = relode.diagnose.spacetime(panel, Codelist(), some, indicator="income", draws=99)
    assert "ties.islands" in {note.code for note in result.notes}
    assert "r007" not in set(result.frame("local")["entity"])
    assert result.frame()["cases"].eq(7).all()


def test_a_region_without_any_figure_is_no_island() -> None:
    x = np.arange(9.0)[:, None]
    x[8] = np.nan
    panel = panel_of(x)
    regions = regions_of(panel, [""] * 9, ["p"] * 7 + ["q", "elsewhere"])
    notes = relode.diagnose.spacetime(panel, regions, ring(panel), indicator="income", neighbours="siblings",
                                      draws=99).notes  # fmt: skip
    assert [note.details["names"] for note in notes if note.code == "ties.islands"] == ["r007"]


def test_ties_become_row_standardised_weights_and_losing_a_neighbour_restandardises() -> None:
    panel = panel_of(np.arange(6.0)[:, None])
    weights = weights_of(ring(panel), panel.entities)
    assert np.allclose(weights.matrix.sum(axis=1), 1)
    fewer = weights.only([0, 1, 2, 4])
    assert fewer.islands == ("r004",)
    assert np.allclose(fewer.matrix.sum(axis=1), 1)


def test_neighbours_by_nearness_distance_and_economy() -> None:
    panel = panel_of(np.array([1.0, 2, 4, 8])[:, None])
    regions = regions_of(panel, [""] * 4, lon=[100.0, 101, 102, 110], lat=[30.0] * 4)
    two = relode.diagnose.nearest(regions, panel.entities, 2)
    assert set(two.of("r000", "nearest")) == {"r001", "r002"}
    assert len(relode.diagnose.by_distance(regions, panel.entities)) >= 4
    assert relode.diagnose.by_economy(panel, regions, "income").of("r000", "economic")
    with pytest.raises(Misfit, match="most"):
        relode.diagnose.nearest(regions, panel.entities, 4)


def test_what_stands_in_for_borders_is_told_and_borders_are_not() -> None:
    panel = panel_of(np.random.default_rng(0).normal(5, 1, (12, 1)))
    regions = regions_of(panel, [""] * 12, [f"p{n // 4}" for n in range(12)],
                         lon=list(np.linspace(100, 110, 12)), lat=[30.0] * 12)  # fmt: skip
    for kind in ("given", "siblings", "nearest", "distance", "economic"):
        result = relode.diagnose.spacetime(panel, regions, ring(panel), indicator="income", neighbours=kind, draws=99)
        told = {note.code for note in result.notes if note.code.startswith("ties.instead")}
        assert told == (set() if kind == "given" else {f"ties.instead.{kind}"})
        assert all(has(code) for code in told)


def test_squares_on_a_board_are_neighbours_by_border() -> None:
    shapely = pytest.importorskip("shapely")
    board = {f"{i}{j}": shapely.box(i, j, i + 1, j + 1) for i in range(3) for j in range(3)}
    rook, queen = (relode.diagnose.by_border(board, corners=corners) for corners in (False, True))
    assert len(rook.of("11")) == 4
    assert len(queen.of("11")) == 8


def test_p_cannot_pass_many_tests_with_few_permutations() -> None:
    panel = panel_of(np.random.default_rng(0).normal(size=(60, 1)))
    notes = relode.diagnose.spacetime(panel, Codelist(), ring(panel), indicator="income", draws=99).notes
    assert "spacetime.floor" in {note.code for note in notes}


def test_transitions_count_every_move_once() -> None:
    x = np.exp(np.cumsum(np.random.default_rng(2).normal(0, 0.2, (30, 12)), axis=1))
    panel = panel_of(x)
    result = relode.diagnose.transitions(panel, Codelist(), ring(panel), indicator="income", classes=3)
    assert result.frame("moves")["cases"].sum() == 30 * 11
    assert result.frame("by_lag")["cases"].sum() == 30 * 11
    assert result.frame("lisa")["cases"].sum() == 30 * 11
    out = result.frame("moves").groupby("start")["p"].sum()
    assert np.allclose(out, 1)


def test_starting_cells_with_few_moves_are_counted_and_told_and_full_ones_are_not() -> None:
    x = np.exp(np.cumsum(np.random.default_rng(2).normal(0, 0.2, (30, 12)), axis=1))
    few, many = panel_of(x[:12, :4]), panel_of(np.exp(np.random.default_rng(2).normal(size=(200, 12))))
    thin, full = (relode.diagnose.transitions(panel, Codelist(), ring(panel), indicator="income", classes=3)
                  for panel in (few, many))  # fmt: skip
    note = next(note for note in thin.notes if note.code == "transitions.thin")
    starts = thin.frame("by_lag").groupby(["lag", "start"])["cases"].sum()
    assert note.details["count"] == (starts < 5).sum() > 0
    assert "transitions.thin" not in {note.code for note in full.notes}


def test_classes_of_all_periods_and_of_each_period_are_two_answers() -> None:
    rng = np.random.default_rng(3)
    x = np.exp(rng.normal(0, 0.2, (30, 1)) + np.cumsum(rng.normal(0.1, 0.05, (30, 12)), axis=1))  # all rise
    panel = panel_of(x)
    moves = {cut: relode.diagnose.transitions(panel, Codelist(), ring(panel), indicator="income", classes=3, cut=cut,
                                              relative=False).frame("moves").groupby("start")["cases"].sum()
             for cut in ("pooled", "period")}  # fmt: skip
    assert moves["period"].nunique() == 1  # as many in each class in every period, whatever all of them do
    assert moves["pooled"].nunique() > 1


def test_a_chain_that_is_the_same_everywhere_passes_and_another_does_not() -> None:
    same = np.array([[[40.0, 10], [20, 30]], [[80, 20], [40, 60]]])
    other = np.array([[[40.0, 10], [20, 30]], [[10, 40], [30, 20]]])
    assert markov.homogeneity(same).lr == pytest.approx(0, abs=1e-9)
    assert markov.homogeneity(other).q > 20
    assert markov.homogeneity(other).free == 2
    assert markov.steady(markov.probabilities(same[0])) == pytest.approx([2 / 3, 1 / 3])


def test_guards_of_space_and_time() -> None:
    panel = panel_of(np.ones((5, 3)))
    with pytest.raises(Misfit, match="differ"):
        relode.diagnose.spacetime(panel, Codelist(), ring(panel), indicator="income")
    with pytest.raises(Misfit, match="no tie"):
        relode.diagnose.spacetime(panel, Codelist(), Ties((), (), (), np.zeros(0)), indicator="income")
    with pytest.raises(Misfit, match="transitions"):
        relode.diagnose.transitions(panel_of(np.ones((5, 2))), Codelist(), ring(panel), indicator="income")


@pytest.mark.slow
def test_autocorrelation_equals_esda() -> None:
    esda, weights = pytest.importorskip("esda"), pytest.importorskip("libpysal.weights")
    panel, ties = us_states()
    w = weights.W({c: list(ties.of(c)) for c in panel.entities}, id_order=list(panel.entities), silence_warnings=True)
    ours = weights_of(ties, panel.entities).matrix
    for year in ("1929", "2009"):
        x, other = panel.array("actual", year)[:, 0], panel.array("actual", "1970")[:, 0]
        theirs, geary = esda.Moran(x, w, permutations=0), esda.Geary(x, w, permutations=0)
        assert moran.moran(x, ours) == pytest.approx(theirs.I, abs=1e-8)
        assert moran.geary(x, ours) == pytest.approx(geary.C, abs=1e-8)
        assert moran.normal_z(x, ours) == pytest.approx((theirs.z_norm, geary.z_norm), abs=1e-8)
        assert moran.moran_between(x, other, ours) == pytest.approx(
            esda.Moran_BV(x, other, w, permutations=0).I, abs=1e-8
        )
        local = esda.Moran_Local(x, w, permutations=999, seed=1, n_jobs=1)
        assert moran.local_moran(x, ours) == pytest.approx(local.Is, abs=1e-8)
        w.transform = "B"
        star = esda.G_Local(x, w, transform="B", permutations=0, star=True)  # with "R" esda's variance is off
        assert moran.g_star(x, ours) == pytest.approx(star.Zs, abs=1e-8)
        mine = moran.local_p(x, ours, 999, np.random.default_rng(1))
        assert np.abs(mine - local.p_sim).max() < 5 * np.sqrt(0.25 / 999)
        assert moran.discoveries(local.p_sim, 0.05) == pytest.approx(float(esda.fdr(local.p_sim, 0.05)), abs=0.02)


@pytest.mark.slow
def test_chains_equal_giddy() -> None:
    theirs, weights = pytest.importorskip("giddy.markov"), pytest.importorskip("libpysal.weights")
    panel, ties = us_states()
    x = panel.array()[:, :, 0]
    y = x / x.mean(axis=0)
    w = weights.W({c: list(ties.of(c)) for c in panel.entities}, id_order=list(panel.entities), silence_warnings=True)
    w.transform = "r"
    spatial, lisa = theirs.Spatial_Markov(y, w, k=5, m=5, fixed=True), theirs.LISA_Markov(y, w)
    result = relode.diagnose.transitions(panel, Codelist(), ties, indicator="income", classes=5)
    assert result.frame("by_lag")["cases"].to_numpy().reshape(5, 5, 5) == pytest.approx(np.array(spatial.T))
    tests = result.frame("tests").set_index("test")
    assert [tests.loc["LR", "value"], tests.loc["Q", "value"]] == pytest.approx([spatial.LR, spatial.Q], abs=1e-8)
    assert tests.loc["LR", "free"] == spatial.dof_hom
    assert result.frame("lisa")["cases"].to_numpy().reshape(4, 4) == pytest.approx(np.array(lisa.transitions))
    steady = result.frame("steady").query("lag == 'all'")["share"]
    assert steady.to_numpy() == pytest.approx(np.ravel(spatial.s), abs=1e-8)
