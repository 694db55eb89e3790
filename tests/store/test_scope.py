"""Who sees and writes what. A public method of the store that is not in the matrix fails the test."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import relode.store
from relode.store import query
from relode.store.facts import Store
from relode.store.reading import Reading
from relode.words.batch import Scope
from relode.words.errors import Refused, Several, UnknownWord
from relode.words.log import Event
from relode.words.method import Need
from relode.words.ties import Ties

Load = Callable[..., int]
OWN, BELOW, FOREIGN = "150600", "150602", "140200"


@pytest.fixture
def scoped(store: Store, load: Load, made: Any) -> Store:
    """A store that holds facts, ties and events of two cities, as the one city sees it (two series that differ)."""
    load((OWN, "gdp", "2023", 1.0), (BELOW, "gdp", "2023", 0.5))
    load((OWN, "gdp", "2023", 2.0), series="bulletin")
    load((FOREIGN, "gdp", "2022", 3.0))
    load((FOREIGN, "gdp", "2022", 4.0), series="bulletin")
    store.keep_ties(Ties((OWN, FOREIGN), (BELOW, "140000"), ("neighbour",) * 2, np.ones(2)), made.batch())
    told = [("task:own", {"entity": OWN}), ("task:foreign", {"entity": FOREIGN}), ("task:general", {})]
    store.append([Event(case, "2025-01-01T00:00:00Z", "zhao", "reported", detail) for case, detail in told])
    store.close()
    return Store.open(store.path, actor="li", scope=Scope((OWN,)), regions=made.REGIONS)


def facts(made: Any, *entities: str) -> dict[str, Any]:
    """What a load of these entities is called with."""
    frame = made.rows(*[(entity, "gdp", "2024", 1.0) for entity in entities])
    return {"batch": made.batch(), "facts": frame, "indicators": made.INDICATORS}


def everything_seen(answer: Any) -> str:
    """All that an answer shows, as text."""
    if hasattr(answer, "to_string"):
        return str(answer.to_string())
    if hasattr(answer, "frame"):
        return str(answer.frame().to_string())
    return repr(answer)


READS: dict[str, Callable[[Store], Any]] = {
    "panel": lambda store: store.panel(Need(), prefer=["bulletin"]),
    "conflicts": lambda store: store.conflicts(Need()),
    "history": lambda store: store.history(OWN, "gdp", "2023"),
    "ties": lambda store: store.ties("neighbour"),
    "log": lambda store: store.log(),
    "codes": lambda store: store.codes("entity"),
    "batches": lambda store: [stored.number for stored in store.batches()],
}
FOREIGN_READS: dict[str, Callable[[Store], Any]] = {
    "panel": lambda store: store.panel(Need(entities=(FOREIGN,))),
    "conflicts": lambda store: store.conflicts(Need(entities=(OWN, FOREIGN))),
    "history": lambda store: store.history(FOREIGN, "gdp", "2022"),
}
WRITES: dict[str, tuple[Callable[[Store, Any], Any], Callable[[Store, Any], Any]]] = {
    "load": (
        lambda store, made: store.load(**facts(made, OWN, BELOW)),
        lambda store, made: store.load(**facts(made, OWN, FOREIGN)),
    ),
    "keep_ties": (
        lambda store, made: store.keep_ties(Ties((OWN,), (FOREIGN,), ("trade",), np.ones(1)), made.batch()),
        lambda store, made: store.keep_ties(Ties((FOREIGN,), (OWN,), ("trade",), np.ones(1)), made.batch()),
    ),
    "undo": (lambda store, made: store.undo(1, actor="li"), lambda store, made: store.undo(5, actor="li")),
    "append": (
        lambda store, made: store.append([Event("task:a", "2025", "li", "done", {"entity": BELOW})]),
        lambda store, made: store.append([Event("task:a", "2025", "li", "done", {"entity": FOREIGN})]),
    ),
}
WHOLE = {"backup", "restore", "attach_micro"}  # refused to whoever is scoped, see test_backup and test_micro
DOORS = {"open", "close", "id", "whole", "execute", "read", "arrays", "frame", "tables"}


def test_every_public_method_of_the_store_stands_in_the_matrix() -> None:
    public = {name for name, _ in inspect.getmembers(Store) if not name.startswith("_")}
    assert public == set(READS) | {"micro"} | set(WRITES) | WHOLE | DOORS


@pytest.mark.parametrize("name", READS)
def test_a_scoped_reader_sees_their_own_and_what_lies_below(scoped: Store, name: str) -> None:
    with scoped:
        seen = everything_seen(READS[name](scoped))
    assert FOREIGN not in seen
    assert "task:foreign" not in seen
    assert {"batches": "1, 2, 5", "log": "task:own"}.get(name, OWN) in seen


def test_a_panel_holds_no_period_of_others(scoped: Store) -> None:
    with scoped:
        panel = scoped.panel(Need(), prefer=["bulletin"])
    assert panel.entities == (OWN, BELOW)
    assert panel.periods == ("2023",)


@pytest.mark.parametrize("name", FOREIGN_READS)
def test_asking_for_a_foreign_entity_is_refused(scoped: Store, name: str) -> None:
    with scoped, pytest.raises(Refused, match=FOREIGN):
        FOREIGN_READS[name](scoped)


@pytest.mark.parametrize("name", WRITES)
def test_writing_about_a_foreign_entity_is_refused_and_changes_nothing(scoped: Store, made: Any, name: str) -> None:
    own, foreign = WRITES[name]
    with scoped:
        before = scoped.log().fingerprint
        with pytest.raises((Refused, Several)) as fault:
            foreign(scoped, made)
        faults = fault.value.faults if isinstance(fault.value, Several) else (fault.value,)
        assert FOREIGN in {found.details["name"] for found in faults}
        assert scoped.log().fingerprint == before
        own(scoped, made)
        assert scoped.log().fingerprint != before


def test_a_batch_that_a_scoped_actor_does_not_see_cannot_be_undone(scoped: Store) -> None:
    with scoped, pytest.raises(UnknownWord):
        scoped.undo(3, actor="li")


def test_a_level_is_cut_to_the_scope(scoped: Store) -> None:
    with scoped:
        assert scoped.panel(Need(level="city"), prefer=["bulletin"]).entities == (OWN,)


def test_a_scope_that_the_codelist_does_not_know_opens_nothing(path: Path, made: Any) -> None:
    with pytest.raises(UnknownWord, match="999999"):
        Store.open(path, actor="li", scope=Scope(("999999",)), regions=made.REGIONS)


def test_without_a_codelist_a_scope_is_the_codes_themselves(scoped: Store) -> None:
    scoped.close()
    with Store.open(scoped.path, actor="li", scope=Scope((OWN,))) as bare:
        assert bare.panel(Need(), prefer=["bulletin"]).entities == (OWN,)


# -- one query builder -----------------------------------------------------------------------------

FOLDER = Path(relode.store.__file__).parent
WRITERS = {"schema.py", "connection.py", "writing.py"}


def test_only_one_method_reads_from_the_file_and_it_takes_a_query() -> None:
    """`_con.execute` outside the writing modules: in `Reading.execute`, and where a deed is done."""
    allowed = {
        ("reading.py", "execute"),
        ("facts.py", "undo"),
        ("facts.py", "attach_micro"),
        ("backup.py", "_fill"),
        ("backup.py", "restore"),
    }
    found = set()
    for path in FOLDER.glob("*.py"):
        if path.name in WRITERS:
            continue
        for function in ast.walk(ast.parse(path.read_text("utf8"))):
            if isinstance(function, ast.FunctionDef):
                calls = [ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)]
                found |= {
                    (path.name, function.name) for call in calls if call.endswith(("_con.execute", "con.execute"))
                }
    assert found <= allowed
    assert inspect.signature(Reading.execute).parameters["query"].annotation == "Query"


def test_every_question_about_facts_goes_through_the_builders_scope_and_clocks() -> None:
    """Each question of the Reader is made of `_seen`, `_facts` or `_inside`, which know scope, clocks and undo."""
    source = ast.parse(inspect.getsource(query))
    reader = next(node for node in source.body if isinstance(node, ast.ClassDef) and node.name == "Reader")
    questions = [node for node in reader.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    parts = ("self._seen()", "self._facts(", "self._inside(", "self.newest(", "._seen()")
    unguarded = {node.name for node in questions if not any(part in ast.unparse(node) for part in parts)}
    assert unguarded == {"touched", "attached"}  # whether a batch holds anything foreign; where wide tables lie
