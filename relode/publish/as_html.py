"""One HTML file that needs nothing else: style, pictures and text inside, no script, no request to anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from relode.words.texts import DATA, say

from .blocks import Block, Document, Heading, Items, Paragraph, Picture, Remarks, Table

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_FONT = "'Noto Sans SC','Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"

_SIDES = {"left": "", "center": ' class="centred"', "right": ' class="figure"'}


def written(document: Document) -> bytes:
    """The document as the bytes of an HTML file; the same document gives the same bytes."""
    return ("\n".join(_page(document)) + "\n").encode()


def _page(document: Document) -> Iterator[str]:
    tongue = "zh-CN" if document.lang == "zh" else "en"
    yield f'<!doctype html>\n<html lang="{tongue}">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(document.name)}</title>"
    yield f"<style>\n{(DATA / 'templates' / 'report.css').read_text('utf8')}</style>\n</head>\n<body>"
    yield f'<a class="skip" href="#report">{escape(say("report.skip", document.lang))}</a>'
    yield "<header>\n<h1>" + "<br>".join(map(escape, document.title)) + "</h1>"
    for line in filter(None, (document.subject, document.issuer, document.asof)):
        yield f'<p class="front">{escape(line)}</p>'
    yield "</header>"
    yield from _contents(document)
    yield '<main id="report">'
    for n, block in enumerate(document.blocks):
        yield from _block(block, n)
    yield "</main>\n</body>\n</html>"


def _contents(document: Document) -> Iterator[str]:
    label = escape(say("report.contents", document.lang))
    yield f'<nav aria-label="{label}"><ol>'
    for n, block in enumerate(document.blocks):
        if isinstance(block, Heading) and block.level == 1:
            yield f'<li><a href="#b{n}">{escape(block.text)}</a></li>'
    yield "</ol></nav>"


def _block(block: Block, n: int) -> Iterator[str]:
    if isinstance(block, Heading):
        level = block.level + 1
        yield f'<h{level} id="b{n}">{escape(block.text)}</h{level}>'
    elif isinstance(block, Paragraph):
        yield f"<p>{escape(block.text)}</p>"
    elif isinstance(block, Items):
        yield "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in block.lines) + "</ul>"
    elif isinstance(block, Remarks):
        lines = (f'<li class="{g}"><strong>{escape(w)}</strong>{escape(text)}</li>' for g, w, text in block.lines)
        yield '<ul class="remarks">' + "".join(lines) + "</ul>"
    elif isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Picture):
        yield f"<figure>{_inline(block, n)}<figcaption>{escape(block.title)}</figcaption></figure>"
        yield from _foot(block.foot)


def _table(table: Table) -> Iterator[str]:
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{escape(table.title)}"><table>'
    sides = [_SIDES[column.side] for column in table.columns]
    heads = zip(table.columns, sides, strict=True)
    yield f"<caption>{escape(table.title)}</caption>\n<thead><tr>"
    yield (
        "".join(f'<th scope="col"{side}>{escape(column.title)}</th>' for column, side in heads)
        + "</tr></thead>\n<tbody>"
    )
    for n, row in enumerate(table.rows):
        first, *rest = zip(row, sides, strict=True)
        cells = "".join(f"<td{side}>{escape(text)}</td>" for text, side in rest)
        ruled = ' class="ruled"' if n in table.rules else ""
        yield f'<tr{ruled}><th scope="row"{first[1]}>{escape(first[0])}</th>{cells}</tr>'
    yield "</tbody></table></div>"
    yield from _foot(table.foot)


def _foot(lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield '<p class="foot">' + "".join(f"<span>{escape(line)}</span>" for line in lines) + "</p>"


def _inline(picture: Picture, n: int) -> str:
    """The SVG as part of the page: ids of its own, the reader's fonts, its text for those who cannot see it."""
    svg = picture.svg()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'\bid="', f'id="p{n}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>p{n}-", svg)
    svg = re.sub(r"'Noto Sans SC', 'DejaVu Sans'", _FONT, svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(picture.alt)}" ', 1)
