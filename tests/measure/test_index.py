"""The index: every choice of a plan is honoured, every table has its columns, nothing is dropped silently."""

from __future__ import annotations

import numpy as np
import pytest

from relode.measure import index
from relode.measure.choose import choose
from relode.measure.score import score
from relode.words.errors import Misfit, Refused, UnknownWord

COLUMNS = {
    "ranks": "entity period score rank rank_low rank_high band peer peer_rank peer_count missing p_top p_bottom "
    "rank_before rank_change",
    "dimensions": "entity period node score rank missing",
    "indicators": "entity period indicator value unit status normalised weight contribution",
    "obstacles": "entity period place_in_order indicator gap obstacle",
    "weights": "period node parent weight effective",
    "limits": "period indicator low high how",
    "coverage": "period indicator available of share",
    "unscored": "entity period missing reason",
    "alternatives": "entity period method rank rank_change",
}


def run(made, values=None, **plan):
    values = made.values(periods=2) if values is None else values
    return index(made.panel(values), made.regions(len(values)), plan=made.plan(**plan))


def by_hand(values: np.ndarray) -> np.ndarray:
    """Min-max over the whole panel, equal weights, arithmetic: written out. (entity, period)"""
    low, high = values.min(axis=(0, 1)), values.max(axis=(0, 1))
    place = (values - low) / (high - low) * 100
    place[..., [1, 4]] = 100 - place[..., [1, 4]]
    return (place[..., :2].mean(axis=2) + place[..., 2:].mean(axis=2)) / 2


def scores_of(made, values, **plan) -> np.ndarray:
    return score(choose(made.panel(values), made.regions(len(values)), made.plan(**plan))).score


def test_every_table_has_its_columns_and_the_ranks_come_first(made) -> None:
    result = run(made, uncertainty={"draws": 50})
    assert next(iter(result.tables)) == "ranks"
    for name, columns in COLUMNS.items():
        assert set(columns.split()) <= set(result.tables[name].columns), name


def test_the_index_is_that_written_out_by_hand(made) -> None:
    values = made.values(periods=3)
    np.testing.assert_allclose(scores_of(made, values), by_hand(values), rtol=1e-11)


def test_ranks_come_best_first_with_the_change_since_the_period_before(made) -> None:
    ranks = run(made).tables["ranks"]
    last = ranks[ranks["period"] == "2021"]
    assert last["rank"].tolist() == list(range(1, 9))
    assert last["score"].is_monotonic_decreasing
    first = ranks[ranks["period"] == "2020"].set_index("entity")["rank"]
    assert (last["rank_before"].to_numpy() == first[last["entity"]].to_numpy()).all()
    assert (last["rank_change"] == last["rank_before"] - last["rank"]).all()
    assert ranks[ranks["period"] == "2020"]["rank_before"].isna().all()


def test_peers_are_ranked_among_themselves(made) -> None:
    ranks = run(made, made.values()).tables["ranks"]
    for _, group in ranks.groupby("peer"):
        assert group["peer_rank"].tolist() == list(range(1, len(group) + 1))
        assert (group["peer_count"] == len(group)).all()
    assert set(ranks["peer"]) == {"coal", "oil"}
    assert run(made, made.values(), rank={"peers": ""}).tables["ranks"]["peer_rank"].isna().all()


def test_an_unknown_peer_attribute_offers_those_there_are(made) -> None:
    with pytest.raises(UnknownWord) as told:
        run(made, rank={"peers": "colour"})
    assert "type" in told.value.expected


def test_contributions_sum_to_the_score(made) -> None:
    for how in ("arithmetic", "geometric", "topsis"):
        result = run(made, normalise={"scale": (1, 100)}, aggregate={"method": how})
        whole = result.tables["indicators"].groupby(["entity", "period"])["contribution"].sum()
        ranks = result.tables["ranks"].set_index(["entity", "period"])["score"]
        np.testing.assert_allclose(whole[ranks.index], ranks, rtol=1e-9)
        parts = result.tables["parts"].groupby(["entity", "period"])["contribution"].sum()
        np.testing.assert_allclose(parts[ranks.index], ranks, rtol=1e-9)


def test_a_missing_indicator_gives_its_weight_to_its_siblings(made) -> None:
    values = made.values()
    values[0, 0, 0] = np.nan
    table = run(made, values).tables["indicators"].query("entity == 'r00'").set_index("indicator")
    assert np.isnan(table.loc["econ.income", "weight"])
    assert table.loc["econ.jobless", "weight"] == 0.5
    assert table.loc["life.smoke", "weight"] == pytest.approx(1 / 6)
    assert table["weight"].sum() == pytest.approx(1)


def test_more_than_a_fifth_missing_has_no_score_and_sets_no_limits(made) -> None:
    values = made.values()
    plain = scores_of(made, values[1:])
    values[0, 0, :2] = np.nan
    values[0, 0, 2] = 1000.0
    result = run(made, values)
    assert result.tables["unscored"].to_dict("records") == [
        {"entity": "r00", "period": "2020", "missing": 0.4, "reason": "too_many_missing"}
    ]
    assert "r00" not in set(result.tables["ranks"]["entity"])
    assert "guard.unscored" in [note.code for note in result.notes]
    np.testing.assert_allclose(np.sort(result.tables["ranks"]["score"]), np.sort(plain[:, 0]), rtol=1e-11)
    exactly = made.values()
    exactly[0, 0, 0] = np.nan
    assert not len(run(made, exactly).tables["unscored"]), "a fifth is not more than a fifth"


def test_little_coverage_is_warned_of(made) -> None:
    values = made.values()
    values[:3, 0, 0] = np.nan
    note = next(note for note in run(made, values).notes if note.code == "guard.coverage")
    assert note.level == "warning"
    assert "Income" in note.told("en")
    assert "收入" in note.told("zh")


def test_nobody_left_is_a_misfit(made) -> None:
    with pytest.raises(Misfit) as told:
        run(made, np.full((4, 1, 5), np.nan))
    assert told.value.code == "index.nobody"


def test_dropped_and_context_indicators_are_said(made) -> None:
    spec = {**made.spec, "indicators": {"people": {"zh": "人口", "en": "People", "unit": "1", "direction": 0}}}
    values = made.values(k=6)
    panel = made.panel(values, (*made.codes, "people"))
    plan = made.plan(made.system(spec), select={"drop": ["life.smoke"]})
    result = index(panel, made.regions(), plan=plan)
    assert set(result.tables["indicators"]["indicator"]) == {*made.codes} - {"life.smoke"}
    codes = [note.code for note in result.notes]
    assert "index.dropped" in codes
    assert "index.context" in codes


def test_selection_takes_level_entities_and_periods(made) -> None:
    values = made.values(periods=3)
    panel, regions = made.panel(values), made.regions()
    plan = made.plan(select={"entities": ["r01", "r02", "r05"], "periods": ["2020", "2022"]})
    ranks = index(panel, regions, plan=plan).tables["ranks"]
    assert set(ranks["entity"]) == {"r01", "r02", "r05"}
    assert set(ranks["period"]) == {"2020", "2022"}
    with pytest.raises(Misfit) as told:
        index(panel, regions, plan=made.plan(select={"level": "city"}))
    assert told.value.code == "index.no_entities"


def test_limits_of_a_base_window_come_from_it_alone(made) -> None:
    values = made.values(periods=3)
    base = {"normalise": {"limits": "base", "base": ["2020"]}}
    found = scores_of(made, values, **base)
    np.testing.assert_allclose(found[:, 0], by_hand(values[:, :1])[:, 0], rtol=1e-11)
    later = values.copy()
    later[:, 2] *= 3
    np.testing.assert_array_equal(scores_of(made, later, **base)[:, :2], found[:, :2])


def test_limits_per_period_equal_each_period_alone(made) -> None:
    values = made.values(periods=3)
    found = scores_of(made, values, normalise={"limits": "period"})
    for t in range(3):
        np.testing.assert_allclose(found[:, t], by_hand(values[:, t : t + 1])[:, 0], rtol=1e-11)


def test_clipping_holds_figures_at_the_ends(made) -> None:
    values = made.values(periods=2)
    values[0, 1] = [99, -99, 99, 99, -99]
    plan = {"normalise": {"limits": "base", "base": ["2020"], "clip": True}}
    assert scores_of(made, values, **plan)[0, 1] == 100
    free = {"normalise": {"limits": "base", "base": ["2020"]}}
    assert scores_of(made, values, **free)[0, 1] > 100


def test_goalposts_are_the_worst_and_the_best(made) -> None:
    posts = dict(zip(made.codes, [(0, 10), (10, 0), (0, 10), (0, 10), (10, 0)], strict=True))
    values = np.full((2, 1, 5), 4.0)
    found = scores_of(made, values, normalise={"method": "goalposts", "goalposts": posts})
    np.testing.assert_allclose(found, (0.5 * (40 + 60) + (40 + 40 + 60) / 3) / 2)


def test_zscores_have_mean_and_spread_of_the_scale(made) -> None:
    values = made.values(30)
    table = run(made, values, normalise={"method": "zscore", "scale": (50, 10)}).tables["indicators"]
    for _, column in table.groupby("indicator")["normalised"]:
        assert column.mean() == pytest.approx(50)
        assert column.std() == pytest.approx(10)
    limits = run(made, values, normalise={"method": "zscore", "scale": (50, 10)}).tables["limits"]
    assert limits["low"].iloc[0] == pytest.approx(values[:, 0, 0].mean() - values[:, 0, 0].std(ddof=1))
    assert limits["high"].iloc[1] == pytest.approx(values[:, 0, 1].mean() + values[:, 0, 1].std(ddof=1))


def test_given_weights_count_within_their_group_or_across_all(made) -> None:
    given = {"econ": 3, "life": 1, "econ.income": 3, "econ.jobless": 1}
    table = run(made, weigh={"method": "given", "given": given}).tables["weights"].query("period == '2020'")
    weight = table.set_index("node")["weight"]
    assert weight["econ"] == 0.75
    assert weight["econ.income"] == 0.75
    assert weight["life.smoke"] == pytest.approx(1 / 3), "what is not named takes the system's weight"
    leaves = {"method": "given", "across": "leaves", "given": {"econ.income": 5, "econ.jobless": 1}}
    table = run(made, weigh=leaves).tables["weights"].query("period == '2020'").set_index("node")
    assert table.loc["econ", "weight"] == pytest.approx(6 / 9)
    assert table.loc["econ.income", "weight_total"] == pytest.approx(5 / 9)


def test_equal_weights_across_leaves_weigh_groups_by_their_size(made) -> None:
    table = run(made, weigh={"across": "leaves"}).tables["weights"].query("period == '2020'").set_index("node")
    assert table.loc["econ", "weight"] == pytest.approx(0.4)
    np.testing.assert_allclose(table.loc[list(made.codes), "weight_total"], 0.2)


@pytest.mark.parametrize("method", ["entropy", "critic"])
@pytest.mark.parametrize("across", ["siblings", "leaves"])
def test_learned_weights_are_those_of_the_formula(made, method: str, across: str) -> None:
    from relode.maths import weights

    values = made.values(periods=2)
    low, high = values.min(axis=(0, 1)), values.max(axis=(0, 1))
    place = ((values - low) / (high - low)).reshape(-1, 5)
    place[:, [1, 4]] = 1 - place[:, [1, 4]]
    learn = getattr(weights, method)
    table = run(made, values, weigh={"method": method, "across": across}).tables["weights"].query("period == '2021'")
    found = table.set_index("node")
    if across == "leaves":
        np.testing.assert_allclose(found.loc[list(made.codes), "weight_total"], learn(place), rtol=1e-10)
    else:
        np.testing.assert_allclose(found.loc[list(made.codes[2:]), "weight"], learn(place[:, 2:]), rtol=1e-10)


def test_weights_learned_in_a_base_window_stay_when_later_figures_change(made) -> None:
    values = made.values(periods=3)
    plan = {
        "normalise": {"limits": "base", "base": ["2020"], "clip": True},
        "weigh": {"method": "entropy", "fit": "base", "base": ["2020"]},
    }
    frozen = scores_of(made, values, **plan)[:, :2]
    values[:, 2] = made.values(seed=9)[:, 0]
    np.testing.assert_array_equal(scores_of(made, values, **plan)[:, :2], frozen)


def test_a_node_may_have_its_own_way_of_aggregating(made) -> None:
    values = made.values()
    plan = {"normalise": {"scale": (1, 100)}, "aggregate": {"at": {"small": "geometric"}}}
    result = run(made, values, **plan)
    nodes = result.tables["dimensions"].pivot(index="entity", columns="node", values="score")
    root = result.tables["ranks"].set_index("entity")["score"]
    np.testing.assert_allclose(root[nodes.index], np.sqrt(nodes["econ"] * nodes["life"]), rtol=1e-10)


def test_obstacles_are_shares_of_what_is_lacking(made) -> None:
    table = run(made, made.values()).tables["obstacles"]
    sums = table.groupby("entity")["obstacle"].sum()
    np.testing.assert_allclose(sums[table.groupby("entity").size() == 5], 1, rtol=1e-9)
    own = table[table["entity"] == "r03"]
    assert own["obstacle"].is_monotonic_decreasing
    weight = {code: (0.25 if code.startswith("econ") else 1 / 6) for code in made.codes}
    lacking = own["gap"] * own["indicator"].map(weight)
    np.testing.assert_allclose(own["obstacle"], lacking / lacking.sum(), rtol=1e-9)


def test_alternatives_stand_beside_the_plan_and_repeat_it_where_it_is_the_plan(made) -> None:
    result = run(made)
    table = result.tables["alternatives"]
    assert set(table["method"]) == {"arithmetic", "geometric", "topsis"}
    own = table[table["method"] == "arithmetic"]
    assert (own["rank_change"] == 0).all()
    ranks = result.tables["ranks"].set_index(["entity", "period"])["rank"]
    assert (own.set_index(["entity", "period"])["rank"][ranks.index] == ranks).all()


def test_geometric_alternatives_are_the_plan_with_that_mean(made) -> None:
    values = made.values()
    table = run(made, values).tables["alternatives"].query("method == 'geometric'").set_index("entity")["rank"]
    plan = {"normalise": {"scale": (1, 100)}, "aggregate": {"method": "geometric"}}
    ranks = run(made, values, **plan).tables["ranks"].set_index("entity")["rank"]
    assert (table == ranks[table.index]).all()


def test_facts_for_the_store_are_estimates_with_a_definition_each(made) -> None:
    result = run(made)
    assert set(result.facts["indicator"]) == {"index.small", "index.small.econ", "index.small.life"}
    assert (result.facts["status"] == "E").all()
    assert {one.code for one in result.answer.defines} == set(result.facts["indicator"])
    index_facts = result.facts.query("indicator == 'index.small'").set_index(["entity", "period"])["value"]
    ranks = result.tables["ranks"].set_index(["entity", "period"])["score"]
    assert (index_facts[ranks.index] == ranks).all()


def test_without_draws_intervals_are_empty_and_a_note_says_so(made) -> None:
    result = run(made)
    assert result.tables["ranks"][["rank_low", "rank_high", "band", "p_top", "p_bottom"]].isna().all().all()
    assert "index.no_draws" in [note.code for note in result.notes]


def test_charts_name_tables_and_columns_that_exist(made) -> None:
    for draws in (0, 50):
        result = run(made, uncertainty={"draws": draws})
        for chart in result.charts:
            table = result.tables[chart.table]
            for key in ("value", "low", "high"):
                assert chart.details.get(key, "entity") in table.columns


def test_a_direct_call_by_name_of_the_plan_and_the_same_inputs_give_the_same_fingerprint(made) -> None:
    values = made.values()
    once, again = run(made, values, uncertainty={"draws": 40}), run(made, values, uncertainty={"draws": 40})
    assert once.fingerprint == again.fingerprint
    assert once.tables["ranks"].equals(again.tables["ranks"])


def test_a_shift_without_entropy_and_a_group_among_leaves_are_misfits(made) -> None:
    with pytest.raises(Misfit) as told:
        run(made, weigh={"shift": 0.1})
    assert told.value.code == "index.shift_unused"
    with pytest.raises(Misfit) as told:
        run(made, weigh={"method": "given", "across": "leaves", "given": {"econ": 1}})
    assert told.value.code == "index.given_group"


def test_a_base_period_outside_the_selection_is_a_misfit(made) -> None:
    with pytest.raises(Misfit) as told:
        run(made, normalise={"limits": "base", "base": ["1999"]})
    assert told.value.code == "index.base"


def test_draws_that_could_only_be_meaningless_are_refused(made) -> None:
    spread = {"draws": 10, "normalise": ["zscore"], "aggregate": ["geometric"]}
    with pytest.raises(Refused):
        run(made, normalise={"scale": (1, 100)}, uncertainty=spread)


def test_depth_is_free(made) -> None:
    leaf = {"zh": "叶", "en": "Leaf", "unit": "1", "direction": 1}
    inner = {"b": {"zh": "b", "en": "B", "indicators": {"x": leaf, "y": leaf}}}
    groups = {"a": {"zh": "a", "en": "A", "groups": inner}}
    spec = {"name": "deep", "version": 1, "zh": "深", "en": "Deep", "indicators": {"z": leaf}, "groups": groups}
    values = made.values(k=3)
    plan = made.plan(made.system(spec))
    found = index(made.panel(values, ("a.b.x", "a.b.y", "z")), made.regions(), plan=plan)
    low, high = values.min(axis=0), values.max(axis=0)
    place = ((values - low) / (high - low) * 100)[:, 0]
    expected = (place[:, :2].mean(axis=1) + place[:, 2]) / 2
    np.testing.assert_allclose(np.sort(found.tables["ranks"]["score"]), np.sort(expected), rtol=1e-11)
    assert set(found.tables["dimensions"]["node"]) == {"a", "a.b"}


def test_an_indicator_missing_in_a_whole_period_leaves_the_others_scored(made) -> None:
    values = made.values(periods=2)
    values[:, 0, 2] = np.nan
    for method in ("minmax", "zscore"):
        result = run(made, values, normalise={"method": method, "limits": "period"}, uncertainty={"draws": 30})
        assert not result.tables["ranks"]["score"].isna().any()
        assert not result.tables["obstacles"]["obstacle"].isna().any()
        assert "guard.coverage" in [note.code for note in result.notes]
