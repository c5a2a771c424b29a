"""MediaPlan: money by channel and month, arithmetic on it, and its CSV."""

from __future__ import annotations

import csv
import hashlib
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from scenarios.parts.plan_periods import (
    PeriodError,
    by_month,
    cut,
    days,
    lengths,
    month_of,
    unit_of,
)
from tiermix.core.arrays import Floats
from tiermix.core.errors import TiermixError
from tiermix.core.files import whole_file
from tiermix.core.notebook import MOST_ROWS, html_table, paragraph
from tiermix.core.tables.cells import read_cells

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("channel", "month", "amount")
BY_WEEK = ("channel", "week", "amount")


class PlanError(TiermixError):
    """A plan that cannot be used: the sentence names the place, the value and the remedy."""


@dataclass(frozen=True, eq=False, repr=False)
class MediaPlan:
    """Money by channel (C) and month or week (M), in the scenario's currency; immutable.

    `amounts` has shape [C, M]; `months` are "YYYY-MM", or of a plan by week the first days of its
    weeks, "YYYY-MM-DD", each within one month. Raises `PlanError` when the shape does not
    fit, a name occurs twice, or an amount is negative or not finite.
    """

    channels: tuple[str, ...]
    months: tuple[str, ...]
    amounts: Floats

    def __init__(self, channels: Iterable[str], months: Iterable[str], amounts: ArrayLike) -> None:
        money = np.array(amounts, dtype=np.float64)
        money.setflags(write=False)
        object.__setattr__(self, "channels", tuple(channels))
        object.__setattr__(self, "months", tuple(months))
        object.__setattr__(self, "amounts", money)
        _check(self)

    @classmethod
    def zeros(cls, channels: Iterable[str], months: Iterable[str]) -> MediaPlan:
        """A plan that spends nothing."""
        names, when = tuple(channels), tuple(months)
        return cls(names, when, np.zeros((len(names), len(when))))

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        channels: Sequence[str] | None = None,
        months: Sequence[str] | None = None,
        *,
        source: str = "the plan table",
    ) -> MediaPlan:
        """A plan from a tidy table `channel, month, amount`; pairs that are missing are 0.

        Without `channels` or `months` the table's own are taken, in order of appearance (months
        sorted). Raises `PlanError` for unknown or repeated pairs and unusable amounts.
        """
        _check_columns(list(frame.columns), source)
        rows = zip(*(frame[column].tolist() for column in COLUMNS), strict=True)
        return plan_from_rows(list(enumerate(rows, start=2)), channels, months, source)

    @classmethod
    def from_csv(
        cls, path: str | os.PathLike[str], channels: Sequence[str], months: Sequence[str]
    ) -> MediaPlan:
        """A plan from the CSV `channel, month, amount`; raises `PlanError` as `from_frame`.

        With a column `week` (first days, YYYY-MM-DD) it is a plan by week. Weeks that lie in two
        months are cut there, with the same money on each day.
        """
        source = str(path)
        cells = read_cells(path, PlanError, wanted=f"a CSV with the columns {', '.join(COLUMNS)}")
        names, found = [name.lower() for name in cells.names], cells.by_name()
        columns = BY_WEEK if "week" in names and "month" not in names else COLUMNS
        _check_columns(names, source, columns)
        if not found:
            raise PlanError(f"{source}: holds no rows; give an amount, 0 for a plan of nothing.")
        rows = [(line, tuple(row[name] for name in columns)) for line, row in found]
        if columns is COLUMNS:
            return plan_from_rows(rows, channels, months, source)
        return plan_from_weeks(plan_from_rows(rows, channels, None, source), months, source)

    def to_frame(self) -> pd.DataFrame:
        """The plan as a tidy table `channel, month, amount`, every pair in order."""
        import pandas as pd

        rows = [(c, m, self.amounts[i, j]) for i, c, j, m in self._cells()]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Write `channel, month, amount`, or `week`; the file appears whole or not at all."""
        with whole_file(path) as draft, open(draft, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("channel", self.unit, "amount"))
            writer.writerows(
                (c, m, repr(float(self.amounts[i, j]))) for i, c, j, m in self._cells()
            )
        return Path(path)

    @property
    def unit(self) -> str:
        """What the plan's periods are: month or week."""
        return unit_of(self.months)

    def monthly(self) -> MediaPlan:
        """The plan by month: each month has the money of its weeks."""
        if self.unit == "month":
            return self
        mine = by_month(self.months)
        inside = [[period in part for period in self.months] for part in mine.values()]
        return MediaPlan(self.channels, mine, self.amounts @ np.array(inside, dtype=float).T)

    def spread(self, periods: Sequence[str], share: Floats) -> MediaPlan:
        """A monthly plan by other periods, each with its share [M] of its month's money."""
        where = [self.months.index(month_of(period)) for period in periods]
        return MediaPlan(self.channels, periods, self.amounts[:, where] * share)

    def by_periods_of(self, like: MediaPlan) -> MediaPlan:
        """A monthly plan by the periods of another one; a month's money goes by days."""
        return self.spread(like.months, lengths(like.months, days(like.months)))

    @property
    def total(self) -> float:
        """All money of the plan."""
        return float(self.amounts.sum())

    @property
    def by_channel(self) -> dict[str, float]:
        """Money per channel over all months."""
        return dict(zip(self.channels, self.amounts.sum(axis=1).tolist(), strict=True))

    @property
    def by_month(self) -> dict[str, float]:
        """Money per month over all channels."""
        return dict(zip(self.months, self.amounts.sum(axis=0).tolist(), strict=True))

    def of(self, channel: str) -> Floats:
        """One channel's money by month, shape [M]; raises `PlanError` for an unknown channel."""
        if channel not in self.channels:
            raise PlanError(_unknown("the plan", "channel", channel, self.channels))
        row: Floats = self.amounts[self.channels.index(channel)]
        return row

    def scale(self, factor: float) -> MediaPlan:
        """The same split with every amount times `factor`."""
        return MediaPlan(self.channels, self.months, self.amounts * factor)

    def scaled_to(self, total: float) -> MediaPlan:
        """The same split with `total` money in all; raises `PlanError` for an empty plan."""
        if self.total <= 0:
            raise PlanError(
                f"the plan spends nothing, so it has no split that could be scaled to {total:g}; "
                "start from a plan with money in it."
            )
        return self.scale(total / self.total)

    def with_channel(self, name: str, amounts: ArrayLike) -> MediaPlan:
        """The plan with one channel's months replaced, or added at the end if it is new.

        `amounts` is one number for each month, or one for all of them.
        """
        row = np.broadcast_to(np.asarray(amounts, dtype=np.float64), (len(self.months),))
        if name not in self.channels:
            stacked = np.vstack([self.amounts, row])
            return MediaPlan((*self.channels, name), self.months, stacked)
        money = self.amounts.copy()
        money[self.channels.index(name)] = row
        return MediaPlan(self.channels, self.months, money)

    def shifted_to(self, months: Iterable[str]) -> MediaPlan:
        """The same split on another year's months: each takes the amount of its namesake.

        Raises `PlanError` when a month of the year is missing here or occurs twice.
        """
        when = tuple(months)
        namesake = {month[-2:]: index for index, month in enumerate(self.months)}
        missing = [month for month in when if month[-2:] not in namesake]
        if missing or len(namesake) != len(self.months):
            raise PlanError(
                f"the plan covers {self.months[0]} to {self.months[-1]} and cannot be shifted to "
                f"{', '.join(missing or when)}; every month of the year has to occur once in it."
            )
        order = [namesake[month[-2:]] for month in when]
        return MediaPlan(self.channels, when, self.amounts[:, order])

    def __add__(self, other: MediaPlan) -> MediaPlan:
        if (self.channels, self.months) != (other.channels, other.months):
            raise PlanError(
                "two plans can be added only over the same channels and months, in the same order; "
                "bring them onto one grid first (from_frame with channels and months)."
            )
        return MediaPlan(self.channels, self.months, self.amounts + other.amounts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MediaPlan):
            return NotImplemented
        same = (self.channels, self.months) == (other.channels, other.months)
        return same and bool(np.array_equal(self.amounts, other.amounts))

    def __hash__(self) -> int:
        return int(self.hash, 16)

    @cached_property
    def hash(self) -> str:
        """Sixteen hex digits of what is spent: the same on every machine, whatever the order."""
        rows = sorted(
            f"{c},{m},{self.amounts[i, j]:.6f}"
            for i, c, j, m in self._cells()
            if self.amounts[i, j]
        )
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]

    def _table(self) -> list[list[str]]:
        money = np.vstack([self.amounts, self.amounts.sum(axis=0)])
        rows = zip((*self.channels, "all"), money, strict=True)
        cells = [[name, *(f"{x:,.0f}" for x in (*row, row.sum()))] for name, row in rows]
        return [["channel", *self.months, "year"], *cells]

    def __repr__(self) -> str:
        table = self._table()
        width = max(len(row[0]) for row in table)
        return "\n".join(
            row[0].ljust(width) + "".join(cell.rjust(11) for cell in row[1:]) for row in table
        )

    def _repr_html_(self) -> str:
        head, *rows, total = self._table()
        shown = [*rows[: MOST_ROWS - 1], total]
        more = len(rows) + 1 - len(shown)
        rest = paragraph(f"… and {more} more channels; all of them: .amounts") if more else ""
        return html_table(head, shown) + rest

    def _cells(self) -> Iterable[tuple[int, str, int, str]]:
        for i, channel in enumerate(self.channels):
            for j, month in enumerate(self.months):
                yield i, channel, j, month


def _unknown(source: str, field: str, value: str, known: Sequence[str]) -> str:
    return f"{source}: {field} {value!r} is not known; use one of {', '.join(known)}."


def _check(plan: MediaPlan) -> None:
    shape = (len(plan.channels), len(plan.months))
    if plan.amounts.shape != shape:
        raise PlanError(
            f"the plan's amounts have shape {plan.amounts.shape}, but {shape[0]} channels and "
            f"{shape[1]} months were named; give one amount for each pair."
        )
    for field, names in (("channel", plan.channels), ("month", plan.months)):
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise PlanError(f"the plan names the {field} {min(twice)!r} twice; name each once.")
    bad = ~np.isfinite(plan.amounts) | (plan.amounts < 0)
    if bad.any():
        i, j = np.argwhere(bad)[0]
        raise PlanError(
            f"the plan gives {plan.channels[i]} the amount {plan.amounts[i, j]} in "
            f"{plan.months[j]}; amounts are finite and not negative."
        )


def _check_columns(columns: Sequence[Any], source: str, wanted: Sequence[str] = COLUMNS) -> None:
    missing = [name for name in wanted if name not in columns]
    if missing:
        found = ", ".join(map(str, columns)) or "none"
        raise PlanError(
            f"{source}: the column {missing[0]!r} is missing (found: {found}); a plan has the "
            f"columns {', '.join(wanted)}."
        )
    twice = [name for name in wanted if list(columns).count(name) > 1]
    if twice:
        raise PlanError(f"{source}: the column {twice[0]!r} is there twice; keep one of them.")


def plan_from_rows(
    rows: Sequence[tuple[int, Sequence[Any]]],
    channels: Sequence[str] | None,
    months: Sequence[str] | None,
    source: str,
) -> MediaPlan:
    """A plan from lines with channel, period and amount; pairs that are missing are 0.

    Raises `PlanError` for unknown or repeated pairs and unusable amounts.
    """
    names = tuple(channels) if channels is not None else tuple(dict.fromkeys(r[0] for _, r in rows))
    when = tuple(months) if months is not None else tuple(sorted({r[1] for _, r in rows}))
    money = np.full((len(names), len(when)), np.nan)
    for number, (channel, month, amount) in rows:
        place = f"{source}, row {number}"
        if channel not in names:
            raise PlanError(_unknown(place, "channel", channel, names))
        if month not in when:
            raise PlanError(_unknown(place, "month", month, when))
        cell = names.index(channel), when.index(month)
        if not math.isnan(money[cell]):
            raise PlanError(
                f"{place}: {channel} in {month} is given a second time (amount {amount}); "
                "add the amounts up into one row."
            )
        money[cell] = _amount(amount, place)
    return MediaPlan(names, when, np.nan_to_num(money))


def plan_from_weeks(weeks: MediaPlan, months: Sequence[str], source: str) -> MediaPlan:
    """The plan by weeks that each lie in one month."""
    try:
        periods, share = cut(weeks.months, months)
    except PeriodError as error:
        raise PlanError(f"{source}: {error}.") from None
    return MediaPlan(weeks.channels, periods, weeks.amounts @ share)


def _amount(value: Any, place: str) -> float:
    try:
        amount = float(value)
    except (TypeError, ValueError):
        amount = math.nan
    if not math.isfinite(amount) or amount < 0:
        raise PlanError(
            f"{place}: amount {value!r} is not a finite number of at least 0; write it in the "
            "scenario's currency with a point for decimals and nothing else, for example 12500.50."
        )
    return amount
