"""How a table fits on paper: type as large as short rows allow, room where it saves lines."""

from __future__ import annotations

import pandas as pd

from relode.publish.blocks import Column, Table
from relode.publish.figures import Shown
from relode.publish.layout import SIDEWAYS, UPRIGHT, fit
from relode.publish.tables import table
from relode.words.recipe import Show

from .conftest import result

LONG = "A sentence of some length that must be broken into lines wherever it stands in a table"


def made(*rows: tuple[str, ...]) -> Table:
    columns = tuple(Column(f"Head {n}", figures=n > 1) for n in range(len(rows[0])))
    return Table("t", columns, rows)


def test_room_goes_to_the_column_whose_lines_it_saves() -> None:
    room = fit(made(*[("short", LONG, "1", "2")] * 5))
    assert room.widths[1] > 2 * max(room.widths[0], room.widths[2], room.widths[3])
    assert sum(room.widths) <= UPRIGHT + 0.1


def test_type_is_large_where_rows_are_short_and_smaller_where_they_would_be_tall() -> None:
    assert fit(made(*[("short", "words", "1")] * 5)).points == 10.5
    assert fit(made(*[(LONG, LONG, "1", "2", "3")] * 5)).points < 10.5


def test_what_stands_in_one_line_is_not_broken() -> None:
    room = fit(made(*[("short", "some words", "1,234.5")] * 30))
    assert set(room.lines) == {1}
    assert not room.sideways


def test_a_table_too_wide_for_the_page_is_turned() -> None:
    room = fit(made(*[tuple("unbreakable" for _ in range(14))] * 3))
    assert room.sideways
    assert sum(room.widths) <= SIDEWAYS + 0.1


def test_figures_in_an_indicators_own_unit_are_told_with_it() -> None:
    frame = pd.DataFrame({"indicator": ["econ.income"], "value": [1234.5]})
    shown = Shown(result({"strengths": frame}), "en")
    assert table(shown, Show(step="1", table="strengths"), "").rows[0][0] == "Income per head (USD)"
    with_unit = Shown(result({"strengths": frame.assign(unit="USD")}), "en")
    assert table(with_unit, Show(step="1", table="strengths"), "").rows[0][0] == "Income per head"
    bare = Shown(result({"left_out": frame[["indicator"]].assign(mean_shift=1.0)}), "en")
    assert table(bare, Show(step="1", table="left_out"), "").rows[0][0] == "Income per head"


def test_what_was_found_one_by_one_is_shown_for_all_periods() -> None:
    frame = pd.DataFrame({"indicator": ["econ.income"] * 3, "period": ["2021", "2022", "2024"], "value": [1.0, 2, 3]})
    whole = table(Shown(result({"treated": frame}), "en"), Show(step="1", table="treated"), "")
    assert len(whole.rows) == 3
    last = table(Shown(result({"indicators": frame}), "en"), Show(step="1", table="indicators"), "")
    assert len(last.rows) == 1


def test_only_what_was_chosen_is_told_and_by_name() -> None:
    from relode.publish.basis import chosen_rows

    choices = {"indicator": "econ.income", "period": None, "by": "", "inputs": ["econ.income", "econ.jobless"],
               "relative": True, "returns": "variable"}  # fmt: skip
    rows = dict(chosen_rows(result({}, choices=choices), "zh"))
    assert rows == {"指标": "人均收入", "投入": "人均收入、失业率", "按相对水平": "是", "规模报酬": "可变"}
    assert dict(chosen_rows(result({}, choices=choices), "en"))["Returns to scale"] == "variable"
