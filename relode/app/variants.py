"""Variants: a plan with other choices, saved under its own name beside the plan that it came from, never over one."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from ..words.errors import Misfit, Refused, Unwritable
from ..words.plan import Plan

if TYPE_CHECKING:
    from .place import Place

NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")
LONGEST = 120
MOST = 500


def spec_of(plan: Plan) -> dict[str, Any]:
    """A plan as its file writes it: the system by name."""
    spec = TypeAdapter(Plan).dump_python(plan, mode="json")
    return {**spec, "system": plan.system.name}


def save_variant(place: Place, plan: Plan, *, name: str, zh: str, en: str, base: str) -> Path:
    """Write a plan as `plans/<name>.toml` of the place, whole or not at all.

    Raises Misfit for a name that is none, Refused where a plan of the name is there already or too many are,
    Unwritable.
    """
    if not NAME.fullmatch(name):
        raise Misfit("variant.name", name=name)
    labels = {lang: _label(text) for lang, text in (("zh", zh or en), ("en", en or zh))}
    known = place.shelf.names("plans")
    if name in known:
        raise Refused("variant.taken", name=name)
    if len(known) >= MOST:
        raise Refused("variant.many", most=MOST)
    made = plan.but(name=name, version=1, source=f"variant of {base}", **labels)
    path = place.folder / "plans" / f"{name}.toml"
    _put(path, toml_of(spec_of(made)))
    return path


def _label(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > LONGEST or not text.isprintable():
        raise Misfit("variant.label", most=LONGEST)
    return text


def _put(path: Path, text: str) -> None:
    """Write beside, then link into place: a file that is there meanwhile is never replaced."""
    spare: Path | None = None
    try:
        path.parent.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".variant.", dir=path.parent)
        spare = Path(name)
        with os.fdopen(handle, "w", encoding="utf8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        spare.chmod(0o644)
        os.link(spare, path)
    except FileExistsError as fault:
        raise Refused("variant.taken", name=path.stem) from fault
    except OSError as fault:
        raise Unwritable("store.unwritable", where=str(path), fault=fault.strerror or str(fault)) from fault
    finally:
        if spare is not None:
            spare.unlink(missing_ok=True)


def toml_of(spec: dict[str, Any]) -> str:
    """Plain data as TOML: text, numbers, lists, and tables one below another."""
    lines = [
        f"{key} = {_value(value)}" for key, value in spec.items() if not isinstance(value, dict) and value is not None
    ]
    for section, table in spec.items():
        if isinstance(table, dict):
            lines += ["", f"[{_key(section)}]"]
            lines += [f"{_key(key)} = {_value(value)}" for key, value in table.items() if value is not None]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
