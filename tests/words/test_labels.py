"""Codes are called by their names wherever they are read: in tables, in notes, on the command line."""

from __future__ import annotations

import pandas as pd
import pytest

from relode.words.card import Card
from relode.words.codelist import Codelist, Entity
from relode.words.indicator import system_of
from relode.words.labels import Labels
from relode.words.note import warn
from relode.words.result import Answer, Result

SYSTEM = system_of({
    "name": "small", "version": 1, "zh": "小体系", "en": "Small",
    "groups": {"econ": {"zh": "经济", "en": "Economy", "indicators": {
        "income": {"zh": "人均收入", "en": "Income per head", "unit": "USD", "direction": 1}}}},
})  # fmt: skip
LABELS = Labels(Codelist.of([Entity("r1", "Region 1", zh="地区一")]), (SYSTEM,))


def result(table: pd.DataFrame) -> Result:
    return Result(Card.named("evaluate.did"), {}, {}, "ab" * 32, "relode 0", Answer({"effects": table}), LABELS)


def test_words_of_a_method_are_read_in_the_readers_language() -> None:
    table = pd.DataFrame({"entity": ["r1", None], "estimator": ["twfe", "event_study"], "headline": [True, False],
                          "estimate": [0.5, 1.5]})  # fmt: skip
    read = result(table).readable(lang="zh")
    assert read.iloc[:, 0].tolist() == ["地区一", ""]
    assert read.iloc[:, 1].tolist() == ["双向固定效应", "事件研究"]
    assert read.iloc[:, 2].tolist() == ["是", "否"]
    assert read.iloc[:, 3].tolist() == [0.5, 1.5]


@pytest.mark.parametrize(("lang", "names"), [("zh", "极差标准化、几何平均"), ("en", "min-max, geometric mean")])
def test_the_levels_of_a_doubt_have_names(lang: str, names: str) -> None:
    assert LABELS.name("level_taken", "minmax, geometric", lang) == names
    assert "20" in LABELS.name("level_taken", "Dirichlet(20)", lang)


def test_a_group_that_is_a_place_is_called_by_the_places_name() -> None:
    assert LABELS.name("parent", "r1", "zh") == "地区一"
    assert LABELS.name("parent", "econ", "en") == "Economy"
    assert LABELS.unit("econ.income") == "USD"
    assert LABELS.unit("econ") == ""


def test_a_note_is_whole_sentences_with_names_for_codes() -> None:
    told = result(pd.DataFrame({"entity": ["r1"]}))
    note = warn("integrity.no_benford", names="econ.income, econ")
    english, chinese = told.told(note, "en"), told.told(note, "zh")
    assert english.startswith("First digits were not tested for: Income per head, Economy (")
    assert english.endswith(".")
    assert "人均收入、经济" in chinese
    assert chinese.endswith("。")
    assert "。 " not in chinese


def ranked(periods: tuple[str, ...], entities: tuple[str, ...] = ("a", "b")) -> Result:
    rows = [(entity, period, n) for period in periods for n, entity in enumerate(entities, 1)]
    table = pd.DataFrame(rows, columns=["entity", "period", "rank"])
    return Result(Card.named("measure.index"), {}, {}, "ab" * 32, "relode 0", Answer({"ranks": table}))


def test_of_several_periods_the_last_is_printed_and_the_others_are_pointed_to(monkeypatch: pytest.MonkeyPatch) -> None:
    for lang, told in (
        ("zh", "只列 2021 一期，其余 2 期见表 ranks"),
        ("en", "2021 alone is shown; the other 2 periods"),
    ):
        monkeypatch.setenv("RELODE_LANG", lang)
        result = ranked(("2021", "2019", "2020"))
        for text in (str(result), result._repr_html_()):
            assert told in text
            assert "2019" not in text
        assert len(result.readable()) == 6, "the table itself holds all"


def test_one_period_and_the_course_of_one_entity_are_printed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELODE_LANG", "en")
    assert "alone is shown" not in str(ranked(("2021",)))
    course = str(ranked(("2020", "2021"), ("a",)))
    assert "2020" in course
    assert "alone is shown" not in course


def test_choices_that_are_one_doubt_together_are_called_by_the_names_of_each() -> None:
    assert LABELS.name("doubt", "treat.method + weigh.across", "zh") == "异常值处理、赋权范围（组内或全部指标）"
    assert LABELS.name("doubt", "normalise.method + aggregate.method", "en") == "normalisation and aggregation"
