"""Logs as other tools write them: read as they are meant, or refused in words."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys import TRANSFORMS, JourneyError, JourneyLog
from journeys.paths import Paths

EVENTS = "visitor_id,time,channel,kind,value\n"
ORDER = "a,2025-01-02 10:00,,order,50\n"


def opened(tmp_path: Path, text: str | bytes, name: str = "log.csv") -> JourneyLog:
    file = tmp_path / name
    file.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return JourneyLog.open(file)


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(JourneyError) as error:
        opened(tmp_path, text)
    return str(error.value)


# Path tables


def test_channelattributions_table_is_read_with_its_names_and_semicolons(tmp_path: Path) -> None:
    text = "path;total_conversions;total_conversion_value;total_null\na > b > a;2;3.5;6\nb;1;2;4\n"
    paths = opened(tmp_path, text).paths()
    assert paths.total == (3.0, 5.5)
    assert paths.nulls.tolist() == [6.0, 4.0]


def test_fractributions_table_is_read_with_its_names_and_empty_values(tmp_path: Path) -> None:
    text = "path,conversions,non_conversions,revenue\na > b,1,3,20\nb,0,4,\n"
    paths = opened(tmp_path, text).paths()
    assert (paths.total, paths.nulls.sum()) == ((1.0, 20.0), 7.0)
    assert "'value'" in refused(tmp_path, text.replace("b,0,4", "b,1,4"))


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("path,conversions,total_conversions", ["both conversions", "keep one"]),
        ("path,conversions,campaign", ["'campaign' is not known", "total_null"]),
        ("path,conversions,null", ["'null'", "'nulls'"]),
    ],
)
def test_columns_of_a_path_table_that_would_be_lost_are_refused(
    tmp_path: Path, head: str, words: list[str]
) -> None:
    said = refused(tmp_path, f"{head}\na > b,1,3\n")
    assert all(word in said for word in words)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("a -> b", "separator='->'"),
        ("a → b", "separator='→'"),
        ("a | b", "separator='|'"),
        ("(start) > a > b", "(start) is no channel"),
        ("a > b > conversion", "conversion is no channel"),
        ("a > b > (null)", "(null) is no channel"),
    ],
)
def test_what_would_be_taken_for_channels_is_refused(tmp_path: Path, row: str, word: str) -> None:
    assert word in refused(tmp_path, f"path,conversions\n{row},1\n")


def test_another_separator_can_be_named_and_a_row_of_sums_is_none(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("path,conversions\na -> b,2\nb,1\n")
    assert JourneyLog.open(file, separator="->").channels == ("a", "b")
    assert "is the sum" in refused(tmp_path, "path,conversions\na > b,2\nb,1\nTotal,3\n")


def test_a_name_that_holds_the_separator_cannot_be_written_into_paths(tmp_path: Path) -> None:
    log = opened(tmp_path, EVENTS + "a,2025-01-01,brand > shoes,click,\n" + ORDER)
    with pytest.raises(JourneyError, match="brand > shoes"):
        log.paths().to_frame()
    assert log.paths().to_frame(separator=" | ")["path"].tolist() == ["brand > shoes"]


# Event tables


def test_a_web_log_with_a_column_path_is_no_path_table(tmp_path: Path) -> None:
    text = "visitor_id,time,channel,kind,value,path\na,2025-01-01,x,visit,,/shoes\n"
    log = opened(tmp_path, text + "a,2025-01-02,,order,5,/cart\n")
    assert (len(log.touches), len(log.conversions)) == (1, 1)
    assert list(log.remarks) == ["columns that are not used: path"]


def test_names_of_columns_are_known_in_any_letters_and_by_those_of_tools(tmp_path: Path) -> None:
    text = " Visitor ID,TIME,Ｃhannel,interaction,conversion_value\n"
    rows = "a,2025-01-01,x,impression,\na,2025-01-02,,conversion,5\n"
    log = opened(tmp_path, text + rows)
    assert log.channels == ("x",)
    assert log.paths().total == (1.0, 5.0)


def test_a_slip_in_a_columns_name_is_refused_where_the_column_would_be_missed(
    tmp_path: Path,
) -> None:
    said = refused(tmp_path, EVENTS.replace("value", "valeu") + ORDER)
    assert "'value'" in said
    assert "'valeu'" in said


def test_leads_without_a_value_count_and_orders_without_one_are_refused(tmp_path: Path) -> None:
    rows = "a,2025-01-01,x,click,\na,2025-01-02,,generate_lead,\n"
    assert opened(tmp_path, EVENTS + rows).paths(outcome="lead").total == (1.0, 0.0)
    assert "'value'" in refused(tmp_path, EVENTS + rows.replace("generate_lead", "purchase"))


@pytest.mark.parametrize(
    "time", ["10:00", "now", "today", "03/06/2021", "13/06/2021", "2021-06-03 10:00 CST", "June 3"]
)
def test_times_that_leave_a_doubt_are_refused(tmp_path: Path, time: str) -> None:
    said = refused(tmp_path, f"{EVENTS}a,{time},x,click,\n" + ORDER)
    assert repr(time) in said
    assert "the year first" in said


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        ("2021-01-01 08:00:00 GMT+8", "2021-01-01 00:00"),
        ("2021-01-01 08:00 UTC+0800", "2021-01-01 00:00"),
        ("2021-01-01 08:00 UTC-3:30", "2021-01-01 11:30"),
        ("2021/1/5 10:00", "2021-01-05 10:00"),
        ("5 Jan 2021 10:00", "2021-01-05 10:00"),
        ("2021-01-01T08:00:00Z", "2021-01-01 08:00"),
    ],
)
def test_times_are_what_people_mean_by_them(tmp_path: Path, time: str, utc: str) -> None:
    log = opened(tmp_path, f"{EVENTS}a,{time},x,click,\n")
    assert log.touches["time"].tolist() == [pd.Timestamp(utc)]


def test_times_with_a_zone_of_arrow_are_read() -> None:
    rows = {"visitor_id": ["a"], "channel": ["x"], "kind": ["click"]}
    when = pd.Series(["2025-01-01T10:00+08:00"]).astype("timestamp[us, tz=Asia/Shanghai][pyarrow]")
    log = JourneyLog.from_events(pd.DataFrame(rows).assign(time=when))
    assert log.touches["time"].tolist() == [pd.Timestamp("2025-01-01 02:00")]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("packed", [True, False])
def test_text_is_read_in_the_usual_encodings_separators_and_packed(
    tmp_path: Path, encoding: str, separator: str, packed: bool
) -> None:
    text = EVENTS + "a,2025-01-01,抖音直播间,click,\na,2025-01-02,小红书种草,click,\n" + ORDER
    data = text.replace(",", separator).encode(encoding)
    name = ("log.tsv" if separator == "\t" else "log.csv") + (".gz" if packed else "")
    log = opened(tmp_path, gzip.compress(data) if packed else data, name)
    assert set(log.channels) == {"小红书种草", "抖音直播间"}
    pieces = list(JourneyLog.pieces(tmp_path / name, 2))
    assert sum(len(piece.touches) for piece in pieces) == 2
    assert pieces[0].remarks == log.remarks
    assert ("GB18030" in " ".join(log.remarks)) == (encoding == "gb18030")


# What becomes of repeated touches


def slowly(path: list[str], how: str) -> list[str]:
    if how == "unique":
        return path
    if how == "exposure":
        return [name for i, name in enumerate(path) if i == 0 or name != path[i - 1]]
    first = list(dict.fromkeys(path))
    return first if how == "first" else [f"{name}({path.count(name)})" for name in first]


def read(paths: Paths) -> list[list[str]]:
    names = [paths.channels[code] for code in paths.channel]
    return [names[a:b] for a, b in zip(paths.start[:-1], paths.start[1:], strict=True)]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), min_size=1, max_size=5),
    st.sampled_from(TRANSFORMS),
)
def test_repeated_touches_are_taken_out_as_the_slow_way_does(
    journeys: list[list[str]], how: str
) -> None:
    frame = pd.DataFrame(
        {"path": [" > ".join(path) for path in journeys], "conversions": np.arange(len(journeys))}
    )
    paths = JourneyLog.from_paths(frame).paths()
    made = paths.transformed(how)
    assert read(made) == [slowly(path, how) for path in journeys]
    assert made.total == paths.total
    assert list(made.channels) == sorted(made.channels)


def test_a_transform_that_is_not_known_is_refused(tmp_path: Path) -> None:
    paths = opened(tmp_path, "path,conversions\na > b,1\n").paths()
    with pytest.raises(JourneyError, match="exposure"):
        paths.transformed("last")
