"""What the store promises about speed, printed: loading against a plain COPY, as-of reads into a Panel, undo, memory.

    python benchmarks/store.py                 5 million facts
    python benchmarks/store.py --millions 50   the larger promise (about 8 GB of disk and some minutes)

Goals: load <= 2 x a plain DuckDB COPY of the same rows from Parquet; an as-of read of 300 x 24 x 30 into a dense
Panel < 0.5 s from 5 million facts, < 3 s from 50 million. Facts: 3 000 entities x 24 periods x 30 (300) indicators,
2.3 vintages a key, batch by batch.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from relode.store.facts import Store
from relode.words.batch import AsOf, Batch
from relode.words.indicator import Indicator
from relode.words.method import Need

ENTITIES = tuple(f"{code:06d}" for code in range(110000, 113000))
PERIODS = tuple(str(year) for year in range(2000, 2024))
VINTAGES = ((date(2023, 11, 1), 1.0), (date(2024, 11, 1), 1.0), (date(2025, 11, 1), 0.3))  # share of the keys
PER_BATCH = 30  # indicators in one batch: a yearbook


def made(indicators: tuple[str, ...], share: float, seed: int) -> pd.DataFrame:
    """Facts as `gather` hands them in: text codes, values, cells."""
    chance = np.random.default_rng(seed)
    keys = len(ENTITIES) * len(PERIODS) * len(indicators)
    kept = np.sort(chance.choice(keys, int(keys * share), replace=False)) if share < 1 else np.arange(keys)
    at = np.unravel_index(kept, (len(ENTITIES), len(PERIODS), len(indicators)))
    texts = [np.array(codes, dtype=object)[n] for codes, n in zip((ENTITIES, PERIODS, indicators), at, strict=True)]
    columns = dict(zip(("entity", "period", "indicator"), texts, strict=True))
    value = np.round(chance.lognormal(5, 2, len(kept)), 2)
    cells = {"sheet": "Sheet1", "row": at[0] * len(PERIODS) + at[1] + 2, "col": at[2] + 3}
    return pd.DataFrame(columns | {"value": value, "status": "A"} | cells)


def timed(deed: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall and on the processors."""
    wall, cpu = time.perf_counter(), time.process_time()
    deed()
    return time.perf_counter() - wall, time.process_time() - cpu


def copied(frame: pd.DataFrame, folder: Path) -> tuple[float, float]:
    """A plain COPY of the same rows from Parquet into a table with the same columns, committed to disk."""
    file, plain = folder / "rows.parquet", folder / "plain.duckdb"
    con = duckdb.connect(str(plain))
    con.register("rows", frame)
    con.execute(f"copy rows to '{file}' (format parquet)")
    con.execute("create table plain as select * from rows limit 0")
    taken = timed(lambda: con.execute(f"copy plain from '{file}' (format parquet)"))
    con.close()
    plain.unlink()
    file.unlink()
    return taken


def fill(store: Store, millions: int, folder: Path) -> None:
    """Load all batches and print how long they took beside a plain COPY."""
    count = PER_BATCH * max(1, round(millions / 5))
    codes = [f"group{n // 10}.indicator_{n}" for n in range(count)]
    indicators = {code: Indicator(code, code, code, "unit") for code in codes}
    load, copy, facts, number = np.zeros(2), np.zeros(2), 0, 0
    for vintage, share in VINTAGES:
        for first in range(0, count, PER_BATCH):
            number += 1
            frame = made(tuple(codes[first : first + PER_BATCH]), share, number)
            copy += copied(frame, folder)
            batch = Batch("benchmark", "yearbook", vintage, "benchmark", f"batch {number}")
            load += timed(lambda frame=frame, batch=batch: store.load(batch, frame, indicators=indicators))
            facts += len(frame)
    print(f"facts          {facts:,} in {number} batches, file {store.path.stat().st_size / 1e6:.0f} MB")
    print(f"load           {load[0]:.2f} s wall, {load[1]:.2f} s CPU")
    print(f"plain COPY     {copy[0]:.2f} s wall, {copy[1]:.2f} s CPU")
    print(f"load / COPY    {load[0] / copy[0]:.2f} wall, {load[1] / copy[1]:.2f} CPU      (goal <= 2)")


def reads(store: Store, goal: float) -> None:
    """The as-of read, and undoing a batch."""
    codes = tuple(f"group{n // 10}.indicator_{n}" for n in range(PER_BATCH))
    need = Need(codes, periods=PERIODS, entities=ENTITIES[::10])
    for name, asof in (("now", AsOf()), ("as of 2024-12-31", AsOf(vintage=date(2024, 12, 31)))):
        taken = [timed(lambda asof=asof: store.panel(need, asof=asof))[0] for _ in range(5)]
        shape = " x ".join(map(str, store.panel(need, asof=asof).shape[1:]))
        print(f"read {name:17} {shape}: {statistics.median(taken):.3f} s      (goal < {goal})")
    print(f"undo           {timed(lambda: store.undo(1, actor='benchmark'))[0]:.3f} s")
    print(f"read after     {timed(lambda: store.panel(need))[0]:.3f} s")


def most_memory() -> str:
    """The most memory this process has held."""
    try:
        import resource
    except ImportError:  # Windows
        return "not known here"
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"


def main() -> None:
    """Make, load, read, undo."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=int, default=5)
    millions = parser.parse_args().millions
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "store.duckdb"
        with Store.open(path, actor="benchmark") as store:
            fill(store, millions, Path(name))
        with Store.open(path, actor="benchmark") as store:
            reads(store, 0.5 if millions <= 5 else 3)
    print(f"memory         {most_memory()}")


if __name__ == "__main__":
    main()
