"""GA4 exports, nested or flat: one touch a session, of the channel that the session names."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journeys import JourneyError, JourneyLog

DAY = 86_400_000_000
START = 1_735_700_000_000_000
DIRECT = "direct"
SOURCES = [("google", "cpc"), ("newsletter", "email"), ("抖音", "paid_social"), None,
           ("(direct)", "(none)")]  # fmt: skip
Event = dict[str, Any]


def visits(seed: int) -> list[list[Event]]:
    """Sessions of a few visitors, each a list of events; the source comes with any of them."""
    rng = np.random.default_rng(seed)
    made = []
    for visitor in range(6):
        for session in range(int(rng.integers(1, 4))):
            source = SOURCES[rng.integers(len(SOURCES))]
            begin = START + (visitor + 10 * session) * DAY
            names = ["session_start", "page_view", "scroll", "page_view", "user_engagement"]
            if rng.random() < 0.5:
                names += ["begin_checkout", "purchase", "page_view"]
            bearer = int(rng.integers(len(names)))
            made.append([
                {"visitor": f"{visitor}.{17 * visitor}", "session": session, "name": name,
                 "time": begin + max(n - 1, 0) * 60_000_000,
                 "source": source if n == bearer else None,
                 "revenue": 10.0 + session if name == "purchase" else None}
                for n, name in enumerate(names)
            ])  # fmt: skip
    return made


def nested(event: Event) -> dict[str, Any]:
    """A row as BigQuery exports it: whole numbers as text, parameters as a list."""
    parameters = [{"key": "ga_session_id", "value": {"int_value": str(event["session"])}}]
    parameters.append({"key": "page_title", "value": {"string_value": "Shop"}})
    for key, value in zip(("source", "medium"), event["source"] or (), strict=False):
        parameters.append({"key": key, "value": {"string_value": value}})
    row = {
        "event_date": "20250101", "event_timestamp": str(event["time"]),
        "event_name": event["name"], "user_pseudo_id": event["visitor"],
        "event_params": parameters,
        "traffic_source": {"source": "first", "medium": "ever"},
    }  # fmt: skip
    if event["revenue"]:
        row["ecommerce"] = {"purchase_revenue": event["revenue"], "transaction_id": "x"}
    return row


def flat(event: Event) -> dict[str, Any]:
    source, medium = event["source"] or (None, None)
    return {
        "event_date": "20250101", "event_timestamp": event["time"], "event_name": event["name"],
        "user_pseudo_id": event["visitor"], "ga_session_id": event["session"], "source": source,
        "medium": medium, "ecommerce.purchase_revenue": event["revenue"],
        "traffic_source.source": "first", "traffic_source.medium": "ever",
    }  # fmt: skip


def write(folder: Path, kind: str, sessions: list[list[Event]]) -> Path:
    events = [event for session in sessions for event in session]
    rows = [nested(event) for event in events]
    if kind == "lines":
        file = folder / "events.jsonl.gz"
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        file.write_bytes(gzip.compress(text.encode("utf-8")))
    elif kind == "list":
        file = folder / "events.json"
        file.write_text(json.dumps(rows), "utf-8")
    elif kind == "parquet":
        file = folder / "events.parquet"
        frame = pd.DataFrame(rows)
        frame["event_timestamp"] = frame["event_timestamp"].astype("int64")
        frame.to_parquet(file)
    else:
        file = folder / "events.csv"
        pd.DataFrame([flat(event) for event in events]).to_csv(file, index=False)
    return file


def journeys(log: JourneyLog) -> list[tuple[str, float, float]]:
    frame = log.paths().to_frame()
    return sorted(zip(frame["path"], frame["conversions"], frame["value"], strict=True))


def slowly(sessions: list[list[Event]]) -> list[tuple[str, float, float]]:
    """Journeys of sessions: each visitor's channels up to an order, and what is left."""
    found: list[tuple[str, float, float]] = []
    for visitor in dict.fromkeys(session[0]["visitor"] for session in sessions):
        path: list[str] = []
        for session in (s for s in sessions if s[0]["visitor"] == visitor):
            named = next((event["source"] for event in session if event["source"]), None)
            path.append(" / ".join(named) if named and named[0] != "(direct)" else DIRECT)
            for event in session:
                if event["name"] == "purchase":
                    found.append((" > ".join(path), 1.0, event["revenue"]))
                    path = []
        if path:
            found.append((" > ".join(path), 0.0, 0.0))
    return sorted(found)


@pytest.mark.parametrize("kind", ["lines", "list", "parquet", "flat"])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_export_has_one_touch_a_session_of_the_channel_that_it_names(
    tmp_path: Path, kind: str, seed: int
) -> None:
    sessions = visits(seed)
    file = write(tmp_path, kind, sessions)
    log = JourneyLog.open(file)
    assert journeys(log) == slowly(sessions)
    assert len(log.touches) == len(sessions)
    assert any("traffic_source" in remark for remark in log.remarks)
    pieces = list(JourneyLog.pieces(file, 3))
    assert sorted(row for piece in pieces for row in journeys(piece)) == slowly(sessions)


def test_a_session_that_is_torn_between_batches_is_still_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = visits(3)
    file = write(tmp_path, "flat", sessions)
    monkeypatch.setattr("journeys.files.BATCH", 4)
    pieces = list(JourneyLog.pieces(file, 2))
    assert sorted(row for piece in pieces for row in journeys(piece)) == slowly(sessions)


def test_pages_count_when_they_are_asked_for_and_rows_stay_as_they_are(tmp_path: Path) -> None:
    sessions = visits(1)
    file = write(tmp_path, "flat", sessions)
    names = [event["name"] for session in sessions for event in session]
    assert len(JourneyLog.open(file, per="page").touches) == names.count("page_view")
    assert len(JourneyLog.open(file, per="row").touches) == len(names)
    with pytest.raises(JourneyError, match="session, page, row"):
        JourneyLog.open(file, per="visit")  # type: ignore[arg-type]


def test_a_second_order_of_a_session_is_brought_by_it_too(tmp_path: Path) -> None:
    session = visits(1)[0][:3]
    late = session[-1]["time"]
    orders = [
        {**session[0], "name": "purchase", "time": late + n, "revenue": 5.0, "source": None}
        for n in (1, 2)
    ]
    session = [{**event, "source": ("google", "cpc")} for event in session]
    file = write(tmp_path, "flat", [[*session, *orders]])
    assert journeys(JourneyLog.open(file)) == [("google / cpc", 1.0, 5.0)] * 2


def test_a_session_of_which_only_the_order_is_left_is_a_touch(tmp_path: Path) -> None:
    order = {**visits(1)[0][0], "name": "purchase", "revenue": 5.0, "source": ("google", "cpc")}
    view = {**visits(1)[0][0], "visitor": "b"}
    log = JourneyLog.open(write(tmp_path, "flat", [[order], [view]]))
    assert ("google / cpc", 1.0, 5.0) in journeys(log)


EVENTS = "visitor_id,time,channel,kind,value\n"


def log_of(tmp_path: Path, rows: str, **how: Any) -> JourneyLog:
    file = tmp_path / "log.csv"
    file.write_text(EVENTS + rows)
    return JourneyLog.open(file, **how)


def test_steps_without_a_session_are_one_by_channel_and_half_hour(tmp_path: Path) -> None:
    rows = (
        "a,2025-01-01 10:00,x,session_start,\na,2025-01-01 10:00,x,page_view,\n"
        "a,2025-01-01 10:29,x,page_view,\na,2025-01-01 11:00,x,page_view,\n"
        "a,2025-01-01 11:01,(direct) / (none),page_view,\n"
        "a,2025-01-01 11:02,(direct) / (none),purchase,5\n"
    )
    log = log_of(tmp_path, rows)
    assert journeys(log) == [("x > x > direct", 1.0, 5.0)]
    assert log.paths(without="direct").to_frame()["path"].tolist() == ["x > x"]
    assert journeys(log_of(tmp_path, rows, per="page")) == [("x > x > x > direct", 1.0, 5.0)]


def test_logs_without_sessions_stay_as_they_are_unless_asked(tmp_path: Path) -> None:
    rows = (
        "a,2025-01-01 10:00,x,impression,\na,2025-01-01 10:01,x,impression,\n"
        "a,2025-01-01 10:02,x,click,\na,2025-01-01 10:03,x,visit,\na,2025-01-02 10:00,,order,5\n"
    )
    assert journeys(log_of(tmp_path, rows)) == [("x > x > x > x", 1.0, 5.0)]
    assert journeys(log_of(tmp_path, rows, per="session")) == [("x > x > x", 1.0, 5.0)]


def test_the_channel_of_a_conversions_row_is_told_or_counted(tmp_path: Path) -> None:
    rows = (
        "u2,2018-07-05T10:00:00Z,Paid Search,impression,\n"
        "u2,2018-07-05T12:00:00Z,Facebook,order,6.5\nu3,2018-07-06T12:00:00Z,Facebook,order,7.5\n"
    )
    log = log_of(tmp_path, rows)
    assert [(count, "converting=True" in text) for text, count in log.remarks.items()] == [
        (2, True)
    ]
    assert log.paths().untouched == (1.0, 7.5)
    told = log_of(tmp_path, rows, converting=True)
    assert told.remarks == {}
    assert journeys(told) == [("Facebook", 1.0, 7.5), ("Paid Search > Facebook", 1.0, 6.5)]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.jsonl", "", "has no rows"),
        ("a.jsonl", "{\n", "line 1: is no JSON"),
        ("a.json", "[1]", "line 1: is no row"),
        ("a.csv", "event_name,event_timestamp,ga_session_id\npage_view,1,2\n", "'user_pseudo_id'"),
    ],
)
def test_what_is_no_export_is_refused_in_words(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(JourneyError, match=words) as error:
        JourneyLog.open(tmp_path / name)
    assert str(error.value).startswith(str(tmp_path / name))
