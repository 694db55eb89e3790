"""Results of methods that few recipes run, made by hand: just enough to be spoken of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from relode.words.note import remark
from relode.words.result import Result

from .conftest import card, ranks, result

_SOBOL = [{"entity": f"r{k:03}", "doubt": doubt, "first_order": 0.2, "total_order": total + k / 10}
          for k in range(2) for doubt, total in (("weights", 0.6), ("data", 0.2))]  # fmt: skip
_MADE: dict[str, dict[str, list[dict[str, Any]]]] = {
    "measure.coherence": {
        "pairs": [{"parent": "econ", "node": "econ.income", "node_other": "econ.jobless", "correlation": -0.3,
                   "flag": "negative"}],
        "groups": [{"node": "econ", "alpha": 0.4, "poor": True}, {"node": "life", "alpha": 0.9, "poor": False}],
        "importance": [{"node": "econ.income", "weight": 0.5, "effective": 0.9, "excess": 0.4},
                       {"node": "econ.jobless", "weight": 0.5, "effective": 0.1, "excess": -0.45}],
        "left_out": [{"indicator": "econ.income", "mean_shift": 0.5, "greatest_shift": 4.0, "entity": "r002",
                      "rank": 3.0, "rank_without": 7.0}],
        "strengths": [{"entity": "r000"}, {"entity": "r001"}],
        "versions": [{"entity": "r001", "rank": 2.0, "rank_other": 6.0, "rank_change": -4.0}],
    },
    "measure.coupling": {"coupling": [
        {"entity": "r000", "period": "2024", "coordination": 0.81, "coordination_level": "step_09", "node": "econ"},
        {"entity": "r001", "period": "2024", "coordination": 0.32, "coordination_level": "step_04", "node": "econ"},
        {"entity": "r001", "period": "2023", "coordination": 0.99, "coordination_level": "step_10", "node": "life"}]},
    "measure.flips": {
        "smallest": [
            {"change_kind": "data", "entity": "r000", "node": "econ.income", "value": 100.0, "value_flip": 125.0,
             "change_share": 0.25},
            {"change_kind": "weight", "entity": "r000", "node": "life", "value": 0.5, "value_flip": 0.6,
             "change_share": 0.1},
            {"change_kind": "weights", "entity": "r000", "node": "small", "value": np.nan, "value_flip": np.nan,
             "change_share": 0.2}],
        "methods": [{"doubt": "normalise.method", "level_taken": "zscore", "turns": True},
                    {"doubt": "normalise.method", "level_taken": "rank", "turns": False}]},
    "measure.audit": {
        "steps": [{"audit_step": "weighting", "finding": "unlike_effective", "found": 3.0, "look": True},
                  {"audit_step": "links", "finding": "outside", "found": 2.0, "look": False}],
        "owners": [{"doubt": "weights", "first_order": 0.5, "total_order": 0.62}]},
    "measure.lens": {
        "systems": [{"entity": f"r{k:03}", "period": "2024", "node": node, "score": 40.0 + k, "obstacle": obstacle,
                     "share": 0.75} for k in range(3) for node, obstacle in (("econ", 0.6), ("life", 0.4))],
        "links": [{"link_origin": "econ", "link_target": "life", "period": "2024", "measured": True,
                   "correlation": 0.48, "known_count": 3},
                  {"link_origin": "life", "link_target": "econ", "period": "2024", "measured": False,
                   "correlation": np.nan, "known_count": 0}]},
    "measure.efficiency_corrected": {"corrected": [
        {"entity": "r000", "period": "2024", "score": 0.9, "corrected": 0.8, "bias": 0.1, "low": 0.7, "high": 0.88},
        {"entity": "r001", "period": "2024", "score": 0.7, "corrected": 0.6, "bias": 0.1, "low": 0.5, "high": 0.68}]},
    "measure.deflate": {"figures": [{"entity": "r000", "period": "2024", "indicator": "gdp@prices2010", "value": 80.0,
                                     "deflator": 1.25}]},
    "measure.currency": {
        "figures": [{"entity": "r000", "period": "2024", "indicator": "fdi@yuan", "value": 80.0, "rate": 7.0}],
        "refused": [{"period": "1996", "indicator": "fdi", "figures": 3, "unit": "USD 10k"}]},
    "measure.boundaries": {"regions": [
        {"entity": "r000", "what": "ended", "since": "2019", "peer_entity": "r001", "figures": 20, "left": 0,
         "changed": 0},
        {"entity": "r001", "what": "took", "since": "2019", "peer_entity": "r000", "figures": 20, "left": 20,
         "changed": 12}]},
    "diagnose.citytype_check": {"accuracy": [
        {"cases": 28, "right": 20, "share": 20 / 28, "low": 0.51, "high": 0.87, "usual": 0.5}]},
    "diagnose.integrity_power": {
        "power": [{"screen": "repeat", "planted": 60, "power": 0.95}, {"screen": "jump", "planted": 60, "power": 0.4}],
        "rates": [{"screen": "repeat", "false_per_1000": 0.25, "raw_per_1000": 1.5},
                  {"screen": "jump", "false_per_1000": 0.5, "raw_per_1000": 2.0}]},
}  # fmt: skip


def measured(method: str) -> Result:
    """A result of one of these methods."""
    tables = {name: pd.DataFrame(rows) for name, rows in _MADE.get(method, {}).items()}
    if method == "measure.sensitivity":
        beats = pd.DataFrame([{"entity": "r000", "peer_entity": "r001", "p_above": 0.75}])
        tables = {"ranks": ranks(2), "sobol": pd.DataFrame(_SOBOL), "beats": beats}
    if method == "measure.audit":
        tables["ranks"] = ranks(12)
    told = {"margin": 1.5, "places": 3, "name_zh": "地区0", "name_en": "Region 0", "other_zh": "", "other_en": ""}
    notes = (remark("flips.bottom_holds", **told),) if method == "measure.flips" else ()
    return result(tables, card=card(method, "方法", "Method"), choices={"draw": 7}, notes=notes)
