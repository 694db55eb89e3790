"""Results made by hand, so that this room is tested without any other; and readers of what it writes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relode.publish import pictures, publish
from relode.words.batch import Source
from relode.words.card import Card, Said
from relode.words.codelist import Codelist, Entity
from relode.words.indicator import system_of
from relode.words.note import Note
from relode.words.result import Answer, Chart, Labels, Result

FORMATS = ("docx", "pdf", "html", "xlsx")
SOURCE = Source(
    "bureau", "统计局", "Bureau of Statistics", "数据来自统计局年鉴。", "Figures of the Bureau's yearbook.",
    "CC BY 4.0", changes_zh="relode 换算了单位。", changes_en="relode converted units.",
)  # fmt: skip
SPEC: dict[str, Any] = {
    "name": "small", "version": 1, "zh": "小体系", "en": "Small",
    "groups": {
        "econ": {"zh": "经济", "en": "Economy", "indicators": {
            "income": {"zh": "人均收入", "en": "Income per head", "unit": "USD", "direction": 1},
            "jobless": {"zh": "失业率", "en": "Unemployment", "unit": "%", "direction": -1},
        }},
        "life": {"zh": "民生", "en": "Livelihood", "indicators": {
            "school": {"zh": "上学率", "en": "School enrolment", "unit": "%", "direction": 1},
        }},
    },
    "excluded": {"souks": {"zh": "口径不同", "en": "measured otherwise"}},
}  # fmt: skip


def said(text: str) -> Said:
    return Said((f"{text}（中文）",), (f"{text} (English)",))


def card(name: str, zh: str, en: str) -> Card:
    parts = [said(part) for part in ("question", "equation", "assumes", "uncertainty", "edge", "compared")]
    return Card(name, zh, en, 1, ("A source (2020)",), *parts)


def regions(n: int, names: Callable[[int], str] = "Region {}".format) -> Codelist:
    return Codelist.of(Entity(f"r{k:03}", names(k), zh=f"地区{k}" if "Region" in names(k) else "") for k in range(n))


def result(tables: Mapping[str, pd.DataFrame], *charts: Chart, **changed: Any) -> Result:
    """A Result of measure.index unless `changed` says otherwise."""
    found: dict[str, Any] = {
        "card": card("measure.index", "综合评价指数", "Composite index"),
        "choices": {"plan": {"name": "small", "fingerprint": "ab" * 32}},
        "inputs": {"panel": "cd" * 32},
        "fingerprint": "ef" * 32,
        "software": "relode 0.1.0",
        "labels": Labels(regions(120), (system_of(SPEC),)),
        "sources": ("bureau",),
    }
    notes = changed.pop("notes", (Note("index.no_draws", "warning"),))
    return Result(**{**found, **changed}, answer=Answer(tables, charts=charts, notes=notes))


def ranks(n: int, period: str = "2024") -> pd.DataFrame:
    at = np.arange(n)
    return pd.DataFrame(
        {
            "entity": [f"r{k:03}" for k in at], "period": period, "score": 90.0 - at * 0.731, "rank": at + 1,
            "rank_low": np.maximum(at - 1, 1.0), "rank_high": np.minimum(at + 4.0, n), "band": at // 3 + 1.0,
            "peer": "", "peer_rank": np.nan, "peer_count": np.nan, "missing": 0.05,
            "p_top": np.linspace(1, 0, n), "p_bottom": np.linspace(0, 0.875, n),
            "rank_before": np.nan, "rank_change": np.nan,
        }
    )  # fmt: skip


def index_tables(n: int = 12) -> dict[str, pd.DataFrame]:
    codes = [f"r{k:03}" for k in range(n)]
    leaves = ("econ.income", "econ.jobless", "life.school")
    nodes = [(c, g, 80.0 - k if g == "econ" else 20.0 + k) for k, c in enumerate(codes) for g in ("econ", "life")]
    dimensions = pd.DataFrame(nodes, columns=["entity", "node", "score"]).assign(period="2024", rank=1, missing=0.0)
    figures = [(c, leaf, 1234.5 + k) for k, c in enumerate(codes) for leaf in leaves]
    indicators = pd.DataFrame(figures, columns=["entity", "indicator", "value"])
    indicators = indicators.assign(
        period="2024", unit="USD", status="A", normalised=50.0, weight=1 / 3, contribution=9.5
    )
    obstacles = [(c, p + 1, leaf, 0.5, 0.4 - p / 10) for c in codes for p, leaf in enumerate(leaves)]
    columns = ["entity", "place_in_order", "indicator", "gap", "obstacle"]
    return {
        "ranks": ranks(n),
        "dimensions": dimensions,
        "parts": dimensions.assign(contribution=dimensions["score"] / 2),
        "indicators": indicators,
        "obstacles": pd.DataFrame(obstacles, columns=columns).assign(period="2024"),
        "coverage": pd.DataFrame(
            {"period": "2024", "indicator": leaves, "available": [n, n - 1, n], "of": n, "share": [1, 1 - 1 / n, 1]}
        ),
        "unscored": pd.DataFrame(
            {"entity": ["r110"], "period": ["2024"], "missing": [0.4], "reason": ["too_many_missing"]}
        ),
    }


ENDS = {"value": "rank", "low": "rank_low", "high": "rank_high", "top": 10, "bottom": 3}
CHARTS = (
    Chart("intervals", "ranks", "measure.chart.ranks", ENDS),
    Chart("heat", "dimensions", "measure.chart.dimensions", {"value": "score", "node": "node"}),
    Chart("stack", "parts", "measure.chart.parts", {"value": "contribution", "node": "node"}),
    Chart("obstacles", "obstacles", "measure.chart.obstacles", {"value": "obstacle"}),
)  # fmt: skip


def index_result(n: int = 12, **changed: Any) -> Result:
    return result(index_tables(n), *CHARTS, **changed)


def movement_result() -> Result:
    table = pd.DataFrame(
        {
            "entity": ["r000", "r001", "r002"], "score_base": [40.0, 50.0, 60.0], "score_now": [52.5, 49.0, 60.0],
            "change": [12.5, -1.0, 0.0], "from_data": [10.0, -1.25, 0.0], "from_limits": [2.0, 0.25, 0.0],
            "from_weights": [0.5, 0.0, 0.0], "rank_base": [3, 2, 1], "rank_now": [2, 3, 1],
        }
    )  # fmt: skip
    ends = {"base": "score_base", "now": "score_now", "value": "score_now"}
    return result(
        {"movement": table}, Chart("change", "movement", "measure.chart.change", ends),
        card=card("measure.movement", "得分变化", "Movement"), choices={"base": "2014", "now": "2024"}, notes=(),
    )  # fmt: skip


def accountability_result(verdicts: tuple[str, ...] = ("doubtful", "clear")) -> Result:
    n = len(verdicts)
    table = pd.DataFrame(
        {
            "entity": [f"r{k:03}" for k in range(n)], "before": "2023", "edition": "2024",
            "rank_before": 12, "rank": 12,
            "p_before": 0.7, "p_edition": 0.75, "p_both": [0.62] * n, "verdict": list(verdicts),
        }
    )  # fmt: skip
    note = Note("accountability.rule", "info", {"places": 3, "years": 2, "level": 0.8})
    return result(
        {"list": table}, card=card("measure.accountability", "问责名单", "Accountability"), choices={}, notes=(note,)
    )


def places_result() -> Result:
    rows = [
        ("r000", "2024", 40.0, 9, "", 4, "neighbours", 3, 45.5, -5.5),
        ("r000", "2024", 40.0, 9, "", 4, "peers", 5, 38.0, 2.0),
        ("r001", "2024", np.nan, np.nan, "", np.nan, "neighbours", 3, 45.5, np.nan),
    ]
    names = ["place", "period", "score", "rank", "peer", "peer_rank", "against", "count", "score_of", "gap"]
    gaps = [("r000", "neighbours", "econ", 30.0, 42.25, -12.25), ("r000", "neighbours", "life", 50.0, 48.0, 2.0)]
    tables = {
        "places": pd.DataFrame(rows, columns=names),
        "gaps": pd.DataFrame(gaps, columns=["place", "against", "node", "own", "other", "gap"]),
    }
    chart = Chart("gaps", "gaps", "measure.chart.gaps", {"value": "gap"})
    return result(tables, chart, card=card("measure.places", "重点地区", "Places"), choices={}, notes=())


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The report on `index_result()` in a format and language, written once for all tests that only read it."""
    folder, made = tmp_path_factory.mktemp("plain"), index_result()

    @cache
    def write(suffix: str, lang: str) -> Path:
        return publish([made], folder / f"plain.{lang}.{suffix}", lang=lang, sources={"bureau": SOURCE})

    return write


@pytest.fixture(scope="session")
def family(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The report on a result of every method of the index family, written once."""
    folder = tmp_path_factory.mktemp("family")
    made = [index_result(60), movement_result(), accountability_result(), places_result()]

    @cache
    def write(suffix: str, lang: str) -> Path:
        return publish(made, folder / f"family.{lang}.{suffix}", lang=lang, sources={"bureau": SOURCE})

    return write


@pytest.fixture(autouse=True)
def _fresh_drawings() -> None:
    pictures._DRAWN.clear()


@pytest.fixture
def report(tmp_path: Path) -> Callable[..., Path]:
    """Publish results into a new folder: report("pdf", result, lang="zh")."""

    def make(suffix: str, *results: Result, lang: str = "zh", name: str = "report", **choices: Any) -> Path:
        choices.setdefault("sources", {"bureau": SOURCE})
        return publish(list(results or (index_result(),)), tmp_path / f"{name}.{lang}.{suffix}", lang=lang, **choices)

    return make


def text_of(path: Path) -> str:
    """All text that a reader of the file sees, without blanks."""
    readers = {".docx": _docx_text, ".pdf": _pdf_text, ".html": _html_text, ".xlsx": _xlsx_text}
    return re.sub(r"\s+", "", readers[path.suffix](path))


def _docx_text(path: Path) -> str:
    import docx

    word = docx.Document(str(path))
    cells = [text.text or "" for text in word.element.body.iter("{*}t")]
    return "".join(cells)


def _pdf_text(path: Path) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def _html_text(path: Path) -> str:
    from html import unescape

    page = re.sub(r"(?s)<style.*?</style>|<svg.*?</svg>", "", path.read_text("utf8"))
    return unescape(re.sub(r"<[^>]+>", "", page))


def _xlsx_text(path: Path) -> str:
    return "\n".join(str(cell) for sheet in sheets_of(path).values() for row in sheet for cell in row)


def sheets_of(path: Path) -> dict[str, list[list[Any]]]:
    """The cells of every sheet of a workbook."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def members(path: Path) -> dict[str, str]:
    """The XML inside a docx or xlsx file."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as packed:
        return {n: packed.read(n).decode("utf8") for n in packed.namelist() if n.endswith((".xml", ".rels"))}
