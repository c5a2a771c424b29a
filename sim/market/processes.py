"""CommunityHandle: what a process of one's own may see and do inside one community.

A process is attached by a factory `f(env, community)`: a generator function of SimPy, called with
the community's environment and a `CommunityHandle`. It is started when the history year begins and
anew when the planned year does. It sees finished days; what it does holds from the next midnight.
Both engines therefore live the same days under it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from scenarios import Scenario, TiermixError
from sim.engine import state as s
from sim.engine.counts import channel_counts
from sim.market.living import Attachment, HasMoney, Living
from sim.setup.money import region_shares

When = str | dt.date | int


class MarketError(TiermixError):
    """What a market cannot be asked or told: the sentence names the value and the remedy."""


def first_day(scenario: Scenario, when: When) -> int:
    """Days from the start of the history year to the midnight that begins a month or a date.

    `when` is "YYYY-MM", "YYYY-MM-DD", a date, or already such a number of days.
    """
    if isinstance(when, int | np.integer):
        return int(when)
    return scenario.day_of(_date(when))


def _date(when: str | dt.date) -> dt.date:
    if isinstance(when, dt.datetime):
        return when.date()
    if isinstance(when, dt.date):
        return when
    try:
        return dt.date.fromisoformat(f"{when}-01" if len(when) == 7 else when)
    except ValueError:
        raise MarketError(
            f"until: {when!r} is no month or date; write a month such as 2026-05 or a date such as "
            "2026-05-17"
        ) from None


def inside(setting: HasMoney, attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """The same factories, each to be handed a `CommunityHandle` of this setting."""
    return tuple(_Bound(setting, factory) for factory in attachments)


@dataclass(frozen=True)
class _Bound:
    setting: HasMoney
    factory: Attachment

    def __call__(self, env: simpy.Environment, simulation: Living) -> Any:
        return self.factory(env, CommunityHandle(self.setting, env, simulation))


class CommunityHandle:
    """One community from within: its clock, its books up to last midnight, and four levers.

    Money is that of the whole market (a community spends its part), counts are those of this
    community's simulated customers. Raises `MarketError` for what is not known.
    """

    def __init__(self, setting: HasMoney, env: simpy.Environment, simulation: Living) -> None:
        self._setting, self._env, self._simulation = setting, env, simulation
        self._start = int(env.now)
        self.scenario = setting.scenario
        self.region = setting.scenario.regions[simulation.community.region].name
        self.customers = simulation.community.people

    @property
    def day(self) -> int:
        """Days since the history year began; today's number."""
        return int(self._env.now)

    @property
    def date(self) -> dt.date:
        """Today's date."""
        return self.scenario.history_start + dt.timedelta(self.day)

    @property
    def month(self) -> str:
        """Today's month, "YYYY-MM"."""
        return f"{self.date:%Y-%m}"

    def until(self, when: When) -> simpy.Event:
        """To be yielded: the midnight that begins a month, a date or a day; now if it is past."""
        return self._env.timeout(max(first_day(self.scenario, when) - self._env.now, 0.0))

    def next_month(self) -> simpy.Event:
        """To be yielded: the midnight that begins the next month."""
        return self.until((self.date.replace(day=1) + dt.timedelta(32)).replace(day=1))

    def count(self, what: str, channel: str, month: str | None = None) -> int:
        """Events of a month so far (this one unless named): `clicks`, `visits`, `conversions`..."""
        if what not in channel_counts.NAMES:
            raise MarketError(
                f"count: {what!r} is not counted by channel; use one of "
                f"{', '.join(channel_counts.NAMES)}"
            )
        number = self._settled_month(month)
        counts = self._simulation.market.by_month[number, channel_counts.NAMES.index(what)]
        return int(counts[self._number(channel)])

    def spent(self, channel: str, month: str | None = None) -> float:
        """What this community was charged in a month so far (this one unless named)."""
        self._settled_month(month)
        first = first_day(self.scenario, month or self.month)
        last = min(first + self.scenario.days_in(month or self.month), self.day)
        return float(self._simulation.market.ledger[self._number(channel), first:last].sum())

    def money(self, channel: str) -> float:
        """What is set aside for the coming day, were the whole market as this region is."""
        per_head = self._simulation.market.money[self._number(channel), self._coming]
        share = self._per_head(channel)
        return float(per_head / share) if share else 0.0

    def set_money(self, channel: str, per_day: float, until: When | None = None) -> None:
        """Spend so much a day in the whole market, of which this community spends its part.

        Holds from the coming day, to the midnight `until` or else as long as plans reach; a plan
        that is set from outside later on replaces it. For what is paid per event it is a cap, and
        counts towards the month's cap.
        """
        if not (math.isfinite(per_day) and per_day >= 0):
            raise MarketError(f"set_money: {per_day} a day for {channel}; give at least 0")
        c, first = self._plannable(channel), self._coming
        last = s.DAYS if until is None else first_day(self.scenario, until)
        self._simulation.market.money[c, first:last] = per_day * self._per_head(channel)

    def switch(self, channel: str, on: bool) -> None:
        """Switch a channel off or on again; off, it delivers nothing and costs nothing.

        Money that is spent as planned stays in the purse; of what is capped by month, the rest of
        the month has the more.
        """
        c, society = self._plannable(channel), self._simulation
        self._at_midnight(lambda: society.market.off.put(c, int(not on or c in society.kept_off)))

    def set_price(self, channel: str, factor: float) -> None:
        """Let an event of a channel that is paid per event cost `factor` times its usual price."""
        if not self.scenario.channels[self._number(channel)].capped:
            raise MarketError(
                f"set_price: {channel} is not paid per click, impression or message; set_money "
                "changes what it spends"
            )
        if not (math.isfinite(factor) and factor > 0):
            raise MarketError(f"set_price: {factor} for {channel}; give a factor above 0")
        c = self._number(channel)
        price = factor * self._setting.world.unit_cost[c]
        self._at_midnight(lambda: own_world(self._simulation).unit_cost.put(c, price))

    def set_rival(self, search: float = 0.0, pull: float = 0.0) -> None:
        """Let a rival show better on the result page and pull buyers away (logit scale).

        Both come on top of the scenario's own rivals, in this community; 0 and 0 end it.
        """
        self._at_midnight(lambda: set_rival(self._simulation, search, pull))

    @property
    def _coming(self) -> int:
        """The first day that has not been opened yet."""
        return -int(-self._env.now // 1)

    def _at_midnight(self, act: Callable[[], None]) -> None:
        """Act before the coming day opens."""
        if self._env.now == self._coming:
            act()
        else:
            self._env.process(_wait(self._env, self._coming, act))

    def _settled_month(self, month: str | None) -> int:
        """Number of a month of this year; a look at midnight, when its books are settled."""
        if self._env.now != self.day:
            raise MarketError(
                "a process sees what is settled at midnight; look after "
                f"`yield community.until(...)` and not at {self._env.now % 1:.2f} of {self.date}"
            )
        names = (*self.scenario.history_months, *self.scenario.months)
        first = first_day(self.scenario, month or self.month)
        if not self._start <= first <= self.day or (month or self.month) not in names:
            begun = self.scenario.history_start + dt.timedelta(self._start)
            raise MarketError(
                f"month: {month!r} is not one that this process lived through; it started on "
                f"{begun}, and today is {self.date}"
            )
        return names.index(month or self.month)

    def _number(self, channel: str) -> int:
        names = [c.name for c in self.scenario.channels]
        if channel not in names:
            raise MarketError(
                f"channel: {channel!r} is not one of {self.scenario.name}; use one of "
                f"{', '.join(names)}"
            )
        return names.index(channel)

    def _plannable(self, channel: str) -> int:
        number = self._number(channel)
        if channel not in self.scenario.plannable:
            raise MarketError(
                f"channel: nobody can switch {channel} or give it money; use one of "
                f"{', '.join(self.scenario.plannable)}"
            )
        return number

    def _per_head(self, channel: str) -> float:
        """Money per head of this region for each unit of money in the market."""
        region = self._simulation.community.region
        shares = region_shares(self.scenario, self.scenario.channel(channel))
        return float(shares[region] / self._setting.layout.heads[region])


def own_world(simulation: Living) -> np.record:
    """A copy of the world for this community alone: the one that it had is shared."""
    simulation.world = np.array([simulation.world])[0]
    return simulation.world


def set_rival(simulation: Living, search: float, pull: float) -> None:
    """A rival who came from outside: what it adds to its slot and takes from buying here."""
    if not (math.isfinite(search) and math.isfinite(pull)):
        raise MarketError(f"set_rival: {search} and {pull}; give finite numbers, 0 is no rival")
    simulation.market.outside_search, simulation.market.outside_pull = search, pull


def _wait(
    env: simpy.Environment, day: int, act: Callable[[], None]
) -> Generator[simpy.Event, Any, None]:
    yield env.timeout(day - env.now)
    act()
