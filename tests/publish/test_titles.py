"""Titles and headings break at words, into lines of like length."""

from __future__ import annotations

import doctest
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relode.publish import blocks, drawing, maps, titles
from relode.publish.blocks import Column, Table
from relode.publish.layout import SIDEWAYS, UPRIGHT, fit
from relode.publish.titles import lines, width, words


@pytest.mark.parametrize("module", [blocks, drawing, maps, titles])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "title",
    [
        "资源型地区转型发展综合评价年度报告",
        "摩洛哥83个省区发展水平与变化评价报告",
        "美国本土48州经济发展评价报告（1970—1986年）",
        "山西省资源型城市高质量发展综合评价与问责情况通报",
        "关于资源枯竭地区转型发展专项规划实施情况的评估报告",
    ],
)
def test_no_character_stands_alone_and_no_word_is_torn(title: str) -> None:
    for most in range(9, 24):
        broken = lines(title, most)
        assert "".join(broken) == title
        assert min(len(line) for line in broken) >= 3, (most, broken)
        for word in ("报告", "评价", "评估", "转型", "地区", "发展"):
            assert sum(line.count(word) for line in broken) == title.count(word), (most, broken)


def test_lines_are_as_few_as_can_be_and_even() -> None:
    assert lines("资源型地区转型发展综合评价年度报告", 20) == ("资源型地区转型发展综合评价年度报告",)
    first, second = lines("资源型地区转型发展综合评价年度报告", 12)
    assert abs(width(first) - width(second)) <= 3
    assert len(lines("Development of the 83 Provinces and Prefectures of Morocco", 19.5)) == 2


def test_a_written_break_stays_and_closing_marks_do_not_begin_a_line() -> None:
    assert lines("上一行\n下一行", 20) == ("上一行", "下一行")
    assert not any(piece[0] in "，。）》" for piece in words("《规划》（草案），评价。"))


@given(st.text(st.sampled_from("资源型地区转型评价报告（）A b1"), min_size=1, max_size=40), st.floats(4, 30))
def test_breaking_loses_nothing_but_blanks(title: str, most: float) -> None:
    assert "".join(lines(title, most)).replace(" ", "") == title.replace(" ", "")


def tables() -> Iterator[Table]:
    for text, count in (
        ("短", 3),
        ("Aïn-Sebaâ-Hay Mohammadi", 9),
        ("每千人2020年以来新设营利单位数", 15),
        ("x" * 60, 20),
    ):
        columns = (Column("指标名称"), *(Column(f"第{n}期得分变化", figures=True) for n in range(count)))
        yield Table("t", columns, tuple((text, *(f"{n:,}.25%" for n in range(count))) for _ in range(3)))


@pytest.mark.parametrize("table", list(tables()), ids=lambda table: str(len(table.columns)))
def test_a_table_never_runs_over_the_page(table: Table) -> None:
    room = fit(table)
    assert sum(room.widths) <= (SIDEWAYS if room.sideways else UPRIGHT) + 0.2
    assert min(room.widths) > 0
    assert 7 <= room.points <= 10.5


def test_figures_stand_in_one_line_where_there_is_room() -> None:
    table = Table("t", (Column("名"), Column("数", figures=True)), (("甲" * 300, "1,234,567.89"),))
    room = fit(table)
    assert room.widths[1] >= width("1,234,567.89") * room.points * 0.3528
    assert not room.sideways


def test_headings_are_broken_into_whole_words() -> None:
    columns = tuple(Column(title, figures=True) for title in ("位次上限", "位次下限", "同类位次", "居前概率") * 4)
    room = fit(Table("t", columns, (("1",) * 16,)))
    assert all(len(line) >= 2 for head in room.heads for line in head)
    assert room.heads[0] in (("位次上限",), ("位次", "上限"))
