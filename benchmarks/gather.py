"""What reading yearbooks promises about speed, printed: eleven workbooks with half a million cells within 5 s.

    python benchmarks/gather.py FOLDER        the folder with the workbooks

Each file is opened by a child process of its own; processor seconds are of both. Reading the cells alone
(calamine, nothing understood) is printed beside it, and the whole way of the largest file into a new place:
read, asked nothing, checked, loaded, its reading kept.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from python_calamine import CalamineWorkbook

import relode
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
        started, used = perf_counter(), spent()
        book = read_book(path)
        opened = perf_counter()
        extract = read_workbook(book, regions=regions, indicators=facts)
        found += len(extract.facts)
        times = f"{opened - started:6.2f} {perf_counter() - opened:6.2f} s ({spent() - used:.2f} of processor)"
        print(f"{times}  {len(extract.facts):6} facts  {path.name}")
    print(f"all: {perf_counter() - clock:.2f} s ({spent() - cpu:.2f} of processor), {found:,} facts; promised 5 s")
    whole_way(max(paths, key=lambda path: path.stat().st_size))


def whole_way(path: Path) -> None:
    """Gather a workbook into a place of its own and print what that cost."""
    with TemporaryDirectory() as folder:
        place = relode.open(folder)
        settings = place.folder / "relode.toml"
        settings.write_text(settings.read_text("utf8").replace('regions = ""', 'regions = "china_cities"'), "utf8")
        place = relode.open(folder)
        with place.store() as store:
            store.batches()  # opening the database for the first time is not what is measured
        clock, cpu = perf_counter(), spent()
        batch = place.gather(path, source="benchmark", vintage="2024", accept=True)
        told = f"{perf_counter() - clock:.2f} s ({spent() - cpu:.2f} of processor)"
        print(f"into a place: {told}, {batch.facts:,} facts  {path.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
