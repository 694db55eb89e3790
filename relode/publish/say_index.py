"""What measure.index found, in words: who stands where, how sure that is, what holds places back, how good the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from relode.words.texts import say

from .figures import Shown, is_nothing, number, period_name, records

if TYPE_CHECKING:
    import pandas as pd

ENDS = 3  # places named at either end
MOST = 10  # names in one list
PROBABLE = {  # with the number of places that an end has, and without where the result does not say it
    "top": ("index.headline.p_top", "index.headline.p_top_any"),
    "bottom": ("index.headline.p_bottom", "index.headline.p_bottom_any"),
}


def listed(parts: Sequence[str], lang: str, most: int = MOST) -> str:
    """Names in a row: 甲、乙和丙; a, b and c; cut with the count said."""
    if len(parts) > most:
        head = say("say.and", lang).join(parts[:most])
        return say("say.more", lang, list=head, count=len(parts))
    if len(parts) < 2:
        return "".join(parts)
    return say("say.and", lang).join(parts[:-1]) + say("say.and_last", lang) + parts[-1]


def quoted(name: str, lang: str) -> str:
    """A name that is several words long, marked as one."""
    return say("say.quoted", lang, name=name)


def latest(shown: Shown, table: str) -> pd.DataFrame:
    """The rows of a table's last period (all rows where it has no periods)."""
    from relode.words.period import ordinal

    frame = shown.result.frame(table)
    if "period" not in frame.columns or not len(frame):
        return frame
    last = max(set(frame["period"].astype(str)), key=ordinal)
    return frame[frame["period"].astype(str) == last].reset_index(drop=True)


def detail(shown: Shown, name: str) -> Any:
    """What the result's charts or notes say of `name` (how many count as top, which level); None if nothing does."""
    described = [chart.details for chart in shown.result.charts] + [note.details for note in shown.result.notes]
    return next((details[name] for details in described if name in details), None)


def headline(shown: Shown) -> list[str]:
    """How many have a score, the first and the last with intervals and probabilities, who has none."""
    lang = shown.lang
    ranks, unscored = latest(shown, "ranks"), latest(shown, "unscored")
    if not len(ranks):
        return [say("report.no_rows", lang)]
    period = str(ranks["period"].iloc[0])
    unscored = unscored[unscored["period"].astype(str) == period]
    ranks = ranks.sort_values("rank", kind="stable")
    ends = min(ENDS, len(ranks) // 2)
    name = period_name(period, lang)
    told = [say("index.headline.count", lang, period=name, count=len(ranks) + len(unscored), scored=len(ranks))]
    if ends:
        best = [_place(shown, row, "top") for row in records(ranks.head(ends))]
        worst = [_place(shown, row, "bottom") for row in records(ranks.tail(ends))]
        told.append(say("index.headline.best", lang, list=listed(best, lang)))
        told.append(say("index.headline.worst", lang, list=listed(worst, lang)))
    if not ranks["rank_low"].isna().all():
        told.append(say("index.headline.caution", lang))
    return [_joined(told, lang), _without_score(shown, unscored)]


def _place(shown: Shown, row: dict[str, Any], end: str) -> str:
    lang = shown.lang

    def cell(column: str) -> str:
        return shown.cell("ranks", column, row[column])

    told = [say("index.headline.score", lang, score=cell("score"))]
    if not is_nothing(row["rank_low"]):
        code = "index.headline.interval_one" if row["rank_low"] == row["rank_high"] else "index.headline.interval"
        told.append(say(code, lang, low=cell("rank_low"), high=cell("rank_high")))
    if not is_nothing(row[f"p_{end}"]):
        most = detail(shown, end)
        code = PROBABLE[end][0 if most else 1]
        told.append(say(code, lang, p=cell(f"p_{end}"), **{end: most}))
    return say("index.headline.place", lang, name=cell("entity"), told=say("say.comma", lang).join(told))


def _without_score(shown: Shown, unscored: pd.DataFrame) -> str:
    lang = shown.lang
    if not len(unscored):
        return say("index.headline.all_scored", lang)
    rows = [shown.row("unscored", row) for row in records(unscored)]
    names = [say("index.headline.unscored_one", lang, name=row["entity"], missing=row["missing"]) for row in rows]
    return say("index.headline.unscored", lang, count=len(rows), list=listed(names, lang))


def dimensions(shown: Shown) -> list[str]:
    """The best and the worst place of each top dimension."""
    lang, frame = shown.lang, latest(shown, "dimensions").dropna(subset=["score"])
    system = next(iter(shown.result.labels.systems), None)
    top = [group.code for group in system.root.groups] if system else list(dict.fromkeys(frame["node"]))
    told = []
    for node in top:
        rows = frame[frame["node"] == node].sort_values("score", ascending=False, kind="stable")
        if len(rows):
            best, worst = (shown.row("dimensions", records(rows)[n]) for n in (0, -1))
            details = {"best": best["entity"], "high": best["score"], "worst": worst["entity"], "low": worst["score"]}
            told.append(say("index.dimensions.one", lang, node=shown.name("node", node), **details))
    return [say("index.dimensions.all", lang, list=say("say.semicolon", lang).join(told))] if told else []


def uncertainty(shown: Shown) -> list[str]:
    """How wide the rank intervals are, and into how many tie bands the places fall."""
    lang, ranks = shown.lang, latest(shown, "ranks")
    if not len(ranks) or ranks["rank_low"].isna().all():
        return [say("index.uncertainty.none", lang)]
    rows = records(ranks)
    width = ranks["rank_high"] - ranks["rank_low"]
    widest, narrowest = (shown.row("ranks", rows[int(n)]) for n in (width.argmax(), width.argmin()))
    told = say(
        "index.uncertainty.width", lang, middle=number(float(width.median()), "#,##0.#", lang),
        widest=widest["entity"], low=widest["rank_low"], high=widest["rank_high"],
        narrowest=narrowest["entity"], from_=narrowest["rank_low"], to=narrowest["rank_high"],
    )  # fmt: skip
    sizes = ranks["band"].value_counts()
    if not len(sizes):
        return [told]
    largest = int(sizes.max())
    bands = say("index.uncertainty.bands", lang, count=len(ranks), bands=len(sizes), largest=largest)
    return [_joined([told, bands], lang)]


def obstacles(shown: Shown) -> list[str]:
    """Which indicators hold back most places, and the single greatest obstacle."""
    lang, frame = shown.lang, latest(shown, "obstacles")
    first = frame[frame["place_in_order"] == 1] if len(frame) else frame
    if not len(first):
        return [say("index.obstacles.none", lang)]
    counts = first["indicator"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    names = {code: quoted(shown.name("indicator", str(code)), lang) for code in counts.index}
    told = [say("index.obstacles.first", lang, node=names[counts.index[0]], count=int(counts.iloc[0]))]
    if len(counts) > 1:
        others = counts.iloc[1:3].items()
        parts = [say("index.obstacles.next_one", lang, node=names[code], count=int(count)) for code, count in others]
        told.append(say("index.obstacles.next", lang, list=listed(parts, lang)))
    hardest = shown.row("obstacles", records(first)[int(first["obstacle"].argmax())])
    details = {"name": hardest["entity"], "node": quoted(hardest["indicator"], lang), "share": hardest["obstacle"]}
    told.append(say("index.obstacles.largest", lang, **details))
    return [sentence(told, lang)]


def quality(shown: Shown) -> list[str]:
    """How complete the figures are, of which status, and how many warnings there are."""
    lang, frame = shown.lang, latest(shown, "coverage")
    told = []
    if len(frame):
        full = int((frame["available"] == frame["of"]).sum())
        least = shown.row("coverage", records(frame)[int(frame["share"].argmin())])
        code = "index.quality.full" if full == len(frame) else "index.quality.coverage"
        details = {"node": quoted(least["indicator"], lang), "share": least["share"]}
        told.append(say(code, lang, count=len(frame), full=full, **details))
    told += _statuses(shown)
    warnings = sum(note.level == "warning" for note in shown.result.notes)
    code = "index.quality.warnings" if warnings else "index.quality.no_warnings"
    told.append(say(code, lang, count=warnings))
    return [_joined(told, lang)]


def _statuses(shown: Shown) -> Iterable[str]:
    lang, frame = shown.lang, latest(shown, "indicators")
    if not len(frame):
        return
    counts = frame["status"].value_counts()
    parts = []
    for status, count in counts.items():
        share = number(count / len(frame), "0.0%", lang)
        name = shown.name("status", str(status))
        parts.append(
            say("index.quality.status_one", lang, status=name, count=number(count, "#,##0", lang), share=share)
        )
    yield say("index.quality.status", lang, count=number(len(frame), "#,##0", lang), list=listed(parts, lang))


def sentence(parts: Sequence[str], lang: str) -> str:
    """Clauses as one sentence, its first letter large."""
    text = say("say.semicolon", lang).join(parts) + say("say.stop", lang)
    return text[0].upper() + text[1:]


def _joined(sentences: Sequence[str], lang: str) -> str:
    return ("" if lang == "zh" else " ").join(sentences)
