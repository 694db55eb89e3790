"""The provinces of Morocco, as the installed package has them."""

from __future__ import annotations

import csv
import gzip
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from relode.gather import morocco
from relode.gather.embedded import EMBEDDED, Embedded
from relode.words.indicator import IndicatorSystem
from relode.words.shelf import Shelf

RESOURCE = ("02.275", "05.311", "07.585")


@cache
def place() -> Embedded:
    return EMBEDDED["morocco"]()


@cache
def facts() -> pd.DataFrame:
    return pd.concat([frame for _, frame in place().batches], ignore_index=True)


def figure(entity: str, indicator: str, period: str) -> float:
    found = facts()
    rows = found[(found.entity == entity) & (found.indicator == indicator) & (found.period == period)]
    assert len(rows) == 1
    return float(rows.value.iloc[0])


@cache
def wide(period: str) -> pd.DataFrame:
    found = facts()
    kept = found[(found.period == period) & found.entity.isin(place().regions.at("province"))]
    return kept.pivot_table(index="entity", columns="indicator", values="value")


def test_there_are_83_provinces_12_regions_and_the_country() -> None:
    regions = place().regions
    assert (len(regions.at("province")), len(regions.at("region")), regions.at("country")) == (83, 12, ("MA",))
    assert pd.Series([regions[code].type for code in regions.at("province")]).value_counts().to_dict() == {
        "province": 62, "prefecture": 13, "prefecture_of_arrondissements": 8,
    }  # fmt: skip


def test_codes_and_names_stay_as_published() -> None:
    jerada = place().regions["02.275"]
    assert (jerada.name, jerada.parent, jerada.zh, jerada.en) == ("Jerada", "02", "", "")
    assert place().regions.find("Béni Mellal").code == "05.091"


def test_the_eight_prefectures_of_arrondissements_lie_within_casablanca() -> None:
    assert place().regions["06.141.01.00"].parent == "06.141"
    assert len(place().regions.under("06.141")) == 9


def test_the_resource_places_are_marked_and_their_mark_has_a_source() -> None:
    marked = {e.code: e.tags for e in place().regions.values() if e.tags}
    assert marked == {"02.275": ("coal",), "05.311": ("phosphate",), "07.585": ("phosphate",)}
    assert all(place().regions[code].source for code in RESOURCE)


# HCP, RGPH 2024, Population légale: Jerada 103 527, Khouribga 525 145, Youssoufia 246 148, Maroc 36 828 330;
# RGPH 2014: Maroc 33 848 242. HCP, RGPH 2024: taux de chômage national 21,3 %, taux d'analphabétisme 24,8 %.
@pytest.mark.parametrize(
    ("entity", "indicator", "period", "published"),
    [
        ("02.275", "people.population_legal", "2024", 103_527),
        ("05.311", "people.population_legal", "2024", 525_145),
        ("07.585", "people.population_legal", "2024", 246_148),
        ("MA", "people.population_legal", "2024", 36_828_330),
        ("MA", "people.population_legal", "2014", 33_848_242),
        ("MA", "people.labour_unemployment_rate", "2024", 21.3),
        ("MA", "people.illiteracy_rate_10_plus", "2024", 24.8),
        ("MA", "people.illiteracy_rate_10_plus", "2014", 32.2),
    ],
)
def test_published_figures_are_read_unaltered(entity: str, indicator: str, period: str, published: float) -> None:
    assert figure(entity, indicator, period) == published


def test_provinces_without_the_parts_of_casablanca_sum_to_the_country() -> None:
    regions = place().regions
    top = [code for code in regions.at("province") if regions[code].parent != "06.141"]
    assert sum(figure(code, "people.population_legal", "2024") for code in top) == 36_828_330


def test_every_fact_names_its_cell_in_the_package() -> None:
    batch, frame = place().batches[2]
    path = morocco.path_of(morocco.TABLES[2])
    assert batch.file.endswith("indicators/people.csv.gz")
    with gzip.open(path, "rt", encoding="utf8", newline="") as file:
        rows = list(csv.reader(file))
    for fact in frame.sample(200, random_state=1).itertuples():
        assert float(rows[fact.row - 1][fact.col - 1]) == fact.value
        assert rows[fact.row - 1][0] == ("" if fact.entity == "MA" else fact.entity)


def test_a_blank_is_no_fact() -> None:
    rabat = facts()[facts().entity == "04.421"]
    assert "households.distance_to_paved_road_km" not in set(rabat.indicator)
    assert not facts().value.isna().any()


def test_no_figure_stands_twice() -> None:
    assert not facts().duplicated(["entity", "period", "indicator"]).any()


def test_every_heading_has_a_name_a_unit_and_a_range_that_its_figures_keep() -> None:
    known = Shelf().facts
    for code, values in facts().groupby("indicator").value:
        low, high = known[code].range
        assert known[code].unit
        assert low is None or values.min() >= low, code
        assert high is None or values.max() <= high, code


def test_a_batch_says_where_it_is_from_and_when() -> None:
    for batch, _ in place().batches:
        assert batch.source in Shelf().sources
        assert batch.recipe == "embedded:morocco"
        assert len(batch.file_hash) == 64
        assert batch.vintage.isoformat() >= "2026-09-17"  # the package's retrievedAt


def test_series_of_the_two_censuses_are_one_family() -> None:
    assert {batch.series for batch, _ in place().batches} == {"hcp_rgph", "hcp_establishments"}


def test_without_boundaries_no_neighbours_are_made_up() -> None:
    assert place().ties is None
    assert not place().maps
    assert "边界" in Shelf().sources["hcp_rgph_2024"].changes_zh


@pytest.mark.shared
def test_facts_equal_the_prototype_table(shared: Path) -> None:
    table = pd.read_csv(shared / "pip_prototypes" / "morocco_provinces_from_pip.csv", dtype={"code": str})
    compared = 0
    for period in ("2014", "2024"):
        ours = wide(period)
        theirs = table[table.year == int(period)].set_index("code").loc[ours.index]
        for spec in morocco.TABLES:
            if spec.period != period or spec.branch == "housing":
                continue
            for column in theirs.columns:
                plain = morocco.indicator_of(spec, column)
                code = next((c for c in (f"{plain}@asked{period}", plain) if c in ours), None)
                if code and theirs[column].notna().any():
                    pd.testing.assert_series_equal(
                        ours[code], theirs[column].astype(float), check_names=False, obj=f"{code} {period}"
                    )
                    compared += 1
    assert compared > 170


# -- the two indicator systems ---------------------------------------------------------------------


def system(name: str) -> IndicatorSystem:
    return Shelf().system(name)


def test_every_heading_that_both_censuses_share_is_used_or_left_out_with_a_reason() -> None:
    def plain(codes: pd.Series) -> set[str]:
        return {code.partition("@")[0] for code in codes}

    found = facts()
    both = plain(found[found.period == "2014"].indicator) & plain(found[found.period == "2024"].indicator)
    change = system("morocco_change")
    used = {code.partition("@")[0] for code in change.reads}
    reasons = [heading for heading, _, _ in change.excluded]
    left = [code for code in sorted(both) if code not in used and not any(fnmatch(code, name) for name in reasons)]
    assert left == []


def test_every_exclusion_names_a_heading_that_there_is() -> None:
    for name in ("morocco_level", "morocco_change"):
        for heading, _, _ in system(name).excluded:
            assert any(fnmatch(code, heading) for code in Shelf().facts), heading


def test_nothing_is_both_used_and_excluded_by_name() -> None:
    for name in ("morocco_level", "morocco_change"):
        used = set(system(name).reads)
        assert not used & {heading for heading, _, _ in system(name).excluded}


def test_an_indicator_measured_once_never_enters_a_change() -> None:
    for code in system("morocco_change").reads:
        assert code in wide("2014").columns, code
        assert code in wide("2024").columns, code


def test_no_heading_that_was_asked_otherwise_enters_a_change() -> None:
    reads = set(system("morocco_change").reads)
    asked = {code.partition("@")[0] for code in Shelf().facts if code.endswith("@asked2014")}
    assert asked
    assert not reads & asked


def test_each_exclusion_has_a_reason_in_both_languages() -> None:
    for name in ("morocco_level", "morocco_change"):
        assert system(name).excluded
        assert all(zh.strip() and en.strip() for _, zh, en in system(name).excluded)


def test_the_sizes_are_as_described() -> None:
    judged = {
        name: [i.code for i in system(name).indicators if i.direction] for name in ("morocco_level", "morocco_change")
    }
    assert len(judged["morocco_level"]) == 29
    assert {code.partition(".")[0] for code in judged["morocco_level"]} == {
        "industry",
        "livelihood",
        "amenities",
        "people",
    }
    assert len(judged["morocco_change"]) == len(system("morocco_change").codes) == 19


def values(name: str, period: str) -> pd.DataFrame:
    frame = wide(period)
    names = {f"f{n}": code for n, code in enumerate(system(name).reads)}
    given = {short: frame[code] for short, code in names.items()}

    def formula(text: str) -> str:
        for short, code in sorted(names.items(), key=lambda pair: -len(pair[1])):
            text = text.replace(code, short)
        return text

    return pd.DataFrame({i.code: eval(formula(i.formula or i.code), {}, given) for i in system(name).indicators})


@pytest.mark.parametrize(("name", "period"), [("morocco_level", "2024"), ("morocco_change", "2014"),
                                              ("morocco_change", "2024")])  # fmt: skip
def test_no_two_indicators_are_one_and_none_is_constant_or_out_of_range(name: str, period: str) -> None:
    found = values(name, period)
    correlation = found.corr().abs()
    pairs = [(a, b) for n, a in enumerate(found) for b in list(found)[n + 1 :] if correlation.loc[a, b] > 0.92]
    assert pairs == []
    assert (found.nunique() > 5).all()
    assert (found.notna().mean() >= 0.65).all()
    for indicator in system(name).indicators:
        low, high = indicator.range
        assert low is None or found[indicator.code].min() >= low, indicator.code
        assert high is None or found[indicator.code].max() <= high, indicator.code


def test_the_same_code_means_the_same_in_both_systems() -> None:
    level, change = ({i.code: i for i in system(name).indicators} for name in ("morocco_level", "morocco_change"))
    for code in level.keys() & change.keys():
        one, other = level[code], change[code]
        same = ("formula", "unit", "direction", "zh", "en", "range")
        assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same], code


def test_no_indicator_has_the_code_of_a_published_heading_unless_it_is_one() -> None:
    for name in ("morocco_level", "morocco_change", "us_states"):
        assert not set(system(name).codes) & set(Shelf().facts)
