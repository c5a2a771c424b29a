"""The canonical history: one form for whatever came, which calibrate reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from math import isnan, nan

from experiments.company_data.amounts import Amounts, Key
from experiments.company_data.vocabulary import (
    CONTROL,
    CONTROL_PREFIX,
    LEADS,
    MEDIA,
    ORDERS,
    POPULATION,
    REVENUE,
)
from tiermix.core.tables.formats import FIELD, HISTORY
from tiermix.core.tables.formulas import harmless

TOTAL = "total"
OUTCOME_COLUMNS = {"conversions": ORDERS, "revenue": REVENUE}
MORE_COLUMNS = {"leads": LEADS, "population": POPULATION}
"""Columns that are there only where the table has them."""


def history_text(amounts: Amounts) -> str:
    """The history as CSV: `week` (or `month`), `region` if there are any, a row a channel, a total.

    Figures have twelve digits; what is not given is empty. Controls are columns `control.NAME` in
    the rows of the total.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(map(harmless, columns_of(amounts)))
    writer.writerows(map(harmless, row) for row in _rows(amounts))
    return stream.getvalue()


def columns_of(amounts: Amounts) -> list[str]:
    """The names of the history's columns."""
    more = [name for name, what in MORE_COLUMNS.items() if amounts.has(what)]
    region = ["region"] if _has_regions(amounts) else []
    controls = [f"{CONTROL_PREFIX}{name}" for name in amounts.controls]
    return [amounts.step, *region, "channel", *MEDIA, *OUTCOME_COLUMNS, *more, *controls, FIELD]


def _has_regions(amounts: Amounts) -> bool:
    return amounts.regions != [""]


def _rows(amounts: Amounts) -> Iterator[list[str]]:
    more = [what for what in MORE_COLUMNS.values() if amounts.has(what)]
    media = {(what, name): amounts.of(what, name) for what in MEDIA for name in amounts.channels}
    company = [
        *(amounts.of(what) for what in (*OUTCOME_COLUMNS.values(), *more)),
        *(amounts.of(CONTROL, name) for name in amounts.controls),
    ]
    version = str(HISTORY)
    for key in amounts.places():
        start = _start(amounts, key)
        for name in amounts.channels:
            told = [media[what, name].get(key, nan) for what in MEDIA]
            if not all(map(isnan, told)):
                told[0] = 0.0 if isnan(told[0]) else told[0]
                yield [*start, name, *map(figure, told), *[""] * len(company), version]
        outcomes = [figure(found.get(key, nan)) for found in company]
        if any(outcomes):
            yield [*start, TOTAL, "", "", "", *outcomes, version]


def _start(amounts: Amounts, key: Key) -> list[str]:
    when = f"{key[0]:%Y-%m}" if amounts.step == "month" else str(key[0])
    return [when, key[1]] if _has_regions(amounts) else [when]


def figure(value: float) -> str:
    """A figure with twelve digits, '' where it is not given."""
    return "" if isnan(value) else f"{value + 0.0:.12g}"
