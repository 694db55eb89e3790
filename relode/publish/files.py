"""A report is written beside the old one and takes its place in one step: a full disk leaves the old one as it was."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from relode.words.errors import Unwritable


def replace(path: Path, content: bytes) -> Path:
    """Write `content` to `path`, whole or not at all. Raises Unwritable."""
    spare: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}.", suffix=path.suffix, dir=path.parent)
        spare = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        spare.chmod(0o644)
        spare.replace(path)
    except OSError as fault:
        if spare is not None:
            spare.unlink(missing_ok=True)
        raise Unwritable("publish.unwritable", where=str(path), fault=fault.strerror or str(fault)) from fault
    return path
