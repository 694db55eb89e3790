"""The command line: five verbs to start (open, gather, run, cook, publish), and a few to look after a place.

Nothing heavy is imported here: each command imports what it needs when it runs.
"""

from .main import main

__all__ = ["main"]
