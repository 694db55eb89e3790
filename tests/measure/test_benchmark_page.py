"""The page of benchmarks is written by code: its form is checked here, never its seconds."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


def test_the_table_names_work_time_peer_ratio_goal_and_whether_it_was_kept() -> None:
    text = PAGE.read_text("utf8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    assert rows[0] == ["work", "relode", "held against", "ratio", "goal", "kept"]
    body = rows[2:]
    assert len(body) >= 6
    assert all(len(row) == 6 and row[0] and row[1] for row in body)
    assert {row[5] for row in body} <= {"yes", "no", ""}
    assert all(not row[5] or row[4] for row in body), "a promise names its goal"
    for said in ("cores", "Python", "NumPy", "COINr 1.1.14", "scikit-criteria", "pymcdm"):
        assert said in text
