"""What a policy did: design, effects, what they lean on, a verdict per policy."""

from .baseline import baseline
from .design import design
from .did import did
from .dose import dose
from .falsify import falsify
from .synthetic import synthetic
from .verdict import verdict

__all__ = ["baseline", "design", "did", "dose", "falsify", "synthetic", "verdict"]
