"""The sheet that a picture is drawn on: fonts, colours, size, and the same bytes every time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import fonts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 156 / 25.4  # inches: the text width of A4 after GB/T 9704
TALLEST = 200 / 25.4
DPI = 200
INK, GREY, PALE, BAND = "#222222", "#767676", "#c8c8c8", "#eef2f5"
UP, DOWN = "#0072b2", "#d55e00"
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8a8a8a")  # Okabe, Ito 2008
FEW_LINES = 5  # lines that are all told apart by colour and name
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "ooo", "+++")
STROKES = (":", "--", "-.", "-")
MARKERS = ("o", "s", "^", "D", "v", "P")
SCALE = "cividis"  # even steps of lightness, the same for colour-blind readers


class Drawing:
    """A picture that is drawn when it is first asked for, as SVG with text or as PNG."""

    def __init__(self, build: Callable[[], Figure]):
        self._build = build

    @cached_property
    def _figure(self) -> Figure:
        """The figure with everything in its place: laid out once, whatever it is then saved as."""
        with style():
            figure = self._build()
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
            return figure

    @cached_property
    def _svg(self) -> str:
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        sheet, figure = io.StringIO(), self._figure
        canvas: Any = FigureCanvasSVG(figure)
        with style():
            figure.dpi = DPI
            canvas.print_svg(sheet, metadata={"Date": None, "Creator": None})
        return re.sub(r"(?s)<metadata>.*?</metadata>", "", sheet.getvalue())

    @cached_property
    def _png(self) -> bytes:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        sheet, figure = io.BytesIO(), self._figure
        canvas: Any = FigureCanvasAgg(figure)
        with style():
            figure.dpi = DPI
            canvas.print_png(sheet, metadata={"Software": None})
        return sheet.getvalue()

    def svg(self) -> str:
        """The picture as SVG whose text is text."""
        return self._svg

    def png(self) -> bytes:
        """The picture as PNG, 200 dots per inch."""
        return self._png


@contextmanager
def style() -> Iterator[None]:
    """matplotlib's settings for a report, and only while one is drawn."""
    import logging

    import matplotlib as mpl

    settings: Any = {
        "font.family": fonts.in_pictures(), "font.size": 8, "axes.titlesize": 8, "axes.labelsize": 8,
        "xtick.labelsize": 7.5, "ytick.labelsize": 7.5, "legend.fontsize": 7.5, "legend.frameon": False,
        "svg.fonttype": "none", "svg.hashsalt": "relode", "text.color": INK, "axes.labelcolor": INK,
        "axes.edgecolor": GREY, "xtick.color": INK, "ytick.color": INK, "axes.linewidth": 0.6, "hatch.linewidth": 0.5,
        "axes.spines.top": False, "axes.spines.right": False, "figure.constrained_layout.use": True,
        "figure.constrained_layout.h_pad": 0.03, "figure.constrained_layout.w_pad": 0.03,
    }  # fmt: skip
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)  # "font family not found" for a weight that no picture uses
    try:
        with mpl.rc_context(settings):
            yield
    finally:
        log.setLevel(level)


def sheet(height: float, columns: int = 1, **options: Any) -> tuple[Figure, list[Axes]]:
    """An empty figure of the page's width; `height` in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, min(max(height, 1.2), TALLEST)), dpi=DPI)  # letters are as wide as when drawn
    axes = figure.subplots(1, columns, squeeze=False, **options)
    return figure, list(axes.ravel())


def halves(count: int, one: int = 45) -> list[slice]:
    """Rows of a long list in one column, or in two side by side.

    >>> halves(5)
    [slice(0, 5, None)]
    >>> halves(83)
    [slice(0, 42, None), slice(42, 83, None)]
    """
    if count <= one:
        return [slice(0, count)]
    middle = (count + 1) // 2
    return [slice(0, middle), slice(middle, count)]


def row_height(rows: int) -> float:
    """Inches for so many rows of labels, with room for the axis."""
    return rows * (0.165 if rows < 24 else 0.138) + 0.7


def wrapped(label: str, width: int = 9) -> str:
    """A label in lines of about `width` Latin letters; a Chinese character counts for two.

    >>> wrapped("Livelihood and services", 12)
    'Livelihood\\nand services'
    """
    import textwrap

    if label.isascii() or " " in label:
        return "\n".join(textwrap.wrap(label, width, break_long_words=False)) or label
    half = max(width // 2, 2)
    lines = -(-len(label) // half)
    even = -(-len(label) // lines)
    return "\n".join(label[n : n + even] for n in range(0, len(label), even))


def names(axes: Axes, labels: Sequence[str]) -> None:
    """Write the labels of rows down the left side, the first on top."""
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
