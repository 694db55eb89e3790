"""What a diagnosis found, in words: how unequal, whether gaps close, who lies among whom, what to check first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relode.words.texts import say

from .figures import NOTHING, Shown, is_nothing, period_name, records
from .say_index import ENDS, latest, listed

if TYPE_CHECKING:
    import pandas as pd

WEAK = 0.05  # p above which nothing is claimed


def joined(told: list[str], lang: str) -> list[str]:
    """Sentences as one paragraph."""
    return [("" if lang == "zh" else " ").join(told)]


def about(shown: Shown) -> str:
    """The indicator that the method was run on, by name."""
    return shown.name("indicator", str(shown.result.choices.get("indicator", "")))


def _ends(shown: Shown, table: str, key: str, code: str) -> tuple[dict[str, str], dict[str, str], float]:
    """First and last row of one measure as people read them, and the change between them."""
    frame = shown.result.frame(table)
    rows = records(frame[frame[key] == code])
    first, last = (shown.row(table, row) for row in (rows[0], rows[-1]))
    return first, last, float(rows[-1]["value"]) - float(rows[0]["value"])


def inequality(shown: Shown) -> list[str]:
    """The Gini coefficient first and last, and what the inequality comes from now."""
    lang = shown.lang
    first, last, change = _ends(shown, "measures", "measure", "gini")
    sure = NOTHING not in (last["low"], last["high"])
    between = say("inequality.headline.interval", lang, low=last["low"], high=last["high"]) if sure else ""
    ends = {"interval": between, "start": period_name(first["period"], lang), "end": period_name(last["period"], lang)}
    code = "inequality.headline.wider" if change > 0 else "inequality.headline.narrower"
    told = [say(code, lang, name=about(shown), first=first["value"], last=last["value"], **ends)]
    parts = latest(shown, "dagum").sort_values("share", ascending=False, kind="stable")
    if len(parts) and not parts["share"].isna().all():
        names = [
            say("index.headline.place", lang, name=row["part"], told=row["share"])
            for row in (shown.row("dagum", row) for row in records(parts))
        ]
        told.append(say("inequality.headline.parts", lang, list=listed(names, lang)))
    return joined(told, lang)


def convergence(shown: Shown) -> list[str]:
    """Whether those behind grow faster, how fast the gap closes, and whether the spread narrowed."""
    lang = shown.lang
    raw = records(shown.result.frame("beta"))[0]
    row = shown.row("beta", raw)
    code = "none" if raw["p"] > WEAK else "beta" if raw["beta"] < 0 else "apart"
    told = [say(f"convergence.headline.{code}", lang, name=about(shown), **row)]
    first, last, change = _ends(shown, "sigma", "measure", "log_sd")
    ends = {"start": period_name(first["period"], lang), "end": period_name(last["period"], lang)}
    code = "convergence.headline.wider" if change > 0 else "convergence.headline.narrower"
    told.append(say(code, lang, first=first["value"], last=last["value"], **ends))
    return joined(told, lang)


def spacetime(shown: Shown) -> list[str]:
    """Whether like lies by like in the last period, and who the clusters are."""
    lang = shown.lang
    frame = latest(shown, "overall")
    raw = records(frame[frame["statistic"] == "moran"])[0]
    row = shown.row("overall", raw)
    code = "none" if raw["p"] > WEAK else "like" if raw["value"] > raw["expected"] else "unlike"
    details = {"name": about(shown), "value": row["value"], "p": row["p"]}
    told = [say(f"spacetime.headline.{code}", lang, period=period_name(str(raw["period"]), lang), **details)]
    local = latest(shown, "local")
    for kind in ("HH", "LL", "HL", "LH"):
        names = shown.names("entity", local.loc[local["cluster"] == kind, "entity"])
        if names:
            kind = shown.name("quadrant", kind)
            told.append(say("spacetime.headline.cluster", lang, kind=kind, count=len(names), list=listed(names, lang)))
    if not (local["cluster"] != "").any():
        told.append(say("spacetime.headline.no_cluster", lang))
    return joined(told, lang)


def transitions(shown: Shown) -> list[str]:
    """How likely a place keeps its class, and whether the neighbours matter."""
    lang, frame = shown.lang, shown.result.frame("moves")
    stay = frame[frame["start"] == frame["to"]].sort_values("p", kind="stable")
    least, most = (shown.row("moves", records(stay)[n]) for n in (0, -1))
    told = [say("transitions.headline.stay", lang, low=least["p"], high=most["p"], name=about(shown))]
    test = records(shown.result.frame("tests"))[0]
    code = (
        "transitions.headline.same" if is_nothing(test["p"]) or test["p"] > WEAK else "transitions.headline.neighbours"
    )
    told.append(say(code, lang, p=shown.cell("tests", "p", test["p"])))
    return joined(told, lang)


def citytype(shown: Shown) -> list[str]:
    """How many places are of which type, question by question."""
    lang, told = shown.lang, []
    for group, rows in shown.result.frame("types").groupby("group", sort=False):
        counts = rows.loc[rows["type"] != "", "type"].value_counts()
        names = [
            say("citytype.headline.one", lang, type=shown.name("type", str(code)), count=int(n))
            for code, n in counts.items()
        ]
        if names:
            name = shown.name("group", str(group))
            told.append(say("citytype.headline.group", lang, group=name, list=listed(names, lang)))
    told.append(say("citytype.headline.caution", lang))
    return joined(told, lang)


def citytype_check(shown: Shown) -> list[str]:
    """How many of the known types would have been told rightly, with the exact interval of that share."""
    return [
        say("citytype_check.headline", shown.lang, **shown.row("accuracy", records(shown.result.frame("accuracy"))[0]))
    ]


def integrity_power(shown: Shown) -> list[str]:
    """What share of planted errors the best and the worst screen find, and how often all of them speak in error."""
    lang, rates = shown.lang, shown.result.frame("rates")
    power = shown.result.frame("power").dropna(subset=["power"]).sort_values("power", ascending=False, kind="stable")
    best, worst = (shown.row("power", records(power)[n]) for n in (0, -1))
    told = [say("integrity_power.headline.power", lang, best=best["screen"], high=best["power"],
                worst=worst["screen"], low=worst["power"])]  # fmt: skip
    sums = {name: shown.cell("rates", f"{name}_per_1000", float(rates[f"{name}_per_1000"].sum()))
            for name in ("false", "raw")}  # fmt: skip
    told.append(say("integrity_power.headline.false", lang, **sums))
    return joined(told, lang)


def integrity(shown: Shown) -> list[str]:
    """How many figures should be checked first, the first of them, and that a screen accuses nobody."""
    lang, frame = shown.lang, shown.result.frame("facts")
    if not len(frame):
        return joined([say("integrity.headline.none", lang), say("integrity.headline.caution", lang)], lang)
    rows = [shown.row("facts", row) for row in records(frame.head(ENDS))]
    names = [say("integrity.headline.one", lang, **row | {"period": period_name(row["period"], lang)}) for row in rows]
    told = [say("integrity.headline.count", lang, count=len(frame)), say("integrity.headline.first", lang,
            list=say("say.semicolon", lang).join(names)), say("integrity.headline.caution", lang)]  # fmt: skip
    return joined(told, lang)


def likeness(shown: Shown) -> list[str]:
    """Which neighbours are most alike, and into which industries they crowd more than by chance."""
    lang = shown.lang
    pairs = shown.result.frame("pairs").sort_values("similarity", ascending=False, kind="stable")
    row = shown.row("pairs", records(pairs)[0])
    told = [say("likeness.headline.pair", lang, **row)]
    crowded = shown.result.frame("crowding")
    names = shown.names("indicator", crowded.loc[crowded["p"] < WEAK, "indicator"])
    code = "likeness.headline.crowded" if names else "likeness.headline.no_crowd"
    told.append(say(code, lang, list=listed(names, lang)))
    return joined(told, lang)


def gravity(shown: Shown) -> list[str]:
    """Where the centre of weight lies now, and how far it has moved."""
    lang, frame = shown.lang, shown.result.frame("path")
    last = shown.row("path", records(frame)[-1])
    ends = [period_name(str(frame["period"].iloc[n]), lang) for n in (0, -1)]
    moved = shown.cell("path", "away", float(frame["away"].fillna(0).sum()))
    return [say("gravity.headline", lang, name=about(shown), start=ends[0], end=ends[1], moved=moved, **last)]


def efficiency(shown: Shown) -> list[str]:
    """How many are on the frontier in the last period, how far the mean is from it, who is furthest."""
    lang, frame = shown.lang, latest(shown, "scores").dropna(subset=["score"])
    if not len(frame):
        return [say("report.no_rows", lang)]
    details: dict[str, Any] = {"period": period_name(str(frame["period"].iloc[0]), lang), "count": len(frame)}
    details["mean"] = shown.cell("scores", "score", float(frame["score"].mean()))
    best, behind = int(frame["efficient"].sum()), frame.sort_values("score", kind="stable").head(ENDS)
    told = [say("efficiency.headline.count", lang, best=best, **details)]
    told.append(say("efficiency.headline.behind", lang, list=listed(_scored(shown, behind), lang)))
    return joined(told, lang)


def efficiency_corrected(shown: Shown) -> list[str]:
    """The mean efficiency of the last period before and after correction, and who is highest."""
    lang, frame = shown.lang, latest(shown, "corrected")
    means = {name: shown.cell("corrected", "score", float(frame[column].mean()))
             for name, column in (("plain", "score"), ("mean", "corrected"))}  # fmt: skip
    best = shown.row("corrected", records(frame.sort_values("corrected", ascending=False, kind="stable"))[0])
    period = period_name(str(frame["period"].iloc[0]), lang)
    details: dict[str, Any] = {**best, **means, "period": period, "count": len(frame), "name": best["entity"]}
    return [say("efficiency.headline.corrected", lang, **details)]


def _scored(shown: Shown, frame: pd.DataFrame) -> list[str]:
    rows = [shown.row("scores", row) for row in records(frame)]
    return [say("index.headline.place", shown.lang, name=row["entity"], told=row["score"]) for row in rows]


def productivity(shown: Shown) -> list[str]:
    """The mean change of the last pair of periods, with its interval, and its two parts."""
    lang, frame = shown.lang, latest(shown, "mean")
    rows = {row["part"]: shown.row("mean", row) for row in records(frame)}
    whole = rows["change"]
    parts = {name: rows[name]["value"] for name in ("catching_up", "frontier_shift")}
    period = period_name(str(frame["period"].iloc[0]), lang)
    code = "productivity.headline" if is_nothing(frame["low"].iloc[0]) else "productivity.headline_interval"
    return [say(code, lang, **whole | {"period": period} | parts)]
