"""Facts become scores: the index of a plan, its movement, the accountability list, single places. 测"""

from __future__ import annotations

from .accountability import accountability
from .audit import audit
from .boundaries import boundaries
from .coherence import coherence
from .coupling import coupling
from .currency import currency
from .deflate import deflate
from .flips import flips
from .index import index
from .lens import lens
from .movement import movement
from .places import places
from .productivity import productivity
from .productivity_corrected import efficiency_corrected
from .productivity_scores import efficiency
from .sensitivity import sensitivity

__all__ = [
    "accountability",
    "audit",
    "boundaries",
    "coherence",
    "coupling",
    "currency",
    "deflate",
    "efficiency",
    "efficiency_corrected",
    "flips",
    "index",
    "lens",
    "movement",
    "places",
    "productivity",
    "sensitivity",
]
