"""What reading yearbooks promises about speed, printed: eleven workbooks with half a million cells within 5 s.

    python benchmarks/gather.py FOLDER        the folder with the workbooks

Each file is opened by a child process of its own; processor seconds are of both. Reading the cells alone
(calamine, nothing understood) is printed beside it.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from time import perf_counter

from python_calamine import CalamineWorkbook

from relode.gather.yearbook import read_book, read_workbook
from relode.words.shelf import Shelf


def spent() -> float:
    """Processor seconds of this process and its children."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def bare(path: Path) -> int:
    """The cells of a workbook, read by calamine and thrown away."""
    book = CalamineWorkbook.from_path(str(path))
    sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    return sum(len(rows) * len(rows[0]) for rows in sheets if rows)


def main(folder: Path) -> None:
    """Read every workbook of a folder and print what it cost."""
    shelf = Shelf()
    regions, facts = shelf.regions("china_cities"), shelf.facts
    import pandas as pd

    pd.DataFrame()  # its import is not what is measured

    paths = sorted(folder.glob("*.xlsx"))
    clock = perf_counter()
    cells = sum(map(bare, paths))
    print(f"calamine alone: {perf_counter() - clock:.2f} s, {cells:,} cells")
    clock, cpu, found = perf_counter(), spent(), 0
    for path in paths:
        started = perf_counter()
        book = read_book(path)
        opened = perf_counter()
        extract = read_workbook(book, regions=regions, indicators=facts)
        found += len(extract.facts)
        print(f"{opened - started:6.2f} {perf_counter() - opened:6.2f} s  {len(extract.facts):6} facts  {path.name}")
    print(f"all: {perf_counter() - clock:.2f} s ({spent() - cpu:.2f} of processor), {found:,} facts; promised 5 s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
