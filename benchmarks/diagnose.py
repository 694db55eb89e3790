"""Dagum with its bootstrap, and the integrity screens, against what others do; ratios of processor time in one run.

    python benchmarks/diagnose.py

Promises: Dagum 300 regions x 24 years x 4 groups x 1,000 draws at least 1,000 times the double loop and 50 times
vectorised NumPy; the screens of 341 x 24 x 20 figures in seconds.
"""

from __future__ import annotations

import time

import numpy as np

from relode.diagnose.integrity import integrity
from relode.maths import inequality
from relode.words.codelist import Codelist
from relode.words.panel import Panel

N, YEARS, K, DRAWS = 300, 24, 4, 1000


def by_loops(x: np.ndarray, group: np.ndarray) -> float:
    """One decomposition as public scripts do it: double loops for G, for G_jh, and for d_jh and p_jh of each pair."""
    n, mu, parts = len(x), float(x.mean()), 0.0
    figures = x.tolist()
    whole = sum(abs(p - q) for p in figures for q in figures) / (2 * n * n * mu)
    for j in range(K):
        for h in range(K):
            a, b = x[group == j].tolist(), x[group == h].tolist()
            delta = sum(abs(p - q) for p in a for q in b) / (len(a) * len(b))
            gini = delta / (np.mean(a) + np.mean(b))
            up = sum(p - q for p in a for q in b if p > q) / (len(a) * len(b))
            down = sum(q - p for p in a for q in b if q > p) / (len(a) * len(b))
            near = abs(up - down) / (up + down)
            parts += gini * (len(a) / n) * (sum(b) / (n * mu)) * (near + (1 - near))
    assert abs(parts - whole) < 1e-9
    return whole


def by_arrays(x: np.ndarray, group: np.ndarray) -> float:
    """The same with NumPy's n x n differences in place of the loops."""
    n, mu, parts = len(x), x.mean(), 0.0
    whole = np.abs(x[:, None] - x).sum() / (2 * n * n * mu)
    for j in range(K):
        for h in range(K):
            a, b = x[group == j], x[group == h]
            gini = np.abs(a[:, None] - b).mean() / (a.mean() + b.mean())
            up, down = np.maximum(a[:, None] - b, 0).mean(), np.maximum(b - a[:, None], 0).mean()
            near = abs(up - down) / (up + down)
            parts += gini * (len(a) / n) * (b.sum() / (n * mu)) * (near + (1 - near))
    return float(whole)


def seconds(work: object, times: int) -> float:
    """Mean seconds of processor time of one call."""
    start = time.process_time()
    for _ in range(times):
        work()  # type: ignore[operator]
    return (time.process_time() - start) / times


def dagum() -> None:
    """The whole job: one draw of regions serves all years."""
    rng = np.random.default_rng(1)
    x, group = rng.lognormal(0, 0.8, (N, YEARS)), rng.integers(0, K, N)
    assert abs(by_loops(x[:, 0], group) - float(inequality.dagum(x[:, 0], group, K).total)) < 1e-12
    loops, arrays = seconds(lambda: by_loops(x[:, 0], group), 3), seconds(lambda: by_arrays(x[:, 0], group), 30)

    def ours() -> None:
        times = inequality.resampled(np.random.default_rng(2), group, DRAWS)
        for t in range(YEARS):
            inequality.dagum_draws(x[:, t], group, K, times)

    whole = min(seconds(ours, 1) for _ in range(3))
    each = whole / (YEARS * DRAWS)
    print(f"Dagum, {N} x {YEARS} x {K} groups x {DRAWS} draws: {whole:.2f} s, {each * 1e6:.1f} us a decomposition")
    print(f"  double loop {loops * 1e3:.1f} ms: {loops / each:,.0f} x")
    print(f"  NumPy n x n {arrays * 1e3:.2f} ms: {arrays / each:,.0f} x")


def screens() -> None:
    """Integrity of 341 x 24 x 20."""
    rng = np.random.default_rng(3)
    logs = rng.normal(6, 1, (341, 1, 20)) + np.cumsum(rng.normal(0.08, 0.05, (341, 24, 20)), axis=1)
    panel = Panel(np.round(np.exp(logs), 2)[None], ("actual",), tuple(f"r{n}" for n in range(341)),
                  tuple(str(2000 + t) for t in range(24)), tuple(f"i{n}" for n in range(20)))  # fmt: skip
    print(
        f"integrity screens, 341 x 24 x 20 = 163,680 figures: {seconds(lambda: integrity(panel, Codelist()), 1):.1f} s"
    )


if __name__ == "__main__":
    dagum()
    screens()
