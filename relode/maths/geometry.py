"""Where figures lie on the globe: distances, gravity centres, ellipses of spread. 空间格局"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .numbers import Array

RADIUS = 6371.0088  # km, mean radius of the earth (IUGG)


class Ellipse(NamedTuple):
    """A standard deviational ellipse: centre in degrees, half axes in km, bearing of the long axis from north."""

    lon: float
    lat: float
    long: float
    short: float
    bearing: float

    @property
    def area(self) -> float:
        """pi x long x short, square kilometres."""
        return float(np.pi * self.long * self.short)


def distances(lon: Array, lat: Array) -> Array:
    """Great-circle distances in km (haversine). Shape (n,), (n,) -> (n, n), zero on the diagonal."""
    u, v = np.radians(lon), np.radians(lat)
    half = np.sin((v[:, None] - v) / 2) ** 2 + np.cos(v)[:, None] * np.cos(v) * np.sin((u[:, None] - u) / 2) ** 2
    away: Array = 2 * RADIUS * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return away


def gravity(lon: Array, lat: Array, w: Array) -> tuple[float, float]:
    """The weighted centre on the globe: the mean of the unit vectors, put back on the surface. 重心

    Shape    (n,) each, w >= 0 and not all zero  ->  degrees; right also across the date line and near a pole
    """
    u, v = np.radians(lon), np.radians(lat)
    x, y, z = (w @ part for part in (np.cos(v) * np.cos(u), np.cos(v) * np.sin(u), np.sin(v)))
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def ellipse(lon: Array, lat: Array, w: Array) -> Ellipse:
    """The weighted standard deviational ellipse around the gravity centre. 标准差椭圆

    The points are laid on the plane that keeps distance and bearing from the centre (azimuthal equidistant);
    the half axes are sqrt(2 x eigenvalues) of their weighted covariance, as in CrimeStat and PySAL (there with
    n / (n - 2), which has no meaning for weights and is left out).
    Shape    (n,) each, w >= 0, at least two places with weight
    Source   Lefever (1926); Yuill (1971); Gong (2002), Geographical Analysis 34, 155-167
    """
    centre = gravity(lon, lat, w)
    east, north = plane(lon, lat, *centre)
    p = w / w.sum()
    east, north = east - p @ east, north - p @ north
    covariance = np.array([[p @ east**2, p @ (east * north)], [p @ (east * north), p @ north**2]])
    value, vector = np.linalg.eigh(covariance)
    bearing = float(np.degrees(np.arctan2(vector[0, 1], vector[1, 1])) % 180)
    short, long = np.sqrt(2 * np.maximum(value, 0))
    return Ellipse(*centre, float(long), float(short), bearing)


def plane(lon: Array, lat: Array, lon0: float, lat0: float) -> tuple[Array, Array]:
    """Kilometres east and north of a centre, distance and bearing from it kept. Shape (n,), (n,) -> (n,), (n,)"""
    u, v, v0 = np.radians(lon - lon0), np.radians(lat), np.radians(lat0)
    c = np.arccos(np.clip(np.sin(v0) * np.sin(v) + np.cos(v0) * np.cos(v) * np.cos(u), -1, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        k = np.where(c > 0, c / np.sin(c), 1.0) * RADIUS
    return k * np.cos(v) * np.sin(u), k * (np.cos(v0) * np.sin(v) - np.sin(v0) * np.cos(v) * np.cos(u))
