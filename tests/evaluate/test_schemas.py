"""The tables of an evaluation have the columns that docs/design.md says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from relode.evaluate import baseline, design, did, dose, falsify, synthetic, verdict

ROW = re.compile(r"^\| (?:`(evaluate\.\w+)`)? ?\| `(\w+)` \| (.+) \|$", re.M)


def described() -> dict[tuple[str, str], list[str]]:
    text = (Path(__file__).resolve().parents[2] / "docs/design.md").read_text("utf8")
    found, method = {}, ""
    for name, table, columns in ROW.findall(text[text.index("tables of an evaluation") :]):
        method = name or method
        found[method, table] = columns.split(", ")
    return found


def test_every_table_has_the_columns_that_the_page_of_design_says(plant: Callable[..., Any]) -> None:
    panel, regions, study = plant(starts=(5,), spec={"subgroups": ["type"], "inference": {"draws": 99}})
    doses = np.random.default_rng(1).uniform(1, 5, 60).round(2)
    rows = lambda row: row | {"dose": float(doses[int(row["entity"][1:])])}  # noqa: E731
    dosed = plant(starts=(5,), rows=rows, spec={"inference": {"draws": 99}})
    results = [
        *(method(panel, regions, study=study) for method in (design, did, baseline, verdict)),
        falsify(panel, regions, study=study, permutations=99),
        synthetic(panel, regions, study=study, placebos=20),
        dose(*dosed[:2], study=dosed[2]),
    ]
    made = {(r.method, name): list(frame.columns) for r in results for name, frame in r.tables.items()}
    told = {key: columns for key, columns in made.items() if key[1] != "standing"}
    assert told == described()
