"""What a step looks at: the facts within its window, and the indicators of the place's systems that come from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..words.errors import UnknownWord
from ..words.indicator import Indicator
from ..words.method import Need
from ..words.panel import Panel

WINDOW = ("level", "entities", "periods")


def narrowed(need: Need, only: Mapping[str, Any] | None) -> Need:
    """The need within a window: `level` of the codelist, `entities`, `periods`. Raises UnknownWord for another key."""
    for name in only or {}:
        if name not in WINDOW:
            raise UnknownWord("definition.key", name=name, where="only", expected=WINDOW)
    taken = dict(only or {})
    return replace(
        need, level=str(taken.get("level", need.level)), entities=tuple(taken.get("entities", need.entities)),
        periods=tuple(taken.get("periods", need.periods)),
    )  # fmt: skip


def derived(need: Need, there: frozenset[str], known: Mapping[str, Indicator], facts: Callable[[Need], Panel]) -> Panel:
    """The facts that are asked for; what no source publishes is made of facts by its formula in the place's systems.

    Raises   as `facts` does, which reads the store
    """
    made = [code for code in need.indicators if code not in there and code in known and known[code].formula]
    if not made:
        return facts(need)
    import numpy as np

    from ..measure.derive import evaluate

    wanted = (code for code in need.indicators if code not in made)
    reads = tuple(dict.fromkeys([*wanted, *(fact for code in made for fact in known[code].reads)]))
    panel = facts(replace(need, indicators=reads))
    assert panel.status is not None
    values, status, units = [], [], []
    for code in need.indicators:
        n = panel.at("indicator", code) if code not in made else -1
        parts = [panel.at("indicator", fact) for fact in known[code].reads] if code in made else [n]
        values.append(evaluate(known[code], panel)[0] if code in made else panel.values[..., n])
        status.append(panel.status[..., parts].max(axis=-1))
        units.append(known[code].unit if code in made else panel.units[n])
    return Panel(np.stack(values, axis=3), panel.scenarios, panel.entities, panel.periods, need.indicators,
                 units=tuple(units), status=np.stack(status, axis=3), sources=panel.sources)  # fmt: skip
