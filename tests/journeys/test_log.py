"""JourneyLog: what it takes, what it refuses and with which words."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys import JourneyError, JourneyLog
from journeys.columns import coded
from tests.journeys.strategies import few, logs, sharded

EVENTS = pd.DataFrame(
    {
        "visitor_id": ["a", "a", "b", "c"],
        "time": ["2025-01-01 10:00", "2025-01-02", "2025-01-02", "2025-01-03"],
        "channel": ["search", None, "email", None],
        "kind": ["click", "purchase", "open", "order"],
        "value": [None, 30.0, None, 12.0],
    }
)


def test_an_event_table_is_split_into_touches_and_conversions() -> None:
    log = JourneyLog.from_events(EVENTS)
    assert log.touches["channel"].tolist() == ["search", "email"]
    assert log.conversions["value"].tolist() == [30.0, 12.0]
    assert log.paths().untouched == (1.0, 12.0)


def test_an_event_table_is_not_changed() -> None:
    before = EVENTS.copy(deep=True)
    JourneyLog.from_events(EVENTS)
    pd.testing.assert_frame_equal(EVENTS, before)


@pytest.mark.parametrize(
    ("column", "bad", "words"),
    [
        ("time", "yesterday", ["touches, row 2", "'time'", "'yesterday'", "2025-03-01"]),
        ("kind", "gaze", ["touches, row 2", "'kind'", "'gaze'", "impression"]),
        ("channel", None, ["touches, row 2", "'channel'", "an empty cell (or NA) is no channel"]),
        (
            "visitor_id",
            None,
            ["touches, row 2", "'visitor_id'", "an empty cell (or NA) is no visitor"],
        ),
    ],
)
def test_a_bad_row_is_refused_by_name(column: str, bad: object, words: list[str]) -> None:
    events = EVENTS.astype(object)
    events.loc[2, column] = bad
    with pytest.raises(JourneyError) as caught:
        JourneyLog.from_events(events)
    assert all(word in str(caught.value) for word in words)


def test_a_value_that_is_no_number_is_refused_by_name() -> None:
    events = EVENTS.astype(object)
    events.loc[3, "value"] = "much"
    with pytest.raises(JourneyError, match=r"conversions, row 3, column 'value': 'much'"):
        JourneyLog.from_events(events)


def test_bad_rows_are_dropped_and_counted_when_asked() -> None:
    events = EVENTS.astype(object)
    events.loc[0, "channel"] = None
    events.loc[3, "value"] = np.inf
    log = JourneyLog.from_events(events, bad="drop")
    assert log.dropped == {"touches.channel": 1, "conversions.value": 1}
    assert (len(log.touches), len(log.conversions)) == (1, 1)


@pytest.mark.parametrize("column", ["visitor_id", "time", "channel", "kind"])
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(JourneyError, match=f"'{column}' is missing"):
        JourneyLog.from_events(EVENTS.drop(columns=column))


def test_numbers_are_no_times() -> None:
    with pytest.raises(JourneyError, match="is no time"):
        JourneyLog.from_events(EVENTS.assign(time=[1, 2, 3, 4]))


def test_missing_values_of_every_kind_are_missing() -> None:
    for nothing in (None, np.nan, pd.NA):
        events = EVENTS.astype(object)
        events.loc[0, ["visitor_id", "channel"]] = nothing
        for frame in (events, events.astype({"visitor_id": "string", "channel": "string"})):
            with pytest.raises(JourneyError, match="row 0, column 'visitor_id': an empty cell"):
                JourneyLog.from_events(frame)
            assert JourneyLog.from_events(frame, bad="drop").channels == ("email",)


def test_visitors_of_two_types_would_never_match_and_are_refused() -> None:
    touches = pd.DataFrame(
        {"visitor_id": [1], "time": ["2025-01-01"], "channel": ["x"], "kind": ["visit"]}
    )
    orders = pd.DataFrame({"visitor_id": ["1"], "time": ["2025-01-02"], "kind": ["order"]})
    with pytest.raises(JourneyError, match="visitor_id"):
        JourneyLog(touches, orders)


def test_times_with_a_zone_are_brought_to_utc() -> None:
    times = pd.to_datetime(EVENTS["time"], format="mixed").dt.tz_localize("Asia/Shanghai")
    log = JourneyLog.from_events(EVENTS.assign(time=times))
    assert log.touches["time"].iloc[0] == pd.Timestamp("2025-01-01 02:00")


@few
@given(log=logs)
def test_a_log_survives_parquet(log: JourneyLog, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("log")
    log.write(folder)
    again = JourneyLog.read(folder)
    for ours, theirs in ((log.touches, again.touches), (log.conversions, again.conversions)):
        pd.testing.assert_frame_equal(
            ours.astype({"visitor_id": object}),
            theirs.astype({"visitor_id": object}),
            check_categorical=False,
            check_dtype=False,
        )


def test_shards_and_one_file_read_alike(tmp_path: Path) -> None:
    log = sharded(tmp_path / "shards")
    log.write(tmp_path / "file")
    one, many = (JourneyLog.read(tmp_path / name).paths().grouped() for name in ("file", "shards"))
    key = ["path", "conversions", "value", "nulls"]
    assert set(one.to_frame()[key].itertuples(index=False)) == set(
        many.to_frame()[key].itertuples(index=False)
    )


def test_a_folder_without_a_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(JourneyError, match=r"touches\.parquet"):
        JourneyLog.read(tmp_path)


@pytest.mark.parametrize(
    ("column", "bad", "words"),
    [
        ("path", None, "row 1, column 'path'"),
        ("path", "a >  > b", "without a name"),
        ("conversions", -1, "row 1, column 'conversions': -1"),
        ("nulls", "some", "row 1, column 'nulls': 'some'"),
    ],
)
def test_a_bad_row_of_a_path_table_is_refused_by_name(column: str, bad: object, words: str) -> None:
    table = pd.DataFrame({"path": ["a", "b"], "conversions": [1, 2], "nulls": [0, 1]}, dtype=object)
    table.loc[1, column] = bad
    with pytest.raises(JourneyError, match=words):
        JourneyLog.from_paths(table)


def test_a_path_table_refuses_what_it_cannot_know(tmp_path: Path) -> None:
    log = JourneyLog.from_paths(pd.DataFrame({"path": ["a > b"], "conversions": [1]}))
    with pytest.raises(JourneyError, match="lookback_days"):
        log.paths(lookback_days=3)
    with pytest.raises(JourneyError, match="impressions"):
        log.paths(impressions=False)
    with pytest.raises(JourneyError, match="path table"):
        log.write(tmp_path)


@few
@given(log=logs)
def test_a_log_resampled_once_each_is_the_same_log(log: JourneyLog) -> None:
    times = np.ones(len(log.touches["visitor_id"].cat.categories), dtype=np.int64)
    again = log.resampled(times)
    assert again.paths().to_frame().equals(log.paths().to_frame())


@few
@given(log=logs)
def test_a_visitor_who_lives_twice_counts_twice(log: JourneyLog) -> None:
    times = np.full(len(log.touches["visitor_id"].cat.categories), 2, dtype=np.int64)
    count, value = log.resampled(times).paths().total
    assert (count, value) == pytest.approx(tuple(2 * x for x in log.paths().total))


@few
@given(log=logs)
def test_a_log_shows_itself(log: JourneyLog) -> None:
    assert f"touches: {len(log.touches)}" in repr(log)
    assert "<table" in log._repr_html_()


@few
@given(
    ids=st.lists(st.sampled_from(["a", "b", "c", None]), max_size=12),
    sort=st.booleans(),
)
def test_visitors_are_coded_the_same_however_they_stand(ids: list[str | None], sort: bool) -> None:
    values = pd.Series(sorted(ids, key=str) if sort else ids, dtype=object)
    column = coded(values)
    assert column.isna().tolist() == values.isna().tolist()
    assert column.dropna().astype(object).tolist() == values.dropna().tolist()
    assert column.cat.categories.is_unique


def test_a_log_is_opened_whatever_it_is(tmp_path: Path) -> None:
    EVENTS.to_csv(tmp_path / "events.csv", index=False)
    EVENTS.to_parquet(tmp_path / "events.parquet", index=False)
    log = JourneyLog.from_events(EVENTS)
    log.write(tmp_path / "run")
    log.paths().to_frame().to_csv(tmp_path / "paths.csv", index=False)
    for name in ("events.csv", "events.parquet", "run", "paths.csv"):
        opened = JourneyLog.open(tmp_path / name)
        assert opened.paths().to_frame()["path"].tolist() == ["search", "email"]


@pytest.mark.parametrize("name", ["nowhere.csv", "log.xlsx"])
def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "log.xlsx").touch()
    with pytest.raises(JourneyError, match=name):
        JourneyLog.open(tmp_path / name)
