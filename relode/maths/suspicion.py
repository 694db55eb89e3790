"""What a series should have been: expectations from its own past and future and from how all the others moved.

Everything is in logs. With m_t the median growth of a period, a figure is expected where both its neighbours in time
put it: log e_it = ((log x_i,t-1 + m_t) + (log x_i,t+1 - m_t+1)) / 2, at the ends where its one neighbour does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .numbers import Array

PRIOR = 8.0  # how many periods of its own an entity needs before it is believed as much as all others together
CALM = 0.4  # a step stands out where the growth before and after it is at most this share of it
FEWEST_ROWS, NEAR = 3, 1  # rows that must speak clearly for a slip
CLEAR, AGAINST = 2.0, 1.0  # log likelihood by which one row speaks for a slip, or against it
FREEDOMS = np.array([1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 12.0, 20.0, 50.0])
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
    usual_step = middle(step, axis=0)
    growth = np.column_stack([np.full(len(x), np.nan), step - usual_step])
    after = np.column_stack([growth[:, 1:], np.full(len(x), np.nan)])
    off = np.where(np.isnan(growth), -after, np.where(np.isnan(after), growth, (growth - after) / 2))
    return Expected(log, growth, log - off, off, scale(off))


def scale(off: Array) -> Array:
    """The usual size of each row's figures (1.4826 MAD), drawn to that of all where it has few. (n, T) -> (n, 1)"""
    count = (~np.isnan(off)).sum(axis=1, keepdims=True)
    own = 1.4826 * middle(np.abs(off), axis=1)[:, None]
    common = float(middle(own[:, 0], axis=0)) if (~np.isnan(own)).any() else 1.0
    common = common if common > 0 else 1e-6
    own = np.where(np.isnan(own), common, own)
    found: Array = np.maximum(np.sqrt((count * own**2 + PRIOR * common**2) / (count + PRIOR)), FLOOR)
    return found


def robust(x: Array) -> Array:
    """(x - median) / (1.4826 MAD) of all figures together; 0 where they do not differ. Shape any -> the same"""
    away = x - middle(x.ravel(), axis=0)
    spread = 1.4826 * middle(np.abs(away).ravel(), axis=0)
    found: Array = away / spread if spread > 0 else np.where(np.isnan(x), np.nan, 0.0)
    return found


def freedom(z: Array) -> float:
    """Degrees of freedom of the Student distribution whose tails stand as those of `z` do, 1.5 (wild) to 50 (normal).

    Fitted where the 96th percentile of |z| stands to its middle, so that the errors one looks for do not set the tail.
    Shape    any -> one number; 3 where there is nothing to fit
    """
    from scipy.special import stdtrit

    size = np.abs(z[~np.isnan(z)])
    half = float(np.quantile(size, 0.5)) if len(size) else 0.0
    if half <= 0:
        return 3.0
    ratio = stdtrit(FREEDOMS, 0.98) / stdtrit(FREEDOMS, 0.75)
    return float(np.interp(-float(np.quantile(size, 0.96)) / half, -ratio, FREEDOMS))


def far(z: Array, p: float) -> float:
    """How large |z| must be to be reached with probability `p` only, under the tails that `z` itself shows.

    Shape    any -> one number, in usual sizes (1.4826 MAD)
    """
    from scipy.special import stdtrit

    free = freedom(z)
    return float(stdtrit(free, 1 - p / 2) / (1.4826 * stdtrit(free, 0.75)))


def spikes(e: Expected, least_z: float, least: float) -> Array:
    """Figures that jump away and come back at once (at the ends: that jump), the largest of their neighbours.

    Shape    Expected of (n, T) -> (n, T) bool as float 0/1
    """
    later = np.column_stack([e.growth[:, 1:], np.full(len(e.off), np.nan)])
    with np.errstate(invalid="ignore"):
        up, down = np.abs(e.growth), np.abs(later)
        opposite = (e.growth * later < 0) & (np.minimum(up, down) > 0.4 * np.maximum(up, down))
        back = np.isnan(e.growth) | np.isnan(later) | opposite
        found: Array = (peaks(e) & back & (np.abs(e.z) > least_z) & (np.abs(e.off) > least)).astype(np.float64)
    return found


def peaks(e: Expected) -> NDArray[np.bool_]:
    """Figures that are off by no less than those before and after them. Shape Expected of (n, T) -> (n, T)"""
    size = np.abs(e.off)
    before = np.column_stack([np.zeros(len(size)), size[:, :-1]])
    after = np.column_stack([size[:, 1:], np.zeros(len(size))])
    with np.errstate(invalid="ignore"):
        return np.asarray((size >= np.nan_to_num(before)) & (size >= np.nan_to_num(after)))


def steps(e: Expected, least_z: float, least: float) -> Array:
    """Figures from which on a series stays at another level. Shape (n, T) -> (n, T) 0/1"""
    usual = scale(e.growth)
    before = np.column_stack([np.full((len(usual), 1), np.nan), e.growth[:, :-1]])
    after = np.column_stack([e.growth[:, 1:], np.full((len(usual), 1), np.nan)])
    with np.errstate(invalid="ignore"):
        calm = (np.abs(before) < CALM * np.abs(e.growth)) & (np.abs(after) < CALM * np.abs(e.growth))
        found: Array = (calm & (np.abs(e.growth / usual) > least_z) & (np.abs(e.growth) > least)).astype(np.float64)
    return found


def steady(e: Expected) -> Array:
    """Growth in usual sizes, without jumps there and back that look like errors themselves: what tails are fitted to.

    Shape    Expected of (n, T) -> (n, T)
    """
    away = spikes(e, 4.0, 0.1) > 0
    growth = np.where(away, np.nan, e.growth)
    growth[:, 1:][away[:, :-1]] = np.nan
    found: Array = growth / scale(growth)
    return found


def slipped(e: Expected, step: int, least: float) -> Array:
    """How much better each figure fits the row `step` places up than its own row, in log likelihood.

    (v + 1) / 2 ln(1 + q^2 / v) for the deviation from its own row, less the same for the other row: Student's t with
    the freedom v that the indicator shows. Figures that are off by less than `least` (logs), or by less than those
    before and after them, speak for nothing.
    Shape    Expected of (n, T) -> (n, T), NaN where there is no such row
    """
    from scipy.special import stdtrit

    free = min(freedom(steady(e)), 4.0)  # no tail is so light that a figure counts without bound
    unit = 1.4826 * float(stdtrit(free, 0.75))
    there = np.arange(len(e.log)) - step
    use = np.clip(there, 0, len(e.log) - 1)
    away = (e.log - e.expected[use]) / e.usual[use]
    lost, left = (np.log1p((unit * z) ** 2 / free) for z in (e.z, away))
    gain: Array = (free + 1) / 2 * (lost - left)
    gain[(np.abs(np.nan_to_num(e.off)) < least) | ~peaks(e)] = 0.0
    gain[(there < 0) | (there >= len(e.log))] = np.nan
    return gain


def traded(e: Expected, step: int, least: float) -> Array:
    """Gain in log likelihood if each row had changed places with the one `step` above, 0 where one of them is unclear.

    Shape    Expected of (n, T), step >= 1 -> (n, T)
    """
    here, there = slipped(e, step, least)[step:], slipped(e, -step, least)[:-step]
    found = np.zeros(e.log.shape)
    with np.errstate(invalid="ignore"):
        found[step:] = np.where((here > CLEAR) & (there > CLEAR), here + there, 0.0)
    return found


def runs(gain: Array) -> Array:
    """For each figure the sum of gains of its run of rows, 0 where fewer than three of them are clear.

    A run goes on through rows that do not speak clearly against it, but no further than NEAR rows from a clear one.
    Shape    (n, T) -> (n, T)
    """
    n, periods = gain.shape
    with np.errstate(invalid="ignore"):
        edged = np.pad(gain > CLEAR, ((NEAR, NEAR), (0, 0)))
        goes_on = (gain > -AGAINST) & np.any([edged[k : k + n] for k in range(2 * NEAR + 1)], axis=0)
    number = np.cumsum(np.vstack([np.ones((1, periods), bool), ~goes_on[1:] | ~goes_on[:-1]]), axis=0)
    key = (number + (n + 1) * np.arange(periods)).ravel()
    held = np.where(goes_on, gain, 0.0)
    whole = np.bincount(key, held.ravel())[key].reshape(gain.shape)
    clear = np.bincount(key, (held > CLEAR).ravel())[key].reshape(gain.shape)
    found: Array = np.where(goes_on & (clear >= FEWEST_ROWS), whole, 0.0)
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


def resolution(x: Array) -> Array:
    """How fine each figure is written, as a share of it: 0.01 / 132.28. Shape any -> the same, NaN for 0"""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.floor(np.log10(np.abs(x))) + 1 - digits_of(x)
        found: Array = 10.0**power / np.abs(x)
    return found


def _written(x: Array) -> list[str]:
    """The digits of each figure as a table shows it, without trailing decimals of zero."""
    texts = [f"{abs(v):.7g}" if v == v else "" for v in x.ravel()]
    return [text.split("e")[0].replace(".", "").lstrip("0") for text in texts]


def middle(x: Array, axis: int) -> Array:
    """The median along an axis, NaN where there is no figure. Shape any -> without that axis"""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a row or column without figures has no median
        found: Array = np.nanmedian(x, axis=axis)
    return found
