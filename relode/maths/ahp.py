"""Analytic hierarchy process: weights from pairwise judgements, and whether these agree among themselves. 层次分析法"""

from __future__ import annotations

import numpy as np

from .numbers import Array

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
"""Mean consistency index of random matrices of order 1 to 15, the table quoted from Saaty (1980), The Analytic
Hierarchy Process (some 500 matrices of each order; the book itself was not at hand). The sample is small and shows it:
it falls at order 12, and 6,000 matrices give 0.52 at order 3, 0.89 at 4, 1.12 at 5, 1.54 at 12. With 0.58 three
judgements look a tenth more consistent than with 0.52. Alonso and Lamata (2006), Int. J. Uncertainty, Fuzziness and
Knowledge-Based Systems 14(4), 445-459, collect the tables in use."""


def priorities(a: Array) -> Array:
    """The principal eigenvector of a matrix of judgements. Shape (k, k) -> (k,), sums to 1"""
    values, vectors = np.linalg.eig(a)
    vector = np.abs(np.real(vectors[:, int(np.argmax(np.real(values)))]))
    weights: Array = vector / vector.sum()
    return weights


def consistency(a: Array) -> float:
    """CR = (lambda - k) / (k - 1) / RI(k); below 0.1 is customary, which says nothing about truth. 一致性比率

    Shape    (k, k) -> a number; 0 for k < 3
    Raises   ValueError for k > 15, where the table of random indices ends
    """
    k = len(a)
    if k < 3:
        return 0.0
    if k > len(RANDOM_INDEX):
        raise ValueError("no random index for more than 15 judgements")
    greatest = float(np.real(np.linalg.eigvals(a)).max())
    return max((greatest - k) / (k - 1) / RANDOM_INDEX[k - 1], 0.0)


def is_reciprocal(a: Array, tolerance: float = 0.01) -> bool:
    """Is a_ij = 1 / a_ji for all pairs (up to figures printed with few digits), and 1 on the diagonal?"""
    return bool((np.abs(a * a.T - 1) <= tolerance).all())


def worst_pair(a: Array) -> tuple[int, int, float]:
    """The judgement that agrees least with the others, and the ratio that they imply: i, j, w_i / w_j."""
    w = priorities(a)
    implied = w[:, None] / w[None]
    off = np.triu(np.abs(np.log(a / implied)), 1)
    i, j = np.unravel_index(int(off.argmax()), off.shape)
    return int(i), int(j), float(implied[i, j])


def repaired(a: Array, least: float = 0.1) -> Array:
    """The nearest matrix, between the judgements and what their weights imply, whose CR is below `least`. 一致性修正

    a_ij^s (w_i / w_j)^(1 - s) with the greatest s that does; the weights hardly move
    Shape    (k, k) -> (k, k)
    Source   Xu and Wei (1999), European Journal of Operational Research 116(2), 443-449
    """
    if consistency(a) < least:
        return a
    w = priorities(a)
    implied = w[:, None] / w[None]
    keeps, breaks = 0.0, 1.0
    for _ in range(60):
        s = (keeps + breaks) / 2
        keeps, breaks = (s, breaks) if consistency(a**s * implied ** (1 - s)) < least else (keeps, s)
    result: Array = a**keeps * implied ** (1 - keeps)
    return result


def together(judgements: Array) -> Array:
    """The judgements of several people as one matrix: the geometric mean, which keeps reciprocity. 群决策

    Shape    (people, k, k) -> (k, k)
    Source   Aczel and Saaty (1983), Journal of Mathematical Psychology 27(1), 93-102
    """
    result: Array = np.exp(np.log(judgements).mean(axis=0))
    return result
