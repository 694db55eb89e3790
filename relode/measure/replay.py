"""One draw of a sensitivity analysis alone: what it takes, and the scores that follow. 单次抽样复算"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from relode.maths.numbers import Array, significant
from relode.words.errors import Misfit
from relode.words.plan import Plan
from relode.words.result import Answer

from .designs import ROWS, Rows, levels_of, moved, sets_of, weights_of
from .doubts import Doubts, varied
from .ranking import ranks_of
from .score import Scores, grow, methods, scale_of

if TYPE_CHECKING:
    import pandas as pd


def answer(doubts: Doubts, number: int) -> Answer:
    """The scores of draw `number`, with the level of every doubt and the weight of every node.

    Raises   Misfit where there is no such draw
    """
    import pandas as pd

    draws = doubts.base.plan.uncertainty.draws
    if not 0 <= number < draws:
        raise Misfit("sensitivity.number", name=number, most=draws - 1)
    taken, w, scores = alone(doubts, number)
    chosen, t = scores.chosen, doubts.periods[-1]
    ranked = pd.DataFrame(
        {
            "entity": [chosen.entities[n] for n in doubts.here], "period": chosen.periods[t],
            "score": scores.score[doubts.here, t],
            "rank": ranks_of(scores.score[doubts.here, t], scores.plan.rank.ties),
        }
    )  # fmt: skip
    return Answer({"ranks": ranked.sort_values(["rank", "entity"], ignore_index=True), "taken": taken, "weights": w})


def alone(doubts: Doubts, number: int) -> tuple[pd.DataFrame, pd.DataFrame, Scores]:
    """Draw `number` by the plain way from figures to scores, one group after the other."""
    import pandas as pd

    chunk, row = divmod(number, ROWS)
    rows = Rows(chunk, 0)
    levels = tuple(levels_of(doubts, rows)[row].tolist())
    variant = doubts.variants[levels]
    index = moved(doubts, levels, int(sets_of(doubts, rows)[row]))
    drawn = [part[:, row] for part in weights_of(doubts, variant, rows)]
    w = [_moved(*one) for one in zip(index.weights, drawn, variant.weights, strict=True)]
    tree, leaves = index.chosen.tree, index.nodes[: len(index.chosen.tree.leaves)].swapaxes(0, 1)
    nodes = grow(tree, leaves[:, None], lambda b, _: w[b][:, None], methods(tree, index.plan), scale_of(index.plan))
    scores = Scores(index.chosen, index.limits, tuple(w), np.stack([node[:, 0] for node in nodes]))
    taken = [(one.name, one.told(level)) for one, level in zip(doubts.choices, levels, strict=True)]
    rest = [(name, str(number)) for name in doubts.names if name in ("weights", "data")]
    columns = ["doubt", "level_taken"]
    return pd.DataFrame([*taken, *rest], columns=columns), _weights_table(scores, doubts.periods[-1]), scores


def plan_of(doubts: Doubts, number: int) -> Plan:
    """Draw `number` as a plan of its own with given weights, where they are the same in all periods."""
    _, _, scores = alone(doubts, number)
    chunk, row = divmod(number, ROWS)
    levels = tuple(levels_of(doubts, Rows(chunk, 0))[row].tolist())
    tree = scores.chosen.tree
    given: dict[str, Any] = {
        tree.codes[child]: float(scores.weights[b][0, c])
        for b, branch in enumerate(tree.branches)
        for c, child in enumerate(branch.children)
    }
    plan = varied(doubts.base.plan, doubts.choices, levels)
    return plan.but(weigh={"method": "given", "across": "siblings", "given": given}, uncertainty={"draws": 0})


def levels_table(doubts: Doubts) -> pd.DataFrame:
    """What is in doubt, level by level; weights and data have no levels but a spread."""
    import pandas as pd

    rows = [(one.name, one.told(n)) for one in doubts.factors for n in range(len(one.levels))]
    spread = doubts.base.plan.uncertainty.concentration
    rows += [("weights", f"Dirichlet({spread:g})")] if "weights" in doubts.names else []
    if doubts.error is not None:
        rows.append(("data", f"{float((doubts.error > 0).mean()):.1%}, {float(doubts.error.max()):.1%}"))
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
