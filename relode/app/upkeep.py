"""Looking after a place: what is there, what is missing, and the form that asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..words.batch import AsOf
from ..words.errors import RelodeError
from ..words.indicator import Indicator, IndicatorSystem, facts_of, read_yaml
from ..words.method import Need
from ..words.panel import Panel
from ..words.texts import LANGUAGES, language, say

if TYPE_CHECKING:
    import pandas as pd

    from .place import Place


KEPT = "kept.yaml"


def entity_of(place: Place, text: str, where: str) -> str:
    """The entity that a person names, by code, name or a usual short name (大同). Raises UnknownWord, Misfit."""
    from ..gather.harmonise import china_matcher, entity_called

    return entity_called(text, china_matcher(place.regions), where=where) if len(place.regions) else text


def define(place: Place, indicators: Iterable[Indicator]) -> Path | None:
    """Write what kept results define into the place's own catalogue, so that tables and checks know their names.

    What another file of the place or of the package defines already is left to it. The catalogue is written whole or
    not at all; None where there is nothing to add.
    """
    from ..gather.keeping import write
    from .exchange import catalogue

    path = place.folder / "indicators" / KEPT
    kept = {one.code: one for one in facts_of(read_yaml(path), str(path))} if path.exists() else {}
    new = {one.code: one for one in indicators if one.code in kept or one.code not in place.indicators}
    if all(kept.get(code) == one for code, one in new.items()):
        return None
    told = "".join("# " + say("upkeep.kept", lang) + "\n" for lang in LANGUAGES)
    write(path, told + catalogue((kept | new).values()))
    return path


def missing(place: Place, name: str, asof: AsOf) -> pd.DataFrame:
    """The coverage table of a system: node, entity, period, available, of, share."""
    from ..gather.coverage import missing as coverage

    system = place.shelf.system(name)
    return coverage(_panel(place, system, asof), system)


def template(place: Place, name: str, path: Path, period: str, lang: str) -> Path:
    """Write the collection form of a system, with the newest figures before `period`; an empty place gives none."""
    from ..gather.template import write_template

    system = place.shelf.system(name)
    try:
        last = _panel(place, system, AsOf())
    except RelodeError:  # nothing has been gathered yet
        last = None
    write_template(system, place.indicators, place.regions, path, period=period, last=last, lang=lang)
    return path


def coverage_told(panel: Panel, system: IndicatorSystem) -> str:
    """What is there of each group of a system, as lines for people."""
    from ..gather.coverage import missing as coverage

    table = coverage(panel, system)
    groups = [group.code for group in system.root.nodes()]
    whole = table[(table["entity"] == "") & (table["period"] == "")].set_index("node").loc[groups]
    lines = [
        f"  {system.label(node, language())}: {there}/{of}"
        for node, there, of in zip(groups, whole["available"], whole["of"], strict=True)
    ]
    return "\n".join([say("coverage.head"), *lines])


def _panel(place: Place, system: IndicatorSystem, asof: AsOf) -> Panel:
    """The facts of a system from any series: whether a figure is there does not depend on which one is believed."""
    with place.store(read_only=True) as store:
        every = dict.fromkeys([*place.prefer(store), *(one.batch.series for one in store.batches())])
        return store.panel(Need(place.held(store, system.reads)), asof=asof, prefer=tuple(every))
