"""What others need to repeat a result: the table in LaTeX, the estimation sample for Stata, the do-file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from .sample import Sample
from .tables import ThreeLine

if TYPE_CHECKING:
    import pandas as pd

_SPECIAL = {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
            "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}  # fmt: skip
_CS = {"never": "", "not_yet": " notyet"}


def tex(table: ThreeLine) -> str:
    """The table as LaTeX with booktabs, all text escaped; stars as superscripts."""
    columns = "l" + "c" * (len(table.head) - 1)
    lines = [
        r"\begin{table}[htbp]", r"\centering", rf"\caption{{{escaped(table.title)}}}",
        rf"\begin{{tabular}}{{{columns}}}", r"\toprule", _row(table.head), r"\midrule",
    ]  # fmt: skip
    for number, row in enumerate(table.rows):
        lines.append(_row(row))
        if number in table.rules:
            lines.append(r"\midrule")
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\footnotesize {escaped(note)}" for note in table.notes]
    return "\n".join([*lines, r"\end{table}", ""])


def escaped(text: str) -> str:
    """Text as LaTeX prints it."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


def _row(cells: tuple[str, ...]) -> str:
    return " & ".join(re.sub(r"(\*+)$", r"$^{\1}$", escaped(cell)) for cell in cells) + r" \\"


def stata_frame(sample: Sample) -> pd.DataFrame:
    """The estimation sample with names that Stata takes: unit, entity, time, y, d, dose, g, cluster, controls."""
    frame = sample.frame().drop(columns=["period"])
    renamed = {f"x{k}": _name(c.code) for k, c in enumerate(sample.controls_of["varying"])}
    renamed |= {f"b{k}": "base_" + _name(c.code)[:27] for k, c in enumerate(sample.controls_of["baseline"])}
    frame = frame.rename(columns=renamed | {"y": _name(sample.outcome.code)})
    return frame.assign(entity=frame["entity"].astype(str))


def write_dta(sample: Sample, path: Path) -> Path:
    """Write the estimation sample as a Stata file (format 118, UTF-8); the same sample gives the same bytes."""
    from datetime import datetime

    frame = stata_frame(sample)
    labels = {_name(sample.outcome.code): sample.outcome.label("en")[:80], "g": "first treated period, 0 = never"}
    frame.to_stata(
        path, write_index=False, version=118, variable_labels=labels, time_stamp=datetime(2000, 1, 1),
        data_label=f"{sample.study.name} {sample.policy}"[:80],
    )  # fmt: skip
    return path


def do_file(sample: Sample, data: str) -> str:
    """The Stata commands that repeat TWFE and the headline on `data` (a file that `write_dta` wrote)."""
    y = _name(sample.outcome.code)
    varying = [_name(c.code) for c in sample.controls_of["varying"]]
    based = ["base_" + _name(c.code)[:27] for c in sample.controls_of["baseline"]]
    controls = " ".join([*varying, *(f"c.{name}#i.time" for name in based)])
    covariates = " ".join([*varying, *based])
    weights = " [aw=weight]" if sample.weights is not None else ""
    lines = [
        f"* {sample.study.name}, {sample.policy}; study fingerprint {sample.study.fingerprint[:12]}",
        "* needs: ssc install reghdfe, ftools, csdid, drdid, did_imputation",
        f'use "{data}", clear',
        "xtset unit time",
        "",
        "* two-way fixed effects",
        f"reghdfe {y} d {controls}".rstrip() + f"{weights}, absorb(unit time) vce(cluster cluster)",
        "",
        *_headline(sample, y, covariates),
    ]
    return "\n".join(lines) + "\n"


def _headline(sample: Sample, y: str, covariates: str) -> list[str]:
    """The headline in the words of the user-written command that does it; none for the others."""
    cluster = "" if sample.study.inference.clusters == "entity" else " cluster(cluster)"
    if sample.study.headline == "callaway_santanna":
        call = f"csdid {y} {covariates}".rstrip()
        options = f"ivar(unit) time(time) gvar(g) method(dripw){_CS[sample.study.control_group]}{cluster}"
        return ["* Callaway and Sant'Anna", f"{call}, {options}", "estat simple", "estat event"]
    if sample.study.headline == "imputation":
        given = f" controls({covariates})" if covariates else ""
        return ["* Borusyak, Jaravel and Spiess", "replace g = . if g == 0",
                f"did_imputation {y} unit time g, autosample{given}{cluster}"]  # fmt: skip
    return []


def _name(code: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", code)[:32]
