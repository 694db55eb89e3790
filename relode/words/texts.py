"""What relode says to people, in Chinese and English: sentences are data (`data/texts/*.toml`).

Each entry stands once with both languages side by side, so that neither can be forgotten:

    ["plan.unknown_key"]
    zh = "计划中没有 {name} 这一项"
    en = "the plan has no key {name}"
    mend.zh = "改正拼写，或删去这一行"
    mend.en = "correct the name, or remove the line"
"""

from __future__ import annotations

import locale
import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"
LANGUAGES = ("zh", "en")


def language() -> str:
    """The reader's language: RELODE_LANG, else the locale; `zh` or `en`."""
    named = os.environ.get("RELODE_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG")
    named = named or locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All sentences: code -> language -> sentence. Each code stands in one file (a test holds that)."""
    sentences: dict[str, dict[str, str]] = {}
    for path in sorted((DATA / "texts").glob("*.toml")):
        for code, entry in tomllib.loads(path.read_text("utf8")).items():
            sentences[code] = {lang: entry[lang] for lang in LANGUAGES}
            if "mend" in entry:
                sentences[code + ".mend"] = {lang: entry["mend"][lang] for lang in LANGUAGES}
    return sentences


def say(code: str, lang: str | None = None, *, default: str | None = None, **details: Any) -> str:
    """The sentence `code` in `lang`, filled with `details`; `default`, else the code itself, if there is none."""
    entry = catalogue().get(code)
    if entry is None:
        return code if default is None else default
    return entry[lang or language()].format(**details)


def has(code: str) -> bool:
    """Is there a sentence of this code?"""
    return code in catalogue()
