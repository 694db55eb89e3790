"""Editions: what was published, frozen. Facts, plan, results and versions in one folder that never changes.

    editions/<name>/edition.json     what it is: plan, periods, software, fingerprints, sha256 of every file
                    facts.parquet    the facts that were read, one row each, with the batch they came from
                    plan.toml  system.yaml  regions.csv      the definitions, as they were
                    ranks.csv  dimensions.csv  indicators.csv ...      the tables of measure.index, figures in full

The folder is written beside its place and put there by one rename. A second edition of the same name is refused: a
correction is a new edition, and the page that compares two says what changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..words.batch import AsOf
from ..words.errors import Misfit, Refused, UnknownWord, Unwritable
from ..words.method import needs
from ..words.plan import Plan
from .variants import spec_of, toml_of

if TYPE_CHECKING:
    import pandas as pd

    from .place import Place

FORMAT = 1
NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,60}")
CODES = ("entity", "period", "indicator", "node", "parent", "peer", "status", "unit", "how", "window", "reason")
TABLES = ("ranks", "dimensions", "indicators", "weights", "limits", "coverage", "unscored")


@dataclass(frozen=True)
class Edition:
    """A frozen edition. `broken` names the files that are no longer what was published."""

    name: str
    folder: Path
    told: Mapping[str, Any]
    broken: tuple[str, ...] = ()

    def table(self, name: str) -> pd.DataFrame:
        """A table as it was published. Raises UnknownWord."""
        import pandas as pd

        path = self.folder / f"{name}.csv"
        if f"{name}.csv" not in self.told["files"]:
            raise UnknownWord("web.no_table", name=name, expected=TABLES)
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
        figures = dict.fromkeys((column for column in frame.columns if column not in CODES), float)
        return frame.astype(figures)  # by Python's own reading of figures, which is exact

    @property
    def hash(self) -> str:
        """One hash of everything that was published."""
        return str(self.told["hash"])


def freeze(place: Place, name: str, plan: str, *, asof: AsOf | None = None) -> Edition:
    """Publish an edition of a plan. Raises Misfit for a name that is none, Refused where it is there, Unwritable."""
    if not NAME.fullmatch(name):
        raise Misfit("edition.name", name=name)
    folder = place.folder / "editions" / name
    if folder.exists():
        raise Refused("edition.there", name=name, where=str(folder))
    part = folder.with_name(f".{name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        told = _write(place, part, Plan.named(plan, place.shelf), asof or AsOf())
        _json(part / "edition.json", {"format": FORMAT, "name": name, **told})
        for path in part.iterdir():
            path.chmod(0o444)
        part.rename(folder)
    except OSError as fault:
        raise Unwritable("store.unwritable", where=str(folder), fault=fault.strerror or str(fault)) from fault
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return load(folder)


def _write(place: Place, part: Path, plan: Plan, asof: AsOf) -> dict[str, Any]:
    """The files of an edition, and what its own file says of them."""
    result = place.run("measure.index", asof=asof, plan=plan.name)
    for table in TABLES:
        result.tables[table].to_csv(part / f"{table}.csv", index=False, lineterminator="\n")
    with place.store(read_only=True) as store:
        panel = store.panel(needs(plan="plan").need({"plan": plan}), asof=asof, prefer=place.settings.prefer)
    _facts(panel, part / "facts.parquet")
    (part / "plan.toml").write_text(toml_of(spec_of(plan)), encoding="utf8")
    shutil.copyfile(place.shelf.path("indicators", plan.system.name), part / "system.yaml")
    place.regions.save(part / "regions.csv")
    files = {path.name: sha256(path) for path in sorted(part.iterdir())}
    return {
        "plan": plan.name, "plan_fingerprint": plan.fingerprint, "zh": plan.zh, "en": plan.en, "method": result.method,
        "method_version": result.card.version, "software": result.software, "fingerprint": result.fingerprint,
        "facts_fingerprint": panel.fingerprint, "sources": list(result.sources), "periods": list(panel.periods),
        "asof": str(asof.vintage or ""), "made": datetime.now(UTC).isoformat(timespec="seconds"), "actor": place.actor,
        "files": files, "hash": whole(files),
    }  # fmt: skip


def _facts(panel: Any, path: Path) -> None:
    import duckdb

    frame = panel.frame()
    con = duckdb.connect()
    try:
        con.register("published", frame)
        con.execute(f"copy (select * from published) to '{str(path).replace(chr(39), chr(39) * 2)}' (format parquet)")
    finally:
        con.close()


def editions(place: Place) -> list[Edition]:
    """The editions of a place, the newest first; what was changed since is named."""
    room = place.folder / "editions"
    found = (
        [load(path) for path in sorted(room.iterdir()) if (path / "edition.json").is_file()] if room.is_dir() else []
    )
    return sorted(found, key=lambda edition: str(edition.told["made"]), reverse=True)


def edition(place: Place, name: str) -> Edition:
    """One edition by name. Raises UnknownWord."""
    known = {one.name: one for one in editions(place)}
    if name not in known:
        raise UnknownWord("edition.unknown", name=name[:80], expected=tuple(known))
    return known[name]


def load(folder: Path) -> Edition:
    """Read an edition and hold every file to its hash. Raises Misfit where it cannot be read."""
    try:
        told = json.loads((folder / "edition.json").read_text("utf8"))
        files: dict[str, str] = told["files"]
    except (OSError, ValueError, KeyError) as fault:
        raise Misfit("edition.unreadable", where=str(folder)) from fault
    broken = tuple(name for name, said in files.items() if sha256(folder / name) != said)
    return Edition(folder.name, folder, told, broken + (() if whole(files) == told["hash"] else ("edition.json",)))


def compared(one: Edition, other: Edition) -> pd.DataFrame:
    """Two editions side by side: entity, period, score and rank in both, the change; those in one only too."""
    columns = ["entity", "period", "score", "rank", "rank_low", "rank_high"]
    frames = [edition.table("ranks")[columns] for edition in (one, other)]
    last = [frame[frame["period"] == frame["period"].max()].drop(columns="period") for frame in frames]
    both = last[0].merge(last[1], on="entity", how="outer", suffixes=("_base", "_now"))
    both["change"] = both["score_now"] - both["score_base"]
    both["rank_change"] = both["rank_base"] - both["rank_now"]
    found: pd.DataFrame = both.sort_values(["rank_now", "rank_base", "entity"], kind="stable", ignore_index=True)
    return found


def restated(one: Edition, other: Edition) -> pd.DataFrame:
    """Figures that two editions give differently: entity, period, indicator, value_base, value_now."""
    key = ["entity", "period", "indicator"]
    both = one.table("indicators")[[*key, "value"]].merge(
        other.table("indicators")[[*key, "value"]], on=key, how="outer", suffixes=("_base", "_now")
    )
    same = (both["value_base"] == both["value_now"]) | (both["value_base"].isna() & both["value_now"].isna())
    found: pd.DataFrame = both[~same].reset_index(drop=True)
    return found


def whole(files: Mapping[str, str]) -> str:
    """One hash over the hashes of all files."""
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()


def sha256(path: Path) -> str:
    """sha256 of a file; empty where it is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _json(path: Path, spec: Mapping[str, Any]) -> None:
    with path.open("w", encoding="utf8") as file:
        json.dump(spec, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
