"""A method's choices on the command line: `--name value`, `--name=value`, or `--name` for a yes."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from ..app import find_method
from ..words.errors import Misfit
from ..words.texts import language, say

if TYPE_CHECKING:
    from ..words.choice import Choice
    from ..words.result import Result


def given_choices(method: str, arguments: Sequence[str]) -> dict[str, Any]:
    """Words of the command line as choices by name, still text. Raises Misfit for a word that is no choice."""
    choices = find_method(method).choices
    flags = {choice.name for choice in choices if choice.kind is bool}
    return _pairs(arguments, method, flags, [f"--{choice.name}" for choice in choices])


def given_answers(arguments: Sequence[str]) -> dict[str, Any]:
    """Words of the command line as what a recipe asks for. Raises Misfit for a word without a name."""
    return _pairs(arguments, "", set(), ["--plan", "--study"])


def _pairs(arguments: Sequence[str], where: str, flags: Collection[str], expected: Sequence[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    words = list(arguments)
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            raise Misfit("cli.stray", name=word, where=where, expected=expected)
        name, equals, value = word[2:].partition("=")
        name = name.replace("-", "_")
        if not equals:
            is_flag = name in flags and (not words or words[0].startswith("--"))
            value = "true" if is_flag else _next(words, word, where)
        given[name] = value
    return given


def _next(words: list[str], word: str, method: str) -> str:
    if not words:
        raise Misfit("cli.no_value", name=word, where=method)
    return words.pop(0)


def help_of(name: str) -> str:
    """What `relode run NAME --help` prints."""
    method = find_method(name)
    lang = language()
    return f"relode run {name}  {method.card.label(lang)}\n\n{choices_page(name, lang)}"


def choices_page(name: str, lang: str) -> str:
    """The choices of a method: name, kind, default."""
    lines = [f"## {say('card.choices', lang)}", ""]
    lines += [f"- `--{choice.name}` {_kind(choice, lang)}" for choice in find_method(name).choices]
    return "\n".join(lines) + "\n"


def _kind(choice: Choice, lang: str) -> str:
    kind = choice.word.__name__ if choice.word else str(choice.kind).replace("typing.", "")
    kind = kind if not isinstance(choice.kind, type) or choice.word else choice.kind.__name__
    if choice.must:
        return f"({kind}) {say('card.must', lang)}"
    default = getattr(choice.default, "name", choice.default)
    return f"({kind}) {say('card.default', lang, value=default)}"


def result_json(result: Result) -> str:
    """A result as JSON: all tables as records, notes, choices, provenance."""
    body = {
        "method": result.method,
        "version": result.card.version,
        "software": result.software,
        "choices": dict(result.choices),
        "inputs": dict(result.inputs),
        "fingerprint": result.fingerprint,
        "sources": list(result.sources),
        "notes": [{"code": note.code, "level": note.level, "text": result.told(note)} for note in result.notes],
        "tables": {
            name: json.loads(frame.to_json(orient="records", force_ascii=False, double_precision=15))
            for name, frame in result.tables.items()
        },
    }
    return json.dumps(body, ensure_ascii=False, indent=1)
