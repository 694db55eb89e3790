"""A small made-up system, panel, plan and codelist, to be varied by the tests of this room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from relode.words.codelist import Codelist, Entity
from relode.words.errors import Refused, RelodeError
from relode.words.indicator import IndicatorSystem, system_of
from relode.words.panel import Panel
from relode.words.plan import Plan

SPEC: dict[str, Any] = {
    "name": "small", "version": 1, "zh": "小体系", "en": "Small",
    "groups": {
        "econ": {"zh": "经济", "en": "Economy", "indicators": {
            "income": {"zh": "收入", "en": "Income", "unit": "USD", "direction": 1},
            "jobless": {"zh": "失业率", "en": "Jobless", "unit": "%", "direction": -1},
        }},
        "life": {"zh": "民生", "en": "Life", "indicators": {
            "doctors": {"zh": "医生", "en": "Doctors", "unit": "1", "direction": 1},
            "schools": {"zh": "学校", "en": "Schools", "unit": "1", "direction": 1},
            "smoke": {"zh": "烟尘", "en": "Smoke", "unit": "t", "direction": -1},
        }},
    },
}  # fmt: skip
CODES = ("econ.income", "econ.jobless", "life.doctors", "life.schools", "life.smoke")


def make_system(spec: Mapping[str, Any] = SPEC) -> IndicatorSystem:
    return system_of(spec)


def make_values(n: int = 8, periods: int = 1, k: int = 5, seed: int = 0) -> np.ndarray:
    """(entity, period, indicator), all positive"""
    return np.random.default_rng(seed).uniform(1, 9, (n, periods, k))


def make_panel(values: np.ndarray, codes: tuple[str, ...] = CODES, first: int = 2020) -> Panel:
    n, periods, _ = values.shape
    entities = tuple(f"r{i:02}" for i in range(n))
    return Panel(values[None], ("actual",), entities, tuple(str(first + t) for t in range(periods)), codes)


def make_plan(system: IndicatorSystem | None = None, **sections: Any) -> Plan:
    base: dict[str, Any] = {
        "name": "small", "zh": "小方案", "en": "Small plan", "system": system or make_system(),
        "normalise": {"method": "minmax", "limits": "panel"}, "uncertainty": {"draws": 0},
    }  # fmt: skip
    for name, section in sections.items():
        base[name] = {**base.get(name, {}), **section} if isinstance(section, Mapping) else section
    return Plan.of(base)


def make_regions(n: int = 8) -> Codelist:
    entities = [
        Entity(
            f"r{i:02}",
            f"Region {i}",
            zh=f"地区{i}",
            en=f"Region {i}",
            parent=f"p{i % 2}",
            type="coal" if i % 3 else "oil",
        )
        for i in range(n)
    ]
    return Codelist.of([Entity("p0", "Zero"), Entity("p1", "One"), *entities])


@pytest.fixture
def made() -> SimpleNamespace:
    """system, values, panel, plan, regions: functions that make them."""
    return SimpleNamespace(
        spec=SPEC, codes=CODES, system=make_system, values=make_values, panel=make_panel, plan=make_plan,
        regions=make_regions,
    )  # fmt: skip


def refused(code: str, call: Callable[[], Any], kind: type[RelodeError] = Refused, lines: int = 1) -> RelodeError:
    """The fault of this code and kind that the call is refused with, told in both languages with `lines` below it."""
    with pytest.raises(RelodeError) as told:
        call()
    fault = next(one for one in getattr(told.value, "faults", (told.value,)) if one.code == code)
    assert isinstance(fault, kind)
    for lang in ("zh", "en"):
        assert fault.told(lang).count("\n") >= lines, "what is refused comes with a place or a remedy"
        assert code not in fault.told(lang), "a sentence, not a code"
    return fault
