"""The columns of a log: types, what each may hold, what becomes of rows that do not fit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from journeys.columns import LARGEST, amounts, categorical, coded, from_codes, named
from journeys.errors import JourneyError
from journeys.instants import instants
from tiermix.core.arrays import Bools

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
    """One typed column: `parse` turns what does not fit into a missing value; `rule` says why.

    One that is not `always` there is left out where a table lacks it.
    """

    name: str
    parse: Parser
    rule: str
    default: float | None = None
    required: bool = True
    always: bool = True


def _touch_kind(values: pd.Series) -> pd.Series:
    return categorical(values, TOUCH_KINDS)


def _conversion_kind(values: pd.Series) -> pd.Series:
    return categorical(values, CONVERSION_KINDS)


def _amount(name: str) -> Column:
    rule = f"is no number up to {LARGEST:.0e}: give the conversion's {name}"
    return Column(name, amounts, rule, default=0.0)


VISITOR = Column("visitor_id", coded, "is no visitor: give every row the id of its visitor")
TIME = Column(
    "time",
    instants,
    "is no time between 1678 and 2262 with a date, the year first, and a zone as +08:00: write it "
    "as 2025-03-01 12:30:00 (seconds since 1970 as pandas.to_datetime(seconds, unit='s'))",
)
SESSION = Column("session", categorical, "", required=False, always=False)
TOUCH_COLUMNS = (
    VISITOR,
    TIME,
    Column("channel", named, "is no channel: give every touch the name of its channel"),
    Column("kind", _touch_kind, f"is no kind of touch: use one of {', '.join(TOUCH_KINDS)}"),
    Column("theme", categorical, "", required=False),
    SESSION,
)
CONVERSION_COLUMNS = (
    VISITOR,
    TIME,
    Column("kind", _conversion_kind, f"is no conversion: use one of {', '.join(CONVERSION_KINDS)}"),
    _amount("value"),
    _amount("margin"),
    SESSION,
)


def typed(
    frame: pd.DataFrame, columns: tuple[Column, ...], *, table: str, bad: BadRows = "refuse"
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The frame with typed columns, and the number of rows dropped by column (`bad="drop"`).

    The frame itself is never changed. Raises JourneyError on a missing column, and on the first
    row that does not fit unless bad rows are to be dropped.
    """
    refuse_twins(frame, table)
    columns = tuple(column for column in columns if column.always or column.name in frame.columns)
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
        with plain(table, column.name):
            return column.parse(frame[column.name])
    if column.required and column.default is None:
        require(frame, (column.name,), table, "add it or rename the one that holds it")
    if column.default is None:
        nothing = from_codes(np.full(len(frame), -1), pd.Index([], dtype=object))
        return pd.Series(nothing, index=frame.index)
    return pd.Series(column.default, index=frame.index)


def _sentence(
    frame: pd.DataFrame, columns: tuple[Column, ...], wrong: dict[str, Bools], table: str
) -> str:
    """The first bad row of the first bad column, and how many there are."""
    # A row of an unknown kind lacks more than its kind: say that first.
    first = sorted(columns, key=lambda column: column.name != "kind")
    column = next(column for column in first if column.name in wrong)
    place = int(np.flatnonzero(wrong[column.name])[0])
    total = int(wrong[column.name].sum())
    return (
        f"{table}, {cell(frame, column.name, place)} {column.rule}; "
        f"{total} such row{'s' if total > 1 else ''} among {len(frame):,} read. "
        "Correct them, or drop them with bad='drop'."
    )


@contextmanager
def plain(table: str, column: str) -> Iterator[None]:
    """Raise JourneyError where cells hold lists and the like, which no code can stand for."""
    try:
        yield
    except TypeError as error:
        raise JourneyError(
            f"{table}, column '{column}': holds more than text and numbers ({error}); "
            "give one plain value in every row."
        ) from error


def cell(frame: pd.DataFrame, name: str, place: int) -> str:
    """A cell in words: its row (or line of a file), its column and what it holds."""
    value, label = frame[name].iloc[place], frame.index[place]
    shown = (
        "an empty cell (or NA)" if pd.isna(value) else repr(getattr(value, "item", lambda: value)())
    )
    return f"{frame.index.name or 'row'} {label}, column '{name}': {shown}"


def require(frame: pd.DataFrame, names: tuple[str, ...], table: str, remedy: str) -> None:
    """Raise JourneyError for the first column that is missing, with those that are there."""
    for name in names:
        if name not in frame.columns:
            have = ", ".join(map(str, frame.columns)) or "none"
            raise JourneyError(
                f"{table}: column '{name}' is missing (columns there: {have}); {remedy}."
            )


def refuse_twins(frame: pd.DataFrame, table: str) -> None:
    """Raise JourneyError where two columns have one name."""
    if not frame.columns.is_unique:
        twin = frame.columns[frame.columns.duplicated()][0]
        raise JourneyError(f"{table}: column '{twin}' is there twice; keep one of them.")


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
