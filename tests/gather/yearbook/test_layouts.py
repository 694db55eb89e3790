"""Layouts as they stand in yearbooks: all are read right, or refused with the cell named. The figures are made up."""

from __future__ import annotations

import tomllib
import zipfile
from pathlib import Path

import pytest

YEARS = {
    ("140100", "2022", "gdp"): 5571.2, ("140100", "2023", "gdp"): 5573.7,
    ("140200", "2022", "gdp"): 1842.5, ("140200", "2023", "gdp"): 1871.2,
}  # fmt: skip
LAYOUTS = tomllib.loads(Path(__file__).with_name("layouts.toml").read_text("utf8"))
HIDDEN = {"\\n": "\n", "\\u200b": "\u200b", "\\ufeff": "\ufeff", "\\u3000": "\u3000"}  # what an editor would not show


def cell_of(text: str) -> str | float:
    """A cell of the layouts: a number, or a text (also one of digits, with ' before it)."""
    for shown, meant in HIDDEN.items():
        text = text.replace(shown, meant)
    try:
        return float(text)
    except ValueError:
        return text.removeprefix("'")


def rows_of(text: str) -> list[list[str | float]]:
    return [[cell_of(cell.strip(" ")) for cell in line.split("|")] for line in text.removesuffix("\n").split("\n")]


def facts_of(text: str) -> dict[tuple[str, str, str], float]:
    lines = (line.split() for line in text.strip().split("\n"))
    return {(entity, period, indicator): float(value) for entity, period, indicator, value in lines}


def written(write, tmp_path: Path, name: str, rows, merged) -> Path:
    if name.endswith(".csv"):
        path = tmp_path / name
        path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8-sig")
        return path
    return write(name, merged, Sheet1=rows)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_read_right(layout: str, write, read, figures, tmp_path: Path) -> None:
    made = LAYOUTS[layout]
    extract = read(written(write, tmp_path, made["file"], rows_of(made["rows"]), made.get("merged", [])))
    assert not extract.faults
    assert figures(extract) == pytest.approx(facts_of(made["facts"]))


def test_there_are_at_least_thirty_layouts() -> None:
    assert len(LAYOUTS) >= 30


ENCODED = (
    "年份,城市,地区生产总值（亿元）\n2022,太原市,5571.2\n2023,太原市,5573.7\n2022,大同市,1842.5\n2023,大同市,1871.2\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_text_files_are_read_in_their_encoding_and_with_their_separator(
    encoding: str, mark: str, tmp_path: Path, read, figures
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(ENCODED.replace(",", mark).encode(encoding))
    assert figures(read(path)) == pytest.approx(YEARS)


def test_a_place_name_beyond_gb2312_survives_gb18030(tmp_path: Path, read) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("年份,城市,地区生产总值（亿元）\n2023,㙍县,1.5\n".encode("gb18030"))
    assert "㙍县" in str(read(path).faults[0])


def ods(path: Path, rows) -> Path:
    """A minimal OpenDocument spreadsheet."""
    kinds = ("office", "table", "text")
    names = " ".join(f'xmlns:{kind}="urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"' for kind in kinds)
    cells = {
        float: '<table:table-cell office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>',
        str: '<table:table-cell office:value-type="string"><text:p>{0}</text:p></table:table-cell>',
    }
    lines = "".join(
        "<table:table-row>" + "".join(cells[type(cell)].format(cell) for cell in row) + "</table:table-row>"
        for row in rows
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="Sheet1">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return path


PANEL = rows_of(LAYOUTS["plain panel"]["rows"])


def test_an_opendocument_sheet_is_read(tmp_path: Path, read, figures) -> None:
    assert figures(read(ods(tmp_path / "a.ods", PANEL))) == pytest.approx(YEARS)


def test_a_workbook_with_macros_gives_its_cells_only(write, tmp_path: Path, read, figures) -> None:
    plain = write("plain.xlsx", Sheet1=PANEL)
    path = tmp_path / "a.xlsm"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "[Content_Types].xml":
                data = data.replace(b"spreadsheetml.sheet.main+xml", b"spreadsheet.macroEnabled.main+xml")
            new.writestr(member.filename, data)
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 no program that anyone would run")
    assert figures(read(path)) == pytest.approx(YEARS)


def test_an_old_workbook_is_read(tmp_path: Path, read, figures) -> None:
    xlwt = pytest.importorskip("xlwt", reason="xlwt writes the .xls file of this test")
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for r, row in enumerate(PANEL):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    path = tmp_path / "a.xls"
    book.save(str(path))
    assert figures(read(path)) == pytest.approx(YEARS)
