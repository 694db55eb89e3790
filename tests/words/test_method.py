"""A method's choices are read alike from Python, text and files; a direct call is signed."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import pytest

from relode.words.choice import Period, Within
from relode.words.errors import Misfit, UnknownWord
from relode.words.method import Method, method, needs
from relode.words.panel import Panel
from relode.words.result import Answer

CARD = Path(__file__).with_name("counting.toml")


@method("test.count", reads=needs(periods=("now",)), card=CARD)
def count(
    panel: Panel, *, now: Period, share: Annotated[float, Within(0, 1)] = 0.5, kinds: tuple[str, ...] = (),
    how: Literal["all", "some"] = "all", day: date | None = None, many: int = 3, loud: bool = False,
) -> Answer:  # fmt: skip
    """Count the figures."""
    number = int((~pd.isna(panel.array("actual", now))).sum())
    return Answer({"count": pd.DataFrame({"entity": ["A"], "count": [number * many]})})


def panel() -> Panel:
    return Panel.of(pd.DataFrame({"entity": ["A"], "period": ["2020"], "indicator": ["x"], "value": [1.0]}))


def test_text_is_read_as_the_choice_says() -> None:
    taken = count.read(
        {"now": "2020", "share": "0.25", "kinds": "a, b", "day": "2024-01-31", "many": "7", "loud": "true"}
    )
    assert taken == {
        "now": "2020", "share": 0.25, "kinds": ("a", "b"), "how": "all", "day": date(2024, 1, 31), "many": 7,
        "loud": True,
    }  # fmt: skip


@pytest.mark.parametrize("wrong", [{"share": 1.5}, {"how": "none"}, {"many": "x"}, {"day": "yesterday"}])
def test_a_value_outside_its_bounds_is_refused_in_a_direct_call_too(wrong: dict[str, object]) -> None:
    with pytest.raises(Misfit, match=next(iter(wrong))):
        count(panel(), now="2020", **wrong)  # type: ignore[arg-type]


def test_a_misspelt_choice_offers_the_names() -> None:
    with pytest.raises(UnknownWord, match="share"):
        count(panel(), now="2020", shar=0.5)  # type: ignore[call-arg]
    with pytest.raises(Misfit, match="now"):
        count(panel())  # type: ignore[call-arg]


def test_what_a_method_reads_follows_from_its_choices() -> None:
    assert count.reads.need(count.read({"now": "2020"})).periods == ("2020",)


def test_a_result_is_signed_by_method_choices_and_inputs() -> None:
    first, again = count(panel(), now="2020"), count(panel(), now="2020")
    other = count(panel(), now="2020", many=4)
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert first.choices["share"] == 0.5
    assert "Counting" in str(first)
    assert "<table" in first._repr_html_()


def test_a_method_travels_to_another_process() -> None:
    from relode.measure import index

    assert isinstance(index, Method)
    assert pickle.loads(pickle.dumps(index)) is index
