"""Hostile files: every one is refused with one message, fast and without taking the machine's memory."""

from __future__ import annotations

import io
import resource
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from relode.gather.yearbook import read_book
from relode.words.errors import Misfit
from relode.words.texts import has

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELS}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><sheets>'
    '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELS}/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    "</sheetData></worksheet>",
}  # fmt: skip
SHEET = "xl/worksheets/sheet1.xml"
ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = "<!DOCTYPE x [" + "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9)) + "]>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def book(parts: dict[str, str | bytes] | None = None, extra: list[tuple[str | zipfile.ZipInfo, bytes]] = ()) -> bytes:
    """A minimal workbook with some parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**PARTS, **(parts or {})}.items():
            archive.writestr(name, data)
        for member, data in extra:
            archive.writestr(member, data)
    return out.getvalue()


def sheet(cells: str, more: str = "") -> dict[str, str | bytes]:
    return {SHEET: f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData>{more}</worksheet>'}


def ods(body: str, before: str = "") -> bytes:
    names = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"{before}<office:document-content {names}><office:body><office:spreadsheet>{body}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def named(name: str, mode: int = 0, flag: int = 0) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = mode << 16
    member.flag_bits |= flag
    return member


def patched(data: bytes, signature: bytes, offset: int, value: bytes, which: int = -1) -> bytes:
    """The archive with bytes changed behind the last (or nth) record of a kind."""
    places = [n for n in range(len(data)) if data.startswith(signature, n)]
    at = places[which] + offset
    return data[:at] + value + data[at + len(value) :]


def huge_sizes(size: int, *, local: bool = False) -> bytes:
    """An archive whose directory claims a size that its sheet does not have."""
    data = patched(book(), b"PK\x01\x02", 24, struct.pack("<I", size), 4)
    return patched(data, b"PK\x03\x04", 22, struct.pack("<I", size), 4) if local else data


def lying_small() -> bytes:
    """A member that says it is tiny and unpacks to 60 MB."""
    data = book({SHEET: b"<worksheet>" + b" " * 60_000_000})
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        data = patched(data, signature, offset, struct.pack("<I", 900_000), 4)
    return data


def encrypted() -> bytes:
    data = patched(book(), b"PK\x01\x02", 8, b"\x01\x00", 4)
    return patched(data, b"PK\x03\x04", 6, b"\x01\x00", 4)


def broken_stream() -> bytes:
    data = book({SHEET: f"<worksheet>{' '.join(map(str, range(3000)))}</worksheet>"})
    at = data.index(b"sheet1.xml") + 200
    return data[:at] + b"\xff" * 300 + data[at + 300 :]


def renamed_twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate"):
        return book(extra=[(SHEET, b"<worksheet/>")])


WIDE_ROW = "<row>" + "".join(f"<c><v>{n * 7919 % 100_003}</v></c>" for n in range(200_000)) + "</row>"
MANY_SHEETS = "".join(f'<sheet name="s{n}" sheetId="{n + 1}" r:id="rId1"/>' for n in range(100_000))
MERGED = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 60_001))
FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
HOSTILE: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "a sheet packed a thousand times": ("a.xlsx", "ratio", lambda: book({SHEET: b"0" * 30_000_000})),
    "strings packed a thousand times": ("a.xlsx", "ratio", lambda: book({"xl/sharedStrings.xml": b" " * 30_000_000})),
    "a bomb in an OpenDocument": ("a.ods", "ratio", lambda: ods(" " * 30_000_000)),
    "a directory that claims 400 MB": ("a.xlsx", "total", lambda: huge_sizes(400_000_000)),
    "a directory and a header that claim 4 GB": ("a.xlsx", "total", lambda: huge_sizes(0xFFFFFFFE, local=True)),
    "a member that says it is tiny": ("a.xlsx", "unreadable", lying_small),
    "three thousand members": ("a.xlsx", "members", lambda: book(extra=[(f"xl/m{n}.bin", b"") for n in range(3000)])),
    "a directory of absurd length": (
        "a.xlsx",
        "members",
        lambda: patched(book(), b"PK\x05\x06", 12, struct.pack("<I", 2**31)),
    ),
    "a workbook inside the workbook": ("a.xlsx", "nested", lambda: book(extra=[("xl/embeddings/a.xlsx", book())])),
    "an archive named as markup": ("a.xlsx", "nested", lambda: book(extra=[("xl/media/a.xml", book())])),
    "a gzip file among the media": (
        "a.xlsx",
        "nested",
        lambda: book(extra=[("xl/media/a.png", b"\x1f\x8b\x08" + b"x" * 50)]),
    ),
    "a rar file among the media": ("a.xlsx", "nested", lambda: book(extra=[("xl/media/a.png", b"Rar!\x1a\x07")])),
    "a path upwards": ("a.xlsx", "path", lambda: book(extra=[("../../evil.sh", b"x")])),
    "an absolute path": ("a.xlsx", "path", lambda: book(extra=[("/etc/cron.d/evil", b"x")])),
    "a path with backslashes": ("a.xlsx", "path", lambda: book(extra=[("xl\\..\\..\\evil.bat", b"x")])),
    "a path on a drive": ("a.xlsx", "path", lambda: book(extra=[("C:/evil.bat", b"x")])),
    "a symbolic link": ("a.xlsx", "path", lambda: book(extra=[(named("xl/link", 0o120777), b"/etc/passwd")])),
    "a part twice": ("a.xlsx", "path", renamed_twice),
    "a part twice, in capitals": ("a.xlsx", "path", lambda: book(extra=[(SHEET.upper(), b"<worksheet/>")])),
    "a locked part": ("a.xlsx", "password", encrypted),
    "a locked workbook in the old container": ("a.xlsx", "password", lambda: OLE + b"\0" * 2000),
    "an entity in a sheet": ("a.xlsx", "doctype", lambda: book({SHEET: ENTITY + PARTS[SHEET]})),
    "an entity in the strings": (
        "a.xlsx",
        "doctype",
        lambda: book({"xl/sharedStrings.xml": ENTITY + "<sst>&e;</sst>"}),
    ),
    "a billion laughs in the workbook": (
        "a.xlsx",
        "doctype",
        lambda: book({"xl/workbook.xml": LAUGHS + PARTS["xl/workbook.xml"]}),
    ),
    "a document type in the relations": (
        "a.xlsx",
        "doctype",
        lambda: book({"xl/_rels/workbook.xml.rels": ENTITY + PARTS["xl/_rels/workbook.xml.rels"]}),
    ),
    "an entity hidden in UTF-16": (
        "a.xlsx",
        "doctype",
        lambda: book({SHEET: (ENTITY + PARTS[SHEET]).encode("utf-16")}),
    ),
    "an entity hidden in UTF-16 without mark": (
        "a.xlsx",
        "doctype",
        lambda: book({SHEET: (ENTITY + PARTS[SHEET]).encode("utf-16-le")}),
    ),
    "an entity in an OpenDocument": ("a.ods", "doctype", lambda: ods("&e;", ENTITY)),
    "half a workbook": ("a.xlsx", "cut", lambda: book()[: len(book()) // 2]),
    "a workbook without its last bytes": ("a.xlsx", "cut", lambda: book()[:-10]),
    "four bytes of a workbook": ("a.xlsx", "cut", lambda: b"PK\x03\x04"),
    "a directory of zeros": ("a.xlsx", "unreadable", lambda: patched(book(), b"PK\x01\x02", 0, b"\0" * 40, 0)),
    "a broken stream": ("a.xlsx", "unreadable", broken_stream),
    "text named xlsx": ("a.xlsx", "disguised", lambda: "年份,城市\n2023,太原\n".encode()),
    "a workbook named csv": ("a.csv", "disguised", book),
    "a workbook named xls": ("a.xls", "disguised", book),
    "a web page named xls": ("a.xls", "disguised", lambda: b"<html><table><tr><td>1</td></tr></table></html>"),
    "a PDF named xlsx": ("a.xlsx", "disguised", lambda: b"%PDF-1.7\n"),
    "an archive without a workbook": ("a.xlsx", "disguised", lambda: zipped({"word/document.xml": "<document/>"})),
    "a program": ("a.exe", "ending", lambda: b"MZ\x90\0"),
    "no ending": ("yearbook", "ending", book),
    "an empty workbook file": ("a.xlsx", "empty", lambda: b""),
    "an empty text file": ("a.csv", "empty", lambda: b""),
    "text with NUL": ("a.csv", "bytes", lambda: b"a,b\n1,\0\n"),
    "bytes of no encoding": ("a.csv", "bytes", lambda: b"a,b\n1,\xff\xfe\xff\n"),
    "cut in the middle of a character": ("a.csv", "bytes", lambda: "年份,城市\n2023,太".encode()[:-1] + b"\xff"),
    "a million columns of text": ("a.csv", "wide", lambda: b"," * 1_000_000 + b"\n1"),
    "ten million cells of text": ("a.csv", "wide", lambda: (b"," * 999 + b"\n") * 10_000),
    "a field without end": ("a.csv", "unreadable", lambda: b'a,b\n"' + b"x" * 5_000_000),
    "a cell in the farthest corner": ("a.xlsx", "memory", lambda: book(sheet(FAR))),
    "a row of 200,000 cells": ("a.xlsx", "wide", lambda: book(sheet(WIDE_ROW))),
    "a hundred thousand sheets": (
        "a.xlsx",
        "sheets",
        lambda: book(
            {"xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><sheets>{MANY_SHEETS}</sheets></workbook>'}
        ),
    ),
    "sixty thousand merged ranges": (
        "a.xlsx",
        "merged",
        lambda: book(sheet("<row/>", f"<mergeCells>{MERGED}</mergeCells>")),
    ),
    "a cell beyond the last column": (
        "a.xlsx",
        "wide",
        lambda: book(sheet('<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>')),
    ),
    "repeated columns without end": (
        "a.ods",
        "unreadable",
        lambda: ods(
            '<table:table table:name="S"><table:table-row table:number-rows-repeated="1000000">'
            '<table:table-cell table:number-columns-repeated="1000000" office:value-type="float" '
            'office:value="1"/></table:table-row></table:table>'
        ),
    ),
    "a sheet that is not there": (
        "a.xlsx",
        "unreadable",
        lambda: book({"xl/_rels/workbook.xml.rels": "<Relationships/>"}),
    ),
    "a workbook of broken markup": ("a.xlsx", "unreadable", lambda: book({"xl/workbook.xml": "<workbook><sheets>"})),
    "a string that is not there": (
        "a.xlsx",
        "unreadable",
        lambda: book(sheet('<row r="1"><c r="A1" t="s"><v>7</v></c></row>')),
    ),
    "an old workbook of noise": ("a.xls", "unreadable", lambda: OLE + bytes(range(256)) * 40),
    "the first bytes of an old workbook": ("a.xls", "unreadable", lambda: OLE),
}


def zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def spent() -> float:
    """Processor seconds of this process and its children."""
    return sum(
        u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_one_message(name: str, tmp_path: Path) -> None:
    file, code, make = HOSTILE[name]
    path = tmp_path / file
    path.write_bytes(make())
    started, clock = spent(), time.monotonic()
    with pytest.raises(Misfit) as caught:
        read_book(path)
    assert caught.value.code == f"hostile.{code}"
    assert has(caught.value.code)
    assert len(str(caught.value).splitlines()) <= 4
    assert spent() - started <= 2, f"{time.monotonic() - clock:.1f} s by the clock"


WEIGH = """
import resource, sys
from pathlib import Path
from relode.gather.yearbook import read_book
from relode.words.errors import Misfit
for path in sorted(Path(sys.argv[1]).glob("*/*")):
    try:
        read_book(path)
    except Misfit:
        continue
own = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(max(int(own.split()[1]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
def test_refusing_takes_at_most_300_mb(tmp_path: Path) -> None:
    for n, (file, _, make) in enumerate(HOSTILE.values()):
        (tmp_path / str(n)).mkdir()
        (tmp_path / str(n) / file).write_bytes(make())
    peak = subprocess.run([sys.executable, "-c", WEIGH, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(peak.stdout) <= 300_000


def test_there_are_at_least_forty_hostile_files() -> None:
    assert len(HOSTILE) >= 40


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b.xlsx").mkdir()
    for name in ("a.xlsx", "b.xlsx"):
        with pytest.raises(Misfit) as caught:
            read_book(tmp_path / name)
        assert caught.value.code == "hostile.unreadable"


def test_the_minimal_workbook_itself_is_welcome(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(book())
    assert read_book(path).sheets[0].rows == [[1.0]]
