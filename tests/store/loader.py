"""What a process does that loads batches until it is killed. Run by `runpy` with PATH, ROWS and SAYS (a pipe) given."""

from __future__ import annotations

from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd

from relode.store.facts import Store
from relode.words.batch import Batch
from relode.words.indicator import Indicator

given = globals()
path: Path = given["PATH"]
rows: int = given["ROWS"]
says: Connection = given["SAYS"]

gdp = {"gdp": Indicator("gdp", "地区生产总值", "GDP", "亿元")}
entities = [f"{n:06d}" for n in range(rows)]

says.send("ready")
with Store.open(path, actor="loader") as store:
    value = max((stored.number for stored in store.batches()), default=0)
    while True:  # the value of every fact is the number of its batch
        value += 1
        frame = pd.DataFrame({"entity": entities, "period": "2023", "indicator": "gdp", "value": float(value)})
        says.send(store.load(Batch("made", "made", date(2024, 1, 1), "loader"), frame, indicators=gdp).number)
