"""Wide tables of firms: seen where they lie, one scan for what is asked, exact sums, no SQL from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from relode.store import micro
from relode.store.facts import Store
from relode.words.batch import Scope
from relode.words.errors import Misfit, Refused, RelodeError, UnknownWord

CITIES = ("150600", "140200")


@pytest.fixture
def firms() -> pd.DataFrame:
    """Made firms of two cities and two years."""
    chance = np.random.default_rng(3)
    count = 4_000
    return pd.DataFrame(
        {
            "city": np.array(CITIES)[chance.integers(0, 2, count)],
            "year": chance.integers(2022, 2024, count),
            "output": chance.lognormal(4, 2, count).round(4),
            "workers": chance.integers(1, 500, count),
            "工业产值": chance.lognormal(3, 1, count).round(2),
        }
    )


@pytest.fixture
def attached(store: Store, firms: pd.DataFrame) -> Store:
    """A store beside whose file two Parquet files of firms lie."""
    folder = store.path.parent / "企业 表"
    folder.mkdir()
    con = duckdb.connect()
    con.register("firms", firms)
    for year in (2022, 2023):
        con.execute(
            f"copy (select * from firms where year = {year}) to '{folder / f'{year}.parquet'}' (format parquet)"
        )
    store.attach_micro("firms", "企业 表/*.parquet", entity="city", period="year")
    return store


def test_indicators_of_firms_are_what_pandas_computes(attached: Store, firms: pd.DataFrame) -> None:
    asked = {"firms": "count()", "output": "sum(output)", "wage": "median(工业产值)",
             "per_worker": "sum(output) / sum(workers) * 1000", "spread": "max(output) - min(output)"}  # fmt: skip
    found = attached.micro("firms", asked).set_index(["entity", "period", "indicator"])["value"]
    groups = firms.groupby(["city", firms["year"].astype(str)])
    for (city, year), group in groups:
        expected = {
            "firms": len(group), "output": group["output"].sum(), "wage": group["工业产值"].median(),
            "per_worker": group["output"].sum() / group["workers"].sum() * 1000,
            "spread": group["output"].max() - group["output"].min(),
        }  # fmt: skip
        for code, value in expected.items():
            assert found[(city, year, code)] == pytest.approx(value, rel=1e-12)
    assert len(found) == len(groups) * len(asked)


def test_what_is_computed_can_be_kept_as_facts(attached: Store, made: Any) -> None:
    facts = attached.micro("firms", {"gdp": "sum(output)"}, periods=("2023",))
    assert facts["period"].unique().tolist() == ["2023"]
    assert attached.load(made.batch("firms"), facts, indicators=made.INDICATORS).facts == 2


def test_only_the_columns_that_are_asked_for_are_read(attached: Store) -> None:
    table = micro.looked_at(attached, "firms", "企业 表/*.parquet", "city", "year")
    query = micro.question(table, {"output": "sum(output)"}, entities=None, periods=("2023",))
    plan = "\n".join(row[1] for row in attached._con.execute("explain " + query.sql, list(query.values)).fetchall())
    assert "output" in plan
    assert "workers" not in plan


def test_sums_are_the_same_bits_in_every_run(attached: Store) -> None:
    runs = [attached.micro("firms", {"output": "sum(output)"})["value"].to_numpy().tobytes() for _ in range(5)]
    assert len(set(runs)) == 1


def test_division_by_nothing_is_missing_and_not_infinite(attached: Store) -> None:
    found = attached.micro("firms", {"none": "sum(output) / (sum(workers) - sum(workers))"})
    assert found["value"].isna().all()


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("sum(output); drop table fact", Misfit),
        ("output", Misfit),
        ("sum(output + workers)", Misfit),
        ("sum('output')", Misfit),
        ("sum(output) if 1 else 2", Misfit),
        ("read_csv(output)", UnknownWord),
        ("avg(output)", UnknownWord),
        ("sum(outputs)", UnknownWord),
        ("sum(output, workers)", Misfit),
        ("__import__('os')", UnknownWord),
        ("True * sum(output)", Misfit),
        ("sum(output) ** 2", Misfit),
    ],
)
def test_nothing_but_the_aggregates_reaches_the_database(
    attached: Store, formula: str, kind: type[RelodeError]
) -> None:
    with pytest.raises(kind) as fault:
        attached.micro("firms", {"x": formula})
    assert fault.value.where == "firms, x"


def test_column_names_cannot_carry_sql() -> None:
    table = micro.Micro("t", "f", 'a" or 1=1 --', "year", ('a" or 1=1 --', "year"))
    assert '"a"" or 1=1 --"::text' in micro.question(table, {"n": "count()"}, entities=None, periods=()).sql


def test_a_scoped_reader_sees_the_firms_of_their_own_city(attached: Store, made: Any, tmp_path: Path) -> None:
    attached.close()
    with Store.open(attached.path, actor="li", scope=Scope(("150600",)), regions=made.REGIONS) as scoped:
        assert set(scoped.micro("firms", {"n": "count()"})["entity"]) == {"150600"}
        with pytest.raises(Refused, match="140200"):
            scoped.micro("firms", {"n": "count()"}, entities=("140200",))
        with pytest.raises(Refused):
            scoped.attach_micro("more", "*.parquet", entity="city", period="year")


def test_what_is_not_there_is_told(attached: Store) -> None:
    with pytest.raises(UnknownWord, match="companies"):
        attached.micro("companies", {"n": "count()"})
    with pytest.raises(Misfit, match="already"):
        attached.attach_micro("firms", "企业 表/*.parquet", entity="city", period="year")
    with pytest.raises(Misfit, match="cannot be read"):
        attached.attach_micro("none", "none/*.parquet", entity="city", period="year")
    with pytest.raises(UnknownWord, match="town"):
        attached.attach_micro("towns", "企业 表/*.parquet", entity="town", period="year")


def test_infinite_values_are_told_and_not_summed(attached: Store) -> None:
    file = str(attached.path.parent / "broken.parquet")
    broken = "select '150600' as city, 2023 as year, 'inf'::double as output"
    duckdb.connect().execute(f"copy ({broken}) to '{file}' (format parquet)")
    attached.attach_micro("broken", "broken.parquet", entity="city", period="year")
    with pytest.raises(Misfit, match="cannot be aggregated"):
        attached.micro("broken", {"output": "sum(output)"})
