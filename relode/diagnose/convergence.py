"""Convergence: do the regions behind catch up, how fast, together with whom; and where does the weight move?"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd

from relode.maths import convergence as lines
from relode.maths import geometry
from relode.maths.inequality import gini, variation
from relode.maths.numbers import Array
from relode.words.choice import IndicatorCode, Within
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, Refused
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.period import ordinal
from relode.words.result import Answer, Chart
from relode.words.ties import Ties

from .figures import figure, places, unbalanced, weights
from .spatial import spatial_beta
from .ties import Neighbours, Weights, near

Kinds = Literal["beta", "conditional", "spatial"]


@method("diagnose.convergence", reads=needs(indicators=("indicator", "controls")))
def convergence(
    panel: Panel, regions: Codelist, ties: Ties, *, indicator: IndicatorCode, controls: tuple[str, ...] = (),
    neighbours: Neighbours = "given", k: Annotated[int, Within(1, 50)] = 5, clubs: bool = True,
    points: Annotated[int, Within(16, 512)] = 64,
) -> Answer:  # fmt: skip
    """Do the gaps close (sigma), do those behind grow faster (beta), given what and next to whom, into which clubs?

    Shape    one indicator, > 0, by entity and period -> sigma by period; one row per kind of beta; clubs; density
    Unit     slope: mean yearly growth of the log per log unit of the start; speed: share of the gap closed a year;
             half_life: years
    Raises   Refused for figures <= 0; Misfit for fewer than two periods or five entities with both ends
    """
    x = figure(panel, indicator)
    if (x <= 0).any():
        raise Refused("convergence.positive", name=indicator, count=int((x <= 0).sum()))
    years = ordinal(panel.periods[-1]) - ordinal(panel.periods[0])
    both = ~np.isnan(x[:, 0]) & ~np.isnan(x[:, -1])
    if years <= 0 or both.sum() < 5:
        raise Misfit("convergence.few", name=indicator, count=int(both.sum()))
    notes = unbalanced(~np.isnan(x), panel.periods)
    here = panel.only(entities=[code for code, there in zip(panel.entities, both, strict=True) if there])
    beside = near(neighbours, here, regions, ties, k=k, indicator=indicator) if neighbours != "given" or ties else None
    betas = _betas(panel, x, both, years, controls, beside, notes)
    tables = {"beta": pd.DataFrame(betas), "sigma": pd.DataFrame(_sigma(panel.periods, x))}
    notes += _galton(betas, tables["sigma"])
    tables["density"] = pd.DataFrame(_density(panel.periods, x, points))
    if clubs:
        tables["clubs"] = pd.DataFrame(_clubs(panel, x, notes), columns=["entity", "club", "value", "beta", "t"])
    charts = (
        Chart("lines", "sigma", "convergence.chart.sigma", {"indicator": indicator, "value": "value", "by": "measure"}),
        Chart("density", "density", "convergence.chart.density",
              {"indicator": indicator, "value": "density", "x": "value"}),
    )  # fmt: skip
    return Answer(tables, charts=charts, notes=(*notes,))


def _betas(
    panel: Panel,
    x: Array,
    both: Any,
    years: float,
    controls: tuple[str, ...],
    beside: Weights | None,
    notes: list[Note],
) -> list[dict[str, Any]]:
    start, growth = np.log(x[both, 0]), (np.log(x[both, -1]) - np.log(x[both, 0])) / years
    rows = [_row("beta", lines.least_squares(growth, np.column_stack([np.ones(len(start)), start])), years, len(start))]
    if controls:
        given = np.column_stack([figure(panel, code)[both, 0] for code in controls])
        whole = ~np.isnan(given).any(axis=1)
        if whole.sum() <= given.shape[1] + 2:
            raise Misfit("convergence.controls", count=int(whole.sum()), name=", ".join(controls))
        z = np.column_stack([np.ones(int(whole.sum())), start[whole], given[whole]])
        try:
            rows.append(_row("conditional", lines.least_squares(growth[whole], z), years, int(whole.sum())))
        except ValueError as fault:
            raise Misfit("convergence.rank", name=", ".join(controls)) from fault
    if beside:
        entities = [code for code, there in zip(panel.entities, both, strict=True) if there]
        notes += beside.notes
        at = [entities.index(code) for code in beside.entities]
        rows += spatial_beta(growth[at], start[at], beside, years)
    return rows


def _row(kind: str, line: lines.Line, years: float, count: int) -> dict[str, Any]:
    slope, error = float(line.beta[1]), float(np.sqrt(line.covariance[1, 1]))
    b = lines.speed(slope, years)
    return {
        "kind": kind, "beta": slope, "error": error, "p": p_value(slope / error, line.free), "speed": b,
        "half_life": lines.half_life(b), "r2": line.r2, "cases": count, "rho": np.nan, "rho_p": np.nan,
    }  # fmt: skip


def p_value(t: float, free: int) -> float:
    """Two-sided p of a t statistic."""
    from scipy.special import stdtr

    return float(2 * stdtr(free, -abs(t)))


def _sigma(periods: tuple[str, ...], x: Array) -> list[dict[str, Any]]:
    rows = []
    for t, period in enumerate(periods):
        have = x[~np.isnan(x[:, t]), t]
        if len(have) < 2:
            continue
        found = {"log_sd": float(np.log(have).std(ddof=1)), "variation": variation(have), "gini": gini(have)}
        rows += [{"period": period, "measure": name, "value": v, "cases": len(have)} for name, v in found.items()]
    return rows


def _galton(betas: list[dict[str, Any]], sigma: pd.DataFrame) -> list[Note]:
    spread = sigma[sigma["measure"] == "log_sd"]["value"].to_numpy()
    if betas[0]["beta"] < 0 and spread[-1] >= spread[0]:
        return [warn("convergence.galton", first=float(spread[0]), last=float(spread[-1]))]
    return []


def _density(periods: tuple[str, ...], x: Array, points: int) -> list[dict[str, Any]]:
    """Gaussian kernels with Silverman's width, of the figure over its mean of the period, on one grid."""
    there = ~np.isnan(x)
    relative = x / (np.where(there, x, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1))
    grid = np.linspace(0, float(np.nanmax(relative)) * 1.1, points)
    rows = []
    for t, period in enumerate(periods):
        have = relative[~np.isnan(relative[:, t]), t]
        spread = (
            min(have.std(ddof=1), (np.quantile(have, 0.75) - np.quantile(have, 0.25)) / 1.34) if len(have) > 1 else 0
        )
        if spread <= 0:
            continue
        width = 0.9 * spread * len(have) ** -0.2
        kernel = np.exp(-0.5 * ((grid[:, None] - have) / width) ** 2).sum(axis=1) / (
            len(have) * width * np.sqrt(2 * np.pi)
        )
        rows += [{"period": period, "value": float(v), "density": float(d)} for v, d in zip(grid, kernel, strict=True)]
    return rows


def _clubs(panel: Panel, x: Array, notes: list[Note]) -> list[dict[str, Any]]:
    whole = np.flatnonzero(~np.isnan(x).any(axis=1))
    if x.shape[1] < 8 or len(whole) < 3:
        notes.append(warn("convergence.no_clubs", periods=x.shape[1], count=len(whole)))
        return []
    found = lines.clubs(x[whole])
    notes.append(remark("convergence.clubs", count=len(found) - 1, left=len(found[-1])))
    rows = []
    for number, members in enumerate(found, 1):
        club = number if number < len(found) else 0
        slope, t = lines.log_t(x[whole[members]]) if len(members) > 1 and club else (np.nan, np.nan)
        rows += [{"entity": panel.entities[whole[i]], "club": club, "value": float(x[whole[i], -1]), "beta": slope,
                  "t": t} for i in members]  # fmt: skip
    return rows


@method("diagnose.gravity", reads=needs(indicators=("indicator",)))
def gravity(panel: Panel, regions: Codelist, *, indicator: IndicatorCode) -> Answer:
    """Where is the weight of a figure, how far is it spread, and which way does it move?

    Shape    one indicator, >= 0, of entities with longitude and latitude -> one row per period
    Unit     degrees; kilometres; bearing of the long axis and of the move in degrees from north
    Raises   Misfit where fewer than three places have a position; Refused for negative figures
    """
    x, (lon, lat) = weights(panel, indicator, figure(panel, indicator)), places(regions, panel.entities)
    here = ~np.isnan(lon) & ~np.isnan(lat)
    if here.sum() < 3:
        raise Misfit("gravity.places", count=int(here.sum()))
    notes = [warn("gravity.unplaced", count=int((~here).sum()))] if not here.all() else []
    notes += unbalanced(~np.isnan(x[here]), panel.periods)
    rows: list[dict[str, Any]] = []
    for t, period in enumerate(panel.periods):
        on = here & ~np.isnan(x[:, t]) & (x[:, t] > 0)
        if on.sum() < 3:
            notes.append(warn("gravity.skipped", period=period, count=int(on.sum())))
            continue
        found = geometry.ellipse(lon[on], lat[on], x[on, t])
        rows.append({"period": period, "lon": found.lon, "lat": found.lat, "long": found.long, "short": found.short,
                     "bearing": found.bearing, "area": found.area, **_moved(rows, found)})  # fmt: skip
    if not rows:
        raise Misfit("gravity.none", name=indicator)
    return Answer({"path": pd.DataFrame(rows)}, charts=(Chart("scatter", "path", "gravity.chart",
                  {"indicator": indicator, "value": "lat", "x": "lon", "by": "period"}),), notes=(*notes,))  # fmt: skip


def _moved(rows: list[dict[str, Any]], now: geometry.Ellipse) -> dict[str, float]:
    if not rows:
        return {"away": np.nan, "direction": np.nan}
    east, north = geometry.plane(np.array([now.lon]), np.array([now.lat]), rows[-1]["lon"], rows[-1]["lat"])
    return {"away": float(np.hypot(east, north)[0]), "direction": float(np.degrees(np.arctan2(east, north))[0] % 360)}
