"""What a check of figures found, in words."""

from __future__ import annotations

from relode.words.texts import say

from .figures import Shown, is_nothing, records
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
