"""Fixed boundaries are a stated choice: as published, dropped, or summed into today's."""

from __future__ import annotations

import numpy as np
import pytest

from relode.measure import boundaries as method
from relode.measure.boundaries import fixed as boundaries
from relode.words.codelist import Codelist, Entity
from relode.words.errors import Misfit
from relode.words.panel import Panel

REGIONS = Codelist(
    (Entity("370100", "济南市"), Entity("371200", "莱芜市", until="2019", into="370100"), Entity("9", "旁"))
)


def panel() -> Panel:
    # gdp and growth of 济南, 莱芜 and a city beside them; 莱芜 went into 济南 in 2019
    values = np.array(
        [
            [[7000.0, 8.0], [7900.0, 7.0], [9500.0, 7.0]],
            [[900.0, 6.0], [1000.0, 7.5], [np.nan, np.nan]],
            [[10.0, 1.0], [11.0, 1.0], [12.0, 1.0]],
        ]
    )
    status = np.zeros(values.shape, np.uint8)
    status[1, 0, 0] = 3  # P, provisional
    return Panel(values[None], ("actual",), ("370100", "371200", "9"), ("2017", "2018", "2019"), ("gdp", "growth"),
                 status=status[None])  # fmt: skip


def test_as_published_changes_nothing() -> None:
    assert boundaries(panel(), REGIONS, how="as published").fingerprint == panel().fingerprint


def test_drop_leaves_out_both_sides() -> None:
    assert boundaries(panel(), REGIONS, how="drop").entities == ("9",)
    assert boundaries(panel(), REGIONS, how="drop", moved={"9"}).entities == ()


def test_sum_adds_totals_and_gives_up_the_rest() -> None:
    found = boundaries(panel(), REGIONS, how="sum", adds=("gdp",))
    assert found.entities == ("370100", "9")
    assert found.array()[0, :, 0].tolist() == [7900.0, 8900.0, 9500.0]
    assert np.isnan(found.array()[0, :2, 1]).all()
    assert found.array()[0, 2, 1] == 7.0
    assert found.statuses()[0, :, 0].tolist() == [3, 0, 0]
    assert found.array()[1].tolist() == panel().array()[2].tolist()


def test_a_gap_in_one_part_is_a_gap_in_the_sum() -> None:
    values = panel().values.copy()
    values[0, 1, 0, 0] = np.nan
    found = boundaries(Panel(values, *panel().axes.values()), REGIONS, how="sum", adds=("gdp",))
    assert np.isnan(found.array()[0, 0, 0])


def test_a_split_region_cannot_be_summed() -> None:
    regions = Codelist((*REGIONS.values(), Entity("341400", "巢湖市", until="2011", into="340100 340200")))
    block = np.ones((1, 1, 1, 1))
    with pytest.raises(Misfit) as told:
        boundaries(Panel(block, ("actual",), ("341400",), ("2010",), ("gdp",)), regions, how="sum")
    assert told.value.code == "boundaries.split"


def test_a_region_whose_heir_is_not_there_is_named() -> None:
    with pytest.raises(Misfit) as told:
        boundaries(panel().only(entities=("371200", "9")), REGIONS, how="sum", adds=("gdp",))
    assert told.value.code == "boundaries.heir"


def test_the_method_says_what_became_of_each_region() -> None:
    result = method(panel(), REGIONS, figures=("gdp", "growth"), how="sum", adds=("gdp",))
    rows = result.frame().set_index("entity")
    assert rows.loc["371200", ["what", "since", "peer_entity", "figures", "left"]].tolist() == [
        "ended", "2019", "370100", 4, 0,
    ]  # fmt: skip
    assert rows.loc["370100", ["what", "peer_entity", "figures", "left", "changed"]].tolist() == [
        "took", "371200", 6, 4, 2,
    ]  # fmt: skip
    assert result.facts is not None
    assert set(result.facts["indicator"]) == {"gdp@fixed", "growth@fixed"}
    assert [note.code for note in result.notes] == ["boundaries.how_sum", "boundaries.given_up"]


def test_a_split_region_may_be_left_out_of_a_sum_with_those_that_took_it() -> None:
    regions = Codelist((*REGIONS.values(), Entity("341400", "巢湖市", until="2011", into="9"), Entity("8", "远")))
    block = np.ones((1, 5, 3, 1))
    entities = ("370100", "371200", "9", "341400", "8")
    both = Panel(block, ("actual",), entities, ("2009", "2010", "2011"), ("gdp",))
    assert boundaries(both, regions, how="sum", adds=("gdp",), moved=("341400",)).entities == ("370100", "8")


@pytest.mark.parametrize(
    ("how", "note", "left"), [("drop", "boundaries.how_drop", 0), ("as published", "boundaries.unlike", 6)]
)
def test_every_choice_says_what_it_means(how: str, note: str, left: int) -> None:
    result = method(panel(), REGIONS, figures=("gdp", "growth"), how=how)  # type: ignore[arg-type]
    assert note in [one.code for one in result.notes]
    assert result.frame().set_index("entity").loc["370100", "left"] == left


def test_what_is_added_must_be_asked_for() -> None:
    with pytest.raises(Misfit) as told:
        method(panel(), REGIONS, figures=("gdp",), how="sum", adds=("people",))
    assert told.value.code == "boundaries.adds"
