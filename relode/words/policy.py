"""Policies as data: which policy has been in force where, since when, how strongly, and which document says so.

A calendar is `policies/<name>.toml`, or a CSV of the same rows (entity, policy, start, end, dose, cost, document):

    zh = "..."
    en = "..."
    source = "..."
    rows = "file.csv"                       # instead of, or besides, the rows below

    [policy.pilot]
    zh = "..."
    en = "..."
    cost_unit = "million yuan"

    [[enacted]]
    entity = "140200"
    policy = "pilot"
    start = 2012-11-26                      # or "2012-11", or 2012: the first day is meant
    document = "..."

    [[evidence]]
    policy = "pilot"
    says = "worked"                         # worked, failed or mixed
    zh = "..."
    en = "..."
    source = "..."
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from .errors import Impossible, Misfit, RelodeError, UnknownWord, raise_all
from .shelf import Shelf
from .toml import read_toml

DateRule = Literal["contains", "half", "full"]
DATE_RULES: tuple[DateRule, ...] = ("contains", "half", "full")
SAYS = ("worked", "failed", "mixed")
_STEPS = {"year": 1, "half": 2, "quarter": 4, "month": 12}


@dataclass(frozen=True)
class Policy:
    """A policy: what it is called, in which unit its cost is counted."""

    code: str
    zh: str = ""
    en: str = ""
    cost_unit: str = ""
    source: str = ""

    def label(self, lang: str) -> str:
        """The name in `lang`, the code where there is none."""
        return (self.zh if lang == "zh" else self.en) or self.code


@dataclass(frozen=True)
class Enactment:
    """One policy in force in one entity from `start` through `end` (None = still).

    `dose` is how much of it (1 = as designed), `cost` what was spent there in all (None = not known)
    """

    entity: str
    policy: str
    start: date
    end: date | None = None
    dose: float = 1.0
    cost: float | None = None
    document: str = ""


@dataclass(frozen=True)
class Evidence:
    """What somebody saw or wrote about a policy: an interview, an audit, a press report; with its source."""

    policy: str
    says: str
    zh: str
    en: str
    source: str
    date: str = ""

    def label(self, lang: str) -> str:
        """The finding in `lang`."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Calendar:
    """Policies, where and when each has been in force, and what has been said of them."""

    name: str
    zh: str
    en: str
    policies: tuple[Policy, ...]
    enacted: tuple[Enactment, ...]
    evidence: tuple[Evidence, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        raise_all(_faults(self), where=self.name)

    def __getitem__(self, code: str) -> Policy:
        for policy in self.policies:
            if policy.code == code:
                return policy
        raise UnknownWord("policy.unknown", name=code, where=self.name, expected=[p.code for p in self.policies])

    def of(self, policy: str) -> tuple[Enactment, ...]:
        """Where and when a policy has been in force. Raises UnknownWord for a policy that is not in the calendar."""
        code = self[policy].code
        return tuple(row for row in self.enacted if row.policy == code)

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of everything the calendar says."""
        parts = (self.name, self.policies, sorted(map(repr, self.enacted)), self.evidence)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    @classmethod
    def named(cls, name: str, shelf: Shelf | None = None) -> Calendar:
        """The calendar of `policies/<name>`."""
        return cls.load((shelf or Shelf()).path("policies", name))

    @classmethod
    def load(cls, path: Path) -> Calendar:
        """Read a calendar, TOML or CSV. Raises UnknownWord, Misfit, Impossible, all faults together."""
        if path.suffix == ".csv":
            return cls.of_rows(path.stem, read_rows(path))
        spec = read_toml(path)
        if isinstance(spec.get("rows"), str):
            spec["enacted"] = [*read_rows(path.parent / spec.pop("rows")), *spec.get("enacted", ())]
        return cls.parse(path.stem, spec, where=str(path))

    @classmethod
    def of_rows(cls, name: str, rows: Iterable[Mapping[str, Any]], *, zh: str = "", en: str = "") -> Calendar:
        """A calendar from rows alone: mappings with entity, policy, start, and if known end, dose, cost, document."""
        return cls.parse(name, {"zh": zh or name, "en": en or name, "enacted": list(rows)}, where=name)

    @classmethod
    def parse(cls, name: str, spec: Mapping[str, Any], *, where: str = "") -> Calendar:
        """A calendar from plain data, as a TOML file holds it."""
        faults: list[RelodeError] = []
        _known(spec, {"zh", "en", "source", "policy", "enacted", "evidence"}, where, faults)
        faults += [Misfit("definition.lacks", where=where, name=must) for must in ("zh", "en") if must not in spec]
        enacted = [_enactment(row, f"{where}, enacted {n}", faults) for n, row in enumerate(spec.get("enacted", ()), 1)]
        evidence = [_made(Evidence, row, f"{where}, evidence {n}", faults)
                    for n, row in enumerate(spec.get("evidence", ()), 1)]  # fmt: skip
        described = spec.get("policy", {})
        codes = dict.fromkeys([*described, *(row.policy for row in enacted if row)])
        policies = [_made(Policy, {"code": c, **described.get(c, {})}, f"{where}, policy.{c}", faults) for c in codes]
        raise_all(faults, where=where)
        return cls(
            name,
            spec["zh"],
            spec["en"],
            tuple(row for row in policies if row),
            tuple(row for row in enacted if row),
            tuple(row for row in evidence if row),
            spec.get("source", ""),
        )


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a calendar's CSV; empty cells are left out. Raises UnknownWord for an unknown column."""
    known = [f.name for f in fields(Enactment)]
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for name in reader.fieldnames or ():
            if name not in known:
                raise UnknownWord("codelist.column", name=name, where=str(path), expected=known)
        return [{k: v.strip() for k, v in row.items() if v and v.strip()} for row in reader]


def first_period(start: date, rule: DateRule, frequency: str) -> int:
    """The ordinal of the first treated period, by the rule that the study states.

    contains  the period that holds the start      full  the first period that is treated from its first day on
    half      the period that holds the start if at least half of it is left, else the next
    """
    steps = _STEPS[frequency]
    months = 12 // steps
    at = start.year * steps + (start.month - 1) // months
    opening = date(start.year, (start.month - 1) // months * months + 1, 1)
    if rule == "contains" or start == opening:
        return at
    if rule == "full":
        return at + 1
    ending = date(opening.year + (opening.month - 1 + months) // 12, (opening.month - 1 + months) % 12 + 1, 1)
    return at if (start - opening) * 2 <= (ending - opening) else at + 1


def read_date(raw: Any) -> date:
    """A date from a TOML date, `2012-11-26`, `2012-11` or 2012; what is left out is the first. Raises ValueError."""
    if isinstance(raw, date):
        return raw
    parts = [int(part) for part in str(raw).split("-")]
    return date(*[*parts, 1, 1][:3])


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(row)
    for name in ("start", "end"):
        if name in out:
            out[name] = read_date(out[name])
    for name in ("dose", "cost"):
        if name in out:
            out[name] = float(out[name])
    return {k: str(v) if k in ("entity", "policy", "document") else v for k, v in out.items()}


def _enactment(row: Mapping[str, Any], where: str, faults: list[RelodeError]) -> Enactment | None:
    try:
        dated = _dated(row)
    except (ValueError, TypeError) as fault:
        faults.append(Misfit("policy.row", where=where, fault=str(fault)))
        return None
    made: Enactment | None = _made(Enactment, dated, where, faults)
    return made


def _made(kind: Any, spec: Mapping[str, Any], where: str, faults: list[RelodeError]) -> Any:
    """One row as its dataclass; a row that cannot be made leaves a fault."""
    _known(spec, {f.name for f in fields(kind)}, where, faults)
    try:
        return kind(**spec)
    except (TypeError, ValueError) as fault:
        faults.append(Misfit("policy.row", where=where, fault=str(fault)))
        return None


def _known(spec: Mapping[str, Any], known: set[str], where: str, faults: list[RelodeError]) -> None:
    for name in spec:
        if name not in known:
            faults.append(UnknownWord("definition.key", name=name, where=where, expected=sorted(known)))


def _faults(calendar: Calendar) -> list[RelodeError]:
    """What no single row can know: policies that are not named, overlaps, ends before starts."""
    faults: list[RelodeError] = []
    codes = {policy.code for policy in calendar.policies}
    for said in calendar.evidence:
        if said.policy not in codes:
            faults.append(UnknownWord("policy.unknown", name=said.policy, where="evidence", expected=sorted(codes)))
        if said.says not in SAYS:
            faults.append(UnknownWord("policy.says", name=said.says, where="evidence", expected=SAYS))
    seen: dict[tuple[str, str], Enactment] = {}
    for row in sorted(calendar.enacted, key=lambda row: (row.entity, row.policy, row.start)):
        where = f"{row.entity}, {row.policy}, {row.start}"
        if row.end is not None and row.end < row.start:
            faults.append(Impossible("policy.backwards", where=where, start=row.start, end=row.end))
        if not math.isfinite(row.dose) or row.dose <= 0:
            faults.append(Impossible("policy.dose", where=where, value=row.dose))
        before = seen.get((row.entity, row.policy))
        if before is not None and (before.end is None or before.end >= row.start):
            faults.append(Misfit("policy.twice", where=where, name=row.entity))
        seen[row.entity, row.policy] = row
    return faults
