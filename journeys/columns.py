"""Columns of a log, parsed: names as categories, times, amounts; what does not fit goes missing."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from tiermix.core.arrays import AnyArray, Bools, Ints

LARGEST = 1e15
"""Larger counts and values are refused: sums of them would no longer be exact, or overflow."""


def categorical(values: pd.Series, allowed: Iterable[str] | None = None) -> pd.Series:
    """Values as a category; outside `allowed` they go missing.

    Names that come as text are sorted, so that their order never depends on the order of rows;
    a category that is given keeps its order. Visitors are coded as they come (`coded`).
    """
    if not isinstance(values.dtype, pd.CategoricalDtype):
        values = pd.Series(_by_name(as_text(values).to_numpy()), index=values.index)
    if allowed is not None and list(values.cat.categories) != list(allowed):
        values = values.cat.set_categories(list(allowed))
    return values


def named(values: pd.Series) -> pd.Series:
    """Names as a category, without the blanks around them; what is only blanks goes missing."""
    values = categorical(values)
    given = values.cat.categories
    plain = pd.Index([str(name).strip() for name in given], dtype=object)
    if plain.equals(given.astype(object)):
        return values
    place, names = pd.factorize(plain.where(plain != "", None))
    codes = np.append(place, -1)[values.cat.codes.to_numpy()]
    return pd.Series(from_codes(codes, pd.Index(names, dtype=object)), index=values.index)


def coded(values: pd.Series) -> pd.Series:
    """Values as a category in order of appearance: sorting a million visitor ids buys nothing."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values
    codes, categories = _coded_runs(values.to_numpy()) or pd.factorize(values)
    # An index that is wrapped anew would be searched for doubles once more.
    index = categories if isinstance(categories, pd.Index) else pd.Index(categories)
    return pd.Series(from_codes(codes, index), index=values.index)


def _by_name(values: AnyArray) -> pd.Categorical:
    """A category column with its categories sorted, one of each run of equal values hashed."""
    first = _runs(values)
    if first is None:
        return pd.Categorical(values)
    few = pd.Categorical(values[first])
    return from_codes(few.codes[np.cumsum(first) - 1], few.categories)


def _coded_runs(values: AnyArray) -> tuple[Ints, pd.Index] | None:
    """Codes and categories if equal values stand together; None if one comes back or is missing.

    Tables sorted by visitor are the rule, and this takes a third of the time.
    """
    first = _runs(values)
    if first is None:
        return None
    categories = pd.Index(values[first])
    if categories.hasnans or not categories.is_unique:
        return None
    return np.cumsum(first) - 1, categories


def _runs(values: AnyArray) -> Bools | None:
    """Where a value differs from the one before; None where there is little to gain by it.

    A look at the first thousand rows spares hopeless tables the try. Values that cannot be
    compared (missing ones of pandas' own kind) have no runs.
    """
    few = values[:1000]
    try:
        if not len(few) or np.count_nonzero(few[1:] != few[:-1]) > 0.7 * len(few):
            return None
        return np.append(True, values[1:] != values[:-1])
    except TypeError:
        return None


def from_codes(codes: Any, categories: pd.Index) -> pd.Categorical:
    """A category column of known codes (-1: missing), never by way of its values."""
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(categories))


def as_text(values: pd.Series) -> pd.Series:
    """Numbers and the like as text; what is an object column is taken for text."""
    return values if values.dtype == object else values.astype("string").astype(object)


def amounts(values: pd.Series) -> pd.Series:
    """Values as floats; what is no number, or beyond `LARGEST`, goes missing."""
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    return numbers.where(numbers.abs() <= LARGEST)
