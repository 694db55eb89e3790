"""The main job: one command, real figures, a report in four formats and two languages, the same every time."""

from __future__ import annotations

import hashlib
import socket
import zipfile
from pathlib import Path
from typing import Any

import pytest

from relode.app.demo import demo

FORMATS = {"docx", "pdf", "html", "xlsx"}


def bytes_of(paths: list[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection is a fault: an intranet has no internet."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "create_connection", refused)


def text_of(path: Path) -> str:
    if path.suffix == ".pdf":
        from pypdf import PdfReader

        return "".join(page.extract_text() for page in PdfReader(str(path)).pages)
    if path.suffix == ".html":
        return path.read_text("utf8")
    with zipfile.ZipFile(path) as parts:
        return "".join(parts.read(name).decode("utf8", "replace") for name in parts.namelist() if name.endswith(".xml"))


@pytest.mark.slow
def test_the_demo_writes_eight_reports_offline_and_twice_the_same_bytes(tmp_path: Path, offline: None) -> None:
    first = demo("morocco", tmp_path / "一 次")
    again = demo("morocco", tmp_path / "again")
    assert {path.suffix[1:] for path in first} == FORMATS
    assert len(first) == 8
    assert bytes_of(first) == bytes_of(again)
    for path in first:
        told = text_of(path)
        assert "Haut-Commissariat au Plan" in told, path.name
        assert "CC BY 4.0" in told, path.name
        assert "Jerada" in told, path.name
        assert "88.10" in told or "88.095" in told, path.name


@pytest.mark.slow
@pytest.mark.parametrize(("name", "package"), [("us-states", "libpysal"), ("castle", "causaldata")])
def test_the_other_defaults_are_reported_too(tmp_path: Path, offline: None, name: str, package: str) -> None:
    pytest.importorskip(package)
    made = demo(name, tmp_path, langs=("zh",), formats=("docx", "pdf"))
    assert all(path.stat().st_size > 20_000 for path in made)


def test_one_report_of_the_demo(tmp_path: Path, offline: None) -> None:
    (report,) = demo("morocco", tmp_path, langs=("en",), formats=("html",))
    told = text_of(report)
    assert "Figuig" in told
    assert "Haut-Commissariat au Plan" in told
