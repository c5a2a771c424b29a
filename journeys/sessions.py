"""Visits counted once a session, or once a page, where an export has every event."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from journeys.columns import from_codes
from journeys.errors import JourneyError
from journeys.ga4 import DIRECT
from tiermix.core.arrays import Bools, Ints

Per = Literal["session", "page", "row"]
UNITS = ("session", "page", "row")
GAP = 30 * 60 * 1_000_000
"""Microseconds without an event after which GA4 begins a new session."""
PAGE = "page_view"
ONCE = ("click", "visit", "download", "cart")
"""Kinds of touch that are steps of one visit; what was seen, sent or said is counted each time."""


def counted(touches: pd.DataFrame, per: str) -> pd.DataFrame:
    """Touches with one a session (or a page) among those that came with sessions."""
    if per not in UNITS:
        raise JourneyError(f"per: {per!r} is not known; use one of {', '.join(UNITS)}.")
    if per == "row" or not len(touches):
        return touches
    mine = touches["kind"].isin(ONCE).to_numpy()
    if "session" in touches.columns:
        told = touches["session"].notna().to_numpy()
        mine &= told if told.any() else True
    if per == "page":
        return touches[~mine | _pages(touches)].reset_index(drop=True)
    return _once(touches, np.flatnonzero(mine))


def _pages(touches: pd.DataFrame) -> Bools:
    if "theme" not in touches.columns:
        return np.ones(len(touches), dtype=bool)
    pages = (touches["theme"] == PAGE).to_numpy()
    return np.asarray(pages if pages.any() else touches["theme"].isna().to_numpy(), dtype=bool)


def _once(touches: pd.DataFrame, mine: Ints) -> pd.DataFrame:
    """One row for each session: its first, with the first channel that is not direct."""
    visitor = touches["visitor_id"].cat.codes.to_numpy()[mine].astype(np.int64)
    time = touches["time"].to_numpy().view(np.int64)[mine]
    order = np.lexsort((time, visitor))
    mine, visitor, time = mine[order], visitor[order], time[order]
    channel = touches["channel"].cat.codes.to_numpy()[mine].astype(np.int64)
    label = _labels(touches, mine, visitor, time, channel)
    first = np.unique(label, return_index=True)[1]
    names = touches["channel"].cat.categories
    direct = names.get_loc(DIRECT) if DIRECT in names else -1
    named = np.flatnonzero(channel != direct)
    at, place = np.unique(label[named], return_index=True)
    best = channel[first]
    best[at] = channel[named[place]]
    rest = np.setdiff1d(np.arange(len(touches)), mine, assume_unique=True)
    keep = np.concatenate([rest, mine[first]])
    made = touches.iloc[keep].reset_index(drop=True)
    codes = np.concatenate([touches["channel"].cat.codes.to_numpy()[rest], best])
    visit = list(made["kind"].cat.categories).index("visit")
    kinds = made["kind"].cat.codes.to_numpy().copy()
    kinds[len(rest) :] = visit
    return made.assign(
        channel=from_codes(codes, names), kind=from_codes(kinds, made["kind"].cat.categories)
    )


def _labels(touches: pd.DataFrame, mine: Ints, visitor: Ints, time: Ints, channel: Ints) -> Ints:
    """A number for each row's session: its id, or by half an hour's pause and another channel."""
    fresh = np.ones(len(mine), dtype=bool)
    fresh[1:] = (np.diff(visitor) != 0) | (np.diff(time) > GAP) | (np.diff(channel) != 0)
    by_time = np.cumsum(fresh) - 1
    if "session" not in touches.columns:
        return by_time
    ids = touches["session"].iloc[mine]
    code = ids.cat.codes.to_numpy().astype(np.int64)
    blank = (ids.isna() | (ids == "")).to_numpy()
    pair = visitor * (len(ids.cat.categories) + 1) + code
    whole = np.unique(np.where(blank, -1 - by_time, pair), return_inverse=True)[1]
    return np.asarray(whole, dtype=np.int64)


def with_later_orders(touches: pd.DataFrame, conversions: pd.DataFrame) -> pd.DataFrame:
    """A touch more at each order of a session after its first: the session brought that one too."""
    if "session" not in touches.columns or "session" not in conversions.columns:
        return touches
    orders = conversions[(conversions["kind"] == "order") & (conversions["session"] != "")]
    orders = orders[orders["session"].notna()].sort_values("time", kind="stable")
    later = orders[orders.duplicated(["visitor_id", "session"])]
    if later.empty:
        return touches
    key = ["visitor_id", "session"]
    told = touches.drop_duplicates(key)[[*key, "channel", "kind"]].astype(object)
    more = later[[*key, "time"]].astype(dict.fromkeys(key, object)).merge(told, on=key)
    made = pd.concat([touches.astype({"visitor_id": object}), more], ignore_index=True)
    kept = touches["visitor_id"].dtype
    return made.assign(visitor_id=made["visitor_id"].astype(kept))
