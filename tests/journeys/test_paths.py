"""Paths: cut, counted and grouped as the slow version does it."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys import TOUCH_KINDS, JourneyError, JourneyLog, Paths, concat
from tests.journeys import naive
from tests.journeys.strategies import few, logs, path_tables, tables


def as_journeys(paths: Paths) -> list[naive.Journey]:
    bounds = paths.start.tolist()
    names = [paths.channels[code] for code in paths.channel]
    steps = [tuple(names[a:b]) for a, b in pairwise(bounds)]
    return list(zip(steps, paths.conversions.tolist(), paths.value.tolist(), strict=True))


@few
@given(
    pair=tables,
    outcome=st.sampled_from(["order", "lead"]),
    lookback=st.sampled_from([None, 0.25, 1.0]),
    impressions=st.booleans(),
    kinds=st.sampled_from([TOUCH_KINDS, ("click", "visit"), ("impression",)]),
)
def test_paths_are_those_of_the_slow_version(pair, outcome, lookback, impressions, kinds) -> None:
    asked = {
        "outcome": outcome,
        "lookback_days": lookback,
        "impressions": impressions,
        "kinds": kinds,
    }
    paths = JourneyLog(*pair).paths(**asked)
    expected, untouched = naive.journeys(*pair, **asked)
    assert sorted(as_journeys(paths)) == sorted(expected)
    assert paths.untouched[0] == untouched


@few
@given(log=logs)
def test_every_touch_knows_its_row_and_age(log: JourneyLog) -> None:
    paths = log.paths()
    assert paths.row is not None
    assert paths.age is not None
    row = log.touches.iloc[paths.row]
    assert row["channel"].cat.codes.tolist() == paths.channel.tolist()
    assert (paths.age >= 0).all()
    ends = row["time"].to_numpy() + (paths.age * 86_400e6).round().astype("timedelta64[us]")
    by_journey = pd.Series(ends).groupby(paths.journey)
    assert (by_journey.max() == by_journey.min()).all()


@few
@given(log=logs)
def test_conversions_are_either_on_a_path_or_untouched(log: JourneyLog) -> None:
    orders = log.conversions[log.conversions["kind"] == "order"]
    count, value = log.paths(lookback_days=0.5).total
    assert count == len(orders)
    assert value == pytest.approx(orders["value"].sum())


@few
@given(log=logs)
def test_rows_in_order_of_time_give_the_same_paths_as_sorted_by_visitor(log: JourneyLog) -> None:
    by_time = log.touches.sort_values(["time"], kind="stable")
    by_visitor = log.touches.sort_values(["visitor_id", "time"], kind="stable")
    paths = [JourneyLog(touches, log.conversions).paths() for touches in (by_time, by_visitor)]
    assert sorted(as_journeys(paths[0])) == sorted(as_journeys(paths[1]))


@few
@given(log=logs)
def test_taking_a_channel_out_loses_no_conversion(log: JourneyLog) -> None:
    whole, cut = log.paths(), log.paths(without="direct")
    assert cut.total == whole.total
    for steps, _, _ in as_journeys(cut):
        assert "direct" not in steps or set(steps) == {"direct"}


@few
@given(table=path_tables)
def test_grouping_adds_up_equal_paths(table: pd.DataFrame) -> None:
    grouped = JourneyLog.from_paths(table).paths().grouped().to_frame()
    expected = table.groupby("path", as_index=False)[["conversions", "value", "nulls"]].sum()
    ours = grouped.sort_values("path", ignore_index=True)
    pd.testing.assert_frame_equal(
        ours, expected.sort_values("path", ignore_index=True), check_dtype=False
    )


@few
@given(table=path_tables)
def test_a_path_table_survives_the_way_in_and_out(table: pd.DataFrame) -> None:
    again = JourneyLog.from_paths(table).paths().to_frame()
    pd.testing.assert_frame_equal(again, table, check_dtype=False)


@few
@given(first=path_tables, second=path_tables)
def test_pieces_put_together_are_the_whole(first: pd.DataFrame, second: pd.DataFrame) -> None:
    pieces = [JourneyLog.from_paths(table).paths() for table in (first, second)]
    whole = JourneyLog.from_paths(pd.concat([first, second])).paths()
    assert as_journeys(concat(pieces)) == as_journeys(whole)


def test_a_touch_at_the_instant_of_the_conversion_counts_for_it() -> None:
    touches = pd.DataFrame(
        {"visitor_id": ["a"], "time": ["2025-01-01"], "channel": ["x"], "kind": ["visit"]}
    )
    orders = pd.DataFrame({"visitor_id": ["a"], "time": ["2025-01-01"], "kind": ["order"]})
    assert as_journeys(JourneyLog(touches, orders).paths()) == [(("x",), 1.0, 0.0)]


@pytest.mark.parametrize(
    ("options", "word"),
    [({"lookback_days": -1}, "lookback_days"), ({"outcome": "sale"}, "sale")],
)
def test_settings_that_make_no_sense_are_refused(options: dict[str, object], word: str) -> None:
    log = JourneyLog.from_events(
        pd.DataFrame({"visitor_id": [], "time": [], "channel": [], "kind": []})
    )
    with pytest.raises(JourneyError, match=word):
        log.paths(**options)


def test_an_empty_log_has_no_paths() -> None:
    log = JourneyLog.from_events(
        pd.DataFrame({"visitor_id": [], "time": [], "channel": [], "kind": []})
    )
    assert len(log.paths()) == 0
    assert np.array_equal(log.paths(lookback_days=3).start, [0])
