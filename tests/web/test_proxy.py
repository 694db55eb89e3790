"""Behind a reverse proxy: who asks is whom the proxy of this machine names; without one nobody can name himself."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest

from relode.web.guard import Limits

from .conftest import Served

FEW = Limits(burst=3, rate=0.001, heavy_burst=2, heavy_rate=0.001, body=1000)


def ask(served: Served, *, method: str = "GET", body: bytes = b"", **headers: str) -> int:
    """The status of one request."""
    line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request(method, "/variants" if method == "POST" else "/static/relode.css", body=body, headers=sent)
    answer = line.getresponse()
    answer.read()
    return answer.status


@pytest.mark.parametrize(("proxied", "other"), [(True, 200), (False, 429)])
def test_rates_are_counted_by_whom_a_trusted_proxy_names(built: Path, proxied: bool, other: int) -> None:
    with Served(built, FEW, proxied=proxied) as served:
        assert [ask(served, x_forwarded_for="10.0.0.1") for _ in range(4)] == [200, 200, 200, 429]
        assert ask(served, x_forwarded_for="10.0.0.2") == other


def test_a_client_cannot_name_himself_another_before_the_proxy(built: Path) -> None:
    """A proxy that appends its client's address to what the client claimed: the last that is no proxy counts."""
    with Served(built, FEW, proxied=True) as served:
        claimed = [f"{n}.9.9.9, 10.0.0.1" for n in range(4)]
        assert [ask(served, x_forwarded_for=one) for one in claimed] == [200, 200, 200, 429]


def test_bodies_and_hosts_are_held_behind_a_proxy_too(built: Path) -> None:
    form = {"content_type": "application/x-www-form-urlencoded"}
    with Served(built, FEW, proxied=True) as served:
        assert ask(served, method="POST", body=b"x" * 2000, x_forwarded_for="10.0.0.3", **form) == 413
        assert ask(served, x_forwarded_for="10.0.0.4", host="elsewhere.example") == 421
        assert ask(served, x_forwarded_for="10.0.0.5", x_forwarded_host="elsewhere.example") == 200
        named = {"x_forwarded_proto": "https", "x_forwarded_for": "10.0.0.6"}
        assert ask(served, method="POST", origin="https://elsewhere.example", **named, **form) == 403
