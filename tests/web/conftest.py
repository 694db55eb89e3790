"""A small invented place, its observatory and a client; the browser, where the machine has one."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from relode.app import open as open_place
from relode.app.observatory import Observatory
from relode.web.guard import Limits
from relode.web.serve import config, make

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<script>alert(1)</script>"
FORMULA = "=HYPERLINK('x')"
PERIODS = ("2021", "2022", "2023")
REGIONS = 24
FREE = Limits(burst=1e9, rate=1e9, heavy_burst=1e9, heavy_rate=1e9)

SYSTEM = """name: small
version: 1
zh: 小体系
en: small system
facts:
  gdp: {zh: 地区生产总值, en: GDP, unit: 100 million yuan, range: [0, null]}
  coal: {zh: 煤炭增加值, en: coal value added, unit: 100 million yuan, range: [0, null]}
  green: {zh: 绿化覆盖率, en: green cover, unit: "%", range: [0, 100]}
groups:
  industry:
    zh: 产业
    en: Industry
    indicators:
      coal_share: {zh: 煤炭占比, en: coal share, unit: "%", direction: -1, formula: coal / gdp * 100}
      size: {zh: 经济规模, en: size of the economy, unit: 100 million yuan, direction: 1, formula: gdp}
  ecology:
    zh: 生态
    en: Ecology
    indicators:
      cover: {zh: 绿化覆盖率, en: green cover, unit: "%", direction: 1, formula: green}
"""
PLAN = """name = "small"
zh = "小方案"
en = "small plan"
system = "small"
regions = "small"
[normalise]
method = "minmax"
limits = "panel"
scale = [1, 100]
[uncertainty]
draws = 300
"""
RECIPE = """name = "yearly"
zh = "年度报告"
en = "Yearly report"
[[step]]
id = "level"
run = "measure.index"
choices = { plan = "small" }
[report]
title = { zh = "年度报告", en = "Yearly report" }
[[report.chapter]]
title = { zh = "结论", en = "Findings" }
shows = [ { step = "level", say = "headline" } ]
"""

DIAGNOSIS = """name = "look"
zh = "诊断"
en = "Diagnosis"
[[step]]
id = "beside"
run = "diagnose.spacetime"
choices = { indicator = "gdp", neighbours = "economic", k = 4, draws = 99 }
[report]
title = { zh = "诊断", en = "Diagnosis" }
"""


def facts(shift: float = 0.0) -> str:
    """The invented figures: one gap, so that a dash is seen too."""
    lines = ["地区,年份,gdp,coal,green"]
    for n in range(REGIONS):
        for k, period in enumerate(PERIODS):
            green = "" if (n, k) == (5, 1) else f"{20 + n + k + shift:.2f}"
            lines.append(f"{code(n)},{period},{1000 + 37 * n + 50 * k},{100 + (n * 53) % 200 + k},{green}")
    return "\n".join(lines) + "\n"


def code(n: int) -> str:
    """The code of region n."""
    return f"{9001 + n}"


def build(folder: Path) -> Path:
    """The invented place in `folder`."""
    place = open_place(folder, actor="tester")
    names = [HOSTILE, FORMULA, *(f"样例{n}" for n in range(2, REGIONS))]
    rows = [
        f'{code(n)},"{name}",,Example {n},,city,{"mature" if n % 2 else "declining"}' for n, name in enumerate(names)
    ]
    (folder / "regions" / "small.csv").write_text(
        "\n".join(["code,name,zh,en,parent,level,type", rows[0].replace("Example 0", ""), *rows[1:]]) + "\n", "utf8"
    )
    (folder / "relode.toml").write_text('zh = "样例"\nen = "Example"\nregions = "small"\nprefer = []\n', "utf8")
    files = {"indicators/small.yaml": SYSTEM, "plans/small.toml": PLAN, "recipes/yearly.toml": RECIPE}
    for path, text in (files | {"recipes/look.toml": DIAGNOSIS}).items():
        (folder / path).write_text(text, "utf8")
    (folder / "facts.csv").write_text(facts(), "utf8")
    del place
    open_place(folder, actor="tester").gather(folder / "facts.csv", source="invented", vintage="2024-03-01")
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented place, made once; tests that write work on a copy."""
    return build(tmp_path_factory.mktemp("observatory") / "place")


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Path:
    """A copy of the invented place."""
    return Path(shutil.copytree(built, tmp_path / "place"))


@pytest.fixture(scope="session")
def client(built: Path) -> Iterator[TestClient]:
    """A client of the place that is only read."""
    with TestClient(make(Observatory(built), limits=FREE), base_url="http://localhost") as one:
        yield one


@pytest.fixture
def own(place: Path) -> Iterator[TestClient]:
    """A client of a copy that a test may write to."""
    with TestClient(make(Observatory(place), limits=FREE), base_url="http://localhost") as one:
        yield one


class Served:
    """A server on loopback in a thread of its own."""

    def __init__(self, folder: Path, limits: Limits = FREE, *, proxied: bool = False):
        import uvicorn

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        app = make(Observatory(folder), limits=limits)
        self.server = uvicorn.Server(config(app, host="127.0.0.1", port=self.port, proxied=proxied))
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Served:
        self.thread.start()
        for _ in range(200):
            if self.server.started:
                return self
            time.sleep(0.05)
        raise RuntimeError("the server did not start")

    def __exit__(self, *fault: Any) -> None:
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium of the machine."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="pip install playwright (no browser download is needed)")
    with api.sync_playwright() as play:
        one = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield one
        one.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The accessibility checker axe-core, from npm (a development dependency in package.json)."""
    there = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not there.is_file():
        folder = tmp_path_factory.mktemp("axe")
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("axe-core is missing: npm install --ignore-scripts --no-package-lock")
        words = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "axe-core@4"]
        done = subprocess.run([*words, "--prefix", str(folder)], capture_output=True, timeout=180, check=False)
        there = folder / "node_modules" / "axe-core" / "axe.min.js"
        if done.returncode or not there.is_file():
            pytest.skip("axe-core cannot be had: npm install --ignore-scripts --no-package-lock")
    return there.read_text("utf8")
