"""Figures out of a place in the formats that others read, and COINr's pair of tables into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from ..words.batch import AsOf, Batch, StoredBatch
from ..words.errors import Misfit, UnknownWord
from ..words.indicator import Group, Indicator, IndicatorSystem
from ..words.method import Need
from ..words.panel import Panel
from ..words.texts import language

if TYPE_CHECKING:
    from .place import Place

Written = Literal["", "tidy", "sdmx", "wide", "stata", "spss", "coinr"]
_ENDINGS: Mapping[str, Written] = {".csv": "tidy", ".parquet": "tidy", ".xlsx": "tidy", ".dta": "stata", ".sav": "spss"}


@dataclass(frozen=True)
class Chosen:
    """What is written: facts (all, or those named), or the indicators of a system; of which level and periods."""

    indicators: tuple[str, ...] = ()
    system: str = ""
    level: str = ""
    periods: tuple[str, ...] = ()
    scenario: str = "actual"


def export(
    place: Place, path: Path, chosen: Chosen, *, format: Written = "", flags: bool = True, lang: str = "",
    asof: AsOf | None = None,
) -> list[Path]:  # fmt: skip
    """Write figures by the ending of the file, or as the format says; `flags=False` gives up status where it must.

    COINr's format is two files: the figures, and beside them the tree of the system.
    Raises UnknownWord for a format, Misfit where the format would lose something or series differ.
    """
    from ..gather.formats import write_panel

    form = format or _ENDINGS.get(path.suffix.lower(), "")
    if not form or form not in get_args(Written):
        known = tuple(dict.fromkeys((*_ENDINGS, *get_args(Written)[1:])))
        raise UnknownWord("formats.unknown", name=format or path.suffix, expected=known)
    panel = _panel(place, chosen, asof or AsOf())
    if form == "coinr":
        return _coinr(place, panel, chosen, path, lang or language())
    write_panel(
        panel, path, form, regions=place.regions, indicators=place.indicators, lang=lang or language(), flags=flags
    )
    return [path]


def _panel(place: Place, chosen: Chosen, asof: AsOf) -> Panel:
    """The figures that are chosen, without regions, periods and indicators that have none."""
    from ..measure.derive import derive

    system = place.shelf.system(chosen.system) if chosen.system else None
    need = Need(system.reads if system else chosen.indicators, (chosen.scenario,), chosen.periods, (), chosen.level)
    with place.store(read_only=True) as store:
        panel: Panel = place.read(store, Panel, need, asof)
    return _filled(derive(panel, system) if system else panel)


def _filled(panel: Panel) -> Panel:
    import numpy as np

    there = ~np.isnan(panel.values)
    kept = {
        "entities": [code for k, code in enumerate(panel.entities) if there[:, k].any()],
        "periods": [code for t, code in enumerate(panel.periods) if there[:, :, t].any()],
        "indicators": [code for n, code in enumerate(panel.indicators) if there[..., n].any()],
    }
    if not kept["entities"]:
        raise Misfit("formats.nothing")
    return panel.only(**kept)


def _coinr(place: Place, panel: Panel, chosen: Chosen, path: Path, lang: str) -> list[Path]:
    """The pair of COINr: `path`, and beside it the file whose name has iMeta for iData."""
    from ..gather.formats import coinr

    if not chosen.system:
        raise Misfit("formats.system")
    system = _within(place.shelf.system(chosen.system), panel.indicators)
    meta = path.with_name(
        path.name.replace("iData", "iMeta") if "iData" in path.name else f"{path.stem}_iMeta{path.suffix}"
    )
    coinr.write(panel, system, place.regions, path, meta, lang=lang)
    return [path, meta]


def _within(system: IndicatorSystem, codes: tuple[str, ...]) -> IndicatorSystem:
    """The system without indicators that have no figure, and without groups that are then empty."""

    def cut(group: Group) -> Group:
        groups = tuple(part for part in map(cut, group.groups) if part.groups or part.indicators)
        return replace(group, groups=groups, indicators=tuple(one for one in group.indicators if one.code in codes))

    return replace(system, root=cut(system.root))


def bring_coin(
    place: Place, idata: Path, imeta: Path, *, name: str, source: str, vintage: str, period: str = "",
    series: str = "",
) -> StoredBatch:  # fmt: skip
    """COINr's pair into the place: its figures as one batch, its tree as `indicators/<name>.yaml`, its units as
    `regions/<name>.csv`.

    Raises Misfit where a definition of this name is there already, or what the two tables themselves raise.
    """
    from ..gather.embedded import sha256_of
    from ..gather.formats import coinr
    from ..gather.keeping import write
    from .place import day

    coin = coinr.read(idata, imeta, name=name, period=period)
    files = {place.folder / "indicators" / f"{name}.yaml": written(coin.system)}
    regions = place.folder / "regions" / f"{name}.csv"
    for path in (*files, regions):
        if path.exists():
            raise Misfit("formats.there", name=path.name, where=str(path))
    batch = Batch(source, series or source, day(vintage), place.actor, idata.name, sha256_of(idata), "coinr")
    stored = place.load(batch, coin.frame.drop(columns=["unit"]), defines={i.code: i for i in coin.system.indicators})
    for path, text in files.items():
        write(path, text)
    coin.regions.save(regions)
    return stored


def catalogue(indicators: Iterable[Indicator]) -> str:
    """Indicators as the YAML file of a catalogue of facts."""
    import yaml

    facts = {one.code: _leaf(one) for one in indicators}
    text: str = yaml.safe_dump({"facts": facts}, allow_unicode=True, sort_keys=False, width=120)
    return text


def written(system: IndicatorSystem) -> str:
    """A system as the YAML file that `IndicatorSystem.load` reads."""
    import yaml

    head: dict[str, Any] = {"name": system.name, "version": system.version, "zh": system.root.zh, "en": system.root.en}
    if system.source:
        head["source"] = system.source
    text: str = yaml.safe_dump({**head, **_branch(system.root, "")}, allow_unicode=True, sort_keys=False, width=120)
    return text


def _branch(group: Group, prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if group.groups:
        found["groups"] = {
            part.code.removeprefix(prefix): {
                "zh": part.zh, "en": part.en, "weight": part.weight, **_branch(part, f"{part.code}."),
            }
            for part in group.groups
        }  # fmt: skip
    if group.indicators:
        found["indicators"] = {one.code.removeprefix(prefix): _leaf(one) for one in group.indicators}
    return found


def _leaf(one: Indicator) -> dict[str, Any]:
    told: dict[str, Any] = {
        "zh": one.zh, "en": one.en, "unit": one.unit, "direction": None if one.best else one.direction,
        "best": list(one.best) if one.best else None, "weight": one.weight,
        "range": list(one.range) if one.range != (None, None) else None, "formula": one.formula, "source": one.source,
        "note_zh": one.note_zh, "note_en": one.note_en,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value not in (None, "") or name == "unit"}
