"""Splits: what each of several factors contributed to a change, exactly."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import factorial

import numpy as np

from .numbers import Array


def shapley(value: Callable[[tuple[bool, ...]], Array], factors: int) -> Array:
    """Each factor's part of value(all on) - value(all off): its mean effect over all orders of switching on.

    phi_i = sum over S without i of |S|! (m - |S| - 1)! / m! (v(S + i) - v(S))
    Shape    value gives (...)  ->  (factors, ...), which sums to the whole change
    Source   Shapley (1953); Shorrocks (2013), Journal of Economic Inequality 11, 99-126
    """
    known = {on: value(on) for on in product((False, True), repeat=factors)}
    parts = [np.zeros_like(known[(False,) * factors]) for _ in range(factors)]
    for on, at in known.items():
        size = sum(on)
        share = factorial(size) * factorial(factors - size - 1) / factorial(factors) if size < factors else 0.0
        for i in range(factors):
            if not on[i]:
                parts[i] = parts[i] + share * (known[(*on[:i], True, *on[i + 1 :])] - at)
    return np.stack(parts)
