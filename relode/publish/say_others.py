"""What movement, accountability and places found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relode.words.texts import say

from .figures import Shown, is_nothing, number, period_name, records
from .say_index import ENDS, detail, latest, listed, quoted, sentence

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
            parts = [_moved(shown, row) for row in records(rows.head(ENDS))]
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
    editions: dict[str, Any] = {name: detail(shown, name) for name in ("years", "places")}
    for name in ("before", "edition"):
        editions[name] = period_name(str(frame[name].iloc[0]) if len(frame) else "", lang)
    flagged, doubtful = ([*_listed(shown, frame[frame["verdict"] == v])] for v in ("flag", "doubtful"))
    told = [say("accountability.headline.none", lang, **editions)]
    if flagged:
        names = listed(flagged, lang)
        told = [say("accountability.headline.flagged", lang, count=len(flagged), list=names, **editions)]
    if doubtful:
        told.append(say("accountability.headline.doubtful", lang, count=len(doubtful), list=listed(doubtful, lang)))
    level = detail(shown, "level")
    if isinstance(level, int | float):
        told.append(say("accountability.headline.level", lang, level=number(level, "0%", lang)))
    told.append(say("accountability.headline.caution", lang))
    return [("" if lang == "zh" else " ").join(told)]


def _listed(shown: Shown, frame: pd.DataFrame) -> list[str]:
    rows = [shown.row("list", row) for row in records(frame)]
    return [say("accountability.headline.one", shown.lang, name=row["entity"], p=row["p_both"]) for row in rows]


def places(shown: Shown) -> list[str]:
    """How many places are compared, and which stand below and above their neighbours."""
    lang, frame = shown.lang, latest(shown, "places")
    if not len(frame):
        return [say("report.no_rows", lang)]
    period = period_name(str(frame["period"].iloc[0]), lang)
    compared = shown.names("place", frame["place"].drop_duplicates())
    code = "places.headline.count" if len(compared) > 1 else "places.headline.one"
    told = [say(code, lang, period=period, list=listed(compared, lang))]
    near = frame[frame["against"] == "neighbours"]
    for code, rows in (
        ("places.headline.behind", near[near["gap"] < 0]),
        ("places.headline.ahead", near[near["gap"] > 0]),
    ):
        if len(rows):
            told.append(say(code, lang, list=listed(shown.names("place", rows["place"]), lang)))
    return [("" if lang == "zh" else " ").join(told)]


def each_place(shown: Shown) -> list[str]:
    """One paragraph per place: score, rank, gaps to neighbours and peers, the dimensions and indicators behind them."""
    return [_one_place(shown, place) for place in latest(shown, "places")["place"].drop_duplicates()]


def _one_place(shown: Shown, place: str) -> str:
    lang, frame = shown.lang, latest(shown, "places")
    rows = records(frame[frame["place"] == place])
    told = shown.row("places", rows[0])
    if is_nothing(rows[0]["score"]):
        return say("places.one.no_score", lang, name=told["place"]) + say("say.stop", lang)
    first = say("places.one.score", lang, name=told["place"], score=told["score"], rank=told["rank"])
    if not is_nothing(rows[0]["peer_rank"]):
        first += say("places.one.peer", lang, rank=told["peer_rank"])
    parts = [first, *(_against(shown, row) for row in rows if not is_nothing(row["gap"]))]
    clauses = [say("say.comma", lang).join(parts), *_extremes(shown, place), *_standing(shown, place)]
    return sentence(clauses, lang)


def _against(shown: Shown, row: dict[str, Any]) -> str:
    told = shown.row("places", row)
    gap = shown.cell("places", "gap", abs(row["gap"])).lstrip("+")
    code = "places.one.above" if row["gap"] >= 0 else "places.one.below"
    against = _lower(told["against"], shown.lang)
    return say(code, shown.lang, count=told["count"], against=against, score=told["score_of"], gap=gap)


def _extremes(shown: Shown, place: str) -> list[str]:
    """The widest gap and the greatest advantage against those who come first in the table (the neighbours)."""
    frame = shown.result.frame("gaps").dropna(subset=["gap"])
    rows = records(frame[frame["place"] == place])
    rows = [row for row in rows if row["against"] == rows[0]["against"]]
    told = []
    for code, best in (("places.one.weakest", min), ("places.one.strongest", max)):
        row = best(rows, key=lambda row: float(row["gap"]), default=None)
        if row and (row["gap"] < 0) == (best is min):
            cells = shown.row("gaps", row)
            against = _lower(cells["against"], shown.lang)
            told.append(
                say(code, shown.lang, against=against, node=cells["node"], own=cells["own"], other=cells["other"])
            )
    return told


def _standing(shown: Shown, place: str) -> list[str]:
    """The indicators by which the place stands out from its neighbours, where the result lists them."""
    if "standing" not in shown.result.tables:
        return []
    frame = shown.result.frame("standing")
    frame = frame[(frame["place"] == place) & (frame["against"] == "neighbours")]
    told = []
    for code, kind in (("places.one.strengths", "strength"), ("places.one.weaknesses", "weakness")):
        names = shown.names("indicator", frame.loc[frame["standing"] == kind, "indicator"])
        marked = [quoted(name, shown.lang) for name in names]
        told += [say(code, shown.lang, list=listed(marked, shown.lang))] if names else []
    return told


def _lower(text: str, lang: str) -> str:
    return text.lower() if lang == "en" else text
