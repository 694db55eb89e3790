"""The promises of the room evaluate about speed, kept in one run: same answers to 1e-6, CPU seconds, medians.

    OPENBLAS_NUM_THREADS=1 python benchmarks/evaluate.py            # all
    OPENBLAS_NUM_THREADS=1 python benchmarks/evaluate.py --quick    # a tenth of the rows

TWFE on 2.0 M balanced rows at least 8 times as fast as pyfixest's second call, event study at least 3 times (both
against pyfixest with the same clusters); estimators that a library does are not slower than the library called; the
robustness pack on 300 x 24 within 20 CPU seconds.
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from relode.evaluate import falsify
from relode.evaluate.estimators import estimate
from relode.evaluate.sample import Sample, draw
from relode.evaluate.twoway import twfe
from relode.maths.panelfit import cohort_fit, event_paths, twoway
from relode.words.codelist import Codelist
from relode.words.panel import Panel
from relode.words.policy import Calendar
from relode.words.study import Study

warnings.simplefilter("ignore")


def seconds(call: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Median CPU seconds of calls after the first, and the last answer."""
    answer = call()
    spent = []
    for _ in range(times):
        begin = time.process_time()
        answer = call()
        spent.append(time.process_time() - begin)
    return statistics.median(spent), answer


def panel(n: int, t: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Staggered outcome with effects that grow: y (n, t), start (n,), 40 % never treated, five cohorts."""
    random = np.random.default_rng(seed)
    start = random.choice([*(int(t * s) for s in (0.3, 0.4, 0.5, 0.6, 0.7)), t], n, p=[0.12] * 5 + [0.4])
    event = np.arange(t)[None, :] - start[:, None]
    y = random.normal(size=(n, 1)) + random.normal(size=(1, t)) + random.normal(size=(n, t))
    return y + np.where(event >= 0, 0.3 + 0.05 * event, 0.0), start


def against_pyfixest(n: int, t: int) -> None:
    """TWFE and event study, closed form and pyfixest, on n x t rows."""
    import pyfixest

    y, start = panel(n, t)
    event = np.arange(t)[None, :] - start[:, None]
    d = (event >= 0).astype(float)
    frame = pd.DataFrame(
        {"unit": np.repeat(np.arange(n), t), "time": np.tile(np.arange(t), n), "y": y.ravel(), "d": d.ravel()}
    )
    cluster = {"CRV1": "unit"}
    peer, told = seconds(lambda: pyfixest.feols("y ~ d | time + unit", frame, vcov=cluster))
    mine, fit = seconds(lambda: twoway(y, d[:, :, None]))
    report(
        "TWFE, any regressor",
        n * t,
        mine,
        peer,
        8,
        [fit.coefficients[0] - told.coef().iloc[0], fit.errors[0] - told.se().iloc[0]],
    )
    study = Study.of(_spec(start, t))
    sample = _sample(y, start, study)
    mine, effect = seconds(lambda: twfe(sample))
    report(
        "TWFE, evaluate's own call",
        n * t,
        mine,
        peer,
        8,
        [effect.estimate - told.coef().iloc[0], effect.se - told.se().iloc[0]],
    )
    cohorts, at = np.unique(start, return_inverse=True)
    paths, times = event_paths(cohorts, t, 6, 6)
    names = [f"e{k}" for k in range(len(times))]
    frame[names] = paths[at].reshape(n * t, -1)
    peer, told = seconds(lambda: pyfixest.feols(f"y ~ {' + '.join(names)} | time + unit", frame, vcov=cluster), 1)
    mine, fit = seconds(lambda: cohort_fit(y, at, paths))
    report(f"event study, {len(times)} coefficients", n * t, mine, peer, 3,
           [*(fit.coefficients - told.coef().to_numpy()), *(fit.errors - told.se().to_numpy())])  # fmt: skip


def against_the_library(n: int, t: int) -> None:
    """Our wrapper against the bare library call on the same frame."""
    import diff_diff

    y, start = panel(n, t)
    sample = _sample(y, start, Study.of(_spec(start, t)))
    frame = sample.frame()
    keys = {"outcome": "y", "unit": "unit", "time": "time", "first_treat": "g"}

    def bare() -> Any:
        fit = diff_diff.CallawaySantAnna(base_period="universal").fit(frame, **keys)
        fit.aggregate("event_study")
        return fit

    peer, told = seconds(bare, 5)
    mine, effect = seconds(lambda: estimate(sample, "callaway_santanna"), 5)
    report("Callaway-Sant'Anna with event study", n * t, mine, peer, 0.9, [effect.estimate - told.overall_att])


def pack(n: int, t: int) -> None:
    """The robustness pack with 1,000 permutations and all estimators."""
    y, start = panel(n, t)
    entities, periods = tuple(f"e{i}" for i in range(n)), tuple(str(2000 + k) for k in range(t))
    block = Panel(y[None, :, :, None], ("actual",), entities, periods, ("y",))
    study = Study.of(_spec(start, t))
    falsify(block, Codelist(), study=study)
    begin = time.process_time()
    result = falsify(block, Codelist(), study=study)
    spent = time.process_time() - begin
    kept = "kept" if spent <= 20 else "BROKEN"
    print(f"pack, {len(result.frame())} lines, {n} x {t}: {spent:.2f} CPU s (promise 20) {kept}")


def report(what: str, rows: int, mine: float, peer: float, least: float, gaps: list[float]) -> None:
    """One line: how many times as fast, the promise, the largest difference of the answers."""
    ratio, gap = peer / mine, float(np.abs(gaps).max())
    kept = "kept" if ratio >= least and gap < 1e-6 else "BROKEN"
    told = f"{mine:.4f} against {peer:.3f} CPU s, {ratio:.1f}x (promise {least}x), gap {gap:.0e}"
    print(f"{what}, {rows:,} rows: {told} {kept}")


def _spec(start: np.ndarray, t: int) -> dict[str, Any]:
    rows = [{"entity": f"e{i}", "policy": "pilot", "start": 2000 + int(s)} for i, s in enumerate(start) if s < t]
    return {"name": "speed", "zh": "速度", "en": "speed", "calendar": Calendar.of_rows("c", rows),
            "policies": ["pilot"], "outcomes": [{"code": "y", "good": 1}], "treatment": {"rule": "full"}}  # fmt: skip


def _sample(y: np.ndarray, start: np.ndarray, study: Study) -> Sample:
    n, t = y.shape
    entities, periods = tuple(f"e{i}" for i in range(n)), tuple(str(2000 + k) for k in range(t))
    return draw(Panel(y[None, :, :, None], ("actual",), entities, periods, ("y",)), Codelist(), study)


if __name__ == "__main__":
    part = 10 if "--quick" in sys.argv else 1
    against_pyfixest(83_333 // part, 24)
    against_the_library(300, 24)
    pack(300, 24)
