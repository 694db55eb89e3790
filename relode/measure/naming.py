"""Names in sentences: a note holds them in both languages, for it does not know who will read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from relode.words.texts import LANGUAGES, say


def in_both(codes: Sequence[str], label: Callable[[str, str], str], most: int = 8) -> dict[str, str]:
    """`names_zh` and `names_en`: the first `most` names, and how many there are in all."""
    told = {}
    for lang in LANGUAGES:
        names = say("names.between", lang).join(label(code, lang) for code in codes[:most])
        told[f"names_{lang}"] = say("names.more", lang, names=names, count=len(codes)) if len(codes) > most else names
    return told
