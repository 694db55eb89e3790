"""What if: the address holds the question, the official plan stays as it is, a variant never replaces a plan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from relode.app.observatory import Observatory
from relode.app.variants import save_variant, spec_of, toml_of
from relode.web.ask import changes_of, short
from relode.words.errors import RelodeError
from relode.words.plan import Plan
from relode.words.shelf import Shelf

from .conftest import REGIONS

SENT = {"content-type": "application/x-www-form-urlencoded"}


def test_other_weights_change_ranks_and_the_plan_stays(client: TestClient, built: Path) -> None:
    before = (built / "plans" / "small.toml").read_bytes()
    answer = client.get("/ask", params={"lang": "en", "w.ecology": "5"})
    assert answer.status_code == 200
    assert "Ranks move by" in answer.text
    assert (built / "plans" / "small.toml").read_bytes() == before
    assert "w.ecology=5" in answer.headers["hx-push-url"]


def test_the_address_keeps_only_what_differs(client: TestClient) -> None:
    sent = {
        "lang": "en",
        "normalise": "minmax",
        "w.ecology": "1",
        "w.industry": "3",
        "draws": "10000",
        "missing": "0.2",
    }
    pushed = client.get("/ask", params=sent).headers["hx-push-url"]
    assert "w.industry=3" in pushed
    for left_out in ("w.ecology", "normalise", "missing"):
        assert left_out not in pushed


def test_the_answer_is_the_plan_with_these_choices(built: Path) -> None:
    observatory = Observatory(built)
    plan = observatory.plan()
    changed = plan.but(**changes_of(plan, {"w.ecology": ["3"], "aggregate": ["geometric"]}))
    assert changed.weigh.method == "given"
    assert changed.weigh.given["ecology"] == 3
    assert changed.aggregate.method == "geometric"
    assert observatory.view(changed).result.tables["ranks"].shape[0] == REGIONS


def test_asking_what_a_plan_refuses_says_why(client: TestClient) -> None:
    answer = client.get("/ask", params={"lang": "zh", "normalise": "zscore", "aggregate": "geometric"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    for name, value in (
        ("normalise", "magic"),
        ("w.nothing", "1"),
        ("missing", "nan"),
        ("draws", "1e9"),
        ("w.ecology", "-1"),
    ):
        assert client.get("/ask", params={name: value}).status_code == 422


def test_learned_weights_leave_the_sliders_out(built: Path) -> None:
    plan = Observatory(built).plan()
    asked = {"weigh": ["critic"], "w.ecology": ["3"]}
    assert changes_of(plan, asked)["weigh"] == {"method": "critic", "given": {}}
    assert short(plan, asked) == {"weigh": ["critic"]}


def test_a_variant_is_saved_under_its_own_name_and_followed(own: TestClient, place: Path) -> None:
    body = {"query": "w.ecology=3&limits=period", "name": "green", "zh": "绿色方案", "en": "Greener"}
    answer = own.post("/variants?lang=en", data=body, follow_redirects=False)
    assert answer.status_code == 303
    assert "plan=green" in answer.headers["location"]
    saved = Plan.load(place / "plans" / "green.toml", Shelf((place,)))
    assert (saved.weigh.given["ecology"], saved.normalise.limits, saved.source) == (3, "period", "variant of small")
    assert "Greener" in own.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    "name", ["small", "core30", "../x", "a/b", "A", "", "x" * 60, "con.toml", "..", "plan\n", "ä", ".hidden", "a b"]
)
def test_a_variant_never_replaces_a_plan_nor_leaves_the_folder(own: TestClient, place: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    answer = own.post("/variants", data={"query": "w.ecology=3", "name": name, "zh": "名", "en": "n"})
    assert answer.status_code == 422
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


def test_a_label_with_line_ends_or_none_is_refused(own: TestClient) -> None:
    for label in ("", "\x00", "x" * 200):
        answer = own.post("/variants", data={"query": "", "name": "fine", "zh": label, "en": label})
        assert answer.status_code == 422


def test_no_other_site_can_save_a_variant(own: TestClient) -> None:
    body = {"query": "", "name": "green", "zh": "绿", "en": "green"}
    for headers in ({"origin": "http://elsewhere.test"}, {"sec-fetch-site": "cross-site"}):
        assert own.post("/variants", data=body, headers=headers).status_code == 403
    assert own.post("/variants", json=body).status_code == 422


_text = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(zh=_text, en=_text, weight=st.floats(0, 10), drop=st.booleans(), low=st.floats(0, 0.4))
def test_a_plan_written_as_toml_reads_back_as_itself(zh: str, en: str, weight: float, drop: bool, low: float) -> None:
    shelf = Shelf()
    plan = Plan.named("us_states", shelf).but(
        zh=zh, en=en, weigh={"method": "given", "given": {"income": weight, "income.income_per_head": 1.5}},
        uncertainty={"interval": (low, 0.95)}, select={"drop": ("income.income_per_head",) if drop else ()},
    )  # fmt: skip
    import tomllib

    assert Plan.of(tomllib.loads(toml_of(spec_of(plan))), shelf).fingerprint == plan.fingerprint


def test_two_who_save_at_once_cannot_both_win(place: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    observatory = Observatory(place)

    def save(n: int) -> bool:
        try:
            save_variant(observatory.place, observatory.plan(), name="race", zh=f"第{n}", en=f"n{n}", base="small")
        except RelodeError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(save, range(8))) == 1
    assert not [path for path in (place / "plans").iterdir() if re.match(r"\.variant", path.name)]
