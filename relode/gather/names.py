"""How names and codes of regions are spelt: what a person reads as the same must compare as the same."""

from __future__ import annotations

import re
import unicodedata

PEOPLES = (
    "蒙古族", "蒙古", "藏族", "羌族", "回族", "苗族", "彝族", "壮族", "布依族", "朝鲜族", "满族", "侗族", "瑶族",
    "白族", "土家族", "哈尼族", "哈萨克族", "哈萨克", "傣族", "黎族", "傈僳族", "景颇族", "柯尔克孜族", "柯尔克孜",
    "维吾尔族", "维吾尔",
)  # fmt: skip
"""Peoples in the names of autonomous regions, prefectures and counties, as the codes of 2019 print them."""

_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0x00AD, 0x180E])
_PEOPLES = re.compile("(?:" + "|".join(sorted(PEOPLES, key=len, reverse=True)) + ")+$")
_TAIL = re.compile(r"(特别行政区|自治区|自治州|自治县|自治旗|地区|林区|省|市|盟|县|旗|区)$")
_CODE = re.compile(r"\d+(\.0*)?")
_WIDTHS = {2: "0000", 4: "00", 6: ""}


def cleaned(name: object) -> str:
    """A name without blanks, zero-width characters and full-width forms: `太 原 市` -> `太原市`."""
    text = unicodedata.normalize("NFKC", str(name)).translate(_INVISIBLE)
    return re.sub(r"\s+", "", text)


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
    tail = _TAIL.search(name)
    if not tail:
        return ()
    stem = name[: tail.start()]
    if tail.group() in ("自治区", "自治州", "自治县", "自治旗"):
        bare = _PEOPLES.sub("", stem)
        stem = bare if len(bare) > 1 else stem  # 内蒙古 is not 内
    if len(stem) < 2:
        return ()
    return (stem, stem + "州") if tail.group() == "自治州" else (stem,)
