"""Jobs: reports that are made in the background, each by a process of its own and by the same code as `relode cook`.

A job is a folder `jobs/<id>` of the place: `job.json` says what was asked, how far it is and how it ended; the report
lies beside it. The process touches the folder's `alive` every second: a job that says it runs while nobody touches it
was stopped from outside (kill -9, power) and is shown as stopped; nothing of it is taken for a report.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..words.batch import AsOf
from ..words.errors import Misfit, Refused, RelodeError, UnknownWord
from ..words.texts import LANGUAGES

FORMS = ("docx", "pdf", "html", "xlsx")
WAITING = 20
SILENT = 15.0  # seconds without a sign after which a job counts as stopped
KEPT = 100


@dataclass(frozen=True)
class Job:
    """What was asked for, and how far it is: `state` is waiting, running, done, failed or stopped."""

    id: str
    recipe: str
    lang: str
    form: str
    actor: str
    asof: str = ""
    state: str = "waiting"
    asked: str = ""
    ended: str = ""
    steps: tuple[tuple[str, dict[str, Any]], ...] = ()
    fault: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of its report."""
        return f"{self.recipe}.{self.lang}.{self.form}"


class Jobs:
    """The jobs of a place, the newest first."""

    def __init__(self, folder: Path):
        self.folder = folder / "jobs"
        self._place = folder
        self._asking, self._working = threading.Lock(), threading.Lock()

    def all(self) -> list[Job]:
        """All jobs, the newest first."""
        if not self.folder.is_dir():
            return []
        found = [self._load(path) for path in self.folder.iterdir() if (path / "job.json").is_file()]
        return sorted(found, key=lambda job: (job.asked, job.id), reverse=True)

    def get(self, id: str) -> Job:
        """One job. Raises UnknownWord."""
        if not id.isalnum() or not (self.folder / id / "job.json").is_file():
            raise UnknownWord("jobs.unknown", name=id[:40])
        return self._load(self.folder / id)

    def report(self, job: Job) -> Path:
        """The report of a job that is done. Raises Misfit where there is none."""
        path = self.folder / job.id / job.file
        if job.state != "done" or not path.is_file():
            raise Misfit("jobs.no_report", name=job.id)
        return path

    def ask(
        self, recipe: str, lang: str, form: str, *, actor: str, asof: str = "", given: Mapping[str, str] | None = None
    ) -> Job:
        """Ask for a report; `given` answers what its recipe asks for.

        Raises UnknownWord for a language or format, Refused where too many are waiting.
        """
        for name, value, known in (("lang", lang, LANGUAGES), ("form", form, FORMS)):
            if value not in known:
                raise UnknownWord("web.choice", name=value[:40], where=name, expected=known)
        with self._asking:
            waiting = [job for job in self.all() if job.state in ("waiting", "running")]
            if len(waiting) >= WAITING:
                raise Refused("jobs.many", most=WAITING)
            job = Job(secrets.token_hex(8), recipe, lang, form, actor, asof, asked=_now(), given=dict(given or {}))
            (self.folder / job.id).mkdir(parents=True)
            save(self.folder / job.id, job)
        threading.Thread(target=self._work, daemon=True).start()
        return job

    def tidy(self) -> None:
        """Mark what a former server left behind, and forget all but the newest."""
        for job in [read(self.folder / job.id) for job in self.all()]:
            if job.state in ("waiting", "running") and not _alive(self.folder / job.id):
                save(self.folder / job.id, replace(job, state="stopped", ended=_now()))
        for job in self.all()[KEPT:]:
            for path in (self.folder / job.id).iterdir():
                path.unlink()
            (self.folder / job.id).rmdir()

    def _work(self) -> None:
        """Do what waits, one after another."""
        with self._working:
            while waiting := [job for job in reversed(self.all()) if job.state == "waiting"]:
                subprocess.run(
                    [sys.executable, "-m", "relode.app.jobs", str(self._place), waiting[0].id],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                )  # fmt: skip
                self._close(waiting[0].id)

    def _close(self, id: str) -> None:
        """A process that ended without saying how was stopped."""
        job = read(self.folder / id)
        if job.state in ("waiting", "running"):
            save(self.folder / id, replace(job, state="stopped", ended=_now()))

    def _load(self, folder: Path) -> Job:
        job = read(folder)
        return replace(job, state="stopped") if job.state == "running" and not _alive(folder) else job


def read(folder: Path) -> Job:
    """A job as its file says."""
    spec: dict[str, Any] = json.loads((folder / "job.json").read_text("utf8"))
    steps = tuple((str(code), dict(details)) for code, details in spec.pop("steps"))
    return Job(**spec, steps=steps)


def save(folder: Path, job: Job) -> None:
    """Write the job's file, whole or not at all."""
    spare = folder / f".job.{os.getpid()}.{threading.get_ident()}"
    spare.write_text(json.dumps(asdict(job), ensure_ascii=False), encoding="utf8")
    spare.replace(folder / "job.json")


def _alive(folder: Path) -> bool:
    try:
        return time.time() - (folder / "alive").stat().st_mtime < SILENT
    except OSError:
        return False


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


# -- the process of one job ----------------------------------------------------------------------------


class Work:
    """One job being done: it notes its steps and how it ends."""

    def __init__(self, folder: Path, id: str):
        self.place_folder, self.folder = folder, folder / "jobs" / id
        (self.folder / "alive").touch()
        self.job = replace(read(self.folder), state="running")
        self._over = threading.Event()

    def do(self) -> None:
        """From the first step to the report."""
        threading.Thread(target=self._beat, daemon=True).start()
        save(self.folder, self.job)
        try:
            self._make()
            self._end("done")
        except RelodeError as fault:
            self._end("failed", {lang: fault.told(lang) for lang in LANGUAGES})
        except Exception as fault:  # what nobody foresaw is told too, and the job does not seem to run for ever
            self._end("failed", {lang: f"{type(fault).__name__}: {fault}" for lang in LANGUAGES})

    def _make(self) -> None:
        from .place import day, open

        place = open(self.place_folder, actor=self.job.actor, tell=self._tell)
        asof = AsOf(day(self.job.asof)) if self.job.asof else None
        recipe = place.recipe(self.job.recipe, self.job.given)
        results, steps = {}, recipe.step
        for number, step in enumerate(steps, 1):  # unlike `relode cook`, a report asked for by a reader keeps no facts
            self._tell("progress.step", {"number": number, "count": len(steps), "name": step.run, "id": step.id})
            results[step.id] = place.run(step.run, asof=asof, only=step.only, **step.choices)
        place.publish(results, self.folder / self.job.file, lang=self.job.lang, recipe=recipe)

    def _tell(self, code: str, details: Mapping[str, Any]) -> None:
        self.job = replace(self.job, steps=(*self.job.steps, (code, {k: str(v) for k, v in details.items()})))
        save(self.folder, self.job)

    def _end(self, state: str, fault: dict[str, str] | None = None) -> None:
        self._over.set()
        self.job = replace(self.job, state=state, fault=fault or {}, ended=_now())
        save(self.folder, self.job)

    def _beat(self) -> None:
        while not self._over.wait(1.0):
            (self.folder / "alive").touch()


if __name__ == "__main__":
    Work(Path(sys.argv[1]), sys.argv[2]).do()
