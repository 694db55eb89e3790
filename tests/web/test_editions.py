"""Editions: what was published stays, a second one of the name is refused, and a change of a file is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from relode.app import open as open_place
from relode.app.editions import compared, edition, editions, freeze, restated
from relode.words.errors import Misfit, Refused

from .conftest import REGIONS, code, facts


@pytest.fixture
def two(place: Path) -> Path:
    """A place with two editions, figures of green cover revised between them."""
    here = open_place(place, actor="tester")
    freeze(here, "2024", "small")
    (place / "later.csv").write_text(facts(shift=1).replace("9004,2023,1211", "9004,2023,1300"), "utf8")
    here.gather(place / "later.csv", source="invented", vintage="2025-03-01")
    freeze(open_place(place, actor="tester"), "2025", "small")
    return place


def test_a_published_number_never_changes(two: Path) -> None:
    here = open_place(two)
    full = here.run("measure.index", plan="small").tables["ranks"]
    assert list(edition(here, "2025").table("ranks")["score"]) == list(full["score"]), "every digit"
    old = edition(here, "2024").table("indicators")
    row = old[(old["entity"] == code(3)) & (old["period"] == "2023") & (old["indicator"] == "ecology.cover")]
    assert float(row["value"].iloc[0]) == 25


def test_an_edition_is_not_published_twice(two: Path) -> None:
    before = {path: path.read_bytes() for path in (two / "editions").rglob("*") if path.is_file()}
    with pytest.raises(Refused) as told:
        freeze(open_place(two), "2024", "small")
    assert told.value.code == "edition.there"
    assert {path: path.read_bytes() for path in (two / "editions").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "x" * 99])
def test_a_name_that_is_none_is_refused(place: Path, name: str) -> None:
    with pytest.raises(Misfit):
        freeze(open_place(place), name, "small")
    assert not (place / "editions").exists() or not list((place / "editions").iterdir())


def test_an_edition_that_cannot_be_made_leaves_nothing(place: Path) -> None:
    from relode.words.errors import RelodeError

    with pytest.raises(RelodeError):
        freeze(open_place(place), "2024", "nothing")
    assert not list((place / "editions").iterdir())


def test_a_file_that_was_changed_is_named(two: Path) -> None:
    path = two / "editions" / "2024" / "ranks.csv"
    path.chmod(0o644)
    path.write_text(path.read_text("utf8").replace("1", "2", 1), "utf8")
    found = {one.name: one.broken for one in editions(open_place(two))}
    assert found == {"2024": ("ranks.csv",), "2025": ()}


def test_two_editions_are_compared_and_revisions_are_told(two: Path) -> None:
    here = open_place(two)
    pair = edition(here, "2024"), edition(here, "2025")
    assert len(compared(*pair)) == REGIONS
    changed = restated(*pair)
    assert {"ecology.cover"} <= set(changed["indicator"])
    assert len(changed) == 3 * REGIONS - 1 + 2, "all of green cover, and GDP with its share in one place"


def test_the_page_shows_both_and_their_files(two: Path) -> None:
    from relode.app.observatory import Observatory
    from relode.web.serve import make

    from .conftest import FREE

    with TestClient(make(Observatory(two), limits=FREE), base_url="http://localhost") as one:
        text = one.get("/editions?lang=en&base=2024&now=2025").text
        assert "2024 and 2025 compared" in text
        assert "as published" in text
        assert one.get("/editions/2024/ranks.csv").text.startswith("entity,period,score,rank")
        assert one.get("/editions/2024/nothing.csv").status_code == 404
        assert one.get("/editions?base=2024&now=2030").status_code == 404
