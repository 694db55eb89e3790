"""Details of notes in both languages: what a reader sees where the code holds a code."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..words.codelist import Codelist
from ..words.errors import RelodeError
from ..words.study import Outcome
from ..words.texts import LANGUAGES, has, say

SHOWN = 6  # names of a list in a note; its length is told beside


def both(name: str, told: Callable[[str], str]) -> dict[str, str]:
    """A detail of a note in both languages: `name_zh`, `name_en`."""
    return {f"{name}_{lang}": told(lang) for lang in LANGUAGES}


def coded(column: str, code: str) -> dict[str, str]:
    """What a code of a column is called, in both languages."""
    return both(column, lambda lang: say(f"code.{column}.{code}", lang, default=code))


def listed(parts: Iterable[Callable[[str], str]]) -> dict[str, str]:
    """Parts, each told in a language, as a list in both: `names_zh`, `names_en`."""
    kept = list(parts)
    return both("names", lambda lang: say("evaluate.comma", lang).join(part(lang) for part in kept))


def entities(regions: Codelist, codes: list[str]) -> dict[str, str | int]:
    """The first entities of a list by name in both languages, and how many there are: names_zh, names_en, count."""
    named = listed(_label(regions, code) for code in codes[:SHOWN])
    more = {key: text + say("evaluate.and_more", key[-2:]) for key, text in named.items()}
    return {**(more if len(codes) > SHOWN else named), "count": len(codes)}


def measured(value: float, outcome: Outcome, lang: str, digits: int = 4) -> str:
    """An effect with the unit of its outcome; a difference of percentages is in percentage points."""
    figure = f"{value:.{digits}g}"
    unit = outcome.effect_unit
    if not unit:
        return figure
    own = f"evaluate.measured.{unit}"
    code = own if has(own) else "evaluate.measured"
    return say(code, lang, value=figure, unit=say(f"unit.{unit}", lang, default=unit))


def told(lang: str, fault: RelodeError) -> str:
    """What a fault says, in one sentence without its remedy."""
    return say(fault.code, lang, **fault.details).rstrip("\u3002.")


def _label(regions: Codelist, code: str) -> Callable[[str], str]:
    return lambda lang: regions.label(code, lang)
