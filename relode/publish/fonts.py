"""Which fonts a report is set in, and where they lie. Nothing of a font is copied: packages bring them (all OFL).

    Noto Sans SC   regular: text of pictures                               pylopdf-fonts-zh-cn
    Noto Serif SC  regular: body text in Chinese                           pylopdf-fonts-zh-cn
    Relode Hei     headings, captions: a cut of Noto Sans SC, variable     justmytype-intl-cjk
    DejaVu Sans    what these do not hold (Arabic, Tifinagh, Greek ...)    matplotlib

typst 0.15 takes weights from a variable font itself, so no bold instance is made. But pictures take whatever has the
family's name in its thinnest weight: so the variable font is cut to the characters of the report, which takes less
than a second, and renamed, as its licence asks.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

SANS, SERIF, HEI, OTHERS = "Noto Sans SC", "Noto Serif SC", "Relode Hei", "DejaVu Sans"
_NAMES = {1: HEI, 3: "Relode Hei 1", 4: HEI, 6: "RelodeHei", 16: HEI, 25: "RelodeHei"}
_SPECIMEN = "".join(map(chr, range(0x20, 0x7F))) + "—…·−"


def _package(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def regular() -> tuple[Path, Path]:
    """The files of Sans and Serif in their regular weight."""
    folder = _package("pylopdf_fonts_zh_cn")
    return folder / "NotoSansSC-Regular.otf", folder / "NotoSerifSC-Regular.otf"


def variable() -> Path:
    """The file of Sans with all weights."""
    return _package("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc" / "NotoSansSC[wght].ttf"


def folders() -> tuple[str, ...]:
    """Where typst finds the fonts that are used as they are."""
    return str(regular()[0].parent), str(_package("matplotlib") / "mpl-data" / "fonts" / "ttf")


def cut(characters: str, path: Path) -> None:
    """Write Relode Hei: the variable Sans with these characters and all its weights, under its own name."""
    import logging

    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.WARNING)  # else pages of it, where another library logs all
    font = TTFont(variable(), lazy=True, recalcTimestamp=False)
    options = Options(hinting=False, layout_features=[], name_IDs=["*"], notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(text=characters + _SPECIMEN)
    subsetter.subset(font)
    for record in font["name"].names:
        record.string = _NAMES.get(record.nameID, record.toUnicode())
    font.save(path)


def in_pictures() -> list[str]:
    """Tell matplotlib of Sans; the families to draw with, best first."""
    from matplotlib import font_manager

    sans, _ = regular()
    if sans not in {Path(entry.fname) for entry in font_manager.fontManager.ttflist}:
        font_manager.fontManager.addfont(sans)
    return [SANS, OTHERS]
