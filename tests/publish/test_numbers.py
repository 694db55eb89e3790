"""Figures written the short way read as Babel, the independent software, writes them."""

from __future__ import annotations

import pytest
from babel.numbers import format_decimal, format_percent
from hypothesis import example, given
from hypothesis import strategies as st

from relode.publish.figures import MINUS, number

PLAIN = ("#,##0", "0", "0.0", "0.00", "0.000", "#,##0.00", "#,##0.0000", "#,##0.000000", "0.0%", "0%", "0.#")
LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}


@pytest.mark.parametrize("lang", LOCALES)
@pytest.mark.parametrize("pattern", PLAIN)
@given(value=st.floats(-1e15, 1e15))
@example(value=2.675)
@example(value=0.5)
@example(value=-0.0)
@example(value=1234567.125)
def test_figures_are_written_as_babel_writes_them(pattern: str, lang: str, value: float) -> None:
    write = format_percent if pattern.endswith("%") else format_decimal
    assert number(value, pattern, lang) == write(value, format=pattern, locale=LOCALES[lang]).replace("-", MINUS)


def test_signs_of_a_change_are_as_the_pattern_says() -> None:
    pattern = "+#,##0.00;-#,##0.00;0.00"
    found = [number(x, pattern, "zh") for x in (1234.5, -1234.5, 0.0)]
    assert found == ["+1,234.50", f"{MINUS}1,234.50", "0.00"]


def test_what_is_no_figure_does_not_break_a_page() -> None:
    assert number(float("inf"), "#,##0.00", "en") == "∞"
