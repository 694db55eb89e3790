"""Heavy work apart from light pages: few computations side by side, and who waits for one holds up nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request

AT_ONCE = 2  # a computation uses all cores; more of them only slow one another down
PAGES = 6  # pages that are written side by side: with more, all readers wait for all
T = TypeVar("T")


def limiter() -> CapacityLimiter:
    """The places for heavy work of one application."""
    return CapacityLimiter(AT_ONCE)


def few_pages() -> None:
    """Let only so many pages be written at once; to be called in the event loop."""
    to_thread.current_default_thread_limiter().total_tokens = PAGES


async def apart(request: Request, work: Callable[..., T], *args: object) -> T:
    """What `work` gives, done in a thread of its own as soon as there is a place."""
    places: CapacityLimiter = request.app.state.heavy
    return await to_thread.run_sync(work, *args, limiter=places)
