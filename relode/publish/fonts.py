"""Which fonts a report is set in, and where they lie. Nothing of a font is copied: packages bring them.

    Noto Sans SC   variable, all weights: headings, tables, pictures      justmytype-intl-cjk, OFL
    Noto Serif SC  body text                                              pylopdf-fonts-zh-cn, OFL
    DejaVu Sans    what neither holds (Arabic, Tifinagh, Latin Extended)  matplotlib

typst 0.15 takes weights from the variable font itself, so no bold instance has to be made.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

SANS = "Noto Sans SC"
SERIF = "Noto Serif SC"
OTHERS = "DejaVu Sans"


def _package(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def regular() -> tuple[Path, Path]:
    """The files of Sans and Serif in their regular weight."""
    folder = _package("pylopdf_fonts_zh_cn")
    return folder / "NotoSansSC-Regular.otf", folder / "NotoSerifSC-Regular.otf"


def folders() -> tuple[str, ...]:
    """Where typst finds all of them."""
    variable = _package("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc"
    others = _package("matplotlib") / "mpl-data" / "fonts" / "ttf"
    return tuple(str(path) for path in (_package("pylopdf_fonts_zh_cn"), variable, others))


def in_pictures() -> list[str]:
    """Tell matplotlib of Sans; the families to draw with, best first."""
    from matplotlib import font_manager

    known = {Path(entry.fname) for entry in font_manager.fontManager.ttflist}
    sans, _ = regular()
    if sans not in known:
        font_manager.fontManager.addfont(sans)
    return [SANS, OTHERS]
