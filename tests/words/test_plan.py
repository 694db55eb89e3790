"""A plan is read strictly: what it does not know, it refuses, and says how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from relode.words.errors import Misfit, RelodeError, Several, UnknownWord
from relode.words.indicator import IndicatorSystem, system_of
from relode.words.plan import Plan


def system() -> IndicatorSystem:
    leaf = {"zh": "某", "en": "some", "unit": "%", "direction": 1}
    groups = {"a": {"zh": "甲", "en": "A", "indicators": {"x": leaf, "y": {**leaf, "direction": -1}}}}
    return system_of({"name": "small", "version": 1, "zh": "小", "en": "small", "groups": groups})


def spec(**more: object) -> dict[str, object]:
    return {
        "name": "p", "zh": "方案", "en": "plan", "system": system(),
        "normalise": {"method": "minmax", "limits": "panel"}, **more,
    }  # fmt: skip


def test_limits_have_no_default() -> None:
    with pytest.raises(Misfit, match=r"normalise\.limits"):
        Plan.of(spec(normalise={"method": "minmax"}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"drawz": 5},
        {"uncertainty": {"drawz": 5}},
        {"normalise": {"method": "minmax", "limits": "panel", "limit": "panel"}},
        {"aggregate": {"at": {"nobody": "geometric"}}},
        {"weigh": {"method": "given", "given": {"a.z": 1}}},
    ],
)
def test_an_unknown_key_is_refused_with_the_names_that_there_are(wrong: dict[str, object]) -> None:
    with pytest.raises(UnknownWord) as told:
        Plan.of(spec(**wrong))
    assert told.value.expected
    assert len(str(told.value).splitlines()) <= 4


def test_faults_of_a_plan_are_told_together() -> None:
    with pytest.raises(Several) as told:
        Plan.of(spec(normalise={"method": "best", "limits": "panel"}, colour="red"))
    assert len(told.value.faults) == 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"normalise": {"method": "minmax", "limits": "base"}}, "plan.base"),
        ({"normalise": {"method": "goalposts", "limits": "panel", "goalposts": {"a.x": (0, 1)}}}, "plan.goalpost"),
        ({"weigh": {"method": "given"}}, "plan.given"),
        ({"normalise": {"method": "minmax", "limits": "panel", "scale": (100, 0)}}, "plan.scale"),
        ({"format": 2}, "plan.format"),
    ],
)
def test_choices_that_do_not_go_together_are_refused(wrong: dict[str, object], code: str) -> None:
    with pytest.raises(RelodeError) as told:
        Plan.of(spec(**wrong))
    assert told.value.code == code


def test_a_variant_changes_only_what_it_names() -> None:
    plan = Plan.of(spec())
    variant = plan.but(weigh={"method": "entropy"}, name="v")
    assert variant.weigh.method == "entropy"
    assert variant.weigh.across == plan.weigh.across
    assert variant.normalise == plan.normalise
    assert variant.fingerprint != plan.fingerprint
    with pytest.raises(UnknownWord):
        plan.but(weigh={"methd": "entropy"})


def test_the_fingerprint_follows_the_content_and_not_the_place_of_the_file() -> None:
    assert Plan.of(spec()).fingerprint == Plan.of(spec(), where="elsewhere.toml").fingerprint
    assert Plan.of(spec()).fingerprint != Plan.of(spec(rank={"bottom": 5})).fingerprint


def test_a_plan_file_that_is_no_toml_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "方案 一.toml"
    path.write_text("name = [", encoding="utf8")
    with pytest.raises(Misfit, match="方案 一"):
        Plan.load(path)
