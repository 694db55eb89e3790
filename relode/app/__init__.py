"""The corridor: the only place where rooms meet."""

from .catalogue import card_of, cards, find_method, method_names
from .place import Place, open

__all__ = ["Place", "card_of", "cards", "find_method", "method_names", "open"]
