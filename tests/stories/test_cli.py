"""Whole journeys through the command line, typed as a person types them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import relode
from relode.words.panel import Panel

from .conftest import Typed

GATHER = ("gather", "年鉴 2024.csv", "--source", "年鉴", "--vintage", "2024-11", "--place", "山西 地市")


def gathered(typed: Typed) -> None:
    done = typed(*GATHER)
    assert done.returncode == 0, done.stderr


def test_from_a_gb18030_table_to_a_ranking(shanxi: Path, typed: Typed) -> None:
    assert "30" in typed(*GATHER).stdout
    done = typed("run", "measure.index", "--plan", "small", "--place", str(shanxi))
    assert done.returncode == 0, done.stderr
    assert "Jincheng" in done.stdout
    told = typed("run", "measure.index", "--plan", "small", "--place", str(shanxi), lang="zh")
    assert "晋城" in told.stdout


def test_a_gbk_console_shows_what_it_can_and_does_not_break(shanxi: Path, typed: Typed) -> None:
    gathered(typed)
    for words in (("run", "measure.index", "--plan", "small"), ("where", "大同/coal/2024"), ("methods",), ("batches",)):
        place = () if words[0] == "methods" else ("--place", "山西 地市")
        done = typed(*words, *place, lang="zh", encoding="gbk")
        assert done.returncode == 0, done.stderr
    assert (
        "大同"
        in typed("run", "measure.index", "--plan", "small", "--place", "山西 地市", lang="zh", encoding="gbk").stdout
    )


def test_a_figure_answers_where_it_comes_from(shanxi: Path, typed: Typed) -> None:
    gathered(typed)
    found = json.loads(typed("where", "大同/coal/2024", "--place", str(shanxi), "--json").stdout)[0]
    assert found["value"] == 500
    assert found["file"] == "年鉴 2024.csv"
    assert found["cell"] == "D7"


def test_loading_the_same_bytes_again_changes_nothing(shanxi: Path, typed: Typed) -> None:
    gathered(typed)
    gathered(typed)
    assert len(typed("batches", "--place", str(shanxi)).stdout.splitlines()) == 1


def test_undo_takes_a_batch_back_and_the_history_stays(shanxi: Path, typed: Typed) -> None:
    gathered(typed)
    assert typed("undo", "1", "--place", str(shanxi)).returncode == 0
    assert typed("run", "measure.index", "--plan", "small", "--place", str(shanxi)).returncode == 3
    assert json.loads(typed("where", "大同/coal/2024", "--place", str(shanxi), "--json").stdout)[0]["undone"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "measure.indx"), "measure.index"),
        (("run", "measure.index", "--plan", "smal"), "small"),
        (("run", "measure.index", "--pln", "small"), "plan"),
        (("run", "measure.index", "small"), "--plan"),
        (("where", "大同/coal"), "entity/indicator/period"),
        (("where", "大童/coal/2024"), "大同"),
    ],
)
def test_a_slip_is_told_in_four_lines_with_the_names_that_there_are(
    shanxi: Path, typed: Typed, words: tuple[str, ...], says: str
) -> None:
    done = typed(*words, "--place", str(shanxi))
    assert done.returncode == 3
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 4
    assert "Traceback" not in done.stderr


def test_a_table_with_faults_loads_nothing_and_names_every_cell(shanxi: Path, typed: Typed, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("地区,年份,gdp,coal\n大同,2024,十,5\n大童,2024,3,4\n阳泉,2024,-1,4\n", encoding="utf8")
    done = typed("gather", "bad.csv", "--source", "x", "--vintage", "2024", "--place", str(shanxi))
    assert done.returncode == 3
    assert "C2" in done.stderr
    assert "大童" in done.stderr
    assert not typed("batches", "--place", str(shanxi)).stdout


def test_a_folder_that_is_no_place_says_how_to_make_one(typed: Typed) -> None:
    done = typed("batches")
    assert done.returncode == 3
    assert "relode open" in done.stderr


def test_a_second_process_is_told_who_holds_the_store(shanxi: Path, typed: Typed) -> None:
    gathered(typed)
    script = (
        "import sys, time, relode\n"
        f"with relode.open({str(shanxi)!r}).store():\n    print('held', flush=True)\n    time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        started = time.monotonic()
        done = typed("batches", "--place", str(shanxi))
        assert done.returncode == 4
        assert str(holder.pid) in done.stderr
        assert time.monotonic() - started < 20
    finally:
        holder.kill()
        holder.wait()


def test_a_direct_call_and_a_project_call_give_the_same_result(shanxi: Path, typed: Typed) -> None:
    gathered(typed)
    place = relode.open(shanxi)
    through = place.run("measure.index", plan="small")
    plan = relode.Plan.named("small", place.shelf)
    with place.store() as store:
        from relode.words.method import Need

        panel: Panel = store.panel(Need(plan.system.reads))
    direct = relode.measure.index(panel, place.regions, plan=plan)
    assert direct.fingerprint == through.fingerprint
    for name, table in direct.tables.items():
        pd.testing.assert_frame_equal(table, through.tables[name])


def test_json_holds_every_table_and_the_provenance(shanxi: Path, typed: Typed) -> None:
    gathered(typed)
    done = typed("run", "measure.index", "--plan", "small", "--place", str(shanxi), "--json")
    body = json.loads(done.stdout)
    assert len(body["tables"]["ranks"]) == 10
    assert body["sources"] == ["年鉴"]
    assert len(body["fingerprint"]) == 64


def test_scores_kept_in_the_store_are_read_like_any_yearbook(shanxi: Path, typed: Typed) -> None:
    gathered(typed)
    assert typed("run", "measure.index", "--plan", "small", "--place", str(shanxi), "--keep").returncode == 0
    found = json.loads(typed("where", "大同/index.small/2024", "--place", str(shanxi), "--json").stdout)[0]
    assert found["source"] == "relode:measure.index"
    assert found["status"] == "E"


def test_as_of_a_day_before_publication_there_is_nothing(shanxi: Path, typed: Typed) -> None:
    gathered(typed)
    done = typed("run", "measure.index", "--plan", "small", "--place", str(shanxi), "--as-of", "2024-10-31")
    assert done.returncode == 3


def test_every_verb_has_help_in_both_languages(typed: Typed) -> None:
    english, chinese = typed("--help").stdout, typed("--help", lang="zh").stdout
    assert "run a method" in english
    assert "运行一种方法" in chinese
    assert "--plan" in typed("run", "measure.index", "--help").stdout


def test_explain_prints_the_method_page(typed: Typed) -> None:
    for lang, heading in (("en", "Equation as implemented"), ("zh", "实现的公式")):
        done = typed("explain", "measure.index", lang=lang)
        assert heading in done.stdout
