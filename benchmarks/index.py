"""What the index promises about speed, printed: 10,000 draws over weights, normalisation and aggregation.

    python benchmarks/index.py

Compared with a plain NumPy loop that builds the index anew for each draw, as a script would (a few, extrapolated).
Goals: 83 x 1 x 28 within 2 s, 48 x 17 x 12 within 15 s.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from relode.measure.choose import choose
from relode.measure.draws import Draw, chances, draw
from relode.measure.score import Scores, score
from relode.words.codelist import Codelist
from relode.words.indicator import system_of
from relode.words.panel import Panel
from relode.words.plan import Plan

DRAWS = 10_000
PLAIN = 200
SIZES = ((83, 1, 28), (48, 17, 12), (300, 1, 30))


def made(entities: int, periods: int, indicators: int) -> Scores:
    """A random panel in four groups, scored by a plan that varies two normalisations and two means."""
    leaf = {"zh": "x", "en": "x", "unit": "1", "direction": 1}
    groups: dict[str, dict[str, object]] = {f"g{g}": {"zh": "g", "en": "g", "indicators": {}} for g in range(4)}
    codes = []
    for n in range(indicators):
        group = f"g{n * 4 // indicators}"
        groups[group]["indicators"][f"x{n}"] = leaf  # type: ignore[index]
        codes.append(f"{group}.x{n}")
    system = system_of({"name": "made", "version": 1, "zh": "m", "en": "m", "groups": groups})
    values = np.random.default_rng(1).lognormal(size=(1, entities, periods, indicators))
    axes = tuple(f"r{n}" for n in range(entities)), tuple(str(2000 + t) for t in range(periods))
    plan = Plan.of(
        {
            "name": "made", "zh": "m", "en": "m", "system": system,
            "normalise": {"method": "minmax", "limits": "panel", "scale": (1.0, 100.0)},
            "uncertainty": {
                "draws": DRAWS, "normalise": ["minmax", "zscore"], "aggregate": ["arithmetic", "geometric"],
            },
        }
    )  # fmt: skip
    return score(choose(Panel(values, ("actual",), *axes, tuple(codes)), Codelist(), plan))


def plain(scores: Scores, one: Draw) -> np.ndarray:
    """The ranks of one draw by regenerating the whole index. Shape (entity, period)"""
    x = scores.chosen.values
    if one.normalise == "minmax":
        low, high = np.nanmin(x, axis=(0, 1)), np.nanmax(x, axis=(0, 1))
        nodes = list(np.moveaxis(1 + 99 * (x - low) / (high - low), 2, 0))
    else:
        nodes = list(np.moveaxis((x - np.nanmean(x, axis=(0, 1))) / np.nanstd(x, axis=(0, 1), ddof=1), 2, 0))
    for branch, w in zip(scores.chosen.tree.branches, one.weights, strict=True):
        children = np.stack([nodes[child] for child in branch.children], axis=2)
        have = ~np.isnan(children)
        share = np.where(have, w[0], 0)
        share /= share.sum(axis=2, keepdims=True)
        if one.aggregate == "geometric":
            nodes.append(np.exp(np.nansum(share * np.log(children), axis=2)))
        else:
            nodes.append(np.nansum(share * children, axis=2))
    return 1 + (-nodes[-1]).argsort(axis=0).argsort(axis=0)


def main() -> None:
    """Print seconds, draws per second, and the ratio for each size."""
    for size in SIZES:
        scores = made(*size)
        start = perf_counter()
        chances(scores)
        ours = perf_counter() - start
        drawn = [draw(scores, n) for n in range(PLAIN)]
        start = perf_counter()
        for one in drawn:
            plain(scores, one)
        theirs = (perf_counter() - start) / PLAIN * DRAWS
        told = "{} entities x {} periods x {} indicators".format(*size)
        print(f"{told}: {DRAWS:,} draws with ranks, intervals and pairs {ours:.2f} s ({DRAWS / ours:,.0f} a second);")
        print(f"    plain loop, ranks only, {theirs:.1f} s (from {PLAIN} draws): {theirs / ours:.0f} x")


if __name__ == "__main__":
    main()
