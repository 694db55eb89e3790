"""What coherence, coupling, sensitivity, flips, audit and lens found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relode.words.texts import say

from .figures import Shown, is_nothing, number, period_name, records
from .say_diagnosis import joined
from .say_index import latest, listed, quoted

if TYPE_CHECKING:
    import pandas as pd

MOST = 3  # levels, doubts or links named in one sentence


def coherence(shown: Shown) -> list[str]:
    """How many siblings contradict or repeat each other, what counts otherwise than it should, what ranks hang on."""
    lang, tables = shown.lang, shown.result.tables
    pairs, groups = tables["pairs"], tables["groups"]
    negative, too_high = (int((pairs["flag"] == flag).sum()) for flag in ("negative", "too_high"))
    regions = tables["strengths"]["entity"].nunique()
    poor = [quoted(name, lang) for name in shown.names("node", groups.loc[groups["poor"], "node"])]
    told = [
        say("coherence.headline.pairs", lang, pairs=len(pairs), count=regions, negative=negative, too_high=too_high)
    ]
    code = "coherence.headline.poor" if poor else "coherence.headline.close"
    told.append(say(code, lang, groups=len(groups), poor=len(poor), list=listed(poor, lang)))
    off = _row(shown, "importance", tables["importance"]["excess"].abs())
    told.append(say("coherence.headline.weight", lang, **off | {"node": quoted(off["node"], lang)}))
    told += _hinge(shown)
    if "versions" in tables and len(versions := tables["versions"].dropna(subset=["rank_change"])):
        row = shown.row("versions", records(versions)[0])
        mean = number(float(versions["rank_change"].abs().mean()), "0.0", lang)
        told.append(say("coherence.headline.versions", lang, mean=mean, **row))
    return joined(told, lang)


def _row(shown: Shown, table: str, size: pd.Series[float]) -> dict[str, str]:
    """The row of a table where a size is greatest, as people read it."""
    return shown.row(table, records(shown.result.tables[table])[int(size.to_numpy().argmax())])


def _hinge(shown: Shown) -> list[str]:
    """The indicator without which ranks move furthest."""
    frame = shown.result.tables["left_out"]
    if not len(frame):
        return []
    row = _row(shown, "left_out", frame["greatest_shift"])
    return [say("coherence.headline.left_out", shown.lang, **row | {"indicator": quoted(row["indicator"], shown.lang)})]


def coupling(shown: Shown) -> list[str]:
    """How far apart the regions are, at which levels most of them stand, who is at either end, what lags."""
    lang, frame = shown.lang, latest(shown, "coupling")
    if not len(frame):
        return [say("report.no_rows", lang)]
    frame = frame.sort_values("coordination", ascending=False, kind="stable")
    best, worst = (shown.row("coupling", records(frame)[n]) for n in (0, -1))
    middle = shown.cell("coupling", "coordination", float(frame["coordination"].median()))
    period = period_name(str(frame["period"].iloc[0]), lang)
    levels = frame["coordination_level"].value_counts()
    names = [
        say("coupling.headline.level", lang, level=shown.name("coordination_level", str(code)), count=int(n))
        for code, n in levels.head(MOST).items()
    ]
    told = [say("coupling.headline.count", lang, period=period, count=len(frame), middle=middle,
                low=worst["coordination"], high=best["coordination"], list=listed(names, lang))]  # fmt: skip
    ends = {f"{end}_{key}": row[key] for end, row in (("best", best), ("worst", worst)) for key in row}
    told.append(say("coupling.headline.ends", lang, **ends))
    behind = frame["node"].value_counts()
    lagging = quoted(shown.name("node", str(behind.index[0])), lang)
    told.append(say("coupling.headline.behind", lang, node=lagging, count=int(behind.iloc[0])))
    return joined(told, lang)


def sensitivity(shown: Shown) -> list[str]:
    """How far ranks may be off, whose is sure, and which doubt they owe it to; for one draw, who is first in it."""
    lang, ranks = shown.lang, shown.result.tables["ranks"]
    if "sobol" not in shown.result.tables:
        first = shown.row("ranks", records(ranks)[0])
        return [say("sensitivity.headline.draw", lang, draw=shown.result.choices.get("draw", ""), **first)]
    width = ranks["rank_high"] - ranks["rank_low"]
    rows = records(ranks)
    widest = shown.row("ranks", rows[int(width.argmax())])
    widest["period"] = period_name(widest["period"], lang)
    middle = number(float(width.median()), "#,##0.#", lang)
    sure = int((width == 0).sum())
    told = [say("sensitivity.headline.width", lang, count=len(ranks), middle=middle, sure=sure, **widest)]
    told += _owed(shown)
    pairs = [shown.row("beats", row) for row in records(shown.result.tables["beats"].head(MOST))]
    told += [say("sensitivity.headline.pair", lang, **row) for row in pairs]
    return joined(told, lang)


def _owed(shown: Shown) -> list[str]:
    """Which doubt brings about most of the uncertainty: mean over the regions, and the least and greatest of them."""
    lang, sobol = shown.lang, shown.result.tables["sobol"].dropna(subset=["total_order"])
    if not len(sobol):
        return []
    parts = []
    order = sobol.groupby("doubt", sort=False)["total_order"].mean().sort_values(ascending=False, kind="stable")
    for doubt in order.index[:MOST]:
        here = sobol.loc[sobol["doubt"] == doubt, "total_order"]
        told = {name: shown.cell("sobol", "total_order", float(x))
                for name, x in (("mean", here.mean()), ("low", here.min()), ("high", here.max()))}  # fmt: skip
        parts.append(say("sensitivity.headline.doubt", lang, doubt=shown.name("doubt", str(doubt)), **told))
    return [say("sensitivity.headline.owed", lang, list=say("say.semicolon", lang).join(parts))]


def flips(shown: Shown) -> list[str]:
    """What is decided, and the least that would turn it: a figure, a weight, weights together, another method."""
    lang, tables = shown.lang, shown.result.tables
    decision = [note for note in shown.result.notes if note.code.startswith(("flips.pair_", "flips.bottom_",
                "flips.top_"))]  # fmt: skip
    told = [shown.result.told(note, lang) for note in decision]
    for raw in records(tables["smallest"]):
        row = shown.row("smallest", raw)
        row["node"] = quoted(row["node"], lang)
        row["unit"] = _unit(shown, str(raw["node"]))
        told.append(say(f"flips.headline.{raw['change_kind']}", lang, **_flipped(shown, raw, row)))
    if not len(tables["smallest"]):
        told.append(say("flips.headline.none", lang))
    methods = tables["methods"]
    turning = int(methods["turns"].sum()) if len(methods) else 0
    told.append(say("flips.headline.methods" if turning else "flips.headline.no_method", lang, count=turning,
                    of=len(methods)))  # fmt: skip
    return joined(told, lang)


def _flipped(shown: Shown, raw: dict[str, Any], row: dict[str, str]) -> dict[str, str]:
    """The two weights as shares, where the change is one of a weight."""
    if raw["change_kind"] != "weight":
        return row
    shares = {name: number(float(raw[name]), "0.0%", shown.lang) for name in ("value", "value_flip")}
    return row | shares


def _unit(shown: Shown, code: str) -> str:
    """The unit of an indicator, with the blank that its language wants before it."""
    unit = shown.result.labels.unit(code)
    name = shown.name("unit", unit) if unit else ""
    return f" {name}" if name not in ("", "%") and shown.lang == "en" else name


def audit(shown: Shown) -> list[str]:
    """How many findings ask for a look and in which steps, how wide ranks are, and which doubt counts most."""
    lang, tables = shown.lang, shown.result.tables
    steps = tables["steps"]
    look = steps[steps["look"]]
    names = shown.names("audit_step", dict.fromkeys(look["audit_step"]))
    code = "audit.headline.count" if len(look) else "audit.headline.clear"
    told = [say(code, lang, count=len(steps), look=len(look), list=listed(names, lang))]
    ranks, owners = tables["ranks"], tables["owners"]
    width = number(float((ranks["rank_high"] - ranks["rank_low"]).mean()), "#,##0.#", lang)
    told.append(say("audit.headline.width", lang, count=len(ranks), width=width))
    if len(owners) and not is_nothing(owners["total_order"].iloc[0]):
        told.append(say("audit.headline.doubt", lang, **shown.row("owners", records(owners)[0])))
    told.append(say("audit.headline.caution", lang))
    return joined(told, lang)


def lens(shown: Shown) -> list[str]:
    """Which system holds back most, and how the ends of the framework's links go together."""
    lang, systems = shown.lang, latest(shown, "systems")
    if not len(systems):
        return [say("report.no_rows", lang)]
    worst = str(systems.groupby("node", sort=False)["obstacle"].mean().idxmax())
    here = systems[systems["node"] == worst]
    means = {name: shown.cell("systems", name, float(here[name].mean())) for name in ("score", "obstacle", "share")}
    period, count = period_name(str(systems["period"].iloc[0]), lang), systems["entity"].nunique()
    name = quoted(shown.name("node", worst), lang)
    told = [say("lens.headline.obstacle", lang, period=period, count=count, node=name, **means)]
    links = latest(shown, "links")
    seen = links.dropna(subset=["correlation"]).sort_values("correlation", ascending=False, kind="stable")
    told.append(say("lens.headline.links", lang, count=len(links), seen=int(links["measured"].sum())))
    parts = [say("lens.headline.link", lang, **shown.row("links", row)) for row in records(seen.head(MOST))]
    if parts:
        told.append(say("lens.headline.strongest", lang, list=say("say.semicolon", lang).join(parts)))
    return joined(told, lang)
