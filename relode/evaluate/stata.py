"""What others need to repeat a result in Stata: the estimation sample as .dta, and the commands as a do-file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .sample import Sample

if TYPE_CHECKING:
    import pandas as pd

OURS = ("unit", "entity", "time", "d", "dose", "g", "cluster", "weight")
RESERVED = frozenset({
    "_all", "_b", "_coef", "_cons", "_n", "_N", "_pi", "_pred", "_rc", "_skip", "byte", "double", "float", "if", "in",
    "int", "long", "strL", "using", "with",
})  # fmt: skip
_CS = {"never": "", "not_yet": " notyet"}


@dataclass(frozen=True)
class Names:
    """What the outcome and the controls are called in Stata: at most 32 letters, digits and underscores, none twice."""

    outcome: str
    varying: tuple[str, ...]
    baseline: tuple[str, ...]

    @classmethod
    def of(cls, sample: Sample) -> Names:
        """The names of a sample's variables."""
        taken = set(OURS)
        kinds = sample.controls_of
        outcome = _free(sample.outcome.code, taken)
        return cls(
            outcome,
            tuple(_free(control.code, taken) for control in kinds["varying"]),
            tuple(_free("base_" + control.code, taken) for control in kinds["baseline"]),
        )


def stata_frame(sample: Sample) -> pd.DataFrame:
    """The estimation sample with names that Stata takes: unit, entity, time, outcome, d, dose, g, cluster, controls."""
    names = Names.of(sample)
    frame = sample.frame().drop(columns=["period"])
    renamed = {f"x{k}": name for k, name in enumerate(names.varying)}
    renamed |= {f"b{k}": name for k, name in enumerate(names.baseline)}
    frame = frame.rename(columns=renamed | {"y": names.outcome})
    return frame.assign(entity=frame["entity"].astype(str))


def write_dta(sample: Sample, path: Path) -> Path:
    """Write the estimation sample as a Stata file (format 118, UTF-8); the same sample gives the same bytes."""
    from datetime import datetime

    frame = stata_frame(sample)
    named = sample.outcome.label("en")
    labels = {Names.of(sample).outcome: named[:80], "d": "treated now", "g": "first treated period, 0 = never"}
    frame.to_stata(
        path, write_index=False, version=118, variable_labels=labels, time_stamp=datetime(2000, 1, 1),
        data_label=f"{sample.study.name} {sample.policy}"[:80],
    )  # fmt: skip
    return path


def do_file(sample: Sample, data: str) -> str:
    """The Stata commands that repeat two-way fixed effects and the headline on `data` (what `write_dta` wrote)."""
    names = Names.of(sample)
    controls = " ".join([*names.varying, *(f"c.{name}#i.time" for name in names.baseline)])
    weights = " [aw=weight]" if sample.weights is not None else ""
    lines = [
        f"* {sample.study.name}, {sample.policy}, {sample.outcome.code}",
        f"* study fingerprint {sample.study.fingerprint}",
        "* needs Stata 14 or later and, once:",
        *(f"*   ssc install {name}, replace" for name in ("ftools", "reghdfe", *_NEEDS.get(sample.study.headline, ()))),
        f'use "{data}", clear',
        "xtset unit time",
        "",
        "* two-way fixed effects",
        f"reghdfe {names.outcome} d {controls}".rstrip() + f"{weights}, absorb(unit time) vce(cluster cluster)",
        "",
        *_headline(sample, names),
    ]
    return "\n".join(lines).rstrip() + "\n"


# -- the headline, in the words of the user-written command that does it -------------------------------------------

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "callaway_santanna": ("drdid", "csdid"), "imputation": ("did_imputation",), "etwfe": ("hdfe", "jwdid"),
    "dcdh": ("did_multiplegt_dyn",),
}  # fmt: skip


def _headline(sample: Sample, names: Names) -> list[str]:
    headline = sample.study.headline
    if headline in _COMMANDS:
        return _COMMANDS[headline](sample, names)
    if headline == "twfe":
        return []
    return [f"* the headline ({headline}) has no command in Stata that averages its cells in the same way"]


def _callaway_santanna(sample: Sample, names: Names) -> list[str]:
    """dripw is what R did calls dr; long2 measures leads against the last period before the start."""
    call = " ".join(["csdid", names.outcome, *names.varying, *names.baseline])
    options = f"ivar(unit) time(time) gvar(g) method(dripw) long2{_CS[sample.study.control_group]}{_cluster(sample)}"
    told = ["* Callaway and Sant'Anna (2021)", f"{call}, {options}", "estat simple", "estat event"]
    ahead = sample.study.treatment.anticipation
    return [*told, f"* {ahead} periods of anticipation: csdid has no option for it"] if ahead else told


def _imputation(sample: Sample, names: Names) -> list[str]:
    """minn(0): the command hides estimates that rest on fewer than 30 cells."""
    given = f" controls({' '.join(names.varying)})" if names.varying else ""
    call = f"did_imputation {names.outcome} unit time start, autosample minn(0){given}{_cluster(sample)}"
    shift = sample.study.treatment.anticipation
    begun = f"g - {shift}" if shift else "g"
    return ["* Borusyak, Jaravel and Spiess (2024); never treated = missing", f"gen start = {begun} if g > 0", call]


def _etwfe(sample: Sample, names: Names) -> list[str]:
    call = " ".join(["jwdid", names.outcome, *names.varying])
    return ["* Wooldridge (2021)", f"{call}, ivar(unit) tvar(time) gvar(g){_cluster(sample)}", "estat simple"]


def _dcdh(sample: Sample, names: Names) -> list[str]:
    call = f"did_multiplegt_dyn {names.outcome} unit time d, effects(1){_cluster(sample)}"
    return ["* de Chaisemartin and D'Haultfoeuille: the first period of those who switch", call]


_COMMANDS: Mapping[str, Callable[[Sample, Names], list[str]]] = {
    "callaway_santanna": _callaway_santanna, "imputation": _imputation, "etwfe": _etwfe, "dcdh": _dcdh,
}  # fmt: skip


def _cluster(sample: Sample) -> str:
    return "" if sample.study.inference.clusters == "entity" else " cluster(cluster)"


def _free(code: str, taken: set[str]) -> str:
    """A name for `code` that Stata takes and nobody has yet; it is then taken."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", code)
    plain = plain if re.match(r"[A-Za-z_]", plain) and plain not in RESERVED else f"v_{plain}"
    name, n = plain[:32], 2
    while name in taken:
        name, n = f"{plain[:29]}_{n}", n + 1
    taken.add(name)
    return name
