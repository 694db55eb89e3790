"""What all tests share: where the reference data lies, and a language that does not depend on the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"

os.environ["RELODE_LANG"] = "en"


@pytest.fixture
def shared() -> Path:
    """The reference data beside the repository; skips where they are missing."""
    if not SHARED.is_dir():
        pytest.skip("the reference data are not beside this checkout (../shared/data)")
    return SHARED
