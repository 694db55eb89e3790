"""What the codes in a Result are called: one answer for tables, sentences, pages and the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .codelist import Codelist
from .indicator import Indicator, IndicatorSystem
from .policy import Policy
from .study import Control, Outcome, Study
from .texts import has, say

ENTITIES = {"entity", "place", "neighbour", "peer_entity"}
NODES = {
    "indicator", "node", "node_other", "parent", "link_origin", "link_target", "niche", "change_indicator",
}  # fmt: skip
TERMS = {"study", "policy", "other_policy", "outcome", "term", "variable"}
PLACES = {"group", "other", "ahead", "against", "parent"}  # may stand for a place where no list knows the word
LISTS = {  # columns whose words are texts of other lists, tried in order
    "peer": ("type",), "type": ("type",), "unit": ("unit",), "cost_unit": ("unit",), "next_type": ("code.type",),
    "unit_to": ("unit",),
    "group": ("code.group", "type"), "other": ("code.group", "type"), "ahead": ("code.group", "type"),
    "guess": ("code.type",), "right": ("code.type",), "cluster": ("code.quadrant",),
    "start": ("code.class", "code.quadrant"), "to": ("code.class", "code.quadrant"), "lag": ("code.class",),
    "screen": ("code.screen",),
}  # fmt: skip
_BEST = re.compile(r"(.+)\.\.(.+)")
_SPREAD = re.compile(r"Dirichlet\((.+)\)")


@dataclass(frozen=True)
class Labels:
    """What the codes in a Result are called: entities from codelists, indicators and groups from systems,
    policies, outcomes and controls from studies; `indicators` are the facts that a place knows."""

    regions: Codelist = field(default_factory=Codelist)
    systems: tuple[IndicatorSystem, ...] = ()
    studies: tuple[Study, ...] = ()
    indicators: Mapping[str, Indicator] = field(default_factory=dict)

    def entity(self, code: str, lang: str) -> str:
        """What people read for an entity."""
        return self.regions.label(code, lang)

    def node(self, code: str, lang: str) -> str:
        """What people read for an indicator or a group."""
        for system in self.systems:
            if (label := system.label(code, lang)) != code:
                return label
        return self.indicators[code].label(lang) if code in self.indicators else code

    def unit(self, code: str) -> str:
        """The code of an indicator's unit; '' for what has none."""
        for system in self.systems:
            for indicator in system.indicators:
                if indicator.code == code:
                    return indicator.unit
        return self.indicators[code].unit if code in self.indicators else ""

    def term(self, code: str, lang: str) -> str:
        """What people read for a study, a policy, an outcome or a control."""
        for study in self.studies:
            if study.name == code:
                return study.label(lang)
            named: tuple[Policy | Outcome | Control, ...] = (
                *study.calendar.policies, *study.outcomes, *study.controls,
            )  # fmt: skip
            if found := next((part for part in named if part.code == code), None):
                return found.label(lang)
        return code

    def name(self, column: str, code: str, lang: str) -> str:
        """What people read for a code in a column: an entity, a node, a term, or a word of the column's own list."""
        if column in ENTITIES:
            return self.entity(code, lang)
        if column in TERMS:
            known = say(f"code.term.{code}", lang, default=code)
            return self.term(code, lang) if known == code else known
        if column == "good":
            return told_good(code, lang)
        if column == "doubt":
            return doubt_named(code, lang)
        if column == "level_taken":
            return _levels(code, lang)
        for list_ in (f"code.{column}", *LISTS.get(column, ())):
            if has(f"{list_}.{code}"):
                return say(f"{list_}.{code}", lang)
        found = self.node(code, lang) if column in NODES | {"reason", "subject"} else code
        found = self.term(code, lang) if column == "subject" and found == code else found
        return self.entity(code, lang) if found == code and column in PLACES else found

    def any_name(self, code: str, lang: str) -> str:
        """What people read for a code wherever it stands, as far as it is an indicator, a group, a term or a unit."""
        found = self.node(code, lang)
        found = self.term(code, lang) if found == code else found
        return say(f"unit.{code}", lang, default=code) if found == code else found

    def of_column(self, column: str) -> Callable[[str, str], str] | None:
        """What turns the codes of a column into names, if its codes have names of their own beside them."""
        if column in ENTITIES | NODES | TERMS or column in ("unit", "peer", "type"):
            return lambda code, lang: self.name(column, code, lang)
        return None


def told_good(code: str, lang: str) -> str:
    """What is good of an indicator, from its code (`Indicator.good`): `1`, `-1`, `0`, or a best range `60..75`."""
    if ends := _BEST.fullmatch(code):
        low, high = ends.groups()
        return say("code.good.value" if low == high else "code.good.range", lang, low=low, high=high)
    return say(f"code.good.{code}", lang, default=code)


def doubt_named(code: str, lang: str) -> str:
    """What people call a doubt; choices that are one doubt together by the names of each."""
    apart = (say(f"code.doubt.{part}", lang, default=part) for part in code.split(" + "))
    return say(f"code.doubt.{code}", lang, default=say("say.and", lang).join(apart))


def _levels(code: str, lang: str) -> str:
    """The levels that a doubt takes, each by name: `minmax, geometric`; a spread by its concentration."""
    if spread := _SPREAD.fullmatch(code):
        return say("level.dirichlet", lang, spread=spread[1])
    return say("say.and", lang).join(say(f"code.taken.{part}", lang, default=part) for part in code.split(", "))
