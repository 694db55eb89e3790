"""A Card says what a method is: the page behind `relode explain`, and where help and reports take their words.

Cards are data (`data/methods/<name>.toml`), so that help can list methods without importing any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .errors import Misfit
from .texts import DATA, say
from .toml import read_toml

PAGE = ("question", "equation", "assumes", "uncertainty", "edge", "compared")


@dataclass(frozen=True)
class Said:
    """A text in both languages; a list of lines stays a list of lines."""

    zh: tuple[str, ...]
    en: tuple[str, ...]

    def lines(self, lang: str) -> tuple[str, ...]:
        """The lines in `lang`."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Card:
    """The question a method answers, its source, equation, assumptions, uncertainty, edge cases and peers."""

    name: str
    zh: str
    en: str
    version: int
    cite: tuple[str, ...]
    question: Said
    equation: Said
    assumes: Said
    uncertainty: Said
    edge: Said
    compared: Said

    def label(self, lang: str) -> str:
        """The method's name in `lang`."""
        return self.zh if lang == "zh" else self.en

    def page(self, lang: str) -> str:
        """The method page in Markdown."""
        parts = [f"# {self.name} {self.label(lang)}"]
        for name in PAGE[:1]:
            parts.append(_section(name, getattr(self, name).lines(lang), lang))
        parts.append(_section("source", self.cite, lang))
        for name in PAGE[1:]:
            parts.append(_section(name, getattr(self, name).lines(lang), lang))
        return "\n\n".join(parts) + "\n"

    @classmethod
    def load(cls, path: Path) -> Card:
        """Read a card. Raises Misfit where a part or a language is missing."""
        spec = read_toml(path)
        lacking = [f.name for f in fields(cls) if f.name != "name" and f.name not in spec]
        if lacking:
            raise Misfit("card.lacks", where=str(path), name=", ".join(lacking))
        pages = {name: _said(spec[name], f"{path}, {name}") for name in PAGE}
        return cls(path.stem, spec["zh"], spec["en"], int(spec["version"]), tuple(spec["cite"]), **pages)

    @classmethod
    def named(cls, name: str) -> Card:
        """The card of one of relode's own methods."""
        if not cls.there(name):
            raise Misfit("card.none", name=name, where=str(DATA / "methods"))
        return cls.load(_path(name))

    @staticmethod
    def there(name: str) -> bool:
        """Does relode itself have a card of this name?"""
        return _path(name).is_file()


def _path(name: str) -> Path:
    return DATA / "methods" / f"{name}.toml"


def _said(entry: Mapping[str, Any], where: str) -> Said:
    for lang in ("zh", "en"):
        if not entry.get(lang):
            raise Misfit("card.lacks", where=where, name=lang)
    zh, en = ((text,) if isinstance(text, str) else tuple(text) for text in (entry["zh"], entry["en"]))
    return Said(zh, en)


def _section(name: str, lines: tuple[str, ...], lang: str) -> str:
    body = lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)
    return f"## {say('card.' + name, lang)}\n\n{body}"
