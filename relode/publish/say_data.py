"""What was found about figures themselves, in words: how good they are, what was made of them."""

from __future__ import annotations

from relode.words.texts import say

from .figures import Shown, is_nothing, number, records
from .say_diagnosis import joined
from .say_index import ENDS, listed


def quality(shown: Shown) -> list[str]:
    """The four marks, what is least complete, which findings are many, which sources are furthest apart."""
    lang = shown.lang
    marks = records(shown.result.frame("marks"))
    told = [say("quality.headline.marks", lang, **shown.row("marks", marks[0]))]
    known = [row for row in marks[1:] if not is_nothing(row["completeness"])]
    if known and min(row["completeness"] for row in known) < 1:
        least = shown.row("marks", min(known, key=lambda row: float(row["completeness"])))
        told.append(say("quality.headline.least", lang, name=least["subject"], completeness=least["completeness"]))
    return joined([*told, *_findings(shown), *_sources(shown)], lang)


def _findings(shown: Shown) -> list[str]:
    kinds = shown.result.frame("kinds")
    if not len(kinds):
        return [say("quality.headline.none", shown.lang)]
    counts = kinds.groupby("finding", sort=False)["count"].sum().sort_values(ascending=False, kind="stable")
    parts = [
        say("quality.headline.kind", shown.lang, finding=shown.name("finding", str(code)),
            count=shown.cell("kinds", "count", int(count)))
        for code, count in counts.head(ENDS).items()
    ]  # fmt: skip
    total = shown.cell("kinds", "count", int(counts.sum()))
    told = say("quality.headline.kinds", shown.lang, count=total, list=listed(parts, shown.lang))
    return [told, say("quality.headline.caution", shown.lang)]


def _sources(shown: Shown) -> list[str]:
    frame = shown.result.frame("sources").sort_values("far_apart", ascending=False, kind="stable")
    if not len(frame) or not frame["far_apart"].iloc[0]:
        return []
    return [say("quality.headline.sources", shown.lang, **shown.row("sources", records(frame)[0]))]


def deflate(shown: Shown) -> list[str]:
    """How many figures were put at constant prices, and how far prices moved."""
    frame, lang = shown.result.frame("figures"), shown.lang
    ends = {end: shown.cell("figures", "deflator", getattr(frame["deflator"], which)())
            for end, which in (("low", "min"), ("high", "max"))}  # fmt: skip
    base = str(shown.result.choices.get("base", ""))
    return [say("deflate.headline", lang, count=_count(shown, len(frame)), base=base, **ends)]


def currency(shown: Shown) -> list[str]:
    """How many figures were converted, and how many were not because their year has no rate."""
    told = [say("currency.headline", shown.lang, count=_count(shown, len(shown.result.frame("figures"))))]
    if refused := int(shown.result.frame("refused")["figures"].sum()):
        told.append(say("currency.headline.refused", shown.lang, count=_count(shown, refused)))
    return joined(told, shown.lang)


def boundaries(shown: Shown) -> list[str]:
    """How many regions ended, how many took another."""
    what = shown.result.frame("regions")["what"]
    if not len(what):
        return [say("boundaries.headline.none", shown.lang)]
    ended, took = (int((what == code).sum()) for code in ("ended", "took"))
    return [say("boundaries.headline", shown.lang, ended=ended, took=took)]


def _count(shown: Shown, count: int) -> str:
    return number(count, "#,##0", shown.lang)
