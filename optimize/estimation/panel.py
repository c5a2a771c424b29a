"""Last year's weekly aggregates as arrays: outcome and spend by region and week."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimize.errors import AllocationError
from optimize.estimation.season import STEADY, seasons_of
from optimize.model.protocols import Planning
from tiermix.core import hints
from tiermix.core.arrays import Bools, Floats, Times

if TYPE_CHECKING:
    import pandas as pd

NEEDED = ("week", "region", "channel", "spend")
LEAST_WEEKS = 20
SAME_MONEY = 3.0  # as a factor: rounding and wandering, not another unit
LEAST_SINCE = 3  # weeks, of which the last may be cut by today


@dataclass(frozen=True)
class Panel:
    """Outcomes [R, W] per KPI, spend [R, W, C] of plannable channels, and the weeks' first days."""

    outcomes: dict[str, Floats]
    spend: Floats
    channels: tuple[str, ...]
    weeks: Times

    @classmethod
    def of(cls, frame: pd.DataFrame, scenario: Planning, kpis: tuple[str, ...]) -> Panel:
        """The panel of an aggregates table; raises `AllocationError` for what is missing in it.

        Weeks that are cut by the year's ends are left out.
        """
        import pandas as pd

        _check(frame, kpis)
        _check_channels(frame, scenario)
        table = frame.assign(week=pd.to_datetime(frame["week"]))
        weeks = np.sort(table["week"].unique())
        regions = sorted(table["region"].astype(str).unique())
        index = pd.MultiIndex.from_product([regions, list(weeks)])
        sums = table.groupby([table["region"].astype(str), "week"])[list(kpis)].sum()
        outcomes = {
            kpi: sums[kpi].reindex(index).to_numpy(float).reshape(len(regions), -1) for kpi in kpis
        }
        spend = np.stack(
            [_spend(table, name, index, len(regions)) for name in scenario.plannable], -1
        )
        whole = _whole_weeks(weeks)
        return cls(
            {kpi: values[:, whole] for kpi, values in outcomes.items()},
            spend[:, whole],
            tuple(scenario.plannable),
            weeks[whole],
        )

    def longer(self, frame: pd.DataFrame, since: pd.DataFrame, scenario: Planning) -> Panel:
        """The panel of its own frame and weeks that came since; itself while there are too few."""
        import pandas as pd

        if since["week"].nunique() < LEAST_SINCE:
            return self
        return Panel.of(pd.concat([frame, since]), scenario, tuple(self.outcomes))

    def stocks(self, scenario: Planning, usual: int) -> Floats:
        """Weekly stock of each channel's spend over its mean of the first weeks [R, W, C].

        By daily retention, from the usual stock on; 0 where a region has no money.
        """
        retention = {channel.name: channel.retention for channel in scenario.channels}
        kept = np.array([retention[name] ** 7 for name in self.channels])
        mean = self.spend[:, :usual].mean(axis=1)
        relative = self.spend / np.where(mean > 0, mean, 1.0)[:, None]
        stock = np.empty_like(relative)
        level = (mean > 0).astype(float)
        for week in range(stock.shape[1]):
            level = kept * level + (1 - kept) * relative[:, week]
            stock[:, week] = level
        return stock

    def money_ratio(self, scenario: Planning) -> Floats:
        """The table's money of each channel over the scenario's in the same weeks [C].

        1 where one of them is 0, and where a plan is a cap that was not used up: a planner gives
        caps. Raises `AllocationError` where the two cannot be the same money; what is planned for
        months in which a channel is not there, as a fair, is never spent and counts for nothing.
        """
        ratio = np.ones(len(self.channels))
        capped = {channel.name: channel.capped for channel in scenario.channels}
        for c, name in enumerate(self.channels):
            seen, planned = float(self.spend[..., c].sum()), self._planned(scenario, name)
            if seen <= 0 or planned <= 0 or (capped[name] and seen < planned):
                continue
            ratio[c] = seen / planned
            spent = seen / (self._planned(scenario, name, where_there=True) or planned)
            if not 1 / SAME_MONEY <= spent <= SAME_MONEY:
                raise AllocationError(
                    f"{name}: the aggregates have {seen:,.0f} {scenario.currency} in their whole "
                    f"weeks, the scenario's last year {planned:,.0f} in the same ones; give money "
                    f"in {scenario.currency}, or put what was spent into `history.spend`."
                )
        return ratio

    def _planned(self, scenario: Planning, channel: str, *, where_there: bool = False) -> float:
        """What the scenario's last year spends on a channel in these weeks, by days.

        With `where_there` only in months in which the channel is there.
        """
        days = (self.weeks[:, None] + np.arange(7) * np.timedelta64(1, "D")).ravel()
        month = [str(day)[5:7] for day in days.astype("datetime64[M]")]
        plan = scenario.last_year
        if channel not in plan.channels:
            return 0.0
        takes_place = next(c.takes_place for c in scenario.channels if c.name == channel)
        if where_there:
            there = {
                str(day)[5:7] for day in days if takes_place(dt.date.fromisoformat(str(day)[:10]))
            }
            month = [name for name in month if name in there]
        daily = {m[-2:]: x / _days(m) for m, x in zip(plan.months, plan.of(channel), strict=True)}
        return float(sum(daily.get(name, 0.0) for name in month))

    def by_month(self, kpi: str, months: tuple[str, ...]) -> Floats:
        """A KPI over all regions by calendar month of the year [M], weeks shared out by days."""
        days = (self.weeks[:, None] + np.arange(7) * np.timedelta64(1, "D")).astype("datetime64[M]")
        names = np.array([str(day)[-2:] for day in days.ravel()])
        daily = np.repeat(self.outcomes[kpi].sum(axis=0) / 7, 7)
        found = np.array([daily[names == month[-2:]].sum() for month in months])
        counted = np.array([(names == month[-2:]).sum() for month in months])
        # A month that loses days to a cut week is filled up at its own daily rate.
        length = np.array([_days(month) for month in months])
        filled: Floats = found * length / np.maximum(counted, 1)
        return np.where(counted > 0, filled, daily.mean() * length)

    def seasons(self, level: dict[str, Floats], months: tuple[str, ...]) -> dict[str, Floats]:
        """The season of each KPI's `level` by month [M], mean 1, as far as its weeks tell it."""
        steady = self.outcomes.get(STEADY, np.zeros((1, len(self.weeks)))).sum(axis=0)
        if not (steady > 0).all():
            return seasons_of(level, {})
        return seasons_of(
            level, {kpi: self._error(kpi, x, steady, months) for kpi, x in level.items()}
        )

    def _error(self, kpi: str, level: Floats, steady: Floats, months: tuple[str, ...]) -> Floats:
        """Standard error of a KPI's months [M], from its weeks' scatter around their visits."""
        mine = self.outcomes[kpi].sum(axis=0)
        relative = mine / steady * (steady.sum() / max(float(mine.sum()), 1e-300))
        middle = (self.weeks + np.timedelta64(3, "D")).astype("datetime64[M]")
        month = np.array([str(day)[-2:] for day in middle])
        groups = [relative[month == name] for name in np.unique(month)]
        inside = sum(float(((x - x.mean()) ** 2).sum()) for x in groups)
        spread = inside / max(len(relative) - len(groups), 1)
        weeks = np.array([max(int((month == name[-2:]).sum()), 1) for name in months])
        return np.asarray(level.mean() * np.sqrt(spread / weeks))


def _spend(table: pd.DataFrame, channel: str, index: pd.MultiIndex, regions: int) -> Floats:
    mine = table[table["channel"].astype(str) == channel]
    sums = mine.groupby([mine["region"].astype(str), "week"])["spend"].sum()
    filled: Floats = sums.reindex(index).fillna(0.0).to_numpy(float).reshape(regions, -1)
    return filled


def _whole_weeks(weeks: Times) -> Bools:
    """All but the first and the last, which the ends of the year may have cut."""
    whole = np.ones(len(weeks), dtype=bool)
    whole[[0, -1]] = False
    return whole


def _days(month: str) -> int:
    first = np.datetime64(month, "M")
    days = (first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")
    return int(days / np.timedelta64(1, "D"))


def _check_channels(frame: pd.DataFrame, scenario: Planning) -> None:
    """Refuse names that the scenario does not know: their money would be lost without a word."""
    names = [channel.name for channel in scenario.channels]
    for name in dict.fromkeys(frame["channel"].astype(str)):
        if name not in names:
            raise AllocationError(
                f"{hints.unknown('channel', 'channel', name, names)} The aggregates speak of what "
                f"{scenario.name} has: rename it, or add it to the scenario."
            )


def _check(frame: pd.DataFrame, kpis: tuple[str, ...]) -> None:
    missing = [name for name in (*NEEDED, *kpis) if name not in frame]
    if missing:
        raise AllocationError(
            f"the aggregates lack the column {missing[0]!r}; they have {', '.join(NEEDED)} and "
            f"{', '.join(kpis)}, one row for each week, region and channel."
        )
    if frame["week"].nunique() < LEAST_WEEKS:
        raise AllocationError(
            f"the aggregates cover {frame['week'].nunique()} weeks; at least {LEAST_WEEKS} are "
            "needed to tell channels from the season."
        )
    if frame["region"].nunique() < 2:
        raise AllocationError(
            "the aggregates have one region only; channels are told from the season by how spend "
            "varied between regions, so at least two are needed."
        )
    numbers = frame[["spend", *kpis]].to_numpy(dtype=float)
    if not np.isfinite(numbers).all() or (numbers < 0).any():
        raise AllocationError(
            "the aggregates hold a spend or an outcome that is negative or not finite; correct it, "
            "or leave the week out."
        )
