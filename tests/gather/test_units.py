"""Units as publications print them; exact conversion; refusal across dimensions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relode.gather.units import convert, is_unit, ratio_of, unit_of
from relode.words.errors import Misfit, UnknownWord

PAIRS = [
    ("万元", "亿元", 10_000, 1),
    ("百万美元", "亿美元", 100, 1),
    ("million USD", "万美元", 1, 100),
    ("百万吨", "吨", 1, 1e6),
    ("Mt", "万吨", 1, 100),
    ("平方公里", "公顷", 1, 100),
    ("公顷", "亩", 1, 15),
    ("亩", "平方米", 3, 2000),
    ("万人", "人", 1, 10_000),
    ("比例", "%", 0.25, 25),
    ("‰", "%", 5, 0.5),
    ("亿千瓦时", "kWh", 1, 1e8),
    ("万千瓦时", "GJ", 1, 36),
    ("亿元/万人", "元/人", 1, 10_000),
    ("吨标准煤/万元", "tce per yuan", 1, 1e-4),
    ("人/平方公里", "persons per km2", 640, 640),
    ("每万人", "per 1,000 persons", 10, 1),
    ("个/万人", "个/人", 5, 5e-4),
    ("m²", "km2", 1e6, 1),
    ("100 million yuan", "亿元", 7, 7),
    ("亿元人民币", "万元", 1, 10_000),
]


@pytest.mark.parametrize(("given_", "wanted", "value", "out"), PAIRS)
def test_a_figure_changes_its_unit(given_: str, wanted: str, value: float, out: float) -> None:
    assert convert(float(value), given_, wanted) == pytest.approx(out, rel=1e-15)


@pytest.mark.parametrize("text", ["（亿元）", "(亿元)", "亿元 ", "亿元", "［亿元］"])
def test_brackets_and_blanks_do_not_matter(text: str) -> None:
    assert unit_of(text) == unit_of("亿元")


@pytest.mark.parametrize(("given_", "wanted"), [("亿元", "亿美元"), ("万美元/人", "元/人"), ("million USD", "MAD")])
def test_currencies_are_not_mixed(given_: str, wanted: str) -> None:
    with pytest.raises(Misfit) as told:
        convert(1.0, given_, wanted)
    assert told.value.code == "units.currency"


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [("亿元", "万人"), ("吨", "吨标准煤"), ("kWh", "吨标准煤"), ("上年=100", "%"), ("%", "百分点"), ("元", "元/人")],
)
def test_dimensions_are_not_mixed(given_: str, wanted: str) -> None:
    with pytest.raises(Misfit) as told:
        convert(1.0, given_, wanted)
    assert told.value.code == "units.dimension"


@pytest.mark.parametrize("text", ["", " ", "斤两", "亿", "元/人/年", "元/", "persons of working age", "/"])
def test_what_is_no_unit_is_refused(text: str) -> None:
    assert not is_unit(text)
    with pytest.raises(UnknownWord):
        unit_of(text)


def test_a_unit_is_written_in_both_languages() -> None:
    assert unit_of("万吨标准煤").label("en") == "10 thousand tce"
    assert unit_of("100 million yuan").label("zh") == "亿元"
    assert unit_of("元/人").label("en") == "yuan per person"
    assert unit_of("per 1,000 persons").label("zh") == "每千人"


def test_arrays_keep_their_gaps() -> None:
    out = convert(np.array([[1.0, np.nan]]), "亿元", "万元")
    assert out[0, 0] == 10_000
    assert np.isnan(out[0, 1])


NAMES = st.sampled_from(sorted({name for pair in PAIRS for name in pair[:2]}))


@given(NAMES, NAMES, st.floats(-1e9, 1e9))
def test_there_and_back_is_the_same_figure(one: str, other: str, value: float) -> None:
    if unit_of(one).dimensions == unit_of(other).dimensions:
        assert convert(convert(value, one, other), other, one) == pytest.approx(value, rel=1e-14)
        assert ratio_of(one, other) * ratio_of(other, one) == 1
    else:
        with pytest.raises(Misfit):
            convert(value, one, other)
