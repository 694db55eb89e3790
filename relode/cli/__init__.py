"""The command line: five verbs to start (open, gather, run, cook, publish), and a few to look after a place.

Nothing heavy is imported here: each command imports what it needs when it runs.
"""

import os
import sys
from collections.abc import Sequence


def main() -> None:
    """Run the command line in the language that it names; the commands' own help is said in it too."""
    if named := _language_of(sys.argv[1:]):
        os.environ["RELODE_LANG"] = named
    from .main import main as run

    run()


def _language_of(words: Sequence[str]) -> str:
    """What follows the last `--lang` or `-l` (the command checks that it is one), else nothing."""
    named = ""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in ("--lang", "-l"):
            named = following
        elif word.startswith("--lang="):
            named = word.removeprefix("--lang=")
    return named
