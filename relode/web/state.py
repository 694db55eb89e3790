"""The state of a page is its URL: language, plan, period, as-of date; nothing is remembered anywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request

from ..app.observatory import Observatory, View
from ..app.parted import Parted
from ..app.place import day
from ..app.showing import Shown
from ..words.batch import AsOf
from ..words.plan import Plan
from ..words.texts import LANGUAGES, say

LONGEST = 200  # characters of one value in a URL


@dataclass(frozen=True)
class State:
    """What a URL asks for; `chosen` is what it says itself, so that links stay short."""

    observatory: Observatory
    lang: str
    chosen: Mapping[str, str] = field(default_factory=dict)
    path: str = "/"

    @classmethod
    def of(cls, request: Request) -> State:
        """The state of a request; without a language in the URL that of the browser."""
        query = request.query_params
        chosen = {name: query[name][:LONGEST] for name in ("plan", "period", "asof") if query.get(name)}
        lang = query.get("lang", "")
        if lang not in LANGUAGES:
            lang = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
        return cls(request.app.state.observatory_of(request), lang, chosen, request.url.path)

    def url(self, path: str = "", **changes: Any) -> str:
        """A link with the same state, some of it changed; None leaves a part out."""
        return f"{quote(path or self.path, safe='/%.~-_@')}?{self._query(changes) if changes else self._own}"

    @cached_property
    def _own(self) -> str:
        """The query of links that change nothing: most of them."""
        return self._query({})

    def _query(self, changes: Mapping[str, Any]) -> str:
        parts: dict[str, Any] = {"lang": self.lang, **self.chosen, **changes}
        return urlencode({name: value for name, value in parts.items() if value not in (None, "")}, doseq=True)

    def say(self, name: str, /, **details: Any) -> str:
        """A sentence of the pages."""
        return say(f"web.{name}", self.lang, **details)

    @cached_property
    def asof(self) -> AsOf:
        """What had been published by the date in the URL. Raises Misfit."""
        return AsOf(day(self.chosen["asof"])) if "asof" in self.chosen else AsOf()

    @cached_property
    def plan(self) -> Plan:
        """The plan in the URL, or the place's first."""
        return self.observatory.plan(self.chosen.get("plan", ""))

    @cached_property
    def view(self) -> View:
        """The index that the URL asks for."""
        return self.observatory.view(self.plan, self.chosen.get("period", ""), self.asof)

    @cached_property
    def shown(self) -> Shown:
        """The same, in the reader's language."""
        return self.observatory.shown(self.view.result, self.lang)

    @cached_property
    def rows(self) -> Parted:
        """The rows of the view's tables."""
        return self.observatory.parted(self.view.result)

    @property
    def provenance(self) -> str:
        """Whose figures, by which method and version, with which fingerprint: what stands under every page."""
        result, known = self.view.result, self.observatory.place.sources
        named = [getattr(known[code], self.lang) if code in known else code for code in result.sources]
        return self.say(
            "provenance", sources=self.say("comma").join(named) or "—", method=result.card.label(self.lang),
            version=result.card.version, software=result.software, fingerprint=result.fingerprint[:12],
        )  # fmt: skip

    @property
    def today(self) -> str:
        """The date that a printed page carries."""
        return date.today().isoformat()

    def entity(self, code: str) -> str:
        """What an entity is called."""
        return self.observatory.place.regions.label(code, self.lang)
