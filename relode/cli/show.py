"""What the command line writes: answers on stdout, progress and errors on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..words.errors import RelodeError
from ..words.texts import say


def write(text: str, *, error: bool = False) -> None:
    """One text, on stdout or stderr."""
    print(text, file=sys.stderr if error else sys.stdout)


def told_error(fault: RelodeError) -> None:
    """An error, on stderr."""
    write(str(fault), error=True)


def tell(code: str, details: Mapping[str, Any]) -> None:
    """A line of progress, on stderr."""
    write(say(code, **details), error=True)


@contextmanager
def progress() -> Iterator[Callable[[str, Mapping[str, Any]], None]]:
    """Progress of a longer work: a moving line on a terminal, plain lines elsewhere."""
    if not sys.stderr.isatty():
        yield tell
        return
    from rich.console import Console
    from rich.status import Status

    with Status("…", console=Console(stderr=True)) as status:

        def told(code: str, details: Mapping[str, Any]) -> None:
            status.console.print(say(code, **details), markup=False, highlight=False)
            status.update(say(code, **details))

        yield told
