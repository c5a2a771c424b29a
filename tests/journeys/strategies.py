"""Logs, event tables and path tables of all shapes, for property tests."""

from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

from journeys import CONVERSION_KINDS, TOUCH_KINDS, JourneyLog

# No deadline: the machine that runs the tests is shared, and seconds are not what they test.
few = settings(max_examples=30, deadline=None)

CHANNELS = ("search", "email", "direct", "抖音")
START = pd.Timestamp("2025-01-01")

# Few visitors and whole hours: ties in time and several conversions happen in most examples.
_visitor = st.sampled_from(["v1", "v2", "v3"])
_hour = st.integers(0, 60).map(lambda hours: START + pd.Timedelta(hours=hours))
_touch = st.tuples(_visitor, _hour, st.sampled_from(CHANNELS), st.sampled_from(TOUCH_KINDS))
_conversion = st.tuples(_visitor, _hour, st.sampled_from(CONVERSION_KINDS), st.integers(0, 9))


def _frame(rows: list[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"time": "datetime64[us]"})


tables = st.tuples(
    st.lists(_touch, max_size=25).map(
        lambda rows: _frame(rows, ["visitor_id", "time", "channel", "kind"])
    ),
    st.lists(_conversion, max_size=6).map(
        lambda rows: _frame(rows, ["visitor_id", "time", "kind", "value"])
    ),
)
logs = tables.map(lambda pair: JourneyLog(*pair))

_path = st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=6).map(" > ".join)
_row = st.tuples(_path, st.integers(0, 5), st.integers(0, 20), st.integers(0, 5))
path_tables = st.lists(_row, min_size=1, max_size=12).map(
    lambda rows: pd.DataFrame(rows, columns=["path", "conversions", "value", "nulls"]).assign(
        value=lambda frame: frame["value"].where(frame["conversions"] > 0, 0)
    )
)
converting_path_tables = path_tables.filter(
    lambda frame: bool((frame["conversions"] > 0).any() and frame["value"].sum() > 0)
)


def sharded(folder: Path) -> JourneyLog:
    """A log of 60 visitors, ten to a shard, in the layout of a run folder."""
    rng = np.random.default_rng(5)
    visitors = np.array([f"v{i}" for i in range(60)])
    pick = rng.integers(60, size=400)
    touches = pd.DataFrame(
        {
            "visitor_id": visitors[pick],
            "time": pd.Timestamp("2025-01-01")
            + pd.to_timedelta(rng.integers(9999, size=400), "min"),
            "channel": rng.choice(["x", "y", "direct"], 400),
            "kind": rng.choice(["click", "impression"], 400),
        }
    )
    orders = touches.iloc[:80, :2].assign(kind="order", value=1.5)
    for name, table in (("touches", touches), ("conversions", orders)):
        (folder / f"{name}.parquet").mkdir(parents=True)
        shard = table["visitor_id"].str[1:].astype(int) // 10
        for number in range(6):
            path = folder / f"{name}.parquet" / f"part-{number:03}.parquet"
            table[shard == number].to_parquet(path, index=False)
    return JourneyLog(touches, orders)
