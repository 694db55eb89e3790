"""How names and codes of regions are spelt: what a person reads as the same must compare as the same."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache

from ..words.texts import DATA

_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0x00AD, 0x180E])
_CODE = re.compile(r"\d+(\.0*)?")
_WIDTHS = {2: "0000", 4: "00", 6: ""}


def cleaned(name: object) -> str:
    """A name without blanks, zero-width characters, full-width forms and capitals: `太 原 市` -> `太原市`."""
    text = unicodedata.normalize("NFKC", str(name)).translate(_INVISIBLE)
    return re.sub(r"\s+", "", text).casefold()


def six_digits(code: object) -> str:
    """A GB/T 2260 code as six digits, from text, 140200, 140200.0, 1402 or 140200000000; '' if it is none."""
    text = cleaned("" if code is None else code)
    if not _CODE.fullmatch(text):
        return ""
    digits = text.split(".")[0]
    if len(digits) in (9, 12) and not digits[6:].strip("0"):
        digits = digits[:6]
    return digits + _WIDTHS[len(digits)] if len(digits) in _WIDTHS else ""


def shortened(name: str) -> tuple[str, ...]:
    """The usual short forms: 大同市 -> 大同; 恩施土家族苗族自治州 -> 恩施, 恩施州. Empty where nothing is left."""
    spelling = _spelling()
    rank = spelling.rank.search(name)
    if not rank:
        return ()
    stem = name[: rank.start()]
    if rank.group() in spelling.autonomous:
        bare = spelling.peoples.sub("", stem)
        stem = bare if len(bare) > 1 else stem  # 内蒙古 is not 内
    if len(stem) < 2:
        return ()
    added = spelling.added.get(rank.group(), "")
    return (stem, stem + added) if added else (stem,)


@dataclass(frozen=True)
class _Spelling:
    rank: re.Pattern[str]
    peoples: re.Pattern[str]
    autonomous: frozenset[str]
    added: dict[str, str]


@cache
def _spelling() -> _Spelling:
    spec = tomllib.loads((DATA / "aliases" / "spelling_china.toml").read_text("utf8"))
    ranks, peoples = ("|".join(sorted(spec[key], key=len, reverse=True)) for key in ("ranks", "peoples"))
    autonomous = frozenset(spec["autonomous"])
    return _Spelling(re.compile(f"(?:{ranks})$"), re.compile(f"(?:{peoples})+$"), autonomous, dict(spec["added"]))
