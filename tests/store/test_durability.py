"""Killed, full, read-only, held: what was acknowledged is there, nothing is half there, and the message says it."""

from __future__ import annotations

import multiprocessing
import os
import random
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from relode.store import connection
from relode.store.check import check_facts
from relode.store.facts import Store
from relode.words.batch import AsOf
from relode.words.errors import Held, RelodeError, Unwritable
from relode.words.method import Need

Load = Callable[..., int]
LOADER = Path(__file__).with_name("loader.py")
GDP = Need(("gdp",))
KILLS, ROWS = 30, 20_000


def loader(path: Path) -> tuple[BaseProcess, Connection]:
    """A process that loads batches and says each number when it is acknowledged; the first word is `ready`."""
    fork = "forkserver" in multiprocessing.get_all_start_methods()  # not on Windows
    context: Any = multiprocessing.get_context("forkserver" if fork else "spawn")
    if fork:
        context.set_forkserver_preload(["duckdb", "pandas", "pytest", "relode.store.facts"])
    hears, says = context.Pipe(duplex=False)
    given = {"PATH": path, "ROWS": ROWS, "SAYS": says}
    process = context.Process(target=runpy.run_path, args=(str(LOADER), given, "loader"), daemon=True)
    process.start()
    says.close()  # so that what is heard ends when the process does
    assert hears.recv() == "ready"
    return process, hears


def killed(process: BaseProcess, hears: Connection, after: float) -> list[int]:
    """Kill a loader (SIGKILL, or TerminateProcess on Windows) after some seconds; the batches it acknowledged."""
    time.sleep(after)
    process.kill()
    process.join()
    said: list[int] = []
    with suppress(EOFError):
        while True:
            said.append(hears.recv())
    return said


# -- kill ------------------------------------------------------------------------------------------


def test_thirty_kills_lose_nothing_acknowledged_and_leave_nothing_half_written(path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    acknowledged: list[int] = []
    for kill in range(KILLS):
        process, hears = loader(path)
        if kill % 2:  # one half is killed anywhere from the opening on, the other after a first batch
            acknowledged.append(hears.recv())
        acknowledged += killed(process, hears, chance.uniform(0, 0.3))
        with Store.open(path, actor="looker") as store:
            kept = {stored.number: stored for stored in store.batches()}
            assert set(acknowledged) <= set(kept), f"lost, seed {seed}"
            assert check_facts(store) == [], f"half a batch, seed {seed}"
            assert [e.case for e in store.log().events] == [f"batch:{number}" for number in kept]
    with Store.open(path, actor="looker") as store:
        assert check_facts(store, deep=True) == [], f"seed {seed}"
        newest = max(stored.number for stored in store.batches())
        assert set(store.panel(GDP).values.ravel()) == {float(newest)}


# -- held ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("read_only", [False, True])
def test_a_second_process_is_told_the_pid_at_once(path: Path, read_only: bool) -> None:
    holder, hears = loader(path)
    try:
        assert hears.recv() == 1
        asked = time.monotonic()
        with pytest.raises(Held) as fault:
            Store.open(path, actor="second", read_only=read_only)
        assert time.monotonic() - asked < 1
    finally:
        killed(holder, hears, 0)
    assert fault.value.exit_code == 4
    assert fault.value.details["pid"] == holder.pid
    for lang in ("zh", "en"):
        assert str(holder.pid) in fault.value.told(lang)
    Store.open(path, actor="second").close()  # the hold ends with its holder


def test_what_windows_says_of_a_held_file_gives_the_pid_too() -> None:
    said = (
        'IO Error: Cannot open file "D:\\\\评价\\\\store.duckdb": 另一个程序正在使用此文件\n'
        "File is already open in \nC:\\\\Python\\\\python.exe (PID 4711)"
    )
    fault = connection.told(duckdb.IOException(said), Path("store.duckdb"))
    assert isinstance(fault, Held)
    assert fault.details["pid"] == 4711


def test_the_same_process_is_told_too_where_it_holds_the_store_in_the_other_mode(store: Store) -> None:
    with pytest.raises(Held) as fault:
        Store.open(store.path, actor="second", read_only=True)
    assert fault.value.details["pid"] == os.getpid()


# -- full ------------------------------------------------------------------------------------------


def kept_what_was_there(path: Path, fault: Unwritable) -> None:
    """After a refusal by the disk: the first batch whole, nothing of the second, and work goes on."""
    assert fault.exit_code == 5
    assert "what was there is still there" in fault.told("en")
    with Store.open(path, actor="wang") as again:
        assert [stored.number for stored in again.batches()] == [1]
        assert again.panel(GDP).array().ravel().tolist() == [1.0]
        assert check_facts(again, deep=True) == []


def big(made: Any, rows: int) -> Any:
    """Facts that need some megabytes."""
    import pandas as pd

    chance = np.random.default_rng(1)
    frame = {"entity": [f"E{n:09d}" for n in range(rows)], "period": "2023", "indicator": "gdp"}
    return pd.DataFrame(frame | {"value": chance.lognormal(size=rows)})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB in memory. Needs root."""
    disk = tmp_path / "小盘 disk"
    disk.mkdir()
    mount = shutil.which("mount")
    type_this = f"sudo {sys.executable} -m pytest tests/store/test_durability.py -k disk"
    if mount is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip(f"needs root to mount a small disk: {type_this}")
    done = subprocess.run([mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"cannot mount a small disk here ({done.stderr.strip()}): {type_this}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_keeps_what_was_there(small_disk: Path, made: Any) -> None:
    path = small_disk / "store.duckdb"
    with Store.open(path, actor="wang") as store:
        store.load(made.batch(), made.rows(("150600", "gdp", "2023", 1.0)), indicators=made.INDICATORS)
        with pytest.raises(Unwritable) as fault:
            store.load(made.batch(), big(made, 400_000), indicators=made.INDICATORS)
        assert one(store) == 1.0
    kept_what_was_there(path, fault.value)


def test_a_disk_that_is_full_at_the_very_commit_keeps_what_was_there(small_disk: Path, made: Any) -> None:
    path, junk = small_disk / "store.duckdb", small_disk / "junk"
    with Store.open(path, actor="wang") as store:
        store.load(made.batch(), made.rows(("150600", "gdp", "2023", 1.0)), indicators=made.INDICATORS)
        with junk.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 512)
        with pytest.raises(Unwritable) as fault:
            load_until_it_refuses(store, made)
        assert one(store) == 1.0
        told = len(store.batches())
        junk.unlink()
        store.load(made.batch(), made.rows(("150600", "gdp", "2023", 3.0)), indicators=made.INDICATORS)
        assert one(store) == 3.0
    assert fault.value.exit_code == 5
    with Store.open(path, actor="wang") as again:
        assert len(again.batches()) == told + 1
        assert check_facts(again, deep=True) == []


def load_until_it_refuses(store: Store, made: Any) -> None:
    """What is left of the last page takes a few batches."""
    for _ in range(100):
        store.load(made.batch(), made.rows(("140200", "gdp", "2023", 2.0)), indicators=made.INDICATORS)


def one(store: Store) -> float:
    """The only figure that is to be seen."""
    values = store.panel(Need(("gdp",), entities=("150600",))).values
    return float(values.ravel()[0])


def test_a_read_only_disk_keeps_what_was_there(small_disk: Path, made: Any) -> None:
    path = small_disk / "store.duckdb"
    with Store.open(path, actor="wang") as store:
        store.load(made.batch(), made.rows(("150600", "gdp", "2023", 1.0)), indicators=made.INDICATORS)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(Unwritable) as fault:
        Store.open(path, actor="wang")
    with Store.open(path, actor="wang", read_only=True) as reading:
        assert reading.panel(GDP).array().ravel().tolist() == [1.0]
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    kept_what_was_there(path, fault.value)


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes: the disk is full for this process only."""
    resource = pytest.importorskip("resource", reason="this system has no limit on the size of files")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_cannot_grow_keeps_what_was_there(path: Path, made: Any) -> None:
    with Store.open(path, actor="wang") as store:
        store.load(made.batch(), made.rows(("150600", "gdp", "2023", 1.0)), indicators=made.INDICATORS)
        with files_no_larger_than(2_000_000), pytest.raises(Unwritable) as fault:
            store.load(made.batch(), big(made, 400_000), indicators=made.INDICATORS)
    kept_what_was_there(path, fault.value)


@pytest.mark.parametrize("kind", [duckdb.IOException, duckdb.TransactionException, duckdb.FatalException, OSError])
@pytest.mark.parametrize("when", ["add_batch", "add_facts", "add_events"])
def test_a_disk_that_refuses_anywhere_in_a_load_keeps_what_was_there(
    path: Path, made: Any, monkeypatch: pytest.MonkeyPatch, when: str, kind: type[Exception]
) -> None:
    from relode.store import writing

    def full(*anything: object) -> None:
        raise kind("Could not write file: No space left on device")

    with Store.open(path, actor="wang") as store:
        store.load(made.batch(), made.rows(("150600", "gdp", "2023", 1.0)), indicators=made.INDICATORS)
        monkeypatch.setattr(writing, when, full)
        with pytest.raises(Unwritable, match="No space left") as fault:
            store.load(made.batch(), made.rows(("150600", "gdp", "2023", 2.0)), indicators=made.INDICATORS)
        monkeypatch.undo()
        store.load(made.batch(), made.rows(("150600", "gdp", "2023", 1.0)), indicators=made.INDICATORS)
        store.undo(2, actor="wang")  # the store went on working
        assert [stored.number for stored in store.batches()] == [1, 2]
        assert store.panel(GDP).array().ravel().tolist() == [1.0]
    assert fault.value.exit_code == 5


# -- not allowed -----------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Unwritable):
        Store.open(tmp_path / "file" / "store.duckdb", actor="wang")


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Root may write anywhere, so root becomes nobody for a moment."""
    if getattr(os, "geteuid", lambda: 1)() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("locked", ["file", "folder"])
def test_a_read_only_file_or_folder_is_told_and_left_alone(made: Any, locked: str) -> None:
    if os.name == "nt" and locked == "folder":
        pytest.skip("a folder of Windows takes new files whatever its read-only mark says")
    with tempfile.TemporaryDirectory() as name:  # not below tmp_path, which only its owner may enter
        folder = Path(name)
        path = folder / "store.duckdb"
        with Store.open(path, actor="wang") as store:
            store.load(made.batch(), made.rows(("150600", "gdp", "2023", 1.0)), indicators=made.INDICATORS)
        before = path.read_bytes()
        path.chmod(0o444)
        folder.chmod(0o555)
        with as_an_ordinary_user(), pytest.raises(Unwritable) as fault:
            Store.open(path if locked == "file" else folder / "new.duckdb", actor="li")
        folder.chmod(0o755)
        path.chmod(0o644)
        assert fault.value.exit_code == 5
        assert sorted(folder.iterdir()) == [path]
        assert path.read_bytes() == before


# -- the same again --------------------------------------------------------------------------------


def test_the_same_batches_give_the_same_bytes_on_a_rerun(tmp_path: Path, made: Any) -> None:
    chance = np.random.default_rng(7)
    values = chance.lognormal(5, 2, 480).round(3)
    given = [
        (entity, indicator, str(year), float(values[n]))
        for n, (entity, indicator, year) in enumerate(
            (entity, indicator, year)
            for entity in made.REGIONS for indicator in ("gdp", "balance") for year in range(1976, 2024)
        )
    ]  # fmt: skip
    panels = []
    for name in ("first", "second"):
        with Store.open(tmp_path / f"{name}.duckdb", actor="wang", regions=made.REGIONS) as store:
            hashes = [store.load(made.batch(vintage=f"202{n}-01-01"), made.rows(*given[n * 50 :]),
                                 indicators=made.INDICATORS) for n in range(4)]  # fmt: skip
            assert [stored.number for stored in hashes] == [1, 2, 3, 4]
            panels.append(store.panel(Need(), asof=AsOf()))
    first, second = panels
    assert first.values.tobytes() == second.values.tobytes()
    assert first.status is not None
    assert second.status is not None
    assert first.status.tobytes() == second.status.tobytes()
    assert first.fingerprint == second.fingerprint


def test_every_fault_of_the_file_is_one_of_relodes_own(path: Path) -> None:
    for said in ("Could not set lock on file", "not a valid DuckDB database file", "Permission denied"):
        assert isinstance(connection.told(duckdb.IOException(said), path), RelodeError)
