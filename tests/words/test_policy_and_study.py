"""Policy calendars and studies: dates become periods by a stated rule; a study is sealed by its fingerprint."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from relode.words.errors import RelodeError, UnknownWord
from relode.words.method import needs
from relode.words.period import ordinal
from relode.words.policy import Calendar, first_period
from relode.words.shelf import Shelf
from relode.words.study import Study, difference

TOML = """
zh = "试点"
en = "Pilots"
[policy.pilot]
zh = "试点"
en = "Pilot"
cost_unit = "million"
[[enacted]]
entity = "a"
policy = "pilot"
start = 2012-11-26
document = "No 3"
[[enacted]]
entity = "b"
policy = "pilot"
start = 2013
end = "2015-06"
dose = 2
cost = 30
[[evidence]]
policy = "pilot"
says = "mixed"
zh = "有升有降"
en = "some rose, some fell"
source = "interview, 2016"
"""

STUDY = """
name = "pilot"
zh = "试点评估"
en = "The pilot"
calendar = "pilots"
policies = ["pilot"]
[[outcomes]]
code = "rate"
formula = "output / people"
log = true
good = 1
[treatment]
rule = "full"
[[controls]]
code = "area"
"""


def shelf(folder: Path, study: str = STUDY, calendar: str = TOML) -> Shelf:
    for name, text in (("policies/pilots.toml", calendar), ("studies/pilot.toml", study)):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf8")
    return Shelf((folder,))


@pytest.mark.parametrize(
    ("day", "rule", "kind", "period"),
    [
        (date(2012, 11, 26), "contains", "year", "2012"),
        (date(2012, 11, 26), "half", "year", "2013"),
        (date(2012, 3, 26), "half", "year", "2012"),
        (date(2012, 11, 26), "full", "year", "2013"),
        (date(2012, 1, 1), "full", "year", "2012"),
        (date(2012, 11, 26), "full", "quarter", "2013Q1"),
        (date(2012, 10, 2), "half", "quarter", "2012Q4"),
        (date(2012, 12, 31), "full", "month", "2013-01"),
        (date(2012, 7, 1), "full", "half", "2012H2"),
    ],
)
def test_a_date_becomes_a_period_by_the_stated_rule(day: date, rule: str, kind: str, period: str) -> None:
    assert first_period(day, rule, kind) == ordinal(period)  # type: ignore[arg-type]


def test_a_calendar_is_read_with_its_evidence_and_partial_dates(tmp_path: Path) -> None:
    calendar = Calendar.named("pilots", shelf(tmp_path))
    first, second = calendar.of("pilot")
    assert first.start == date(2012, 11, 26)
    assert (second.start, second.end, second.dose, second.cost) == (date(2013, 1, 1), date(2015, 6, 1), 2.0, 30.0)
    assert calendar.evidence[0].label("en") == "some rose, some fell"


def test_a_calendar_is_read_from_rows_in_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("entity,policy,start,cost\na,pilot,2012-05,\nb,pilot,2013,4.5\n", encoding="utf8")
    calendar = Calendar.load(path)
    assert [row.cost for row in calendar.of("pilot")] == [None, 4.5]
    path.write_text("entity,policy,begin\na,pilot,2012\n", encoding="utf8")
    with pytest.raises(UnknownWord, match="begin"):
        Calendar.load(path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("start = 2013", 'start = "soon"'), "cannot be read"),
        (('end = "2015-06"', "end = 2011"), "before it starts"),
        (("dose = 2", "dose = 0"), "not a positive number"),
        (('entity = "b"', 'entity = "a"'), "in force twice at once"),
        (('says = "mixed"', 'says = "maybe"'), "worked, failed or mixed"),
        (('document = "No 3"', 'documents = "No 3"'), "documents"),
    ],
)
def test_faults_of_a_calendar_name_the_row_and_the_remedy(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    with pytest.raises(RelodeError) as fault:
        Calendar.named("pilots", shelf(tmp_path, calendar=TOML.replace(*change)))
    assert told in str(fault.value)


def test_a_study_reads_the_facts_of_its_formulas_and_nothing_else(tmp_path: Path) -> None:
    study = Study.named("pilot", shelf(tmp_path))
    need = needs(study="study").need({"study": study})
    assert need.indicators == ("output", "people", "area")
    assert need.scenarios == ("actual",)


def test_the_fingerprint_changes_with_any_choice_and_with_the_calendar(tmp_path: Path) -> None:
    study = Study.named("pilot", shelf(tmp_path))
    (tmp_path / "two").mkdir()
    other = Study.named("pilot", shelf(tmp_path / "two", calendar=TOML.replace("2012-11-26", "2012-11-27")))
    later = study.but(treatment={"rule": "half"})
    assert len({study.fingerprint, other.fingerprint, later.fingerprint}) == 3
    assert difference(study.spec, later.spec) == [("treatment.rule", "full", "half")]
    assert study.fingerprint == Study.named("pilot", Shelf((tmp_path,))).fingerprint


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('rule = "full"', ""), "the study lacks treatment.rule"),
        (('rule = "full"', 'rule = "some"'), "treatment.rule"),
        (('policies = ["pilot"]', 'policies = ["pilots"]'), "no policy 'pilots'"),
        (('code = "area"', 'code = "rate"'), "stands twice"),
        (("log = true", "logs = true"), "logs"),
        (('name = "pilot"', 'name = "pilot-2"'), "is not a code"),
        (('name = "pilot"', 'name = "pilot"\nheadline = "dcdh"\nestimators = ["twfe"]'), "not among the estimators"),
        (("[treatment]", '[sample]\nsince = "2010"\nuntil = "2005"\n[treatment]'), "begins"),
    ],
)
def test_faults_of_a_study_name_the_key_and_the_remedy(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    with pytest.raises(RelodeError) as fault:
        Study.named("pilot", shelf(tmp_path, study=STUDY.replace(*change)))
    assert told in str(fault.value)
