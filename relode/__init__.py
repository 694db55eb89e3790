"""relode 新脉: from what a resource-based region has to what it should do next.

place = relode.open("shanxi/")
place.gather("yearbook_2024.csv", source="yearbook", vintage="2024-11")
score = place.run("measure.index", plan="core30")
place.publish([score], "report.docx", lang="zh")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import diagnose, evaluate, measure
    from .app import Place, open
    from .words.codelist import Codelist
    from .words.errors import RelodeError
    from .words.indicator import IndicatorSystem
    from .words.method import method
    from .words.panel import Panel
    from .words.plan import Plan
    from .words.result import Answer, Result
    from .words.ties import Ties

__all__ = [
    "Answer", "Codelist", "IndicatorSystem", "Panel", "Place", "Plan", "RelodeError", "Result", "Ties", "diagnose",
    "evaluate", "measure", "method", "open",
]  # fmt: skip

_HOMES = {
    "Answer": "words.result", "Codelist": "words.codelist", "IndicatorSystem": "words.indicator",
    "Panel": "words.panel", "Place": "app", "Plan": "words.plan", "RelodeError": "words.errors",
    "Result": "words.result", "Ties": "words.ties", "method": "words.method", "open": "app",
}  # fmt: skip
_ROOMS = {"diagnose", "evaluate", "measure"}


def __getattr__(name: str) -> Any:
    """Heavy libraries are loaded when the first name that needs them is used."""
    if name in _ROOMS:
        return import_module(f".{name}", __name__)
    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module 'relode' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
