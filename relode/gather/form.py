"""The sheets of the collection form: what people fill in, and what a machine reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..words.codelist import Codelist
from ..words.indicator import Indicator, IndicatorSystem
from ..words.labels import told_good
from ..words.texts import say

FORMAT = 1
KEY = "_relode"
ALLOWED = ("A", "P", "E", "I")
HEADS = ("entity", "entity_name", "indicator", "indicator_name", "unit", "last", "value", "status", "remark")
ENTITY, INDICATOR, UNIT, VALUE, STATUS, REMARK = (
    HEADS.index(name) for name in ("entity", "indicator", "unit", "value", "status", "remark")
)
TOP = 4  # rows above the heads: title, how to fill in, period, blank
_WIDTHS = (10, 18, 26, 34, 16, 14, 16, 8, 30)


class Form:
    """The visible sheet while it is written."""

    def __init__(self, book: Any, lang: str, regions: Codelist, facts: Mapping[str, Indicator], before: Any):
        self.sheet = book.add_worksheet(say("template.sheet", lang))
        self.lang, self.regions, self.facts, self.before = lang, regions, facts, before
        font = {"font_name": say("template.font", lang), "font_size": 10}
        self.title = book.add_format({**font, "bold": True, "font_size": 14})
        self.bold = book.add_format({**font, "bold": True, "bottom": 1, "text_wrap": True})
        self.plain = book.add_format({**font})
        self.grey = book.add_format({**font, "font_color": "#666666", "num_format": "#,##0.######"})
        self.open = book.add_format({**font, "locked": False, "bg_color": "#FFF8DC", "num_format": "#,##0.######"})
        self.write = book.add_format({**font, "locked": False, "bg_color": "#FFF8DC", "num_format": "@"})

    def head(self, system: IndicatorSystem, period: str) -> None:
        """Title, how to fill in, the period, and the heads of the columns."""
        for row, text in enumerate(
            (
                system.root.label(self.lang),
                say("template.how", self.lang),
                say("template.period", self.lang, period=period),
            )
        ):
            self.sheet.write_string(row, 0, text, self.title if row == 0 else self.plain)
        for col, name in enumerate(HEADS):
            self.sheet.write_string(TOP, col, say(f"template.{name}", self.lang), self.bold)
            self.sheet.set_column(col, col, _WIDTHS[col])
        self.sheet.freeze_panes(TOP + 1, 4)
        self.sheet.protect("", {"sort": True, "autofilter": True, "format_columns": True})

    def body(self, rows: Sequence[tuple[str, str]]) -> None:
        """One line per region and fact, with what may be entered."""
        for number, (entity, code) in enumerate(rows, TOP + 1):
            fact = self.facts[code]
            unit = say(f"unit.{fact.unit}", self.lang, default=fact.unit)
            told = (entity, self.regions.label(entity, self.lang), code, fact.label(self.lang), unit)
            for col, text in enumerate(told):
                self.sheet.write_string(number, col, text, self.plain)
            if (figure := self.before.get((entity, code))) is not None:
                self.sheet.write_number(number, 5, figure, self.grey)
            self.sheet.write_blank(number, VALUE, None, self.open)
            self.sheet.write_blank(number, STATUS, None, self.write)
            self.sheet.write_blank(number, REMARK, None, self.write)
        asked = [code for _, code in rows]
        for code in dict.fromkeys(asked):  # the rows of a fact stand together
            first = TOP + 1 + asked.index(code)
            rule = self._rule(self.facts[code])
            self.sheet.data_validation(first, VALUE, first + asked.count(code) - 1, VALUE, rule)
        if rows:
            listed = {"validate": "list", "source": list(ALLOWED), "input_message": say("template.statuses", self.lang)}
            self.sheet.data_validation(TOP + 1, STATUS, TOP + len(rows), STATUS, listed)
            self.sheet.autofilter(TOP, 0, TOP + len(rows), len(HEADS) - 1)

    def _rule(self, fact: Indicator) -> dict[str, Any]:
        low, high = fact.range
        if low is not None and high is not None:
            said = say("template.between", self.lang, low=f"{low:g}", high=f"{high:g}")
            return {
                "validate": "decimal",
                "criteria": "between",
                "minimum": low,
                "maximum": high,
                "error_message": said,
            }
        if low is not None:
            said = say("template.least", self.lang, low=f"{low:g}")
            return {"validate": "decimal", "criteria": ">=", "value": low, "error_message": said}
        if high is not None:
            said = say("template.most", self.lang, high=f"{high:g}")
            return {"validate": "decimal", "criteria": "<=", "value": high, "error_message": said}
        widest = {"minimum": -1e15, "maximum": 1e15, "error_message": say("template.number", self.lang)}
        return {"validate": "decimal", "criteria": "between", **widest}


def key_sheet(
    book: Any, system: IndicatorSystem, period: str, scenario: str, rows: Sequence[tuple[str, str, str]]
) -> None:
    """The hidden sheet: which form it is, and the region, fact and unit of every row."""
    sheet = book.add_worksheet(KEY)
    for col, text in enumerate(("relode form", str(FORMAT), system.name, str(system.version), period, scenario)):
        sheet.write_string(0, col, text)
    for number, row in enumerate(rows, 1):
        for col, text in enumerate(row):
            sheet.write_string(number, col, text)
    sheet.very_hidden()


def notes_sheet(book: Any, lang: str, asked: Sequence[Indicator], scored: Sequence[Indicator]) -> None:
    """What every fact is, in which unit, with its note; below, the indicators they are for and what is good of each."""
    sheet = book.add_worksheet(say("template.notes", lang))
    sheet.set_column(0, 3, 30)
    for number, fact in enumerate(asked):
        note = fact.note_zh if lang == "zh" else fact.note_en
        for col, text in enumerate(
            (fact.code, fact.label(lang), say(f"unit.{fact.unit}", lang, default=fact.unit), note)
        ):
            sheet.write_string(number, col, text)
    for number, one in enumerate(scored, len(asked) + 1):
        unit = say(f"unit.{one.unit}", lang, default=one.unit)
        for col, text in enumerate((one.code, one.label(lang), unit, told_good(one.good, lang), one.formula)):
            sheet.write_string(number, col, text)
