"""A table of regions and dates: outcomes as a matrix, who was treated, and from when to when."""

from __future__ import annotations

import datetime as dt
import shlex
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from experiments.company_data.doubts import TableError, refuse_questions, some
from experiments.company_data.reading import TOTALS, Rows, read_rows
from experiments.company_data.vocabulary import REGION, SPEND
from experiments.field_test.asked import Asked
from experiments.field_test.columns import GROUP, TestColumns, notes
from experiments.field_test.groups import matched, names_of, split_groups
from tiermix.core.tables.cells import Cells

LEAST_BEFORE, LEAST_REGIONS = 8, 4


@dataclass(frozen=True)
class RegionTable:
    """R regions by T dates up to the test's last: what was read, before anything is estimated.

    `outcome` and `spend` are lists [R][T]; the first `before` dates precede the test.
    """

    source: str
    digest: str
    kpi: str
    column: str
    regions: tuple[str, ...]
    dates: tuple[dt.date, ...]
    outcome: list[list[float]]
    spend: list[list[float]] | None
    treated: tuple[str, ...]
    before: int
    remarks: tuple[str, ...] = ()

    @property
    def start(self) -> dt.date:
        """First day of the test."""
        return self.dates[self.before]

    @property
    def end(self) -> dt.date:
        """Last day of the test; of its last week or month, where dates are those."""
        step = self.dates[-1] - self.dates[-2]
        return self.dates[-1] + step - dt.timedelta(1)


Key = tuple[str, dt.date]


def region_table(
    cells: Cells, columns: TestColumns, asked: Asked, remarks: list[str]
) -> RegionTable:
    """The matrix of a test by regions. Raises `TableError`."""
    source = cells.source
    rows = read_rows(cells, columns.known, order=asked.dates, decimal=asked.decimal)
    refuse_questions(source, rows.doubts)
    days = [rows.dates.stamps[text].day for text in rows.when]
    remarks += notes(rows.doubts)
    outcome = _by_place(cells, rows, days, rows.figures[columns.outcome.name])
    spend = _spend(cells, columns, rows, days, asked.channel)
    groups = _groups(cells, columns, rows, days)
    names, dates = list(dict.fromkeys(rows.regions)), sorted(set(days))
    treated, told = _treated(source, columns, groups, names, dates, asked)
    first, last = _span(source, dates, told, asked)
    kept = [day for day in dates if day <= last]
    if len(kept) < len(dates):
        remarks.append(f"{len(dates) - len(kept)} dates after the test are left out.")
    regions = _whole(source, outcome, kept, treated, rows.regions, remarks)
    before = sum(day < first for day in kept)
    _check_before(source, before, first)
    matrix = [[outcome[region, day] for day in kept] for region in regions]
    regions, matrix = _with_sales(source, regions, matrix, before, treated, remarks)
    _check_controls(source, len(regions) - len(treated))
    money = [[spend.get((r, day), 0.0) for day in kept] for r in regions] if spend else None
    return RegionTable(
        source, cells.digest, columns.kpi, columns.outcome.name, tuple(regions), tuple(kept),
        matrix, money, tuple(treated), before, tuple(remarks),
    )  # fmt: skip


def _by_place(
    cells: Cells, rows: Rows, days: Sequence[dt.date], figures: Sequence[float]
) -> dict[Key, float]:
    """Outcomes by region and date; one that stands twice is refused, totals are left out."""
    found: dict[Key, float] = {}
    for line, region, day, value in zip(rows.lines, rows.regions, days, figures, strict=True):
        if (region, day) in found:
            raise TableError(
                f"{cells.place(line)}: {region!r} on {day} is given a second time; sum the rows of "
                "a region and date up into one."
            )
        if region.casefold() not in TOTALS:
            found[region, day] = value
    return found


def _spend(
    cells: Cells,
    columns: TestColumns,
    rows: Rows,
    days: Sequence[dt.date],
    channel: str | None,
) -> dict[Key, float]:
    """Money of the tested channel by region and date; empty where the table has none."""
    found = columns.known.of_role(SPEND)
    mine = [c for c in found if channel is not None and c.of.casefold() == channel.casefold()]
    chosen = mine or found
    if len(chosen) > 1:
        names = [column.of for column in chosen]
        raise TableError(
            f"{cells.source}: spend of several channels is there ({some(names, 6)}); say which one "
            f"was tested, as in --channel {shlex.quote(names[0])}."
        )
    money: dict[Key, float] = defaultdict(float)
    for column in chosen:
        for region, day, value in zip(rows.regions, days, rows.figures[column.name], strict=True):
            money[region, day] += 0.0 if isnan(value) else value
    return money


def _groups(
    cells: Cells, columns: TestColumns, rows: Rows, days: Sequence[dt.date]
) -> dict[Key, str]:
    column = columns.one(GROUP)
    if column is None:
        return {}
    texts = cells.column(column.name)
    return {(r, day): text for r, day, text in zip(rows.regions, days, texts, strict=True)}


def _treated(
    source: str,
    columns: TestColumns,
    groups: dict[Key, str],
    regions: Sequence[str],
    dates: Sequence[dt.date],
    asked: Asked,
) -> tuple[list[str], list[dt.date]]:
    """Treated regions, and the dates of the test where the column tells them."""
    wanted, column = names_of(asked.treated), columns.one(GROUP)
    values = list(dict.fromkeys(groups.values()))
    of_groups = {name.casefold() for name in values}
    if column is None or (wanted and not all(name.casefold() in of_groups for name in wanted)):
        if not wanted:
            began, when = ("", "") if asked.first else (
                " nor when the test began", f" and --start {_example(dates)} (its first day)"
            )  # fmt: skip
            raise TableError(
                f"{source}: nothing says which regions were treated{began}; say it, as in "
                f"--treated {shlex.quote(','.join(regions[:2]))}{when}, or which column does, as "
                "in --map group=COLUMN."
            )
        return matched(wanted, regions, f"region (column {_name(columns, REGION)!r})", source), []
    mine, _ = split_groups(values, wanted, column.name, source)
    where = [key for key, value in groups.items() if value in mine]
    treated = list(dict.fromkeys(region for region, _ in where))
    always = all(groups.get(key, mine[0]) in mine for key in groups if key[0] in treated)
    return treated, [] if always else sorted({day for _, day in where})


def _name(columns: TestColumns, role: str) -> str:
    column = columns.one(role)
    return column.name if column else ""


def _example(dates: Sequence[dt.date]) -> dt.date:
    """A day that a test may begin with."""
    return dates[len(dates) * 3 // 4]


def _span(
    source: str, dates: Sequence[dt.date], told: Sequence[dt.date], asked: Asked
) -> tuple[dt.date, dt.date]:
    """First and last date of the test: as the user says, as the column does, to the end."""
    first = asked.first or (told[0] if told else None)
    last = asked.last or (told[-1] if told else dates[-1])
    if first is None:
        raise TableError(
            f"{source}: nothing says when the test began; give its first day, as in --start "
            f"{_example(dates)}."
        )
    for option, day in (("--start", first), ("--end", last)):
        if not dates[0] <= day <= dates[-1] + (dates[-1] - dates[-2]):
            raise TableError(
                f"{source}: {option} {day} lies outside its dates, {dates[0]} to {dates[-1]}; give "
                "a day of the test."
            )
    if not any(first <= day <= last for day in dates):
        raise TableError(
            f"{source}: no date lies between --start {first} and --end {last}; the end is the last "
            "day of the test."
        )
    return first, last


def _whole(
    source: str,
    outcome: dict[Key, float],
    dates: Sequence[dt.date],
    treated: Sequence[str],
    regions: Sequence[str],
    remarks: list[str],
) -> list[str]:
    """Regions that have an outcome on each date; a control without is left out and named."""
    kept: list[str] = []
    lost: list[str] = []
    for region in dict.fromkeys(regions):
        if region.casefold() in TOTALS:
            remarks.append(f"rows of {region!r} are sums of regions and left out.")
            continue
        gaps = [day for day in dates if isnan(outcome.get((region, day), float("nan")))]
        if gaps and region in treated:
            raise TableError(
                f"{source}: the treated region {region!r} has no outcome on {some(gaps)}; add it, "
                "or leave the region out of the table."
            )
        (lost if gaps else kept).append(region)
    if lost:
        remarks.append(f"controls with dates missing are left out: {some(lost, 6)}.")
    return kept


def _check_before(source: str, before: int, first: dt.date) -> None:
    if before < LEAST_BEFORE:
        raise TableError(
            f"{source}: {before} dates precede the test, which begins on {first}; at least "
            f"{LEAST_BEFORE} are needed, best several times its length: bring more of the past."
        )


def _check_controls(source: str, controls: int) -> None:
    if controls < LEAST_REGIONS:
        raise TableError(
            f"{source}: {controls} regions were not treated and have an outcome throughout; at "
            f"least {LEAST_REGIONS} are needed to tell the test from the times: bring more regions."
        )


def _with_sales(
    source: str,
    regions: list[str],
    matrix: list[list[float]],
    before: int,
    treated: Sequence[str],
    remarks: list[str],
) -> tuple[list[str], list[list[float]]]:
    """Regions that had any outcome before the test: growth from nothing is no figure."""
    idle = [r for r, row in zip(regions, matrix, strict=True) if sum(row[:before]) <= 0]
    if mine := [region for region in idle if region in treated]:
        raise TableError(
            f"{source}: the treated region {mine[0]!r} has no outcome before the test; leave it "
            "out of the table."
        )
    if idle:
        remarks.append(f"controls without any outcome before the test are left out: {some(idle)}.")
    pairs = [(r, row) for r, row in zip(regions, matrix, strict=True) if r not in idle]
    return [r for r, _ in pairs], [row for _, row in pairs]
