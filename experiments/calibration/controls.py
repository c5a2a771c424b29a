"""Controls of a history: what is known of its weeks and moves demand, as a price or a holiday."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from math import isfinite, nan

import numpy as np

from experiments.calibration.history_file import HistoryError, HistoryRow
from experiments.company_data.canonical import TOTAL
from experiments.company_data.vocabulary import CONTROL_PREFIX
from tiermix.core.arrays import Floats
from tiermix.core.tables.numbers import number


def controls_of(
    rows: Sequence[HistoryRow], weeks: Sequence[dt.date], decimal: str
) -> dict[str, Floats]:
    """Each control [W] by its name, the mean over regions; not a number where none is given.

    Raises `HistoryError` for what is no figure.
    """
    found: dict[str, dict[dt.date, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for column, text in row.cells.items() if row.cells["channel"] == TOTAL else ():
            if column.startswith(CONTROL_PREFIX) and text:
                value = _figure(text, column, row.place, decimal)
                found[column.removeprefix(CONTROL_PREFIX)][row.week].append(value)
    return {
        name: np.array([np.mean(by_week[week]) if week in by_week else nan for week in weeks])
        for name, by_week in found.items()
    }


def _figure(text: str, column: str, place: str, decimal: str) -> float:
    value = number(text, decimal)
    if value is None or not isfinite(value):
        raise HistoryError(
            f"{place}: {column} {text!r} is not a finite number; write it with a point for "
            "decimals, 1 and 0 for what is on and off, and nothing where it is not known."
        )
    return value
