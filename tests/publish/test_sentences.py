"""What a result says in words: the right places, the right numbers, and no more than is known."""

from __future__ import annotations

from functools import partial

import pandas as pd
import pytest

from relode.publish.figures import Shown, period_name
from relode.publish.say_index import listed
from relode.publish.sentences import TOPICS, paragraphs
from relode.words.recipe import Recipe
from relode.words.result import Result
from relode.words.texts import DATA

from .conftest import accountability_result, index_result, index_tables, movement_result, places_result, ranks, result
from .effects import small
from .measures import measured


def told(made: Result, topic: str, lang: str = "en") -> str:
    return "\n".join(paragraphs(Shown(made, lang), topic))


RESULTS = {
    "measure.index": index_result,
    "measure.movement": movement_result,
    "measure.accountability": accountability_result,
    "measure.places": places_result,
    **{f"diagnose.{name}": partial(small, f"diagnose.{name}") for name in ("citytype", "likeness", "gravity")},
    **{
        f"measure.{name}": partial(measured, f"measure.{name}")
        for name in (
            "audit",
            "boundaries",
            "coherence",
            "coupling",
            "currency",
            "deflate",
            "efficiency_corrected",
            "flips",
            "lens",
            "sensitivity",
        )
    },
    **{f"diagnose.{name}": partial(measured, f"diagnose.{name}") for name in ("citytype_check", "integrity_power")},
    **{f"evaluate.{name}": partial(small, f"evaluate.{name}") for name in ("synthetic", "dose")},
}
SPOKEN = [(method, topic) for method, topics in TOPICS.items() for topic in topics if method in RESULTS]


def test_every_method_that_speaks_is_heard_here_or_in_a_recipe() -> None:
    recipes = [Recipe.load(path) for path in sorted((DATA / "recipes").glob("*.toml"))]
    assert set(TOPICS) <= set(RESULTS) | {step.run for recipe in recipes for step in recipe.step}


@pytest.mark.parametrize(("method", "topic"), SPOKEN)
def test_every_topic_is_said_in_both_languages_and_filled(method: str, topic: str) -> None:
    for lang in ("zh", "en"):
        text = told(RESULTS[method](), topic, lang)
        assert len(text) > 15
        assert "{" not in text
        assert "nan" not in text
        assert "None" not in text
        stops = {"zh": "。", "en": "."}[lang]
        assert all(line.endswith(stops) for line in text.splitlines())


def test_chinese_sentences_use_full_width_punctuation() -> None:
    for method, topic in SPOKEN:
        text = told(RESULTS[method](), topic, "zh")
        assert not set(text) & set(";()?!\"'"), text


def test_the_headline_names_both_ends_and_who_has_no_score() -> None:
    text = told(index_result(), "headline")
    assert "In 2024, 12 of 13 regions have a score." in text
    assert "Region 0 (90.00, rank 1 to 4, among the first 10 with probability 100.0%)" in text
    assert "Region 11 (81.96, rank 10 to 12, among the last 3 with probability 87.5%)" in text
    assert "Region 110 (40.0% missing)" in text


def test_without_draws_no_interval_and_no_probability_is_claimed() -> None:
    tables = index_tables()
    for name in ("rank_low", "rank_high", "band", "p_top", "p_bottom"):
        tables["ranks"][name] = float("nan")
    bare = result(tables)
    assert "Region 0 (90.00)" in told(bare, "headline")
    assert "probability" not in told(bare, "headline")
    assert "computes no uncertainty" in told(bare, "uncertainty")


def test_a_rank_that_never_changes_is_said_as_one() -> None:
    tables = index_tables()
    tables["ranks"]["rank_high"] = tables["ranks"]["rank_low"]
    assert "rank 1 throughout" in told(result(tables), "headline")


def test_dimensions_name_the_best_and_the_worst_of_each_top_group() -> None:
    text = told(index_result(), "dimensions")
    assert "in Economy, Region 0 scores highest (80.00) and Region 11 lowest (69.00)" in text
    assert "in Livelihood, Region 11 scores highest (31.00) and Region 0 lowest (20.00)" in text


def test_a_change_is_told_with_its_parts_and_the_yardstick_is_named() -> None:
    text = told(movement_result(), "headline")
    assert "scores that rose: 1; scores that fell: 1" in text
    assert "Region 0 (+12.50: data +10.00, limits +2.00, weights +0.50)" in text
    assert "Region 1 (\u22121.00: data \u22121.25, limits +0.25, weights 0.00)" in text
    assert "the yardstick's" in text
    still = movement_result().frame()
    still[["from_limits", "from_weights"]] = 0.0
    calm = result({"movement": still}, card=movement_result().card, choices={"base": "2014", "now": "2024"})
    assert "share their limits and weights" in told(calm, "headline")


def test_nobody_is_called_flagged_below_the_rules_probability() -> None:
    text = told(accountability_result(("doubtful", "clear")), "headline")
    assert "nobody is flagged" in text
    assert "Region 0 (probability 62.0%)" in text
    assert "never flagged automatically" in text
    assert "asks for a probability of 80%" in text
    flagged = told(accountability_result(("flag", "clear")), "headline")
    assert "nobody is flagged" not in flagged.split(".")[0]
    assert "Region 0" in flagged
    assert "2 editions running (2023, 2024)" in flagged


def test_each_place_has_a_paragraph_with_gaps_and_one_without_a_score_says_so() -> None:
    first, second = paragraphs(Shown(places_result(), "en"), "each")
    assert "5.50 below the mean of 3 neighbours (45.50)" in first
    assert "2.00 above the mean of 5 peers (38.00)" in first
    assert "the widest gap is in Economy (30.00 to 42.25)" in first
    assert "the greatest advantage in Livelihood (50.00 to 48.00)" in first
    assert second == "Region 1 has no score."


def test_coherence_names_what_counts_least_like_its_weight_and_what_ranks_hang_on() -> None:
    text = told(measured("measure.coherence"), "headline")
    assert "Of 1 pairs of siblings, 1 are negatively correlated and 0 too highly (over 2 regions)" in text
    assert "do not hold together well (1 of 2): “Economy”" in text
    assert "“Unemployment”: 50.0% on paper, 10.0% in effect" in text
    assert "“Income per head” matters most: Region 2 moves from rank 3 to 7" in text
    assert "shifts ranks by 4.0 on average, most of all Region 1 (from rank 2 to 6)" in text


def test_coupling_speaks_of_the_last_period_with_both_ends_and_what_lags() -> None:
    text = told(measured("measure.coupling"), "headline")
    assert "In 2024 the coordination degree of 2 regions lies between 0.320 and 0.810" in text
    assert "Highest is Region 0 (0.810, good coordination), lowest Region 1 (0.320, slight imbalance)" in text
    assert "In 2 of them “Economy” lags most" in text
    assert "no interval" in text


def test_sensitivity_says_to_what_ranks_owe_their_uncertainty_and_who_beats_whom() -> None:
    text = told(measured("measure.sensitivity"), "headline")
    assert "weights (total index 0.65 on average, 0.60 to 0.70 over the regions); " in text
    assert "Region 0 stands above Region 1 with probability 75.0%" in text
    alone = result({"ranks": ranks(2)}, card=measured("measure.sensitivity").card, choices={"draw": 7})
    assert told(alone, "headline").startswith("In draw 7, Region 0 comes first")


def test_a_decision_is_told_with_the_least_that_turns_it() -> None:
    text = told(measured("measure.flips"), "headline")
    assert text.startswith("By the plan Region 0 is among the last 3")
    assert "“Income per head” of Region 0 went from 100 to 125 USD (a change of 25.0%)" in text
    assert "if that of “Livelihood” went from 50.0% to 60.0%" in text
    assert "at least 20.0% of the weight changed hands" in text
    assert "Of 2 other methods, one at a time, 1 turn it" in text


def test_the_audit_says_which_steps_ask_for_a_look_and_that_this_is_no_verdict() -> None:
    text = told(measured("measure.audit"), "headline")
    assert "The ten steps hold 2 findings; 1 ask for a second look: weighting." in text
    assert "depend on most is weights (total index 0.62 on average)" in text
    assert text.endswith("A second look is a hint, no verdict.")


def test_a_lens_names_the_greatest_obstacle_and_claims_no_cause() -> None:
    text = told(measured("measure.lens"), "headline")
    assert "holds them back most is “Economy” (mean obstacle degree 60.0%, mean score 41.00, 75.0%" in text
    assert "Of 2 links that the framework claims, 1 have figures at both ends" in text
    assert "Economy and Livelihood (correlation 0.48, over 3 regions); a correlation is no cause" in text


def test_checks_of_screens_and_types_carry_their_intervals_and_rates() -> None:
    text = told(measured("diagnose.citytype_check"), "headline")
    assert "20 of 28 regions with a published type are told rightly, 71.4% (interval 51.0% to 87.0%)" in text
    assert "0.75 in a thousand figures" in told(measured("diagnose.integrity_power"), "headline")


def test_long_lists_are_cut_with_the_count_said() -> None:
    names = [f"n{k}" for k in range(14)]
    assert listed(names[:3], "en") == "n0, n1 and n2"
    assert listed(names[:2], "zh") == "n0和n1"
    assert listed(names[:1], "zh") == "n0"
    assert listed(names, "en").endswith("14 in all")


def test_periods_are_said_in_words() -> None:
    said = [
        period_name(period, lang) for lang in ("zh", "en") for period in ("2024", "2024H1", "2024Q3", "2024-07", "x")
    ]
    assert said[:5] == ["2024年", "2024年第1半年", "2024年第3季度", "2024年7月", "x"]
    assert said[5:] == ["2024", "half-year 1 of 2024", "quarter 3 of 2024", "July 2024", "x"]


def test_an_empty_answer_is_said_as_empty() -> None:
    tables = {name: table.iloc[:0] for name, table in index_tables().items()}
    assert told(result(tables), "headline") == "(There are none.)"
    assert "no obstacle" in told(result(tables), "obstacles")


def test_cells_of_codes_and_truths_are_words() -> None:
    shown = Shown(result({"t": pd.DataFrame({"verdict": ["flag"], "meets": [True]})}), "zh")
    assert shown.row("t", {"verdict": "flag", "meets": True, "against": "peers", "unit": "%", "entity": None}) == {
        "verdict": "列入", "meets": "是", "against": "同类地区", "unit": "%", "entity": "—",
    }  # fmt: skip
