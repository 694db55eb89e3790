"""Promises of the observatory: 50 readers for a minute, and a question on 300 regions answered at once.

    python benchmarks/web.py [seconds] [readers]

Builds an invented place of 300 regions, 24 periods and 30 indicators, serves it on the loopback address in a process
of its own, lets readers walk through pages and prints rates, percentiles, errors and the server's memory.
"""

from __future__ import annotations

import http.client
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

REGIONS, PERIODS, INDICATORS = 300, 24, 30
GROUPS = 5
GOAL = 300  # milliseconds, the 95th percentile of all pages


def build(folder: Path) -> Path:
    """The invented place."""
    import pandas as pd

    from relode.app import open as open_place
    from relode.app.place import day
    from relode.words.batch import Batch

    open_place(folder, actor="benchmark")
    codes = [f"{9000 + n}" for n in range(REGIONS)]
    lines = ["code,name,zh,en,parent,level,type", *(f"{c},R{c},,,,city,t{n % 4}" for n, c in enumerate(codes))]
    (folder / "regions" / "big.csv").write_text("\n".join(lines) + "\n", "utf8")
    (folder / "relode.toml").write_text('zh = "大"\nen = "big"\nregions = "big"\nprefer = []\n', "utf8")
    (folder / "indicators" / "big.yaml").write_text(_system(), "utf8")
    plan = 'name = "big"\nzh = "大"\nen = "big"\nsystem = "big"\nregions = "big"\n[normalise]\nmethod = "minmax"\n'
    (folder / "plans" / "big.toml").write_text(plan + 'limits = "panel"\nscale = [1, 100]\n', "utf8")
    rng = np.random.default_rng(1)
    index = pd.MultiIndex.from_product(
        [codes, [str(2000 + t) for t in range(PERIODS)], [f"f{k}" for k in range(INDICATORS)]],
        names=["entity", "period", "indicator"],
    )
    frame = pd.DataFrame({"value": rng.lognormal(2, 0.5, len(index))}, index=index).reset_index()
    frame = frame[rng.random(len(frame)) > 0.03]
    open_place(folder, actor="benchmark").load(Batch("invented", "invented", day("2024"), "benchmark", "none"), frame)
    return folder


def _system() -> str:
    facts = "".join(f"  f{k}: {{zh: 数{k}, en: fact {k}, unit: x}}\n" for k in range(INDICATORS))
    groups = ""
    for g in range(GROUPS):
        groups += f"  g{g}:\n    zh: 组{g}\n    en: group {g}\n    indicators:\n"
        groups += "".join(
            f"      i{k}: {{zh: 指标{k}, en: indicator {k}, unit: x, direction: 1, formula: f{k}}}\n"
            for k in range(g, INDICATORS, GROUPS)
        )
    return f"name: big\nversion: 1\nzh: 大\nen: big\nfacts:\n{facts}groups:\n{groups}"


def paths(rng: random.Random) -> str:
    """What a reader opens next."""
    code = 9000 + rng.randrange(REGIONS)
    period = 2000 + rng.choice((21, 22, 23, 23, 23))
    kinds = ("/?", "/?", f"/region/{code}?", f"/region/{code}?", f"/compare?entity={code}&entity=9001&", "/quality?",
             f"/indicator/g1.i{rng.choice((1, 6, 11))}?", "/methods?", f"/why/{code}?", "/sources?")  # fmt: skip
    return f"{rng.choice(kinds)}lang={rng.choice(('zh', 'en'))}&period={period}"


class Reader(threading.Thread):
    """One reader: a page, a short look, the next page."""

    def __init__(self, port: int, until: float, seed: int):
        super().__init__(daemon=True)
        self.port, self.until, self.rng = port, until, random.Random(seed)
        self.times: list[float] = []
        self.errors: list[str] = []

    def run(self) -> None:
        """Read until the time is over."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while time.monotonic() < self.until:
            path, started = paths(self.rng), time.monotonic()
            try:
                line.request("GET", path, headers={"accept-encoding": "gzip"})
                answer = line.getresponse()
                answer.read()
                if answer.status != 200:
                    self.errors.append(f"{answer.status} {path}")
            except OSError as fault:
                self.errors.append(f"{fault} {path}")
                line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self.times.append(time.monotonic() - started)
            time.sleep(self.rng.uniform(0.2, 0.8))


def memory(process: int) -> float:
    """MB that a process holds."""
    text = Path(f"/proc/{process}/status").read_text("utf8")
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def ask(port: int, path: str) -> float:
    """Seconds for one page."""
    started = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    line.request("GET", path)
    answer = line.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
    return time.monotonic() - started


def measured(port: int, server: int, seconds: float, readers: int) -> dict[str, float]:
    """What the readers found."""
    print(f"first page {ask(port, '/?lang=zh'):.2f} s (scores of 24 periods, 10,000 draws of one)")
    for period in (2021, 2022):
        ask(port, f"/?lang=zh&period={period}")
    questions = [ask(port, f"/ask?lang=zh&w.g0={n}") for n in (2, 3, 4)]
    print(f"a question, {REGIONS} regions x 10,000 draws: {min(questions):.2f} to {max(questions):.2f} s")
    until = time.monotonic() + seconds
    walkers = [Reader(port, until, seed) for seed in range(readers)]
    for one in walkers:
        one.start()
    time.sleep(seconds / 2)
    half = memory(server)
    for one in walkers:
        one.join()
    times = np.concatenate([one.times for one in walkers])
    errors = [fault for one in walkers for fault in one.errors]
    p50, p95, p99 = np.quantile(times, [0.5, 0.95, 0.99]) * 1000
    print(f"{readers} readers, {seconds:.0f} s: {len(times)} pages, {len(times) / seconds:.0f}/s, {len(errors)} errors")
    print(f"p50 {p50:.0f} ms, p95 {p95:.0f} ms (goal {GOAL}), p99 {p99:.0f} ms", end="; ")
    print(f"memory {half:.0f} MB after half the time, {memory(server):.0f} MB at the end")
    for fault in errors[:5]:
        print("  ", fault)
    grown = memory(server) - half
    return {"p95": float(p95), "errors": len(errors), "pages": len(times), "grown": grown, "question": min(questions)}


def served(place: Path, seconds: float, readers: int) -> dict[str, float]:
    """Serve a place in a process of its own, and read it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "relode", "serve", "--place", str(place), "--port", str(port)]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                ask(port, "/sources")
                break
            except OSError:
                time.sleep(0.2)
        return measured(port, server.pid, seconds, readers)
    finally:
        server.terminate()
        server.wait(20)


def main(seconds: float = 60, readers: int = 50) -> dict[str, float]:
    """Build, serve, read."""
    with tempfile.TemporaryDirectory() as folder:
        return served(build(Path(folder) / "place"), seconds, readers)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
