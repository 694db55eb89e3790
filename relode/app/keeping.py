"""Keeping: what was computed once is not computed again, and never twice at the same time."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Any

MOST = 200
HEAVY = {"scores": 8, "view": 24, "panel": 12, "run": 20, "parted": 24, "ranks": 48, "drawn": 8}
"""Kinds of which one holds megabytes: a few of each are kept, so that memory has a bound however much is asked."""


class Keeper:
    """Answers by key, the least used of each kind (the key's first part) forgotten first. Safe for threads."""

    def __init__(self, most: int = MOST, heavy: Mapping[str, int] = HEAVY):
        self._most, self._heavy = most, heavy
        self._kept: defaultdict[Hashable, OrderedDict[Hashable, Any]] = defaultdict(OrderedDict)
        self._making: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def get(self, key: tuple[Hashable, ...], make: Callable[[], Any]) -> Any:
        """The answer that is kept under `key`, or what `make` gives; who asks meanwhile waits for the same."""
        with self._lock:
            alike = self._kept[key[0]]
            if key in alike:
                alike.move_to_end(key)
                return alike[key]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in alike:
                    return alike[key]
            try:
                return self._keep(alike, key, make())
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def count(self, kind: str) -> int:
        """How many answers of a kind are kept."""
        return len(self._kept[kind])

    def _keep(self, alike: OrderedDict[Hashable, Any], key: tuple[Hashable, ...], answer: Any) -> Any:
        with self._lock:
            alike[key] = answer
            while len(alike) > self._heavy.get(str(key[0]), self._most):
                alike.popitem(last=False)
        return answer
