"""The 48 states, as libpysal and linearmodels ship them."""

from __future__ import annotations

import bz2
import csv
import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from relode.gather import us_states
from relode.gather.embedded import EMBEDDED, Embedded
from relode.words.errors import Misfit
from relode.words.shelf import Shelf

needs_space = pytest.mark.skipif(
    any(us_states.find_spec(name) is None for name in us_states.NEEDS), reason="pip install 'relode[space]'"
)
pytestmark = needs_space


@cache
def place() -> Embedded:
    return EMBEDDED["us-states"]()


@cache
def facts() -> pd.DataFrame:
    return pd.concat([frame for _, frame in place().batches], ignore_index=True)


def figure(entity: str, indicator: str, period: str) -> float:
    found = facts()
    rows = found[(found.entity == entity) & (found.indicator == indicator) & (found.period == period)]
    assert len(rows) == 1
    return float(rows.value.iloc[0])


def test_there_are_48_states_with_codes_of_two_digits() -> None:
    assert len(place().regions.at("state")) == 48
    assert all(len(code) == 2 and code.isdigit() for code in place().regions)
    assert place().regions["01"].name == "Alabama"
    assert place().regions["54"].type == "S Atl"


def test_the_coal_states_are_marked() -> None:
    assert {e.name for e in place().regions.values() if "coal" in e.tags} == {"West Virginia", "Kentucky", "Wyoming"}


def test_the_marks_name_the_states_that_they_mean() -> None:
    marks = Shelf().regions("us_resource")
    assert {code: mark.name for code, mark in marks.items()} == {code: place().regions[code].name for code in marks}


# libpysal 4.14.1, us_income/usjoin.csv; linearmodels 7.1, datasets/munnell (Munnell 1990).
@pytest.mark.parametrize(
    ("entity", "indicator", "period", "published"),
    [
        ("01", "bea.income_per_head", "1929", 323),
        ("56", "bea.income_per_head", "1929", 675),
        ("01", "munnell.p_cap", "1970", 15032.67),
        ("01", "munnell.gsp", "1971", 29375),
        ("54", "munnell.unemp", "1986", 12.0),
    ],
)
def test_shipped_figures_are_read_unaltered(entity: str, indicator: str, period: str, published: float) -> None:
    assert figure(entity, indicator, period) == published


def test_states_whose_names_are_cut_or_misspelt_are_joined_all_the_same() -> None:
    panel = place().batches[1][1]
    assert set(panel.entity) == set(place().regions)
    assert figure("47", "munnell.emp", "1970") > 0  # TENNESSE in the table


def test_every_state_has_every_figure_of_17_editions() -> None:
    panel = facts()[facts().period.between("1970", "1986")]
    assert len(panel) == 48 * 17 * 9
    assert not panel.duplicated(["entity", "period", "indicator"]).any()


def test_every_fact_names_its_cell() -> None:
    income, panel = (frame for _, frame in place().batches)
    rows = list(csv.reader(us_states.example("usjoin.csv").open(encoding="utf8", newline="")))
    for fact in income.sample(50, random_state=1).itertuples():
        assert float(rows[fact.row - 1][fact.col - 1]) == fact.value
        assert rows[0][fact.col - 1] == fact.period
    from linearmodels.datasets import munnell

    with bz2.open(Path(munnell.__file__).parent / "munnell.csv.bz2", "rt") as file:
        rows = list(csv.reader(file))
    for fact in panel.sample(50, random_state=1).itertuples():
        assert float(rows[fact.row - 1][fact.col - 1]) == fact.value
        assert rows[fact.row - 1][2] == fact.period


def test_neighbours_share_a_border_and_ties_go_both_ways() -> None:
    found = place().ties
    assert found is not None
    batch, ties = found
    assert batch.file.endswith("states48.gal")
    pairs = set(zip(ties.origin, ties.target, strict=True))
    assert all((other, one) in pairs for one, other in pairs)
    names = {place().regions[code].name for code in ties.of("54")}
    assert names == {"Kentucky", "Maryland", "Ohio", "Pennsylvania", "Virginia"}
    assert set(ties.origin) == set(place().regions)


def test_outlines_have_the_codes_of_the_states_and_stay_whole() -> None:
    import geopandas

    outlines = json.loads(place().maps["us48"])
    assert {feature["properties"]["code"] for feature in outlines["features"]} == set(place().regions)
    shapes = geopandas.GeoDataFrame.from_features(outlines)
    assert shapes.is_valid.all()
    assert len(place().maps["us48"]) < 300_000


def test_a_contiguity_file_that_lacks_an_entity_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.gal"
    path.write_text("3\n0 1\n1\n1 1\n0\n", encoding="utf8")
    with pytest.raises(Misfit, match="3"):
        us_states.contiguity(path)


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(us_states, "find_spec", lambda name: None if name == "libpysal" else name)
    with pytest.raises(Misfit) as told:
        us_states.embedded()
    assert "pip install 'relode[space]'" in told.value.told("zh")
    assert "libpysal" in told.value.told("en")


def test_figures_in_current_dollars_never_enter_a_change() -> None:
    from relode.words.plan import Plan

    plan = Plan.named("us_states_change")
    assert plan.select.drop == ("income.income_per_head",)
    assert Plan.named("us_states").normalise.limits == "period"
