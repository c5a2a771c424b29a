"""What a fitted model has to show for itself: one check, wherever a model is fitted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from attribution.base import MEASURES
from attribution.errors import AttributionError

MOST_NAMES = 4


def checked_credit(
    fitted: Any, *, needed: Collection[str], known: Collection[str] = ()
) -> pd.DataFrame:
    """`credit_` of a fitted model, by channel as text, with the columns of `MEASURES`.

    needed: channels of the log, each of which has to have a row (a channel that is left out by
    mistake cannot be told from one that earned nothing). known: further ones that may have one.
    Raises `AttributionError`, which says what is wrong with it and what to do.
    """
    wrong = credit_problem(fitted, needed=needed, known=known)
    if wrong is not None:
        raise AttributionError(wrong)
    credit: pd.DataFrame = fitted.credit_[list(MEASURES)].astype(float)
    return credit.set_axis(pd.Index(credit.index.astype(str), name="channel"))


def credit_problem(
    fitted: Any, *, needed: Collection[str], known: Collection[str] = ()
) -> str | None:
    """A sentence on what is wrong with a fitted model's `credit_`, None if nothing is."""
    if fitted is None:
        return "fit returns None; it has to return the model itself (`return self`)"
    credit = getattr(fitted, "credit_", None)
    if not isinstance(credit, pd.DataFrame):
        return (
            f"credit_ is {_kind(credit)}; make it a frame indexed by channel with the columns "
            f"{' and '.join(MEASURES)}"
        )
    return _columns(credit) or _rows(credit, needed, known) or _numbers(credit)


def _columns(credit: pd.DataFrame) -> str | None:
    names = list(map(str, credit.columns))
    missing = [name for name in MEASURES if names.count(name) != 1]
    if not missing:
        return None
    found = "twice or more" if missing[0] in names else "not"
    return (
        f"credit_ has the column {missing[0]} {found} (columns there: {', '.join(names) or 'none'})"
        f"; give {' and '.join(MEASURES)} once each"
    )


def _rows(credit: pd.DataFrame, needed: Collection[str], known: Collection[str]) -> str | None:
    names = credit.index.astype(str)
    twice = list(dict.fromkeys(names[names.duplicated()]))
    if twice:
        return f"credit_ has more than one row for {_some(twice)}; give one row for each channel"
    left_out = sorted(set(needed) - set(names))
    if left_out:
        return (
            f"credit_ has no row for {_some(left_out)}, which the log has; give a row of 0 to a "
            "channel that earned nothing"
        )
    unknown = sorted(set(names) - set(needed) - set(known))
    if unknown:
        return f"credit_ names {_some(unknown)}, which the log does not have; leave it out"
    return None


def _numbers(credit: pd.DataFrame) -> str | None:
    for name in MEASURES:
        column = credit[name]
        if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            return f"credit_.{name} holds {column.dtype}, no numbers; make it float"
        wrong = column[~np.isfinite(column.to_numpy(dtype=float, na_value=np.nan))]
        if len(wrong):
            return (
                f"credit_.{name} of {wrong.index[0]} is {wrong.iloc[0]}, no finite number; give 0 "
                "where nothing was earned"
            )
    return None


def _kind(value: Any) -> str:
    return "not there after fit" if value is None else f"a {type(value).__name__}"


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
