"""The embedded real defaults: a place made from figures that a dependency ships, evaluated and reported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..words.errors import UnknownWord
from ..words.recipe import Recipe
from .place import SETTINGS, Place, Told, _silent, open

FORMATS = ("docx", "pdf", "html", "xlsx")
LANGS = ("zh", "en")


def demo(
    name: str, folder: Path, *, langs: Sequence[str] = LANGS, formats: Sequence[str] = FORMATS, tell: Told = _silent
) -> list[Path]:
    """Make the place `folder`/`name`/place, run its recipe, and write one report per language and format."""
    place, recipe = furnish(name, folder / name / "place", tell)
    results = place.cook(recipe)
    reports = [folder / name / f"report.{lang}.{form}" for lang in langs for form in formats]
    return [place.publish(results, path, lang=path.name.split(".")[1], recipe=recipe) for path in reports]


def furnish(name: str, folder: Path, tell: Told = _silent) -> tuple[Place, Recipe]:
    """The place of an embedded default, with its facts loaded, and its recipe."""
    from ..gather.embedded import EMBEDDED

    if name not in EMBEDDED:
        raise UnknownWord("demo.unknown", name=name, expected=tuple(EMBEDDED))
    tell("progress.reading", {"file": name})
    found = EMBEDDED[name]()
    place = open(folder, actor="relode demo", tell=tell)
    found.regions.save(folder / "regions" / f"{name}.csv")
    settings = f'zh = "{found.zh}"\nen = "{found.en}"\nregions = "{name}"\nprefer = []\n'
    (folder / SETTINGS).write_text(settings, encoding="utf8")
    for title, outlines in found.maps.items():
        (folder / "maps" / f"{title}.geojson").write_text(outlines, encoding="utf8")
    for batch, facts in found.batches:
        tell("progress.loading", {"name": batch.series})
        place.load(batch, facts)
    if found.ties is not None:
        batch, ties = found.ties
        place.tie(ties, batch)
    return place, place.recipe(found.recipe, found.asks)
