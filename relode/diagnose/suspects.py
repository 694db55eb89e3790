"""Suspects: what one screen has to say about one fact or series, with its evidence and the likely right value."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from relode.maths.numbers import Array
from relode.maths.suspicion import Expected, expected, far
from relode.words.panel import Panel
from relode.words.rules import Rules


@dataclass(frozen=True)
class Suspect:
    """One alarm. `score` 0-1 rises with the evidence; `likely` is NaN where the screen knows no better value.

    `against` names who or what speaks against the figure: another entity, another indicator, the parent.
    """

    screen: str
    entity: str
    period: str
    indicator: str
    value: float
    score: float
    evidence: float
    likely: float = float("nan")
    against: str = ""


@dataclass(frozen=True, eq=False)
class Looked:
    """The panel as the screens see it: figures and expectations by indicator, thresholds by name."""

    panel: Panel
    rules: Rules
    figures: dict[str, Array] = field(default_factory=dict)
    expectations: dict[str, Expected] = field(default_factory=dict)

    @classmethod
    def at(cls, panel: Panel, rules: Rules) -> Looked:
        """Every indicator of the panel, with its expectations."""
        figures = {code: panel.array()[:, :, n] for n, code in enumerate(panel.indicators)}
        return cls(panel, rules, figures, {code: expected(x) for code, x in figures.items()})

    def limit(self, name: str) -> float:
        """A threshold."""
        return self.rules[name].on().value

    def far(self, name: str, z: Array) -> float:
        """From how many usual sizes on a screen speaks: `<name>.z` at least, and `<name>.p` of the tails of `z`.

        An indicator that jumps often is given more room than one that never does.
        """
        return max(self.limit(f"{name}.z"), far(z, self.limit(f"{name}.p")))

    def suspect(
        self, screen: str, at: tuple[int, int], indicator: str, evidence: float, limit: float, *,
        likely: float = float("nan"), against: str = "",
    ) -> Suspect:  # fmt: skip
        """An alarm on one fact; the score is 0.5 at the threshold and nears 1 as the evidence grows beyond it."""
        i, t = at
        return Suspect(
            screen, self.panel.entities[i], self.panel.periods[t], indicator, float(self.figures[indicator][i, t]),
            score_of(evidence, limit), float(evidence), float(likely), against,
        )  # fmt: skip


def score_of(evidence: float, limit: float) -> float:
    """0.5 at the threshold, 0.8 at twice, 0.94 at four times the threshold: 1 - 0.5 / r^(4/3)."""
    ratio = max(abs(evidence) / limit, 1.0) if limit > 0 else 2.0
    return float(1 - 0.5 * ratio ** (-4 / 3))


def cells(mask: NDArray[np.bool_] | Array) -> list[tuple[int, int]]:
    """The (entity, period) places where something is true."""
    return [(int(i), int(t)) for i, t in np.argwhere(np.asarray(mask, np.float64) > 0)]
