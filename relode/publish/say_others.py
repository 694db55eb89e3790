"""What movement, accountability and places found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relode.words.texts import say

from .figures import Shown, is_nothing, number, period_name
from .say_index import ENDS, detail, latest, listed

if TYPE_CHECKING:
    import pandas as pd


def movement(shown: Shown) -> list[str]:
    """How many rose and fell, the greatest changes and from what they come."""
    lang, frame = shown.lang, shown.result.frame("movement").dropna(subset=["change"])
    choices = shown.result.choices
    base, now = (period_name(str(choices.get(end, "")), lang) for end in ("base", "now"))
    up, down = frame[frame["change"] > 0], frame[frame["change"] < 0]
    told = [say("movement.headline.count", lang, base=base, now=now, up=len(up), down=len(down))]
    for code, rows in (
        ("movement.headline.best", up.sort_values("change", ascending=False, kind="stable")),
        ("movement.headline.worst", down.sort_values("change", kind="stable")),
    ):
        if len(rows):
            parts = [_moved(shown, row) for row in rows.head(ENDS).to_dict("records")]
            told.append(say(code, lang, list=listed(parts, lang)))
    still = not len(frame) or float(frame[["from_limits", "from_weights"]].abs().max().max()) < 1e-9
    told.append(say("movement.headline.same_yardstick" if still else "movement.headline.split", lang))
    return [("" if lang == "zh" else " ").join(told)]


def _moved(shown: Shown, row: dict[str, Any]) -> str:
    told = shown.row("movement", row)
    parts = {"data": told["from_data"], "limits": told["from_limits"], "weights": told["from_weights"]}
    return say("movement.headline.one", shown.lang, name=told["entity"], change=told["change"], **parts)


def accountability(shown: Shown) -> list[str]:
    """Who is flagged, who is in doubt, and that nobody is flagged below the rule's probability."""
    lang, frame = shown.lang, shown.result.frame("list")
    editions = {}
    for name in ("before", "edition"):
        period = str(frame[name].iloc[0]) if len(frame) else str(shown.result.choices.get(name, ""))
        editions[name] = period_name(period, lang)
    flagged, doubtful = ([*_listed(shown, frame[frame["verdict"] == v])] for v in ("flag", "doubtful"))
    told = [say("accountability.headline.none", lang, **editions)]
    if flagged:
        details = {"count": len(flagged), "list": listed(flagged, lang)}
        told = [say("accountability.headline.flagged", lang, **details, **editions)]
    if doubtful:
        told.append(say("accountability.headline.doubtful", lang, count=len(doubtful), list=listed(doubtful, lang)))
    level = detail(shown, "level")
    if isinstance(level, int | float):
        told.append(say("accountability.headline.level", lang, level=number(level, "0%", lang)))
    told.append(say("accountability.headline.caution", lang))
    return [("" if lang == "zh" else " ").join(told)]


def _listed(shown: Shown, frame: pd.DataFrame) -> list[str]:
    rows = [shown.row("list", row) for row in frame.to_dict("records")]
    return [say("accountability.headline.one", shown.lang, name=row["entity"], p=row["p_both"]) for row in rows]


def places(shown: Shown) -> list[str]:
    """How many places are compared, and which stand below and above their neighbours."""
    lang, frame = shown.lang, latest(shown, "places")
    if not len(frame):
        return [say("report.no_rows", lang)]
    period = period_name(str(frame["period"].iloc[0]), lang)
    told = [say("places.headline.count", lang, period=period, count=frame["place"].nunique())]
    near = frame[frame["against"] == "neighbours"]
    for code, rows in (
        ("places.headline.behind", near[near["gap"] < 0]),
        ("places.headline.ahead", near[near["gap"] > 0]),
    ):
        if len(rows):
            names = [shown.name("place", str(place)) for place in rows["place"]]
            told.append(say(code, lang, list=listed(names, lang)))
    return [("" if lang == "zh" else " ").join(told)]


def each_place(shown: Shown) -> list[str]:
    """One paragraph per place: score, rank, gaps to neighbours and peers, the widest gap and the best advantage."""
    frame, gaps = latest(shown, "places"), latest(shown, "gaps")
    return [
        _one_place(shown, rows.to_dict("records"), gaps[gaps["place"] == place])
        for place, rows in frame.groupby("place", sort=False)
    ]


def _one_place(shown: Shown, rows: list[dict[str, Any]], gaps: pd.DataFrame) -> str:
    lang, told = shown.lang, shown.row("places", rows[0])
    if is_nothing(rows[0]["score"]):
        return say("places.one.no_score", lang, name=told["place"]) + say("say.stop", lang)
    first = say("places.one.score", lang, name=told["place"], score=told["score"], rank=told["rank"])
    if not is_nothing(rows[0]["peer_rank"]):
        first += say("places.one.peer", lang, rank=told["peer_rank"])
    parts = [first, *(_against(shown, row) for row in rows if not is_nothing(row["gap"]))]
    return say("say.semicolon", lang).join([say("say.comma", lang).join(parts), *_extremes(shown, gaps)]) + say(
        "say.stop", lang
    )


def _against(shown: Shown, row: dict[str, Any]) -> str:
    told = shown.row("places", row)
    gap = shown.cell("places", "gap", abs(row["gap"])).lstrip("+")
    code = "places.one.above" if row["gap"] >= 0 else "places.one.below"
    against = _lower(told["against"], shown.lang)
    return say(code, shown.lang, count=told["count"], against=against, score=told["score_of"], gap=gap)


def _extremes(shown: Shown, gaps: pd.DataFrame) -> list[str]:
    """The widest gap and the greatest advantage against those who come first in the table (the neighbours)."""
    gaps = gaps.dropna(subset=["gap"])
    if not len(gaps):
        return []
    gaps = gaps[gaps["against"] == gaps["against"].iloc[0]]
    told = []
    for code, at in (("places.one.weakest", gaps["gap"].idxmin()), ("places.one.strongest", gaps["gap"].idxmax())):
        row = gaps.loc[at]
        if (row["gap"] < 0) == (code == "places.one.weakest"):
            cells = shown.row("gaps", row.to_dict())
            details = {"node": cells["node"], "own": cells["own"], "other": cells["other"]}
            told.append(say(code, shown.lang, against=_lower(cells["against"], shown.lang), **details))
    return told


def _lower(text: str, lang: str) -> str:
    return text.lower() if lang == "en" else text
