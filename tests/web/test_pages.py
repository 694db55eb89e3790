"""What pages show: every page in both languages, one URL one state, numbers equal to the method's own."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from relode.app.observatory import Observatory
from relode.words.texts import catalogue

from .conftest import FORMULA, HOSTILE, PERIODS, REGIONS, ROOT, code

PAGES = (
    "/", f"/region/{code(3)}", "/indicator/industry.size", f"/compare?entity={code(1)}&entity={code(2)}", "/ask",
    "/ask?w.ecology=2", "/quality", "/methods", "/methods/measure.index", "/sources", "/editions", "/reports",
    f"/where/{code(3)}/industry.coal_share", f"/why/{code(3)}", f"/region/{code(3)}/diagnosis",
)  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_in_both_languages(client: TestClient, path: str, lang: str) -> None:
    answer = client.get(path, params={"lang": lang} if "?" not in path else None, headers={"accept-language": lang})
    assert answer.status_code == 200
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in answer.text
    assert not re.search(r"\bweb\.[a-z_]+", re.sub(r"https?://\S+", "", answer.text)), "a text without a sentence"


def test_ranks_on_pages_are_those_of_the_method_in_every_period(built: Path) -> None:
    import pandas as pd

    observatory = Observatory(built)
    full = observatory.run("measure.index", plan="small").tables
    for period in PERIODS:
        view = observatory.view(observatory.plan(), period)
        for name in ("ranks", "dimensions", "indicators", "obstacles", "weights", "coverage", "alternatives"):
            wanted = full[name][full[name]["period"] == period]
            keys = [c for c in ("entity", "node", "indicator", "method", "place_in_order") if c in wanted]
            pairs = [frame.sort_values(keys, ignore_index=True) for frame in (wanted, view.result.tables[name])]
            pd.testing.assert_frame_equal(*pairs, check_dtype=False)


def test_a_region_shows_the_diagnosis_that_recipes_ask_for(client: TestClient, built: Path) -> None:
    page = client.get(f"/region/{code(3)}?lang=en").text
    assert f'hx-get="/region/{code(3)}/diagnosis?lang=en"' in page
    told = client.get(f"/region/{code(3)}/diagnosis?lang=en").text
    choices = {"indicator": "gdp", "neighbours": "economic", "k": 4, "draws": 99}
    local = Observatory(built).run("diagnose.spacetime", **choices).tables["local"]
    mine = local[local["entity"] == code(3)]
    assert len(mine) == len(PERIODS)
    assert f">{mine['p'].iloc[-1]:.3f}<" in told
    assert told.count(f"<td>{PERIODS[-1]}</td>") == 1
    assert f"<td>{PERIODS[0]}</td>" not in told, "the last period alone"
    assert client.get("/region/nobody/diagnosis").status_code == 404


def test_a_broken_recipe_stops_no_page(own: TestClient, place: Path) -> None:
    (place / "recipes" / "broken.toml").write_text('name = "broken"\nnothing = 1\n', "utf8")
    time.sleep(0.2)
    for path in ("/", "/reports", f"/region/{code(3)}/diagnosis"):
        assert own.get(path).status_code == 200


def test_only_recipes_that_the_place_can_follow_are_offered(client: TestClient) -> None:
    offered = set(re.findall(r'<option value="([a-z_]+)"', client.get("/reports?lang=en").text.split("<main")[1]))
    assert {"yearly", "look", "evaluation"} <= offered, "its own, and those that ask for a plan"
    assert not offered & {"annual", "annual_us", "diagnosis_us", "policy"}


def test_ranks_never_stand_alone(client: TestClient) -> None:
    text = client.get("/?lang=en").text
    head = re.search(r'<table id="ranks".*?</thead>', text, re.DOTALL)
    assert head
    for heading in ("Rank", "Score", "Rank interval", "Tie band", "Places gained", "Missing", "Rank among peers"):
        assert heading in head.group()
    assert text.count('class="interval"') == REGIONS


def test_one_address_is_one_state(client: TestClient) -> None:
    old, new = (client.get("/", params={"lang": "en", "period": period}).text for period in PERIODS[:2])
    assert old != new
    assert client.get("/", params={"lang": "en", "period": PERIODS[0]}).text == old
    links = re.findall(r'href="(/region/[^"]+)"', old)
    assert links
    assert all(f"period={PERIODS[0]}" in link and "lang=en" in link for link in links)


def test_what_was_not_published_by_the_date_is_not_shown(own: TestClient, place: Path) -> None:
    from relode.app import open as open_place

    from .conftest import facts

    (place / "later.csv").write_text(facts(shift=10), "utf8")
    open_place(place).gather(place / "later.csv", source="invented", vintage="2025-03-01")
    time.sleep(0.2)
    path = f"/where/{code(3)}/ecology.cover"
    now = own.get(path, params={"lang": "en", "period": "2023"}).text
    then = own.get(path, params={"lang": "en", "period": "2023", "asof": "2024-06"}).text
    assert "green cover = 35 %" in now
    assert "green cover = 25 %" in then
    assert own.get("/", params={"asof": "2024-06"}).status_code == 200
    assert own.get("/", params={"asof": "yesterday"}).status_code == 422


def test_a_figure_answers_with_file_cell_date_and_method(client: TestClient) -> None:
    text = client.get(f"/where/{code(3)}/industry.coal_share?lang=en&period=2022").text
    for told in ("facts.csv", "2024-03-01", "coal / gdp * 100", "measure.index", "version 1", "tester", "invented"):
        assert told in text
    assert re.search(r"<td>[A-Z]+\d+</td>", text), "the cell of the file"


def test_a_load_beside_the_server_is_seen_on_the_next_page(own: TestClient, place: Path) -> None:
    from relode.app import open as open_place

    from .conftest import facts

    before = own.get("/?lang=en").text
    (place / "later.csv").write_text(facts(shift=10), "utf8")
    open_place(place).gather(place / "later.csv", source="invented", vintage="2025-03-01")
    time.sleep(0.2)
    assert own.get("/?lang=en").text != before
    assert "later.csv" in own.get("/sources?lang=en").text


def test_names_from_data_never_become_markup(client: TestClient) -> None:
    for path in ("/?lang=en", f"/region/{code(0)}?lang=en", f"/compare?lang=en&entity={code(0)}", f"/why/{code(0)}"):
        text = client.get(path).text
        assert HOSTILE not in text
        assert "alert(1)" in text, "the name is there, as text"
    for found in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', client.get("/").text, re.DOTALL):
        json.loads(found)


@pytest.mark.parametrize("name", ["ranks", "indicators", "series", "branches", "course", "dimensions", "coverage"])
def test_csv_opens_in_a_spreadsheet_and_runs_nothing(client: TestClient, name: str) -> None:
    answer = client.get(f"/download/{name}.csv?lang=zh")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert not re.search(r'(^|,|")[=@]', answer.text.replace("'=", "")), "no cell begins like a formula"
    if "地区" in answer.text.splitlines()[0]:
        assert f"'{FORMULA}" in answer.text


def test_a_download_can_be_narrowed(client: TestClient) -> None:
    lines = client.get("/download/indicators.csv", params={"entity": code(3), "lang": "en"}).text.splitlines()
    assert len(lines) == 1 + 3
    assert all(line.startswith(code(3)) for line in lines[1:])


def test_workbook_parquet_and_pictures(client: TestClient, tmp_path: Path) -> None:
    import duckdb

    assert client.get("/download.xlsx?lang=zh").content[:2] == b"PK"
    path = tmp_path / "ranks.parquet"
    path.write_bytes(client.get("/download/ranks.parquet").content)
    assert duckdb.connect().execute("select count(*) from read_parquet(?)", [str(path)]).fetchone() == (REGIONS,)
    assert client.get("/picture/intervals.svg?lang=zh").text.lstrip().startswith("<?xml")
    assert client.get("/picture/intervals.png").content[1:4] == b"PNG"
    assert client.get("/picture/nothing.svg").status_code == 404
    assert client.get("/picture/map.svg").status_code == 404, "no outlines, no map"


def test_what_is_not_there_is_said_on_a_page(client: TestClient) -> None:
    for path in (
        "/region/nobody",
        "/indicator/nothing",
        "/nowhere",
        "/?plan=nothing",
        "/?period=1066",
        "/download/x.csv",
    ):
        answer = client.get(path, headers={"accept-language": "zh-CN"})
        assert answer.status_code == 404
        assert 'lang="zh-CN"' in answer.text
        assert "Traceback" not in answer.text


def test_every_sentence_of_the_templates_is_there_and_none_is_left_over() -> None:
    text = "\n".join(path.read_text("utf8") for path in (ROOT / "relode" / "web" / "templates").glob("*.html"))
    code_ = "\n".join(path.read_text("utf8") for path in (ROOT / "relode").rglob("*.py"))
    said = set(re.findall(r"""\bt\(["']([a-z_.]+)["']\s*[,)]""", text)) | set(
        re.findall(r'\.say\(\s*"([a-z_.]+)"', code_)
    )
    families = set(re.findall(r"""\bt\(["']([a-z_.]+\.)["']\s*~""", text)) | {"ask."}
    known = {
        name.removeprefix("web.") for name in catalogue() if name.startswith("web.") and not name.endswith(".mend")
    }
    assert not {name for name in said if name not in known and f"{name}." not in families}
    left = {n for n in known if n not in said and not n.startswith(tuple(families)) and f'"web.{n}"' not in code_}
    assert not left


def test_pages_are_light() -> None:
    import gzip

    static = ROOT / "relode" / "web" / "static"
    files = [static / "relode.css", static / "relode.js", *(static / "vendor").glob("*.min.js")]
    if len(files) < 4:
        pytest.skip("npm packages are not there: pip install -e . where the npm registry can be reached")
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 560_000
