"""What a policy did, in words: the verdict with its reason, the headline with its interval, what robustness says."""

from __future__ import annotations

from relode.words.texts import say

from .figures import Shown, is_nothing, records
from .say_diagnosis import joined
from .say_index import listed


def verdict(shown: Shown) -> list[str]:
    """Per policy: the verdict, the effect with its interval, and why."""
    return [_one(shown, row) for row in records(shown.result.frame("verdicts"))]


def _one(shown: Shown, raw: dict[str, object]) -> str:
    lang, row = shown.lang, shown.row("verdicts", raw)
    frame = shown.result.frame("why")
    here = frame[(frame["policy"] == raw["policy"]) & (frame["outcome"] == raw["outcome"])]
    reasons = say("say.semicolon", lang).join(shown.names("reason", here["reason"]))
    told = [say(f"verdict.headline.{raw['verdict']}", lang, **row)]
    if not is_nothing(raw["estimate"]):
        doubted = raw["verdict"] == "unknown" and raw["reason"] != "imprecise"  # a probability would not heed the doubt
        told.append(say("verdict.headline.doubted" if doubted else "verdict.headline.effect", lang, **row))
    if reasons:
        told.append(say("verdict.headline.why", lang, list=reasons))
    told.append(say("verdict.headline.advice", lang, advice=row["advice"]))
    return joined(told, lang)[0]


def did(shown: Shown) -> list[str]:
    """The headline's effect with its interval, and how far the other estimators lie from it."""
    lang, frame = shown.lang, shown.result.frame("effects")
    rows = records(frame.sort_values("headline", ascending=False, kind="stable"))
    main = shown.row("effects", rows[0])
    told = [say("did.headline.effect", lang, **main)]
    low, high = (
        shown.cell("effects", "estimate", float(x)) for x in (frame["estimate"].min(), frame["estimate"].max())
    )
    if len(rows) > 1:
        told.append(say("did.headline.others", lang, count=len(rows), low=low, high=high))
    return joined(told, lang)


def falsify(shown: Shown) -> list[str]:
    """How many checks hold, are weaker, overturn the finding, and which overturn it."""
    lang, frame = shown.lang, shown.result.frame("pack")
    run = frame[frame["verdict"] != "not_run"]
    parts = [
        say("falsify.headline.one", lang, verdict=shown.name("verdict", str(code)), count=int(n))
        for code, n in run["verdict"].value_counts().items()
    ]
    told = [say("falsify.headline.count", lang, count=len(run), list=say("say.and", lang).join(parts))]
    against = shown.names("check", run.loc[run["verdict"] == "overturned", "check"].drop_duplicates())
    if against:
        told.append(say("falsify.headline.overturned", lang, list=listed(against, lang)))
    return joined(told, lang)


def design(shown: Shown) -> list[str]:
    """How many are treated, and the smallest effect that the design can see."""
    lang = shown.lang
    told = [
        say("design.headline.power", lang, **shown.row("power", row)) for row in records(shown.result.frame("power"))
    ]
    return joined(told, lang)


def synthetic(shown: Shown) -> list[str]:
    """The effect on the one region by each way of building its twin, and who the twin is made of."""
    lang = shown.lang
    rows = [shown.row("effects", row) for row in records(shown.result.frame("effects"))]
    told = [say("synthetic.headline.effect", lang, **row) for row in rows[:1]]
    names = shown.names("entity", shown.result.frame("donors")["entity"].head(5))
    told.append(say("synthetic.headline.donors", lang, list=listed(names, lang)))
    return joined(told, lang)


def dose(shown: Shown) -> list[str]:
    """The mean effect and its slope in the dose."""
    lang = shown.lang
    rows = {row["estimand"]: shown.row("effects", row) for row in records(shown.result.frame("effects"))}
    return [say("dose.headline", lang, slope=rows["dose_slope"]["estimate"], **rows["dose_att"])]


def baseline(shown: Shown) -> list[str]:
    """How far the estimate moves as controls and fixed effects come in."""
    lang, frame = shown.lang, shown.result.frame("coefficients")
    rows = frame[frame["term"] == "treated"]
    first, last = (shown.row("coefficients", records(rows)[n]) for n in (0, -1))
    ends = {"first": first["estimate"], "last": last["estimate"], "low": last["low"], "high": last["high"]}
    return [say("baseline.headline", lang, count=len(rows), **ends)]
