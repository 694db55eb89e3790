"""Indicators with a best range: what counts is how far a figure lies outside it. 适度指标、区间型指标

Figures stay as published in every table; they are turned into distances once, when they begin to count: after they
are derived, divided and filled, before outliers are treated and anything is scaled. On min-max the yardstick ends at
distance 0, so that the position is that of the textbook:

    y = 1 - max(a - x, x - b) / max(a - min x, max x - b) outside [a, b],  1 inside

Source   Guo Yajun 郭亚军 (2007), 综合评价理论、方法及应用, Science Press
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array
from relode.maths.scale import outside
from relode.words.indicator import Group, Indicator
from relode.words.labels import told_good
from relode.words.plan import Plan
from relode.words.texts import say

from .naming import in_both


def ranges(plan: Plan, codes: Sequence[str]) -> Array:
    """The best range of each indicator; NaN where more, or less, is better. Shape (indicator, 2)"""
    found = [plan.system[code] for code in codes]
    none = (np.nan, np.nan)
    return np.array([none if isinstance(one, Group) else one.best or none for one in found]).reshape(-1, 2)


def ranged(plan: Plan, codes: Sequence[str]) -> NDArray[np.bool_]:
    """Which indicators have a best range. Shape (indicator,)"""
    return np.asarray(~np.isnan(ranges(plan, codes)[:, 0]))


def counted(figures: Array, plan: Plan, codes: Sequence[str]) -> Array:
    """Figures as they count: distances where there is a best range, else as they are. Shape (..., indicator)"""
    low, high = ranges(plan, codes).T
    if np.isnan(low).all():
        return figures
    return np.where(np.isnan(low), figures, outside(figures, low, high))


def merit(indicator: Indicator, figures: Array) -> Array:
    """Figures turned so that more is better. Shape any"""
    return indicator.direction * (outside(figures, *indicator.best) if indicator.best else figures)


def named(indicators: Sequence[Indicator]) -> dict[str, str]:
    """Their names with the range of each, for both languages of a note."""
    by_code = {one.code: one for one in indicators}

    def label(code: str, lang: str) -> str:
        return say("index.ranged", lang, name=by_code[code].label(lang), good=told_good(by_code[code].good, lang))

    return in_both(list(by_code), label)
