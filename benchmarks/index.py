"""What the index promises about speed and memory, printed beside a NumPy loop and peers in the same run.

    python benchmarks/index.py                        all promises
    python benchmarks/index.py --quick                a tenth of the draws
    python benchmarks/index.py --write docs/benchmarks.md   the table of the docs as well

The loop builds the index anew for every draw, as a script would (and COINr's Regen does): gaps, outliers,
normalisation, four levels of means, ranks; it is timed on some draws and extrapolated to as many indices as were
computed. Kernels are warm; the set-up of a plan is included. scikit-criteria and pymcdm are compared with where they
can be imported; they are no dependency of relode.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from relode.maths.fast import has_kernels
from relode.maths.textbook import entropy_topsis
from relode.measure import sensitivity
from relode.measure.choose import choose
from relode.measure.draws import chances
from relode.measure.score import Scores, score
from relode.words.codelist import Codelist
from relode.words.indicator import system_of
from relode.words.panel import Panel
from relode.words.plan import Plan

PILLARS = (8, 5, 7, 5, 5, 7, 7, 5)  # 49 indicators in 8 groups, 5 of one half and 3 of the other, as in ASEM


@dataclass(frozen=True)
class Line:
    """One promise: what was done, what it took, what it is held against, and whether it was kept."""

    work: str
    took: str
    against: str
    ratio: str
    goal: str
    kept: bool | None

    def told(self) -> str:
        """A row of the table."""
        kept = {True: "yes", False: "no", None: ""}[self.kept]
        return f"| {self.work} | {self.took} | {self.against} | {self.ratio} | {self.goal} | {kept} |"


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
    """CPU seconds for one draw of a plain NumPy loop, from figures to ranks; `steps` fills and treats in every draw."""
    tree, rng, clock = scores.chosen.tree, np.random.default_rng(0), process_time()
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
    return (process_time() - clock) / few


@dataclass(frozen=True)
class Took:
    """Seconds on the clock, and of all cores together."""

    wall: float
    cpu: float

    @property
    def idle(self) -> float:
        """What it takes at most where nobody else uses the cores."""
        return min(self.wall, self.cpu)

    def __str__(self) -> str:
        if self.cpu < 0.1:
            return f"{self.wall * 1e3:.1f} ms (CPU {self.cpu * 1e3:.1f} ms)"
        return f"{self.wall:.2f} s (CPU {self.cpu:.2f} s)"


def timed(work: Callable[[], object], again: int = 3, warm: bool = True) -> Took:
    """The shortest of some runs, after one that warms up."""
    if warm:
        work()
    found = []
    for _ in range(again):
        wall, cpu = perf_counter(), process_time()
        work()
        found.append((perf_counter() - wall, process_time() - cpu))
    return Took(min(wall for wall, _ in found), min(cpu for _, cpu in found))


def asem(draws: int, imputed: bool) -> list[Line]:
    """Rows with ranks, quantiles and Sobol indices of all units, against loops from raw and from treated figures."""
    panel, system = made_panel(51, 1, PILLARS)
    gaps = np.random.default_rng(2).random(panel.shape) < 0.03
    panel = Panel(np.where(gaps, np.nan, panel.values), *panel.axes.values())
    plan = made_plan(system, draws).but(
        impute={"method": "mean"}, treat={"method": "winsorise"}, uncertainty={"figures": 100 if imputed else 0}
    )
    results = []
    took = timed(lambda: results.append(sensitivity(panel, Codelist(), plan=plan, width=0.001)))
    count = next(note.details for note in results[-1].notes if note.code == "sensitivity.rows")["evaluations"]
    scores = score(choose(panel, Codelist(), plan))
    what = "weights, means, 100 imputations" if imputed else "weights and means"
    work = f"51 x 49, four levels, {draws:,} draws over {what}: ranks, quantiles, total order ({count:,} indices)"
    lines = []
    for steps in (True, False):
        one = loop(scores, panel.array() if steps else scores.chosen.values, 100, steps)
        said = "that fills, treats, scales and adds up anew" if steps else "from figures already filled and treated"
        ratio, goal = one * count / took.cpu, "200 x" if steps else ""
        against = f"NumPy loop {said}: {one * count:.0f} s"
        lines.append(Line(work, str(took), against, f"{ratio:.0f} x", goal, ratio >= 200 if steps else None))
    return lines


def panel_of_cities(draws: int) -> list[Line]:
    """24 periods with rank histograms and pairs, the memory of the whole process."""
    panel, system = made_panel(300, 24, (8, 8, 7, 7))
    plan = made_plan(system, draws)
    scores = score(choose(panel, Codelist(), plan))
    took = timed(lambda: chances(score(choose(panel, Codelist(), plan))), 1, warm=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    one = loop(scores, scores.chosen.values, 20, False)
    work = f"300 x 30 x 24 periods, {draws:,} draws: rank histograms and P(A above B) in every period"
    against = f"NumPy loop, ranks only: {one * draws:.0f} s"
    ratio, kept = f"{one * draws / took.cpu:.0f} x", took.idle < 30 and peak < 4
    return [Line(work, f"{took}, {peak:.2f} GiB", against, ratio, "30 s, 4 GiB", kept)]


def what_if(draws: int) -> list[Line]:
    """Other weights, one period."""
    panel, system = made_panel(300, 1, (8, 8, 7, 7))
    plan = made_plan(system, draws).but(uncertainty={"aggregate": ()})

    def run() -> None:
        other = plan.but(weigh={"method": "given", "given": {"h0": 2.0, "h1": 1.0}})
        chances(score(choose(panel, Codelist(), other)))

    took = timed(run, 9)
    work = f"what-if: new weights, 300 x 30, one period, {draws:,} draws"
    return [Line(work, str(took), "", "", "0.3 s", took.idle <= 0.3)]


def entropy_and_topsis() -> list[Line]:
    """300 x 24 x 30 pooled, against the peers that are there; the same closeness to 1e-12."""
    x, up = np.random.default_rng(0).lognormal(size=(7200, 30)) + 0.1, np.ones(30)
    took, ours = timed(lambda: entropy_topsis(x, up), 60), entropy_topsis(x, up)[1]
    lines = []
    for name, peer in _peers(x).items():
        theirs, away = timed(peer, 15), float(np.abs(peer() - ours).max())
        ratio = theirs.idle / took.idle
        against = f"{name}: {theirs}, differing by {away:.0e}"
        kept = ratio >= 20 and away < 1e-12
        lines.append(Line("entropy-TOPSIS, 7,200 x 30", str(took), against, f"{ratio:.0f} x", "20 x, 1e-12", kept))
    return lines


def _peers(x: np.ndarray) -> dict[str, Callable[[], np.ndarray]]:
    """The same work by other software, where it can be imported."""
    found: dict[str, Callable[[], np.ndarray]] = {}
    warnings.simplefilter("ignore")
    try:
        import skcriteria as skc
        from skcriteria.agg import topsis
        from skcriteria.pipelines import mkpipe
        from skcriteria.preprocessing.scalers import VectorScaler
        from skcriteria.preprocessing.weighters import EntropyWeighter

        pipe = mkpipe(EntropyWeighter(), VectorScaler(target="matrix"), topsis.TOPSIS())
        found[f"scikit-criteria {version('scikit-criteria')}"] = lambda: (
            pipe.evaluate(skc.mkdm(x, [max] * x.shape[1])).e_.similarity
        )
    except ImportError:
        print("scikit-criteria cannot be imported: not compared")
    try:
        from pymcdm import normalizations, weights
        from pymcdm.methods import TOPSIS

        way = TOPSIS(normalizations.vector_normalization)
        up = np.ones(x.shape[1])
        found[f"pymcdm {version('pymcdm')}"] = lambda: way(x, weights.entropy_weights(x), up)
    except ImportError:
        print("pymcdm cannot be imported: not compared")
    return found


PAGE = """# Benchmarks

Written by `python benchmarks/index.py --write docs/benchmarks.md`; not by hand.

- {day}, {cores} cores ({machine}), load {load:.1f} after the run, Python {python}, NumPy {numpy}, {kernels}, relode
  {relode}.
- Ours and what it is held against ran one after the other in the same process. CPU seconds are those of all cores
  together: a load above the number of cores stretches the clock, not these. Ratios to the loop are of CPU seconds.
- The loop is single-threaded NumPy, timed on 100 draws (20 for the large panel) and extrapolated: what a script does.
  COINr 1.1.14 itself takes 0.31 s for one regeneration of ASEM, measured outside this run.
- Panels are random, of the sizes named. scikit-criteria is timed from the array to the closeness.

| work | relode | held against | ratio | goal | kept |
|---|---|---|---|---|---|
{lines}
"""


def page(lines: Sequence[Line]) -> str:
    """The page of the docs."""
    kernels = f"numba {version('numba')}" if has_kernels() else "NumPy alone (extra `fast` is not installed)"
    load = os.getloadavg()[0]
    return PAGE.format(
        day=date.today(), cores=os.cpu_count(), machine=platform.machine(), load=load, kernels=kernels,
        python=platform.python_version(), numpy=version("numpy"), relode=version("relode"),
        lines="\n".join(line.told() for line in lines),
    )  # fmt: skip


def main() -> None:
    """Print all, and write the page if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    draws = 1000 if asked.quick else 10_000
    lines: list[Line] = []
    for part in (
        lambda: asem(draws, False), lambda: asem(draws, True), lambda: what_if(draws), entropy_and_topsis,
        lambda: panel_of_cities(draws),
    ):  # fmt: skip
        for line in part():
            print(line.told(), flush=True)
            lines.append(line)
    if asked.write:
        asked.write.write_text(page(lines), "utf8")


if __name__ == "__main__":
    main()
