"""Controls of a history: what is known of its weeks and moves no fit, as a price or a holiday."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from math import nan

import numpy as np

from experiments.calibration.history_file import HistoryRow
from experiments.company_data.canonical import TOTAL
from experiments.company_data.vocabulary import CONTROL_PREFIX
from tiermix.core.arrays import Floats
from tiermix.core.tables.numbers import number


def controls_of(
    rows: Sequence[HistoryRow], weeks: Sequence[dt.date], decimal: str
) -> dict[str, Floats]:
    """Each control [W] by its name, the mean over regions; not a number where none is given."""
    found: dict[str, dict[dt.date, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for column, text in row.cells.items() if row.cells["channel"] == TOTAL else ():
            value = number(text, decimal) if column.startswith(CONTROL_PREFIX) and text else None
            if value is not None:
                found[column.removeprefix(CONTROL_PREFIX)][row.week].append(value)
    return {
        name: np.array([np.mean(by_week[week]) if week in by_week else nan for week in weeks])
        for name, by_week in found.items()
    }
