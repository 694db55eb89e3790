"""The castle panel as a place: fifty states, eleven years, the numbers of the paper's panel."""

from __future__ import annotations

import pytest

from relode.gather.embedded import EMBEDDED
from relode.words.shelf import Shelf

pytest.importorskip("causaldata")


def test_fifty_states_have_their_homicide_rate_in_eleven_years() -> None:
    place = EMBEDDED["castle"]()
    (_, facts), *_ = place.batches
    assert facts["entity"].nunique() == 50
    assert facts["period"].nunique() == 11
    assert "11" not in set(facts["entity"])  # the District of Columbia is not in the panel
    assert set(facts["entity"]) <= set(place.regions)
    assert set(facts["indicator"]) <= set(Shelf().facts)


def test_every_fact_names_its_cell() -> None:
    (batch, facts), *_ = EMBEDDED["castle"]().batches
    from causaldata import castle

    panel = castle.load_pandas().data
    for fact in facts.sample(20, random_state=1).itertuples():
        assert float(panel.iloc[int(fact.row) - 2, int(fact.col) - 1]) == fact.value
    assert batch.file.endswith("castle.dta")
