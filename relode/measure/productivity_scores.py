"""Efficiency at one time: who is on the frontier, how far are the others from it, and what would they change?"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from relode.maths import programs
from relode.maths.frontier import OPTIMAL, Solved, solve
from relode.maths.numbers import Array, significant
from relode.maths.programs import Amounts
from relode.words.indicator import Indicator
from relode.words.method import method, needs
from relode.words.note import Note, remark, warn
from relode.words.panel import Panel
from relode.words.result import Answer, Chart
from relode.words.texts import say

from .productivity_amounts import Measured, certified, measured

EFFICIENT = 1 - 1e-6


@method("measure.efficiency", reads=needs(indicators=("inputs", "outputs", "bads")))
def efficiency(
    panel: Panel, *, inputs: tuple[str, ...], outputs: tuple[str, ...], bads: tuple[str, ...] = (),
    model: Literal["slacks", "super", "directional", "radial"] = "slacks",
    returns: Literal["constant", "variable"] = "variable", side: Literal["both", "input", "output"] = "both",
    reference: Literal["period", "global"] = "period", weak: bool = False,
) -> Answer:  # fmt: skip
    """Who does the most with the least, bad outputs counted, and what would the others have to change?

    Shape    amounts by entity and period -> one row per entity and period; slacks and targets per amount; peers
    Unit     score: 1 on the frontier, below 1 behind it, above 1 for super-efficiency; directional: the share beta by
             which outputs could rise and bads fall, 0 on the frontier. NaN with its status where there is no solution
    Raises   Misfit for amounts that are negative, missing throughout, or zero outputs
    """
    amounts = measured(panel, inputs, outputs, bads)
    chosen = _Chosen(model, returns, side, reference, weak)
    scores: list[dict[str, Any]] = []
    slacks: list[dict[str, Any]] = []
    peers: list[dict[str, Any]] = []
    solved: list[Solved] = []
    owners = _owners(amounts)
    for t, period in enumerate(amounts.periods):
        who = [code for code, there in zip(amounts.entities, amounts.have[:, t], strict=True) if there]
        if not who:
            continue
        units, group = amounts.at(t), amounts.pooled if reference == "global" else amounts.at(t)
        known = owners if reference == "global" else [(code, period) for code in who]
        value, found, status = _scored(units, group, chosen, [known.index((code, period)) for code in who])
        solved += found
        scores += [_score(code, period, float(value[n]), status[n], chosen) for n, code in enumerate(who)]
        if model in ("slacks", "super"):
            slacks += _slacks(who, period, units, found[0], (*inputs, *outputs, *bads), len(inputs), len(outputs))
        scale = found[0].own[:, 0] if model in ("slacks", "super") else np.ones(len(who))  # Charnes and Cooper's t
        peers += _peers(who, period, found[0], scale, known)
    table = pd.DataFrame(scores)
    notes = [*amounts.notes, *certified(solved), *_lost(table)]
    notes += [remark("efficiency.leap")] if model == "super" else []
    tables = {"scores": table, "slacks": pd.DataFrame(slacks), "peers": pd.DataFrame(peers)}
    charts = (Chart("bars", "scores", "efficiency.chart", {"value": "score"}),
              Chart("map", "scores", "efficiency.chart.map", {"value": "score"}))  # fmt: skip
    return Answer({k: v for k, v in tables.items() if len(v)}, facts=_facts(table, model), defines=_defines(model),
                  charts=charts, notes=(*notes,))  # fmt: skip


class _Chosen:
    """What the caller chose, in one hand."""

    def __init__(self, model: str, returns: str, side: str, reference: str, weak: bool):
        self.model, self.returns, self.side, self.reference, self.weak = model, returns, side, reference, weak


def _owners(amounts: Measured) -> list[tuple[str, str]]:
    return [(code, period) for t, period in enumerate(amounts.periods)
            for n, code in enumerate(amounts.entities) if amounts.have[n, t]]  # fmt: skip


def _scored(
    units: Amounts, group: Amounts, chosen: _Chosen, places: list[int]
) -> tuple[Array, list[Solved], list[str]]:
    start = programs.promising(group)
    if chosen.model == "directional":
        found = solve(programs.directional(units, group, chosen.returns, (0.0, 1.0, 1.0), chosen.weak), start)
        return -found.value, [found], list(found.status)
    if chosen.model == "radial":
        side = "output" if chosen.side == "output" else "input"
        found = solve(programs.radial(units, group, chosen.returns, side), start)
        return (found.value if side == "input" else -1 / found.value), [found], list(found.status)
    found = solve(programs.slacks_based(units, group, chosen.returns, chosen.side, None), start)
    value, status = found.value.copy(), list(found.status)
    if chosen.model == "slacks":
        return value, [found], status
    best = np.flatnonzero(value > EFFICIENT)
    barred = np.array(places, np.intp)[best]
    again = solve(programs.slacks_based(units.only(best), group, chosen.returns, chosen.side, barred), found.carriers)
    value[best] = again.value
    for n, one in zip(best, again.status, strict=True):
        status[n] = one
    return value, [found, again], status


def _score(code: str, period: str, value: float, status: str, chosen: _Chosen) -> dict[str, Any]:
    rounded = float(significant(np.array(value)))
    edge = abs(rounded) < 1e-9 if chosen.model == "directional" else rounded > EFFICIENT
    return {"entity": code, "period": period, "score": rounded, "efficient": bool(status == OPTIMAL and edge),
            "status": status}  # fmt: skip


def _slacks(
    who: list[str], period: str, units: Amounts, found: Solved, codes: tuple[str, ...], m: int, s: int
) -> list[dict[str, Any]]:
    """How much of each amount is too much or too little, and where the target lies."""
    figures = np.hstack([units.x, units.y, units.b])
    way = np.concatenate([-np.ones(m), np.ones(s), -np.ones(figures.shape[1] - m - s)])
    share = found.own[:, 1:] / found.own[:, :1]
    return [
        {"entity": code, "period": period, "indicator": codes[j], "value": float(figures[n, j]),
         "slack": float(figures[n, j] * share[n, j]), "share": float(share[n, j]),
         "target": float(figures[n, j] * (1 + way[j] * share[n, j]))}
        for n, code in enumerate(who) if found.status[n] == OPTIMAL for j in range(len(codes))
    ]  # fmt: skip


def _peers(
    who: list[str], period: str, found: Solved, scale: Array, owners: list[tuple[str, str]]
) -> list[dict[str, Any]]:
    rows = []
    for n, code in enumerate(who):
        for place, share in zip(*found.peers[n], strict=True):
            peer, of = owners[place]
            rows.append({"entity": code, "period": period, "neighbour": peer, "peer_period": of,
                         "weight": float(share / scale[n])})  # fmt: skip
    return rows


def _lost(table: pd.DataFrame) -> list[Note]:
    lost = table[table["status"] != OPTIMAL]
    if not len(lost):
        return []
    return [warn("efficiency.no_score", count=len(lost), of=len(table), names=", ".join(lost["entity"].unique()[:5]))]


def _facts(table: pd.DataFrame, model: str) -> pd.DataFrame:
    facts = table[["entity", "period", "score"]].dropna().rename(columns={"score": "value"})
    return facts.assign(indicator=f"efficiency.{model}", status="E")


def _defines(model: str) -> tuple[Indicator, ...]:
    zh, en = (say(f"efficiency.model.{model}", lang) for lang in ("zh", "en"))
    return (Indicator(f"efficiency.{model}", zh, en, "1", direction=-1 if model == "directional" else 1),)
