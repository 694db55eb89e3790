"""A small province to read yearbooks of, and a pen to write them with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from relode.gather.yearbook import Extract, read_workbook
from relode.words.codelist import Codelist, Entity
from relode.words.indicator import Indicator, facts_of, read_yaml
from relode.words.texts import DATA

Rows = Sequence[Sequence[Any]]


@pytest.fixture(scope="session")
def regions() -> Codelist:
    return Codelist.of(
        [
            Entity("140000", "山西省", en="Shanxi", level="province"),
            Entity("140100", "太原市", en="Taiyuan", parent="140000", level="city"),
            Entity("140200", "大同市", en="Datong", parent="140000", level="city"),
            Entity("140300", "阳泉市", en="Yangquan", parent="140000", level="city"),
        ]
    )


@pytest.fixture(scope="session")
def facts() -> dict[str, Indicator]:
    known = facts_of(read_yaml(DATA / "indicators" / "china_city_facts.yaml"))
    return {indicator.code: indicator for indicator in known}


@pytest.fixture(scope="session")
def catalogue(facts: dict[str, Indicator]) -> dict[str, Indicator]:
    """The same, for tests that call their own figures facts."""
    return facts


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write sheets into an xlsx file: name -> (rows, merged ranges)."""

    def write(name: str = "book.xlsx", merged: Sequence[tuple[int, int, int, int]] = (), **sheets: Rows) -> Path:
        import xlsxwriter

        path = tmp_path / name
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            for n, (title, rows) in enumerate(sheets.items()):
                sheet = book.add_worksheet(title)
                for r, row in enumerate(rows):
                    for c, cell in enumerate(row):
                        if cell not in ("", None):
                            sheet.write(r, c, cell)
                for top, left, bottom, right in merged if n == 0 else ():
                    sheet.merge_range(top, left, bottom, right, rows[top][left])
        return path

    return write


@pytest.fixture
def read(regions: Codelist, facts: dict[str, Indicator]) -> Callable[..., Extract]:
    def read(path: Path, **more: Any) -> Extract:
        return read_workbook(path, regions=regions, indicators=facts, **more)

    return read


@pytest.fixture
def figures() -> Callable[[Extract], dict[tuple[str, str, str], float]]:
    """The figures of an extract by entity, period and indicator."""

    def figures(extract: Extract) -> dict[tuple[str, str, str], float]:
        known = extract.facts[extract.facts["value"].notna()]
        keys = zip(known["entity"], known["period"], known["indicator"], strict=True)
        return dict(zip(keys, known["value"].tolist(), strict=True))

    return figures
