"""Every block in the documentation runs as written.

`python` blocks of a page share one namespace; `console` blocks run line by line in the same folder, and what they
print is compared with what the page shows (`...` stands for anything). A block after `<!-- file: NAME -->` is a file.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"(?:<!-- (?P<mark>[a-z]+)(?:: (?P<name>[^>]+?))? -->\n)?```(?P<kind>\w*)\n(?P<body>.*?)```", re.DOTALL
)
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> Iterator[tuple[str, str, str, str]]:
    for found in BLOCK.finditer(page.read_text("utf8")):
        yield found["mark"] or "", (found["name"] or "").strip(), found["kind"], found["body"]


def run_console(body: str, folder: Path) -> None:
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "120"}
    checker = doctest.OutputChecker()
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        done = subprocess.run(command, shell=True, cwd=folder, env=env, capture_output=True, text=True)
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        if shown.strip():
            flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            assert checker.check_output(shown, done.stdout, flags), (
                f"$ {command}\n{done.stdout}\n-- the page shows --\n{shown}"
            )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_runs_as_written(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if page.name.endswith(".zh.md"):
        monkeypatch.setenv("RELODE_LANG", "zh")
    names: dict[str, object] = {}
    for mark, name, kind, body in blocks(page):
        if mark == "skip":
            continue
        if mark == "file":
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(body, encoding="utf8")
        elif kind == "console":
            run_console(body, tmp_path)
        elif kind == "python":
            exec(compile(body, f"{page.name}", "exec"), names)
