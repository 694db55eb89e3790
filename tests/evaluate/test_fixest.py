"""A library that talks does not make all others talk."""

from __future__ import annotations

import subprocess
import sys

import pytest


def test_logging_is_as_it_was_after_the_engine_is_imported() -> None:
    pytest.importorskip("pyfixest")
    code = (
        "import logging; root = logging.getLogger(); before = root.level, list(root.handlers)\n"
        "from relode.evaluate.fixest import fixest; fixest()\n"
        "assert (root.level, root.handlers) == before, (root.level, root.handlers)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
