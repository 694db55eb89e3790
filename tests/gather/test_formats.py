"""What goes out comes back the same; nothing that is written can run; what a format cannot hold is said."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relode.gather.formats import FORMATS, coinr, read_frame, text, tidy, write_panel
from relode.words.codelist import Codelist, Entity
from relode.words.errors import Misfit, RelodeError, UnknownWord
from relode.words.indicator import Indicator, system_of
from relode.words.panel import Panel
from relode.words.shelf import Shelf

ENDINGS = {"tidy": ".csv", "sdmx": ".csv", "wide": ".csv", "stata": ".dta", "spss": ".sav"}
EVERY = [("tidy", ".parquet"), ("tidy", ".xlsx"), *ENDINGS.items()]
REGIONS = Codelist((Entity("140200", "大同市", en="Datong"), Entity("140300", "阳泉市", en="Yangquan")))
KNOWN = {"gdp@district": Indicator("gdp@district", "市辖区生产总值", "Product of the districts", "100 million yuan")}
KEYS = ["scenario", "entity", "period", "indicator"]


def panel(*, status: bool = False, scenarios: tuple[str, ...] = ("actual",)) -> Panel:
    values = np.array([[0.1 + 0.2, np.nan], [1e-17, 123456789.123456789], [-3.5, 0.0], [2.0, 1 / 3]])
    block = np.broadcast_to(values.reshape(1, 2, 2, 2), (len(scenarios), 2, 2, 2))
    flags = np.zeros(block.shape, np.uint8)
    flags[:, 0, 1, 0], flags[:, 1, 1, 1] = (3 * status, 5 * status)  # P, B
    return Panel(
        block, scenarios, ("140200", "140300"), ("2022", "2023"), ("gdp@district", "industry.coal_share"),
        units=("100 million yuan", "%"), status=flags,
    )  # fmt: skip


def same(found: pd.DataFrame, wanted: Panel, columns: list[str], digits: float = 0) -> None:
    one = found.sort_values(KEYS).reset_index(drop=True)
    other = wanted.frame().sort_values(KEYS).reset_index(drop=True)
    for name in columns:
        close = pytest.approx(other[name].tolist(), rel=digits) if name == "value" and digits else other[name].tolist()
        assert one[name].tolist() == close, name


def kept_by(form: str) -> list[str]:
    return [*KEYS, "value"] if form == "wide" else [*KEYS, "value", "unit", "status"]


@pytest.mark.parametrize(("form", "ending"), EVERY)
def test_what_is_written_is_read_again(tmp_path: Path, form: str, ending: str) -> None:
    if form == "spss":
        pytest.importorskip("pyreadstat")
    path = tmp_path / f"x{ending}"
    wanted = panel(status=form != "wide")
    write_panel(wanted, path, form, regions=REGIONS, indicators=KNOWN, lang="zh")  # type: ignore[arg-type]
    found = read_frame(path, form)  # type: ignore[arg-type]
    same(found, wanted, kept_by(form), 1e-15 if ending == ".xlsx" else 0)
    again = Panel.of(found, units=dict(zip(found["indicator"], found["unit"], strict=True)))
    assert again.entities == wanted.entities


@pytest.mark.parametrize(
    ("form", "ending"), [("tidy", ".csv"), ("tidy", ".parquet"), ("tidy", ".xlsx"), ("sdmx", ".csv")]
)
def test_scenarios_are_kept_where_the_format_has_room(tmp_path: Path, form: str, ending: str) -> None:
    wanted = panel(scenarios=("actual", "target"))
    write_panel(wanted, tmp_path / f"x{ending}", form)  # type: ignore[arg-type]
    found = read_frame(tmp_path / f"x{ending}", form)  # type: ignore[arg-type]
    same(found, wanted, kept_by(form), 1e-15 if ending == ".xlsx" else 0)


@pytest.mark.parametrize("form", ["wide", "stata", "spss"])
def test_a_format_for_one_scenario_refuses_two(tmp_path: Path, form: str) -> None:
    with pytest.raises(Misfit) as told:
        write_panel(panel(scenarios=("actual", "target")), tmp_path / "x", form)  # type: ignore[arg-type]
    assert told.value.code == "formats.scenarios"


def test_wide_says_what_it_would_lose(tmp_path: Path) -> None:
    with pytest.raises(Misfit) as told:
        write_panel(panel(status=True), tmp_path / "x.csv", "wide")
    assert (told.value.code, told.value.details["count"]) == ("formats.flags", 2)
    write_panel(panel(status=True), tmp_path / "x.csv", "wide", flags=False)
    same(read_frame(tmp_path / "x.csv", "wide"), panel(), [*KEYS, "value"])


# -- laws ----------------------------------------------------------------------------------------------------

WORDS = st.text(min_size=1, max_size=12).filter(lambda word: word.isprintable() and word == word.strip())
HOSTILE = st.sampled_from(
    ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "'=x", "''@", "\t=1", "NA", "nan", "1e5", '"', "a,b"]
)
FIGURES = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def panels(draw: st.DrawFn, words: st.SearchStrategy[str]) -> Panel:
    entities = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    indicators = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    periods = draw(
        st.sampled_from([("2020",), ("2020", "2021"), ("2020H1", "2020H2"), ("2020Q4",), ("2020-01", "2020-12")])
    )
    shape = (1, len(entities), len(periods), len(indicators))
    count = int(np.prod(shape))
    values = draw(st.lists(FIGURES | st.just(float("nan")), min_size=count, max_size=count))
    status = draw(st.lists(st.sampled_from(range(4)), min_size=count, max_size=count))
    units = tuple(draw(words) for _ in indicators)
    return Panel(
        np.array(values).reshape(shape), ("actual",), tuple(entities), periods, tuple(indicators), units=units,
        status=np.array(status, np.uint8).reshape(shape),
    )  # fmt: skip


@pytest.mark.parametrize(("form", "ending"), [("tidy", ".csv"), ("tidy", ".parquet"), ("sdmx", ".csv")])
@settings(deadline=None, max_examples=25)
@given(wanted=panels(WORDS | HOSTILE))
def test_any_panel_comes_back(form: str, ending: str, wanted: Panel) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"x{ending}"
        write_panel(wanted, path, form)  # type: ignore[arg-type]
        same(read_frame(path, form), wanted, [*KEYS, "value", "unit", "status"])  # type: ignore[arg-type]


CODES = st.from_regex(r"[a-z][a-z0-9_]{0,6}(\.[a-z0-9_]{1,6})?", fullmatch=True)


@settings(deadline=None, max_examples=25)
@given(wanted=panels(CODES))
def test_any_panel_of_codes_comes_back_from_stata(wanted: Panel) -> None:
    calm = Panel(np.clip(wanted.values, -1e300, 1e300), *wanted.axes.values(), units=wanted.units, status=wanted.status)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.dta"
        write_panel(calm, path, "stata")
        same(read_frame(path, "stata"), calm, [*KEYS, "value", "unit", "status"])


@given(st.text(max_size=10) | HOSTILE)
def test_safe_text_is_never_run_and_can_be_taken_back(word: str) -> None:
    written = text.safe(word)
    assert text.unsafe(written) == word
    assert not re.match(f"[{re.escape(text.RUNS)}]", written) or re.fullmatch(r"[+-]?[\d.]+([eE][+-]?\d+)?", written)


# -- hostile text --------------------------------------------------------------------------------------------

NASTY = ('=HYPERLINK("http://x","y")', "+1+cmd|' /C calc'!A0", "@SUM(1)", "-1+1", "\t=1", "\r=1", "＝1+1", "=1\n=2")


def nasty() -> Panel:
    return Panel(np.ones((1, len(NASTY), 1, 1)), ("actual",), NASTY, ("2020",), ("=x",), units=("@u",))


@pytest.mark.parametrize("form", ["tidy", "sdmx", "wide"])
def test_no_cell_of_a_csv_can_run(tmp_path: Path, form: str) -> None:
    write_panel(nasty(), tmp_path / "x.csv", form)  # type: ignore[arg-type]
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[:1] in text.RUNS and cell]
    assert sorted(read_frame(tmp_path / "x.csv", form)["entity"]) == sorted(NASTY)  # type: ignore[arg-type]


def test_no_cell_of_a_workbook_can_run(tmp_path: Path) -> None:
    write_panel(nasty(), tmp_path / "x.xlsx", "tidy")
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_negative_numbers_stay_numbers() -> None:
    assert text.shown(-1.5) == "-1.5"
    assert text.safe("-1.5") == "-1.5"
    assert text.safe("+86 10") == "'+86 10"


def test_csv_opens_in_excel_and_wps(tmp_path: Path) -> None:
    write_panel(panel(), tmp_path / "x.csv", "wide", regions=REGIONS, lang="zh")
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "大同市" in (tmp_path / "x.csv").read_text("utf-8-sig")


# -- files as others write them ------------------------------------------------------------------------------


def test_the_world_banks_own_layout_is_read(tmp_path: Path) -> None:
    (tmp_path / "wb.csv").write_text(
        '\ufeff"Data Source","World Development Indicators",\n\n"Last Updated Date","2024-01-01",\n\n'
        '"Country Name","Country Code","Indicator Name","Indicator Code","1960","1961",\n'
        '"China","CHN","GDP (current US$)","NY.GDP.MKTP.CD","59716251764.5","",\n'
        '"Aruba","ABW","GDP (current US$)","NY.GDP.MKTP.CD","","",\n',
        "utf8",
    )
    found = read_frame(tmp_path / "wb.csv", "wide")
    assert found[["entity", "period", "indicator", "value"]].to_numpy().tolist() == [
        ["CHN", "1960", "NY.GDP.MKTP.CD", 59716251764.5]
    ]


def test_sdmx_has_its_heads_and_time_periods(tmp_path: Path) -> None:
    block = np.ones((1, 1, 2, 1))
    write_panel(Panel(block, ("actual",), ("1",), ("2024H1", "2024H2"), ("gdp",)), tmp_path / "x.csv", "sdmx")
    heads, first, _ = (tmp_path / "x.csv").read_text("utf8").splitlines()
    assert heads.startswith("STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA")
    assert first == "dataflow,RELODE:FACTS(1.0),I,S,1,gdp,actual,2024-S1,1.0,,A"


def test_sdmx_of_another_office_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "STRUCTURE[;],STRUCTURE_ID,ACTION,FREQ,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,DECIMALS\n"
        "dataflow,ESTAT:X(1.0),I,Q,PL22,UNE,2016-Q2,5.4,1\n",
        "utf8",
    )
    found = read_frame(path, "sdmx")
    assert found.to_numpy().tolist() == [["actual", "PL22", "2016Q2", "UNE", 5.4, "", "A"]]
    path.write_text(path.read_text("utf8").replace(",I,", ",D,"), "utf8")
    with pytest.raises(Misfit) as told:
        read_frame(path, "sdmx")
    assert told.value.code == "formats.deletes"


def test_stata_carries_labels(tmp_path: Path) -> None:
    write_panel(panel(), tmp_path / "x.dta", "stata", regions=REGIONS, indicators=KNOWN, lang="zh")
    with pd.read_stata(tmp_path / "x.dta", iterator=True) as reader:
        labels = reader.variable_labels()
        names = reader.value_labels()
    assert labels["gdp_district"] == "gdp@district: 市辖区生产总值, 100 million yuan"
    assert next(iter(names.values())) == {1: "大同市", 2: "阳泉市"}
    assert list(pd.read_stata(tmp_path / "x.dta")["entity_id"].astype(str))[:2] == ["大同市", "大同市"]


def test_a_dta_of_somebody_else_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"entity": ["a", "b"], "period": [2001, 2001], "pop": [1.5, 2.5], "note": ["x", "y"]})
    frame.to_stata(tmp_path / "x.dta", write_index=False)
    found = read_frame(tmp_path / "x.dta", "stata")
    assert found[["entity", "period", "indicator", "value"]].to_numpy().tolist() == [
        ["a", "2001", "pop", 1.5], ["b", "2001", "pop", 2.5],
    ]  # fmt: skip


def test_codes_that_collide_as_variables_stay_apart(tmp_path: Path) -> None:
    wanted = Panel(np.array([[[[1.0, 2.0]]]]), ("actual",), ("1",), ("2020",), ("a.b", "a_b"), units=("%", "%"))
    write_panel(wanted, tmp_path / "x.dta", "stata")
    same(read_frame(tmp_path / "x.dta", "stata"), wanted, [*KEYS, "value", "unit"])


@pytest.mark.parametrize("form", FORMATS)
def test_rubbish_is_refused_with_one_message(tmp_path: Path, form: str) -> None:
    if form == "spss":
        pytest.importorskip("pyreadstat")
    for content in (b"", b"\x00\xff\xfe rubbish", b"a,b\n1,2\n"):
        path = tmp_path / f"x{ENDINGS[form]}"
        path.write_bytes(content)
        with pytest.raises(RelodeError):
            read_frame(path, form)  # type: ignore[arg-type]
    with pytest.raises(Misfit) as told:
        read_frame(tmp_path / "not there", form)  # type: ignore[arg-type]
    assert told.value.code == "formats.file"


def test_an_spss_file_of_somebody_else_is_read_with_its_labels(tmp_path: Path) -> None:
    package = pytest.importorskip("pyreadstat")
    frame = pd.DataFrame({"city": ["大同", "阳泉"], "year": [2001.0, 2001.0], "pop": [1.5, None], "note": ["x", ""]})
    package.write_sav(frame, str(tmp_path / "x.sav"), column_labels=["", "", "pop: population, persons", ""])
    found = read_frame(tmp_path / "x.sav", "spss")
    assert found[["entity", "period", "indicator", "value", "unit"]].to_numpy().tolist() == [
        ["大同", "2001", "pop", 1.5, "persons"]
    ]


def hostile_surveys(good: bytes) -> dict[str, bytes]:
    """Hostile forms of an SPSS file."""
    huge = (2**31 - 1).to_bytes(4, "little")
    return {
        "wrong magic": b"$XX2" + good[4:],
        "only the magic": good[:4],
        "cut in the head": good[:100],
        "cut in the variables": good[:400],
        "a workbook": b"PK\x03\x04" + good[4:],
        "as many variables as fit": good[:68] + huge + good[72:200],
        "a label of two gigabytes": good[:200].ljust(200, b"\0") + huge * 50,
        "nothing": b"",
    }


@pytest.mark.parametrize("name", list(hostile_surveys(b"$FL2" + b"\0" * 600)))
def test_a_hostile_spss_file_is_refused_by_the_guard_with_one_message(tmp_path: Path, name: str) -> None:
    pytest.importorskip("pyreadstat")
    path = tmp_path / "x.sav"
    write_panel(panel(), path, "spss", regions=REGIONS, indicators=KNOWN)
    path.write_bytes(hostile_surveys(path.read_bytes())[name])
    with pytest.raises(Misfit) as told:
        read_frame(path, "spss")
    assert told.value.code.startswith("hostile.")
    assert "x.sav" in str(told.value)


def test_an_spss_file_with_more_cells_than_a_table_can_have_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = pytest.importorskip("pyreadstat")
    from relode.gather.yearbook import child

    package.write_sav(pd.DataFrame({"a": range(20), "b": range(20)}), str(tmp_path / "x.sav"))
    assert "sheets" in child.main(str(tmp_path / "x.sav"), "spss")
    monkeypatch.setattr(child, "MOST_CELLS", 30)
    assert child.main(str(tmp_path / "x.sav"), "spss")["refused"] == "hostile.wide"


def test_unknown_formats_endings_and_bad_cells_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownWord):
        write_panel(panel(), tmp_path / "x", "json")  # type: ignore[arg-type]
    with pytest.raises(Misfit) as told:
        write_panel(panel(), tmp_path / "x.json", "tidy")
    assert told.value.code == "formats.ending"
    (tmp_path / "x.csv").write_text("entity,period,indicator,value\n1,2020,gdp,abc\n", "utf8")
    with pytest.raises(Misfit) as told:
        read_frame(tmp_path / "x.csv", "tidy")
    assert (told.value.code, told.value.where) == ("formats.figure", "x.csv, 2")
    (tmp_path / "x.csv").write_text("entity,period,indicator,value,status\n1,2020,gdp,1,Z\n", "utf8")
    with pytest.raises(Misfit) as told:
        read_frame(tmp_path / "x.csv", "tidy")
    assert told.value.code == "formats.status"


def test_chinese_csv_in_gb18030_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes("entity,period,indicator,value\n大同市,2020,gdp,1.5\n".encode("gb18030"))
    assert tidy.read(tmp_path / "x.csv")["entity"].tolist() == ["大同市"]


# -- COINr ---------------------------------------------------------------------------------------------------


def test_a_system_goes_to_coinr_and_back(tmp_path: Path) -> None:
    system = Shelf().system("city12")
    rng = np.random.default_rng(1)
    values = rng.normal(size=(1, 2, 2, 12))
    values[0, 0, 0, 3] = np.nan
    wanted = Panel(values, ("actual",), ("140200", "140300"), ("2022", "2023"), system.codes,
                   units=tuple(i.unit for i in system.indicators))  # fmt: skip
    coinr.write(wanted, system, REGIONS, tmp_path / "d.csv", tmp_path / "m.csv")
    coin = coinr.read(tmp_path / "d.csv", tmp_path / "m.csv", name="city12")
    same(coin.frame, wanted, [*KEYS, "value", "unit"])
    assert [(i.code, i.en, i.unit, i.direction, i.weight) for i in coin.system.indicators] == [
        (i.code, i.en, i.unit, i.direction, i.weight) for i in system.indicators
    ]
    assert [g.code for g in coin.system.root.groups] == [g.code for g in system.root.groups]
    assert coin.regions["140200"].name == "Datong"
    heads = (tmp_path / "m.csv").read_text("utf8").splitlines()
    assert heads[0] == "Level,iCode,iName,Direction,Weight,Unit,Parent,Type"
    assert heads[-1].startswith("3,city12,")
    assert heads[-1].endswith(",NA,Aggregate")


def test_the_example_of_coinr_is_read() -> None:
    # ASEM sustainable connectivity, COINr 1.1.14: 51 countries, 49 indicators in 8 pillars of 2 sub-indices
    folder = Path(__file__).parents[2].parent / "shared" / "data" / "reference" / "asem"
    if not folder.is_dir():
        pytest.skip("the reference data are not beside the repository")
    coin = coinr.read(folder / "asem_idata.csv", folder / "asem_imeta.csv", name="asem", period="2018")
    assert len(coin.regions) == 51
    judged = [i for i in coin.system.indicators if i.direction]
    assert len(judged) == 49
    assert [len(list(g.groups)) for g in coin.system.root.groups] == [5, 3]
    assert Panel.of(coin.frame).shape[1] == 51


def test_a_parent_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("iCode,iName,Parent,Type\na,A,gone,Indicator\n", "utf8")
    (tmp_path / "d.csv").write_text("uCode,a\nx,1\n", "utf8")
    with pytest.raises(Misfit) as told:
        coinr.read(tmp_path / "d.csv", tmp_path / "m.csv", name="s")
    assert told.value.code == "formats.parent"


def test_figures_with_a_best_range_go_to_coinr_as_their_distance_from_it(tmp_path: Path) -> None:
    leaf = {"zh": "存贷比", "en": "Loans over deposits", "unit": "%", "best": [60, 75]}
    system = system_of({"name": "s", "version": 1, "zh": "s", "en": "s", "indicators": {"loans": leaf}})
    values = np.array([70.0, 90.0, np.nan, 50.0]).reshape(1, 2, 2, 1)
    wanted = Panel(values, ("actual",), ("140200", "140300"), ("2022", "2023"), ("loans",))
    coinr.write(wanted, system, REGIONS, tmp_path / "d.csv", tmp_path / "m.csv")
    table = pd.read_csv(tmp_path / "d.csv").set_index(["uCode", "Time"])["loans"]
    assert table[140200].tolist() == [0.0, 15.0]
    assert table[140300, 2023] == 10.0
    assert pd.read_csv(tmp_path / "m.csv").set_index("iCode")["Direction"]["loans"] == -1
    assert wanted.values[0, 0, 1, 0] == 90.0
