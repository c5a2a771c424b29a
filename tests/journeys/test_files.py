"""Files that people bring: what is read, and the words for what cannot be."""

import gzip
import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeys import JourneyError, JourneyLog
from journeys.files import batches, read_parquet, read_table

EVENTS = "visitor_id,time,channel,kind,value\n"
GOOD = "a,2025-01-01 10:00,search,click,\na,2025-01-02 10:00,,order,50\n"
PATHS = "path,conversions,value,nulls\n"


def log_of(tmp_path: Path, text: str | bytes, name: str = "log.csv") -> JourneyLog:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return JourneyLog.open(file)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read (No columns"),
        (EVENTS + GOOD + "b,1,2,3,4,5,6\n", "cannot be read"),
        (EVENTS + "a,2025-01-01,x,click,1,2,3\n", "more cells than the header has names"),
        (EVENTS.encode() + b"a,2025-01-01,caf\x81,click,\n", "is not UTF-8 text"),
        (EVENTS + GOOD + "b,soon,search,click,\n", "line 4, column 'time': 'soon'"),
        (EVENTS + GOOD + "b,9999-01-01,search,click,\n", "between 1678 and 2262"),
        (EVENTS + "a,1735689600,search,click,\n", "pandas.to_datetime(seconds"),
        (EVENTS + GOOD + "b,2025-01-01,   ,click,\n", "line 4, column 'channel': an empty cell"),
        (EVENTS + GOOD + ",2025-01-01,x,click,\n", "line 4, column 'visitor_id': an empty cell"),
        (EVENTS + GOOD + "b,2025-01-01,,klick,\n", "line 4, column 'kind': 'klick'"),
        (EVENTS + GOOD + "b,2025-01-03,,order,inf\n", "line 4, column 'value': inf"),
        (EVENTS + GOOD + "b,2025-01-03,,order,1e300\n", "no number up to 1e+15"),
        (EVENTS.replace("\n", ",\n") + "b,2025-01-03,,order,1,000\n", "under no name"),
        (EVENTS.replace("\n", ",value\n") + "b,2025-01-03,,order,1,2\n", "'value' twice"),
        (PATHS + "a > b,1,000,1,0\n", "more cells than the header has names"),
        (PATHS + "a > b,1,1,0\na > b,1,000,1,0\n", "cannot be read"),
        (PATHS + "a > b,1,1,0\n,1,1,0\n", "line 3, column 'path': an empty cell (or NA)"),
        (PATHS + "a >  > b,1,1,0\n", "a step without a name"),
        (PATHS + "a,-1,1,0\n", "line 2, column 'conversions': -1"),
        (PATHS + "a,1,1,1e300\n", "line 2, column 'nulls': 1e+300"),
        ("path\na > b\n", "column 'conversions' is missing (columns there: path); add it"),
    ],
)
def test_a_bad_file_is_one_sentence_with_file_place_and_remedy(
    tmp_path: Path, text: str | bytes, words: str
) -> None:
    with pytest.raises(JourneyError) as caught:
        log_of(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "log.csv"))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_parquet_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(JourneyError, match=r"log\.parquet: cannot be read"):
        log_of(tmp_path, "hello", "log.parquet")


def test_a_bad_row_of_a_run_folder_names_the_folder(tmp_path: Path) -> None:
    touch = {"visitor_id": "a", "time": "soon", "channel": "x", "kind": "click"}
    pd.DataFrame([touch]).to_parquet(tmp_path / "touches.parquet")
    pd.DataFrame([touch]).assign(kind="order").to_parquet(tmp_path / "conversions.parquet")
    with pytest.raises(JourneyError) as caught:
        JourneyLog.open(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: touches, row 0, column 'time': 'soon'")
    assert JourneyLog.open(tmp_path, bad="drop").dropped["touches.time"] == 1


def test_names_stay_text(tmp_path: Path) -> None:
    rows = "007,2025-01-01,1,click,\n7,2025-01-02,2,click,\n7,2025-01-03,,order,5\n"
    log = log_of(tmp_path, EVENTS + rows)
    assert log.channels == ("1", "2")
    assert log.touches["visitor_id"].tolist() == ["007", "7"]


def test_blanks_around_names_and_letters_of_kinds_do_not_matter(tmp_path: Path) -> None:
    rows = "a,2025-01-01, search ,Click,\na,2025-01-02,search,VISIT,\na,2025-01-03,,Purchase,5\n"
    log = log_of(tmp_path, "﻿" + EVENTS + rows, "log.CSV")
    assert log.channels == ("search",)
    assert (len(log.touches), len(log.conversions)) == (2, 1)


def test_times_of_several_zones_meet_in_utc(tmp_path: Path) -> None:
    rows = "a,2025-01-01T10:00+08:00,x,click,\na,2025-01-01 03:00,,order,5\n"
    log = log_of(tmp_path, EVENTS + rows)
    assert log.touches["time"].tolist() == [pd.Timestamp("2025-01-01 02:00")]
    assert log.paths().conversions.sum() == 1.0


@pytest.mark.parametrize(
    ("text", "touches", "conversions"),
    [
        (EVENTS, 0, 0),
        (EVENTS + GOOD.split("\n")[0], 1, 0),
        (EVENTS + "a,2025-01-01,,order,5", 0, 1),
    ],
)
def test_next_to_nothing_is_a_log(
    tmp_path: Path, text: str, touches: int, conversions: int
) -> None:
    log = log_of(tmp_path, text)
    assert (len(log.touches), len(log.conversions)) == (touches, conversions)
    assert log.paths().total[0] == conversions


def test_equal_rows_count_each(tmp_path: Path) -> None:
    paths = log_of(tmp_path, EVENTS + GOOD * 3).paths()
    assert len(paths.channel) == 3
    assert paths.total == (3.0, 150.0)


def test_two_columns_of_one_name_are_refused() -> None:
    twins = pd.DataFrame([["a", "x", "y", "click"]], columns=["visitor_id", *"cc", "kind"])
    with pytest.raises(JourneyError, match="column 'c' is there twice"):
        JourneyLog.from_events(twins)


@pytest.mark.parametrize("column", ["visitor_id", "channel", "kind"])
def test_cells_that_hold_lists_are_refused(column: str) -> None:
    row = {"visitor_id": "a", "time": "2025-01-01", "channel": "x", "kind": "click"}
    frame = pd.DataFrame([row | {column: ["a", "b"]}])
    with pytest.raises(JourneyError, match=f"column '{column}'.*one plain value"):
        JourneyLog.from_events(frame)


def test_paths_that_are_numbers_are_names() -> None:
    log = JourneyLog.from_paths(pd.DataFrame({"path": [1, 3], "conversions": [1, 2]}))
    assert log.channels == ("1", "3")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(JourneyError, match="is a pipe or a device"):
        read_table(tmp_path / "pipe.csv")


def test_a_column_that_stands_twice_in_parquet_is_named(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    pa = pytest.importorskip("pyarrow")
    one = pa.array(["a"])
    pq.write_table(
        pa.Table.from_arrays([one, one], ["visitor_id", "visitor_id"]), tmp_path / "e.parquet"
    )
    with pytest.raises(JourneyError, match="'visitor_id' twice"):
        read_table(tmp_path / "e.parquet")


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cut.csv.gz", gzip.compress(b"path,conversions\n" + b"a > b,1\n" * 400_000)[:-30]),
        ("bad.json.gz", gzip.compress(b'{"a": 1}\n' * 9_000)[:-30]),
        ("latin.json", b'{"a": "\xff"}\n'),
        ("deep.json", b"[" * 100_000),
        ("long.csv", b"path,conversions\n" + b'"' + b"x" * 10),
    ],
)
def test_a_damaged_file_is_a_sentence(
    tmp_path: Path, name: str, data: bytes, batched: bool
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(JourneyError, match=name):
        list(batches(tmp_path / name)) if batched else read_table(tmp_path / name)


def test_damage_to_what_pandas_noted_of_a_file_does_no_harm(tmp_path: Path) -> None:
    """The notes are JSON in the schema: without one of their keys pandas stopped by a KeyError."""
    table = pa.table({"visitor": ["a", "b"], "channel": ["x", "y"], "__index_level_0__": [0, 5]})
    noted = b'{"index_columns": ["__index_level_0__"], "columns": [{"name": "visitor"}]}'
    pq.write_table(table.replace_schema_metadata({b"pandas": noted}), tmp_path / "t.parquet")
    found = read_parquet(tmp_path / "t.parquet")
    assert list(found.columns) == ["visitor", "channel"]
    assert list(found["visitor"]) == ["a", "b"]
