"""pyfixest, imported late and without what its import does to everybody's log."""

from __future__ import annotations

import logging
from types import ModuleType


def fixest() -> ModuleType:
    """The package. It sets the root logger to INFO, after which every library would talk into the user's terminal."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    import pyfixest

    root.setLevel(level)
    root.handlers[:] = handlers
    module: ModuleType = pyfixest
    return module
