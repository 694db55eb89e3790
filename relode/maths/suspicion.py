"""What a series should have been: expectations from its own past and future and from how all the others moved.

Everything is in logs. With m_t the median growth of a period, a figure is expected where both its neighbours in time
put it: log e_it = ((log x_i,t-1 + m_t) + (log x_i,t+1 - m_t+1)) / 2, at the ends where its one neighbour does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .numbers import Array

PRIOR = 8.0  # how many periods of its own an entity needs before it is believed as much as all others together
FLOOR = 0.01  # no series is so calm that a deviation of a few per cent proves anything


class Expected(NamedTuple):
    """Logs, growth beyond the median of the period, the expected logs, what deviates, and the usual size of that.

    Shape    (n, T) each, NaN where nothing can be said; `usual` (n, 1)
    """

    log: Array
    growth: Array
    expected: Array
    off: Array
    usual: Array

    @property
    def z(self) -> Array:
        """What deviates, in usual sizes."""
        found: Array = self.off / self.usual
        return found


def expected(x: Array) -> Expected:
    """The expectations of one indicator. Shape (n, T), only figures > 0 count -> Expected"""
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(np.where(x > 0, x, np.nan))
    step = np.diff(log, axis=1)
    usual_step = _median(step, axis=0)
    growth = np.column_stack([np.full(len(x), np.nan), step - usual_step])
    after = np.column_stack([growth[:, 1:], np.full(len(x), np.nan)])
    off = np.where(np.isnan(growth), -after, np.where(np.isnan(after), growth, (growth - after) / 2))
    return Expected(log, growth, log - off, off, scale(off))


def scale(off: Array) -> Array:
    """The usual size of each row's figures (1.4826 MAD), drawn to that of all where it has few. (n, T) -> (n, 1)"""
    count = (~np.isnan(off)).sum(axis=1, keepdims=True)
    own = 1.4826 * _median(np.abs(off), axis=1)[:, None]
    common = float(_median(own[:, 0], axis=0)) if (~np.isnan(own)).any() else 1.0
    common = common if common > 0 else 1e-6
    own = np.where(np.isnan(own), common, own)
    found: Array = np.maximum(np.sqrt((count * own**2 + PRIOR * common**2) / (count + PRIOR)), FLOOR)
    return found


def robust(x: Array) -> Array:
    """(x - median) / (1.4826 MAD) of all figures together; 0 where they do not differ. Shape any -> the same"""
    away = x - _median(x.ravel(), axis=0)
    spread = 1.4826 * _median(np.abs(away).ravel(), axis=0)
    found: Array = away / spread if spread > 0 else np.where(np.isnan(x), np.nan, 0.0)
    return found


def spikes(e: Expected, least_z: float, least: float) -> Array:
    """Figures that jump away and come back at once (at the ends: that jump), the largest of their neighbours.

    Shape    Expected of (n, T) -> (n, T) bool as float 0/1
    """
    size = np.abs(e.off)
    before = np.column_stack([np.zeros(len(size)), size[:, :-1]])
    after = np.column_stack([size[:, 1:], np.zeros(len(size))])
    peak = (size >= np.nan_to_num(before)) & (size >= np.nan_to_num(after))
    later = np.column_stack([e.growth[:, 1:], np.full(len(size), np.nan)])
    with np.errstate(invalid="ignore"):
        up, down = np.abs(e.growth), np.abs(later)
        opposite = (e.growth * later < 0) & (np.minimum(up, down) > 0.4 * np.maximum(up, down))
        back = np.isnan(e.growth) | np.isnan(later) | opposite
        found: Array = (peak & back & (np.abs(e.z) > least_z) & (size > least)).astype(np.float64)
    return found


def steps(e: Expected, least_z: float, least: float) -> Array:
    """Figures from which on a series stays at another level. Shape (n, T) -> (n, T) 0/1"""
    usual = scale(e.growth)
    before = np.column_stack([np.full((len(usual), 1), np.nan), e.growth[:, :-1]])
    after = np.column_stack([e.growth[:, 1:], np.full((len(usual), 1), np.nan)])
    with np.errstate(invalid="ignore"):
        calm = (np.abs(before) < 0.3 * np.abs(e.growth)) & (np.abs(after) < 0.3 * np.abs(e.growth))
        found: Array = (calm & (np.abs(e.growth / usual) > least_z) & (np.abs(e.growth) > least)).astype(np.float64)
    return found


def benford(x: Array) -> tuple[float, float, int]:
    """Mean absolute deviation of first digits from Benford's law, p of chi squared, how many figures. Shape any"""
    from scipy.special import chdtrc

    x = np.abs(x[~np.isnan(x) & (x != 0)])
    first = (x / 10 ** np.floor(np.log10(x))).astype(int).clip(1, 9)
    seen = np.bincount(first, minlength=10)[1:]
    wanted = np.log10(1 + 1 / np.arange(1, 10))
    share = seen / len(x)
    chi = len(x) * ((share - wanted) ** 2 / wanted).sum()
    return float(np.abs(share - wanted).mean()), float(chdtrc(8, chi)), len(x)


def last_digits(x: Array) -> Array:
    """The last digit that each figure is written with (of at most seven), NaN where it has fewer than three.

    Shape any -> the same
    """
    return np.array([float(m[-1]) if len(m) >= 3 else np.nan for m in _written(x)]).reshape(x.shape)


def digits_of(x: Array) -> Array:
    """How many significant digits each figure is written with (at most seven). Shape any -> the same"""
    return np.array([float(len(m.strip("0"))) for m in _written(x)]).reshape(x.shape)


def _written(x: Array) -> list[str]:
    """The digits of each figure as a table shows it, without trailing decimals of zero."""
    texts = [f"{abs(v):.7g}" if v == v else "" for v in x.ravel()]
    return [text.split("e")[0].replace(".", "").lstrip("0") for text in texts]


def _median(x: Array, axis: int) -> Array:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a row or column without figures has no median
        middle: Array = np.nanmedian(x, axis=axis)
    return middle
