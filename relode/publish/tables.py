"""A table of a result as a report shows it: chosen rows and columns, names for codes, what was cut said below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relode.words.errors import UnknownWord
from relode.words.recipe import Show
from relode.words.texts import LANGUAGES, say

from .blocks import Column, Table
from .figures import NOTHING, Shown, formats, is_figure, period_name, records

if TYPE_CHECKING:
    import pandas as pd


def table(shown: Shown, show: Show, source: str) -> Table:
    """The block of `show`. Raises UnknownWord for a table or a column that the result does not have."""
    result, lang = shown.result, shown.lang
    if show.table not in result.tables:
        raise UnknownWord("publish.table", name=show.table, method=result.method, expected=tuple(result.tables))
    frame = _one_tongue(_only(result.frame(show.table), show), lang)
    frame, foot = _latest(frame, show, shown)
    frame = _largest(frame, show)
    count = len(frame)
    frame = _cut(frame, show)
    if len(frame) < count:
        foot.append(say("report.cut", lang, most=len(frame), count=count))
    columns = _columns(frame, show)
    named = "indicator" in columns and "unit" not in columns and set(columns) & set(formats()["own_unit"])
    rows = tuple(
        tuple(
            _with_unit(shown, row[name]) if named and name == "indicator" else shown.cell(show.table, name, row[name])
            for name in columns
        )
        for row in records(frame)
    )
    if not rows:
        foot.append(say("report.no_rows", lang))
    if any(NOTHING in row for row in rows):
        foot.append(say("report.nothing_mark", lang))
    headings = tuple(Column(shown.heading(name, show.table), is_figure(name)) for name in columns)
    return Table(table_title(shown, show.table), headings, rows, (*foot, source))


def _with_unit(shown: Shown, code: Any) -> str:
    """An indicator's name with its unit."""
    name = shown.cell("", "indicator", code)
    unit = shown.result.labels.unit(str(code))
    return say("say.with_unit", shown.lang, name=name, unit=shown.name("unit", unit)) if unit else name


def table_title(shown: Shown, name: str) -> str:
    """What a table is called: by its method where methods share the name, else by its name alone."""
    known = say(f"title.{name}", shown.lang, default=name)
    return say(f"title.{shown.result.method}.{name}", shown.lang, default=known)


def _largest(frame: pd.DataFrame, show: Show) -> pd.DataFrame:
    """The rows with the largest size in a column first; rows of one size keep their order."""
    if not show.largest:
        return frame
    _known(show.largest, frame, show)
    return frame.sort_values(show.largest, key=abs, ascending=False, kind="stable", na_position="last")


def _one_tongue(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Where a text stands in columns `zh` and `en`: the reader's, as `text`."""
    if not set(LANGUAGES) <= set(frame.columns):
        return frame
    others = [other for other in LANGUAGES if other != lang]
    return frame.drop(columns=others).rename(columns={lang: "text"})


def _cut(frame: pd.DataFrame, show: Show) -> pd.DataFrame:
    """The first rows of the table, or of each code in a column."""
    if show.each:
        _known(show.each, frame, show)
    if not show.most:
        return frame
    return frame.groupby(show.each, sort=False).head(show.most) if show.each else frame.head(show.most)


def _only(frame: pd.DataFrame, show: Show) -> pd.DataFrame:
    for column, codes in show.only.items():
        _known(column, frame, show)
        frame = frame[frame[column].astype(str).isin(codes)]
    return frame


def _latest(frame: pd.DataFrame, show: Show, shown: Shown) -> tuple[pd.DataFrame, list[str]]:
    """The last period where a cut table would show the first; every period is in the workbook."""
    from relode.words.period import ordinal

    whole = "period" in show.only or f"{shown.result.method}.{show.table}" in formats()["events"]
    if "period" not in frame.columns or whole or frame["period"].nunique() < 2:
        return frame, []
    last = max(set(frame["period"].astype(str)), key=ordinal)
    said = say("report.latest", shown.lang, period=period_name(last, shown.lang))
    return frame[frame["period"].astype(str) == last], [said]


def _columns(frame: pd.DataFrame, show: Show) -> list[str]:
    """The columns asked for, else all; without those that have no content (a rank before, in the first edition)."""
    for column in show.columns:
        _known(column, frame, show)
    wanted = show.columns or tuple(map(str, frame.columns))
    return [c for c in wanted if not len(frame) or not (frame[c].isna() | (frame[c] == "")).all()]


def _known(column: str, frame: pd.DataFrame, show: Show) -> Any:
    if column not in frame.columns:
        raise UnknownWord("publish.column", name=column, table=show.table, expected=tuple(map(str, frame.columns)))
