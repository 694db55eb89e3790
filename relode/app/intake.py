"""How figures come into a place: a look first, then all or nothing.

Four kinds of file are told apart. A *form* is relode's own collection form that came back. A *table* has only heads
that are words of the place (its codes and labels): there is nothing to ask. A *list* names regions and holds no figures
(see `rosters`). Everything else is a *yearbook*: it is read by guesses that are shown with their reasons, and asked
about, until a reading of that layout has been accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..words.errors import Misfit, RelodeError, raise_all
from ..words.texts import say
from . import rosters

if TYPE_CHECKING:
    import pandas as pd

    from ..gather.roster import Roster
    from ..gather.yearbook import Extract, Reading
    from .place import Place

Ask = Callable[[Any], str | None]
"""(question) -> the answer, or None to leave the guess"""


@dataclass(frozen=True)
class Look:
    """What a file holds, before anything is kept. `extract` is there for a yearbook, `roster` for a list.

    `left_out`  names of variables that are no indicator of the place, left out because that was accepted
    """

    path: Path
    kind: Literal["form", "table", "list", "yearbook"]
    facts: pd.DataFrame
    extract: Extract | None = None
    roster: Roster | None = None
    left_out: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """May it be taken unasked: a form, a table, or a known layout that leaves no question and no fault?"""
        if self.roster is not None:
            return False
        return self.extract is None or (self.extract.known and self.extract.settled)

    @property
    def asked(self) -> int:
        """How many questions a yearbook leaves."""
        return len(self.extract.questions) if self.extract else 0

    @property
    def recipe(self) -> str:
        """How the file was read: its kind, and the layout of its reading."""
        return self.kind if self.extract is None else f"reading:{self.extract.reading.layout}"

    def lines(self, place: Place, lang: str | None = None) -> Iterator[str]:
        """The reading as lines for people, in the words of the place."""
        if self.kind in ("list", "yearbook") and not len(place.regions):
            yield say("intake.no_regions", lang)
        if self.roster is not None:
            yield from rosters.lines(self.roster, lang)
            return
        if self.extract is None:
            yield say(
                "intake.plain", lang, file=self.path.name, facts=len(self.facts),
                entity=self.facts["entity"].nunique(), indicator=self.facts["indicator"].nunique(),
                period=self.facts["period"].nunique(),
            )  # fmt: skip
            if self.left_out:
                yield say("intake.left_out", lang, names=", ".join(self.left_out), count=len(self.left_out))
            return
        from ..gather.yearbook import shown

        yield from shown(self.extract, lang, indicators=place.indicators, regions=place.regions)


def look(
    place: Place, path: Path, *, scenario: str = "actual", period: str | None = None, accept: bool = False
) -> Look:
    """Read a file without keeping anything. Raises UnknownWord, Misfit, Impossible for a form or table with faults."""
    from ..gather import tables, template
    from ..gather.formats import known

    if not path.is_file():
        raise Misfit("intake.file", where=str(path))
    if template.is_template(path):
        return Look(path, "form", template.read_template(path, facts=place.indicators))
    if form := known.format_of(path):
        left: list[str] = []
        facts = known.read_facts(
            path, form, regions=place.regions, indicators=place.indicators, scenario=scenario,
            left_out=left if accept else None,
        )  # fmt: skip
        return Look(path, "table", facts, left_out=tuple(left))
    if tables.is_plain(path, indicators=place.indicators, period=period):
        facts = tables.read_table(
            path, regions=place.regions, indicators=place.indicators, period=period, scenario=scenario
        )
        return Look(path, "table", facts)
    roster = rosters.read(place, path)
    if roster is not None:
        return Look(path, "list", _no_facts(), roster=roster)
    return _yearbook(place, path, scenario, period, accept)


def _no_facts() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=["entity", "period", "indicator", "scenario", "value", "status"])


def _yearbook(place: Place, path: Path, scenario: str, period: str | None, accept: bool) -> Look:
    from ..gather.yearbook import read_workbook

    extract = read_workbook(
        path, regions=place.regions, indicators=place.indicators, accept=accept,
        readings=(place.folder / "readings",), scenario=scenario, period=period,
    )  # fmt: skip
    return Look(path, "yearbook", extract.facts, extract)


def converse(place: Place, seen: Look, ask: Ask, *, scenario: str = "actual", period: str | None = None) -> Look:
    """Put every question of a yearbook to a person and read it again with the answers; the reading is then accepted."""
    from ..gather.yearbook import read_workbook

    if seen.extract is None:
        return seen
    reading = seen.extract.reading
    for question in seen.extract.questions:
        reading = _answer(place, reading, question, ask)
    extract = read_workbook(
        seen.path, regions=place.regions, indicators=place.indicators, reading=reading, accept=True,
        scenario=scenario, period=period,
    )  # fmt: skip
    return Look(seen.path, "yearbook", extract.facts, extract)


def _answer(place: Place, reading: Reading, question: Any, ask: Ask) -> Reading:
    """The reading with one question answered; an answer that means nothing is told, and the question put again."""
    from ..gather.yearbook import answered

    while (answer := ask(question)) is not None:
        try:
            return answered(reading, question, answer)
        except Misfit as fault:
            place.tell(fault.code, fault.details)
    return reading


def remember(place: Place, seen: Look) -> Path | None:
    """Keep the accepted reading, so that next year's file of this layout needs no question."""
    return None if seen.extract is None else seen.extract.reading.save(place.folder / "readings")


def must_be_settled(seen: Look) -> None:
    """Raise Misfit, with the faults, where a file cannot be taken as it was read."""
    if seen.settled or seen.extract is None:
        return
    asked = len(seen.extract.questions)
    faults: list[RelodeError] = []
    if asked:
        faults = [Misfit("intake.unsettled", where=seen.path.name, count=asked)]
    elif not seen.extract.known:
        faults = [Misfit("intake.unknown_layout", where=seen.path.name)]
    raise_all([*faults, *seen.extract.faults], where=seen.path.name)


def must_hold_figures(seen: Look) -> None:
    """Raise Misfit where a file is a list of regions: there are no facts to load."""
    if seen.roster is not None:
        raise Misfit("intake.list", where=seen.path.name)
