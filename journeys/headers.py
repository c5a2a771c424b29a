"""What columns of logs are called elsewhere, and the words for those that are not known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import pandas as pd

from journeys.errors import JourneyError

# By our own name those of published tables, the likeliest first: ChannelAttribution, Snowplow's
# fractribution; GA4 (BigQuery and flat), Snowplow, Segment, Kaggle's journeys.
PATH_NAMES: Mapping[str, tuple[str, ...]] = {
    "path": (),
    "conversions": ("total_conversions",),
    "value": ("total_conversion_value", "conversion_value", "revenue"),
    "nulls": ("total_null", "total_nulls", "non_conversions"),
}
EVENT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "visitor_id": ("visitor", "user_pseudo_id", "client_id", "domain_userid", "anonymous_id",
                   "fullvisitorid", "cookie", "user_id"),
    "time": ("event_timestamp", "timestamp", "event_time", "datetime", "collector_tstamp"),
    "channel": ("session_default_channel_group", "session_default_channel_grouping",
                "default_channel_group", "channelgrouping", "source_medium"),
    "kind": ("event_name", "interaction"),
    "value": ("purchase_revenue", "conversion_value", "revenue"),
    "margin": (),
    "theme": (),
}  # fmt: skip
EVENTS_NEED = {
    "visitor_id": "add who it was",
    "time": "add when it was",
    "kind": "add it (click, visit, …; order for a sale)",
}
PATHS_NEED = {"path": "add it", "conversions": "add it or rename the one that holds it"}
NEAR = 0.8
"""How alike an unknown name must be to a known one that is missing, to be taken for a slip."""


def plain_name(name: object) -> str:
    """A column's name without blanks around it, in small letters of normal width, as one word."""
    text = unicodedata.normalize("NFKC", str(name)).strip().lower()
    return re.sub(r"[\s\-]+", "_", text)


def is_path_table(columns: Iterable[object]) -> bool:
    """Whether columns are a path table's: `path` beside counts, not beside visitors and times."""
    names = {plain_name(name) for name in columns}
    if "path" not in names:
        return False
    visitor, time = (names & {ours, *EVENT_COLUMNS[ours]} for ours in ("visitor_id", "time"))
    return not (visitor and time)


def renamed(
    frame: pd.DataFrame, known: Mapping[str, Sequence[str]], table: str
) -> tuple[pd.DataFrame, list[str]]:
    """A table under our own names, and the columns that are not used.

    Raises JourneyError for two columns that are the same thing, and for one whose name is nearly
    that of a column which is missing.
    """
    if all(name in known for name in frame.columns):
        return frame, []
    plain = {name: plain_name(name) for name in frame.columns}
    taken: dict[object, str] = {}
    for ours, others in known.items():
        for wanted in (ours, *others):
            here = [name for name in plain if plain[name] == wanted and name not in taken]
            if here:
                _check_one(here, table, ours)
                taken[here[0]] = ours
                break
    unused = [str(name) for name in plain if name not in taken]
    _check_slips(unused, [ours for ours in known if ours not in taken.values()], table)
    if known is PATH_NAMES:
        _check_rivals(unused, taken, table)
    return frame[list(taken)].rename(columns=taken), unused


def check_needed(
    frame: pd.DataFrame, found: pd.DataFrame, needed: Mapping[str, str], table: str
) -> None:
    """Raise JourneyError for a column that a table lacks, with all that it has and the remedy."""
    known = PATH_NAMES if "path" in needed else EVENT_COLUMNS
    for name, remedy in needed.items():
        if name not in found.columns:
            have = ", ".join(map(str, frame.columns)) or "none"
            others = f" (or {', '.join(known[name])})" if known[name] else ""
            raise JourneyError(
                f"{table}: column '{name}' is missing (columns there: {have}); {remedy}, under "
                f"this name{others}."
            )


def _check_one(here: Sequence[object], table: str, ours: str) -> None:
    if len(here) > 1:
        raise JourneyError(
            f"{table}: the columns {' and '.join(map(repr, here))} are both {ours}; keep one."
        )


def _check_slips(unused: Sequence[str], missing: Sequence[str], table: str) -> None:
    for name in unused:
        near = get_close_matches(plain_name(name), missing, n=1, cutoff=NEAR)
        if near:
            raise JourneyError(
                f"{table}: there is no column '{near[0]}', but one that is called {name!r}; rename "
                "it, or take it out."
            )


def _check_rivals(unused: Sequence[str], taken: Mapping[object, str], table: str) -> None:
    """A table of sums has no columns to spare: what is not known may be what is missing."""
    for name in unused:
        same = [ours for ours, others in PATH_NAMES.items() if plain_name(name) in others]
        if same:
            other = next(theirs for theirs, ours in taken.items() if ours == same[0])
            raise JourneyError(
                f"{table}: the columns {other!r} and {name!r} are both {same[0]}; keep one."
            )
        known = ", ".join(
            f"{ours} ({', '.join(o)})" if o else ours for ours, o in PATH_NAMES.items()
        )
        raise JourneyError(
            f"{table}: the column {name!r} is not known; known are {known}. Rename it, or take it "
            "out."
        )


def differing_names(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Names that differ in case or width only, by what they have in common."""
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(unicodedata.normalize("NFKC", name).casefold(), []).append(name)
    return [tuple(same) for same in alike.values() if len(same) > 1]
