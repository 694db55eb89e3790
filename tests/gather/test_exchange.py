"""What leaves a place comes back into another the same, in every format; nothing that is written can run."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import relode
from relode.app.exchange import Chosen, bring_coin, export, written
from relode.app.place import Place
from relode.gather.formats import known, tidy
from relode.words.batch import Batch
from relode.words.codelist import Codelist
from relode.words.errors import Misfit, RelodeError, UnknownWord
from relode.words.indicator import IndicatorSystem, system_of
from relode.words.method import Need
from relode.words.panel import Panel
from relode.words.shelf import Shelf

HOSTILE = (
    "=1+1",
    "@SUM(A1)",
    "+cmd|' /C calc'!A0",
    '=HYPERLINK("http://x","y")',
    "-2+3",
    "\t=1",
    "{=1}",
    "http://x.cn",
)
FACTS = ("gdp", "population.resident", "area", "co2")


@pytest.fixture
def make(tmp_path: Path):  # type: ignore[no-untyped-def]
    def made(name: str) -> Place:
        here = relode.open(tmp_path / name)
        settings = here.folder / "relode.toml"
        settings.write_text(settings.read_text("utf8").replace('regions = ""', 'regions = "china_cities"'), "utf8")
        return relode.open(here.folder)

    return made


def filled(place: Place, *, status: str = "A") -> Place:
    rows = [
        (city, year, code, 100.5 * k + n / 3 + int(year) - 2000, "P" if year == "2023" and status != "A" else "A")
        for k, city in enumerate(("140200", "140300", "140400"), 1)
        for year in ("2022", "2023")
        for n, code in enumerate(FACTS)
        if (city, year, code) != ("140300", "2023", "area")
    ]
    facts = pd.DataFrame(rows, columns=["entity", "period", "indicator", "value", "status"])
    place.load(Batch("s", "s", pd.Timestamp("2024-01-01").date(), "t"), facts)
    return place


def panel(place: Place) -> Panel:
    with place.store(read_only=True) as store:
        return store.panel(Need())


@pytest.mark.parametrize(
    ("name", "format"),
    [("x.csv", ""), ("x.parquet", ""), ("x.xlsx", ""), ("x.dta", ""), ("x.sav", ""), ("x.csv", "sdmx")],
)
def test_what_leaves_a_place_comes_into_another_the_same(make, tmp_path: Path, name: str, format: str) -> None:  # type: ignore[no-untyped-def]
    if name.endswith(".sav"):
        pytest.importorskip("pyreadstat")
    one = filled(make("one"), status="P")
    (path,) = export(one, tmp_path / name, Chosen(), format=format, lang="zh")  # type: ignore[arg-type]
    other = make("other")
    batch = other.gather(path, source="s", vintage="2024")
    assert batch.facts == 23
    assert batch.batch.recipe == "table"
    there, here = panel(other), panel(one)
    assert (there.axes, there.units) == (here.axes, here.units)
    assert there.status is not None
    assert np.array_equal(there.status, here.status)
    exact = 1e-15 if name.endswith(".xlsx") else 0  # Excel writes sixteen digits
    assert np.allclose(there.values, here.values, rtol=exact, atol=0, equal_nan=True)


def test_a_wide_csv_says_what_it_loses_and_comes_back(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    one = filled(make("one"), status="P")
    with pytest.raises(Misfit) as told:
        one.export(tmp_path / "w.csv", format="wide")
    assert told.value.code == "formats.flags"
    (path,) = one.export(tmp_path / "w.csv", format="wide", flags=False, lang="zh")
    assert "大同市" in path.read_text("utf-8-sig")
    other = make("other")
    other.gather(path, source="s", vintage="2024")
    assert np.array_equal(panel(other).values, panel(one).values, equal_nan=True)


def test_a_system_is_written_as_its_indicators(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (path,) = filled(make("one")).export(tmp_path / "s.csv", system="city12", periods=("2023",), level="city")
    found = tidy.read(path)
    assert set(found["indicator"]) == {
        "livelihood.gdp_per_head",
        "industry.density",
        "ecology.co2_per_gdp",
        "ecology.co2_per_head",
    }
    assert set(found["period"]) == {"2023"}


def test_the_pair_of_coinr_goes_out_and_comes_in(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    one = filled(make("one"))
    idata, imeta = one.export(tmp_path / "iData.csv", system="city12", format="coinr")
    assert imeta.name == "iMeta.csv"
    assert export(one, tmp_path / "z.csv", Chosen(system="city12"), format="coinr")[1].name == "z_iMeta.csv"
    other = relode.open(tmp_path / "other")
    bring_coin(other, idata, imeta, name="mine", source="s", vintage="2024")
    system = relode.open(other.folder).shelf.system("mine")
    assert [group.code for group in system.root.groups] == ["industry", "ecology", "livelihood"]
    assert system["ecology.co2_per_gdp"].direction == -1  # type: ignore[union-attr]
    assert Codelist.load(other.folder / "regions" / "mine.csv")["140200"].name == "Datong"
    assert set(panel(other).indicators) == set(system.codes)
    with pytest.raises(Misfit) as told:
        bring_coin(other, idata, imeta, name="mine", source="s", vintage="2025")
    assert told.value.code == "formats.there"
    with pytest.raises(Misfit) as told:
        one.export(tmp_path / "iData.csv", format="coinr")
    assert told.value.code == "formats.system"


@pytest.mark.parametrize("name", sorted(Shelf().names("indicators")))
def test_a_system_as_a_file_is_the_system(name: str, tmp_path: Path) -> None:
    from relode.words.indicator import read_yaml

    spec = read_yaml(Shelf().path("indicators", name))
    if "groups" not in spec:
        pytest.skip("a catalogue of facts")
    wanted = system_of(spec)
    (tmp_path / "s.yaml").write_text(written(wanted), "utf8")
    again = IndicatorSystem.load(tmp_path / "s.yaml")
    assert again.indicators == wanted.indicators
    assert [(g.code, g.zh, g.weight) for g in again.root.nodes()] == [
        (g.code, g.zh, g.weight) for g in wanted.root.nodes()
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_live_formula_comes_from_data(text: str, tmp_path: Path) -> None:
    hostile = Panel(np.ones((1, 1, 1, 1)), (text,), (text,), ("2020",), (text,), units=(text,))
    tidy.write(hostile, tmp_path / "x.xlsx")
    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
        rels = [name for name in book.namelist() if "sheet1.xml.rels" in name]
    assert not any("<f>" in sheet or "<f " in sheet or "hyperlink" in sheet for sheet in sheets)
    assert not rels
    assert tidy.read(tmp_path / "x.xlsx")["entity"].tolist() == [
        text.strip() if text.startswith("\t") else text
    ] or text.startswith("\t")


def test_units_of_others_are_converted_and_currencies_are_not(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    place = make("one")
    path = tmp_path / "x.csv"
    head = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n"
    path.write_text(head + "140200,gdp,2022,12000000,10 thousand yuan\n", "utf8")
    place.gather(path, source="s", vintage="2024")
    assert panel(place).values.item() == pytest.approx(1200)
    path.write_text(head + "140200,gdp,2022,12,million USD\n", "utf8")
    with pytest.raises(Misfit) as told:
        place.gather(path, source="s", vintage="2025")
    assert told.value.code == "table.unit"


def test_all_faults_of_a_file_are_told_together(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    frame = pd.DataFrame(
        {"city": ["大同市", "无此市"], "year": [2020, 2020], "gdp": [1.0, 2.0], "nonsense": [1.0, 2.0]}
    )
    frame.to_stata(tmp_path / "x.dta", write_index=False, version=118)
    with pytest.raises(RelodeError) as told:
        make("one").gather(tmp_path / "x.dta", source="s", vintage="2024")
    text = told.value.told("zh")
    assert "无此市" in text
    assert "nonsense" in text


def test_a_dta_of_others_is_read_by_the_heads_of_its_variables(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    frame = pd.DataFrame({"code": [140200, 140300], "year": [2020.0, 2020.0], "gdp": [1.0, 2.0]})
    frame.to_stata(tmp_path / "x.dta", write_index=False)
    place = make("one")
    assert place.gather(tmp_path / "x.dta", source="s", vintage="2024").facts == 2
    assert panel(place).entities == ("140200", "140300")
    frame.assign(city=frame["code"]).to_stata(tmp_path / "two.dta", write_index=False)
    with pytest.raises(Misfit) as told:
        place.gather(tmp_path / "two.dta", source="s", vintage="2025")
    assert told.value.expected == ("code", "city")


def test_a_figure_that_stands_twice_and_a_file_without_any_are_refused(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    place = make("one")
    frame = pd.DataFrame(
        {"entity": ["140200"] * 2, "period": ["2020"] * 2, "indicator": ["gdp"] * 2, "value": [1.0, 2.0]}
    )
    for rows, code in ((frame, "formats.double"), (frame.assign(value=np.nan), "formats.nothing")):
        path = tmp_path / f"{code}.dta"
        rows.pivot_table(index=["entity", "period"], columns="indicator", values="value", aggfunc="first", dropna=False)
        tidy_path = tmp_path / f"{code}.parquet"
        import duckdb

        duckdb.connect().execute("copy (from rows) to $path (format parquet)", {"path": str(tidy_path)})
        with pytest.raises(Misfit) as told:
            place.gather(tidy_path, source="s", vintage="2024")
        assert told.value.code == code
        assert not path.exists()


def test_a_format_is_told_by_its_ending_or_its_heads(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("地区,年份,gdp\n", "utf8")
    (tmp_path / "b.csv").write_text("REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE\n", "utf8")
    (tmp_path / "c.csv").write_text(
        '"Data Source"\n\nCountry Name,Country Code,Indicator Name,Indicator Code,1960\n', "utf8"
    )
    (tmp_path / "d.csv").write_bytes(b"")
    found = [
        known.format_of(tmp_path / name) for name in ("a.csv", "b.csv", "c.csv", "d.csv", "e.dta", "f.SAV", "g.xlsx")
    ]
    assert found == [None, "sdmx", "wide", None, "stata", "spss", None]


def test_an_ending_that_is_not_known_is_refused_with_those_that_are(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnknownWord) as told:
        filled(make("one")).export(tmp_path / "x.json")
    assert ".dta" in told.value.expected
    with pytest.raises(RelodeError):
        make("empty").export(tmp_path / "x.csv")


def test_the_command_line_writes_and_reads_them(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    place, other = filled(make("one")), make("other")

    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "relode", *words], capture_output=True, text=True, cwd=tmp_path)

    done = typed("export", "-o", "f.dta", "-o", "f.parquet", "--place", str(place.folder))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["f.dta", "f.parquet"]
    done = typed("gather", "f.dta", "--source", "s", "--vintage", "2024", "--place", str(other.folder))
    assert done.returncode == 0, done.stderr
    done = typed("export", "-o", "iData.csv", "--format", "coinr", "--system", "city12", "--place", str(place.folder))
    assert done.stdout.split() == ["iData.csv", "iMeta.csv"]
    third = relode.open(tmp_path / "third").folder
    pair = ("coinr", "iData.csv", "iMeta.csv", "--name", "mine", "--source", "s", "--vintage", "2024")
    done = typed(*pair, "--place", str(third))
    assert done.returncode == 0, done.stderr
    assert (third / "indicators" / "mine.yaml").is_file()
