"""measure.sensitivity: what ranks are worth, and which doubt they owe it to. 不确定性与敏感性分析"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from relode.maths import chance, fast
from relode.maths.numbers import Array, significant
from relode.maths.sobol import Sums
from relode.words.choice import Period, Within, by_name
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, Refused, UnknownWord
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.plan import Plan
from relode.words.result import Answer, Chart
from relode.words.rules import Rules

from . import replay
from .choose import choose
from .coherence import period_at
from .designs import ROWS, Rows, index_of
from .doubts import Doubts, doubts_of, notes_on_doubts
from .errors import errors_of
from .factors import factors_of
from .ranking import ranks_of
from .score import Scores, score

if TYPE_CHECKING:
    import pandas as pd

RULES: Any = by_name("data_error")
LEVEL = 0.9  # of the intervals of Sobol indices
FIRST_LOOK = 2  # chunks before the widths are looked at


@method("measure.sensitivity", reads=needs(plan="plan", scenarios=("revisions",)))
def sensitivity(
    panel: Panel,
    regions: Codelist,
    *,
    plan: Plan,
    vary: tuple[str, ...] = (),
    pairs: tuple[str, ...] = (),
    period: Period | None = None,
    width: Annotated[float, Within(0.001, 2)] = 0.1,
    revisions: str = "",
    draw: int | None = None,
    rules: Rules = RULES,
) -> Answer:
    """Ranks with 5/50/95 per cent, acceptability, P(A above B), P(last in both editions), Sobol indices per entity.

    `vary`       what is in doubt: `weights`, `data`, `leave_out`, `section.key=value`; else what the plan's
                 [uncertainty] names
    `pairs`      `A>B` by codes: how often A stands above B
    `width`      of the widest 90 % interval of a total index at which the Sobol rows stop; draws of ranks go on.
                 Entities that hardly ever leave their rank do not count: there is nothing to apportion
    `revisions`  the scenario that holds figures as first published: past revisions become errors of unrevised figures
    `draw`       a single draw instead: what it takes, and its scores

    Shape    facts of the plan's periods  ->  one row per entity in `ranks`, `sobol` per entity and doubt
    Unit     ranks, shares and probabilities 0 to 1; the outcome of the Sobol indices is the rank
    Raises   Refused without draws; UnknownWord, Misfit for entries that are no choice of a plan
    """
    if not plan.uncertainty.draws:
        raise Refused("sensitivity.no_draws", where=plan.name)
    doubts = _doubts(score(choose(panel, regions, plan)), period, vary, rules, revisions)
    if draw is not None:
        return replay.answer(doubts, draw)
    run = _Run(doubts, _pairs(doubts, pairs)).go(width)
    found = {"ranks": _ranks(doubts, run), "sobol": _sobol(doubts, run), "acceptability": _acceptability(doubts, run),
             "beats": _beaten(doubts, run), "doubts": replay.levels_table(doubts)}  # fmt: skip
    charts = (
        Chart(
            "intervals", "ranks", "sensitivity.chart.ranks", {"value": "rank", "low": "rank_low", "high": "rank_high"}
        ),
        Chart("heat", "sobol", "sensitivity.chart.sobol", {"value": "total_order", "node": "doubt"}),
    )
    return Answer(found, charts=charts, notes=(*_notes(doubts, run, width), *doubts.base.chosen.notes))


def _doubts(scores: Scores, period: str | None, vary: tuple[str, ...], rules: Rules, revisions: str) -> Doubts:
    """What is varied, for the entities with a score in the period looked at and the one before."""
    t = period_at(scores, period)
    errors = errors_of(scores.chosen, t, rules, revisions)
    factors = factors_of(scores.plan, vary, errors)
    if not factors:
        raise Misfit("sensitivity.nothing", where=scores.plan.name)
    doubts = doubts_of(scores, factors, errors, scores.chosen.periods[max(t - 1, 0) : t + 1])
    both = np.atleast_1d(doubts.standing.all(axis=1))
    if not both.any():
        raise Misfit("index.nobody", where=scores.plan.name, share=scores.plan.screen.entity_missing)
    return doubts.only(both)


# -- the draws -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pair:
    above: int
    below: int


class _Run:
    """Counts over all draws, and sums for the Sobol indices until their intervals are narrow enough."""

    def __init__(self, doubts: Doubts, pairs: list[_Pair]):
        n, self.doubts, self.pairs = len(doubts.here), doubts, pairs
        self.draws = doubts.base.plan.uncertainty.draws
        self.compiled = fast.pays(self.draws * n * (len(doubts.factors) + 2))
        self.counts = np.zeros((n, n), np.int64)
        self.beaten = np.zeros(len(pairs), np.int64)
        self.both = np.zeros(n, np.int64)
        self.sums = Sums()
        self.nominal = chance.ranks(doubts.base.score[doubts.here, doubts.rows(doubts.base)[-1]][None])[0]
        self.width = np.inf
        self.around: tuple[Array, Array]

    def go(self, width: float) -> _Run:
        """All chunks; looks at the widths after 2, 4, 8 ... of them, and after the last."""
        exploring = True
        for start, end in _doubling(-(-self.draws // ROWS)):
            for one in self._chunks(start, end, exploring):
                self._take(*one)
            if exploring:
                self.around = self.sums.interval(LEVEL, self.doubts.base.plan.uncertainty.seed)
                self.width = self._widest()
                exploring = self.width > width
        return self

    def _widest(self) -> float:
        """The widest interval of a total index, among entities whose rank interval is more than one rank."""
        counts, ends = self.counts.astype(np.int32), self.doubts.base.plan.uncertainty.interval
        low, high = (chance.rank_quantile(counts, end) for end in ends)
        wide = (self.around[1][1] - self.around[1][0])[:, high > low]
        return float(np.nanmax(wide, initial=0.0))

    def _chunks(self, start: int, end: int, exploring: bool) -> list[tuple[Any, ...]]:
        def some(part: range) -> list[tuple[Any, ...]]:
            return [self._chunk(start + n, exploring) for n in part]

        return [one for part in fast.in_threads(some, end - start) for one in part]

    def _chunk(self, chunk: int, exploring: bool) -> tuple[Any, ...]:
        doubts, size = self.doubts, min(ROWS, self.draws - chunk * ROWS)
        own = Rows(chunk, 0)
        block = index_of(doubts, own, size)
        ranked = self._rank(block[-1])
        last = doubts.base.plan.rank.bottom
        among = [ranked > ranked.shape[1] - last] + [self._rank(one) > ranked.shape[1] - last for one in block[:-1]]
        beaten = [(block[-1][:, p.above] > block[-1][:, p.below]).sum() for p in self.pairs]
        rows = None
        if exploring:
            other = self._rank(index_of(doubts, replace(own, sample=1), size)[-1])
            mixed = [self._rank(index_of(doubts, replace(own, swapped=name), size)[-1]) for name in doubts.names]
            rows = (ranked, other, mixed)
        held, _ = fast.counts(ranked, pairs=False, compiled=self.compiled)
        return held, np.array(beaten, np.int64), np.logical_and.reduce(among).sum(axis=0), rows

    def _rank(self, block: Array) -> NDArray[np.int16]:
        return fast.ranks(block, compiled=self.compiled)

    def _take(self, held: Any, beaten: Any, both: Any, rows: Any) -> None:
        self.counts += held
        self.beaten += beaten
        self.both += both
        if rows is not None:
            a, b, mixed = rows
            self.sums.add(a - self.nominal, b - self.nominal, [one - self.nominal for one in mixed])


def _doubling(chunks: int) -> list[tuple[int, int]]:
    ends = [0]
    while ends[-1] < chunks:
        ends.append(min(chunks, max(FIRST_LOOK, 2 * ends[-1])))
    return list(pairwise(ends))


def _pairs(doubts: Doubts, pairs: tuple[str, ...]) -> list[_Pair]:
    names = {doubts.base.chosen.entities[n]: k for k, n in enumerate(doubts.here)}
    found = []
    for entry in pairs:
        above, sign, below = (part.strip() for part in entry.partition(">"))
        if not sign:
            raise Misfit("sensitivity.pair", name=entry)
        for name in (above, below):
            if name not in names:
                raise UnknownWord("panel.code", name=name, axis="entity", where=entry, expected=tuple(names))
        found.append(_Pair(names[above], names[below]))
    return found


# -- tables ----------------------------------------------------------------------------------------


def _entities(doubts: Doubts) -> list[str]:
    return [doubts.base.chosen.entities[n] for n in doubts.here]


def _ranks(doubts: Doubts, run: _Run) -> pd.DataFrame:
    import pandas as pd

    base, t, plan = doubts.base, doubts.rows(doubts.base)[-1], doubts.base.plan
    low, high = plan.uncertainty.interval
    counts = run.counts.astype(np.int32)
    n = len(doubts.here)
    table = pd.DataFrame(
        {
            "entity": _entities(doubts), "period": base.chosen.periods[t], "score": base.score[doubts.here, t],
            "rank": ranks_of(base.score[doubts.here, t], plan.rank.ties),
            "rank_low": chance.rank_quantile(counts, low), "rank_median": chance.rank_quantile(counts, 0.5),
            "rank_high": chance.rank_quantile(counts, high),
            "p_top": chance.within(counts, 1, plan.rank.top),
            "p_bottom": chance.within(counts, n - plan.rank.bottom + 1, n),
            "p_both": run.both / run.draws if len(doubts.periods) > 1 else np.nan,
        }
    )  # fmt: skip
    return table.sort_values(["rank", "entity"], kind="stable", ignore_index=True)


def _sobol(doubts: Doubts, run: _Run) -> pd.DataFrame:
    import pandas as pd

    first, total = run.sums.indices()
    columns: dict[str, Any] = {}
    for name, value, ends in (("first_order", first, run.around[0]), ("total_order", total, run.around[1])):
        columns |= {name: value.T.ravel(), f"{name}_low": ends[0].T.ravel(), f"{name}_high": ends[1].T.ravel()}
    entity = np.repeat(np.array(_entities(doubts), dtype=object), len(doubts.factors))
    table = pd.DataFrame({"entity": entity, "doubt": np.tile(np.array(doubts.names, dtype=object), len(doubts.here))})
    return table.assign(**{name: significant(x) for name, x in columns.items()})


def _acceptability(doubts: Doubts, run: _Run) -> pd.DataFrame:
    """How often each entity holds each rank; ranks that it never holds are left out."""
    import pandas as pd

    entity, rank = np.nonzero(run.counts)
    names = np.array(_entities(doubts), dtype=object)
    held = run.counts[entity, rank] / run.draws
    return pd.DataFrame({"entity": names[entity], "rank": rank + 1, "rank_share": held})


def _beaten(doubts: Doubts, run: _Run) -> pd.DataFrame:
    import pandas as pd

    names = _entities(doubts)
    rows = [(names[p.above], names[p.below], k / run.draws) for p, k in zip(run.pairs, run.beaten, strict=True)]
    return pd.DataFrame(rows, columns=["entity", "peer_entity", "p_above"])


def _notes(doubts: Doubts, run: _Run, width: float) -> list[Note]:
    told = {
        "draws": run.draws,
        "rows": run.sums.count,
        "evaluations": run.draws + run.sums.count * (len(doubts.names) + 1),
    }
    notes = [remark("sensitivity.rows", **told)]
    if run.width > width:
        notes.insert(0, warn("sensitivity.wide", width=run.width, wanted=width))
    return [*notes_on_doubts(doubts), *notes]
