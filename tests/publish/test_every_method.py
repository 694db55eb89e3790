"""Whatever a method gives can be published: charts drawn, columns headed, tables named, findings said."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pytest

import relode
from relode.app.demo import furnish
from relode.publish import publish
from relode.publish.figures import Shown, is_figure
from relode.publish.pictures import KINDS, picture
from relode.publish.sentences import paragraphs, topics_of
from relode.publish.tables import table, table_title
from relode.words.errors import Misfit
from relode.words.recipe import Recipe, Show
from relode.words.result import Result
from relode.words.texts import DATA, LANGUAGES, has

from .conftest import index_result, result, text_of

ROOMS = ("measure", "diagnose", "evaluate")
RECIPES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("us-states", "diagnosis_us", {}),
    ("castle", "policy", {"study": "castle"}),
)


def kinds_in_code() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for path in (Path(relode.__file__).parent / room).glob("*.py"):
            for call in ast.walk(ast.parse(path.read_text("utf8"))):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Chart":
                    yield from ((path.name, c.value) for c in ast.walk(call.args[0]) if isinstance(c, ast.Constant))


def test_every_kind_of_chart_that_the_rooms_describe_is_drawn() -> None:
    found = [(file, kind) for file, kind in kinds_in_code() if isinstance(kind, str)]
    assert len({kind for _, kind in found}) > 15
    assert [(file, kind) for file, kind in found if kind not in KINDS] == []


@pytest.fixture(scope="module")
def cooked(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Result]]:
    pytest.importorskip("libpysal")
    pytest.importorskip("causaldata")
    found = {}
    for demo, recipe, given in RECIPES:
        place, _ = furnish(demo, tmp_path_factory.mktemp(demo), lambda *args: None)
        found[recipe] = place.cook(place.recipe(recipe, given))
    return found


@pytest.mark.slow
def test_what_a_method_finds_as_facts_is_defined_and_can_be_kept(
    cooked: Mapping[str, Mapping[str, Result]],
) -> None:
    made = [one for results in cooked.values() for one in results.values() if one.facts is not None]
    assert {"evaluate.did", "evaluate.verdict"} <= {one.method for one in made}
    for one in made:
        assert set(one.facts["indicator"]) <= {known.code for known in one.answer.defines}, one.method


@pytest.mark.slow
def test_every_column_and_table_has_a_name_and_every_figure_a_format(
    cooked: Mapping[str, Mapping[str, Result]],
) -> None:
    bare, unwritten, untitled = set(), set(), set()
    for made in (made for results in cooked.values() for made in results.values()):
        for name, frame in made.tables.items():
            untitled |= {f"{made.method}/{name}" for lang in LANGUAGES if table_title(Shown(made, lang), name) == name}
            readable = [made.readable(name, lang).columns for lang in LANGUAGES]
            for column, *headings in zip(frame.columns, *readable, strict=True):
                bare |= {column} if column in headings and not has(f"column.{column}") else set()
                figures = pd.api.types.is_numeric_dtype(frame[column]) and frame[column].dtype != bool
                unwritten |= {f"{made.method}/{name}/{column}"} if figures and not is_figure(column) else set()
    assert (bare, unwritten, untitled) == (set(), set(), set())


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_is_said_in_whole_sentences_without_codes(
    cooked: Mapping[str, Mapping[str, Result]], lang: str
) -> None:
    for made in (made for results in cooked.values() for made in results.values()):
        assert topics_of(made.method), made.method
        for topic in topics_of(made.method):
            told = " ".join(paragraphs(Shown(made, lang), topic))
            assert told.endswith("。" if lang == "zh" else "."), told
            assert not re.search(r"[{}]|\b[a-z]+_[a-z]+\b|\bnan\b|欺诈|造假|fraud", told), told


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_chart_but_maps_is_drawn(cooked: Mapping[str, Mapping[str, Result]], lang: str) -> None:
    for made in (made for results in cooked.values() for made in results.values()):
        for chart in (chart for chart in made.charts if chart.kind != "map"):
            found = picture(chart, Shown(made, lang))
            assert found is not None
            assert found.svg().startswith("<?xml")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["docx", "pdf", "html", "xlsx"])
def test_stars_brackets_and_rows_of_yes_and_no_are_in_every_format(
    cooked: Mapping[str, Mapping[str, Result]], tmp_path: Path, suffix: str
) -> None:
    report = Recipe.load(DATA / "recipes" / "policy.toml").report
    first, again = (
        publish(cooked["policy"], tmp_path / f"{n}.{suffix}", report=report, lang="zh") for n in ("one", "two")
    )
    text = text_of(first)
    assert "0.3380***" in text
    assert "(0.0925)" in text
    assert "个体固定效应否是是" in text or ("个体固定效应" in text and suffix == "xlsx")
    assert first.read_bytes() == again.read_bytes()


def test_a_style_is_refused_for_what_is_no_estimate() -> None:
    from relode.publish import threeline

    with pytest.raises(Misfit, match="estimates of a policy"):
        threeline.table(Shown(index_result(), "en"), Show(step="1", table="ranks", style="cssci"), "")


def test_the_largest_changes_come_first_and_each_place_is_cut_on_its_own() -> None:
    frame = pd.DataFrame({"entity": ["r000", "r000", "r001", "r001", "r002"], "rank_change": [1.0, -9, 4, 0, None]})
    shown = Shown(result({"alternatives": frame}), "en")
    made = table(shown, Show(step="1", table="alternatives", largest="rank_change", most=3), "source")
    assert [row[1] for row in made.rows] == ["\u22129", "+4", "+1"]
    each = table(shown, Show(step="1", table="alternatives", most=1, each="entity"), "source")
    assert [row[0] for row in each.rows] == ["Region 0", "Region 1", "Region 2"]
    assert "3 of 5 rows" in each.foot[0]


@pytest.mark.slow
def test_a_real_index_is_published_in_all_four_formats(tmp_path: Path) -> None:
    place, _ = furnish("morocco", tmp_path / "place", lambda *args: None)
    made = place.run("measure.index", plan="morocco_level")
    for suffix in ("docx", "pdf", "html", "xlsx"):
        assert "Casablanca-Anfa" in text_of(publish([made], tmp_path / f"index.{suffix}", lang="zh"))
