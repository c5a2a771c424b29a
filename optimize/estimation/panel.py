"""Last year's weekly aggregates as arrays: outcome and spend by region and week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimize.errors import AllocationError
from optimize.model.protocols import Planning
from tiermix.core.arrays import Bools, Floats, Times

if TYPE_CHECKING:
    import pandas as pd

NEEDED = ("week", "region", "channel", "spend")
LEAST_WEEKS = 20
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
