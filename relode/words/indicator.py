"""Indicators and indicator systems: files that a statistician writes, no code.

    name: morocco_level
    version: 1
    zh: ...
    en: ...
    groups:
      industry:
        zh: 产业
        en: Industry
        indicators:
          jobs_per_1000: {zh: .., en: .., unit: per 1000, direction: 1, range: [0, null],
                          formula: establishments.jobs / population.legal * 1000, source: ..}
        groups: {...}                       # to any depth
    excluded:
      marital_status: {zh: reason, en: reason}
    links:                              # what one group is to bring about in another, if the framework says so
      - [industry, livelihood, 理由, reason]

Where neither more nor less is better, `best: [60, 75]` stands in place of a direction (`best: [70, 70]`: one value).
An indicator without a formula is a fact of the same code. A catalogue of facts (`facts:` instead of
`groups:`) says what a source's own headings are called, in which unit. Scope is part of the code: `gdp@district`.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .errors import Impossible, Misfit, RelodeError, UnknownWord, raise_all

if TYPE_CHECKING:
    from .shelf import Shelf

CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*(@[a-z][a-z0-9_]*)?")
_AT = "__at__"
Direction = Literal[-1, 0, 1]


@dataclass(frozen=True)
class Indicator:
    """One figure: its code, what people call it, its unit and what is good.

    `direction`  1 more is better, -1 less is better, 0 says nothing (a fact, or a context figure)
    `range`      what is possible, both ends included; None = open
    `best`       where neither is better, the range that is (one value: both ends alike); what counts is how far a
                 figure lies outside it, less is better, and so `direction` is -1. 适度指标、区间型指标
    `formula`    how it comes from facts (+ - * / and brackets); empty = it is a fact itself
    """

    code: str
    zh: str
    en: str
    unit: str
    direction: Direction = 0
    range: tuple[float | None, float | None] = (None, None)
    formula: str = ""
    weight: float = 1.0
    source: str = ""
    note_zh: str = ""
    note_en: str = ""
    best: tuple[float, float] | None = None

    def label(self, lang: str) -> str:
        """The name in `lang`."""
        return self.zh if lang == "zh" else self.en

    @property
    def good(self) -> str:
        """What is good, as a code: `1` more, `-1` less, `0` not judged, `60..75` figures between."""
        return "{:g}..{:g}".format(*self.best) if self.best else str(self.direction)

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The codes of the facts that the indicator is made of."""
        return tuple(dict.fromkeys(formula_names(self.formula))) if self.formula else (self.code,)


@dataclass(frozen=True)
class Group:
    """A node of the tree: subgroups and indicators below one name."""

    code: str
    zh: str
    en: str
    weight: float = 1.0
    groups: tuple[Group, ...] = ()
    indicators: tuple[Indicator, ...] = ()

    def label(self, lang: str) -> str:
        """The name in `lang`."""
        return self.zh if lang == "zh" else self.en

    def leaves(self) -> Iterator[Indicator]:
        """All indicators below, in the order of the file."""
        for group in self.groups:
            yield from group.leaves()
        yield from self.indicators

    def nodes(self) -> Iterator[Group]:
        """This node and all groups below it, children before parents."""
        for group in self.groups:
            yield from group.nodes()
        yield self

    @property
    def children(self) -> tuple[Group | Indicator, ...]:
        """Subgroups, then indicators."""
        return (*self.groups, *self.indicators)


@dataclass(frozen=True)
class Link:
    """What a framework says of two groups: the first is to bring about the second."""

    origin: str
    target: str
    zh: str
    en: str

    def label(self, lang: str) -> str:
        """The sentence in `lang`."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class IndicatorSystem:
    """A tree of indicators; its root has the system's name."""

    name: str
    version: int
    root: Group
    source: str = ""
    note_zh: str = ""
    note_en: str = ""
    excluded: tuple[tuple[str, str, str], ...] = ()  # heading, why in Chinese, why in English
    links: tuple[Link, ...] = ()
    where: str = field(default="", compare=False)

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """All indicators, in the order of the file."""
        return tuple(self.root.leaves())

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes of all indicators."""
        return tuple(indicator.code for indicator in self.indicators)

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The codes of all facts that the indicators are made of."""
        return tuple(dict.fromkeys(code for indicator in self.indicators for code in indicator.reads))

    def __getitem__(self, code: str) -> Indicator | Group:
        return self._by_code[code]

    @cached_property
    def _by_code(self) -> dict[str, Indicator | Group]:
        groups: dict[str, Indicator | Group] = {group.code: group for group in self.root.nodes()}
        return groups | {indicator.code: indicator for indicator in self.indicators}

    def label(self, code: str, lang: str) -> str:
        """What people read for an indicator or a group of this system."""
        found = self._by_code.get(code)
        return found.label(lang) if found else code

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of everything that the file says."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    @classmethod
    def named(cls, name: str, shelf: Shelf) -> IndicatorSystem:
        """The system of `indicators/<name>.yaml`."""
        return shelf.system(name)

    @classmethod
    def load(cls, path: Path) -> IndicatorSystem:
        """Read a system from its YAML file. Raises UnknownWord, Misfit, Impossible, all faults together."""
        return system_of(read_yaml(path), where=str(path))


def read_yaml(path: Path) -> dict[str, Any]:
    """A definition file as plain data, not to be changed. Raises Misfit where it is no YAML mapping."""
    state = path.stat()
    return _read_yaml(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=256)
def _read_yaml(path: Path, changed: int, size: int) -> dict[str, Any]:
    import yaml

    try:
        spec = yaml.load(path.read_text("utf8"), Loader=_once_loader())  # noqa: S506 (a SafeLoader, made stricter)
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise Misfit("definition.unreadable", where=str(path), fault=str(fault).splitlines()[0]) from fault
    if not isinstance(spec, dict):
        raise Misfit("definition.unreadable", where=str(path), fault="no mapping")
    return spec


def facts_of(spec: Mapping[str, Any], where: str = "") -> tuple[Indicator, ...]:
    """The indicators of a catalogue of facts (`facts:`)."""
    faults: list[RelodeError] = []
    found = [_indicator(code, entry, where, faults) for code, entry in (spec.get("facts") or {}).items()]
    raise_all(faults, where=where)
    return tuple(indicator for indicator in found if indicator)


def system_of(spec: Mapping[str, Any], where: str = "") -> IndicatorSystem:
    """A system from plain data, as a YAML file holds it."""
    faults: list[RelodeError] = []
    _known(spec, {"name", "version", "zh", "en", "source", "note_zh", "note_en", "groups", "indicators",
                  "excluded", "facts", "links"}, where, faults)  # fmt: skip
    name = str(spec.get("name", ""))
    for must in ("name", "version", "zh", "en"):
        if must not in spec:
            faults.append(Misfit("definition.lacks", where=where, name=must))
    root = _group(name, spec, "", where, faults)
    system = IndicatorSystem(
        name=name,
        version=int(spec.get("version", 1)),
        root=root,
        source=str(spec.get("source", "")),
        note_zh=str(spec.get("note_zh", "")),
        note_en=str(spec.get("note_en", "")),
        excluded=tuple((h, str(why["zh"]), str(why["en"])) for h, why in (spec.get("excluded") or {}).items()),
        links=_links(spec.get("links") or (), {group.code for group in root.nodes()}, where, faults),
        where=where,
    )
    codes = [*system.codes, *(group.code for group in root.nodes())]
    for code in dict.fromkeys(code for code in codes if codes.count(code) > 1):
        faults.append(Misfit("definition.twice", where=where, name=code))
    if not system.codes:
        faults.append(Misfit("definition.empty", where=where, name=name))
    raise_all(faults, where=where)
    return system


_GROUP_KEYS = {"zh", "en", "weight", "groups", "indicators"}
_INDICATOR_KEYS = {
    "zh", "en", "unit", "direction", "best", "range", "formula", "weight", "source", "note_zh", "note_en",
}  # fmt: skip


def _group(code: str, spec: Mapping[str, Any], prefix: str, where: str, faults: list[RelodeError]) -> Group:
    groups, indicators = [], []
    for name, entry in (spec.get("groups") or {}).items():
        _known(entry, _GROUP_KEYS, f"{where}, {prefix}{name}", faults)
        groups.append(_group(prefix + name, entry, f"{prefix}{name}.", where, faults))
    for name, entry in (spec.get("indicators") or {}).items():
        if found := _indicator(prefix + name, entry, where, faults):
            indicators.append(found)
    labels = {lang: str(spec.get(lang, code)) for lang in ("zh", "en")}
    return Group(
        code, **labels, weight=float(spec.get("weight", 1)), groups=tuple(groups), indicators=tuple(indicators)
    )


def _links(spec: Iterable[Any], groups: set[str], where: str, faults: list[RelodeError]) -> tuple[Link, ...]:
    found = []
    for entry in spec:
        if not isinstance(entry, list) or len(entry) != 4:
            faults.append(Misfit("definition.link", where=where, name=str(entry)))
            continue
        link = Link(*map(str, entry))
        for name in (link.origin, link.target):
            if name not in groups:
                faults.append(UnknownWord("definition.link_group", name=name, where=where, expected=sorted(groups)))
        found.append(link)
    return tuple(found)


def _indicator(code: str, spec: Mapping[str, Any], where: str, faults: list[RelodeError]) -> Indicator | None:
    place = f"{where}, {code}"
    before = len(faults)
    if not CODE.fullmatch(code):
        faults.append(Misfit("definition.code", where=place, name=code))
    _known(spec, _INDICATOR_KEYS, place, faults)
    faults += [Misfit("definition.lacks", where=place, name=must) for must in ("zh", "en", "unit") if must not in spec]
    low, high = spec.get("range") or (None, None)
    if low is not None and high is not None and low >= high:
        faults.append(Impossible("definition.range", where=place, low=low, high=high))
    if spec.get("direction", 0) not in (-1, 0, 1):
        faults.append(Misfit("definition.direction", where=place, name=spec["direction"], expected=("1", "-1", "0")))
    best = _best(spec, (low, high), place, faults)
    formula = str(spec.get("formula", ""))
    try:
        formula_names(formula)
    except RelodeError as fault:
        fault.where = place
        faults.append(fault)
    if len(faults) > before:
        return None
    direction = -1 if best else spec.get("direction", 0)
    return Indicator(code, **{**spec, "formula": formula, "range": (low, high), "direction": direction, "best": best})


def _best(
    spec: Mapping[str, Any], bounds: tuple[float | None, float | None], where: str, faults: list[RelodeError]
) -> tuple[float, float] | None:
    """The best range, None where the file gives none; it stands alone, in order and within what is possible."""
    told = spec.get("best")
    if told is None:
        return None
    if "direction" in spec:
        faults.append(Misfit("definition.best_and_direction", where=where, name=spec["direction"]))
    if not _is_pair(told) or told[0] > told[1]:
        faults.append(Misfit("definition.best", where=where, name=str(told)))
        return None
    (least, most), (low, high) = told, bounds
    if (low is not None and least < low) or (high is not None and most > high):
        faults.append(Impossible("definition.best_outside", where=where, low=least, high=most))
    return float(least), float(most)


def _is_pair(told: Any) -> bool:
    """Two finite numbers?"""
    kind = isinstance(told, list | tuple) and len(told) == 2
    return kind and all(type(end) in (int, float) and isfinite(end) for end in told)


def _known(spec: Mapping[str, Any], known: set[str], where: str, faults: list[RelodeError]) -> None:
    for name in spec:
        if name not in known:
            faults.append(UnknownWord("definition.key", name=name, where=where, expected=sorted(known)))


def formula_names(formula: str) -> tuple[str, ...]:
    """The fact codes in a formula, in order. Raises Misfit for anything but + - * / numbers, codes and brackets."""
    if not formula:
        return ()
    names: list[str] = []
    _walk(formula_tree(formula), names)
    return tuple(names)


def formula_tree(formula: str) -> ast.expr:
    """The formula as a Python expression tree, not yet checked. Raises Misfit where it is no expression."""
    spelt = re.sub(r"@(?=[a-z])", _AT, formula)  # Python would bind @ no closer than * and /
    try:
        return ast.parse(spelt, mode="eval").body
    except SyntaxError as fault:
        raise Misfit("formula.unreadable", formula=formula) from fault


def code_of(node: ast.expr) -> str:
    """The fact code that a tree spells (`a.b@c`), or '' where it spells none."""
    if isinstance(node, ast.Name):
        return node.id.replace(_AT, "@")
    if isinstance(node, ast.Attribute):
        return f"{inner}.{node.attr}".replace(_AT, "@") if (inner := code_of(node.value)) else ""
    return ""


def _walk(node: ast.expr, names: list[str]) -> None:
    if code := code_of(node):
        names.append(code)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        _walk(node.left, names)
        _walk(node.right, names)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        _walk(node.operand, names)
    elif not (isinstance(node, ast.Constant) and isinstance(node.value, int | float)):
        raise Misfit("formula.forbidden", formula=ast.unparse(node))


@cache
def _once_loader() -> type:
    import yaml

    class Once(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """YAML silently lets a later key win; a definition must not hold one key twice."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            keys = [self.construct_object(key) for key, _ in node.value]
            for key in keys:
                if keys.count(key) > 1:
                    raise yaml.YAMLError(f"the key {key!r} stands twice, line {node.start_mark.line + 1}")
            made: dict[Any, Any] = super().construct_mapping(node, deep)
            return made

    return Once
