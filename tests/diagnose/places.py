"""Small panels for the diagnoses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relode.words.codelist import Codelist, Entity
from relode.words.panel import Panel
from relode.words.ties import Ties

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def panel_of(block: np.ndarray, indicators: tuple[str, ...] = ("income",), first: int = 2000) -> Panel:
    """A panel from (entity, period, indicator) or (entity, period)."""
    block = block[:, :, None] if block.ndim == 2 else block
    entities = tuple(f"r{n:03d}" for n in range(block.shape[0]))
    return Panel(block[None], ("actual",), entities, tuple(str(first + t) for t in range(block.shape[1])), indicators)


def regions_of(panel: Panel, types: list[str], parents: list[str] | None = None, **more: list[float]) -> Codelist:
    """A codelist with a type (and parent, position) for each entity of a panel."""
    parents = parents or [""] * len(types)
    return Codelist(tuple(
        Entity(code, code, type=types[n], parent=parents[n], **{name: values[n] for name, values in more.items()})
        for n, code in enumerate(panel.entities)
    ))  # fmt: skip


def ring(panel: Panel, reach: int = 1) -> Ties:
    """Everyone's neighbours are the `reach` before and the `reach` after."""
    n = len(panel.entities)
    pairs = [(i, (i + step) % n) for i in range(n) for step in range(-reach, reach + 1) if step]
    origin, target = zip(*((panel.entities[i], panel.entities[j]) for i, j in pairs), strict=True)
    return Ties(origin, target, ("neighbour",) * len(pairs), np.ones(len(pairs)))


def us_states() -> tuple[Panel, Ties]:
    """Income per head of 48 states, 1929-2009, and who borders on whom; skips where the file is missing."""
    folder = SHARED / "reference" / "index"
    if not folder.is_dir():
        pytest.skip("the reference data are not beside this checkout (../shared/data)")
    table = pd.read_csv(folder / "usjoin.csv")
    codes = [f"{n:02d}" for n in table["STATE_FIPS"]]
    years = [name for name in table.columns if name.isdigit()]
    panel = Panel(table[years].to_numpy(float)[None, :, :, None], ("actual",), tuple(codes), tuple(years), ("income",))
    lines = (folder / "states48.gal").read_text().splitlines()[1:]
    pairs = [(codes[int(head.split()[0])], codes[int(j)]) for head, row in zip(lines[::2], lines[1::2], strict=False)
             for j in row.split()]  # fmt: skip
    origin, target = zip(*pairs, strict=True)
    return panel, Ties(origin, target, ("neighbour",) * len(pairs), np.ones(len(pairs)))
