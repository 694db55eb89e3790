"""Figures that are made from published ones: the panel, the table beside the published ones, the facts, their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from relode.words.indicator import Indicator
from relode.words.panel import Panel
from relode.words.shelf import Shelf
from relode.words.texts import LANGUAGES, say

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def redone(
    panel: Panel, values: NDArray[np.float64], status: NDArray[np.uint8], codes: Iterable[str], columns: Sequence[int],
    units: Iterable[str] = (),
) -> Panel:  # fmt: skip
    """A panel with the same axes and new figures under new `codes`, in the units of `columns` if not in others."""
    kept = tuple(units) or tuple(panel.units[n] for n in columns)
    return Panel(
        np.where(np.isfinite(values), values, np.nan), panel.scenarios, panel.entities, panel.periods, tuple(codes),
        units=kept, status=status, sources=panel.sources,
    )  # fmt: skip


def joined(published: Panel, made: Panel, name: str) -> pd.DataFrame:
    """Entity, period, indicator, the value as published and what was made of it, where both are there."""
    frame = published.frame()
    whole = made.values[..., : len(published.indicators)]
    frame[name] = whole[~np.isnan(published.values)]
    units = dict(zip(published.indicators, made.units, strict=True))
    if made.units != published.units:
        frame["unit_to"] = frame["indicator"].map(units)
    return frame.drop(columns=["scenario", "status"]).dropna(subset=[name]).reset_index(drop=True)


def facts_of(made: Panel) -> pd.DataFrame:
    """The facts of a panel for the store."""
    return made.frame().drop(columns=["unit"])


def named(codes: Iterable[str], name: str = "names") -> dict[str, str]:
    """What the catalogues call some codes, for both languages of a note: `names_zh`, `names_en`."""
    known = Shelf().facts
    return {
        f"{name}_{lang}": say("say.comma", lang).join(_label(known, code, lang) for code in codes) for lang in LANGUAGES
    }


def _label(known: Mapping[str, Indicator], code: str, lang: str) -> str:
    return known[code].label(lang) if code in known else code


def defined(made: Panel, codes: Sequence[str], text: str, **details: Any) -> tuple[Indicator, ...]:
    """What the new codes mean, in the words that the catalogues have for the published ones."""
    known = Shelf().facts
    found = []
    for code, new, unit in zip(codes, made.indicators, made.units, strict=True):
        zh, en = (say(text, lang, name=_label(known, code, lang), **details) for lang in LANGUAGES)
        found.append(Indicator(new, zh, en, unit))
    return tuple(found)
