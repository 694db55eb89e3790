"""What all tests share: where the reference data lies, and a language that does not depend on the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"

os.environ["RELODE_LANG"] = "en"

# A loaded machine is slow, which is no fault; what must pass before a change lands tries the same examples each time,
# while a run at the desk looks for new ones.
settings.register_profile(
    "house", deadline=None, derandomize=bool(os.environ.get("CI")), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


@pytest.fixture
def shared() -> Path:
    """The reference data beside the repository; skips where they are missing."""
    if not SHARED.is_dir():
        pytest.skip("the reference data are not beside this checkout (../shared/data)")
    return SHARED
