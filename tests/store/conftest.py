"""What the tests of the store share: a few made entities and indicators, and a store of its own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from relode.store.facts import Store
from relode.words.batch import Batch
from relode.words.codelist import Codelist, Entity
from relode.words.indicator import Indicator

INDICATORS = {
    "gdp": Indicator("gdp", "地区生产总值", "GDP", "亿元", range=(0, None)),
    "coal_share": Indicator("coal_share", "煤炭工业占比", "Coal share", "%", direction=-1, range=(0, 100)),
    "balance": Indicator("balance", "收支差额", "Balance", "亿元"),
}
REGIONS = Codelist.of(
    [
        Entity("150000", "内蒙古", level="province"),
        Entity("150600", "鄂尔多斯市", parent="150000", level="city"),
        Entity("150602", "东胜区", parent="150600", level="county"),
        Entity("140000", "山西", level="province"),
        Entity("140200", "大同市", parent="140000", level="city"),
    ]
)
Row = tuple[str, str, str, float | None]


def rows(*given: Row, **columns: object) -> pd.DataFrame:
    """A frame of facts from (entity, indicator, period, value), further columns the same in every row."""
    frame = pd.DataFrame(list(given), columns=["entity", "indicator", "period", "value"])
    return frame.assign(**columns)


def batch(series: str = "yearbook", vintage: str = "2024-11-01", **said: str) -> Batch:
    """A batch by Wang."""
    told = {"source": series, "actor": "wang"} | said
    return Batch(series=series, vintage=date.fromisoformat(vintage), **told)


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """What is made here, for tests that load by themselves."""
    return SimpleNamespace(INDICATORS=INDICATORS, REGIONS=REGIONS, rows=rows, batch=batch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test keeps its store: a folder with Chinese and blanks in its name."""
    return tmp_path / "鄂尔多斯 转型 评价" / "store.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, actor="wang", regions=REGIONS) as opened:
        yield opened


@pytest.fixture
def load(store: Store) -> Callable[..., int]:
    """Load facts and give the batch's number."""

    def loaded(*given: Row, series: str = "yearbook", vintage: str = "2024-11-01", **columns: object) -> int:
        return store.load(batch(series, vintage), rows(*given, **columns), indicators=INDICATORS).number

    return loaded
