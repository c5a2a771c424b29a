"""Logs in pieces: every visitor once, and together the same as the log that is read whole."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys import JourneyError, JourneyLog, Paths, concat, files
from tests.journeys.strategies import few, path_tables, sharded, tables

EVENTS = "visitor_id,time,channel,kind,value\n"
GOOD = "a,2025-01-01 10:00,search,click,\na,2025-01-02 10:00,,order,50\n"


@pytest.fixture(params=[3, 250_000], ids=["small batches", "one batch"])
def batch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH", request.param)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A folder for the temporary files, to see that they go."""
    folder = tmp_path / "room"
    folder.mkdir()
    return folder


def journeys(paths: Paths) -> pd.DataFrame:
    """Equal paths counted together, in an order of their own."""
    return paths.grouped().to_frame().sort_values("path", ignore_index=True)


def rows(log: JourneyLog) -> list[Counter[tuple[str, ...]]]:
    """Both tables as rows of text, whatever their order."""
    plain = [table.assign(time=table["time"].astype("int64")) for table in tables_of(log)]
    return [Counter(table.astype(str).itertuples(index=False)) for table in plain]


def tables_of(log: JourneyLog) -> tuple[pd.DataFrame, pd.DataFrame]:
    return log.touches, log.conversions


def visitors(log: JourneyLog) -> set[str]:
    return {str(name) for table in tables_of(log) for name in table["visitor_id"]}


def csv(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "log.csv"
    file.write_text(text, "utf-8")
    return file


def written(events: pd.DataFrame, folder: Path, kind: str) -> Path:
    """An event table or path table as a CSV, as Parquet, or as a folder of three shards."""
    path = folder / f"log.{kind}"
    if kind == "csv":
        events.to_csv(path, index=False)
    elif kind == "parquet":
        events.to_parquet(path, index=False)
    else:
        path.mkdir()
        for number in range(3):
            events.iloc[number::3].to_parquet(path / f"part-{number}.parquet", index=False)
    return path


def event_table(pair: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    """Touches and conversions as one table, in the order in which they happened."""
    both = pd.concat([table.astype({"visitor_id": object}) for table in pair])
    return both.sort_values("time", kind="stable", ignore_index=True)


@few
@given(
    events=tables.map(event_table).filter(lambda frame: len(frame) > 0),
    count=st.integers(2, 5),
    kind=st.sampled_from(["csv", "parquet", "shards"]),
    batch=st.integers(4, 20),
)
def test_pieces_of_an_event_table_hold_every_visitor_once_and_the_same_paths(
    events: pd.DataFrame,
    count: int,
    kind: str,
    batch: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = written(events, tmp_path_factory.mktemp("log"), kind)
    whole = JourneyLog.open(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BATCH", batch)
        pieces = list(JourneyLog.pieces(path, count))
    assert len(pieces) == count
    met = [visitor for log in pieces for visitor in visitors(log)]
    assert len(met) == len(set(met))
    for ours, theirs in zip(zip(*map(rows, pieces), strict=True), rows(whole), strict=True):
        assert sum(ours, Counter()) == theirs
    assert {frozenset(log.channels) for log in pieces} == {frozenset(whole.channels)}
    for cut in ({}, {"lookback_days": 1.0}, {"impressions": False}):
        together = concat(log.paths(**cut).grouped() for log in pieces)
        pd.testing.assert_frame_equal(journeys(together), journeys(whole.paths(**cut)))
        assert together.untouched == pytest.approx(whole.paths(**cut).untouched)


@few
@given(table=path_tables, kind=st.sampled_from(["csv", "parquet"]), batch=st.integers(1, 5))
def test_pieces_of_a_path_table_are_batches_of_its_rows(
    table: pd.DataFrame, kind: str, batch: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(table, tmp_path_factory.mktemp("log"), kind)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BATCH", batch)
        pieces = [log.paths() for log in JourneyLog.pieces(path, 2)]
    assert [len(piece) for piece in pieces[:-1]] == [batch] * (len(pieces) - 1)
    whole = JourneyLog.open(path).paths()
    pd.testing.assert_frame_equal(journeys(concat(pieces)), journeys(whole))
    assert concat(pieces).channels == whole.channels


def test_a_bad_row_of_a_path_table_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH", 2)
    path = csv(tmp_path, "path,conversions,value,nulls\n" + "a > b,1,1,0\n" * 3 + "a,-1,1,0\n")
    pieces = JourneyLog.pieces(path, 2)
    assert len(next(pieces).paths()) == 2
    with pytest.raises(JourneyError, match=r"log\.csv: path table, line 5, column 'conversions'"):
        next(pieces)


@pytest.mark.parametrize("count", [None, 1, 4, 70])
@pytest.mark.parametrize("layout", ["shards", "files"])
def test_pieces_of_a_run_folder_hold_every_visitor_once(
    tmp_path: Path, count: int | None, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH", 60)
    whole = sharded(tmp_path / "shards")
    whole.write(tmp_path / "files")
    pieces = list(JourneyLog.pieces(tmp_path / layout, count))
    assert len(pieces) == (count or (6 if layout == "shards" else 1))
    assert sum(len(visitors(log)) for log in pieces) == len(visitors(whole))
    together = concat(log.paths() for log in pieces)
    pd.testing.assert_frame_equal(journeys(together), journeys(whole.paths()))


def test_shards_that_do_not_match_are_read_by_visitor(tmp_path: Path) -> None:
    whole = sharded(tmp_path)
    last = tmp_path / "conversions.parquet" / "part-005.parquet"
    last.rename(last.with_name("part-006.parquet"))
    with pytest.raises(JourneyError, match=r"do not match by name.*count=8"):
        next(JourneyLog.pieces(tmp_path))
    together = concat(log.paths() for log in JourneyLog.pieces(tmp_path, 3))
    pd.testing.assert_frame_equal(journeys(together), journeys(whole.paths()))


@pytest.mark.usefixtures("batch")
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_next_to_nothing_comes_in_as_many_pieces(tmp_path: Path, kind: str) -> None:
    one = pd.read_csv(csv(tmp_path, EVENTS + GOOD))
    for events in (one.iloc[:0], one):
        pieces = list(JourneyLog.pieces(written(events, tmp_path, kind), 5))
        assert sorted(len(log.conversions) for log in pieces) == [0, 0, 0, 0, len(events) // 2]
        assert all(np.array_equal(log.paths().channels, pieces[0].channels) for log in pieces)


@pytest.mark.usefixtures("batch")
def test_visitors_stay_what_they_are_called(tmp_path: Path) -> None:
    lines = [f"{name},2025-01-0{day},1,click," for day in (1, 2, 3) for name in ("007", "7", "7.0")]
    pieces = JourneyLog.pieces(csv(tmp_path, EVENTS + "\n".join(lines)), 2)
    together = [row for log in pieces for row in zip(*_named(log), strict=True)]
    assert Counter(together) == {(name, "1"): 3 for name in ("007", "7", "7.0")}


def _named(log: JourneyLog) -> tuple[list[str], list[str]]:
    return log.touches["visitor_id"].tolist(), log.touches["channel"].tolist()


@pytest.mark.usefixtures("batch")
def test_numbers_of_visitors_are_told_apart_beside_empty_cells(tmp_path: Path) -> None:
    # As fractions, which is what pandas makes of them there, both would be one visitor.
    large = 2**60
    ids = pd.array([large, large, large + 1, large, None, large + 1, large], dtype="Int64")
    events = pd.DataFrame({"visitor_id": ids, "channel": "x", "kind": "click"})
    events["time"] = pd.Timestamp("2025-01-01")
    path = written(events, tmp_path, "parquet")
    expected = {str(large): 4, str(large + 1): 2}
    assert Counter(JourneyLog.open(path, bad="drop").touches["visitor_id"]) == expected
    pieces = list(JourneyLog.pieces(path, 2, bad="drop"))
    assert sum((Counter(log.touches["visitor_id"]) for log in pieces), Counter()) == expected
    assert [log.dropped for log in pieces] == [{"touches.visitor_id": 1}, {}]


BAD = (
    "b,soon,search,click,\n,2025-01-05,search,click,\nc,2025-01-05,,click,\n"
    "d,2025-01-05,,order,much\ne,2025-01-05,x,klick,\n"
)


@pytest.mark.usefixtures("batch")
def test_rows_that_are_dropped_count_as_often_as_in_the_whole(tmp_path: Path) -> None:
    path = csv(tmp_path, EVENTS + GOOD + BAD + GOOD.replace("a,", "z,"))
    whole = JourneyLog.open(path, bad="drop")
    pieces = list(JourneyLog.pieces(path, 3, bad="drop"))
    assert sum((Counter(log.dropped) for log in pieces), Counter()) == whole.dropped
    assert sum(len(log) for log in pieces) == len(whole) == 2


@pytest.mark.usefixtures("batch")
@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("b,soon,search,click,", "touches, line 8, column 'time': 'soon' is no time"),
        ("b,2025-01-03,,order,inf", "conversions, line 8, column 'value': inf is no number"),
        (",2025-01-03,x,click,", "line 8, column 'visitor_id': an empty cell"),
        ("b,2025-01-03,x,klick,", "line 8, column 'kind': 'klick' is no kind of touch"),
    ],
)
def test_a_bad_row_is_refused_with_file_and_line_and_leaves_nothing(
    tmp_path: Path, room: Path, row: str, words: str
) -> None:
    path = csv(tmp_path, EVENTS + GOOD * 3 + row + "\n" + GOOD)
    with pytest.raises(JourneyError) as caught:
        list(JourneyLog.pieces(path, 3, folder=room))
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)
    assert not list(room.iterdir())


@pytest.mark.usefixtures("batch")
@pytest.mark.parametrize("kind", ["parquet", "shards"])
def test_a_bad_row_of_parquet_is_named_as_in_the_whole(tmp_path: Path, kind: str) -> None:
    events = pd.DataFrame({"visitor_id": list("abcdefg"), "channel": "x", "kind": "click"})
    events["time"] = [*["2025-01-01"] * 5, "soon", "2025-01-02"]
    path = written(events, tmp_path, kind)
    place = 5 if kind == "parquet" else 6
    for read in (JourneyLog.open, lambda path: list(JourneyLog.pieces(path, 2))):
        with pytest.raises(JourneyError, match=rf"log\.{kind}: touches, row {place}, .* 'soon'"):
            read(path)


def test_a_bad_row_of_a_run_folder_names_the_shard(tmp_path: Path) -> None:
    sharded(tmp_path)
    shard = tmp_path / "touches.parquet" / "part-004.parquet"
    pd.read_parquet(shard).assign(kind="klick").to_parquet(shard, index=False)
    with pytest.raises(JourneyError, match=r"part-004\.parquet: touches, row 0, column 'kind'"):
        list(JourneyLog.pieces(tmp_path))
    with pytest.raises(JourneyError, match=r"touches, row \d+, column 'kind': 'klick'"):
        list(JourneyLog.pieces(tmp_path, 3))


def _all_of(pieces: Iterator[JourneyLog]) -> None:
    list(pieces)


def _first_only(pieces: Iterator[JourneyLog]) -> None:
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]


def _stopped(pieces: Iterator[JourneyLog]) -> None:
    with pytest.raises(KeyboardInterrupt):
        pieces.throw(KeyboardInterrupt())  # type: ignore[attr-defined]


def _stopped_later(pieces: Iterator[JourneyLog]) -> None:
    next(pieces)
    _stopped(pieces)


@pytest.mark.parametrize("read", [_all_of, _first_only, _stopped, _stopped_later])
def test_the_files_are_gone_however_reading_ends(tmp_path: Path, room: Path, read: object) -> None:
    pieces = JourneyLog.pieces(csv(tmp_path, EVENTS + GOOD), 2, folder=room)
    read(pieces)  # type: ignore[operator]
    assert not list(room.iterdir())


def test_the_files_are_there_while_pieces_are_read(tmp_path: Path, room: Path) -> None:
    pieces = JourneyLog.pieces(csv(tmp_path, EVENTS + GOOD), 2, folder=room)
    next(pieces)
    assert len(list(room.iterdir())) == 1


def test_stopping_while_the_file_is_scattered_leaves_nothing(
    tmp_path: Path, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH", 1)
    read = files._lined

    def stopping(frame: pd.DataFrame, *of: Any) -> pd.DataFrame:
        if frame.index.start == 2:
            assert list(room.iterdir())
            raise KeyboardInterrupt
        return read(frame, *of)

    monkeypatch.setattr(files, "_lined", stopping)
    with pytest.raises(KeyboardInterrupt):
        list(JourneyLog.pieces(csv(tmp_path, EVENTS + GOOD * 2), 2, folder=room))
    assert not list(room.iterdir())


def test_a_folder_that_cannot_hold_the_pieces_is_named(tmp_path: Path) -> None:
    path = csv(tmp_path, EVENTS + GOOD)
    with pytest.raises(JourneyError, match=r"nowhere: cannot hold the pieces.*TMPDIR"):
        list(JourneyLog.pieces(path, 2, folder=tmp_path / "nowhere"))
    with pytest.raises(JourneyError, match="count: 0 pieces"):
        list(JourneyLog.pieces(path, 0))
    with pytest.raises(JourneyError, match=r"gone\.csv: there is no such file"):
        list(JourneyLog.pieces(tmp_path / "gone.csv", 2))


def test_rows_are_counted_before_they_are_read(tmp_path: Path) -> None:
    events = pd.DataFrame({"visitor_id": ["visitor"] * 5000, "kind": "click"})
    assert files.rows_about(written(events, tmp_path, "csv")) == pytest.approx(5000, rel=0.01)
    for kind in ("parquet", "shards"):
        assert files.rows_about(written(events, tmp_path, kind)) == 5000
