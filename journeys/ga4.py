"""Exports of GA4: BigQuery's nested rows or flat tables as an event table with sessions.

Every event is evidence of its session. A session is of the source and medium that its events name
(`event_params`, `collected_traffic_source`, columns `source`, `medium`), and direct where none
does; `traffic_source`, which is of the visitor's first visit ever, is not used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from journeys.columns import as_text
from journeys.errors import JourneyError
from journeys.headers import plain_name
from journeys.instants import microseconds

DIRECT = "direct"
"""A visit that nothing is known to have brought, as rules and `without` know it."""
ALSO_DIRECT = ("(direct) / (none)", "(direct)/(none)", "(direct)", "(direct) / (not set)", "Direct")
NESTED = ("event_params", "ecommerce", "collected_traffic_source")
PARAMETERS = ("ga_session_id", "source", "medium", "value")
MARKS = {"user_pseudo_id", "event_params", "ga_session_id", "client_id"}
# By what they are, the names of columns and of nested fields, the surest first.
WANTED: Mapping[str, tuple[str, ...]] = {
    "visitor_id": ("user_pseudo_id", "client_id", "visitor_id"),
    "time": ("event_timestamp", "time", "timestamp"),
    "kind": ("event_name",),
    "session": ("ga_session_id", "session_id"),
    "source": ("source", "session_source", "manual_source", "utm_source"),
    "medium": ("medium", "session_medium", "manual_medium", "utm_medium"),
    "channel": ("session_default_channel_group", "default_channel_group", "channel"),
    "value": ("purchase_revenue", "event_value_in_usd", "value"),
}
FIRST_VISIT = "traffic_source"


def is_ga4(columns: Iterable[object]) -> bool:
    """Whether columns are an export's: names of events beside its own ids."""
    names = {plain_name(name) for name in columns}
    return "event_name" in names and bool(names & MARKS)


def events(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """`visitor_id, time, channel, kind, value, session` of an export, and the columns not used."""
    fields = _fields(frame)
    taken = {ours: next((n for n in names if n in fields), "") for ours, names in WANTED.items()}
    for ours in ("visitor_id", "time"):
        if not taken[ours]:
            raise JourneyError(
                f"GA4 export: column '{WANTED[ours][0]}' is missing (columns there: "
                f"{', '.join(map(str, frame.columns))}); export it too."
            )
    found = pd.DataFrame({ours: fields[name] for ours, name in taken.items() if name})
    found["time"] = microseconds(found["time"])
    session = found["session"] if "session" in found else pd.Series("", index=frame.index)
    found["session"] = _ids(session)
    found["channel"] = _channels(found)
    used = {*taken.values(), *NESTED}
    unused = [str(name) for name in frame.columns if _last(name) not in used]
    return found.drop(columns=["source", "medium"], errors="ignore"), unused


def _last(name: object) -> str:
    """A column's plain name, that of what it is a part of left out."""
    plain = plain_name(name)
    if plain.startswith(FIRST_VISIT):
        return plain
    return plain.rpartition(".")[2].removeprefix("event_params_").removeprefix("ep_")


def _fields(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Columns by plain name, with the fields of nested ones; a column comes before a field."""
    fields = {_last(name): frame[name] for name in frame.columns}
    nested = [(name, fields.pop(name)) for name in NESTED if name in fields]
    for name, cells in nested:
        rows = [_as_dict(cell, name) for cell in cells]
        for key in dict.fromkeys(key for row in rows for key in row):
            if key not in fields:
                values = [row.get(key) for row in rows]
                fields[key] = pd.Series(values, index=frame.index, dtype=object)
    return fields


def _as_dict(cell: Any, name: str) -> dict[str, Any]:
    """A nested cell by key: a record, or a list of `key, value`, the value in one of its kinds."""
    if isinstance(cell, str) and cell.strip():
        try:
            cell = json.loads(cell)
        except ValueError:
            raise JourneyError(f"GA4 export: a cell of {name} is no JSON: {cell[:40]!r}.") from None
    if isinstance(cell, Mapping):
        return {str(key): value for key, value in cell.items() if value is not None}
    if not isinstance(cell, (list, tuple, np.ndarray)):
        return {}
    return {str(one["key"]): _value(one.get("value")) for one in cell if one["key"] in PARAMETERS}


def _value(value: Any) -> Any:
    """The one value that is there: string_value, int_value, float_value or double_value."""
    if not isinstance(value, Mapping):
        return value
    return next((one for one in value.values() if one is not None and one == one), None)


def _ids(values: pd.Series) -> pd.Series:
    """Numbers of sessions as text, whole; '' where there is none."""
    numbers = pd.to_numeric(values, errors="coerce")
    if pd.api.types.is_float_dtype(values.dtype) and (numbers.dropna() % 1 == 0).all():
        values = numbers.astype("Int64")
    return as_text(values).where(values.notna(), "").astype(object)


def _channels(found: pd.DataFrame) -> pd.Series:
    """A channel group where there is one, else source / medium; that of the session where named."""
    grouped = "channel" in found and bool(found["channel"].notna().any())
    own = as_text(found["channel"]) if grouped else _source_medium(found)
    own = own.mask(own.isna() | own.isin((DIRECT, *ALSO_DIRECT)), None)
    named = (found["session"] != "").to_numpy()
    by_session = own.groupby([found["visitor_id"], found["session"]], sort=False, dropna=False)
    channels: pd.Series = own.mask(own.isna() & named, by_session.transform("first"))
    return channels.fillna(DIRECT)


def _source_medium(found: pd.DataFrame) -> pd.Series:
    nothing = pd.Series("", index=found.index, dtype=object)
    source, medium = (
        as_text(found[name]).fillna("").astype(object) if name in found else nothing
        for name in ("source", "medium")
    )
    both: pd.Series = source + " / " + medium.mask(medium == "", "(not set)")
    return both.mask(source == "", None)
