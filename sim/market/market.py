"""Market: one market that lives on step by step, under three verbs.

`advance` lets time pass, `observe` tells what a company sees so far, `set_plan` gives new orders.
A market always stands at a midnight; what it is told there holds from the coming day. Under a plan
that is left alone it lives exactly as `simulate` does.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from scenarios import MediaPlan, Scenario, plan_periods
from sim.market.community import CommunitySimulation, Snapshot
from sim.market.compiled import simulate_tasks
from sim.market.engines import Engine
from sim.market.living import Attachment
from sim.market.observed import ObservedSoFar, gather
from sim.market.processes import MarketError, When, first_day, set_rival
from sim.market.setting import Arm, Setting
from sim.market.simulate import checked_customers, checked_plan, checked_seed
from sim.output.row_sort import joined
from sim.output.year import CommunityYear, read_year
from sim.parallel import Workers
from sim.setup.calendars import open_days
from sim.setup.communities import Community
from tiermix.core.arrays import Floats, Ints, Records
from tiermix.core.notebook import paragraph
from tiermix.core.progress import Progress


class Market:
    """A market at the end of its history year, to be lived through the planned year step by step.

    The history is lived on construction, under last year's plan, by so many `workers`; `progress`
    hears of the groups of communities done. `customers` and `plan` are the
    scenario's own unless given; `attachments` are processes inside (`sim.market.processes`). The
    whole market stays in memory. Raises `RunError` or `MarketError`.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        customers: int | None = None,
        plan: MediaPlan | None = None,
        *,
        workers: Workers = 1,
        engine: Engine = "batch",
        attachments: tuple[Attachment, ...] = (),
        progress: Progress | None = None,
    ) -> None:
        count = checked_customers(scenario, customers)
        self.scenario = scenario
        self._setting = Setting(scenario, count, checked_seed(seed), engine, logging=True)
        self._plan = self._ordered = _checked(scenario, plan)
        self._today = scenario.history_days
        years, snapshots = _simulate_history(self._setting, attachments, workers, progress)
        self._history = gather(self._setting, years)
        self._simulations = [
            self._setting.begun(x, Arm(self._plan), attachments) for x in snapshots
        ]
        self._rows: list[list[Records]] = [[] for _ in self._simulations]

    @property
    def today(self) -> dt.date:
        """The coming day, which has not been lived yet."""
        return self.scenario.history_start + dt.timedelta(self._today)

    @property
    def over(self) -> bool:
        """Whether the planned year is over."""
        return self._today == self._end

    @property
    def plan(self) -> MediaPlan:
        """What months or weeks come to under the plans set so far: money spent, or caps."""
        return self._plan

    def advance(self, until: When) -> Market:
        """Let time pass: to the end of a month or date, or for a number of days; gives itself back.

        Raises `MarketError` for what is over already or lies after the planned year.
        """
        day = self._day_after(until)
        for simulation in self._simulations:
            simulation.advance(day)
        self._today = day
        return self

    def observe(self) -> ObservedSoFar:
        """What a company sees up to last midnight: the planned year so far, and the history."""
        first = self.scenario.history_days
        years = []
        for simulation, pieces in zip(self._simulations, self._rows, strict=True):
            year = read_year(simulation, first, self._today - first)
            pieces[:] = [joined([*pieces, year.raw_rows])]
            years.append(replace(year, raw_rows=pieces[0]))
        return gather(self._setting, years, self._history, self._today - first)

    def set_plan(self, plan: MediaPlan) -> None:
        """Follow another plan from the coming day on; what is past is not undone.

        In what remains of a month (of a week, where a plan is by week) that has begun money flows
        at the daily rate of the new plan: its amount over all days of that month. What capped
        channels have not used of the month so far stays in the month's cap. `self.plan` then tells
        what each of them comes to; it is by week once such a plan was set. Raises
        `RunError` for channels and months that are not the scenario's, `MarketError` at the end.
        """
        if self.over:
            raise MarketError(f"set_plan: the planned year of {self.scenario.name} is over")
        ordered = _checked(self.scenario, plan)
        periods = plan_periods.union(self._plan.months, ordered.months)
        days = _DaysOfPeriods.of(self.scenario, periods)
        before, old, new = (days.split(one) for one in (self._plan, self._ordered, ordered))
        self._plan = _blended(before, old, new, days.ahead(self.scenario, self._today))
        self._ordered = ordered
        for simulation in self._simulations:
            _hand(self._setting, simulation, ordered)

    def set_rival(self, search: float = 0.0, pull: float = 0.0) -> None:
        """From the coming day a rival shows better on the result page and pulls buyers away.

        Both on the logit scale, on top of the scenario's own rivals; 0 and 0 end it.
        """
        for simulation in self._simulations:
            set_rival(simulation, search, pull)

    @property
    def _end(self) -> int:
        return self.scenario.history_days + self.scenario.year_days

    def _day_after(self, until: When) -> int:
        """The midnight at which `until` is over."""
        if isinstance(until, int | np.integer):
            day = self._today + int(until)
        elif isinstance(until, str) and len(until) == len("2026-05"):
            day = first_day(self.scenario, until) + self.scenario.days_in(until)
        else:
            day = first_day(self.scenario, until) + 1
        if day < self._today:
            raise MarketError(
                f"until: {until} is over; time passes forward only, and the coming day is "
                f"{self.today}"
            )
        if day > self._end:
            raise MarketError(
                f"until: {until} lies after the planned year of {self.scenario.name}; advance to "
                f"{self.scenario.months[-1]} at most, {self._end - self._today} days from here"
            )
        return day

    def __repr__(self) -> str:
        return (
            f"Market({self.scenario.name}, {self._setting.customers:,} customers, seed "
            f"{self._setting.seed}: {self._end - self._today} days to go from {self.today})"
        )

    def _repr_html_(self) -> str:
        return paragraph(repr(self)) + self.observe()._repr_html_()


@dataclass(frozen=True)
class _Task:
    setting: Setting
    communities: tuple[Community, ...]
    attachments: tuple[Attachment, ...]


def _simulate_history(
    setting: Setting,
    attachments: tuple[Attachment, ...],
    workers: Workers,
    progress: Progress | None,
) -> tuple[list[CommunityYear], list[Snapshot]]:
    """YearlyCounts and states of all communities at the end of the history year, in their order."""
    tasks = [_Task(setting, group, attachments) for group in setting.layout.groups]
    what = "groups of customers"
    groups = simulate_tasks(
        _simulate_group, tasks, [setting], workers=workers, progress=progress, what=what
    )
    found = list(chain(*groups))
    return [year for year, _ in found], [snapshot for _, snapshot in found]


def _simulate_group(task: _Task) -> list[tuple[CommunityYear, Snapshot]]:
    return [task.setting.history(one, task.attachments) for one in task.communities]


def _hand(setting: Setting, simulation: CommunitySimulation, plan: MediaPlan) -> None:
    """Replace the money of the days to come."""
    first, day = setting.scenario.history_days, int(simulation.market.day)
    money = setting.money(plan)[simulation.community.region][:, day - first :]
    simulation.market.money[:, day : day + money.shape[1]] = money


@dataclass(frozen=True)
class _DaysOfPeriods:
    """In which period each day of the planned year is, and where channels are there [C, days]."""

    periods: tuple[str, ...]
    there: Floats

    @classmethod
    def of(cls, scenario: Scenario, periods: tuple[str, ...]) -> _DaysOfPeriods:
        planned = slice(scenario.history_days, scenario.history_days + scenario.year_days)
        channels = [scenario.channel(name) for name in scenario.plannable]
        there = [open_days(scenario, channel)[planned] for channel in channels]
        return cls(periods, np.array(there, dtype=np.float64))

    def ahead(self, scenario: Scenario, today: int) -> Floats:
        """The part of the days of each channel and period that is still to come [C, M]."""
        where = plan_periods.of_days(self.periods)
        days = self._with_money(where)
        coming = np.arange(days.shape[1]) >= today - scenario.history_days
        return _sums(days * coming, where) / _sums(days, where)

    def split(self, plan: MediaPlan) -> MediaPlan:
        """A plan on these periods, of which its own are made: the same money on each day."""
        if plan.months == self.periods:
            return plan
        longer = plan_periods.of_days(plan.months)
        days = self._with_money(longer)
        daily = days * (plan.amounts / _sums(days, longer))[:, longer]
        return MediaPlan(
            plan.channels, self.periods, _sums(daily, plan_periods.of_days(self.periods))
        )

    def _with_money(self, where: Ints) -> Floats:
        """Days on which a channel is there; where a period has none, all of its days."""
        none = _sums(self.there, where)[:, where] == 0
        return np.where(none, 1.0, self.there)


def _sums(rows: Floats, where: Ints) -> Floats:
    """Each row's sums over periods [rows, M]."""
    return np.array([np.bincount(where, weights=row) for row in rows])


def _blended(effect: MediaPlan, old: MediaPlan, new: MediaPlan, ahead: Floats) -> MediaPlan:
    """What periods come to when a part of their days changes from the old daily rate to the new."""
    changed = effect.amounts + ahead * (new.amounts - old.amounts)
    amounts = np.where(ahead == 1.0, new.amounts, np.maximum(changed, 0.0))
    return MediaPlan(new.channels, new.months, amounts)


def _checked(scenario: Scenario, plan: MediaPlan | None) -> MediaPlan:
    """The plan on all of the scenario's channels, in their order."""
    plan = checked_plan(scenario, plan)
    zero = np.zeros(len(plan.months))
    rows = [plan.of(name) if name in plan.channels else zero for name in scenario.plannable]
    return MediaPlan(scenario.plannable, plan.months, np.array(rows))
