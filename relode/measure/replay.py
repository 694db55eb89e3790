"""One draw of a sensitivity analysis alone: what it takes, and the scores that follow. 单次抽样复算"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from relode.maths.numbers import Array, significant
from relode.words.errors import Misfit
from relode.words.plan import Plan
from relode.words.result import Answer

from .designs import ROWS, Rows, levels_of, moved, sets_of, weights_of
from .doubts import Doubts, Levels
from .ranking import ranks_of
from .score import Scores, grow, methods, scale_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Draw:
    """What one draw takes instead of the plan.

    `plan`     the plan with every choice at its level    `figures` the number of its set of figures
    `weights`  per branch, (period, child)                `scores`  the index that follows
    """

    number: int
    levels: Levels
    plan: Plan
    figures: int
    weights: tuple[Array, ...]
    scores: Scores


def drawn(doubts: Doubts, number: int) -> Draw:
    """Draw `number` by the plain way from figures to scores, one group after the other."""
    chunk, row = divmod(number, ROWS)
    rows = Rows(chunk, 0)
    levels = tuple(levels_of(doubts, rows)[row].tolist())
    variant, kind = doubts.variants[levels], int(sets_of(doubts, rows)[row])
    index = moved(doubts, levels, kind)
    parts = [part[:, row] for part in weights_of(doubts, variant, rows)]
    w = tuple(_moved(*one) for one in zip(index.weights, parts, variant.weights, strict=True))
    tree, leaves = index.chosen.tree, index.nodes[: len(index.chosen.tree.leaves)].swapaxes(0, 1)
    nodes = grow(tree, leaves[:, None], lambda b, _: w[b][:, None], methods(tree, index.plan), scale_of(index.plan))
    scores = Scores(index.chosen, index.limits, w, np.stack([node[:, 0] for node in nodes]))
    return Draw(number, levels, index.plan, kind, w, scores)


def answer(doubts: Doubts, number: int) -> Answer:
    """The scores of draw `number`, with the level of every doubt and the weight of every node.

    Raises   Misfit where there is no such draw
    """
    import pandas as pd

    draws = doubts.base.plan.uncertainty.draws
    if not 0 <= number < draws:
        raise Misfit("sensitivity.number", name=number, most=draws - 1)
    one = drawn(doubts, number)
    scores, chosen, t = one.scores, one.scores.chosen, doubts.rows(one.scores)[-1]
    ranked = pd.DataFrame(
        {
            "entity": [chosen.entities[n] for n in doubts.here], "period": chosen.periods[t],
            "score": scores.score[doubts.here, t],
            "rank": ranks_of(scores.score[doubts.here, t], scores.plan.rank.ties),
        }
    )  # fmt: skip
    taken = [(of.name, of.told(level)) for of, level in zip(doubts.choices, one.levels, strict=True)]
    rest = {"weights": str(number), "data": str(one.figures)}
    taken += [(name, rest[name]) for name in doubts.names if name in rest]
    tables = {
        "ranks": ranked.sort_values(["rank", "entity"], ignore_index=True),
        "taken": pd.DataFrame(taken, columns=["doubt", "level_taken"]),
        "weights": _weights_table(scores, t),
    }
    return Answer(tables)


def plan_of(doubts: Doubts, number: int) -> Plan:
    """Draw `number` as a plan of its own with given weights, where they are the same in all periods."""
    one = drawn(doubts, number)
    tree = one.scores.chosen.tree
    given: dict[str, Any] = {
        tree.codes[child]: float(one.weights[b][0, c])
        for b, branch in enumerate(tree.branches)
        for c, child in enumerate(branch.children)
    }
    weigh = {"method": "given", "across": "siblings", "given": given}
    return one.plan.but(weigh=weigh, uncertainty={"draws": 0})


def levels_table(doubts: Doubts) -> pd.DataFrame:
    """What is in doubt, level by level; weights and data have no levels but a spread."""
    import pandas as pd

    rows = [(one.name, one.told(n)) for one in doubts.factors for n in range(len(one.levels))]
    spread = doubts.base.plan.uncertainty.concentration
    rows += [("weights", f"Dirichlet({spread:g})")] if "weights" in doubts.names else []
    if "data" in doubts.names and (errors := doubts.errors) is not None:
        rows.append(("data", f"σ ≤ {float(errors.size.max()):.1%}, n = {errors.sets}"))
    return pd.DataFrame(rows, columns=["doubt", "level_taken"])


def _moved(own: Array, drawn: Array, centre: Array) -> Array:
    """Weights of a draw whose figures have weights of their own. Shape (period, child)"""
    if own is centre:
        return np.broadcast_to(drawn, own.shape)
    ratio = np.divide(drawn, centre, out=np.zeros_like(centre), where=centre > 0)
    moved = own * ratio
    found: Array = moved / moved.sum(axis=1, keepdims=True)
    return found


def _weights_table(scores: Scores, t: int) -> pd.DataFrame:
    import pandas as pd

    tree = scores.chosen.tree
    rows = [
        (tree.codes[child], branch.code, float(significant(scores.weights[b][t, c])))
        for b, branch in enumerate(tree.branches)
        for c, child in enumerate(branch.children)
    ]
    return pd.DataFrame(rows, columns=["node", "parent", "weight"])
