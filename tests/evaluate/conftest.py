"""Panels with a planted effect, and the public panels that the published numbers belong to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relode.words.codelist import Codelist, Entity
from relode.words.panel import Panel
from relode.words.policy import Calendar
from relode.words.study import Study

Case = tuple[Panel, Codelist, Study]


def planted(
    effect: float = 1.0, *, n: int = 60, t: int = 10, starts: tuple[int, ...] = (4, 6), share: float = 0.5,
    noise: float = 0.5, trend: float = 0.0, seed: int = 0, growing: float = 0.0, spec: dict[str, Any] | None = None,
    rows: Callable[[dict[str, Any]], dict[str, Any]] = lambda row: row, more: dict[str, np.ndarray] | None = None,
    policies: list[dict[str, Any]] | None = None, blocks: bool = False,
) -> Case:  # fmt: skip
    """A staggered panel with a known effect: `effect` + `growing` per period; `trend` breaks parallel trends."""
    random = np.random.default_rng(seed)
    treated = int(n * share)
    start = np.array([starts[i % len(starts)] if i < treated else t for i in range(n)])
    event = np.arange(t)[None, :] - start[:, None]
    y = random.normal(size=(n, 1)) + np.linspace(0, 1, t) + noise * random.normal(size=(n, t))
    y += np.where(event >= 0, effect + growing * event, 0.0) + trend * (start < t)[:, None] * np.arange(t)
    entities = tuple(f"e{i:03d}" for i in range(n))
    periods = tuple(str(2000 + k) for k in range(t))
    layers = {"y": y, **(more or {})}
    block = np.stack([np.broadcast_to(layer, (n, t)) for layer in layers.values()], axis=2)[None]
    panel = Panel(block, ("actual",), entities, periods, tuple(layers))
    enacted = [rows({"entity": entities[i], "policy": "pilot", "start": int(2000 + start[i])}) for i in range(treated)]
    calendar = Calendar.of_rows("pilots", [*enacted, *(policies or [])])
    given: dict[str, Any] = {
        "name": "trial", "zh": "试点", "en": "trial", "calendar": calendar, "policies": ["pilot"],
        "outcomes": [{"code": "y", "good": 1, "unit": "points", "smallest": 0.2}], "treatment": {"rule": "full"},
        "estimators": ["twfe", "callaway_santanna"],
    }  # fmt: skip
    regions = Codelist.of(
        [Entity(e, e, parent=f"p{i // 6 if blocks else i % 10}", type="ab"[i % 2]) for i, e in enumerate(entities)]
    )
    return panel, regions, Study.of(given | (spec or {}))


@pytest.fixture
def plant() -> Callable[..., Case]:
    """`planted`, for tests that choose their own panel."""
    return planted


def long_of(frame: pd.DataFrame, entity: str, period: str, values: list[str]) -> Panel:
    """A public panel as relode reads it."""
    renamed = frame.rename(columns={entity: "entity", period: "period"})
    return Panel.of(renamed.melt(["entity", "period"], values, "indicator", "value"))


@pytest.fixture
def mpdta(shared: Path) -> Case:
    """County teen employment and minimum wages 2003-2007 (Callaway and Sant'Anna 2021)."""
    frame = pd.read_csv(shared / "reference/causal/mpdta.csv")
    begun = frame[frame["first.treat"] > 0].groupby("countyreal")["first.treat"].first()
    rows = [{"entity": str(e), "policy": "wage", "start": int(g)} for e, g in begun.items()]
    study = Study.of({
        "name": "mpdta", "zh": "最低工资", "en": "minimum wage", "calendar": Calendar.of_rows("wage", rows),
        "policies": ["wage"], "outcomes": [{"code": "lemp", "good": 1}], "treatment": {"rule": "full"},
    })  # fmt: skip
    return long_of(frame, "countyreal", "year", ["lemp", "lpop"]), Codelist(), study


STATES = [f"{k:02d}" for k in range(1, 57) if k not in (3, 7, 14, 43, 52)]  # FIPS codes, alphabetical with DC


@pytest.fixture(scope="session")
def castle_frame() -> pd.DataFrame:
    """The panel of Cheng and Hoekstra (2013) as causaldata ships it, its states by FIPS code."""
    castle = pytest.importorskip("causaldata").castle.load_pandas().data
    return castle.assign(state=[STATES[sid - 1] for sid in castle["sid"]])


@pytest.fixture
def castle(castle_frame: pd.DataFrame) -> Case:
    """The study that comes with relode, on that panel."""
    return long_of(castle_frame, "state", "year", ["homicide", "popwt", "poverty"]), Codelist(), Study.named("castle")
