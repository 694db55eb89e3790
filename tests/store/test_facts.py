"""Loading, both clocks, undoing, history, ties, log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relode.store.facts import Store
from relode.words.batch import AsOf, Batch
from relode.words.errors import Impossible, Misfit, RelodeError, Several, UnknownWord, Unwritable
from relode.words.indicator import Indicator
from relode.words.log import Event
from relode.words.method import Need
from relode.words.texts import say
from relode.words.ties import Ties

Load = Callable[..., int]
GDP = Need(("gdp",))


def one(store: Store, **asked: Any) -> float:
    """The only figure of a panel."""
    values = store.panel(GDP, **asked).values
    assert values.size == 1
    return float(values.ravel()[0])


# -- both clocks -----------------------------------------------------------------------------------


def test_the_newest_vintage_is_read_also_when_it_was_loaded_first(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 2.0), vintage="2025-01-01")
    load(("150600", "gdp", "2023", 1.0), vintage="2024-01-01")
    assert one(store) == 2.0


def test_as_of_a_vintage_reads_what_had_been_published(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 1.0), vintage="2024-01-01")
    load(("150600", "gdp", "2023", 2.0), vintage="2025-01-01")
    assert one(store, asof=AsOf(vintage=date(2024, 12, 31))) == 1.0
    assert one(store, asof=AsOf(vintage=date(2025, 1, 1))) == 2.0
    assert store.panel(GDP, asof=AsOf(vintage=date(2023, 1, 1))).shape == (1, 0, 0, 1)


def test_as_of_a_moment_reads_what_was_known(store: Store, made: Any) -> None:
    for month, value in ((3, 1.0), (6, 2.0)):
        moment = datetime(2025, month, 1, tzinfo=UTC)
        store.load(made.batch(), made.rows(("150600", "gdp", "2023", value)), indicators=made.INDICATORS, loaded=moment)
    assert one(store, asof=AsOf(known=datetime(2025, 4, 1, tzinfo=UTC))) == 1.0
    assert one(store, asof=AsOf(known=datetime(2025, 7, 1, tzinfo=UTC))) == 2.0
    assert one(store) == 2.0


def test_within_one_vintage_the_later_load_is_a_correction(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 1.0))
    load(("150600", "gdp", "2023", 3.0))
    assert one(store) == 3.0


def test_a_clock_that_was_set_back_does_not_make_a_correction_older(
    store: Store, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relode.store import facts

    load(("150600", "gdp", "2023", 1.0))
    monkeypatch.setattr(facts, "_now", lambda: datetime(1999, 1, 1))
    load(("150600", "gdp", "2023", 3.0))
    assert one(store) == 3.0
    assert store.batches()[0].loaded == store.batches()[1].loaded


# -- undo ------------------------------------------------------------------------------------------


def test_an_undone_batch_is_gone_from_reads_and_stays_for_those_who_look_back(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 1.0))
    wrong = load(("150600", "gdp", "2023", 9.0))
    before = datetime.now(UTC)
    undone = store.undo(wrong, actor="li")
    assert one(store) == 1.0
    assert one(store, asof=AsOf(known=before)) == 9.0
    assert undone.undone is not None
    assert undone.undone_by == "li"
    assert store.batches()[1] == undone
    assert [e.event for e in store.log(f"batch:{wrong}").events] == ["loaded", "undone"]


def test_undoing_twice_or_what_is_not_there_is_told(store: Store, load: Load) -> None:
    number = load(("150600", "gdp", "2023", 1.0))
    store.undo(number, actor="li")
    with pytest.raises(Misfit, match="undone by li"):
        store.undo(number, actor="li")
    with pytest.raises(UnknownWord):
        store.undo(99, actor="li")


def test_history_shows_every_version_with_its_cell_and_who_undid_it(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 1.0), vintage="2024-01-01", sheet="表 1", row=4, col=28, unit="万元", factor=1e-4)
    load(("150600", "gdp", "2023", 2.0), series="bulletin", vintage="2025-01-01")
    store.undo(2, actor="li")
    history = store.history("150600", "gdp", "2023")
    assert history["value"].tolist() == [1.0, 2.0]
    assert history["cell"].tolist() == ["表 1!AB4", ""]
    assert history["unit_read"][0] == "万元"
    assert history["factor"][0] == 1e-4
    assert history["undone"].isna().tolist() == [True, False]
    assert history["series"].tolist() == ["yearbook", "bulletin"]


def test_a_column_read_in_several_units_does_not_double_the_history(store: Store, made: Any) -> None:
    frame = made.rows(("150600", "gdp", "2023", 1.0), ("140200", "gdp", "2023", 2.0), row=4, col=2, factor=1.0)
    store.load(made.batch(), frame.assign(unit=["亿元", "万元"]), indicators=made.INDICATORS)
    history = store.history("150600", "gdp", "2023")
    assert history["value"].tolist() == [1.0]
    assert history["unit_read"].isna().all()


# -- series ----------------------------------------------------------------------------------------


def test_the_first_preferred_series_that_has_the_key_serves_it(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 1.0), ("140200", "gdp", "2023", 5.0), series="a")
    load(("150600", "gdp", "2023", 2.0), series="b")
    load(("150600", "gdp", "2023", 3.0), ("140200", "gdp", "2023", 6.0), series="c")
    assert store.panel(GDP, prefer=["b", "c"]).array()[:, 0, 0].tolist() == [2.0, 6.0]
    with pytest.raises(Misfit) as fault:
        store.panel(GDP, prefer=["b"])  # Datong is not in b, and a and c differ
    assert fault.value.details["count"] == 1
    assert "140200" in fault.value.where


def test_a_preferred_series_that_withdrew_a_figure_is_not_passed_over(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 1.0), series="a", vintage="2024-01-01")
    load(("150600", "gdp", "2023", 2.0), series="b")
    load(("150600", "gdp", "2023", None), series="a", vintage="2025-01-01")
    assert np.isnan(one(store, prefer=["a"]))


def test_series_that_agree_need_no_preference(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 1.0), series="a")
    load(("150600", "gdp", "2023", 1.0), series="b")
    assert one(store) == 1.0


def test_a_misspelt_preference_is_told(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 1.0))
    with pytest.raises(UnknownWord, match="yearbok"):
        store.panel(GDP, prefer=["yearbok"])


def test_conflicts_lists_all_differences(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 1.0), ("140200", "gdp", "2023", 5.0), series="a")
    load(("150600", "gdp", "2023", 4.0), ("140200", "gdp", "2023", 5.0), series="b")
    found = store.conflicts(GDP)
    assert found.to_dict("records") == [
        {"entity": "150600", "period": "2023", "indicator": "gdp", "scenario": "actual", "series_a": "a",
         "value_a": 1.0, "series_b": "b", "value_b": 4.0, "difference": 3.0}
    ]  # fmt: skip


# -- axes ------------------------------------------------------------------------------------------


def test_entities_stand_in_the_order_of_the_codelist_and_periods_by_time(store: Store, load: Load) -> None:
    load(("140200", "gdp", "2010", 1.0), ("150600", "gdp", "2009", 2.0), ("150000", "gdp", "2010", 3.0))
    panel = store.panel(GDP)
    assert panel.entities == ("150000", "150600", "140200")
    assert panel.periods == ("2009", "2010")
    assert store.panel(Need(("gdp",), level="city")).entities == ("150600", "140200")
    assert store.panel(Need(("gdp",), entities=("140200", "150600"))).entities == ("140200", "150600")
    assert panel.units == ("亿元",)
    assert panel.sources == ("yearbook",)


def test_a_level_shows_also_those_without_figures(store: Store, load: Load) -> None:
    load(("140200", "gdp", "2010", 1.0))
    assert np.isnan(store.panel(Need(("gdp",), level="city")).values).sum() == 1
    with pytest.raises(UnknownWord, match="planet"):
        store.panel(Need(("gdp",), level="planet"))


def test_a_scenario_has_its_own_periods(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2020", 1.0), ("150600", "gdp", "2023", 1.0))
    load(("150600", "gdp", "2025", 9.0), scenario="target")
    assert store.panel(GDP).periods == ("2020", "2023")
    both = store.panel(Need(("gdp",), scenarios=("actual", "target")))
    assert both.scenarios == ("actual", "target")
    assert both.periods == ("2020", "2023", "2025")


def test_a_panel_above_fifty_million_cells_is_refused_before_it_is_made(store: Store, load: Load) -> None:
    from relode.store.dense import Axis, Rows, cells_of

    none = np.zeros(0, np.int64)
    rows = Rows(dict.fromkeys(("scenario", "entity", "period", "indicator"), none), none, none,
                np.zeros(0), np.zeros(0, np.uint8), np.zeros(0, np.int32))  # fmt: skip
    wide = Axis(tuple(map(str, range(4000))), tuple(range(4000)))
    with pytest.raises(Misfit) as fault:
        cells_of(rows, {"scenario": wide, "entity": wide, "period": wide, "indicator": wide})
    assert fault.value.code == "panel.size"


# -- refusing --------------------------------------------------------------------------------------


def refused(store: Store, made: Any, frame: pd.DataFrame) -> list[RelodeError]:
    """The faults of a load, after which nothing was kept."""
    with pytest.raises(RelodeError) as fault:
        store.load(made.batch(file="年鉴.xlsx"), frame, indicators=made.INDICATORS)
    assert store.batches() == ()
    assert store.log().events == ()
    return list(fault.value.faults) if isinstance(fault.value, Several) else [fault.value]


@pytest.mark.parametrize(
    ("row", "status", "code", "kind"),
    [
        (("150600", "gdp", "2023", -1.0), "A", "store.range", Impossible),
        (("150600", "coal_share", "2023", 100.5), "A", "store.range", Impossible),
        (("150600", "gdp", "2023", float("inf")), "A", "store.number", Impossible),
        (("150600", "gdp", "2023", "约500"), "A", "store.number", Impossible),
        (("150600", "gdp", "2023", 1.0), "X", "store.status", Impossible),
        (("150600", "gdp", "2023", 1.0), "M", "store.missing_value", Impossible),
        (("999999", "gdp", "2023", 1.0), "A", "store.entity", UnknownWord),
        (("150600", "gdpp", "2023", 1.0), "A", "store.indicator", UnknownWord),
        (("150600", "gdp", "23年", 1.0), "A", "period.unreadable", Misfit),
        (("", "gdp", "2023", 1.0), "A", "store.blank", Misfit),
    ],
)
def test_what_cannot_be_is_refused_with_place_and_remedy(
    store: Store, made: Any, row: Any, status: str, code: str, kind: type[RelodeError]
) -> None:
    frame = made.rows(("140200", "gdp", "2023", 1.0), row, sheet="表1", status=status if status != "M" else "A")
    frame = frame.assign(row=[4, 5], col=3, status=["A", status])
    faults = refused(store, made, frame)
    assert [fault.code for fault in faults] == [code]
    assert isinstance(faults[0], kind)
    assert faults[0].where == "年鉴.xlsx, 表1!C5"
    for lang in ("zh", "en"):
        assert say(code + ".mend", lang, default="", **faults[0].details) in faults[0].told(lang).splitlines()[-1]


def test_all_faults_of_a_file_are_told_together(store: Store, made: Any) -> None:
    frame = made.rows(("150600", "gdp", "2023", -1.0), ("999999", "gdp", "2023", 1.0), ("150600", "gdp", "2023", 2.0))
    assert {fault.code for fault in refused(store, made, frame)} == {"store.range", "store.entity", "store.twice"}


def test_faults_beyond_a_hundred_are_counted(store: Store, made: Any) -> None:
    frame = pd.DataFrame({"entity": "150600", "indicator": "gdp", "period": [str(y) for y in range(1000, 1400)]})
    faults = refused(store, made, frame.assign(value=-1.0))
    assert len(faults) == 101
    assert faults[-1].details["count"] == 300


def test_a_frame_without_a_column_or_without_rows_is_refused(store: Store, made: Any) -> None:
    assert refused(store, made, pd.DataFrame({"entity": ["150600"]}))[0].code == "store.column"
    assert refused(store, made, made.rows())[0].code == "store.empty"


def test_an_indicator_keeps_its_unit(store: Store, load: Load, made: Any) -> None:
    load(("150600", "gdp", "2023", 1.0))
    tonnes = {"gdp": Indicator("gdp", "地区生产总值", "GDP", "万元")}
    with pytest.raises(Misfit, match="万元"):
        store.load(made.batch(), made.rows(("150600", "gdp", "2022", 1.0)), indicators=tonnes)
    assert len(store.batches()) == 1


def test_a_batch_says_what_was_loaded(store: Store, made: Any) -> None:
    batch = Batch("年鉴", "年鉴", date(2024, 11, 1), "wang", "年鉴 2024.xlsx", "ab" * 32, "table")
    stored = store.load(batch, made.rows(("150600", "gdp", "2023", 1.0)), indicators=made.INDICATORS)
    assert stored.batch == batch
    assert stored.facts == 1
    assert store.batches() == (stored,)
    (event,) = store.log(f"batch:{stored.number}").events
    assert (event.event, event.actor, event.detail["facts"]) == ("loaded", "wang", 1)


def test_the_view_of_facts_has_the_plain_columns(store: Store, load: Load) -> None:
    load(("150600", "gdp", "2023", 1.0), sheet="表1", row=4, col=703)
    load(("150600", "gdp", "2022", 1.0))
    store.undo(2, actor="li")
    view = store._con.execute("select * from facts").df()
    assert list(view) == [
        "entity", "period", "indicator", "scenario", "value", "unit", "status", "source", "series", "vintage",
        "loaded", "actor", "batch", "file", "cell",
    ]  # fmt: skip
    assert view[["entity", "unit", "status", "cell"]].to_numpy().tolist() == [["150600", "亿元", "A", "表1!AAA4"]]


# -- ties and log ----------------------------------------------------------------------------------


def ties(*pairs: tuple[str, str, float]) -> Ties:
    """Made neighbours."""
    origin, target, value = zip(*pairs, strict=True)
    return Ties(origin, target, ("neighbour",) * len(pairs), np.array(value))


def test_ties_come_back_as_they_were_kept_and_the_newest_wins(store: Store, made: Any) -> None:
    kept = ties(("140200", "150600", 1.0), ("150600", "140200", 1.0))
    store.keep_ties(kept, made.batch())
    assert store.ties("neighbour").fingerprint == kept.fingerprint
    store.keep_ties(ties(("150600", "140200", np.nan)), made.batch(vintage="2025-01-01"))
    assert store.ties("neighbour").of("150600") == ()
    assert store.ties("neighbour", AsOf(vintage=date(2024, 12, 1))).of("150600") == ("140200",)


def test_ties_of_two_series_that_differ_are_told(store: Store, made: Any) -> None:
    store.keep_ties(ties(("140200", "150600", 1.0)), made.batch("a"))
    store.keep_ties(ties(("140200", "150600", 2.0)), made.batch("b"))
    with pytest.raises(Misfit) as fault:
        store.ties("neighbour")
    assert fault.value.code == "store.ties_differ"


def test_ties_with_unknown_ends_or_without_a_finite_value_are_refused(store: Store, made: Any) -> None:
    with pytest.raises(Several) as fault:
        store.keep_ties(ties(("140200", "999999", 1.0), ("140200", "150600", np.inf)), made.batch())
    assert {found.code for found in fault.value.faults} == {"store.entity", "store.number"}
    assert store.batches() == ()


def test_the_log_keeps_events_in_the_order_in_which_they_came(store: Store) -> None:
    events = [Event("task:2025-03", f"2025-0{n}-01T00:00:00Z", "li", "reported", {"n": n}) for n in (2, 1)]
    store.append(events[:1])
    store.append(events[1:])
    assert store.log("task:2025-03").events == tuple(events)
    assert store.log("task:none").events == ()


def test_a_store_opened_for_reading_refuses_every_deed(store: Store, load: Load, made: Any) -> None:
    load(("150600", "gdp", "2023", 1.0))
    store.close()
    with Store.open(store.path, actor="li", read_only=True) as reading:
        assert one(reading) == 1.0
        deeds = [
            lambda: reading.load(made.batch(), made.rows(("1", "gdp", "2023", 1.0)), indicators=made.INDICATORS),
            lambda: reading.undo(1, actor="li"),
            lambda: reading.append([]),
            lambda: reading.keep_ties(ties(("140200", "150600", 1.0)), made.batch()),
        ]
        for deed in deeds:
            with pytest.raises(Unwritable, match="reading only"):
                deed()
