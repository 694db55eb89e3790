"""Pictures of what a policy did: effects with their intervals, verdicts, who began when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from relode.words.texts import say

from . import drawing as d
from .figures import Shown, is_nothing, records

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VERDICTS = {
    "worked": d.UP, "holds": d.UP, "did_not": d.DOWN, "overturned": d.DOWN, "unknown": d.GREY, "weaker": d.GREY,
}  # fmt: skip

OTHER_SCALES = ("forbidden", "outcome")  # checks whose figure is no effect on this outcome


def event_study(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """The headline's estimate before and after the start, with intervals; nothing has happened at the dashed line."""
    rows = frame[frame["estimator"] == details.get("estimator", "")] if "estimator" in frame else frame
    rows = (rows if len(rows) else frame).sort_values("event", kind="stable")
    figure, (axes,) = d.sheet(2.9)
    before = rows["event"] < 0
    for part, colour in ((rows[before], d.GREY), (rows[~before], d.UP)):
        axes.vlines(part["event"], part["low"], part["high"], color=colour, linewidth=1.4, alpha=0.7)
        axes.plot(part["event"], part["estimate"], "o", color=colour, markersize=3.5)
    axes.axhline(0, color=d.INK, linewidth=0.6)
    axes.axvline(-0.5, color=d.GREY, linewidth=0.8, linestyle="--")
    axes.set_xticks(sorted(set(rows["event"])))
    axes.set_xlabel(say("axis.event", shown.lang))
    axes.set_ylabel(effect(details, shown))
    return figure


def effect(details: Mapping[str, Any], shown: Shown) -> str:
    """The name of an axis of effects, with the outcome's unit where it has one."""
    unit = str(details.get("unit", ""))
    name = shown.heading("estimate")
    return say("axis.unit", shown.lang, name=name, unit=shown.name("unit", unit)) if unit else name


def estimators(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """One row per estimator, the headline on top in blue."""
    labels = shown.names("estimator", frame["estimator"])
    about = shown.names("estimand", frame["estimand"])
    twice = frame["estimator"].duplicated(keep=False)
    labels = [
        say("say.subject", shown.lang, name=name, subject=what) if more else name
        for name, what, more in zip(labels, about, twice, strict=True)
    ]
    colours = [d.UP if main else d.INK for main in frame["headline"]]
    return _forest(frame, labels, colours, effect(details, shown), d.sheet(d.row_height(len(frame))))


def pack(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """One row per check; blue holds, grey is weaker, orange is overturned. Figures in other units are in the table."""
    frame = frame[~frame["check"].isin(OTHER_SCALES)]
    subjects = ["" if is_nothing(x) else shown.name("subject", str(x)) for x in frame["subject"]]
    checks = shown.names("check", frame["check"])
    join = "say.subject"
    labels = [say(join, shown.lang, name=c, subject=s) if s else c for c, s in zip(checks, subjects, strict=True)]
    colours = [VERDICTS.get(str(verdict), d.GREY) for verdict in frame["verdict"]]
    made = _forest(frame, labels, colours, effect(details, shown), d.sheet(d.row_height(len(frame)) + 0.2))
    _key(made, dict.fromkeys(str(v) for v in frame["verdict"]), shown)
    return made


def _forest(
    frame: pd.DataFrame, labels: Sequence[str], colours: Sequence[str], name: str, made: tuple[Figure, list[Axes]]
) -> Figure:
    figure, (axes,) = made
    for n, (row, colour) in enumerate(zip(records(frame), colours, strict=True)):
        if not is_nothing(row["low"]):
            axes.hlines(n, row["low"], row["high"], color=colour, linewidth=1.6, alpha=0.6)
        axes.plot(row["estimate"], n, "o", color=colour, markersize=3.5)
    axes.axvline(0, color=d.GREY, linewidth=0.6)
    axes.grid(axis="x", color=d.PALE, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel(name)
    d.names(axes, labels)
    return figure


def _key(figure: Figure, verdicts: Sequence[str] | dict[str, None], shown: Shown) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=VERDICTS.get(code, d.GREY), marker="o", markersize=3.5, label=shown.name("verdict", code))
        for code in verdicts
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=4, borderpad=0)


def verdicts(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """The effects of the policies, coloured by the verdict; where units differ, how likely each worked."""
    marks = [str(verdict) for verdict in frame["verdict"]]
    if frame["unit"].nunique() > 1:
        return _likely(frame, "p_worked", marks, shown)
    colours = [VERDICTS.get(mark, d.GREY) for mark in marks]
    name = effect({"unit": frame["unit"].iloc[0]}, shown)
    made = _forest(frame, _labels(frame, shown), colours, name, d.sheet(d.row_height(len(frame)) + 0.3))
    _key(made, dict.fromkeys(marks), shown)
    return made


def negative_list(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """How likely the effect of each policy is small; orange are those on the list."""
    marks = ["did_not" if listed else "unknown" for listed in frame["listed"]]
    made = _likely(frame, "p_small", marks, shown, key=False)
    (axes,) = made.axes
    for n, row in enumerate(records(frame)):
        told = say("key.large_input" if row["large"] else "key.no_large_input", shown.lang)
        axes.annotate(told, (0.01, n), va="center", fontsize=7, color="white" if row["p_small"] > 0.4 else d.INK)
    return made


def _labels(frame: pd.DataFrame, shown: Shown) -> list[str]:
    """The policies, with the outcome where there are several."""
    policies, outcomes = (shown.names(column, frame[column]) for column in ("policy", "outcome"))
    if frame["outcome"].nunique() == 1:
        return policies
    return [say("say.subject", shown.lang, name=p, subject=o) for p, o in zip(policies, outcomes, strict=True)]


def _likely(frame: pd.DataFrame, column: str, marks: Sequence[str], shown: Shown, *, key: bool = True) -> Figure:
    figure, (axes,) = d.sheet(d.row_height(len(frame)) + 0.3)
    drawn = axes.barh(range(len(frame)), frame[column], color=[VERDICTS[mark] for mark in marks], height=0.6)
    axes.bar_label(drawn, [shown.cell("", column, x) for x in frame[column]], padding=2, fontsize=7)
    axes.set_xlim(0, 1)
    axes.set_xlabel(shown.heading(column))
    d.names(axes, _labels(frame, shown))
    if key:
        _key(figure, dict.fromkeys(marks), shown)
    return figure


def timing(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """How many regions began in which period, policy beside policy."""
    from relode.words.period import ordinal

    frame = frame[frame["cohort"] != ""]  # those that never begin
    cohorts = sorted(set(frame["cohort"].astype(str)), key=ordinal)
    policies = list(dict.fromkeys(frame["policy"]))
    figure, (axes,) = d.sheet(2.4)
    wide = 0.7 / len(policies)
    for n, policy in enumerate(policies):
        rows = frame[frame["policy"] == policy]
        at = [cohorts.index(str(c)) + (n - (len(policies) - 1) / 2) * wide for c in rows["cohort"]]
        look: dict[str, Any] = {"color": d.COLOURS[n % 8], "hatch": d.HATCHES[n % 8], "edgecolor": "white"}
        drawn = axes.bar(at, rows["entities"], wide, label=shown.name("policy", str(policy)), linewidth=0, **look)
        axes.bar_label(drawn, [str(int(x)) for x in rows["entities"]], padding=1, fontsize=7)
    axes.set_xticks(range(len(cohorts)), cohorts)
    axes.set_xlabel(shown.heading("cohort"))
    axes.set_ylabel(shown.heading("entities"))
    axes.margins(y=0.12)
    if len(policies) > 1:
        axes.legend()
    return figure


def dose_curve(frame: pd.DataFrame, details: Mapping[str, Any], shown: Shown) -> Figure:
    """The effect by dose, with its interval as a band."""
    rows = frame.sort_values("dose", kind="stable")
    figure, (axes,) = d.sheet(2.9)
    axes.fill_between(rows["dose"], rows["low"], rows["high"], color=d.UP, alpha=0.15, linewidth=0)
    axes.plot(rows["dose"], rows["estimate"], color=d.UP, linewidth=1.4)
    axes.axhline(0, color=d.INK, linewidth=0.6)
    axes.set_xlabel(shown.heading("dose"))
    axes.set_ylabel(effect(details, shown))
    return figure
