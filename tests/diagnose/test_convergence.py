"""Convergence and gravity: planted truths, PySAL, guards."""

from __future__ import annotations

import numpy as np
import pytest
from places import panel_of, regions_of, ring, us_states

import relode
from relode.maths import convergence as m
from relode.maths import geometry
from relode.maths.autoregression import spatial_error, spatial_lag
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, Refused
from relode.words.ties import Ties

NONE = Ties((), (), (), np.zeros(0))


def converging(b: float, n: int = 60, years: int = 20) -> np.ndarray:
    """Logs that close a share 1 - exp(-b) of their gap to a common path each year."""
    start = np.random.default_rng(2).normal(0, 1, n)
    return np.exp(start[:, None] * np.exp(-b * np.arange(years + 1)) + 0.02 * np.arange(years + 1))


def test_a_planted_speed_and_its_half_life_are_found() -> None:
    result = relode.diagnose.convergence(panel_of(converging(0.03)), Codelist(), NONE, indicator="income", clubs=False)
    row = result.frame("beta").iloc[0]
    assert row["speed"] == pytest.approx(0.03, abs=1e-10)
    assert row["half_life"] == pytest.approx(np.log(2) / 0.03, rel=1e-8)
    sigma = result.frame("sigma").query("measure == 'log_sd'")["value"].to_numpy()
    assert sigma[-1] / sigma[0] == pytest.approx(np.exp(-0.03 * 20))


def test_beta_without_sigma_is_told_as_galtons_fallacy() -> None:
    rng = np.random.default_rng(0)
    draws = np.exp(rng.normal(0, 1, (200, 2)) * np.array([1.0, 1.1]))
    result = relode.diagnose.convergence(panel_of(draws), Codelist(), NONE, indicator="income", clubs=False)
    assert result.frame("beta").iloc[0]["beta"] < 0
    assert "convergence.galton" in {note.code for note in result.notes}


def test_a_control_that_drives_growth_uncovers_conditional_convergence() -> None:
    rng = np.random.default_rng(3)
    steady = rng.normal(0, 1, 200)
    start = steady + rng.normal(0, 0.3, 200)
    end = steady + (start - steady) * np.exp(-0.05 * 10)
    block = np.dstack([np.exp(np.column_stack([start, end])), np.column_stack([steady, steady])])
    result = relode.diagnose.convergence(
        panel_of(np.concatenate([block[:, :1], np.full((200, 9, 2), np.nan), block[:, 1:]], axis=1),
                 ("income", "steady")),
        Codelist(), NONE, indicator="income", controls=("steady",), clubs=False,
    )  # fmt: skip
    table = result.frame("beta").set_index("kind")
    assert table.loc["conditional", "speed"] == pytest.approx(0.05, abs=1e-9)
    assert table.loc["beta", "speed"] < 0.03


def test_two_planted_clubs_are_told_apart() -> None:
    rng = np.random.default_rng(4)
    t = np.arange(1, 41)
    level = np.repeat([2.0, 6.0], 12)
    x = level[:, None] + rng.normal(0, 0.5, (24, 1)) / t + rng.normal(0, 0.002, (24, 40))
    result = relode.diagnose.convergence(panel_of(x, first=1980), Codelist(), NONE, indicator="income")
    clubs = result.frame("clubs").set_index("entity")["club"]
    high, low = {clubs[f"r{n:03d}"] for n in range(12, 24)}, {clubs[f"r{n:03d}"] for n in range(12)}
    assert len(high) == len(low) == 1
    assert high != low


def test_spatial_lag_and_error_find_what_was_planted() -> None:
    rng = np.random.default_rng(8)
    n = 400
    w = np.zeros((n, n))
    for i in range(n):
        w[i, [(i - 1) % n, (i + 1) % n]] = 0.5
    x = np.column_stack([np.ones(n), rng.normal(size=n)])
    shock = rng.normal(0, 0.5, n)
    lag = spatial_lag(np.linalg.solve(np.eye(n) - 0.5 * w, x @ [1.0, -2.0] + shock), x, w)
    error = spatial_error(x @ [1.0, -2.0] + np.linalg.solve(np.eye(n) - 0.5 * w, shock), x, w)
    for fit in (lag, error):
        assert fit.rho == pytest.approx(0.5, abs=0.12)
        assert fit.beta[1] == pytest.approx(-2, abs=0.1)
        assert (np.diag(fit.covariance) > 0).all()


@pytest.mark.slow
def test_spatial_models_equal_spreg() -> None:
    spreg, weights = pytest.importorskip("spreg"), pytest.importorskip("libpysal.weights")
    panel, ties = us_states()
    table = (
        relode.diagnose.convergence(panel, Codelist(), ties, indicator="income", clubs=False)
        .frame("beta")
        .set_index("kind")
    )
    x = panel.array()[:, :, 0]
    near = {code: list(ties.of(code)) for code in panel.entities}
    w = weights.W(near, id_order=list(panel.entities), silence_warnings=True)
    w.transform = "r"
    start, growth = np.log(x[:, :1]), (np.log(x[:, -1:]) - np.log(x[:, :1])) / 80
    for kind, fit in (("spatial_lag", spreg.ML_Lag(growth, start, w=w, spat_impacts=None)),
                      ("spatial_error", spreg.ML_Error(growth, start, w=w))):  # fmt: skip
        assert table.loc[kind, "beta"] == pytest.approx(float(fit.betas[1, 0]), rel=1e-4)
        assert table.loc[kind, "error"] == pytest.approx(float(fit.std_err[1]), rel=1e-4)
        assert table.loc[kind, "rho"] == pytest.approx(float(fit.betas[-1, 0]), rel=1e-4)


def test_guards_of_convergence() -> None:
    with pytest.raises(Refused, match="positive"):
        relode.diagnose.convergence(panel_of(np.array([[1.0, 2], [0, 1]])), Codelist(), NONE, indicator="income")
    with pytest.raises(Misfit, match="too few"):
        relode.diagnose.convergence(panel_of(np.ones((4, 2)) + np.arange(2)), Codelist(), NONE, indicator="income")
    panel = panel_of(np.dstack([converging(0.02, 10, 2), np.ones((10, 3))]), ("income", "flat"))
    with pytest.raises(Misfit, match="repeat"):
        relode.diagnose.convergence(panel, Codelist(), NONE, indicator="income", controls=("flat",))
    few = relode.diagnose.convergence(panel, Codelist(), NONE, indicator="income")
    assert "convergence.no_clubs" in {note.code for note in few.notes}


def test_neighbours_bring_the_spatial_rows() -> None:
    panel = panel_of(converging(0.02, 30, 5))
    kinds = relode.diagnose.convergence(panel, Codelist(), ring(panel), indicator="income", clubs=False).frame("beta")[
        "kind"
    ]
    assert list(kinds) == ["beta", "spatial_lag", "spatial_error"]


def test_log_t_rejects_what_drifts_apart() -> None:
    t = np.arange(1, 41)
    apart = np.array([[1.0], [1.5], [2.0]]) + np.array([[0.0], [0.05], [0.1]]) * t
    assert m.log_t(apart)[1] < -1.65
    assert m.half_life(-0.1) == np.inf


def test_gravity_crosses_the_date_line_and_follows_the_weight() -> None:
    panel = panel_of(np.array([[1.0, 1], [1, 3], [1, 1]]))
    regions = regions_of(panel, ["", "", ""], lon=[179.0, -179.0, 180.0], lat=[0.0, 0.0, 1.0])
    table = relode.diagnose.gravity(panel, regions, indicator="income").frame()
    assert abs(table["lon"][0]) == pytest.approx(180, abs=1e-6)
    assert table["direction"][1] == pytest.approx(90, abs=30)
    assert table["away"][1] > 0


def test_the_ellipse_of_a_long_row_points_along_it() -> None:
    lon, lat = np.linspace(100, 101, 21), np.full(21, 30.0)
    found = geometry.ellipse(lon, lat, np.ones(21))
    away = geometry.distances(lon, lat)
    assert away[0, -1] == pytest.approx(96.3, abs=0.3)  # one degree of longitude at 30 N
    assert found.bearing == pytest.approx(90, abs=0.5)
    assert found.long == pytest.approx(np.sqrt(2) * (away[0, -1] / 20) * np.sqrt((21**2 - 1) / 12), rel=1e-3)


def test_the_ellipse_equals_the_closed_form_of_lefever_and_yuill() -> None:
    """Rotation by the closed tangent and the spread along the turned axes; sqrt(2) as in CrimeStat; no eigenvectors."""
    rng = np.random.default_rng(11)
    for _ in range(20):
        lon, lat = rng.uniform(100, 104, 30), rng.uniform(30, 33, 30)
        lat += rng.uniform(-2, 2) * (lon - 102)
        w = rng.uniform(0.2, 5, 30)
        found = geometry.ellipse(lon, lat, w)
        x, y = geometry.plane(lon, lat, found.lon, found.lat)
        x, y = x - np.average(x, weights=w), y - np.average(y, weights=w)
        xx, yy, xy = (w @ part for part in (x * x, y * y, x * y))
        turn = np.arctan2(xx - yy + np.sqrt((xx - yy) ** 2 + 4 * xy**2), 2 * xy)  # clockwise from north
        along = np.sqrt(2 * (w @ (x * np.sin(turn) + y * np.cos(turn)) ** 2) / w.sum())
        across = np.sqrt(2 * (w @ (x * np.cos(turn) - y * np.sin(turn)) ** 2) / w.sum())
        assert (found.long, found.short) == pytest.approx((max(along, across), min(along, across)), rel=1e-9)
        bearing = np.degrees(turn) if along >= across else np.degrees(turn) + 90
        assert abs((found.bearing - bearing + 90) % 180 - 90) < 1e-7


def test_too_few_places_have_no_gravity() -> None:
    panel = panel_of(np.ones((3, 1)))
    with pytest.raises(Misfit, match="position"):
        relode.diagnose.gravity(panel, regions_of(panel, [""] * 3), indicator="income")
