"""Reports in the background: made by the same code, marked when they are killed, and in nobody's way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from relode.app.jobs import Job, Jobs, read, save
from relode.words.errors import RelodeError

FORM = {"recipe": "yearly", "language": "zh", "form": "xlsx"}


def wait(client: TestClient, job: str, states: tuple[str, ...], seconds: float = 90) -> str:
    """The state of a job, once it is one of these."""
    for _ in range(int(seconds * 5)):
        state: str = client.get(f"/api/reports/{job}").json()["state"]
        if state in states:
            return state
        time.sleep(0.2)
    raise AssertionError(f"the job never became {states}")


def test_a_report_is_made_in_the_background_and_fetched(own: TestClient) -> None:
    answer = own.post("/reports?lang=zh", data=FORM, follow_redirects=False)
    assert answer.status_code == 303
    job = answer.headers["location"].split("/")[2].split("?")[0]
    assert wait(own, job, ("done", "failed", "stopped")) == "done"
    assert own.get(f"/reports/{job}/file").content[:2] == b"PK"
    page = own.get(f"/reports/{job}?lang=zh").text
    assert "measure.index" in page, "its steps are told"
    assert "hx-trigger" not in page, "nothing is asked again once it is done"
    assert f"/reports/{job}/file" in own.get("/reports").text


def test_a_report_that_fails_says_why_in_both_languages(own: TestClient, place: Path) -> None:
    (place / "recipes" / "broken.toml").write_text(
        (place / "recipes" / "yearly.toml").read_text("utf8").replace("measure.index", "measure.nothing"), "utf8"
    )
    job = Jobs(place).ask("broken", "en", "xlsx", actor="tester")
    assert wait(own, job.id, ("done", "failed")) == "failed"
    told = read(place / "jobs" / job.id).fault
    assert "measure.nothing" in told["zh"]
    assert "measure.nothing" in told["en"]
    assert own.get(f"/reports/{job.id}/file").status_code == 422


@pytest.mark.parametrize("sent", [{"recipe": "../x"}, {"recipe": "none"}, {"form": "exe"}, {"language": "fr"}])
def test_only_what_is_offered_can_be_asked_for(own: TestClient, place: Path, sent: dict[str, str]) -> None:
    assert own.post("/reports", data=FORM | sent).status_code in (404, 422)
    assert not (place / "jobs").exists()


def test_a_job_that_was_killed_is_marked_and_nothing_is_lost(own: TestClient, place: Path) -> None:
    facts = (place / "facts.duckdb").read_bytes()
    jobs = Jobs(place)
    folder = place / "jobs" / "0123456789abcdef"
    folder.mkdir(parents=True)
    spec = {"id": folder.name, "recipe": "yearly", "lang": "zh", "form": "docx", "actor": "a", "asof": "", "steps": []}
    spec |= {"state": "waiting", "asked": "2025-01-01", "ended": "", "fault": {}}
    (folder / "job.json").write_text(json.dumps(spec), "utf8")
    work = subprocess.Popen([sys.executable, "-m", "relode.app.jobs", str(place), folder.name])
    for _ in range(200):
        if read(folder).state == "running":
            break
        time.sleep(0.05)
    os.kill(work.pid, signal.SIGKILL)
    work.wait()
    os.utime(folder / "alive", (1, 1))  # its last sign was long ago
    assert jobs.get(folder.name).state == "stopped"
    jobs.tidy()
    assert read(folder).state == "stopped"
    assert "stopped from outside" in own.get(f"/reports/{folder.name}?lang=en").text
    assert (place / "facts.duckdb").read_bytes() == facts
    with pytest.raises(RelodeError):
        jobs.report(jobs.get(folder.name))


def test_a_report_that_is_killed_while_it_is_written_leaves_no_half_file(own: TestClient, place: Path) -> None:
    jobs = Jobs(place)
    folder = place / "jobs" / "fedcba9876543210"
    folder.mkdir(parents=True)
    save(folder, Job(folder.name, "yearly", "zh", "docx", "tester", asked="2025-01-01"))
    work = subprocess.Popen([sys.executable, "-m", "relode.app.jobs", str(place), folder.name])
    for _ in range(30_000):
        if any(code == "progress.writing" for code, _ in read(folder).steps):
            break
        time.sleep(0.002)
    os.kill(work.pid, signal.SIGKILL)
    work.wait()
    os.utime(folder / "alive", (1, 1))
    jobs.tidy()
    assert read(folder).state == "stopped"
    assert not (folder / "yearly.zh.docx").exists()
    assert own.get(f"/reports/{folder.name}/file").status_code == 422
    again = jobs.ask("yearly", "zh", "docx", actor="tester")
    assert wait(own, again.id, ("done", "failed", "stopped")) == "done", "the next one is made"


def test_a_backup_works_while_pages_are_served(own: TestClient, place: Path, tmp_path: Path) -> None:
    assert own.get("/").status_code == 200
    done = subprocess.run(
        [sys.executable, "-m", "relode", "backup", str(tmp_path / "kept"), "--place", str(place)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "kept" / "manifest.json").is_file()


def test_pages_wait_for_a_writer_and_then_say_so(own: TestClient, place: Path) -> None:
    code = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", code, str(place / "facts.duckdb")], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        answer = own.get("/sources?lang=en")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert str(holder.pid) in answer.text
    finally:
        holder.kill()
        holder.wait()
    assert own.get("/sources?lang=en").status_code == 200
