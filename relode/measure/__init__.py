"""Facts become scores: the index of a plan, its movement, the accountability list, single places. 测"""

from __future__ import annotations

from .index import index

__all__ = ["index"]
