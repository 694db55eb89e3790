"""Eleven workbooks as data shops pass them on (kept beside the repository): all load unedited.

The counts were read from the workbooks themselves with another reader (openpyxl, by hand); the surprises are listed
in the notes on the data.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from relode.gather.yearbook import Extract, read_workbook
from relode.words.shelf import Shelf

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "china-cities"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the reference workbooks are not beside the repository"),
]
NAMES = {
    "fdi": "1996-2023*FDI*", "ceads": "1997-2019*", "structure": "2000-2023*", "index": "296*", "population": "298*",
    "roads": "*人均道路面积*", "edgar": "地级市碳排放强度*", "rate": "汇率*", "pilots": "试点*", "finance": "金融*",
    "provinces": "！00*",
}  # fmt: skip


@pytest.fixture(scope="module")
def books() -> dict[str, Extract]:
    shelf = Shelf()
    regions, facts = shelf.regions("china_cities"), shelf.facts
    return {
        name: read_workbook(next(FOLDER.glob(pattern)), regions=regions, indicators=facts)
        for name, pattern in NAMES.items()
    }


def notes(extract: Extract) -> Counter[str]:
    return Counter(note.code for note in extract.remarks)


def value(extract: Extract, entity: str, period: str, indicator: str) -> float:
    facts = extract.facts
    found = facts[(facts["entity"] == entity) & (facts["period"] == period) & (facts["indicator"] == indicator)]
    assert len(found) == 1
    return float(found["value"].iloc[0])


def units(extract: Extract, indicator: str) -> int:
    facts = extract.facts
    return int(facts[(facts["indicator"] == indicator) & facts["value"].notna()]["entity"].nunique())


def test_all_eleven_load_and_none_asks_anything(books: dict[str, Extract]) -> None:
    assert len(books) == 11
    assert not [(name, question.told("en")) for name, extract in books.items() for question in extract.questions]


def test_city_units_reach_what_was_promised(books: dict[str, Extract]) -> None:
    for code in ("gdp", "value_added.primary", "value_added.secondary", "value_added.tertiary"):
        assert units(books["structure"], code) >= 330
    promised = {"population": ["population.resident", "area"], "edgar": ["co2"], "ceads": ["co2"], "fdi": ["fdi"],
                "finance": ["loans", "deposits"], "roads": ["roads.area_per_head"]}  # fmt: skip
    for name, codes in promised.items():
        assert min(units(books[name], code) for code in codes) >= 290, name
    assert set(books["structure"].facts["period"]) == {str(year) for year in range(2000, 2024)}


@pytest.mark.parametrize(
    ("name", "entity", "period", "indicator", "wanted"),
    [
        ("structure", "110000", "2000", "gdp", 3277.8), ("structure", "120000", "2023", "gdp", 16737.30),
        ("index", "310000", "2000", "gdp", 4812.15), ("finance", "110000", "2003", "gdp", 3663.1),
        ("finance", "110000", "2003", "deposits", 20475.9796), ("provinces", "110000", "2000", "gdp", 3277.8),
        ("edgar", "110000", "2000", "co2", 43.133076), ("ceads", "110000", "1997", "co2", 61.918115152276634),
        ("population", "110000", "1998", "population.resident", 1245.6),
        ("population", "110000", "1998", "area", 16808.0),
        ("roads", "110000", "2002", "roads.area_per_head", 8.05), ("fdi", "230900", "1997", "fdi", 0.140000000596046),
        ("rate", "CN", "2007", "exchange_rate.usd", 7.604),
    ],
)  # fmt: skip
def test_single_cells_come_out_in_kept_units(
    books: dict[str, Extract], name: str, entity: str, period: str, indicator: str, wanted: float
) -> None:
    assert value(books[name], entity, period, indicator) == pytest.approx(wanted, rel=1e-12)


def test_filled_figures_are_marked_and_four_contradict_the_observed(books: dict[str, Extract]) -> None:
    extract = books["population"]
    statuses = extract.facts[extract.facts["indicator"] == "population.resident"]["status"]
    assert Counter(statuses)["I"] == 1078
    clash = extract.conflicts
    assert set(zip(clash["entity"], clash["period"], strict=True)) == {
        ("350200", "1998"), ("350200", "1999"), ("650100", "2000"), ("650200", "2010"),
    }  # fmt: skip


def test_copies_are_read_once(books: dict[str, Extract]) -> None:
    for name in ("structure", "index", "ceads"):
        assert notes(books[name])["yearbook.twin"] == 1


def test_what_nobody_sees_is_said(books: dict[str, Extract]) -> None:
    hidden = next(note for note in books["provinces"].remarks if note.code == "yearbook.hidden_rows")
    assert hidden.details["count"] == 720
    assert units(books["provinces"], "gdp") == 31
    beside = [note.details["cells"] for note in books["roads"].remarks if note.code == "yearbook.beside"]
    assert "O25" in beside[0]
    assert "P13831" in beside[0]
    assert notes(books["ceads"])["yearbook.span"] == 1
    assert notes(books["fdi"])["yearbook.zeros"] == notes(books["finance"])["yearbook.zeros"] == 1


def test_derived_columns_are_compared_and_none_is_kept(books: dict[str, Extract]) -> None:
    for name, count in (("structure", 12), ("population", 1), ("finance", 1), ("provinces", 2), ("index", 2)):
        agreed = sum(n.details["columns"] for n in books[name].remarks if n.code == "yearbook.derived")
        assert agreed + notes(books[name])["yearbook.derived_differs"] == count
        assert not notes(books[name])["yearbook.not_recomputed"]


def test_numbers_as_text_are_figures(books: dict[str, Extract]) -> None:
    assert value(books["structure"], "371700", "2000", "gdp") > 0  # a city whose four columns are text in every year


def test_investment_stays_in_dollars(books: dict[str, Extract]) -> None:
    facts = books["fdi"].facts
    assert facts["period"].min() == "1996"
    assert set(facts["indicator"]) == {"fdi"}


def test_a_city_that_shared_its_name_with_a_prefecture_keeps_its_early_years(books: dict[str, Extract]) -> None:
    facts = books["fdi"].facts
    assert facts[facts["entity"] == "450100"]["period"].min() < "2002"  # 南宁市, beside 南宁地区 until 2002
    assert not any(fault.code == "yearbook.entity_ambiguous" for extract in books.values() for fault in extract.faults)


def test_names_with_provinces_glued_to_them_are_all_placed(books: dict[str, Extract]) -> None:
    unknown = [fault for fault in books["ceads"].faults if fault.code == "yearbook.entity_unknown"]
    assert not unknown
    assert units(books["ceads"], "co2") == 290


def test_counties_among_cities_are_reported_once_and_not_guessed(books: dict[str, Extract]) -> None:
    codes = Counter(fault.code for fault in books["roads"].faults)
    assert codes["yearbook.entity_unknown"] == 1


def test_three_city_series_and_one_of_provinces_give_gdp(books: dict[str, Extract]) -> None:
    assert [name for name, extract in books.items() if "gdp" in set(extract.facts["indicator"])] == [
        "structure", "index", "finance", "provinces",
    ]  # fmt: skip
