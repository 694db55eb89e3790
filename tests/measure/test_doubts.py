"""What a plan puts in doubt: every choice, indicators left out, gaps, errors of figures; one set of draws for all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from relode.measure import accountability, index, sensitivity
from relode.measure.choose import choose
from relode.measure.doubts import planned
from relode.measure.draws import chances, draw, stream
from relode.measure.score import score
from relode.words.errors import Misfit, RelodeError, UnknownWord
from relode.words.panel import Panel

EVERY = (
    "impute.method=median", "impute.method=group_mean", "treat.method=winsorise", "treat.method=mad",
    "normalise.method=prank", "normalise.limits=period", "weigh.method=entropy", "weigh.method=critic",
    "aggregate.method=harmonic", "screen.entity_missing=0.5",
)  # fmt: skip


def planned_for(made, **uncertainty):
    """Gaps are filled; nobody is screened out where an indicator is left out."""
    return made.plan(
        normalise={"scale": (1, 100)}, impute={"method": "mean"}, screen={"entity_missing": 0.4},
        uncertainty={"draws": 1100, "seed": 3, **uncertainty},
    )  # fmt: skip


def holed(made, n: int = 12, periods: int = 2) -> np.ndarray:
    values = made.values(n, periods, seed=6)
    values[1, 0, 0] = values[2, 1, 3] = np.nan
    return values


def doubted(made, values, plan, status=None):
    panel = made.panel(values)
    if status is not None:
        panel = Panel(panel.values, panel.scenarios, panel.entities, panel.periods, panel.indicators, status=status)
    return score(choose(panel, made.regions(len(values)), plan))


@pytest.mark.parametrize("one", EVERY)
def test_every_choice_of_the_plan_is_drawn_by_the_index_itself(made, one: str) -> None:
    """Among a thousand draws some take the plan's own value and some the one that is named, and it changes scores."""
    scores = doubted(made, holed(made), planned_for(made, vary=[one], concentration=0))
    key, value = one.split("=")
    section, name = key.split(".")
    taken = {str(getattr(getattr(draw(scores, n).plan, section), name)) for n in range(40)}
    assert taken == {str(getattr(getattr(scores.plan, section), name)), value}
    block = np.concatenate(list(stream(scores)), axis=1)
    if section != "screen" and value not in ("winsorise",):
        assert (np.nanmax(block, axis=1) > np.nanmin(block, axis=1)).any()


def test_each_draw_of_everything_alone_gives_the_same_score(made) -> None:
    """All doubts together: choices, an indicator left out, filled gaps, errors by status, weights."""
    values = holed(made)
    status = np.zeros((1, *values.shape), np.uint8)
    status[0, :, 1, 0] = 3  # provisional
    vary = ["impute.method=median", "weigh.method=entropy", "leave_out"]
    plan = planned_for(made, vary=vary, errors={"P": 0.05}, figures=20, aggregate=["arithmetic", "geometric"])
    scores = doubted(made, values, plan, status)
    block = np.concatenate(list(stream(scores)), axis=1) * 1e-10
    for number in (0, 1, 2, 700, 1023, 1024, 1099):
        alone = draw(scores, number).scores
        np.testing.assert_allclose(alone.score.T, block[:, number], rtol=1e-10)


def test_index_and_sensitivity_draw_alike(made) -> None:
    values = holed(made)
    plan = planned_for(made, vary=["leave_out"], aggregate=["arithmetic", "geometric"])
    panel, regions = made.panel(values), made.regions(12)
    ranks = index(panel, regions, plan=plan).frame("ranks")
    ours = ranks[ranks["period"] == "2021"].set_index("entity").sort_index()
    theirs = sensitivity(panel, regions, plan=plan, width=2).frame("ranks").set_index("entity").sort_index()
    for name in ("rank", "rank_low", "rank_high", "p_top", "p_bottom"):
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
    one = sensitivity(panel, regions, plan=plan, draw=17).frame("ranks").set_index("entity")["score"].sort_index()
    scores = score(choose(panel, regions, plan))
    alone = pd.Series(draw(scores, 17).scores.score[:, 1], scores.chosen.entities).sort_index()
    np.testing.assert_array_equal(one, alone)


def test_the_list_and_the_index_give_the_same_chance_of_both_editions(made) -> None:
    values = holed(made)
    plan = planned_for(made, vary=["weigh.method=critic"], aggregate=["arithmetic", "geometric"])
    panel, regions = made.panel(values), made.regions(12)
    listed = accountability(panel, regions, plan=plan).frame("list").set_index("entity")["p_both"].sort_index()
    ranks = sensitivity(panel, regions, plan=plan, width=2).frame("ranks").set_index("entity")["p_both"].sort_index()
    np.testing.assert_array_equal(listed, ranks)
    scores = score(choose(panel, regions, plan))
    running = chances(scores, bottom=3).running[:, 1]
    np.testing.assert_array_equal(listed, pd.Series(running, scores.chosen.entities).sort_index())


def test_leaving_out_draws_every_indicator_and_none(made) -> None:
    scores = doubted(made, made.values(9), made.plan(uncertainty={"draws": 200, "seed": 1, "vary": ["leave_out"]}))
    dropped = {draw(scores, n).plan.select.drop for n in range(120)}
    assert dropped == {(), *((code,) for code in made.codes)}


def test_gaps_that_the_plan_fills_are_in_doubt_and_known_figures_are_not(made) -> None:
    values = holed(made)
    scores = doubted(made, values, planned_for(made, concentration=0))
    doubts = planned(scores)
    assert doubts.names == ("data",)
    block = np.concatenate(list(stream(scores)), axis=1)
    moving = (block.max(axis=1) > block.min(axis=1)).T
    assert moving[1, 0]
    assert moving[2, 1]
    sure = doubted(made, values, planned_for(made, concentration=0, figures=0))
    fixed = np.concatenate(list(stream(sure)), axis=1)
    assert (fixed == fixed[:, :1]).all()
    wide, narrow = (chances(one).counts[0].astype(bool).sum() for one in (scores, sure))
    assert wide > narrow, "the interval of a rank knows of the gap"


def test_errors_by_status_widen_intervals_only_where_figures_err(made) -> None:
    values = made.values(12, 1, seed=6)
    status = np.zeros((1, *values.shape), np.uint8)
    status[0, 4] = 3
    errors = {"P": 0.3}
    plan = planned_for(made, concentration=0, errors=errors)
    spread = chances(doubted(made, values, plan, status))
    held = {int(n): int((row > 0).sum()) for n, row in zip(spread.order[0], spread.counts[0], strict=True)}
    assert held[4] == max(held.values()) > 1
    assert chances(doubted(made, values, plan)).counts[0].astype(bool).sum() == 12, "normal figures are not in doubt"


def test_past_revisions_are_in_doubt_where_the_plan_names_the_first_figures(made) -> None:
    values = made.values(9, 3)
    first = values.copy()
    first[:, :2, 0] *= 1.5
    panel = made.panel(values)
    both = Panel(np.stack([values, first]), ("actual", "first"), *list(panel.axes.values())[1:])
    plan = planned_for(made, concentration=0, against="first")
    assert plan.scenarios == ("actual", "first")
    scores = score(choose(both, made.regions(9), plan))
    assert planned(scores).names == ("data",)
    block = np.concatenate(list(stream(scores)), axis=1)
    assert (block[2].max(axis=0) > block[2].min(axis=0)).any()
    with pytest.raises(UnknownWord):
        index(panel, made.regions(9), plan=plan)


def test_screening_as_a_doubt_names_who_may_have_no_score(made) -> None:
    values = made.values(12, 1, seed=6)
    values[3, 0, 0] = np.nan
    plan = made.plan(uncertainty={"draws": 100, "vary": ["screen.entity_missing=0.1"]})
    found = index(made.panel(values), made.regions(12), plan=plan)
    note = next(note for note in found.notes if note.code == "sensitivity.lost")
    assert note.details["count"] == 1
    row = found.frame("ranks").set_index("entity")
    assert np.isnan(row.loc["r03", "rank_low"])
    assert row["rank_low"].notna().sum() == 11


def test_what_is_looked_at_last_is_drawn_alike_whatever_the_order_of_periods(made) -> None:
    """The observatory turns the periods so that the one it shows stands last: the draws are the same."""
    values = holed(made, periods=3)
    scores = doubted(made, values, planned_for(made, aggregate=["arithmetic", "geometric"]))
    from relode.measure.score import Scores

    order = [0, 2, 1]
    low, high = (side[order] for side in scores.limits)
    weights = tuple(w[order] for w in scores.weights)
    turned = Scores(scores.chosen.at(order), (low, high), weights, scores.nodes[:, order])
    np.testing.assert_array_equal(chances(scores).bottom[:, 1], chances(turned, last=1).bottom[:, 0])


@pytest.mark.parametrize(
    ("vary", "fault"),
    [
        ("wiegh.method=critic", UnknownWord),
        ("weigh.metod=critic", UnknownWord),
        ("weigh.method=best", Misfit),
        ("weigh.method", Misfit),
        ("uncertainty.draws=5", UnknownWord),
        ("noise", Misfit),
    ],
)
def test_a_plan_whose_doubts_are_misspelt_is_refused_when_it_is_read(made, vary: str, fault: type) -> None:
    with pytest.raises(RelodeError) as told:
        made.plan(uncertainty={"draws": 10, "vary": [vary]})
    assert isinstance(told.value, fault)
    for lang in ("zh", "en"):
        assert told.value.code not in told.value.told(lang)


def test_a_doubt_that_changes_who_is_compared_is_not_drawn_and_told(made) -> None:
    plan = made.plan(uncertainty={"draws": 10, "vary": ['select.entities=["r00", "r01", "r02"]']})
    found = index(made.panel(made.values()), made.regions(), plan=plan)
    assert "index.combinations" in [note.code for note in found.notes]


def test_the_index_says_what_its_intervals_allow_for(made) -> None:
    spread = {"draws": 100, "normalise": ["minmax", "prank"], "vary": ["weigh.across=leaves", "leave_out"]}
    result = index(made.panel(made.values(9)), made.regions(9), plan=made.plan(uncertainty=spread))
    note = next(note for note in result.notes if note.code == "index.doubts")
    told = {lang: result.told(note, lang) for lang in ("zh", "en")}
    for part in ("标准化方法", "赋权范围（组内或全部指标）", "逐一剔除指标", "权重"):
        assert part in told["zh"]
    assert "normalisation" in told["en"]
    assert "leave_out" not in told["zh"] + told["en"]
