"""The four traps that a store of facts in DuckDB falls into; each was met and measured before the store was written."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import relode.store
from relode.store.facts import Store
from relode.words.errors import Misfit, UnknownWord
from relode.words.method import Need

CODE = sorted(Path(relode.store.__file__).parent.glob("*.py"))
Load = Callable[..., int]


def test_a_withdrawn_figure_stays_withdrawn_and_the_old_value_does_not_come_back(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 5000.0), vintage="2024-01-01")
    number = load(("150600", "gdp", "2023", None), vintage="2025-01-01", status="M")
    panel = store.panel(Need(("gdp",)))
    assert np.isnan(panel.values).all()
    assert panel.status is not None
    assert panel.batch is not None
    assert panel.status.ravel().tolist() == [4]
    assert panel.batch.ravel().tolist() == [number]


def test_two_series_of_one_figure_are_never_mixed_by_latest_wins(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 5000.0), ("140200", "gdp", "2023", 900.0), series="yearbook", vintage="2024-01-01")
    load(("150600", "gdp", "2023", 5100.0), ("140200", "gdp", "2023", 900.0), series="bulletin", vintage="2025-01-01")
    with pytest.raises(Misfit) as fault:
        store.panel(Need(("gdp",)))
    assert fault.value.code == "store.series_differ"
    assert fault.value.details["count"] == 1
    assert fault.value.expected == ("bulletin", "yearbook")
    for shown in ("150600", "gdp", "2023", "bulletin 5100", "yearbook 5000"):
        assert shown in fault.value.where
    assert store.panel(Need(("gdp",)), prefer=["yearbook"]).array()[:, 0, 0].tolist() == [5000.0, 900.0]
    assert store.panel(Need(("gdp",)), prefer=["bulletin"]).array()[:, 0, 0].tolist() == [5100.0, 900.0]


def test_a_panel_reads_only_what_is_needed(store: Store, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    cities = ("150600", "140200")
    load(*[(e, i, str(p), 1.0) for e in cities for i in ("gdp", "coal_share", "balance") for p in range(2000, 2024)])
    fetched: list[dict[str, np.ndarray]] = []
    arrays = store.arrays

    def watched(query: object) -> dict[str, np.ndarray]:
        fetched.append(arrays(query))  # type: ignore[arg-type]
        return fetched[-1]

    monkeypatch.setattr(store, "arrays", watched)
    store.panel(Need(("gdp",), periods=("2023",), entities=("150600",)))
    assert [len(columns["value"]) for columns in fetched] == [1]


def test_the_store_speaks_to_duckdb_only_through_execute() -> None:
    """`relation.fetchone()` raises and `fetch_arrow_table` is gone since DuckDB 2.0."""
    gone = {"sql", "query", "table", "view", "from_df", "from_query", "fetch_arrow_table", "fetch_record_batch"}
    used = {
        f"{path.name}:{node.lineno} {node.func.attr}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text("utf8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in gone
        and ast.unparse(node.func.value).endswith(("con", "_con", "duckdb"))
    }
    assert not used


def test_duckdb_selects_and_never_adds_doubles() -> None:
    """Sums of doubles differ from run to run with two threads; a sum in SQL must be of DECIMAL."""
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "select" in node.value.lower():
                assert not any(name in node.value.lower() for name in ("sum(value", "avg(", "fsum(", "mean(")), path


def test_a_word_that_the_store_never_held_is_an_error_and_not_an_empty_column(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 5000.0))
    with pytest.raises(UnknownWord, match="gdpp"):
        store.panel(Need(("gdpp",)))


def test_an_empty_figure_is_told_by_its_status_and_is_never_zero(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 5000.0), ("140200", "coal_share", "2023", 12.0))
    frame = store.panel(Need()).frame(missing=True).set_index(["entity", "indicator"])
    assert frame.loc[("150600", "coal_share"), "status"] == "M"
    assert pd.isna(frame.loc[("150600", "coal_share"), "value"])


def test_importing_the_store_loads_neither_duckdb_nor_pandas() -> None:
    code = "import sys, relode.store.facts, relode.store.check; print({'duckdb', 'pandas', 'scipy'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "set()"
