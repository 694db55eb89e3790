"""Facts become scores: the index of a plan, its movement, the accountability list, single places. 测"""

from __future__ import annotations

from .accountability import accountability
from .index import index
from .movement import movement
from .places import places

__all__ = ["accountability", "index", "movement", "places"]
