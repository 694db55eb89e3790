"""The observatory: a place looked at by many, one period at a time, with everything that was found kept warm.

A page asks for the index of a plan in one period, as of one date. Scores of all periods take a moment; the draws that
give rank intervals are made for the period that is shown, and kept. What is kept is forgotten as soon as the place's
files change, so that whoever loads facts beside a running server sees them on the next page. The store is opened for
a read and let go of at once: other commands can write in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from ..words.batch import AsOf, StoredBatch
from ..words.codelist import Codelist
from ..words.errors import Held, Misfit, RelodeError, UnknownWord
from ..words.indicator import Indicator
from ..words.method import Need, needs
from ..words.panel import Panel
from ..words.plan import Plan
from ..words.recipe import Recipe, Step
from ..words.result import Result
from .diagnosing import recipes, steps
from .keeping import Keeper
from .maps import Outline, drawn, outline_for
from .parted import Parted
from .place import SETTINGS, Place, open

if TYPE_CHECKING:
    import pandas as pd

    from .showing import Shown

NOW = AsOf()
WATCHED = ("indicators", "regions", "plans", "rules", "recipes", "sources", "maps", "editions")
FRESH = 0.1  # seconds
TRIES = 20  # readings of a store that another process writes, a tenth of a second apart


@dataclass(frozen=True)
class View:
    """The index of one plan in one period: `result` has the tables of measure.index for that period alone.

    What `whole` says of all periods stands beside it.
    """

    whole: Whole
    period: str
    result: Result

    @property
    def plan(self) -> Plan:
        """The plan that is followed."""
        return self.whole.plan

    @property
    def periods(self) -> tuple[str, ...]:
        """All periods that have scores."""
        return self.whole.periods

    @cached_property
    def medians(self) -> dict[str, float]:
        """The middle of all on the plan's scale: indicator -> normalised."""
        frame = self.result.tables["indicators"]
        return {str(code): float(x) for code, x in frame.groupby("indicator")["normalised"].median().items()}

    @cached_property
    def groups(self) -> dict[str, dict[str, float]]:
        """The scores in every group: node -> entity -> score."""
        frame, found = self.result.tables["dimensions"], dict[str, dict[str, float]]()
        for node, entity, score in zip(*(frame[name] for name in ("node", "entity", "score")), strict=True):
            if score == score:
                found.setdefault(node, {})[entity] = score
        return found


@dataclass(frozen=True)
class Figure:
    """One fact behind a figure: what it is called, and all its versions, oldest first."""

    indicator: Indicator
    versions: pd.DataFrame
    counts: int | None  # the row of `versions` that counts as of the date; None if none does


class Observatory:
    """A place as one actor sees it within a scope; what was computed is shared by all pages."""

    def __init__(self, folder: str | Path, *, actor: str = "", scope: Sequence[str] = (), keeper: Keeper | None = None):
        self.folder = Path(folder)
        if not (self.folder / SETTINGS).exists():
            raise Misfit("place.none", where=str(self.folder.resolve()))
        self._actor, self._scope = actor, tuple(scope)
        self._keeper = keeper or Keeper()
        self._looked, self._stamp = 0.0, ""

    def seen_by(self, actor: str, scope: Sequence[str] = ()) -> Observatory:
        """The same place as another actor sees it."""
        return Observatory(self.folder, actor=actor, scope=scope, keeper=self._keeper)

    # -- the place ---------------------------------------------------------------------------------

    @property
    def stamp(self) -> str:
        """What changes when the place's files do, looked at ten times a second at most."""
        if monotonic() - self._looked > FRESH:
            self._stamp, self._looked = self._state_of_files(), monotonic()
        return self._stamp

    def forget(self) -> None:
        """Look at the files again at once: something was written."""
        self._looked = 0.0

    def _state_of_files(self) -> str:
        paths = [self.folder / SETTINGS, self.folder / "facts.duckdb", self.folder / "facts.duckdb.wal"]
        for room in WATCHED:
            folder = self.folder / room
            paths += sorted(folder.iterdir()) if folder.is_dir() else []
        return repr([(path.name, *_state(path)) for path in paths])

    @property
    def place(self) -> Place:
        """The place, with its definitions as they stand now."""
        found = self._kept("place", (), lambda: open(self.folder, actor=self._actor, scope=self._scope))
        assert isinstance(found, Place)
        return found

    @property
    def actor(self) -> str:
        """Who looks."""
        return self.place.actor

    def _kept(self, kind: str, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        return self._keeper.get((kind, self.stamp, self._actor, self._scope, *key), make)

    @property
    def batches(self) -> tuple[StoredBatch, ...]:
        """All loads, undone ones too."""
        return tuple(self._kept("batches", (), lambda: self._reading(lambda store: store.batches())))

    def _reading(self, ask: Callable[[Any], Any]) -> Any:
        """Ask the store; where another process is writing, wait for it a moment. Raises Held."""
        for _ in range(TRIES):
            try:
                with self.place.store(read_only=True) as store:
                    return ask(store)
            except Held:
                sleep(0.1)
        with self.place.store(read_only=True) as store:
            return ask(store)

    # -- plans -------------------------------------------------------------------------------------

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans that this place can follow: its own and the package's for its regions and facts."""
        return tuple(self._kept("plans", (), self._plans))

    def _plans(self) -> list[Plan]:
        held = self.held
        found = []
        for name in self.place.shelf.names("plans"):
            try:
                plan = Plan.named(name, self.place.shelf)
            except RelodeError:
                continue  # `relode check` says what is wrong with it
            if plan.regions in ("", self.place.settings.regions) and held & set(plan.system.reads):
                found.append(plan)
        used = self._used_by_recipes()
        return sorted(found, key=lambda plan: (is_variant(plan), used.get(plan.name, len(used)), plan.name))

    def _used_by_recipes(self) -> dict[str, int]:
        """The plans that recipes follow, in the order of their steps."""
        asked: list[Step] = []
        for name in self.place.shelf.names("recipes"):
            try:
                asked += self.place.recipe(name).step
            except RelodeError:
                continue  # as with plans: a broken file stops no page
        names = [str(step.choices["plan"]) for step in asked if "plan" in step.choices]  # "$plan" is nobody's name
        return {name: n for n, name in enumerate(dict.fromkeys(names))}

    @property
    def held(self) -> set[str]:
        """The codes of all facts that are there."""
        from ..store.query import Reader

        query = Reader(self._actor).dimension("indicator")
        return set(self._kept("held", (), lambda: {row["code"] for row in self._reading(lambda s: s.read(query))}))

    def plan(self, name: str = "") -> Plan:
        """A plan by name; without one the first: recipes' plans lead. Raises UnknownWord, Misfit."""
        known = {plan.name: plan for plan in self.plans}
        if name and name not in known:
            raise UnknownWord("shelf.plans", name=name, where=str(self.folder), expected=tuple(known))
        if not known:
            raise Misfit("web.no_plan", where=str(self.folder))
        return known[name] if name else next(iter(known.values()))

    # -- looking -----------------------------------------------------------------------------------

    def view(self, plan: Plan, period: str = "", asof: AsOf = NOW) -> View:
        """The index of `plan` in `period` (the last, if empty). Raises UnknownWord for a period that has no score."""
        key = (plan.fingerprint, asof)
        whole = self._kept("scores", key, lambda: self._scored(plan, asof))
        chosen = period or whole.periods[-1]
        if chosen not in whole.periods:
            raise UnknownWord("panel.code", name=chosen, axis="period", expected=whole.periods)
        return self._kept("view", (*key, chosen), lambda: whole.at(chosen))  # type: ignore[no-any-return]

    def _scored(self, plan: Plan, asof: AsOf) -> Whole:
        need = needs(plan="plan").need({"plan": plan})
        there = tuple(code for code in need.indicators if code in self.held)  # as `relode run`: the index says the rest
        need = replace(need, indicators=there or need.indicators)
        return Whole(self.panel(need, asof), self.place.regions, plan)

    def panel(self, need: Need, asof: AsOf = NOW) -> Panel:
        """The facts that are needed."""
        prefer = self.place.settings.prefer
        panel = self._kept(
            "panel", (need, asof), lambda: self._reading(lambda s: s.panel(need, asof=asof, prefer=prefer))
        )
        assert isinstance(panel, Panel)
        return panel

    def run(self, method: str, asof: AsOf = NOW, *, only: Mapping[str, Any] | None = None, **choices: Any) -> Result:
        """The result of any method, kept; `only` narrows what it looks at."""
        key = (method, asof, repr(sorted((only or {}).items())), repr(sorted(choices.items())))
        found = self._kept("run", key, lambda: self.place.run(method, asof=asof, only=only, **choices))
        assert isinstance(found, Result)
        return found

    @property
    def diagnoses(self) -> tuple[Step, ...]:
        """What the place's recipes ask of `diagnose.*`, each once."""
        return tuple(self._kept("diagnoses", (), lambda: steps(self)))

    def recipes(self, plan: str) -> dict[str, Recipe]:
        """The recipes that this place can follow, with `plan` where they ask for one."""
        return dict(self._kept("recipes", (plan,), lambda: recipes(self, plan)))

    def shown(self, result: Result, lang: str) -> Shown:
        """A result in one language; how many decimals its columns need is found once."""
        from .showing import Shown

        found = self._kept("shown", (result.fingerprint, lang), lambda: Shown(result, lang))
        assert isinstance(found, Shown)
        return found

    def parted(self, result: Result) -> Parted:
        """The tables of a result as rows."""
        found = self._kept("parted", (result.fingerprint,), lambda: Parted(result))
        assert isinstance(found, Parted)
        return found

    def ranks(self, view: View, lang: str) -> dict[str, dict[str, str]]:
        """The ranking as people read it, by entity: written once for all pages that show a part of it."""

        def written() -> dict[str, dict[str, str]]:
            shown = self.shown(view.result, lang)
            return {str(row["entity"]): shown.row("ranks", row) for row in self.parted(view.result).all("ranks")}

        found: dict[str, dict[str, str]] = self._kept("ranks", (view.result.fingerprint, lang), written)
        return found

    # -- maps --------------------------------------------------------------------------------------

    def outline(self, entities: tuple[str, ...]) -> Outline | None:
        """The outlines that fit these entities, if the place has any."""
        found = self._kept("outline", (entities,), lambda: outline_for(self.place, entities))
        assert found is None or isinstance(found, Outline)
        return found

    def drawn(self, name: str) -> dict[str, Any]:
        """A map of the place as planar GeoJSON. Raises UnknownWord."""
        maps = self.place.maps
        if name not in maps:
            raise UnknownWord("web.no_map", name=name, expected=tuple(maps))
        return dict(self._kept("drawn", (name,), lambda: drawn(Outline.load(maps[name]))))

    # -- where a figure comes from -----------------------------------------------------------------

    def behind(self, entity: str, indicator: str, period: str, asof: AsOf = NOW) -> tuple[Indicator, list[Figure]]:
        """What an indicator is made of in one place and period: itself, and every fact with all its versions."""
        known = self.place.indicators
        whose = next((p.system for p in self.plans if indicator in p.system.codes), None)
        found = whose[indicator] if whose else known.get(indicator)
        if not isinstance(found, Indicator):
            raise UnknownWord("panel.code", name=indicator, axis="indicator", expected=tuple(known))
        codes = [code for code in found.reads if code in self.held]
        return found, [self._figure(known.get(code, found), entity, code, period, asof) for code in codes]

    def history(self, entity: str, indicator: str, period: str) -> pd.DataFrame:
        """Every version of one fact, oldest first. Raises UnknownWord for codes that the store has never held."""
        found: pd.DataFrame = self._reading(lambda store: store.history(entity, indicator, period))
        return found

    def _figure(self, known: Indicator, entity: str, code: str, period: str, asof: AsOf) -> Figure:
        versions = self.history(entity, code, period)
        return Figure(known, versions, _counting(versions, self.place.settings.prefer, asof))


@dataclass(frozen=True, eq=False)
class Whole:
    """The scores of all periods, from which single periods are looked at."""

    panel: Panel
    regions: Codelist
    plan: Plan

    @cached_property
    def scores(self) -> Any:
        """The index of all periods, without draws."""
        from .looking import scored

        return scored(self.panel, self.regions, self.plan)

    @cached_property
    def course(self) -> pd.DataFrame:
        """entity, period, score, rank"""
        from .looking import course_of

        return course_of(self.scores)

    @cached_property
    def ranks(self) -> dict[str, dict[str, float]]:
        """Everyone's rank by entity and period."""
        found: dict[str, dict[str, float]] = {}
        for entity, period, rank in zip(*(self.course[name] for name in ("entity", "period", "rank")), strict=True):
            found.setdefault(entity, {})[period] = rank
        return found

    @cached_property
    def branches(self) -> pd.DataFrame:
        """entity, period, node, score, rank, missing"""
        from .looking import branches_of

        return branches_of(self.scores)

    def series(self, *codes: str) -> pd.DataFrame:
        """indicator, entity, period, value, unit, status; of all indicators if none is named"""
        from .looking import series_of

        return series_of(self.scores, codes)

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods that have scores."""
        return tuple(self.scores.chosen.periods)

    def at(self, period: str) -> View:
        """One period with its draws."""
        from .looking import looking_at

        result = looking_at(self.scores)(self.panel, self.regions, plan=self.plan, period=period)
        return View(self, period, result)


def is_variant(plan: Plan) -> bool:
    """Was the plan saved as a variant of another?"""
    return plan.source.startswith("variant of ")


def _state(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


def _counting(versions: pd.DataFrame, prefer: Sequence[str], asof: AsOf) -> int | None:
    """The row that counts: of the series that is preferred the newest version published by the date."""
    rows = [
        (n, row)
        for n, row in enumerate(versions.to_dict("records"))
        if _is_nat(row["undone"]) and (asof.vintage is None or _date(row["vintage"]) <= asof.vintage)
    ]
    for series in prefer:
        preferred = [(n, row) for n, row in rows if row["series"] == series]
        rows = preferred or rows
        if preferred:
            break
    return rows[-1][0] if rows else None


def _is_nat(value: Any) -> bool:
    return value is None or value != value


def _date(value: Any) -> Any:
    return value.date() if hasattr(value, "date") else value
