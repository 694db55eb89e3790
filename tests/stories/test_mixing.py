"""A fact that two series fill together is told of: what they publish may not mean the same."""

from __future__ import annotations

from pathlib import Path

from relode.app import open as open_place


def test_a_gap_filled_from_another_series_travels_with_the_result(shanxi: Path, tmp_path: Path) -> None:
    place = open_place(shanxi)
    place.gather(tmp_path / "年鉴 2024.csv", source="年鉴", vintage="2024-11")
    assert not told(place)
    (tmp_path / "more.csv").write_text("地区,年份,coal\n大同,2022,530\n阳泉,2022,420\n", encoding="utf8")
    place.gather(tmp_path / "more.csv", source="公报", vintage="2024-12")
    (note,) = told(place)
    assert note.level == "warning"
    for lang in ("zh", "en"):
        said = place.run("measure.index", plan="small").told(note, lang)
        assert "年鉴 (10) + 公报 (2)" in said
        assert {"zh": "煤炭增加值", "en": "coal value added"}[lang] in said.replace("Coal", "coal")
        assert "relode undo" in said


def told(place) -> list:
    return [note for note in place.run("measure.index", plan="small").notes if note.code.startswith("place.mixed")]
