"""A definition in a TOML file, with one clear error where it cannot be read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from .errors import Misfit


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file says. Raises Misfit, with line and column, where it is no TOML in UTF-8."""
    try:
        return tomllib.loads(path.read_text("utf8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise Misfit("definition.unreadable", where=str(path), fault=str(fault)) from fault
