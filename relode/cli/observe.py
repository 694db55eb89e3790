"""The commands of the observatory: serve a place, list its editions, bring outlines in."""

from __future__ import annotations

import ipaddress
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from ..words.errors import Misfit
from ..words.texts import language, say
from .options import LangOption, PlaceOption
from .show import tell, write

NEEDS = ("fastapi", "jinja2", "uvicorn")


def add_to(cli: typer.Typer) -> None:
    """Put these commands beside the others."""
    cli.command("serve", help=say("cli.serve"))(serve)
    cli.command("editions", help=say("cli.editions"))(editions)
    maps = typer.Typer(help=say("cli.maps"), no_args_is_help=True, rich_markup_mode=None)
    maps.command("import", help=say("cli.maps_import"))(import_map)
    cli.add_typer(maps, name="maps")


def serve(
    place: PlaceOption = Path(),
    lang: LangOption = None,
    host: Annotated[str, typer.Option(help=say("cli.option.host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help=say("cli.option.port"))] = 8000,
    behind_proxy: Annotated[bool, typer.Option("--behind-proxy", help=say("cli.option.behind_proxy"))] = False,
    name: Annotated[list[str] | None, typer.Option("--name", help=say("cli.option.name"))] = None,
) -> None:
    """Show a place in the browser."""
    if not _own(host):
        if not behind_proxy:
            raise Misfit("web.not_loopback", host=host)
        write(say("web.exposed", host=host), error=True)
    if lacking := [package for package in NEEDS if find_spec(package) is None]:
        raise Misfit("web.missing_extra", where=", ".join(lacking))
    from ..web.serve import run

    hosts = tuple(one.lower() for one in name or ())
    run(place, host=host, port=port, hosts=hosts, proxied=behind_proxy, told=lambda text: write(text))


def _own(host: str) -> bool:
    """Is this an address that only this machine reaches?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def editions(place: PlaceOption = Path(), lang: LangOption = None) -> None:
    """List what was published."""
    from ..app.editions import editions as known

    for one in known(opened(place)):
        told = say("web.broken", names=", ".join(one.broken)) if one.broken else say("web.unchanged")
        write(f"{one.name:<16}{one.told['made'][:16]}  {one.hash[:16]}  {one.told['plan']}  {told}")


def publish_edition(place: Any, name: str, plan: str, asof: Any) -> None:
    """Freeze an edition."""
    from ..app.editions import freeze
    from ..app.observatory import Observatory

    made = freeze(place, name, plan or Observatory(place.folder).plan().name, asof=asof)
    write(say("cli.edition_made", name=name, hash=made.hash[:16], folder=str(made.folder)))


def import_map(
    file: Path,
    source: Annotated[str, typer.Option(help=say("cli.option.map_source"))],
    approval: Annotated[str, typer.Option(help=say("cli.option.approval"))] = "",
    code: Annotated[str, typer.Option(help=say("cli.option.code"))] = "",
    lines: Annotated[Path | None, typer.Option(help=say("cli.option.lines"))] = None,
    name: Annotated[str, typer.Option(help=say("cli.option.map_name"))] = "",
    partial: Annotated[bool, typer.Option("--partial", help=say("cli.option.partial"))] = False,
    tolerance: Annotated[float, typer.Option(min=0, max=1, help=say("cli.option.tolerance"))] = 0.01,
    level: Annotated[str, typer.Option(help=say("cli.option.map_level"))] = "",
    place: PlaceOption = Path(),
    lang: LangOption = None,
) -> None:
    """Check outlines and keep them in the place."""
    from ..app.maps import bring_in

    path, areas, lines_kept = bring_in(
        opened(place), file, source=source, approval=approval, code=code, lines=lines, name=name, partial=partial,
        tolerance=tolerance, level=level,
    )  # fmt: skip
    write(say("cli.map_imported", language(), file=str(path), areas=areas, lines=lines_kept))


def opened(folder: Path, told: Any = tell) -> Any:
    """The place in a folder. Raises Misfit where there is none."""
    from ..app import open
    from ..app.place import SETTINGS

    if not (folder / SETTINGS).exists():
        raise Misfit("place.none", where=str(folder.resolve()))
    return open(folder, tell=told)
