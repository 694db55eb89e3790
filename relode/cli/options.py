"""What many commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..words.texts import say

PlaceOption = Annotated[Path, typer.Option("--place", "-p", help=say("cli.option.place"))]
LangOption = Annotated[Literal["zh", "en"] | None, typer.Option("--lang", "-l", help=say("cli.option.lang"))]
JsonOption = Annotated[bool, typer.Option("--json", help=say("cli.option.json"))]
