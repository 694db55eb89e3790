"""Backup, restore, and the check that finds what was changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from relode.store.check import check_facts
from relode.store.facts import Store
from relode.words.batch import AsOf, Scope
from relode.words.errors import Misfit, Refused, Several, Unwritable
from relode.words.indicator import Indicator
from relode.words.method import Need
from relode.words.ties import Ties

Load = Callable[..., int]


@pytest.fixture
def filled(store: Store, load: Load, made: Any) -> Store:
    """Two batches, one of them undone, ties, and cells in two sheets."""
    load(
        ("150600", "gdp", "2023", 1.5),
        ("140200", "gdp", "2023", None),
        sheet="表 1",
        row=4,
        col=2,
        unit="万元",
        factor=1e-4,
    )
    load(("150600", "gdp", "2023", 9.0), vintage="2025-01-01")
    store.keep_ties(Ties(("150600",), ("140200",), ("neighbour",), np.array([1.0])), made.batch())
    store.undo(2, actor="li")
    return store


def test_a_restored_store_answers_as_the_one_that_was_backed_up(filled: Store, tmp_path: Path, made: Any) -> None:
    before = filled.batches()[1].undone
    folder = filled.backup(tmp_path / "备份 2026")
    path = Store.restore(folder, tmp_path / "新库" / "store.duckdb")
    with Store.open(path, actor="wang", regions=made.REGIONS) as again:
        assert again.id == filled.id
        assert again.batches() == filled.batches()
        assert again.log().fingerprint == filled.log().fingerprint
        assert again.ties("neighbour").fingerprint == filled.ties("neighbour").fingerprint
        assert again.panel(Need()).fingerprint == filled.panel(Need()).fingerprint
        looking_back = AsOf(known=before.replace(year=before.year - 1)) if before else AsOf()
        assert again.panel(Need(), asof=looking_back).fingerprint == filled.panel(Need(), asof=looking_back).fingerprint
        assert again.history("150600", "gdp", "2023").equals(filled.history("150600", "gdp", "2023"))
        assert check_facts(again, deep=True) == []


def test_a_backup_is_one_parquet_file_per_batch_in_plain_codes(filled: Store, tmp_path: Path) -> None:
    folder = filled.backup(tmp_path / "backup")
    assert sorted(path.name for path in (folder / "facts").iterdir()) == [
        f"batch-{number:06d}.parquet" for number in (1, 2, 3)
    ]
    first = duckdb.connect().execute("select * from read_parquet(?)", [str(folder / "facts/batch-000001.parquet")]).df()
    assert first.loc[0, ["entity", "period", "indicator", "scenario", "value", "sheet"]].tolist() == [
        "150600", "2023", "gdp", "actual", 1.5, "表 1",
    ]  # fmt: skip


def test_a_backup_that_was_changed_is_not_restored(filled: Store, tmp_path: Path) -> None:
    folder = filled.backup(tmp_path / "backup")
    (folder / "log.parquet").write_bytes(b"")
    (folder / "facts" / "batch-000001.parquet").unlink()
    with pytest.raises(Several) as fault:
        Store.restore(folder, tmp_path / "new.duckdb")
    assert {found.details["name"] for found in fault.value.faults} == {"log.parquet", "facts/batch-000001.parquet"}
    assert sorted(path.name for path in tmp_path.glob("new*")) == []


def test_rows_that_were_changed_together_with_the_manifest_are_found_by_the_hash_of_the_batch(
    filled: Store, tmp_path: Path
) -> None:
    import hashlib
    import json

    folder = filled.backup(tmp_path / "backup")
    file = folder / "facts" / "batch-000001.parquet"
    con = duckdb.connect()
    con.execute("create table changed as select * from read_parquet(?)", [str(file)])
    con.execute("update changed set value = value * 10")
    con.execute("copy changed to ? (format parquet)", [str(file)])
    manifest = json.loads((folder / "manifest.json").read_text("utf8"))
    manifest["files"]["facts/batch-000001.parquet"] = hashlib.sha256(file.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf8")
    with pytest.raises(Misfit) as fault:
        Store.restore(folder, tmp_path / "new.duckdb")
    assert fault.value.code == "store.changed"
    assert not (tmp_path / "new.duckdb").exists()


def test_neither_a_backup_nor_a_store_is_written_over(filled: Store, tmp_path: Path) -> None:
    folder = filled.backup(tmp_path / "backup")
    with pytest.raises(Misfit, match="there already"):
        filled.backup(folder)
    with pytest.raises(Misfit, match="there is a store here"):
        Store.restore(folder, filled.path)
    with pytest.raises(Misfit, match=r"manifest\.json"):
        Store.restore(tmp_path, tmp_path / "new.duckdb")


def test_a_backup_that_breaks_off_leaves_nothing(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relode.store import backup

    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_write", full)
    with pytest.raises(Unwritable, match="No space left"):
        filled.backup(tmp_path / "backup")
    assert list(tmp_path.glob("backup*")) == []


# -- check -----------------------------------------------------------------------------------------


def test_a_sound_store_has_no_findings(filled: Store, made: Any) -> None:
    assert check_facts(filled, indicators=made.INDICATORS, deep=True) == []


def test_a_corrected_range_finds_the_facts_that_it_makes_impossible(filled: Store, made: Any) -> None:
    stricter = made.INDICATORS | {"gdp": Indicator("gdp", "地区生产总值", "GDP", "亿元", range=(0, 1))}
    (found,) = check_facts(filled, indicators=stricter)
    assert found.code == "store.range"
    assert found.where == "batch 1, 表 1!B4"


@pytest.mark.parametrize(
    ("harm", "code", "deep"),
    [
        ("insert into fact select * from fact where batch = 1 limit 1", "store.miscounted", False),
        ("insert into fact select * from fact where batch = 1 limit 1", "store.twice", True),
        ("update fact set value = 2 where batch = 1 and value is not null", "store.changed", True),
        ("update ties set value = 2", "store.changed", True),
        ("delete from batch where number = 1", "store.miscounted", False),
        ("update fact set entity = 77 where batch = 1", "store.nameless", False),
        ("update entity set code = '770000' where code = '140200'", "store.undefined", False),
        ("update indicator set code = 'gdq' where code = 'gdp'", "store.undefined", False),
        ("update fact set value = -3 where batch = 1", "store.range", False),
    ],
)
def test_harm_done_to_the_file_is_found(filled: Store, made: Any, harm: str, code: str, deep: bool) -> None:
    filled._con.execute(harm)
    assert code in {found.code for found in check_facts(filled, indicators=made.INDICATORS, deep=deep)}


def test_checks_and_backups_are_for_those_who_see_everything(filled: Store, made: Any, tmp_path: Path) -> None:
    filled.close()
    with Store.open(filled.path, actor="li", scope=Scope(("150600",)), regions=made.REGIONS) as scoped:
        with pytest.raises(Refused, match="li"):
            check_facts(scoped)
        with pytest.raises(Refused, match="li"):
            scoped.backup(tmp_path / "backup")
