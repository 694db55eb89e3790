"""Guessing how a table is read: which column says what, which heading means which fact, in which unit.

Every guess carries how sure it is and why. What is not sure becomes a question; nothing unsure is loaded unasked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from ...words.indicator import Indicator
from .columns import Content, Head, Looker
from .headings import Headings, Sense
from .layout import Block
from .lexicon import is_blank, text_of
from .reading import Column, Role, Table, Where, sheet_pattern

PlacesIn = Callable[[str], str]
SURE = 0.8
_ENTITY_ROLES = ("city", "place", "province")


@dataclass(frozen=True)
class Told:
    """What a file says outside its tables: texts around a table (titles, sheet, file) and a unit for all figures."""

    titles: tuple[str, ...]
    unit: str = ""


@dataclass(frozen=True)
class View:
    """A table under the eyes of the guesser: columns with heads and contents."""

    block: Block
    heads: dict[int, Head]
    contents: dict[int, Content]
    roles: dict[int, str]

    def having(self, *roles: str) -> list[int]:
        """The columns of these roles, in order."""
        return [column for column, role in self.roles.items() if role in roles]

    @cached_property
    def values(self) -> list[int]:
        """The columns of figures."""
        return self.having("fact", "value")


@dataclass(frozen=True)
class Guesser:
    """Guesses tables. `place_in` finds the name of a place within a text, '' if there is none."""

    looker: Looker
    headings: Headings
    place_in: PlacesIn

    def view(self, block: Block) -> View:
        """Heads, contents and roles of the columns of a table."""
        contents = {c: self.looker.content(block, c) for c in block.columns}
        across = [c for c in block.columns if self._is_place_head(block.paths[c]) and contents[c].figures > 0.5]
        heads = {c: self.looker.head(block.paths[c], places=len(across) > 0) for c in block.columns}
        roles = {c: self._role(heads[c], contents[c]) for c in block.columns}
        return View(block, heads, contents, self._one_entity(block, roles))

    def table(self, view: View, told: Told) -> Table:
        """How the table is read, as far as it can be guessed."""
        block = view.block
        table = Table(sheet_pattern(block.sheet.name), block.number)
        period = self._period(view, told)
        entity = self._entity(view, told)
        indicator = self._indicator(view, told)
        lacking = [f"no_{n}" for n, at in (("entity", entity), ("period", period), ("indicator", indicator)) if not at]
        why = "no_figures" if not view.values else lacking[0] if lacking else ""
        table = replace(
            table, entity=entity or "given", period=period or "given", indicator=indicator or "given",
            unit=self.unit_over(block) or told.unit,
            use=not why, why=why, sure=0.0 if why else 1.0,
        )  # fmt: skip
        columns = self._columns(view, table)
        return replace(table, columns=columns, labels=self.labels(view, table, told))

    # -- roles of columns --------------------------------------------------------------------------

    def _is_place_head(self, path: tuple[str, ...]) -> bool:
        return any(self.looker.is_place(text) for text in path)

    def _role(self, head: Head, content: Content) -> str:
        """city, place, province, code, province_code, period, unit, indicator, value, skip, remark or fact."""
        leaf = head.rest[-1] if head.rest else ""
        said = self.looker.lexicon.role(leaf) if leaf and not (head.place or head.year) else ""
        if not head.template:
            return self._role_by_content(content)
        if said in _ENTITY_ROLES:
            return said if content.places >= 0.3 or (content.figures < 0.2 and content.years < 0.2) else "skip"
        if said == "period":
            return "period" if content.years >= 0.8 else "skip"
        if said:
            return said
        if content.count and content.figures < 0.5 and not head.year:
            return "place" if content.places >= 0.6 else "text"
        return "fact"

    def _role_by_content(self, content: Content) -> str:
        if content.count and content.years >= 0.9:
            return "period"
        if content.places >= 0.6 and content.count > 1:
            return "place"
        return "remark"

    def _one_entity(self, block: Block, roles: dict[int, str]) -> dict[int, str]:
        """One column is the entity: the finest that is named; a province beside it only narrows."""
        rank = {"city": 0, "place": 1, "province": 2}
        named = sorted(
            (c for c, role in roles.items() if role in rank), key=lambda c: (rank[roles[c]], -_kinds(block, c))
        )
        found = dict(roles)
        for column in named[1:]:
            found[column] = "province" if roles[column] == "province" else "skip"
        if named:
            found[named[0]] = "entity"
        texts = [c for c, role in found.items() if role == "text"]
        if texts and self._labels_known(block, texts[0]):
            found[texts[0]] = "indicator"
        return {c: "skip" if role == "text" else role for c, role in found.items()}

    def _labels_known(self, block: Block, column: int) -> bool:
        labels = {text_of(cell) for row in block.sample if not is_blank(cell := block.sheet.at(row, column))}
        return bool(labels) and sum(self.headings.knows(label) for label in labels) >= 0.4 * len(labels)

    # -- where the three things are told -----------------------------------------------------------

    def _period(self, view: View, told: Told) -> Where | None:
        if view.having("period"):
            return "column"
        if any(view.heads[c].year for c in view.values):
            return "head"
        if any(self.looker.lexicon.year(text) for _, _, text in view.block.bands):
            return "band"
        return "title" if self.title_year(told.titles) else None

    def _entity(self, view: View, told: Told) -> Where | None:
        if view.having("entity"):
            return "column"
        if any(view.heads[c].place for c in view.values):
            return "head"
        if any(self.looker.is_place(text) for _, _, text in view.block.bands):
            return "band"
        return "title" if self.title_place(told.titles) else None

    def _indicator(self, view: View, told: Told) -> Where | None:
        if view.having("indicator"):
            return "column"
        banded = any(self.headings.knows(text) for _, _, text in view.block.bands)
        if banded and not any(self.headings.sense(view.heads[c].rest).sure >= SURE for c in view.values):
            return "band"
        if not any(self._is_bare(view.heads[c], view.roles[c]) for c in view.values):
            return "head"
        if self.title_sense(told.titles).sure:
            return "title"
        return "head" if any(self.headings.sense(view.heads[c].rest).sure >= SURE for c in view.values) else None

    def _is_bare(self, head: Head, role: str) -> bool:
        """Does a head say nothing of what is measured: a year, a place, a unit, "value", "total"?"""
        generic = self.looker.lexicon.patterns["generic"]
        names = (self.headings.parted(text)[0].lower() for text in head.rest)
        return role == "value" or all(not name or generic.match(name) for name in names)

    def title_year(self, titles: Iterable[str]) -> str:
        """The one year that the texts around a table name, the nearest text first."""
        return next(
            (year for text in titles if (year := self.looker.lexicon.year(text) or self.looker.year_within(text))), ""
        )

    def title_place(self, titles: Iterable[str]) -> str:
        """The place that the texts around a table name, the nearest text first."""
        return next((place for text in titles if (place := self.place_in(text))), "")

    def title_sense(self, titles: Iterable[str]) -> Sense:
        """The fact that the texts around a table name, the nearest text first."""
        return next((sense for text in titles if (sense := self.headings.within(text)).sure), Sense())

    # -- what columns and labels mean --------------------------------------------------------------

    def _columns(self, view: View, table: Table) -> tuple[Column, ...]:
        found: dict[str, Column] = {}
        for column, head in view.heads.items():
            if not head.template and view.roles[column] == "remark":
                continue
            made = self._column(head, view.roles[column], table)
            found.setdefault(head.template, made)
        return self._by_neighbours(tuple(found.values()), table)

    def _column(self, head: Head, role: str, table: Table) -> Column:
        roles: dict[str, Role] = {"province_code": "skip"}
        if role != "fact":
            unit = self.headings.said_unit(head.rest) if role == "value" else ""
            return Column(head.template, roles.get(role, role), unit=unit)  # type: ignore[arg-type]
        sense = self.headings.sense(head.rest)
        elsewhere = self._is_bare(head, role) or (table.indicator == "band" and sense.sure < SURE)
        if table.indicator != "head" and elsewhere:
            return Column(head.template, "value", unit=self.headings.said_unit(head.rest))
        return _fact(head.template, sense, self.headings.said_unit(head.rest))

    def labels(self, view: View, table: Table, told: Told) -> tuple[Column, ...]:
        """What the labels of rows, of bands or of the title mean, where the indicator is told there."""
        if table.indicator == "column":
            column = view.having("indicator")[0]
            texts = [text_of(view.block.sheet.at(row, column)) for row in view.block.data]
        elif table.indicator == "band":
            texts = [text for _, _, text in view.block.bands if not self._else(text)]
        else:
            return ()
        found = {
            text: _fact(text, self.headings.sense((text,)), self.headings.said_unit((text,))) for text in texts if text
        }
        return tuple(found.values())

    def _else(self, text: str) -> bool:
        return bool(self.looker.lexicon.year(text)) or self.looker.is_place(text)

    # -- units -------------------------------------------------------------------------------------

    def unit_over(self, block: Block) -> str:
        """The unit that a line over the table gives to all its figures, '' if none."""
        lines = (self.looker.lexicon.patterns["unit_line"].search(text) for text in block.titles)
        return next((u for line in lines if line and (u := self.headings.any_unit(line.group(1).strip(" )")))), "")

    def _by_neighbours(self, columns: tuple[Column, ...], table: Table) -> tuple[Column, ...]:
        """A fact without a unit takes that of a neighbour of the same family (`value_added.primary` beside it)."""
        facts = [c for c in columns if c.role == "fact" and c.indicator]
        stated = {_family(c.indicator): c.unit for c in facts if c.unit and c.why == "stated"}
        if table.unit:
            return columns
        told = {
            c.head: replace(c, unit=stated[_family(c.indicator)], why="neighbour", sure=min(c.sure, 0.9))
            for c in facts
            if c.why != "stated" and _family(c.indicator) in stated
        }
        return tuple(told.get(c.head, c) for c in columns)


def _fact(head: str, sense: Sense, said: str) -> Column:
    """The column or label that a sense makes: a fact, a derived figure, or an unknown one."""
    if sense.formula:
        return Column(head, "derived", formula=sense.formula, unit=said, sure=sense.sure, why=sense.why)
    why = "stated" if said and sense.sure >= SURE else sense.why
    return Column(head, "fact", sense.indicator, sense.unit, sense.status, sure=sense.sure, why=why)


def _family(code: str) -> str:
    return code.partition(".")[0].partition("@")[0]


def _kinds(block: Block, column: int) -> int:
    return len({text_of(block.sheet.at(row, column)) for row in block.sample})


def assumed(indicator: Indicator, column: Column, table_unit: str) -> tuple[str, float, str]:
    """The unit of a fact, how sure it is and why: stated, of the table, of the alias, else the indicator's own.

    A heading that is only near a known one stays so, whatever its unit: it is asked about.
    """
    if column.why == "near":
        return table_unit or column.unit or indicator.unit, column.sure, "near"
    if column.why in ("stated", "neighbour") and column.unit:
        return column.unit, column.sure, column.why
    if table_unit:
        return table_unit, column.sure, "table"
    if column.unit:
        return column.unit, min(column.sure, 0.9), column.why
    return indicator.unit, min(column.sure, 0.6), "assumed"
