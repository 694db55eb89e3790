"""COINr's ASEM example as facts, system and plan: 51 countries, 49 indicators, four levels (see README)."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from relode.measure.choose import Chosen, choose
from relode.measure.score import Scores, score
from relode.words.codelist import Codelist, Entity
from relode.words.panel import Panel
from relode.words.plan import Plan

_SPEC = spec_from_file_location("golden_coinr", Path(__file__).with_name("test_coinr.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
_COINR = module_from_spec(_SPEC)
_SPEC.loader.exec_module(_COINR)
system_from = _COINR.system_from

STEPS: dict[str, Any] = {
    "screen": {"entity_missing": 0.10, "when": "imputed"},
    "impute": {"method": "group_mean", "group": "parent"},
    "treat": {"method": "winsorise", "then": "log_ct"},
    "normalise": {"method": "minmax", "limits": "panel"},
    "uncertainty": {"draws": 0},
}


class Asem:
    """The example: meta data, raw figures as a panel, countries with Europe or Asia as their parent."""

    def __init__(self, where: Path):
        self.where = where
        self.meta = pd.read_csv(where / "asem_imeta.csv")
        twice = self.meta["iCode"] == "NGOs"  # COINr divides by people what is "per 1,000 inhabitants" already
        self.as_published = system_from(self.meta)
        self.system = system_from(self.meta.assign(Unit=self.meta["Unit"].mask(twice, "Number of secretariats")))
        self.raw = pd.read_csv(where / "asem_idata.csv")
        by = self.meta.dropna(subset=["Denominator"])
        self.by = dict(zip(by["iCode"].str.lower(), by["Denominator"].str.lower(), strict=True))
        parents = [Entity("Europe", "Europe"), Entity("Asia", "Asia")]
        countries = [Entity(r.uCode, r.uName, parent=r.EurAsia_group) for r in self.raw.itertuples()]
        self.regions = Codelist.of([*parents, *countries])

    def panel(self, name: str = "asem_idata") -> Panel:
        wide = pd.read_csv(self.where / f"{name}.csv").rename(columns=str.lower)
        codes = [*self.system.codes, *dict.fromkeys(self.by.values())]
        long = wide.rename(columns={"ucode": "entity", "time": "period"}).melt(["entity", "period"], codes, "indicator")
        return Panel.of(long.astype({"period": str}))

    def plan(self, **sections: Any) -> Plan:
        spec = {**STEPS, "denominate": {"method": "facts", "by": self.by}}
        for name, section in sections.items():
            spec[name] = {**spec.get(name, {}), **section} if section and isinstance(section, dict) else section
        return Plan.of({"name": "asem", "zh": "a", "en": "a", "system": self.system} | spec)

    def chosen(self, of: str = "asem_idata", **sections: Any) -> Chosen:
        return choose(self.panel(of), self.regions, self.plan(**sections))

    def scores(self, **sections: Any) -> Scores:
        return score(self.chosen(**sections))

    def theirs(self, step: str) -> pd.DataFrame:
        return pd.read_csv(self.where / "coinr" / f"{step}.csv").set_index("uCode").rename(columns=str.lower)


@pytest.fixture
def asem(shared: Path) -> Asem:
    """The example; skips where it is not there."""
    return Asem(shared / "reference" / "asem")
