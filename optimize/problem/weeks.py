"""The same question by week: a scenario and its curves with weeks in the place of months.

A week belongs to the month that holds most of its days (ISO 8601: its Thursday); days beyond the
end of a month stay with their own month. So a year has 52 or 53 weeks of 4 to 10 days, each within
one month, and every rule by month or quarter, and every plan for a market, which takes months,
means what it meant before.

    f_week(x) = (d / n) · f(x · n / d)        d of the month's n days, the same money a day

Money spread evenly over a month brings in its weeks what it brings in the month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from optimize.curves import carry_over
from optimize.curves.curve import Curve
from optimize.curves.curves import ResponseCurves
from optimize.model.protocols import PlannedChannel, Planning
from optimize.model.response_model import ResponseModel, anchored
from scenarios import Goal, MediaPlan, Rule
from scenarios import plan_periods as periods
from tiermix.core.arrays import Floats

THURSDAY = 3


@dataclass(frozen=True)
class Weekly:
    """What the optimizer asks of a scenario, with weeks in the place of months.

    Prices are those of the week's month: curves by month know nothing of what differs within it,
    and cheap weeks without their demand would mislead.
    """

    whole: Planning
    days: Mapping[str, int]
    history: tuple[str, ...]
    months: tuple[str, ...]

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.whole.name

    @property
    def currency(self) -> str:
        """The scenario's currency."""
        return self.whole.currency

    @property
    def budget(self) -> float:
        """Money of the year."""
        return self.whole.budget

    @property
    def channels(self) -> Sequence[PlannedChannel]:
        """The scenario's channels."""
        return self.whole.channels

    @property
    def plannable(self) -> tuple[str, ...]:
        """Channels that money can be given to."""
        return self.whole.plannable

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The scenario's rules; months and quarters stay what they are."""
        return self.whole.rules

    @property
    def goals(self) -> tuple[Goal, ...]:
        """The scenario's goals."""
        return self.whole.goals

    @property
    def objective(self) -> str:
        """What to make best."""
        return self.whole.objective

    @property
    def history_months(self) -> tuple[str, ...]:
        """Last year's weeks, cut on the same days as this year's, so that each has a namesake."""
        return self.history

    @cached_property
    def last_year(self) -> MediaPlan:
        """Last year's money by week, the same on each day of a month."""
        return self._spread(self.whole.last_year, self.history)

    @cached_property
    def reference_plan(self) -> MediaPlan:
        """The reference plan by week, the same on each day of a month."""
        return self._spread(self.whole.reference_plan, self.months)

    @cached_property
    def share(self) -> dict[str, float]:
        """Each week's share of its month's days."""
        names = (*self.history, *self.months)
        lengths = periods.lengths(names, np.array([self.days[name] for name in names]))
        return dict(zip(names, lengths.tolist(), strict=True))

    def _spread(self, plan: MediaPlan, weeks: tuple[str, ...]) -> MediaPlan:
        return plan.spread(weeks, np.array([self.share[week] for week in weeks]))

    def price_index(self, channel: str, week: str, /) -> float:
        """Mean price index of a channel in the week's month."""
        return self.whole.price_index(channel, periods.month_of(week))

    def days_in(self, week: str, /) -> int:
        """Days of a week."""
        return self.days[week]


def weekly(scenario: Planning, curves: ResponseCurves) -> tuple[Weekly, ResponseCurves]:
    """Scenario and curves by week, for `allocate`, `frontier`, `dial`, `replan` and `forecast`.

    `curves` are by month. A monthly retention, before the curve or after it, becomes the daily one
    under which as much is on its way: the mean delay stays.
    """
    ResponseModel(
        scenario, curves
    )  # refuses what does not belong together while it is still by month
    view = _weekly(scenario)
    whole = np.array([scenario.days_in(month) for month in scenario.months])
    cut = tuple(
        _by_week(curve, week, view.share[week], float(whole.mean()))
        for curve in _by_month(curves)
        for week in view.months
        if periods.month_of(week) == curve.month
    )
    base = {kpi: _split(view, curves, level) for kpi, level in curves.base.items()}
    found = replace(curves, curves=cut, months=view.months, base=base, anchor=None)
    if curves.anchor is not None:
        level = {kpi: _split(view, curves, row) for kpi, row in curves.anchor.level.items()}
        found = anchored(found, view, level)
    return view, found


def _weekly(scenario: Planning) -> Weekly:
    days: dict[str, int] = {}
    history: list[str] = []
    planned: list[str] = []
    for month in scenario.months:
        starts = _starts(month, scenario.days_in(month))
        planned += _cut(month, starts, scenario.days_in(month), days)
    size = len(scenario.months)
    for place, month in enumerate(scenario.history_months, -len(scenario.history_months)):
        calendar_month = scenario.months[place % size]
        starts = _starts(calendar_month, scenario.days_in(calendar_month))
        history += _cut(month, starts, scenario.days_in(month), days)
    return Weekly(scenario, days, tuple(history), tuple(planned))


def _starts(month: str, days: int) -> list[int]:
    """On which days of a month its weeks begin: the first, and each Monday with its Thursday."""
    first = dt.date.fromisoformat(f"{month}-01").weekday()
    thursdays = range(1 + (THURSDAY - first) % 7, days + 1, 7)
    return [1, *(day - THURSDAY for day in thursdays[1:])]


def _cut(month: str, starts: list[int], size: int, days: dict[str, int]) -> list[str]:
    """The names of a month's weeks; how many days each has is written into `days`."""
    names = [f"{month}-{start:02d}" for start in starts]
    days |= dict(zip(names, np.diff([*starts, size + 1]).tolist(), strict=True))
    return names


def _by_month(curves: ResponseCurves) -> list[Curve]:
    """Each channel's curve in each month."""
    pairs = dict.fromkeys((curve.channel, curve.kpi) for curve in curves.curves)
    found = [(curves.get(*pair, month), month) for pair in pairs for month in curves.months]
    return [replace(curve, month=month) for curve, month in found if curve is not None]


def _by_week(curve: Curve, week: str, share: float, days: float) -> Curve:
    """A month's curve for a share of its days; a mean month has so many `days`."""
    step = {"day": 1.0, "week": carry_over.WEEK}.get(curve.carry_per, days)
    return replace(
        curve.scaled(share),
        month=week,
        carry_over=_delayed(curve.carry_over, step),
        carry_per="day",
        lag=_delayed(curve.lag, step),
    )


def _delayed(retention: float, days: float) -> float:
    """The daily retention r with the mean delay of one ρ per so many days.

    r / (1 − r) = days · ρ / (1 − ρ): geometric weights (1 − ρ)·ρ^j have mean ρ / (1 − ρ).
    """
    return days * retention / (1 - retention + days * retention)


def _split(view: Weekly, curves: ResponseCurves, level: Floats) -> Floats:
    """A level by month [M] as levels by week, the same on each day."""
    month = dict(zip(curves.months, np.asarray(level, dtype=float).tolist(), strict=True))
    return np.array([view.share[w] * month[periods.month_of(w)] for w in view.months])
