"""A small place that every story starts from, and the command line as a person types it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Typed = Callable[..., subprocess.CompletedProcess[str]]

REGIONS = """code,name,zh,en,parent,level,type,tags
1402,大同,大同,Datong,14,city,mature,coal
1403,阳泉,阳泉,Yangquan,14,city,declining,coal
1404,长治,长治,Changzhi,14,city,mature,
1405,晋城,晋城,Jincheng,14,city,mature,coal
1406,朔州,朔州,Shuozhou,14,city,mature,coal
"""
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
[normalise]
method = "minmax"
limits = "panel"
scale = [1, 100]
[uncertainty]
draws = 200
"""
FACTS = """地区,年份,gdp,coal,green
大同,2023,1870,520,33
阳泉,2023,1020,410,36
长治,2023,2870,1100,41
晋城,2023,2290,980,46
朔州,2023,1560,700,30
大同,2024,1900,500,34
阳泉,2024,1030,400,37
长治,2024,2900,1050,41
晋城,2024,2350,990,47
朔州,2024,1580,690,31
"""


@pytest.fixture
def shanxi(tmp_path: Path) -> Path:
    """Five made-up rows of five real cities, in a folder whose name has Chinese and a blank."""
    folder = tmp_path / "山西 地市"
    from relode.app import open

    open(folder)
    (folder / "regions" / "shanxi.csv").write_text(REGIONS, encoding="utf8")
    (folder / "indicators" / "small.yaml").write_text(SYSTEM, encoding="utf8")
    (folder / "plans" / "small.toml").write_text(PLAN, encoding="utf8")
    (folder / "relode.toml").write_text(
        'zh = "山西"\nen = "Shanxi"\nregions = "shanxi"\nprefer = []\n', encoding="utf8"
    )
    (tmp_path / "年鉴 2024.csv").write_text(FACTS, encoding="gb18030")
    return folder


@pytest.fixture
def typed(tmp_path: Path) -> Typed:
    """Type a command: `typed("run", "measure.index", ..., lang="zh", encoding="gbk")`."""

    def run(*words: str, lang: str = "en", encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
        env = os.environ | {"RELODE_LANG": lang, "PYTHONIOENCODING": encoding, "COLUMNS": "120", "PYTHONUTF8": "0"}
        return subprocess.run(
            [sys.executable, "-m", "relode", *words],
            cwd=tmp_path, env=env, capture_output=True, text=True, encoding=encoding, errors="strict",
        )  # fmt: skip

    return run
