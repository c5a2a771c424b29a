"""A company's own table, read and doubted: the one way from any file to a history."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

from experiments.company_data.amounts import Amounts
from experiments.company_data.column_doubts import column_doubts, other_kind
from experiments.company_data.columns import Understood, understand
from experiments.company_data.derived import (
    names_week_ends,
    with_dates,
    with_indicators,
    without_format,
    without_sums,
)
from experiments.company_data.doubts import (
    NOTE,
    QUESTION,
    WARNING,
    Doubt,
    TableError,
    gravest_first,
    many,
    refuse_questions,
)
from experiments.company_data.gathering import gather
from experiments.company_data.mapping import mapping_of
from experiments.company_data.periods import DAILY, WEEKLY, as_periods, as_weeks, holes, step_of
from experiments.company_data.reading import DECIMALS, Rows, read_rows
from experiments.company_data.result import CheckedTable
from experiments.company_data.vocabulary import LEADS, ORDERS, REVENUE
from experiments.company_data.zones import days_of
from tiermix.core.hints import hint
from tiermix.core.tables.cells import Cells, read_cells
from tiermix.core.tables.dates import ORDERS as DATE_ORDERS


def check_table(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[str] = (),
    dates: str | None = None,
    decimal: str | None = None,
    time_zone: str | None = None,
    sheet: str | None = None,
    order_value: float | None = None,
) -> CheckedTable:
    """Any table of spend and outcomes as a history, with what is doubted.

    `columns` says what columns are, as date=DATE,revenue=sales,spend.tv=tv_S; `dates` is their
    order (ymd, dmy, mdy), `decimal` is point or comma, `order_value` turns revenue into orders
    or orders into revenue where one is missing. Raises `TableError` with all questions that the
    table leaves open.
    """
    _check_options(dates, decimal, order_value)
    cells = read_cells(path, TableError, sheet=sheet)
    _check_cells(cells)
    cells = without_format(cells)
    cells = cells if _has_date(columns) else with_dates(cells)
    known = understand(cells, mapping_of(columns, cells.names))
    cells, sums = without_sums(cells, known)
    cells, known = with_indicators(cells, known)
    doubts = [*column_doubts(known, cells), *sums]
    doubts += [Doubt(NOTE, "", text, "nothing to do") for text in cells.said]
    rows = read_rows(cells, known, order=dates, decimal=decimal)
    doubts += rows.doubts
    if not rows.dates.stamps:
        refuse_questions(cells.source, doubts)
    step, days, told = _days(rows, known, time_zone)
    refuse_questions(cells.source, [*doubts, *told])
    amounts, more = _amounts(cells, known, rows, days, step)
    doubts += [*told, *more]
    doubts += _valued(amounts, order_value)
    refuse_questions(cells.source, doubts)
    from experiments.company_data.checks import check  # numpy: not before the table is read

    doubts += check(amounts)
    return CheckedTable(
        cells.source, cells.digest, step, known.layout, known.columns, amounts,
        tuple(gravest_first(doubts)),
    )  # fmt: skip


def _check_options(dates: str | None, decimal: str | None, order_value: float | None) -> None:
    if dates is not None and dates not in DATE_ORDERS:
        raise TableError(f"--dates {dates!r} is no order; {hint(dates, DATE_ORDERS)}")
    if decimal is not None and decimal not in DECIMALS:
        raise TableError(f"--decimal {decimal!r} is no mark; {hint(decimal, DECIMALS)}")
    if order_value is not None and not (isfinite(order_value) and order_value > 0):
        raise TableError(f"--order-value {order_value:g} is no amount above 0; write it as 60.")


def _has_date(columns: Sequence[str]) -> bool:
    """Whether the user says which column is the date."""
    return any("date=" in text for text in columns)


def _check_cells(cells: Cells) -> None:
    if len(cells.names) < 2:
        raise TableError(
            f"{cells.source}: has {many(len(cells.names), 'column')} (found: "
            f"{', '.join(cells.names) or 'none'}); bring dates, outcomes and spend in columns that "
            "are separated by commas, semicolons or tabs."
        )
    if kind := other_kind(cells.names):
        # No answer makes a history of it: it is refused alone, without questions.
        raise TableError(f"{cells.source}: {kind}.")
    if not cells.rows:
        raise TableError(f"{cells.source}: has a header and no rows; bring at least 26 weeks.")


def _days(
    rows: Rows, known: Understood, zone: str | None
) -> tuple[str, list[dt.date], list[Doubt]]:
    """The step of the table, and the period of each row."""
    found, doubts = days_of(rows.dates.stamps, zone)
    step, more = step_of(found.values(), rows.dates.grain)
    if step == WEEKLY and names_week_ends(known):
        found = {text: day - dt.timedelta(6) for text, day in found.items()}
        says = "dates name the last day of a week, as its name says; weeks begin six days before"
        doubts.append(Doubt(NOTE, f"column {names_week_ends(known)}", says, "nothing to do"))
    return step, as_periods([found[text] for text in rows.when], step), [*doubts, *more]


def _amounts(
    cells: Cells, known: Understood, rows: Rows, days: Sequence[dt.date], step: str
) -> tuple[Amounts, list[Doubt]]:
    doubts = []
    if len(set(rows.regions)) == 1 and rows.regions[0]:
        says = f"all rows are of {rows.regions[0]!r}, so it is read as one region"
        doubts.append(Doubt(NOTE, "", says, "nothing to do"))
        rows = replace(rows, regions=[""] * len(rows.regions))
    amounts, more = gather(cells, known, rows, days, step)
    doubts += [*more, *holes(amounts)]
    if step == DAILY and not any(doubt.severity == QUESTION for doubt in doubts):
        amounts, told = as_weeks(amounts)
        doubts += told
    return amounts, doubts


def _valued(amounts: Amounts, worth: float | None) -> list[Doubt]:
    """Orders from revenue, or revenue from orders, by what an order is worth.

    Leads alone are what is counted, and worth so much each.
    """
    if worth is None:
        return []
    if not (amounts.has(ORDERS) or amounts.has(REVENUE)) and amounts.has(LEADS):
        amounts.by_kind[ORDERS, ""] = amounts.by_kind.pop((LEADS, ""))
        says = f"leads are what is counted, at {worth:g} each, as you said"
        return [*_valued(amounts, worth), Doubt(NOTE, "", says, "nothing to do")]
    if amounts.has(ORDERS) == amounts.has(REVENUE):
        has = "both orders and revenue" if amounts.has(ORDERS) else "neither orders nor revenue"
        remedy = "leave --order-value out" if amounts.has(ORDERS) else "add one of them"
        return [Doubt(QUESTION, f"--order-value {worth:g}", f"the table has {has}", remedy)]
    has, made = (ORDERS, REVENUE) if amounts.has(ORDERS) else (REVENUE, ORDERS)
    factor = worth if made == REVENUE else 1.0 / worth
    amounts.by_kind[made, ""] = {key: x * factor for key, x in amounts.of(has).items()}
    says = f"it is not in the table: it is {has} at {worth:g} an order, as you said"
    return [Doubt(WARNING, made, says, "add the real figures: these teach nothing new")]
