"""What stands between the network and the pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from relode.app.observatory import Observatory
from relode.web.guard import HEADERS, Limits
from relode.web.serve import make

from .conftest import code

PATHS = ("/", "/nowhere", "/static/relode.css", "/api/openapi.json", "/download/ranks.csv", f"/region/{code(1)}")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_policy(client: TestClient, path: str) -> None:
    answer = client.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self';" in policy


def test_an_unknown_host_is_refused(client: TestClient) -> None:
    assert client.get("/", headers={"host": "rebound.test"}).status_code == 421


def test_a_long_body_is_refused_whether_or_not_it_says_so(own: TestClient) -> None:
    long = b"x" * 200_000
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert own.post("/variants", content=long, headers=kind).status_code == 413
    assert own.post("/variants", content=iter([long[:50_000]] * 4), headers=kind).status_code == 413
    assert own.post("/variants", content=b"", headers={**kind, "content-length": "-1"}).status_code in (400, 413)


def test_a_long_address_is_refused(client: TestClient) -> None:
    assert client.get("/?plan=" + "x" * 9000).status_code == 414


def test_who_asks_too_often_waits(built: Path) -> None:
    limits = Limits(burst=10, rate=0.001, heavy_burst=2, heavy_rate=0.001)
    with TestClient(make(Observatory(built), limits=limits), base_url="http://localhost") as one:
        found = [one.get("/static/relode.css").status_code for _ in range(12)]
        assert found == [200] * 10 + [429] * 2
    with TestClient(make(Observatory(built), limits=limits), base_url="http://localhost") as one:
        assert [one.post("/variants", data={"name": "no no"}).status_code for _ in range(3)] == [422, 422, 429]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_only_reading_and_posting(client: TestClient, method: str) -> None:
    assert client.request(method, "/").status_code == 405


@pytest.mark.parametrize(
    "path",
    ["/static/../serve.py", "/static/%2e%2e/serve.py", "/static/..%2f..%2fapp/place.py", "/map/..%2f..%2frelode.json",
     "/editions/../relode.toml", "/editions/%2e%2e/facts.duckdb", "/reports/..%2f..%2fplans/file",
     "/download/..%2f..%2ffacts.csv", "/region/%00", "/where/..%2f..%2fetc/passwd"],
)  # fmt: skip
def test_no_path_leads_out(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (404, 422)
    assert "from __future__" not in answer.text


def test_a_page_that_is_known_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/?lang=en")
    again = client.get("/?lang=en", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content


def test_pages_are_compressed_for_who_can_read_it(client: TestClient) -> None:
    assert client.get("/?lang=en", headers={"accept-encoding": "gzip"}).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/?lang=en", headers={"accept-encoding": "identity"}).headers


def test_a_scope_is_kept_all_the_way(built: Path) -> None:
    observatory = Observatory(built).seen_by("city", (code(3),))
    ranks = observatory.view(observatory.plan()).result.tables["indicators"]
    assert set(ranks["entity"]) == {code(3)}
