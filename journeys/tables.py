"""The columns of a log: types, what each may hold, what becomes of rows that do not fit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from journeys.errors import JourneyError

# In the order in which they happen: of two touches at one instant the earlier kind comes first.
TOUCH_KINDS = (
    "impression",
    "mention",
    "referral",
    "message",
    "open",
    "call",
    "click",
    "visit",
    "download",
    "cart",
)
CONVERSION_KINDS = ("signup", "lead", "order")

BadRows = Literal["refuse", "drop"]
Parser = Callable[[pd.Series], pd.Series]


@dataclass(frozen=True)
class Column:
    """One typed column: `parse` turns what does not fit into a missing value; `rule` says why."""

    name: str
    parse: Parser
    rule: str
    default: float | None = None
    required: bool = True


def categorical(values: pd.Series, allowed: Iterable[str] | None = None) -> pd.Series:
    """Values as a category; outside `allowed` they go missing.

    Names that come as text are sorted, so that their order never depends on the order of rows;
    a category that is given keeps its order. Visitors are coded as they come (`coded`).
    """
    if not isinstance(values.dtype, pd.CategoricalDtype):
        values = pd.Series(pd.Categorical(_as_text(values)), index=values.index)
    if allowed is not None and list(values.cat.categories) != list(allowed):
        values = values.cat.set_categories(list(allowed))
    return values


def coded(values: pd.Series) -> pd.Series:
    """Values as a category in order of appearance: sorting a million visitor ids buys nothing."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values
    codes, categories = _coded_runs(values.to_numpy()) or pd.factorize(values)
    # An index that is wrapped anew would be searched for doubles once more.
    index = categories if isinstance(categories, pd.Index) else pd.Index(categories)
    return pd.Series(from_codes(codes, index), index=values.index)


def _coded_runs(values: np.ndarray) -> tuple[np.ndarray, pd.Index] | None:
    """Codes and categories if equal values stand together: then one of each run is hashed.

    Tables sorted by visitor are the rule, and this takes a third of the time. None if a value
    comes back or is missing; a look at the first thousand rows spares hopeless tables the try.
    """
    few = values[:1000]
    if not len(few) or np.count_nonzero(few[1:] != few[:-1]) > 0.7 * len(few):
        return None
    starts = np.append(True, values[1:] != values[:-1])
    categories = pd.Index(values[starts])
    if categories.hasnans or not categories.is_unique:
        return None
    return np.cumsum(starts) - 1, categories


def from_codes(codes: Any, categories: pd.Index) -> pd.Categorical:
    """A category column of known codes (-1: missing), never by way of its values."""
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(categories))


def _as_text(values: pd.Series) -> pd.Series:
    return values if values.dtype == object else values.astype("string").astype(object)


def instants(values: pd.Series) -> pd.Series:
    """Values as `datetime64[us]` in UTC without zone; what is no time goes missing."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return pd.Series(pd.NaT, index=values.index, dtype="datetime64[us]")
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = pd.to_datetime(values, errors="coerce", utc=True, format="mixed")
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    return values.astype("datetime64[us]")


def amounts(values: pd.Series) -> pd.Series:
    """Values as finite floats; what is no number goes missing."""
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _touch_kind(values: pd.Series) -> pd.Series:
    return categorical(values, TOUCH_KINDS)


def _conversion_kind(values: pd.Series) -> pd.Series:
    return categorical(values, CONVERSION_KINDS)


VISITOR = Column("visitor_id", coded, "is no visitor: give every row the id of its visitor")
TIME = Column("time", instants, "is no time: write it as 2025-03-01 12:30:00")
TOUCH_COLUMNS = (
    VISITOR,
    TIME,
    Column("channel", categorical, "is no channel: give every touch the name of its channel"),
    Column("kind", _touch_kind, f"is no kind of touch: use one of {', '.join(TOUCH_KINDS)}"),
    Column("theme", categorical, "", required=False),
)
CONVERSION_COLUMNS = (
    VISITOR,
    TIME,
    Column("kind", _conversion_kind, f"is no conversion: use one of {', '.join(CONVERSION_KINDS)}"),
    Column("value", amounts, "is no finite number: give the conversion's value", default=0.0),
    Column("margin", amounts, "is no finite number: give the conversion's margin", default=0.0),
)


def typed(
    frame: pd.DataFrame, columns: tuple[Column, ...], *, table: str, bad: BadRows = "refuse"
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The frame with typed columns, and the number of rows dropped by column (`bad="drop"`).

    The frame itself is never changed. Raises JourneyError on a missing column, and on the first
    row that does not fit unless bad rows are to be dropped.
    """
    parsed = {column.name: _parsed(frame, column, table) for column in columns}
    wrong = {
        column.name: parsed[column.name].isna().to_numpy() for column in columns if column.required
    }
    wrong = {name: mask for name, mask in wrong.items() if mask.any()}
    if wrong and bad == "refuse":
        raise JourneyError(_sentence(frame, columns, wrong, table))
    result = pd.DataFrame(parsed, copy=False)
    if not wrong:
        return result.reset_index(drop=True), {}
    keep = ~np.logical_or.reduce(list(wrong.values()))
    return result[keep].reset_index(drop=True), {n: int(m.sum()) for n, m in wrong.items()}


def _parsed(frame: pd.DataFrame, column: Column, table: str) -> pd.Series:
    if column.name in frame.columns:
        return column.parse(frame[column.name])
    if column.required and column.default is None:
        have = ", ".join(map(str, frame.columns)) or "none"
        raise JourneyError(
            f"{table}: column '{column.name}' is missing (columns there: {have}); "
            f"add it or rename the one that holds it."
        )
    if column.default is None:
        nothing = from_codes(np.full(len(frame), -1), pd.Index([], dtype=object))
        return pd.Series(nothing, index=frame.index)
    return pd.Series(column.default, index=frame.index)


def _sentence(
    frame: pd.DataFrame, columns: tuple[Column, ...], wrong: dict[str, np.ndarray], table: str
) -> str:
    """The first bad row of the first bad column, and how many there are."""
    column = next(column for column in columns if column.name in wrong)
    place = int(np.flatnonzero(wrong[column.name])[0])
    value, label = frame[column.name].iloc[place], frame.index[place]
    shown = "an empty cell" if pd.isna(value) else repr(value)
    total = int(wrong[column.name].sum())
    return (
        f"{table}, row {label}, column '{column.name}': {shown} {column.rule}; "
        f"{total} such row{'s' if total > 1 else ''}. Correct them, or drop them with bad='drop'."
    )


def share_visitors(
    touches: pd.DataFrame, conversions: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables with one dictionary of visitors, so that equal codes are equal visitors."""
    ours, theirs = touches["visitor_id"].cat, conversions["visitor_id"].cat
    if ours.categories is theirs.categories or ours.categories.equals(theirs.categories):
        return touches, conversions
    _same_sort_of_id(ours.categories, theirs.categories)
    place = ours.categories.get_indexer(theirs.categories)
    new = place < 0
    categories = ours.categories.append(theirs.categories[new]) if new.any() else ours.categories
    place[new] = len(ours.categories) + np.arange(int(new.sum()))
    codes = place[theirs.codes.to_numpy()] if len(conversions) else place[:0]
    return (
        touches.assign(visitor_id=from_codes(ours.codes, categories)),
        conversions.assign(visitor_id=from_codes(codes, categories)),
    )


def _same_sort_of_id(ours: pd.Index, theirs: pd.Index) -> None:
    if len(ours) and len(theirs) and ours.inferred_type != theirs.inferred_type:
        raise JourneyError(
            f"visitor_id is {ours.inferred_type} in touches and {theirs.inferred_type} in "
            "conversions, so no visitor would match; bring both to one type."
        )
