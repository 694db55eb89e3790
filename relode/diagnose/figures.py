"""What the diagnoses read: one figure by entity and period, who belongs to which group, where each one lies."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array
from relode.words.codelist import Codelist, Entity
from relode.words.errors import Misfit, UnknownWord
from relode.words.note import Note, warn
from relode.words.panel import Panel

ALL = "all"


@dataclass(frozen=True, eq=False)
class Grouped:
    """Entities in groups: `codes` are the groups in order, `of[entity]` the place of its group, -1 for none."""

    codes: tuple[str, ...]
    of: NDArray[np.intp]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Who belongs to a group."""
        return np.asarray(self.of >= 0)


def figure(panel: Panel, indicator: str) -> Array:
    """(entity, period) of one indicator, scenario `actual`. Raises UnknownWord, Misfit where nothing is there."""
    if not panel.values.size:
        raise Misfit("diagnose.empty", name=indicator)
    block: Array = panel.array()[:, :, panel.at("indicator", indicator)]
    if np.isnan(block).all():
        raise Misfit("diagnose.empty", name=indicator)
    return block


def weights(panel: Panel, indicator: str, like: Array) -> Array:
    """(entity, period) of what weighs; ones where `indicator` is empty. Raises Misfit for a negative weight."""
    if not indicator:
        return np.where(np.isnan(like), np.nan, 1.0)
    block = figure(panel, indicator)
    if (block < 0).any():
        raise Misfit("diagnose.negative_weight", name=indicator)
    return block


def grouped(regions: Codelist, entities: tuple[str, ...], by: str) -> tuple[Grouped, list[Note]]:
    """Who belongs together: by an attribute of the codelist (`type`, `parent`, `level`), or by `tag:<tag>`.

    Empty `by`: all in one group. Raises UnknownWord where there is no such attribute, Misfit where none has it.
    """
    labels = [_label(regions.get(code), by) for code in entities]
    codes = tuple(sorted({label for label in labels if label}))
    if not codes:
        raise Misfit("diagnose.no_group", name=by)
    of = np.array([codes.index(label) if label else -1 for label in labels], np.intp)
    left = [code for code, label in zip(entities, labels, strict=True) if not label]
    notes = [warn("diagnose.ungrouped", count=len(left), names=", ".join(left[:5]), by=by)] if left else []
    return Grouped(codes, of), notes


def _label(entity: Entity | None, by: str) -> str:
    if not by:
        return ALL
    if by.startswith("tag:"):
        tag = by.removeprefix("tag:")
        return "" if entity is None else (tag if tag in entity.tags else f"not_{tag}")
    known = [f.name for f in fields(Entity)]
    if by not in known:
        raise UnknownWord("diagnose.attribute", name=by, expected=known)
    return "" if entity is None else str(getattr(entity, by))


def places(regions: Codelist, entities: tuple[str, ...]) -> tuple[Array, Array]:
    """Longitude and latitude of each entity, NaN where the codelist has none."""
    found = [regions.get(code) for code in entities]
    lon = [np.nan if e is None or e.lon is None else e.lon for e in found]
    lat = [np.nan if e is None or e.lat is None else e.lat for e in found]
    return np.array(lon, np.float64), np.array(lat, np.float64)


def unbalanced(have: NDArray[np.bool_], periods: tuple[str, ...]) -> list[Note]:
    """A warning where not the same entities are there in every period."""
    count = have.sum(axis=0)
    if count.min() == count.max() and have.any(axis=1).sum() == count.max():
        return []
    return [warn("diagnose.unbalanced", least=int(count.min()), most=int(count.max()),
                 worst=periods[int(count.argmin())])]  # fmt: skip
