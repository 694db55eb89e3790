"""Keeping: what was computed once is not computed again, and never twice at the same time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import BoundedSemaphore, Lock
from typing import Any

MOST = 400
AT_ONCE = 2  # computations side by side; more only slow one another down


class Keeper:
    """Answers by key, the least used forgotten first. Safe for threads."""

    def __init__(self, most: int = MOST):
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, Lock] = {}
        self._lock = Lock()
        self._room = BoundedSemaphore(AT_ONCE)

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The answer that is kept under `key`, or what `make` gives; who asks meanwhile waits for the same."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                return self._keep(key, make())
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def working(self) -> BoundedSemaphore:
        """Room for a heavy computation, to be used in a `with`."""
        return self._room

    def _keep(self, key: Hashable, answer: Any) -> Any:
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return answer
