"""Tables from outside: event tables and path tables."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journeys.columns import LARGEST, as_text, categorical, coded, from_codes, named
from journeys.errors import JourneyError
from journeys.ga4 import ALSO_DIRECT, DIRECT
from journeys.paths import Paths
from journeys.tables import CONVERSION_KINDS, TOUCH_KINDS, cell, plain
from tiermix.core.arrays import AnyArray, Bools, Floats, Ints

RESERVED = {"(start)", "(conversion)", "(conv)", "(null)", "start", "conversion", "conv", "null"}
"""What tools write at the ends of paths for their beginning and outcome."""
TOTALS = {"total", "totals", "sum", "合计", "总计"}
OTHER_MARKS = ("→", "|", ";", ",")
"""What other tools write between steps."""

# What web-analytics exports (GA4) call the kinds of this project.
EVENT_NAMES: Mapping[str, str] = {
    "view": "impression",
    "ad_impression": "impression",
    "ad_click": "click",
    "session_start": "visit",
    "page_view": "visit",
    "file_download": "download",
    "add_to_cart": "cart",
    "sign_up": "signup",
    "generate_lead": "lead",
    "purchase": "order",
    "conversion": "order",
}
CHANNEL_OF_CONVERSION = (
    "conversions name a channel, which is no touch of theirs: give it a row of its own, or read "
    "with converting=True"
)
STEPS = {"session_start", "page_view", "first_visit", "user_engagement"}
"""Events by which a table is known to hold every step of a session."""


def split_events(
    frame: pd.DataFrame, *, converting: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Touches and conversions of an event table `visitor_id, time, channel, kind[, value]`.

    A row whose kind is a conversion (signup, lead, order, or GA4's name for one) is no touch,
    whatever channel it names, unless `converting`; a remark says of how many rows that is so. Where
    kinds are the steps of GA4's sessions, every row that names a channel is evidence of its
    session, with the event as its theme. Raises JourneyError where a column is missing.
    """
    with plain("event table", "kind"):
        raw = categorical(frame["kind"])
        kind = _known_names(raw)
    # Coded before they are split: text is hashed once, and both tables share their visitors.
    coders = {"visitor_id": coded, "channel": named, "theme": categorical, "session": categorical}
    columns = {}
    for name in frame.columns:
        with plain("event table", name):
            columns[name] = coders.get(str(name), _as_is)(frame[name])
    events = pd.DataFrame({**columns, "kind": kind}, copy=False)
    converts = kind.isin(CONVERSION_KINDS).to_numpy()
    said = np.zeros(len(events), dtype=bool)
    if "channel" in events:
        said = events["channel"].notna().to_numpy()
    if "session" in events or _has_steps(raw):
        touches = _evidence(events, raw, ~converts | said)
        return touches, _worth_nothing(events[converts]), {}
    both = int((converts & said).sum())
    if both and converting:
        visits = _all_visits(kind).astype(object).where(converts, kind.astype(object))
        touches = events.assign(kind=visits)[~converts | said]
        return touches, _worth_nothing(events[converts]), {}
    remarks = {CHANNEL_OF_CONVERSION: both} if both else {}
    return events[~converts], _worth_nothing(events[converts]), remarks


def _has_steps(kind: pd.Series) -> bool:
    return any(str(name).strip().lower() in STEPS for name in kind.cat.categories)


def _evidence(events: pd.DataFrame, raw: pd.Series, keep: Bools) -> pd.DataFrame:
    """Rows as touches of sessions: visits, unless their kind is one of ours."""
    kinds = _all_visits(_known_names(raw))
    session = events["session"] if "session" in events else pd.Series("", index=events.index)
    made = {"kind": kinds, "theme": raw, "session": session}
    if "channel" in events:
        made["channel"] = _direct(events["channel"])
    return events.assign(**made)[keep]


def _direct(channel: pd.Series) -> pd.Series:
    """Channels with GA4's ways to say direct as one."""
    names = [DIRECT if name in ALSO_DIRECT else str(name) for name in channel.cat.categories]
    known, place = np.unique(np.array(names, dtype=str), return_inverse=True)
    codes = np.append(place, -1)[channel.cat.codes.to_numpy()]
    return pd.Series(from_codes(codes, pd.Index(known.astype(object))), index=channel.index)


def _all_visits(kind: pd.Series) -> pd.Series:
    """Conversions, and events that are nothing of ours, as visits."""
    names = [name if name in TOUCH_KINDS else "visit" for name in kind.cat.categories]
    known, place = np.unique(np.array(names, dtype=str), return_inverse=True)
    codes = np.append(place, -1)[kind.cat.codes.to_numpy()]
    return pd.Series(from_codes(codes, pd.Index(known.astype(object))), index=kind.index)


def _worth_nothing(conversions: pd.DataFrame) -> pd.DataFrame:
    """Leads and sign-ups with an empty value are worth 0; an order says what it is worth."""
    if "value" not in conversions.columns:
        return conversions
    free = conversions["value"].isna() & conversions["kind"].isin(("lead", "signup"))
    return (
        conversions.assign(value=conversions["value"].mask(free, 0.0))
        if free.any()
        else conversions
    )


def _as_is(values: pd.Series) -> pd.Series:
    return values


def _known_names(kind: pd.Series) -> pd.Series:
    """Kinds under the names of this project where they came under those of an export."""
    plain = [str(name).strip().lower() for name in kind.cat.categories]
    names = [EVENT_NAMES.get(name, name) for name in plain]
    known, place = np.unique(np.array(names, dtype=str), return_inverse=True)
    codes = np.append(place, -1)[kind.cat.codes.to_numpy()]
    return pd.Series(from_codes(codes, pd.Index(known.astype(object))), index=kind.index)


def parse_paths(frame: pd.DataFrame, *, separator: str = ">") -> Paths:
    """Paths of a table `path, conversions[, value, nulls]` with paths like `a > b > c`.

    `value` is the value of all the row's conversions together. Raises JourneyError with the row.
    """
    text = _text(frame["path"])
    _refuse(frame, "path", pc.is_null(text), "is no path: write the channels as a > b > c")
    _check_separator(text, separator)
    steps = pc.split_pattern(text, separator)
    coded = steps.values.dictionary_encode()
    names = np.array([name.strip() for name in coded.dictionary.to_pylist()], dtype=object)
    channels, merged = np.unique(names.astype(str), return_inverse=True)
    channel = merged[coded.indices.to_numpy()] if len(coded) else np.zeros(0, dtype=np.int64)
    start = steps.offsets.to_numpy().astype(np.int64)
    empty = np.repeat(np.arange(len(frame)), np.diff(start))[
        np.flatnonzero(_blank(channels, channel))
    ]
    _refuse(frame, "path", _mask(empty, len(frame)), "has a step without a name: take it out")
    _check_reserved(channels, separator)
    conversions = _counts(frame, "conversions")
    _check_total(channels, channel, start, conversions)
    return Paths(
        channels=tuple(str(name) for name in channels),
        start=start,
        channel=channel.astype(np.int64),
        conversions=conversions,
        value=_counts(frame, "value", signed=True, empty=conversions == 0),
        nulls=_counts(frame, "nulls"),
    )


def _check_separator(text: pa.Array, separator: str) -> None:
    """Refuse paths that are written with something else between their steps."""
    said = "write the channels as a > b > c, or name what separates them"
    marks = [mark for mark in OTHER_MARKS if mark.strip() != separator.strip()]
    if separator == ">" and pc.any(pc.match_substring_regex(text, r"[-=]>")).as_py():
        raise JourneyError(
            f"path table, column 'path': has arrows as -> in it; {said}: separator='->'."
        )
    if not len(text) or pc.any(pc.match_substring(text, separator)).as_py():
        return
    for mark in marks:
        if pc.sum(pc.match_substring(text, mark)).as_py() > len(text) / 2:
            raise JourneyError(
                f"path table, column 'path': has no {separator!r} in it but {mark!r} in most rows; "
                f"{said}: separator={mark!r}."
            )


def _check_reserved(channels: AnyArray, separator: str) -> None:
    """Refuse steps that are no channels but a path's beginning or outcome."""
    found = [str(name) for name in channels if str(name).casefold() in RESERVED]
    if found:
        raise JourneyError(
            f"path table, column 'path': {', '.join(found)} is no channel but the beginning or the "
            f"outcome of a path; take it out, as in a {separator} b, with conversions and nulls in "
            "columns of their own."
        )


def _check_total(channels: AnyArray, channel: Ints, start: Ints, conversions: Floats) -> None:
    """Refuse a row of sums."""
    last = len(conversions) - 1
    if last < 1 or start[last + 1] - start[last] != 1:
        return
    name = str(channels[channel[start[last]]])
    if name.casefold() in TOTALS and np.isclose(conversions[last], conversions[:last].sum()):
        raise JourneyError(
            f"path table: the last row, {name!r}, is the sum of the others; take it out."
        )


def _text(values: pd.Series) -> pa.Array:
    try:
        return pa.array(as_text(values), type=pa.string(), from_pandas=True)
    except pa.ArrowException as error:
        raise JourneyError(
            f"path table, column 'path': holds more than text ({error}); write paths as a > b > c."
        ) from error


def _blank(channels: AnyArray, channel: Ints) -> Bools:
    return np.asarray((channels == "")[channel])


def _mask(rows: Ints, length: int) -> Bools:
    mask = np.zeros(length, dtype=bool)
    mask[rows] = True
    return mask


def _counts(
    frame: pd.DataFrame, name: str, *, signed: bool = False, empty: Bools | None = None
) -> Floats:
    """A column of numbers; 0 without the column, and for empty cells where they may be `empty`."""
    if name not in frame.columns:
        return np.zeros(len(frame))
    numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, copy=True)
    if empty is not None:
        numbers[frame[name].isna().to_numpy() & empty] = 0.0
    sound = (np.abs(numbers) if signed else numbers) <= LARGEST
    rule = f"is no {'number' if signed else 'count (zero or more)'} up to {LARGEST:.0e}: correct it"
    _refuse(frame, name, ~(sound & (signed | (numbers >= 0))), rule)
    return numbers


def _refuse(frame: pd.DataFrame, name: str, wrong: Any, rule: str) -> None:
    rows = np.flatnonzero(np.asarray(wrong, dtype=bool))
    if len(rows):
        raise JourneyError(f"path table, {cell(frame, name, int(rows[0]))} {rule}.")
