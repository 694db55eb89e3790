"""LaTeX: the tables of a report, each in three lines (booktabs), ready to be put into a paper by \\input.

Needs the packages booktabs and, for Chinese, ctex; running text and pictures are left to the other formats.
"""

from __future__ import annotations

import re
from dataclasses import replace

from relode.words.texts import say

from .blocks import Column, Document, Table

_SPECIAL = {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
            "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}",
            "\u2212": "$-$", "²": "$^{2}$", "<": "$<$", ">": "$>$"}  # fmt: skip
_SIDES = {"left": "l", "center": "c", "right": "r"}


def written(document: Document) -> bytes:
    """The tables of the document as the bytes of a LaTeX file."""
    packages = r"% \usepackage{booktabs}" + (r" \usepackage{ctex}" if document.lang == "zh" else "")
    tables = [block for block in document.blocks if isinstance(block, Table)]
    made = [tabular(_unnumbered(table, n, document.lang)) for n, table in enumerate(tables, 1)]
    return "\n\n".join([f"% {document.name}\n{packages}", *made]).encode()


def tabular(table: Table) -> str:
    """One table with booktabs, all text escaped; stars as superscripts, thin lines where the table has them."""
    lines = [
        r"\begin{table}[htbp]", r"\centering", rf"\caption{{{escaped(table.title)}}}",
        rf"\begin{{tabular}}{{{''.join(map(_side, table.columns))}}}", r"\toprule",
        _row(tuple(column.title for column in table.columns)), r"\midrule",
    ]  # fmt: skip
    for number, row in enumerate(table.rows):
        lines.append(_row(row))
        if number in table.rules:
            lines.append(r"\midrule")
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\footnotesize {escaped(note)}" for note in table.foot]
    return "\n".join([*lines, r"\end{table}", ""])


def escaped(text: str) -> str:
    """Text as LaTeX prints it.

    >>> escaped("5% & more_{x}")
    '5\\\\% \\\\& more\\\\_\\\\{x\\\\}'
    """
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


def _unnumbered(table: Table, number: int, lang: str) -> Table:
    """The table without its number: LaTeX counts itself."""
    return replace(table, title=table.title.removeprefix(say("report.table_title", lang, number=number, title="")))


def _side(column: Column) -> str:
    return _SIDES[column.side]


def _row(cells: tuple[str, ...]) -> str:
    return " & ".join(re.sub(r"(\*+)$", r"$^{\1}$", escaped(cell)) for cell in cells) + r" \\"
