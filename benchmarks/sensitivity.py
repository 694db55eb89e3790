"""What the analysis of uncertainty promises about speed and memory, printed beside a NumPy loop in the same run.

    python benchmarks/sensitivity.py           all four promises
    python benchmarks/sensitivity.py --quick   a tenth of the draws

The loop builds the index anew for every draw, as a script would (and COINr's Regen does): gaps, outliers,
normalisation, four levels of means, ranks; it is timed on a few hundred draws, with and without the steps on figures.
Kernels are warm; the set-up of a plan is included.
Goals: ASEM's shape (51 x 49, 8 groups in 2 halves), 10,000 draws with ranks, quantiles and total order for all:
>= 200 x the loop. 300 x 30 x 24 periods x 10,000 draws with rank histograms: < 30 s, < 4 GiB. New weights for 300
regions, one period, 10,000 draws: <= 0.3 s.
"""

from __future__ import annotations

import argparse
import resource
from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np

from relode.maths.fast import has_kernels
from relode.measure import sensitivity
from relode.measure.choose import choose
from relode.measure.draws import chances
from relode.measure.score import Scores, score
from relode.words.codelist import Codelist
from relode.words.indicator import system_of
from relode.words.panel import Panel
from relode.words.plan import Plan

PILLARS = (8, 5, 7, 5, 5, 7, 7, 5)  # 49 indicators in 8 groups, 5 of one half and 3 of the other, as in ASEM


def made_panel(entities: int, periods: int, sizes: Sequence[int]) -> tuple[Panel, dict[str, object]]:
    """A random panel, and a system with groups of these sizes in two halves."""
    leaf = {"zh": "x", "en": "x", "unit": "1", "direction": 1}
    halves: dict[str, dict[str, object]] = {h: {"zh": h, "en": h, "groups": {}} for h in ("h0", "h1")}
    codes: list[str] = []
    for g, size in enumerate(sizes):
        half = "h0" if g < (len(sizes) + 1) // 2 + 1 else "h1"
        names = [f"x{len(codes) + n}" for n in range(size)]
        halves[half]["groups"][f"g{g}"] = {"zh": "g", "en": "g", "indicators": dict.fromkeys(names, leaf)}  # type: ignore[index]
        codes += [f"{half}.g{g}.{name}" for name in names]
    values = np.random.default_rng(1).lognormal(size=(1, entities, periods, len(codes)))
    axes = tuple(f"r{n}" for n in range(entities)), tuple(str(2000 + t) for t in range(periods))
    system = {"name": "made", "version": 1, "zh": "m", "en": "m", "groups": halves}
    return Panel(values, ("actual",), *axes, tuple(codes)), system


def made_plan(system: dict[str, object], draws: int) -> Plan:
    """Two means beside drawn weights, on a scale from 1 to 100."""
    spread = {"draws": draws, "aggregate": ["arithmetic", "geometric"]}
    normalise = {"method": "minmax", "limits": "panel", "scale": (1.0, 100.0)}
    return Plan.of(
        {
            "name": "made",
            "zh": "m",
            "en": "m",
            "system": system_of(system),
            "normalise": normalise,
            "uncertainty": spread,
        }
    )


def whole(x: np.ndarray) -> np.ndarray:
    """Gaps filled by means, outliers winsorised until skewness and kurtosis pass. Shape (entity, period, indicator)"""
    x = np.where(np.isnan(x), np.nanmean(x, axis=(0, 1)), x)
    for _ in range(5):
        z = (x - x.mean(axis=(0, 1))) / x.std(axis=(0, 1))
        failing = (np.abs((z**3).mean(axis=(0, 1))) > 2) & ((z**4).mean(axis=(0, 1)) - 3 > 3.5)
        if not failing.any():
            break
        ends = np.partition(x, (1, -2), axis=0)
        high = np.where(failing & ((z**3).mean(axis=(0, 1)) > 0), ends[-2], np.inf)
        low = np.where(failing & ((z**3).mean(axis=(0, 1)) < 0), ends[1], -np.inf)
        x = np.clip(x, low, high)
    return x


def loop(scores: Scores, raw: np.ndarray, few: int, steps: bool) -> float:
    """Seconds for one draw of a plain NumPy loop, from figures to ranks; `steps` fills and treats in every draw."""
    tree, rng, clock = scores.chosen.tree, np.random.default_rng(0), perf_counter()
    for _ in range(few):
        x = whole(raw) if steps else raw
        low, high = np.nanmin(x, axis=(0, 1)), np.nanmax(x, axis=(0, 1))
        nodes = list(np.moveaxis(1 + 99 * (x - low) / (high - low), 2, 0))
        log = bool(rng.integers(2))
        for branch, w in zip(tree.branches, scores.weights, strict=True):
            drawn = rng.dirichlet(20 * w[0])
            children = np.stack([nodes[child] for child in branch.children])
            mean = np.average(np.log(children) if log else children, axis=0, weights=drawn)
            nodes.append(np.exp(mean) if log else mean)
        order = np.argsort(-nodes[-1], axis=0)
        np.put_along_axis(np.empty(order.shape, int), order, np.arange(1, len(order) + 1)[:, None], axis=0)
    return (perf_counter() - clock) / few


def timed(work: Callable[[], object], again: int = 3) -> float:
    """The shortest of some runs, after one that warms up."""
    work()
    found = []
    for _ in range(again):
        clock = perf_counter()
        work()
        found.append(perf_counter() - clock)
    return min(found)


def asem(draws: int, vary: tuple[str, ...]) -> None:
    """10,000 rows with ranks, quantiles and Sobol indices of all units."""
    panel, system = made_panel(51, 1, PILLARS)
    gaps = np.random.default_rng(2).random(panel.shape) < 0.03
    panel = Panel(np.where(gaps, np.nan, panel.values), *panel.axes.values())
    plan = made_plan(system, draws).but(impute={"method": "mean"}, treat={"method": "winsorise"})
    result = None

    def run() -> None:
        nonlocal result
        result = sensitivity(panel, Codelist(), plan=plan, vary=vary, width=0.001)

    took = timed(run)
    told = next(note.details for note in result.notes if note.code == "sensitivity.rows")  # type: ignore[attr-defined]
    scores = score(choose(panel, Codelist(), plan))
    count = told["evaluations"]
    doubts = ", ".join(dict.fromkeys(result.frame("sobol")["doubt"]))  # type: ignore[attr-defined]
    print(f"ASEM's shape, {draws:,} draws; in doubt: {doubts}; {count:,} indices: {took:.2f} s")
    for steps in (True, False):
        one = loop(scores, panel.array() if steps else scores.chosen.values, 200, steps)
        said = "from raw figures" if steps else "from treated figures"
        print(f"    the loop {said} {one * count:.0f} s for as many indices: {one * count / took:.0f} x")


def panel_of_cities(draws: int) -> None:
    """24 periods with rank histograms and pairs, the memory of the whole process."""
    panel, system = made_panel(300, 24, (8, 8, 7, 7))
    plan = made_plan(system, draws)
    clock = perf_counter()
    scores = score(choose(panel, Codelist(), plan))
    chances(scores)
    took = perf_counter() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    one = loop(scores, scores.chosen.values, 20, False)
    print(
        f"300 x 30 x 24 periods, {draws:,} draws with rank histograms and pairs: {took:.1f} s, {peak:.2f} GiB at most;"
    )
    print(f"    the loop {one * draws:.0f} s: {one * draws / took:.0f} x")


def what_if(draws: int) -> None:
    """Other weights, one period."""
    panel, system = made_panel(300, 1, (8, 8, 7, 7))
    plan = made_plan(system, draws).but(uncertainty={"aggregate": ()})
    chosen = choose(panel, Codelist(), plan)

    def run() -> None:
        other = plan.but(weigh={"method": "given", "given": {"h0": 2.0, "h1": 1.0}})
        chances(score(choose(panel, Codelist(), other)))

    print(f"what-if, 300 regions, {draws:,} draws: {timed(run):.2f} s (goal 0.3); {len(chosen.codes)} indicators")


def main() -> None:
    """Print all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    draws = 1000 if parser.parse_args().quick else 10_000
    print("compiled kernels" if has_kernels() else "NumPy alone (extra fast is not installed)")
    asem(draws, ())
    asem(draws, ("weights", "aggregate.method=geometric"))
    what_if(draws)
    panel_of_cities(draws)


if __name__ == "__main__":
    main()
