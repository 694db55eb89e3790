"""The corridor: the only place where rooms meet."""

from .catalogue import cards, find_method, method_names
from .place import Place, open

__all__ = ["Place", "cards", "find_method", "method_names", "open"]
