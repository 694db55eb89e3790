"""On what a report stands: notes and warnings, sources with their credit, methods, choices, fingerprints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from relode.words.batch import Source
from relode.words.card import PAGE, Card
from relode.words.result import Result
from relode.words.texts import say

from .blocks import Block, Column, Heading, Items, Note, Paragraph, Remarks, Table
from .figures import Shown

SHORT = 16  # characters of a fingerprint in print; the workbook has it whole


def notes(shown: Shown) -> list[Block]:
    """What the method remarked, warnings first."""
    lang = shown.lang
    told: list[tuple[Note, str, str]] = [
        (
            note.level,
            say("report.warning" if note.level == "warning" else "report.info", lang),
            shown.result.told(note, lang),
        )
        for note in sorted(shown.result.notes, key=lambda note: note.level != "warning")
    ]
    plan = shown.result.choices.get("plan")
    name = shown.result.card.label(lang)
    name = say("report.of_plan", lang, name=name, plan=plan["name"]) if isinstance(plan, Mapping) else name
    head = Heading(say("report.warnings_of", lang, name=name), 2)
    return [head, Remarks(tuple(told)) if told else Paragraph(say("report.no_notes", lang))]


def sources(results: Iterable[Result], known: Mapping[str, Source], lang: str) -> list[Block]:
    """Who published the figures, under which terms, and what was changed."""
    codes = dict.fromkeys(code for result in results for code in result.sources)
    head = Heading(say("report.sources", lang), 2)
    if not codes:
        return [head, Paragraph(say("report.no_sources", lang))]
    return [head, Items(tuple(credit(code, known, lang) for code in codes))]


def credit(code: str, known: Mapping[str, Source], lang: str) -> str:
    """One source in one line: name, credit, what was changed, licence."""
    if code not in known:
        return say("report.source_unknown", lang, name=code)
    source = known[code]
    name = source.zh if lang == "zh" else source.en
    return say("report.source", lang, name=name, credit=source.credit(lang), licence=source.licence)


def source_line(result: Result, known: Mapping[str, Source], lang: str) -> str:
    """The short line below a table or a picture."""
    names = [(known[c].zh if lang == "zh" else known[c].en) if c in known else c for c in result.sources]
    if not names:
        return say("report.no_source_line", lang)
    return say("report.source_line", lang, names=say("say.semicolon", lang).join(names))


def provenance(results: Iterable[Result], lang: str) -> list[Block]:
    """Method, version, software, choices and fingerprints of every result."""
    rows = []
    for result in results:
        name = f"{result.card.label(lang)} {result.method}"
        chosen = say("say.semicolon", lang).join(f"{a} {b}" for a, b in chosen_rows(result, lang))
        version = str(result.card.version)
        rows.append((name, version, result.software, chosen or "—", result.fingerprint[:SHORT]))
    columns = tuple(
        Column(say(f"head.{name}", lang)) for name in ("method", "version", "software", "choice", "fingerprint")
    )
    return [Table(say("report.provenance", lang), columns, tuple(rows))]


def chosen_rows(result: Result, lang: str, *, whole: bool = False) -> list[tuple[str, str]]:
    """The choices of a call that took something: what each is called and what was taken."""
    return [
        (say(f"chosen.{name}", lang, default=name), _chosen(result, name, value, lang, whole))
        for name, value in result.choices.items()
        if value not in (None, "", [])
    ]


def _chosen(result: Result, name: str, value: Any, lang: str, whole: bool) -> str:
    if isinstance(value, Mapping) and "fingerprint" in value:
        fingerprint = str(value["fingerprint"])
        return say(
            "chosen.word", lang, name=value.get("name", ""), fingerprint=fingerprint if whole else fingerprint[:SHORT]
        )
    if isinstance(value, list | tuple):
        return say("say.and", lang).join(_chosen(result, name, part, lang, whole) for part in value)
    if isinstance(value, bool):
        return say("code.true" if value else "code.false", lang)
    if not isinstance(value, str):
        return json.dumps(value)
    return say(f"chosen.{name}.{value}", lang, default=_named(result, name, value, lang))


def _named(result: Result, choice: str, value: str, lang: str) -> str:
    """A choice that is a code by its name; in a formula, each code by its own."""
    if choice in ("entity", "other", "places") and (region := result.labels.entity(value, lang)) != value:
        return region
    return " ".join(result.labels.any_name(word, lang) for word in value.split(" "))


def choices(shown: Shown) -> list[Block]:
    """The choices as a table of two columns."""
    lang = shown.lang
    columns = (Column(say("head.choice", lang)), Column(say("head.chosen", lang)))
    return [Table(say("report.choices", lang), columns, tuple(chosen_rows(shown.result, lang)))]


def method_page(shown: Shown) -> list[Block]:
    """The card of the method: question, source, equation, assumptions, uncertainty, edge cases, peers."""
    lang, card = shown.lang, shown.result.card
    blocks: list[Block] = [Heading(say("card.title", lang, name=card.label(lang)), 2)]
    blocks.append(Paragraph(say("card.version", lang, method=card.name, version=card.version)))
    for name, lines in card_parts(card, lang):
        if len(lines) == 1:
            blocks.append(Paragraph(say("card.line", lang, name=name, text=lines[0])))
        else:
            blocks += [Paragraph(say("card.line", lang, name=name, text="")), Items(lines)]
    return blocks


def card_parts(card: Card, lang: str) -> list[tuple[str, tuple[str, ...]]]:
    """The parts of a card in reading order: what each is called, its lines."""
    parts = {name: getattr(card, name).lines(lang) for name in PAGE}
    ordered = {PAGE[0]: parts[PAGE[0]], "source": card.cite, **parts}
    return [(say(f"card.{name}", lang), lines) for name, lines in ordered.items()]


def excluded(shown: Shown) -> list[Block]:
    """The indicators that a system leaves out, each with its reason."""
    lang = shown.lang
    rows = [_parted(code, text, shown) for code, text in excluded_rows(shown.result, lang)]
    if not rows:
        return [Paragraph(say("report.excluded_none", lang))]
    columns = (Column(say("head.heading", lang)), Column(say("head.why", lang)))
    return [Table(say("report.excluded", lang), columns, tuple(rows))]


def _parted(code: str, text: str, shown: Shown) -> tuple[str, str]:
    """What is left out by its name, and why: a reason names it first, or the place knows its code."""
    name, mark, why = text.partition(say("say.colon", shown.lang))
    return (name, why) if mark else (shown.name("indicator", code), text)


def excluded_rows(result: Result, lang: str) -> list[tuple[str, str]]:
    """(heading, reason) of what the result's systems leave out."""
    return [(code, zh if lang == "zh" else en) for system in result.labels.systems for code, zh, en in system.excluded]
