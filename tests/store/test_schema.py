"""A store of an earlier version is brought forward; one of a later version is refused; neither is harmed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from relode.store import schema
from relode.store.facts import Store
from relode.words.batch import AsOf
from relode.words.errors import Misfit
from relode.words.method import Need

VERSION_1 = Path(__file__).with_name("version_1.sql")
GDP = Need(("gdp",))


def old_store(path: Path) -> Path:
    """A file as version 1 left it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(str(path))
    con.execute(VERSION_1.read_text("utf8"))
    con.close()
    return path


def layout(con: Any) -> list[tuple[Any, ...]]:
    """All tables and views with their columns."""
    found: list[tuple[Any, ...]] = con.execute(
        """select table_name, column_name, data_type from information_schema.columns
        order by table_name, ordinal_position"""
    ).fetchall()
    return found


def test_a_store_of_version_1_is_brought_forward_with_all_it_holds(path: Path, made: Any) -> None:
    with Store.open(old_store(path), actor="wang", regions=made.REGIONS) as store:
        assert schema.version_of(store._con) == schema.VERSION > 1
        assert store.id == "0123456789abcdef0123456789abcdef"
        panel = store.panel(GDP)
        assert panel.entities == ("150600", "140200")
        assert panel.array()[0, 0, 0] == 5849.86
        assert store.panel(GDP, asof=AsOf(known=datetime(2025, 12, 1, 12, tzinfo=UTC))).array()[0, 0, 0] == 1.0
        assert store.history("150600", "gdp", "2023")["cell"].tolist() == ["表1!B4", ""]
        assert store.batches()[1].undone_by == "li"
        store.load(made.batch(vintage="2026-11-01"), made.rows(("140200", "gdp", "2023", 7.0)),
                   indicators=made.INDICATORS)  # fmt: skip
    with Store.open(path, actor="wang") as again:
        assert again.panel(GDP).array()[:, 0, 0].tolist() == [7.0, 5849.86]


def test_a_store_that_was_brought_forward_is_laid_out_like_a_new_one(path: Path, tmp_path: Path) -> None:
    with Store.open(old_store(path), actor="wang") as old, Store.open(tmp_path / "new.duckdb", actor="wang") as new:
        assert layout(old._con) == layout(new._con)


def test_a_step_may_change_the_layout_and_carry_the_facts_over(
    path: Path, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = schema.VERSION + 1
    steps = ("alter table batch add column licence text default ''", "update batch set licence = 'open'")
    monkeypatch.setitem(schema.STEPS, later, steps)
    monkeypatch.setattr(schema, "VERSION", later)
    monkeypatch.setattr(schema.bring_forward, "__kwdefaults__", {"upto": later})
    with Store.open(old_store(path), actor="wang") as store:
        assert schema.version_of(store._con) == later
        assert store._con.execute("select distinct licence from batch").fetchall() == [("open",)]
        assert store.panel(GDP).array()[1, 0, 0] == 5849.86


def test_a_step_that_fails_leaves_the_old_store_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = schema.VERSION + 1
    monkeypatch.setitem(schema.STEPS, later, ("drop table log", "select * from nowhere"))
    monkeypatch.setattr(schema, "VERSION", later)
    monkeypatch.setattr(schema.bring_forward, "__kwdefaults__", {"upto": later})
    with pytest.raises(duckdb.CatalogException):
        Store.open(old_store(path), actor="wang")
    con = duckdb.connect(str(path))
    assert schema.version_of(con) == 1
    assert con.execute("select count(*) from log").fetchone() == (1,)


def test_a_newer_store_is_refused_and_left_alone(path: Path) -> None:
    with Store.open(path, actor="wang") as store:
        store._con.execute("update meta set value = '99' where key = 'version'")
    with pytest.raises(Misfit) as fault:
        Store.open(path, actor="wang")
    assert fault.value.code == "store.newer"
    for lang, remedy in (("zh", "升级"), ("en", "upgrade")):
        assert remedy in fault.value.told(lang)
        assert "99" in fault.value.told(lang)
    assert schema.version_of(duckdb.connect(str(path))) == 99


def test_an_old_store_opened_for_reading_is_not_changed_but_told(path: Path) -> None:
    with pytest.raises(Misfit) as fault:
        Store.open(old_store(path), actor="wang", read_only=True)
    assert fault.value.code == "store.older"
    assert schema.version_of(duckdb.connect(str(path))) == 1


@pytest.mark.parametrize("content", ["bytes", "another database"])
def test_a_file_that_is_no_store_is_told_and_left_alone(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True)
    if content == "bytes":
        path.write_text("不是数据库" * 1000, "utf8")
    else:
        duckdb.connect(str(path)).execute("create table mine (x integer)").close()
    before = path.read_bytes()
    with pytest.raises(Misfit) as fault:
        Store.open(path, actor="wang")
    assert fault.value.code == "store.no_store"
    assert path.read_bytes() == before


def test_reading_what_is_not_there_does_not_make_it(path: Path) -> None:
    with pytest.raises(Misfit) as fault:
        Store.open(path, actor="wang", read_only=True)
    assert fault.value.code == "store.none"
    assert not path.exists()
