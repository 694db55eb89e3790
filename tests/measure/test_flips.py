"""Flips: worked out by hand, and put back through the front door."""

from __future__ import annotations

import numpy as np
import pytest

from relode.measure import flips, index
from relode.words.errors import Misfit, UnknownWord


def run(made, values, **choices):
    plan = choices.pop("plan", None) or made.plan()
    return flips(made.panel(values), made.regions(len(values)), plan=plan, **choices)


def order(made, values, plan=None) -> list[str]:
    ranks = index(made.panel(values), made.regions(len(values)), plan=plan or made.plan()).frame("ranks")
    return list(ranks.sort_values("rank")["entity"])


@pytest.mark.parametrize("choice", [{"other": True}, {"side": "bottom"}, {"side": "top", "places": 2}])
def test_the_figure_found_turns_the_decision_and_a_little_less_does_not(made, choice) -> None:
    values = made.values(9, seed=3)
    first, second = order(made, values)[:2] if "bottom" not in choice.values() else order(made, values)[-3:-1]
    choices = {"entity": first, **choice}
    if choices.pop("other", None):
        choices["other"] = second
    if choices.get("side") == "bottom":
        choices["places"] = 3
    table = run(made, values, **choices).frame("data")
    assert len(table)
    row = table.iloc[0]
    n, k = int(row["entity"][1:]), made.codes.index(row["indicator"])

    def holds(value: float) -> bool:
        moved = values.copy()
        moved[n, 0, k] = value
        ranked = order(made, moved)
        if "other" in choices:
            return ranked.index(first) < ranked.index(second)
        side = ranked[-3:] if choices["side"] == "bottom" else ranked[:2]
        return first in side

    shift = row["value_flip"] - row["value"]
    assert holds(row["value"])
    assert not holds(row["value"] + shift * (1 + 1e-6))
    assert holds(row["value"] + shift * (1 - 1e-6))


def test_the_weight_found_turns_the_decision_and_a_little_less_does_not(made) -> None:
    values = made.values(9, seed=3)
    first, second = order(made, values)[3:5]
    table = run(made, values, entity=first, other=second).frame("weights")
    row = table[table["parent"] == "small"].iloc[0]

    def holds(w: float) -> bool:
        rest = "life" if row["node"] == "econ" else "econ"
        plan = made.plan(weigh={"method": "given", "given": {row["node"]: w, rest: 1 - w}})
        ranked = order(made, values, plan)
        return ranked.index(first) < ranked.index(second)

    assert holds(0.5)
    assert not holds(0.5 + row["weight_shift"] * (1 + 1e-5))
    assert holds(0.5 + row["weight_shift"] * (1 - 1e-5))


def test_weights_together_by_hand(made) -> None:
    """Two indicators in one group, both on 0 to 100: A leads B by 60 in one and lags by 20 in the other."""
    spec = {
        "name": "two", "version": 1, "zh": "t", "en": "t",
        "indicators": {c: {"zh": c, "en": c, "unit": "1", "direction": 1} for c in ("x", "y")},
    }  # fmt: skip
    system = made.system(spec)
    values = np.array([[80.0, 40], [20, 60], [0, 0], [100, 100]])[:, None]
    plan = made.plan(system=system)
    panel = made.panel(values, codes=("x", "y"))
    found = (
        flips(panel, made.regions(4), plan=plan, entity="r00", other="r01").frame("smallest").set_index("change_kind")
    )
    # lead = 60 w - 20 (1 - w) = 0 at w = 1/4: a quarter of all weight must change hands
    assert found.loc["weights", "change_share"] == pytest.approx(0.25)
    assert found.loc["weight", "value_flip"] == pytest.approx(0.25, abs=1e-6)


def test_methods_that_turn_it_are_named_and_do_turn_it(made) -> None:
    values = made.values(12, seed=5)
    values[0, 0] = [1.0, 9.0, 9.0, 9.0, 1.0]
    plan = made.plan(normalise={"scale": (1, 100)})
    ranked = order(made, values, plan)
    other = ranked[ranked.index("r00") + 1]
    found = run(made, values, plan=plan, entity="r00", other=other)
    table = found.frame("methods")
    assert {"aggregate.method", "weigh.method", "normalise.method"} <= set(table["doubt"])
    for row in table[table["doubt"] == "aggregate.method"].itertuples():
        again = order(made, values, plan.but(aggregate={"method": row.level_taken}))
        assert row.turns == (again.index("r00") > again.index(other)), row.level_taken
    assert table["turns"].any()
    assert "flips.methods" in [note.code for note in found.notes]


def test_a_decision_that_nothing_turns_says_so(made) -> None:
    values = made.values(6, seed=1)
    values[0, 0], values[1, 0] = [9.5, 0.5, 9.5, 9.5, 0.5], [0.5, 9.5, 0.5, 0.5, 9.5]  # best and worst in everything
    found = run(made, values, entity="r00", other="r01")
    assert not len(found.frame("data"))
    assert not len(found.frame("weights"))
    assert not found.frame("methods")["turns"].any()
    assert {"flips.no_figure", "flips.no_method", "flips.pair_holds"} <= {note.code for note in found.notes}


def test_who_is_not_there_is_refused(made) -> None:
    with pytest.raises(UnknownWord):
        run(made, made.values(6), entity="nobody")
    with pytest.raises(Misfit):
        run(made, made.values(6), entity="r00", other="r00")
