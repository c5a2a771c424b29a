"""A plan from a table that people write: long or wide, CSV or Excel, months as they say them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scenarios.plan import MediaPlan, PlanError, plan_from_rows, plan_from_weeks
from tiermix.core.hints import hint
from tiermix.core.tables.cells import Cells, read_cells
from tiermix.core.tables.dates import MONTH, Stamp, read_dates, readings
from tiermix.core.tables.numbers import POINT, is_empty, marks_of, number

CHANNEL = ("channel", "渠道", "媒体")
WEEK = ("week", "周")
PERIOD = ("month", "月份", "月", *WEEK)
AMOUNT = ("amount", "spend", "budget", "金额", "花费", "预算")
TOTALS = ("all", "total", "sum", "合计", "总计")
YEAR = ("plan", "year", "total", "全年", "合计", "规划")
BESIDE = (
    "tier", "name", "last year", "change", "share", "at least", "at most",
    "分级", "名称", "去年", "变化", "占比", "至少", "至多",
    *(f"{quarter}{n}" for quarter in ("q", "第") for n in range(1, 5)),
    *(f"第{n}季度" for n in "一二三四"),
)  # fmt: skip
"""Columns that may stand beside the months of a wide table; money is not read from them."""
SHEETS = ("plan", "规划")
CLOSE = 0.005
"""What a total may differ by, for each amount in it: sums of rounded amounts."""
FORMS = (
    "a plan has a row for each channel, month and amount (channel,month,amount); or a row for each "
    "channel and a column for each month; or a row for each month and a column for each channel"
)

Amounts = Iterator[tuple[int, tuple[str, str, str]]]
"""Line, and channel, period and amount as they are written."""


@dataclass(frozen=True)
class _Table:
    """A plan's cells and the names of what they hold."""

    cells: Cells
    channels: tuple[str, ...]
    others: Mapping[str, str]

    def channel(self, text: str) -> str:
        """The channel that a cell names: as the scenario does, in any case, or in Chinese."""
        return self.others.get(text.strip().casefold(), text.strip())

    def column(self, *names: str) -> str | None:
        """The column of one of these names."""
        return next((name for name in self.cells.names if name.lower() in names), None)

    def refuse(self, line: int, words: str) -> PlanError:
        return PlanError(f"{self.cells.place(line)}: {words}")


def read_plan(
    path: str | os.PathLike[str],
    channels: Sequence[str],
    months: Sequence[str],
    other_names: Mapping[str, str] | None = None,
) -> MediaPlan:
    """A plan from a CSV, an Excel workbook (its sheet `plan`) or Parquet, long or wide.

    Months may be written `2026-01`, `Jan-26`, `2026/1/1` or `2026年1月`, weeks as first days or
    `2026-W02`; amounts with separators of thousands and in one way of decimals. `other_names` are
    further names of channels. Totals are held against what they add up. Raises `PlanError`.
    """
    wanted = "a plan: CSV, Excel .xlsx or Parquet with channel, month and amount"
    cells = read_cells(path, PlanError, wanted=wanted, usual=SHEETS, formulas=True)
    others = {name.casefold(): name for name in channels}
    others |= {other.casefold(): name for other, name in (other_names or {}).items()}
    table = _Table(cells, tuple(channels), others)
    if not cells.rows:
        raise PlanError(f"{path}: holds no rows; give an amount, 0 for a plan of nothing.")
    written = list(_amounts(table))
    weekly = table.column(*WEEK) is not None
    when = _periods([period for _, (_, period, _) in written], months, str(path), weekly)
    decimal = _decimal(cells, [amount for _, (_, _, amount) in written])
    rows = [
        (line, (table.channel(channel), when[period], _money(table, line, amount, decimal)))
        for line, (channel, period, amount) in written
        if not is_empty(amount)
    ]
    _check_totals(table, rows, when, decimal)
    if all(len(period) == len("2026-01") for period in when.values()):
        return plan_from_rows(rows, channels, months, str(path))
    return plan_from_weeks(plan_from_rows(rows, channels, None, str(path)), months, str(path))


def _amounts(table: _Table) -> Amounts:
    """The table's amounts, whichever of the three forms it has."""
    channel, period = table.column(*CHANNEL), table.column(*PERIOD)
    amount = table.column(*AMOUNT)
    if channel and period and amount:
        return _long(table, channel, period, amount)
    names = table.cells.names
    if amount:
        lacks = "month" if channel else "channel"
        raise PlanError(
            f"{table.cells.source}: the column {lacks!r} is missing (found: {', '.join(names)}); "
            f"{FORMS}."
        )
    across = [name for name in names if name != channel and readings(name)]
    if channel and across:
        return _across(table, channel, across)
    if period or readings(table.cells.rows[0][1][0]):
        return _down(table, period or names[0])
    raise PlanError(f"{table.cells.source}: has the columns {', '.join(names)}; {FORMS}.")


def _long(table: _Table, channel: str, period: str, amount: str) -> Amounts:
    places = [table.cells.columns[name] for name in (channel, period, amount)]
    for line, row in table.cells.rows:
        first, second, third = (row[place] for place in places)
        if is_empty(third):
            raise table.refuse(line, f"{first} in {second} has no amount; give 0 for none.")
        yield line, (first, second, third)


def _across(table: _Table, channel: str, months: list[str]) -> Amounts:
    """A row for each channel; other columns are known by name, or refused."""
    cells = table.cells
    known = (*BESIDE, *YEAR, channel.lower())
    rest = [name for name in cells.names if name not in months and name.lower() not in known]
    if rest:
        raise PlanError(
            f"{cells.source}: the column {rest[0]!r} is no month; write months as 2026-01, and "
            "take out what is no money of the plan."
        )
    mine = cells.columns[channel]
    for line, row in cells.rows:
        if row[mine].lower() not in TOTALS:
            for name in months:
                yield line, (row[mine], name, row[cells.columns[name]])


def _down(table: _Table, period: str) -> Amounts:
    """A row for each month; every other column is a channel, or the sum of the row."""
    cells = table.cells
    names = [n for n in cells.names if n != period and n.lower() not in (*TOTALS, *YEAR)]
    strange = [name for name in names if table.channel(name) not in table.channels]
    if strange:
        raise PlanError(
            f"{cells.source}: the column {strange[0]!r} is no channel; "
            f"{hint(strange[0], table.channels)}. {FORMS[0].upper()}{FORMS[1:]}."
        )
    mine = cells.columns[period]
    for line, row in cells.rows:
        if row[mine].lower() not in TOTALS:
            for name in names:
                yield line, (name, row[mine], row[cells.columns[name]])


def _periods(
    texts: Sequence[str], months: Sequence[str], source: str, weekly: bool
) -> dict[str, str]:
    """What each text is: a month of the scenario's form, or the first day of a week."""
    found = read_dates(texts)
    if found.question:
        raise PlanError(f"{source}: {found.question}.")
    stamps = found.stamps
    monthly = found.grain == MONTH or (not weekly and _are_first_days(stamps, months))
    return {text: stamp.day.isoformat()[: 7 if monthly else 10] for text, stamp in stamps.items()}


def _are_first_days(stamps: Mapping[str, Stamp], months: Sequence[str]) -> bool:
    """Whether days stand for months: all first days, of several months or of the only one."""
    days = {stamp.day for stamp in stamps.values()}
    return all(day.day == 1 for day in days) and (len(days) > 1 or len(months) == 1)


def _decimal(cells: Cells, texts: Sequence[str]) -> str:
    """The decimal mark of all amounts."""
    marks = marks_of(text for text in texts if not is_empty(text))
    decimal = POINT if cells.typed else marks.decimal
    if not decimal:
        raise PlanError(f"{cells.source}: {marks.question()}.")
    return decimal


def _money(table: _Table, line: int, text: str, decimal: str) -> float:
    found = number(text, decimal)
    if found is None and text.startswith("="):
        raise table.refuse(
            line, f"the formula {text!r} has no value, since no program has computed it; open the "
            "workbook in Excel, save it, and try again."
        )  # fmt: skip
    if found is None or found < 0:
        raise table.refuse(
            line, f"amount {text!r} is not a number of at least 0; write it in the scenario's "
            "currency, for example 12500.50."
        )  # fmt: skip
    return found


def _check_totals(
    table: _Table,
    rows: Sequence[tuple[int, tuple[str, str, float]]],
    when: Mapping[str, str],
    decimal: str,
) -> None:
    """Hold the sums that a wide table tells against what they are sums of."""
    for line, what, told, mine in _totals(table, rows, when):
        said = number(told, decimal)
        if said is not None and abs(said - sum(mine)) > CLOSE * max(len(mine), 1) + 1e-9 * said:
            raise table.refuse(
                line, f"{what} is {told}, and its amounts add up to {sum(mine):,.2f}; mend one of "
                "the two."
            )  # fmt: skip


def _totals(
    table: _Table,
    rows: Sequence[tuple[int, tuple[str, str, float]]],
    when: Mapping[str, str],
) -> Iterator[tuple[int, str, str, list[float]]]:
    """Line, name and text of each total of a wide table, and the amounts that it adds up."""
    cells = table.cells
    if table.column(*AMOUNT):
        return
    year = table.column(*YEAR)
    for line, row in cells.rows:
        if year and not any(cell.lower() in TOTALS for cell in row):
            mine = [money for n, (_, _, money) in rows if n == line]
            yield line, f"{year} of this row", row[cells.columns[year]], mine
        if any(cell.lower() in TOTALS for cell in row[:2]):
            for name in cells.names:
                if name in when:
                    mine = [money for _, (_, period, money) in rows if period == when[name]]
                elif table.channel(name) in table.channels:
                    mine = [x for _, (channel, _, x) in rows if channel == table.channel(name)]
                else:
                    continue
                yield line, f"the total of {name}", row[cells.columns[name]], mine
