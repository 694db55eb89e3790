"""What holds for any facts: they come back as they went in, in whatever order their batches were loaded."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relode.store.facts import Store
from relode.store.incoming import cell_of, read_frame
from relode.words.method import Need
from relode.words.panel import Panel

KEYS = list(itertools.product(("150600", "140200", "150000"), ("2021", "2022", "2023"), ("gdp", "balance"),
                              ("actual", "target")))  # fmt: skip
values = st.one_of(st.none(), st.floats(0, 1e300), st.integers(0, 10**6).map(float), st.just(-0.0), st.just(5e-324))
facts = st.dictionaries(st.sampled_from(KEYS), st.tuples(values, st.sampled_from("AEIPB")), min_size=1)
laws = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def frame_of(known: dict[Any, tuple[float | None, str]]) -> pd.DataFrame:
    """Facts as a frame; the status of an empty value is M."""
    rows = [(*key, value, "M" if value is None else status) for key, (value, status) in known.items()]
    frame = pd.DataFrame(rows, columns=["entity", "period", "indicator", "scenario", "value", "status"])
    return frame.astype({"value": float})


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples: opening a file is what costs time here."""
    with Store.open(tmp_path_factory.mktemp("laws") / "store.duckdb", actor="wang") as store:
        yield store


def emptied(store: Store) -> Store:
    """The store with nothing in it."""
    store._con.execute("begin")
    for table in store.tables():
        if table != "meta":
            store._con.execute(f"delete from {table}")
    store._con.execute("commit")
    return store


def ordered(panel: Panel) -> Panel:
    """Axes in the order of their codes, as a store without a codelist has them."""
    return panel.only(scenarios=sorted(panel.scenarios), entities=sorted(panel.entities),
                      indicators=sorted(panel.indicators))  # fmt: skip


@laws
@given(known=facts)
def test_facts_come_back_as_they_went_in(made: Any, opened: Store, known: dict[Any, Any]) -> None:
    expected = ordered(Panel.of(frame_of(known)))
    store = emptied(opened)
    store.load(made.batch(), frame_of(known), indicators=made.INDICATORS)
    panel = store.panel(Need(scenarios=()))
    assert panel.axes == expected.axes
    assert np.array_equal(panel.values, expected.values, equal_nan=True)
    assert panel.status is not None
    assert expected.status is not None
    assert np.array_equal(panel.status, expected.status)


@laws
@given(loads=st.lists(facts, min_size=2, max_size=4), data=st.data())
def test_batches_of_different_vintages_may_be_loaded_in_any_order(
    made: Any, opened: Store, loads: list[Any], data: Any
) -> None:
    newest: dict[Any, Any] = {}
    for known in loads:
        newest |= known
    expected = ordered(Panel.of(frame_of(newest)))
    store = emptied(opened)
    for number in data.draw(st.permutations(range(len(loads)))):
        batch = made.batch(vintage=f"20{number + 10}-01-01")
        store.load(batch, frame_of(loads[number]), indicators=made.INDICATORS)
    panel = store.panel(Need(scenarios=()))
    assert panel.axes == expected.axes
    assert np.array_equal(panel.values, expected.values, equal_nan=True)
    assert np.array_equal(np.asarray(panel.status), np.asarray(expected.status))


@laws
@given(first=facts, second=facts)
def test_undoing_a_batch_is_as_if_it_had_never_been_loaded(made: Any, opened: Store, first: Any, second: Any) -> None:
    store = emptied(opened)
    store.load(made.batch(), frame_of(first), indicators=made.INDICATORS)
    before = store.panel(Need(scenarios=())).fingerprint
    number = store.load(made.batch(), frame_of(second), indicators=made.INDICATORS).number
    store.undo(number, actor="wang")
    assert store.panel(Need(scenarios=())).fingerprint == before


@laws
@given(a=facts, b=facts)
def test_a_panel_is_refused_exactly_where_conflicts_are_listed(made: Any, opened: Store, a: Any, b: Any) -> None:
    from relode.words.errors import Misfit

    store = emptied(opened)
    store.load(made.batch("a"), frame_of(a), indicators=made.INDICATORS)
    store.load(made.batch("b"), frame_of(b), indicators=made.INDICATORS)
    need = Need(scenarios=())
    conflicts = store.conflicts(need)
    assert len(conflicts) == sum(a[key][0] != b[key][0] for key in set(a) & set(b))
    if len(conflicts):
        with pytest.raises(Misfit) as fault:
            store.panel(need)
        assert fault.value.details["count"] == len(conflicts)
    else:
        store.panel(need)
    preferred = store.panel(need, prefer=["b", "a"])
    expected = ordered(Panel.of(frame_of(a | b)))
    assert np.array_equal(preferred.values, expected.values, equal_nan=True)


@settings(max_examples=50, deadline=None)
@given(known=facts, data=st.data())
def test_the_hash_of_a_batch_does_not_depend_on_the_order_of_its_rows(known: Any, data: Any) -> None:
    frame = frame_of(known)
    shuffled = frame.iloc[data.draw(st.permutations(range(len(frame))))].reset_index(drop=True)
    assert read_frame(frame).rows_hash == read_frame(shuffled).rows_hash
    assert read_frame(frame).rows_hash == read_frame(frame.astype({"entity": "category"})).rows_hash


@settings(max_examples=50, deadline=None)
@given(known=facts, data=st.data())
def test_the_hash_of_a_batch_changes_with_any_figure(known: Any, data: Any) -> None:
    frame = frame_of(known)
    row = data.draw(st.integers(0, len(frame) - 1))
    other = frame.copy()
    other.loc[row, "value"] = 123.456 if frame.loc[row, "value"] != 123.456 else 0.0
    other.loc[row, "status"] = "A"
    assert read_frame(frame).rows_hash != read_frame(other).rows_hash


@given(col=st.integers(1, 16384), row=st.integers(1, 10**6))
def test_a_cells_address_is_read_back_as_spreadsheets_do(col: int, row: int) -> None:
    address = cell_of(row, col)
    letters = address.rstrip("0123456789")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    assert (number, int(address[len(letters) :])) == (col, row)


def test_the_stores_view_writes_addresses_as_the_errors_do(made: Any, opened: Store) -> None:
    columns = [1, 26, 27, 52, 53, 702, 703, 728, 729, 1378, 1379, 16384]
    frame = pd.DataFrame({"entity": [f"{n:06d}" for n in columns], "period": "2023", "indicator": "gdp", "value": 1.0})
    store = emptied(opened)
    store.load(made.batch(), frame.assign(row=7, col=columns), indicators=made.INDICATORS)
    seen = store._con.execute("select cell from facts order by entity").fetchall()
    assert [cell for (cell,) in seen] == [cell_of(7, col) for col in columns]
