"""The accountability list: a planted worst region is found, nobody else is; below the level nobody is flagged."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from relode.measure import accountability
from relode.measure.choose import choose
from relode.measure.draws import stream
from relode.measure.score import score
from relode.words.errors import Misfit, Refused, UnknownWord
from relode.words.rules import Dated, Rule, Rules

SPREAD = {"draws": 500, "seed": 3, "concentration": 8.0}


def rules(places: float = 3, years: float = 2, level: float = 0.8) -> Rules:
    values = {"bottom_places": places, "years_running": years, "required_probability": level}
    return Rules("own", tuple(Rule(c, c, c, (Dated(date(2025, 1, 1), v, "1", "made"),)) for c, v in values.items()))


def run(made, values, **choices):
    plan = made.plan(uncertainty=SPREAD)
    return accountability(made.panel(values), made.regions(len(values)), plan=plan, **choices)


def planted(made) -> np.ndarray:
    """Twelve regions, the same figures each year; the first is worst by far, the next four low and close together."""
    values = np.repeat(made.values(12, 1, seed=6), 3, axis=1)
    values[1:5] = [2.5, 7.5, 2.5, 2.5, 7.5] + values[1:5] / 5
    values[0] = [0.1, 20.0, 0.1, 0.1, 20.0]
    return values


def test_a_planted_worst_region_is_flagged_with_certainty(made) -> None:
    table = run(made, planted(made)).tables["list"]
    first = table.iloc[0]
    assert (first["entity"], first["verdict"], first["p_both"]) == ("r00", "flag", 1.0)
    assert (first["before"], first["edition"]) == ("2021", "2022")
    assert first["distance"] > 0


def test_nobody_is_flagged_below_the_level(made) -> None:
    result = run(made, planted(made))
    table = result.tables["list"]
    assert (table.loc[table["verdict"] == "flag", "p_both"] >= 0.8).all()
    by_rank = table["meets"] & (table["p_both"] < 0.8)
    assert by_rank.any(), "the planted case holds regions that are last by rank but not surely"
    assert (table.loc[by_rank, "verdict"] == "doubtful").all()
    note = next(note for note in result.notes if note.code == "guard.no_flag")
    assert note.level == "warning"
    assert note.details["count"] == by_rank.sum()


def test_the_same_regions_are_flagged_where_the_rules_ask_for_less(made) -> None:
    table = run(made, planted(made), rules=rules(level=0.0)).tables["list"]
    assert (table.loc[table["meets"], "verdict"] == "flag").all()


def test_probabilities_equal_a_plain_count_over_the_draws(made) -> None:
    values = planted(made)
    table = run(made, values, rules=rules(places=2, years=3)).tables["list"].set_index("entity")
    scores = score(choose(made.panel(values), made.regions(12), made.plan(uncertainty=SPREAD)))
    block = np.concatenate(list(stream(scores)), axis=1)
    last = 1 + (block[:, :, None, :] > block[:, :, :, None]).sum(axis=3) > 10
    for n, entity in enumerate(scores.chosen.entities):
        assert table.loc[entity, "p_both"] == pytest.approx(last[:, :, n].all(axis=0).mean())
        assert table.loc[entity, "p_edition"] == pytest.approx(last[2, :, n].mean())
        assert table.loc[entity, "p_before"] == pytest.approx(last[1, :, n].mean())


def test_distance_is_what_is_lacking_to_leave_the_last(made) -> None:
    table = run(made, planted(made)).tables["list"]
    scores = score(choose(made.panel(planted(made)), made.regions(12), made.plan())).score[:, -1]
    ordered = np.sort(scores)
    for row in table.to_dict("records"):
        own = scores[int(row["entity"][1:])]
        expected = ordered[3] - own if row["rank"] > 9 else own - ordered[2]
        assert row["distance"] == pytest.approx(expected)


def test_what_came_after_the_edition_is_not_used(made) -> None:
    values = planted(made)
    early = run(made, values, edition="2021").tables["list"]
    values[:, 2] = made.values(12, 1, seed=99)[:, 0] * 5
    assert run(made, values, edition="2021").tables["list"].equals(early)


def test_without_draws_the_list_is_refused(made) -> None:
    with pytest.raises(Refused) as told:
        accountability(made.panel(planted(made)), made.regions(12), plan=made.plan())
    assert told.value.code == "accountability.no_draws"


def test_too_few_editions_and_unknown_ones_are_errors(made) -> None:
    with pytest.raises(Misfit) as told:
        run(made, planted(made), edition="2020")
    assert told.value.details["count"] == 1
    with pytest.raises(UnknownWord):
        run(made, planted(made), edition="2030")


def test_a_region_without_a_score_before_is_in_doubt_not_flagged(made) -> None:
    values = planted(made)
    values[0, 1] = np.nan
    row = run(made, values).tables["list"].set_index("entity").loc["r00"]
    assert np.isnan(row["p_both"])
    assert row["verdict"] == "doubtful"


def test_the_rules_of_the_package_name_their_sources(made) -> None:
    told = {rule.code: rule.on() for rule in Rules.named("accountability").rules}
    assert (told["bottom_places"].value, told["years_running"].value, told["required_probability"].value) == (3, 2, 0.8)
    assert "paper 003" in told["bottom_places"].reference
    assert "own default" in told["required_probability"].reference
    notes = [note.told("zh") for note in run(made, planted(made)).notes]
    assert any("没有文件规定" in text for text in notes)
