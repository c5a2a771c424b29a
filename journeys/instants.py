"""Times as text: with a date, the year first or the month in letters, zones by their offset."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

DATED = (
    r"^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{8}"
    r"|\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{4}|[A-Za-z]{3,9} \d{1,2},? \d{4})([T ,].*)?\s*$"
)
"""With a clock alone pandas takes today, and 03/04/2025 is March or April by the row."""
ISO = r"^\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[+-]\d\d:?\d\d)?)?$"
OFFSET = r"\s*(?:UTC|GMT)\s*([+-])(\d{1,2}):?(\d{2})?\s*$"
"""pandas reads UTC+8 as POSIX does, west of Greenwich; people mean east."""
ZONE_NAME = r"\d\s*[A-Za-z]{3,5}\s*$"
UTC_NAME = r"(?:UTC|GMT)\s*$"


def instants(values: pd.Series) -> pd.Series:
    """Values as `datetime64[us]` in UTC without zone; what is no time goes missing."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return pd.Series(pd.NaT, index=values.index, dtype="datetime64[us]")
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = pd.to_datetime(_sound(values), errors="coerce", utc=True, format="mixed")
    if isinstance(values.dtype, pd.ArrowDtype):
        values = values.astype("datetime64[us, UTC]")
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    return values.astype("datetime64[us]")


def microseconds(values: pd.Series) -> pd.Series:
    """Whole numbers as microseconds since 1970, as GA4 exports them; other values as they are."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().any() or not len(numbers):
        return values
    return pd.to_datetime(numbers.astype("int64"), unit="us")


def _sound(values: pd.Series) -> pd.Series:
    """Texts that say their date beyond doubt, with offsets as pandas reads them; others missing."""
    try:
        text = pa.array(values, type=pa.string(), from_pandas=True)
    except (pa.ArrowException, TypeError):
        return values  # times of Python, or what pandas will find to be none
    if pc.all(pc.match_substring_regex(text, ISO)).as_py():
        return values
    sure = pc.match_substring_regex(text, DATED)
    if pc.any(pc.match_substring_regex(text, r"(?:UTC|GMT)\s*[+-]")).as_py():
        text = _east(text)
    named = pc.match_substring_regex(text, ZONE_NAME)
    if pc.any(named).as_py():
        other = pc.and_(named, pc.invert(pc.match_substring_regex(text, UTC_NAME)))
        sure = pc.and_(sure, pc.invert(other))
    sure = sure.fill_null(False)
    if not pc.all(sure).as_py():
        text = pc.if_else(sure, text, pa.scalar(None, pa.string()))
    return pd.Series(text.to_pandas().to_numpy(dtype=object), index=values.index)


def _east(text: pa.Array) -> pa.Array:
    """`UTC+8` and the like as `+08:00`."""
    wide = pc.replace_substring_regex(text, OFFSET, r"\1\2:\3")
    wide = pc.replace_substring_regex(wide, r"([+-]\d{1,2}):$", r"\1:00")
    return pc.replace_substring_regex(wide, r"([+-])(\d:\d\d)$", r"\10\2")
