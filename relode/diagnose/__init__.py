"""Diagnosis: who is unequal to whom, next to whom, since when, of what kind, and can the figures be true? 诊断"""

from .citytype import citytype, citytype_check
from .convergence import convergence, gravity
from .inequality import inequality
from .integrity import integrity
from .integrity_power import integrity_power
from .likeness import likeness
from .spacetime import spacetime, transitions
from .ties import by_border, by_distance, by_economy, by_parent, nearest
from .typology import Typology

__all__ = [
    "Typology", "by_border", "by_distance", "by_economy", "by_parent", "citytype", "citytype_check", "convergence",
    "gravity", "inequality", "integrity", "integrity_power", "likeness", "nearest", "spacetime", "transitions",
]  # fmt: skip
