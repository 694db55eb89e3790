"""The interface for programs: described by the cards, strict in what it takes, never a server error."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from relode.app.catalogue import card_of, method_names
from relode.app.observatory import Observatory
from relode.web.serve import make

from .conftest import FREE, PERIODS, REGIONS, code

BODY = {"content-type": "application/json"}


def test_the_description_comes_from_the_cards(client: TestClient) -> None:
    told = client.get("/api/openapi.json").json()
    for name in method_names():
        route = told["paths"].get(f"/api/results/{name}")
        if route is not None:
            assert route["post"]["summary"] == card_of(name).label("en")
            assert card_of(name).question.lines("en")[0][:40] in route["post"]["description"]
    assert "/api/results/measure.index" in told["paths"]


def test_a_result_over_the_interface_is_that_of_the_method(client: TestClient, built: Path) -> None:
    found = client.post("/api/results/measure.index", json={"plan": "small"}).json()
    own = Observatory(built).run("measure.index", plan="small")
    assert found["fingerprint"] == own.fingerprint
    ranks = own.tables["ranks"]
    assert [row["rank"] for row in found["tables"]["ranks"]] == list(ranks["rank"])
    assert [row["score"] for row in found["tables"]["ranks"]] == pytest.approx(list(ranks["score"]), abs=1e-12)


def test_bodies_are_taken_at_their_word(client: TestClient) -> None:
    for body in (
        {"plan": 1},
        {"plan": True},
        {},
        {"plan": "small", "more": 1},
        [],
        "small",
        {"plan": "small", "asof": 2024},
    ):
        assert client.post("/api/results/measure.index", json=body).status_code == 422
    assert client.post("/api/results/measure.index", content=b"{", headers=BODY).status_code == 422
    unknown = client.post("/api/results/measure.index", json={"plan": "nothing"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "shelf.plans")


def test_facts_in_all_forms_say_the_same(client: TestClient, tmp_path: Path) -> None:
    import duckdb

    asked = {"indicator": "green", "period": PERIODS[1]}
    plain = client.get("/api/facts", params=asked).json()["facts"]
    assert len(plain) == REGIONS - 1, "one is missing, and is not a zero"
    path = tmp_path / "facts.parquet"
    path.write_bytes(client.get("/api/facts", params={**asked, "format": "parquet"}).content)
    rows = duckdb.connect().execute("select entity, value from read_parquet(?)", [str(path)]).fetchall()
    assert dict(rows) == {row["entity"]: row["value"] for row in plain}
    table = client.get("/api/facts", params={**asked, "format": "csv"}).text.lstrip("\ufeff")
    assert {row["entity"]: float(row["value"]) for row in csv.DictReader(io.StringIO(table))} == dict(rows)


def test_sdmx_csv_is_read_by_its_own_rules(client: TestClient) -> None:
    answer = client.get("/api/facts", params={"indicator": "green", "format": "sdmx-csv"})
    assert answer.headers["content-type"] == "application/vnd.sdmx.data+csv; version=2.0.0"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0])[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    assert {row["STRUCTURE"] for row in rows} == {"dataflow"}
    assert {row["OBS_STATUS"] for row in rows} <= set("AEIPMB")
    keys = {(row["REF_AREA"], row["INDICATOR"], row["SCENARIO"], row["TIME_PERIOD"]) for row in rows}
    assert len(keys) == len(rows) == REGIONS * 3 - 1


def test_lineage_names_file_and_cell(client: TestClient) -> None:
    found = client.get(f"/api/lineage/{code(3)}/green/2023").json()
    (version,) = found["versions"]
    assert (version["file"], version["vintage"], version["value"]) == ("facts.csv", "2024-03-01", 25)
    assert version["cell"]


def test_a_scoped_actor_gets_no_foreign_fact(built: Path) -> None:
    app = make(Observatory(built).seen_by("city", (code(3),)), limits=FREE)
    with TestClient(app, base_url="http://localhost") as one:
        assert {row["entity"] for row in one.get("/api/facts").json()["facts"]} == {code(3)}
        assert one.get("/api/facts", params={"entity": code(4)}).status_code == 422
        assert one.get(f"/api/lineage/{code(4)}/green/2023").status_code == 422
        assert one.get(f"/where/{code(4)}/ecology.cover").status_code == 422


@pytest.mark.slow
def test_nothing_that_fits_the_description_breaks_the_server(built: Path) -> None:
    app = make(Observatory(built), hosts=("*",), limits=FREE)
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app).exclude(path="/api/reports")
    for operation in schema.get_all_operations():
        validate_all(operation.ok())


def validate_all(operation: schemathesis.APIOperation) -> None:
    """Requests that fit the description, and some that do not: no server error, no answer that it does not tell of."""

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy())
    def validate(case: schemathesis.Case) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance])  # which codes there are is not described

    validate()
