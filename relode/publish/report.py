"""The one door of the room: results become a file, whose ending says which kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from relode.words.batch import Source
from relode.words.errors import Misfit, UnknownWord
from relode.words.recipe import Report
from relode.words.result import Result
from relode.words.texts import LANGUAGES, language

from . import files

WRITERS = {".docx": "as_docx", ".pdf": "as_pdf", ".html": "as_html", ".tex": "as_tex"}
FORMATS = (*WRITERS, ".xlsx")


def publish(
    results: Mapping[str, Result] | Sequence[Result],
    path: Path | str,
    *,
    report: Report | None = None,
    lang: str | None = None,
    sources: Mapping[str, Source] | None = None,
    maps: Mapping[str, Any] | None = None,
    asof: str = "",
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Say results as docx, pdf, html, xlsx or tex (the tables), by the path's ending; the same numbers in all.

    `report`   the layout, from a recipe; None: every result whole, one chapter each
    `sources`  who published the figures, by code; the codes stand in the results
    `maps`     name -> GeoJSON FeatureCollection or its path; features are entities by `id` or property `code`
    `progress` is told each picture as it is drawn
    Raises     UnknownWord, Misfit for a layout, format or language that does not fit; Unwritable
    """
    path, lang = Path(path), lang or language()
    named = dict(results) if isinstance(results, Mapping) else {str(n): r for n, r in enumerate(results, 1)}
    if path.suffix.lower() not in FORMATS:
        raise UnknownWord("publish.suffix", name=path.suffix, where=str(path), expected=FORMATS)
    if lang not in LANGUAGES:
        raise UnknownWord("publish.lang", name=lang, expected=LANGUAGES)
    if not named:
        raise Misfit("publish.nothing", where=str(path))
    return files.replace(
        path, _content(named, path.suffix.lower(), report, lang, sources or {}, maps or {}, asof, progress)
    )


def _content(
    results: Mapping[str, Result],
    suffix: str,
    report: Report | None,
    lang: str,
    sources: Mapping[str, Source],
    maps: Mapping[str, Any],
    asof: str,
    progress: Callable[[str], None] | None,
) -> bytes:
    from .compose import Composer, standard

    layout = report or standard(results)
    if suffix == ".xlsx":
        from .as_xlsx import workbook

        return workbook(results, layout, lang, sources, asof)
    composer = Composer(results, lang, sources, maps, progress or (lambda sentence: None))
    document = composer.document(layout, asof)
    written: bytes = import_module(f".{WRITERS[suffix]}", __package__).written(document)
    return written
